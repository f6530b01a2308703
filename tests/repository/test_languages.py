from __future__ import annotations

import pytest

from engine.languages import CODE_LANGUAGES, DATA_LANGUAGES, PROSE_LANGUAGES, language_of


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a/b.py", "python"), ("stubs.pyi", "python"), ("a.mjs", "javascript"), ("a.jsx", "javascript"),
        ("a.ts", "typescript"), ("a.d.ts", "typescript"), ("a.tsx", "tsx"), ("a.h", "c"), ("a.hpp", "cpp"),
        ("A.CS", "c-sharp"), ("build.gradle.kts", "kotlin"), ("Rakefile", "ruby"), ("x/.bashrc", "bash"),
        ("README.md", "markdown"), ("docs/index.rst", "rst"), ("LICENSE", "text"), ("a.unknown", "text"),
        ("py", "text"), (".py", "text"), ("a.yml", "yaml"), ("q.sql", "sql"), ("a.lua", "lua"),
        ("Dockerfile", "dockerfile"), ("icon.svg", "xml"),
        ("dir.py/readme", "text"),
    ],
)  # fmt: skip
def test_names_tell_the_language(path: str, language: str) -> None:
    assert language_of(path) == language


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("#!/bin/sh", "bash"), ("#!/usr/bin/env python3.11\nimport os", "python"),
        ("#! /usr/bin/env -S node --x", "javascript"), ("#!/usr/bin/ruby -w", "ruby"), ("#!/opt/pypy3", "python"),
        ("#!", "text"), ("#!/bin/unknown", "text"), ("echo", "text"),
    ],
)  # fmt: skip
def test_a_shebang_tells_it_where_the_name_does_not(line: str, language: str) -> None:
    assert language_of("bin/tool", line) == language
    assert language_of("bin/tool.lua", line) == "lua"


def test_the_groups_are_disjoint() -> None:
    assert not CODE_LANGUAGES & DATA_LANGUAGES
    assert language_of("a.dart") not in CODE_LANGUAGES | DATA_LANGUAGES | PROSE_LANGUAGES
    assert not (CODE_LANGUAGES | DATA_LANGUAGES) & PROSE_LANGUAGES
