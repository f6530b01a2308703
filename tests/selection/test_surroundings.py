from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from engine.chunking import parse
from engine.selection.surroundings import WINDOW_LINES, in_surroundings, without_repeats
from engine.types import Chunk, Focus, Selected, SourceFile, sha256_hex

DEFINITIONS = [
    f"def f_{n}(a):\n" + "".join(f"    v_{k} = call_{n}(a, {k})\n" for k in range(6)) + "    return a\n"
    for n in range(12)
]
TEXT = "import os\n\n\n" + "\n\n".join(DEFINITIONS)
LINES = TEXT.split("\n")


def chunks_in(path: str) -> Sequence[Chunk]:
    return parse(SourceFile(path, TEXT, sha256_hex(TEXT), "python", len(TEXT), 1)).chunks


def chosen(symbol: str) -> Selected:
    chunk = next(chunk for chunk in chunks_in("a.py") if chunk.symbol == symbol)
    return Selected(chunk, score=1.0, gain=0.5, share=1.0, picks=2)


def grown(each: Selected, **options: object) -> Selected:
    (found,) = in_surroundings([each], chunks_in, **options)  # type: ignore[arg-type]
    return found


def test_a_chunk_in_the_middle_has_as_many_lines_before_it_as_behind() -> None:
    before = chosen("f_6")
    wide = grown(before)
    chunk = wide.chunk
    assert chunk.last_line - chunk.first_line + 1 == WINDOW_LINES
    assert abs((before.chunk.first_line - chunk.first_line) - (chunk.last_line - before.chunk.last_line)) <= 1
    assert chunk.text == "\n".join(LINES[chunk.first_line - 1 : chunk.last_line])
    assert (wide.gain, wide.picks, chunk.symbol) == (0.5, 2, "f_6")


@pytest.mark.parametrize("symbol", ["f_0", "f_11"])
def test_at_an_end_of_the_file_the_other_side_has_more(symbol: str) -> None:
    chunk = grown(chosen(symbol)).chunk
    assert chunk.last_line - chunk.first_line + 1 == WINDOW_LINES
    assert chunk.first_line == 1 if symbol == "f_0" else chunk.last_line == max(c.last_line for c in chunks_in("a.py"))
    assert chunk.text == "\n".join(LINES[chunk.first_line - 1 : chunk.last_line])


def test_it_ends_before_what_is_excluded() -> None:
    other = chosen("f_7").chunk
    chunk = grown(chosen("f_6"), exclusions=[Focus("a.py", other.first_line, other.last_line)]).chunk
    assert chunk.last_line < other.first_line
    assert chunk.last_line - chunk.first_line + 1 == WINDOW_LINES
    elsewhere = grown(chosen("f_6"), exclusions=[Focus("b.py")]).chunk
    assert elsewhere.last_line > other.first_line


def test_long_chunks_and_those_of_a_changed_file_stay() -> None:
    each = chosen("f_6")
    assert grown(each, lines=5) == each
    stale = replace(each, chunk=replace(each.chunk, text=each.chunk.text.replace("call", "cell")))
    assert grown(stale) == stale
    assert in_surroundings([each], lambda _: []) == (each,)


def test_wide_lines_leave_room_for_fewer() -> None:
    text = "".join(f"x_{n} = '{'y' * 200}'\n" for n in range(30))
    source = SourceFile("w.py", text, sha256_hex(text), "python", len(text), 1)
    parts = parse(source).chunks
    (found,) = in_surroundings([Selected(parts[len(parts) // 2], 1.0, 1.0, 1.0)], lambda _: parts)
    assert len(parts[len(parts) // 2].text) <= len(found.chunk.text) <= 1600
    assert found.chunk.text in text


def test_what_a_window_holds_is_passed_over_for_what_none_does() -> None:
    bare = [replace(chosen(name), gain=gain) for name, gain in (("f_6", 0.5), ("f_7", 0.3), ("f_0", 0.2), ("f_6", 0.1))]
    wide = in_surroundings(bare, chunks_in, lines=30)
    assert wide[0].chunk.last_line >= bare[1].chunk.last_line
    kept = without_repeats(bare, wide, 4)
    assert [each.chunk for each in kept] == [wide[0].chunk, wide[2].chunk]
    assert [each.gain for each in kept] == pytest.approx([0.5 + 0.3 + 0.1, 0.2])
    assert [each.picks for each in kept] == [2, 2]
    assert sum(each.share for each in kept) == pytest.approx(1)
    assert [each.picks for each in without_repeats(bare, wide, 3)] == [2, 1]
    assert [each.chunk.symbol for each in without_repeats(bare, wide, 2)] == ["f_6"]
