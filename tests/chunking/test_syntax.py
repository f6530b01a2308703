from __future__ import annotations

import pytest

from engine.chunking import parse
from engine.chunking.lines import LARGEST, Rows
from engine.types import Chunk, Commit, ParsedFile
from tests.chunking.conftest import check_cover, parsed, source

_STATEMENT = "    value = compute(value, 'and some more text to fill the line')\n"


def _shape(found: ParsedFile) -> list[tuple[str, str, int, int]]:
    return [(chunk.kind, chunk.symbol, chunk.first_line, chunk.last_line) for chunk in found.chunks]


def _size(chunk: Chunk) -> int:
    rows = Rows(chunk.text)
    return rows.size(0, len(rows) - 1)


def test_one_chunk_a_definition_and_what_lies_between() -> None:
    text = (
        '"""Doc."""\nimport os\n\nLIMIT = 1\n\n\n# Adds.\n@cached\ndef add(a, b):\n    return a + b\n\n\n'
        "NAMES = []\n\n\nclass Short:\n    def run(self):\n        pass\n"
    )
    assert _shape(parsed("a.py", text)) == [
        ("module", "", 1, 6),
        ("function", "add", 7, 12),
        ("block", "", 13, 15),
        ("class", "Short", 16, 18),
    ]


def test_a_long_class_is_a_header_and_its_members() -> None:
    method = "    def {0}(self):\n        '''Do {0}.'''\n" + _STATEMENT.replace("    ", "        ", 1) * 6 + "\n"
    text = (
        "class Long(Base):\n    '''Doc.'''\n\n    step = 1\n\n"
        + method.format("one")
        + method.format("two")
        + "    last = 2\n"
    )
    found = parsed("a.py", text)
    assert _shape(found) == [
        ("class", "Long", 1, 5),
        ("method", "Long.one", 6, 14),
        ("method", "Long.two", 15, 23),
        ("block", "Long", 24, 24),
    ]
    assert [chunk.signature for chunk in found.chunks] == [
        "class Long(Base)",
        "def one(self)",
        "def two(self)",
        "class Long(Base)",
    ]


def test_the_parts_of_a_long_function_know_its_name_and_signature() -> None:
    text = "def long(a, b=1):\n    '''Doc.'''\n" + (_STATEMENT * 5 + "\n") * 8 + "    return value\n"
    found = parsed("a.py", text)
    assert len(found.chunks) > 3
    assert {chunk.symbol for chunk in found.chunks} == {"long"}
    assert {chunk.signature for chunk in found.chunks} == {"def long(a, b=1)"}
    assert all(_size(chunk) <= LARGEST for chunk in found.chunks)
    assert all(chunk.text.endswith("\n") for chunk in found.chunks[:-1])  # cut at the blank lines
    check_cover(text, found)


def test_parts_are_of_about_equal_size() -> None:
    text = "def long():\n" + _STATEMENT * 40
    sizes = [_size(chunk) for chunk in parsed("a.py", text).chunks]
    assert max(sizes) <= LARGEST
    assert min(sizes) > max(sizes) / 2


def test_cuts_prefer_the_outer_level() -> None:
    inner = "        if value:\n" + _STATEMENT.replace("    ", "            ", 1) * 6
    text = "def long():\n" + ("    for value in values:\n" + inner) * 4
    starts = [chunk.text.split("\n")[0] for chunk in parsed("a.py", text).chunks]
    assert set(starts[1:]) == {"    for value in values:"}


def test_a_cut_does_not_stand_before_else() -> None:
    branch = (
        "    if a:\n"
        + _STATEMENT.replace("    ", "        ", 1) * 5
        + "    else:\n"
        + _STATEMENT.replace("    ", "        ", 1) * 5
    )
    for chunk in parsed("a.py", "def long():\n" + branch * 5).chunks:
        assert not chunk.text.lstrip().startswith("else")


def test_a_large_function_inside_a_long_one_is_a_chunk() -> None:
    text = (
        "def outer():\n"
        + _STATEMENT * 6
        + "    def inner():\n"
        + _STATEMENT.replace("    ", "        ", 1) * 8
        + _STATEMENT * 6
    )
    assert [(kind, name) for kind, name, _, _ in _shape(parsed("a.py", text))] == [
        ("function", "outer"),
        ("function", "outer.inner"),
        ("function", "outer"),
    ]


def test_the_line_around_a_definition_goes_with_it() -> None:
    text = "import a\n\ntry:\n    def find():\n        pass\nexcept ImportError:\n    def find():\n        return 1\n"
    assert _shape(parsed("a.py", text)) == [
        ("module", "", 1, 2),
        ("function", "find", 3, 5),
        ("function", "find", 6, 8),
    ]
    body = "  call_something(with_arguments);\n" * 20
    text = "namespace x {\n\nint f() {\n" + body + "}\n\nint g() {\n" + body + "}\n\n}\n"
    assert _shape(parsed("a.cpp", text)) == [("function", "x.f", 1, 25), ("function", "x.g", 26, 49)]


def test_definitions_on_one_line_share_a_chunk() -> None:
    found = parsed("a.js", "function a() {} function b() {}\nfunction c() {}\n")
    assert _shape(found) == [("function", "a", 1, 1), ("function", "c", 2, 2)]
    assert [symbol.name for symbol in found.symbols] == ["a", "b", "c"]


def test_small_entries_of_data_files_are_merged() -> None:
    found = parsed("pyproject.toml", "".join(f"[tool.t{number}]\nkey = 1\n\n" for number in range(100)))
    assert len(found.chunks) < 10
    found = parsed(
        "a.yaml", "one:\n  a: 1\n" + "two:\n" + "".join(f"  key{number}: some value here\n" for number in range(60))
    )
    assert found.chunks[0].symbol in {"", "one"}
    assert {chunk.symbol.split(".")[0] for chunk in found.chunks[1:]} <= {"", "two"}


def test_a_file_that_is_not_of_its_language_is_still_covered() -> None:
    for text in [
        "def (:\n  class\n}}}\n" * 30,
        "<<<<<<< HEAD\ndef a():\n    pass\n=======\ndef b():\n    pass\n>>>>>>> x\n",
    ]:
        check_cover(text, parsed("a.py", text))
    found = parsed("a.py", "def good():\n    pass\n\ndef bad(:\n    pass\n\ndef fine():\n    pass\n")
    assert {"good", "fine"} <= {symbol.name for symbol in found.symbols}


def test_unknown_languages_are_cut_at_blank_lines() -> None:
    paragraph = "some words of an unknown language that fill a line\n" * 6 + "\n"
    text = paragraph * 5
    found = parsed("a.unknown", text)
    assert not found.parsed
    assert {chunk.kind for chunk in found.chunks} == {"block"}
    assert all(chunk.text.endswith("\n") for chunk in found.chunks[:-1])
    check_cover(text, found)


@pytest.mark.parametrize("name", ["a.py", "a.md", "a.rst", "a.txt", "a.json"])
def test_empty_and_blank_files(name: str) -> None:
    assert parsed(name, "").chunks == ()
    for text in ["\n", "   ", "\n\n\n", "\t\n \n"]:
        check_cover(text, parsed(name, text))


def test_only_newlines_end_lines() -> None:
    text = 'a = 1\x0cb\x0bc\x1c\x85d\u2028e\n\x0c\ndef f():\n    return "\u2029"\n'
    found = parsed("a.py", text)
    check_cover(text, found)
    assert found.symbols[-1].first_line == 3
    assert found.chunks[-1].first_line == 3


def test_characters_outside_ascii_do_not_shift_lines() -> None:
    text = "größe = '大きさ 🎉'\n\n\n# Größe.\ndef größer(ä='🎉'):\n    pass\n"
    found = parsed("a.py", text)
    assert [symbol.signature for symbol in found.symbols] == ["größe = '大きさ 🎉'", "def größer(ä='🎉')"]
    assert found.symbols[1].doc == "Größe."
    check_cover(text, found)


def test_lone_surrogates_survive_in_text() -> None:
    text = "x = '\udcff'\n\ndef f():\n    pass\n"
    found = parsed("a.py", text)
    check_cover(text, found)
    assert found.symbols[-1].first_line == 3


def test_one_huge_line_is_one_chunk() -> None:
    text = "x = [" + "1, " * 50_000 + "]\n\ndef f():\n    pass\n"
    found = parsed("a.py", text)
    check_cover(text, found)
    assert len(found.chunks) == 2


def test_what_a_chunk_carries_of_its_file() -> None:
    commit = Commit("0" * 40, "2024-05-01", "Ada", "add it")
    (chunk,) = parse(source("lib/a.py", "def f():\n    pass\n", commit=commit)).chunks
    assert (chunk.path, chunk.language, chunk.date) == ("lib/a.py", "python", "2024-05-01")
    assert chunk.embedding_text == "lib/a.py f\ndef f():\n    pass"


def test_the_same_file_gives_the_same_chunks() -> None:
    text = "class A:\n" + "".join(f"    def m{number}(self):\n" + _STATEMENT for number in range(30))
    assert parsed("a.py", text) == parsed("a.py", text)
