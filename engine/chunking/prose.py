"""Documents -> sections: Markdown and reStructuredText split at headings, with the heading path as symbol."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.chunking.lines import Rows
from engine.chunking.syntax import Span

__all__ = ["Heading", "fenced_rows", "headings", "section_spans"]

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*")
_ADORNMENT = re.compile(r"([!-/:-@[-`{-~])\1*[ \t]*")
_NO_TITLE = ("    ", "\t", ">", "|", "- ", "* ")  # what is no paragraph, or not only
_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|:[\w:+.-]+:`([^`<]*?)(?:\s*<[^`]*>)?`|[`*]+|<[^>]+>")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading and the row its section begins at."""

    row: int
    level: int  # 1 is outermost
    title: str


def headings(language: str, rows: Rows) -> list[Heading]:
    """Return the headings of a Markdown or reStructuredText file in order."""
    return list(_markdown(rows.lines) if language == "markdown" else _rst(rows.lines))


def _markdown(lines: Sequence[str]) -> Iterator[Heading]:
    paragraph = -1  # the row above, where it may be the text of an underlined heading
    for row, line in _outside_fences(lines):
        atx = _ATX.fullmatch(line)
        setext = _SETEXT.fullmatch(line) if paragraph == row - 1 >= 0 else None
        if atx:
            yield Heading(row, len(atx[1]), _plain(atx[2] or ""))
        elif setext:
            yield Heading(row - 1, 1 if setext[1][0] == "=" else 2, _plain(lines[row - 1]))
        elif line.strip() and not line.startswith(_NO_TITLE):
            paragraph = row


def _outside_fences(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the rows of a Markdown file that are in no fenced code block and not in the block at its top."""
    fence = ""
    top = _front_matter(lines)
    for row, line in enumerate(lines[top:], start=top):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1][0] == fence[0] and len(mark[1]) >= len(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark and not (mark[1][0] == "`" and "`" in line[mark.end() :]):
            fence = mark[1]
        else:
            yield row, line


def fenced_rows(rows: Rows) -> frozenset[int]:
    """Return the rows of a Markdown file that a cut should not stand in front of: code blocks but their first row."""
    outside = {row for row, _ in _outside_fences(rows.lines)}
    return frozenset(row for row in range(1, len(rows)) if row not in outside and row - 1 not in outside)


def _front_matter(lines: Sequence[str]) -> int:
    """Return the number of rows of a YAML or TOML block at the very top."""
    if lines and lines[0].rstrip() in {"---", "+++"}:
        for row in range(1, len(lines)):
            if lines[row].rstrip() == lines[0].rstrip():
                return row + 1
    return 0


def _rst(lines: Sequence[str]) -> Iterator[Heading]:
    """Yield titles; adornment styles get their level in the order in which they first occur (docutils)."""
    styles: list[tuple[str, bool]] = []
    row, free = 1, 0  # free: the first row that belongs to no heading yet
    while row < len(lines):
        under = _ADORNMENT.fullmatch(lines[row])
        title = lines[row - 1]
        if (
            not under
            or not title.strip()
            or _ADORNMENT.fullmatch(title)
            or len(lines[row].rstrip()) < min(len(title.strip()), 4)
        ):
            row += 1
            continue
        over = row - 2 >= free and lines[row - 2].rstrip() == lines[row].rstrip()
        if not over and (title[0].isspace() or (row - 2 >= free and lines[row - 2].strip())):
            row += 1
            continue
        style = (under[1], over)
        if style not in styles:
            styles.append(style)
        yield Heading(row - 2 if over else row - 1, styles.index(style) + 1, _plain(title))
        free = row + 1
        row += 2


def _plain(title: str) -> str:
    return " ".join(_MARKUP.sub(lambda match: match[1] or match[2] or "", title).split())


def section_spans(rows: Rows, found: Sequence[Heading], uncuttable: frozenset[int] = frozenset()) -> list[Span]:
    """Return spans that cover every row once: a section each, a heading without text with the one below it.

    Long sections are cut between paragraphs, and before ``uncuttable`` rows only when nothing else helps.
    """
    if not len(rows):
        return []
    spans: list[Span] = []
    path: list[Heading] = []
    starts = [heading.row for heading in found] + [len(rows)]
    first = 0
    if starts[0] > 0:
        spans += [Span(a, b, "section") for a, b in rows.split(0, starts[0] - 1, uncuttable)]
        first = starts[0]
    for heading, end in zip(found, starts[1:], strict=True):
        while path and path[-1].level >= heading.level:
            path.pop()
        path.append(heading)
        last = end - 1
        if end < len(rows) and not _has_text(rows, heading, last):
            continue  # it stays in front of the next section
        symbol = " > ".join(each.title for each in path if each.title)
        spans += [Span(a, b, "section", symbol) for a, b in rows.split(first, last, uncuttable)]
        first = end
    return spans


def _has_text(rows: Rows, heading: Heading, last: int) -> bool:
    """Return whether anything but the heading itself stands in rows heading.row..last."""
    body = [line for line in rows.lines[heading.row : last + 1] if line.strip() and not _ADORNMENT.fullmatch(line)]
    return len(body) > 1
