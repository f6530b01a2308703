"""Chunks chosen to be trained on -> the same with the lines around them, so that they look like a file.

A model that has read files expects what files hold: imports above a function, the next method below it. Trained on the
bare chunk it learns in part that texts begin and end there; trained on the chunk in its surroundings it learns the
repository. What that is worth on code that was written later stands in docs/log.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.types import Chunk, Focus, Selected

__all__ = ["WINDOW_LINES", "in_surroundings", "outside", "without_repeats"]

WINDOW_LINES = 40
_CHARS_A_LINE = 40  # of a window: what is longer would be cut when it is trained on


def in_surroundings(
    selected: Sequence[Selected],
    chunks_in: Callable[[str], Sequence[Chunk]],
    *,
    exclusions: Sequence[Focus] = (),
    lines: int = WINDOW_LINES,
) -> tuple[Selected, ...]:
    """Return ``selected`` with each chunk grown to ``lines`` lines of its file, half of them before and half behind it.

    ``chunks_in`` gives the chunks of a file. A chunk as long or longer stays as it is, and so does one whose lines
    are not those of its file any more. A window has at most 40 characters a line; it ends where the file does, and
    before a line that overlaps ``exclusions`` or that no chunk holds. Symbols, gains and picks are those of the chunks.
    """
    files: dict[str, dict[int, str]] = {}
    grown = []
    for each in selected:
        path = each.chunk.path
        if path not in files:
            files[path] = _lines_of(chunks_in(path), exclusions)
        grown.append(replace(each, chunk=_grown(each.chunk, files[path], lines)))
    return tuple(grown)


def without_repeats(chosen: Sequence[Selected], windows: Sequence[Selected], steps: int) -> tuple[Selected, ...]:
    """Return the windows of ``steps`` picks at most, passing over each chunk that an earlier one's window holds.

    ``windows`` are those of ``chosen``, in the same order. What is passed over adds its gain to that window.
    """
    kept: list[Selected] = []
    left = steps
    for bare, wide in zip(chosen, windows, strict=True):
        chunk = bare.chunk
        holder = next((at for at, each in enumerate(kept) if _holds(each.chunk, chunk)), None)
        if holder is not None:
            kept[holder] = replace(kept[holder], gain=kept[holder].gain + wide.gain)
        elif left > 0:
            kept.append(replace(wide, picks=min(wide.picks, left)))
            left -= kept[-1].picks
    total = sum(each.gain for each in kept)
    return tuple(replace(each, share=each.gain / total if total > 0 else 0.0) for each in kept)


def _holds(window: Chunk, chunk: Chunk) -> bool:
    inside = window.first_line <= chunk.first_line and chunk.last_line <= window.last_line
    return inside and window.path == chunk.path


def outside(chunks: Sequence[Chunk], selected: Sequence[Selected]) -> tuple[Chunk, ...]:
    """Return those of ``chunks`` that share no line with what was selected."""
    spans = [Focus(each.chunk.path, each.chunk.first_line, each.chunk.last_line) for each in selected]
    return tuple(chunk for chunk in chunks if not any(_overlaps(chunk, span) for span in spans))


def _lines_of(chunks: Sequence[Chunk], exclusions: Sequence[Focus]) -> dict[int, str]:
    """Return the lines of a file that its chunks hold, by their numbers, without the excluded chunks'."""
    kept = [chunk for chunk in chunks if not any(_overlaps(chunk, focus) for focus in exclusions)]
    return {
        number: line for chunk in kept for number, line in enumerate(chunk.text.split("\n"), start=chunk.first_line)
    }


def _overlaps(chunk: Chunk, focus: Focus) -> bool:
    first, last = focus.first_line or 1, focus.last_line or chunk.last_line
    return chunk.path == focus.path and chunk.first_line <= last and first <= chunk.last_line


def _grown(chunk: Chunk, lines: dict[int, str], wanted: int) -> Chunk:
    own = chunk.text.split("\n")
    if [lines.get(chunk.first_line + at) for at in range(len(own))] != own:
        return chunk  # the file has changed since
    first, last = chunk.first_line, chunk.first_line + len(own) - 1
    room = _CHARS_A_LINE * wanted - len(chunk.text)
    while last - first + 1 < wanted:
        before, behind = lines.get(first - 1), lines.get(last + 1)
        # The shorter side grows, as long as it can.
        upwards = before is not None and (behind is None or chunk.first_line - first <= last - chunk.last_line)
        line = before if upwards else behind
        if line is None or (room := room - len(line) - 1) < 0:
            break
        first, last = (first - 1, last) if upwards else (first, last + 1)
    return replace(
        chunk, first_line=first, last_line=last, text="\n".join(lines[number] for number in range(first, last + 1))
    )
