"""Definitions -> chunks: one a definition where it fits, a header and its members where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.chunking.definitions import Definition
from engine.chunking.lines import LARGEST, Rows
from engine.languages import DATA_LANGUAGES
from engine.types import Chunk, ChunkKind, SourceFile

__all__ = ["Span", "chunk_spans", "chunks", "windows"]

_DEEPEST = 12  # nested containers that are taken apart; what lies deeper is cut by lines
_MEMBER = LARGEST // 4  # a definition inside a long function is a chunk of its own from this size
_PARTS_OF_BLOCKS = frozenset({"declaration", "variable", "attribute"})
_OPENING = 80  # characters of "try:" or "namespace x {" that go with the definition they enclose


@dataclass(slots=True)
class Span:
    """Rows that become a chunk."""

    first: int
    last: int
    kind: ChunkKind
    symbol: str = ""
    signature: str = ""


def chunks(source: SourceFile, rows: Rows, top: Sequence[Definition]) -> tuple[Chunk, ...]:
    """Lay out a parsed file; every row is in exactly one chunk."""
    spans = chunk_spans(rows, top)
    return to_chunks(source, rows, _merged(rows, spans) if source.language in DATA_LANGUAGES else spans)


def windows(source: SourceFile, rows: Rows) -> tuple[Chunk, ...]:
    """Cut a file of unknown structure at blank lines."""
    spans = [Span(first, last, "block") for first, last in rows.split(0, len(rows) - 1)] if len(rows) else []
    return to_chunks(source, rows, spans)


def to_chunks(source: SourceFile, rows: Rows, spans: Sequence[Span]) -> tuple[Chunk, ...]:
    """Turn spans into chunks of a file."""
    date = source.commit.date if source.commit else ""
    return tuple(
        Chunk(
            path=source.path,
            first_line=span.first + 1,
            last_line=span.last + 1,
            text=rows.text(span.first, span.last),
            kind=span.kind,
            language=source.language,
            symbol=span.symbol,
            signature=span.signature,
            date=date,
        )
        for span in spans
    )


def chunk_spans(rows: Rows, top: Sequence[Definition]) -> list[Span]:
    """Return spans that cover every row once, in order."""
    if not len(rows):
        return []
    return _tidied(rows, list(_lay_out(rows, _laid_out(top), 0, len(rows) - 1, None, 0)))


def _laid_out(definitions: Sequence[Definition]) -> list[Definition]:
    """Return the definitions that get chunks of their own."""
    return [
        definition
        for definition in definitions
        if definition.kind not in _PARTS_OF_BLOCKS and (definition.kind != "object" or definition.children)
    ]


def _lay_out(
    rows: Rows, inner: Sequence[Definition], first: int, last: int, owner: Definition | None, depth: int
) -> Iterator[Span]:
    row = first
    for definition in inner:
        if definition.last < row:
            continue  # it shares its lines with the one before
        start = max(definition.first, row)
        if start > row:
            yield from _between(rows, row, start - 1, owner, opening=row == first)
        yield from _one(rows, definition, start, min(definition.last, last), depth)
        row = definition.last + 1
    if row <= last:
        yield from _between(rows, row, last, owner, opening=row == first)


def _one(rows: Rows, definition: Definition, first: int, last: int, depth: int) -> Iterator[Span]:
    kind = _chunk_kind(definition)
    if not rows.fits(first, last):
        inner = _laid_out(definition.children)
        if definition.kind == "function":
            inner = [each for each in inner if rows.size(each.first, each.last) >= _MEMBER]
        if inner and depth < _DEEPEST:
            yield from _lay_out(rows, inner, first, last, definition, depth + 1)
            return
    head = definition.signature
    for a, b in rows.split(first, last):
        yield Span(a, b, kind, definition.qualified, head)


def _between(rows: Rows, first: int, last: int, owner: Definition | None, *, opening: bool) -> Iterator[Span]:
    """Yield what lies before, between or after the members of ``owner`` (None: the file)."""
    kind: ChunkKind = "module" if opening else "block"
    symbol = head = ""
    if owner is not None:
        kind = _chunk_kind(owner) if opening or owner.kind == "function" else "block"
        symbol, head = owner.qualified, owner.signature
    for a, b in rows.split(first, last):
        yield Span(a, b, kind, symbol, head)


def _chunk_kind(definition: Definition) -> ChunkKind:
    if definition.kind == "function":
        return "method" if definition.method else "function"
    if definition.kind in {"class", "scope"}:
        return "class"
    if definition.kind == "object":
        return "block"
    return "module" if definition.kind == "module" else "section"


def _tidied(rows: Rows, spans: list[Span]) -> list[Span]:
    """Merge what is no chunk by itself: blank rows and closing brackets into the one before, opening lines forward."""
    tidy: list[Span] = []
    for span in spans:
        while span.first < span.last and tidy and rows.blank(span.first):
            tidy[-1].last = span.first
            span.first += 1
        text = rows.text(span.first, span.last)
        if tidy and (not any(character.isalnum() for character in text) or text.strip() in {"end", "end;"}):
            tidy[-1].last = span.last
            continue
        if tidy:
            opening = _opening_row(rows, tidy[-1], span)
            if opening is not None:
                span.first = opening
                tidy[-1].last = opening - 1
                if tidy[-1].last < tidy[-1].first:
                    tidy.pop()
        tidy.append(span)
    return tidy


def _merged(rows: Rows, spans: Sequence[Span]) -> list[Span]:
    """Merge neighbours up to the size of a chunk: the entries of a data file say little one by one."""
    merged: list[Span] = []
    for span in spans:
        if merged and rows.fits(merged[-1].first, span.last):
            before = merged[-1]
            if before.symbol != span.symbol:
                before.symbol = before.signature = ""
            before.last = span.last
        else:
            merged.append(span)
    return merged


def _opening_row(rows: Rows, before: Span, span: Span) -> int | None:
    """Return the row at the end of ``before`` that encloses the definition in ``span``: ``try:``, ``namespace x {``."""
    if before.kind not in {"module", "block"} or span.kind not in {"function", "method", "class"}:
        return None
    last = next((row for row in range(before.last, before.first - 1, -1) if not rows.blank(row)), before.first)
    if rows.size(last, last) > _OPENING or not any(character.isalnum() for character in rows.lines[last]):
        return None
    if before.kind == "module" and before.symbol and span.symbol.startswith(before.symbol):
        return last if last == before.first else None
    return last if rows.indent(span.first) > rows.indent(last) else None
