from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.chunking import parse
from engine.selection.spans import complete_definitions
from engine.types import Chunk, Selected, SourceFile, sha256_hex

BODY = "\n".join(f"    value_{n} = compute(value_{n - 1}, 'a text that takes up some room {n}')" for n in range(1, 40))
TEXT = (
    f"def long(value_0):\n{BODY}\n    return value_39\n\n\n"
    "def short():\n    return 1\n\n\ndef long_again():\n    return 2\n"
)


def chunks_in(path: str) -> Sequence[Chunk]:
    return parse(SourceFile(path, TEXT, sha256_hex(TEXT), "python", len(TEXT), 1)).chunks


def chosen(*chunks: Chunk) -> list[Selected]:
    return [Selected(chunk, 1.0, 4.0 - n, 0.25) for n, chunk in enumerate(chunks)]


@pytest.fixture
def parts() -> list[Chunk]:
    found = [chunk for chunk in chunks_in("a.py") if chunk.symbol == "long"]
    assert len(found) > 2
    return found


def test_a_part_grows_to_its_definition_and_other_parts_merge_into_it(parts: list[Chunk]) -> None:
    short = next(chunk for chunk in chunks_in("a.py") if chunk.symbol == "short")
    grown = complete_definitions(chosen(parts[1], short, parts[0]), chunks_in, largest=10_000)
    assert [each.chunk.symbol for each in grown] == ["long", "short"]
    whole = grown[0].chunk
    assert (whole.first_line, whole.last_line) == (1, parts[-1].last_line)
    assert whole.text == "\n".join(TEXT.split("\n")[: whole.last_line])
    assert [each.gain for each in grown] == [4.0 + 2.0, 3.0]
    assert sum(each.share for each in grown) == pytest.approx(1)
    assert grown[1].chunk == short


def test_what_is_too_long_or_comes_late_stays_as_it_was(parts: list[Chunk]) -> None:
    kept = complete_definitions(chosen(parts[1]), chunks_in, largest=len(parts[1].text) + 1)
    assert kept[0].chunk == parts[1]
    other = [chunk for chunk in chunks_in("b.py") if chunk.symbol != "long"]
    late = complete_definitions(chosen(*other, parts[1]), chunks_in, first=len(other), largest=10_000)
    assert [each.chunk for each in late] == [*other, parts[1]]


def test_a_budget_drops_the_least_informative(parts: list[Chunk]) -> None:
    other = [chunk for chunk in chunks_in("b.py") if chunk.symbol != "long"]
    whole = sum(len(part.text) + 1 for part in parts) - 1
    room = whole + len(other[0].text)
    fitted = complete_definitions(chosen(parts[0], *other), chunks_in, largest=10_000, budget_chars=room)
    assert [each.chunk.symbol for each in fitted] == ["long", other[0].symbol]
    assert sum(len(each.chunk.text) for each in fitted) == room
    tight = complete_definitions(chosen(parts[0], *other), chunks_in, largest=10_000, budget_chars=len(parts[0].text))
    assert [each.chunk for each in tight] == [parts[0]]
    assert complete_definitions([], chunks_in, budget_chars=5) == ()
