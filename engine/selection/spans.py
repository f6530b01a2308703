"""Chunks chosen to be read -> spans: the best of them grow to the whole definition that they are part of.

A long function is several chunks, and half of it is half an answer. Completing the first few costs no file and no span
on the public questions (see docs/log.md), completing all of them does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.types import Chunk, Selected

__all__ = ["complete_definitions"]

_FIRST = 3
_LARGEST = 2000  # characters of a definition; of a longer one the part that was found is shown


def complete_definitions(
    selected: Sequence[Selected],
    chunks_in: Callable[[str], Sequence[Chunk]],
    *,
    first: int = _FIRST,
    largest: int = _LARGEST,
    budget_chars: int | None = None,
) -> tuple[Selected, ...]:
    """Return ``selected`` with the ``first`` ones grown to their definitions, of at most ``largest`` characters.

    ``chunks_in`` gives the chunks of a file in line order. What a grown span contains is merged into it, with its gain.
    With ``budget_chars`` the least informative are left out at the end until all fit; the first one stays whatever its
    length, ungrown if need be. Shares sum to 1 again.
    """
    limit = largest if budget_chars is None else min(largest, budget_chars)
    grown: list[Selected] = []
    for each in selected:
        if (around := _containing(grown, each.chunk)) is not None:
            grown[around] = replace(grown[around], gain=grown[around].gain + each.gain)
        elif len(grown) < first:
            grown.append(replace(each, chunk=_definition(each.chunk, chunks_in, limit)))
        else:
            grown.append(each)
    if budget_chars is not None:
        while len(grown) > 1 and sum(len(each.chunk.text) for each in grown) > budget_chars:
            grown.pop()
    total = sum(each.gain for each in grown)
    return tuple(replace(each, share=each.gain / total if total > 0 else 0.0) for each in grown)


def _containing(grown: Sequence[Selected], chunk: Chunk) -> int | None:
    for at, each in enumerate(grown):
        span = each.chunk
        if span.path == chunk.path and span.first_line <= chunk.first_line and chunk.last_line <= span.last_line:
            return at
    return None


def _definition(chunk: Chunk, chunks_in: Callable[[str], Sequence[Chunk]], limit: int) -> Chunk:
    """Return the whole function or method that ``chunk`` is part of, or ``chunk`` where that is too long."""
    if chunk.kind not in ("function", "method"):
        return chunk
    run: list[Chunk] = []
    for each in chunks_in(chunk.path):
        if (each.symbol, each.kind) != (chunk.symbol, chunk.kind) or (run and each.first_line != run[-1].last_line + 1):
            if chunk in run:
                break
            run = []
        if (each.symbol, each.kind) == (chunk.symbol, chunk.kind):
            run.append(each)
    if chunk not in run or len(run) == 1:
        return chunk
    text = "\n".join(each.text for each in run)
    return replace(run[0], last_line=run[-1].last_line, text=text) if len(text) <= limit else chunk
