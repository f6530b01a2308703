from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.generation.names import is_file_name, names_in


def _found(text: str) -> list[tuple[str, str]]:
    return [(name.text, name.kind) for name in names_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where is `Flask.run` defined?", [("Flask.run", "symbol")]),
        ("What does `frobnicate` do?", [("frobnicate", "symbol")]),
        ("who calls find_error_handler()", [("find_error_handler", "symbol")]),
        ("`class Foo(Bar)` and `@app.route('/x')`", [("Foo", "symbol"), ("app.route", "symbol")]),
        (
            "`def load(self, path)`, `.ret` and `std::vector`",
            [("load", "symbol"), ("ret", "symbol"), ("std.vector", "symbol")],
        ),
        ("src/flask/app.py and ./setup.cfg", [("src/flask/app.py", "file"), ("setup.cfg", "file")]),
        (
            "tests/test_a.py::test_b in `tests/test_c.py::test_d`",
            [
                ("tests/test_a.py", "file"),
                ("test_b", "symbol"),
                ("tests/test_c.py", "file"),
                ("test_d", "symbol"),
            ],
        ),
        (
            "HTTPAdapter, getValue, MAX_SIZE, _private",
            [
                ("HTTPAdapter", "symbol"),
                ("getValue", "symbol"),
                ("MAX_SIZE", "symbol"),
                ("_private", "symbol"),
            ],
        ),
        ("the `no_proxy=1` option and `x = 5`", [("no_proxy=1", "code"), ("x = 5", "code")]),
        ("`json` and app.json", [("json", "symbol"), ("app.json", "symbol")]),
        ("twice `a_b` and a_b", [("a_b", "symbol")]),
        (
            "--no-header, `--with-threads` and --level=3, not a--b or -x",
            [("--no-header", "option"), ("--with-threads", "option"), ("--level", "option")],
        ),
        ("the @cached decorator, not me@example or @types/node", [("cached", "symbol")]),
        (
            ".github/workflows/tests.yml and docs/img/logo.svg",
            [(".github/workflows/tests.yml", "file"), ("docs/img/logo.svg", "file")],
        ),
    ],
)
def test_names_are_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert _found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Where are error handlers looked up, e.g. for a 404, i.e. not found?",
        "URLs, APIs, IDs, JSON, HTTP and WSGI",
        "request/response, and/or, GET/POST, client/server",
        "Python 3.11, v1.2.3, 0.5 and 12.4.1",
        "See https://example.com/a_b.py and www.python.org, or mail me_too@example.com",
        "the parameter(s) of a function",
        "This works.Then it does not",
        "flask.com, python.org",
        "Flask, Blueprint and Session are capitalised",
    ],
)
def test_plain_language_names_nothing(text: str) -> None:
    assert _found(text) == []


def test_file_names() -> None:
    assert all(map(is_file_name, ["a.py", "src/x.json", "docs/Makefile", "pytest.ini", "a-b/c.d.ts", ".github/x.yml"]))
    assert not any(
        map(is_file_name, ["app.json", "self.run", "text/html", "/static", "py", ".py", "a b.py", "Makefile"])
    )


@settings(max_examples=200, derandomize=True)
@given(st.text(alphabet="ab_A.(/`: \n1py", max_size=40))
def test_any_text_is_survived_and_each_name_stands_in_it(text: str) -> None:
    for name in names_in(text):
        assert name.text
        assert name.text.replace(".", "") in text.replace("::", "").replace(".", "")
