"""Who chooses what is learned: what ships, what is obvious, and chance; all train on it in the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.errors import UsageError
from engine.evaluation.targets import Texts
from engine.selection.kernel import KernelWeights
from engine.selection.select import EXAMPLE_NOISE, select_evidence, select_examples
from engine.selection.surroundings import WINDOW_LINES, in_surroundings, without_repeats
from engine.types import Candidates, Chunk, Selected

__all__ = ["LEARNERS", "SHIPPED", "Choosing", "choose"]

SHIPPED = "sift"
_MORE = 2  # times as many are chosen first where some will be passed over


@dataclass(frozen=True, slots=True)
class Choosing:
    """How what is learned is chosen, beside the method."""

    steps: int
    noise: float = EXAMPLE_NOISE  # λ of the methods that have one
    lines: int = WINDOW_LINES  # of its file that a chunk is learned with; 0: the chunk alone
    repeats: bool = True  # windows may hold each other's chunks; False: others are learned instead


Method = Callable[[Candidates, Choosing], Sequence[Selected]]


def _sift(**options: Any) -> Method:
    def select(candidates: Candidates, how: Choosing) -> Sequence[Selected]:
        return select_examples(candidates, how.steps, noise=how.noise, **options)

    return select


def _ranked(method: Any) -> Method:
    def select(candidates: Candidates, how: Choosing) -> Sequence[Selected]:
        return _in_order([each.chunk for each in select_evidence(candidates, method=method, limit=how.steps)])

    return select


def _in_order(chunks: Sequence[Chunk]) -> Sequence[Selected]:
    return [Selected(chunk, score=0.0, gain=1.0 / rank, share=0.0) for rank, chunk in enumerate(chunks, start=1)]


_METHODS: Mapping[str, Method] = {
    SHIPPED: _sift(),
    "sift-dense": _sift(weights=KernelWeights(dense=1.0, lexical=0.0)),
    "sift-lexical": _sift(weights=KernelWeights(dense=0.0, lexical=1.0)),
    "evidence": _ranked("sift"),  # what is read is learned
    "nearest": _ranked("nearest"),
    "hybrid": _ranked("hybrid"),
}
_CHANCE = "random"
LEARNERS = (*_METHODS, _CHANCE)


def choose(
    method: str,
    candidates: Candidates,
    pool: Sequence[Chunk],
    chunks_in: Callable[[str], Sequence[Chunk]],
    how: Choosing,
    *,
    targets: Texts,
    seed: int,
) -> tuple[Selected, ...]:
    """Return what a method trains on, in its order; chance draws from ``pool``, by ``seed``.

    What is like one of ``targets`` is in no window: a chunk whose window would be stays alone. Raises UsageError for
    an unknown method.
    """
    if method not in LEARNERS:
        raise UsageError(f"nobody is called {method!r} who could choose; known are {', '.join(LEARNERS)}")
    wanted = how if how.repeats else replace(how, steps=_MORE * how.steps)
    if method == _CHANCE:
        drawn = np.random.default_rng(seed).permutation(len(pool))[: wanted.steps]
        chosen = tuple(_in_order([pool[row] for row in drawn]))
    else:
        chosen = tuple(_METHODS[method](candidates, wanted))
    if not how.lines:
        return chosen

    def unlike(path: str) -> Sequence[Chunk]:
        return [chunk for chunk in chunks_in(path) if not targets.hold_like(chunk.text)]

    grown = in_surroundings(chosen, unlike, lines=how.lines)
    windows = tuple(
        bare if targets.hold_like(wide.chunk.text) else wide for bare, wide in zip(chosen, grown, strict=True)
    )
    return windows if how.repeats else without_repeats(chosen, windows, how.steps)
