from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.chunking import parse
from engine.chunking.lines import LARGEST, Rows
from engine.chunking.tables import QUERIES
from engine.languages import PROSE_LANGUAGES
from tests.chunking.conftest import check_cover, source
from tests.chunking.snippets import SNIPPETS

_LANGUAGES = st.sampled_from([*sorted(QUERIES), *sorted(PROSE_LANGUAGES)])
# Characters and words that grammars and headings react to, so that random text comes near to being code.
_TOKENS = st.sampled_from(
    [
        *"\n\n\n\n    \t(){}[]<>:;,.=#/*'\"`\\-+~^@$%&|!?", "\r", "\f", "\v", "\u2028", "\x85", "\udcff", "é",
        "🎉", "\ufeff", "\0", "\n    ", "\n        ", "class A", "def f(", "function g() {", "}", "end", "if x:",
        "fn h()", "impl T for U {", "module M", "struct S {", "public ", "import a.b", "# ", "## T\n", "===\n",
        "---\n", "```\n", "...\n", '"""', "/*", "*/", "//", "<!--", "-->", "<div id='a'>", "</div>", "<?php ",
        "[a.b]\n", "a: b\n", "- ", "$$", "@d\n", "export const x = () => {", "x = 1", "describe('a', () => {",
        "interface I { m(): void }", "namespace N {", "template <typename T>", "long line " * 80,
    ]
)  # fmt: skip
_TEXT = st.one_of(st.lists(_TOKENS, max_size=60).map("".join), st.text(max_size=200))


def _check(language: str, text: str) -> None:
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # as the repository stage gives it
    found = parse(source("a", text, language))
    check_cover(text, found)
    rows = len(Rows(text))
    for symbol in found.symbols:
        assert 1 <= symbol.first_line <= symbol.last_line <= rows
        assert symbol.name
        assert "\n" not in symbol.qualified + symbol.signature + symbol.doc + "".join(symbol.parameters + symbol.bases)
    for reference in found.references:
        assert 1 <= reference.line <= rows
        assert "\n" not in reference.name + reference.target
    for chunk in found.chunks:
        if chunk.first_line < chunk.last_line:
            assert Rows(chunk.text).size(0, len(Rows(chunk.text)) - 1) <= LARGEST + 120 or "long line" in chunk.text


@settings(max_examples=300, deadline=None, derandomize=True)
@given(_LANGUAGES, _TEXT)
def test_every_line_of_any_text_is_in_one_chunk(language: str, text: str) -> None:
    _check(language, text)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(SNIPPETS), st.data())
def test_damaged_code_is_covered(snippet: object, data: st.DataObject) -> None:
    from engine.languages import language_of
    from tests.chunking.snippets import Snippet

    assert isinstance(snippet, Snippet)
    text = snippet.text * data.draw(st.integers(1, 4))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    _check(language_of(snippet.name), text[:start] + data.draw(_TEXT) + text[end:])


# -- what a stranger's file may cost ----------------------------------------------------------------------

_MANY = 10_000
_HOSTILE = {
    "open brackets": "(" * _MANY,
    "open braces": "{" * _MANY,
    "nested lists": "x = " + "[" * _MANY,
    "balanced brackets": "(" * _MANY + ")" * _MANY,
    "nested classes": "class A { \n" * (_MANY // 10),
    "deep indentation": "\n".join(" " * depth + "if x:" for depth in range(700)),
    "deep classes": "\n".join(" " * depth + f"class A{depth}:" for depth in range(700)),
    "nested elements": '<div id="x">\n' * (_MANY // 13),
    "quotes": '"' * _MANY,
    "fences": "```\n" * (_MANY // 4),
    "sums": "a+" * _MANY,
    "list items": "- " * _MANY,
    "heredocs": "<<A\n" * (_MANY // 4),
    "tags": "<" * _MANY,
    "comments": "/*" * _MANY,
    "chains": "a." * _MANY + "b()",
    "calls": "f(" * _MANY,
    "conditions": "a?b:" * _MANY,
    "one long word": "x" * 10 * _MANY,
    "blank lines": "\n" * _MANY,
}
# A crash of a parser takes the process with it, so each language is tried in a process of its own.
_TRY = """
import sys, time
from engine.chunking import parse
from tests.chunking.conftest import check_cover, source
from tests.chunking.test_properties import _HOSTILE
for language in sys.argv[1:]:
    for name, text in _HOSTILE.items():
        started = time.process_time()
        check_cover(text, parse(source("a", text, language)))
        print(f"{time.process_time() - started:.1f} {language} {name}", flush=True)
"""


@pytest.mark.parametrize(
    "language", ["python", "javascript", "c", "ruby", "yaml", "css", "html", "bash", "markdown", "rst"]
)
def test_hostile_files_cost_little_and_crash_nothing(language: str) -> None:
    done = subprocess.run([sys.executable, "-c", _TRY, language], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-2000:]
    slow = [line for line in done.stdout.splitlines() if float(line.split()[0]) > 15]
    assert slow == []


def test_a_long_file_is_read_in_reasonable_time() -> None:
    text = "".join(f"def function_{number}(argument):\n    return other(argument)\n\n\n" for number in range(5000))
    started = time.process_time()
    assert len(parse(source("a.py", text)).chunks) == 5000
    assert time.process_time() - started < 20
