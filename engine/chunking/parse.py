"""A source file -> its chunks, symbols and references, in one parse."""

from __future__ import annotations

from engine.chunking import grammars
from engine.chunking.definitions import outline
from engine.chunking.lines import Rows
from engine.chunking.prose import fenced_rows, headings, section_spans
from engine.chunking.symbols import references, symbols
from engine.chunking.syntax import chunks, to_chunks, windows
from engine.types import ParsedFile, SourceFile, Symbol

__all__ = ["CHUNKER_VERSION", "parse"]

CHUNKER_VERSION = "1"  # part of the key of every cached embedding: raise it whenever the text of chunks changes

_DOCUMENTS = frozenset({"markdown", "rst"})


def parse(source: SourceFile) -> ParsedFile:
    """Chunk a file and read its symbols; never fails: what cannot be parsed is cut at blank lines."""
    rows = Rows(source.text)
    if source.language in _DOCUMENTS:
        return _document(source, rows)
    data = source.text.encode("utf-8", "replace")  # "replace" keeps rows where they are
    captures = grammars.captures(source.language, data)
    if captures is None:
        return ParsedFile(source.path, windows(source, rows), parsed=False)
    found = outline(source.language, captures, data, rows)
    return ParsedFile(
        source.path, chunks(source, rows, found.top), symbols(source.path, found, rows), references(source.path, found)
    )


def _document(source: SourceFile, rows: Rows) -> ParsedFile:
    found = headings(source.language, rows)
    uncuttable = fenced_rows(rows) if source.language == "markdown" else frozenset()
    spans = section_spans(rows, found, uncuttable)
    ends = [*(heading.row for heading in found), len(rows)][1:]
    path: list[tuple[int, str]] = []
    sections = []
    for heading, end in zip(found, ends, strict=True):
        while path and path[-1][0] >= heading.level:
            path.pop()
        path.append((heading.level, heading.title))
        qualified = " > ".join(title for _, title in path if title)
        sections.append(Symbol(heading.title, qualified, "section", source.path, heading.row + 1, end))
    return ParsedFile(source.path, to_chunks(source, rows, spans), tuple(sections))
