from __future__ import annotations

import pytest

from engine.generation.citations import settle
from engine.generation.spellings import printed
from engine.types import Chunk, Evidence

WHOLE = '''    @cached
    def open(self, mode="r", *, sizes: dict[str,int] = {"a":1}, raw: bool = False) -> str:
        """Return "x"."""
        if raw:
            raise ValueError("no `raw`")
        return self.path, mode
'''


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (WHOLE, ["'r'", "(self.path, mode)", "dict[str, int]", "{'a': 1}"]),
        ('class A(Base["x"]):\n    def f(self, a="b"): ...', ["'b'", "Base['x']"]),
        ('def f(a="b"):\n    return "c"\n  broken (', ["'b'", "'c'"]),  # cut short, and worse
        ('async def f(a=1):\n    """Never ends', []),
        ("def f(a='b'):\n    return (1, 2)\n", []),
        (f"return '{'x' * 70}', 1", []),
        ("not python at all {", []),
        ("return " + "(" * 500, []),
        (f"return {' + '.join(['a'] * 5000)}", []),
        ("\x00", []),
        ("", []),
    ],
)
def test_values_are_spelled_as_python_prints_them(code: str, expected: list[str]) -> None:
    assert printed(code) == expected


@pytest.mark.parametrize(("language", "verified"), [("python", True), ("ruby", False)])
def test_a_value_as_python_prints_it_is_borne_out(language: str, verified: bool) -> None:
    code = 'def open(mode="r"):\n    return mode, 1\n'
    chunk = Chunk("a.py", 1, 2, code, "function", language, symbol="open")
    for text in ("`mode` defaults to `'r'` in `open` [1].", "`open` returns `(mode, 1)` [1]."):
        _, citations = settle(text, [Evidence(1, chunk)], lambda path, first, last: code)
        assert [each.verified for each in citations] == [verified]
