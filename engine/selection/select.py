"""Candidates -> evidence to read, and examples to train on; each with its own method, kernel and noise λ.

λ says how little a single observation tells. Reading wants it large: then a chunk that says what another says still
counts, because neighbouring definitions answer together, while standing in the same file as what is chosen already
takes off a little each time, so that the budget reaches more files. Training wants λ small: a second gradient step on
the same text adds little, and the surroundings of the question should be covered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from engine.errors import UsageError
from engine.selection.baselines import in_order
from engine.selection.kernel import WEIGHTS, Gram, KernelWeights, kernel, with_structure
from engine.selection.sift import SiftResult, sift_gram
from engine.types import Candidates, Chunk, Focus, Selected, Tier

__all__ = [
    "EVIDENCE_NOISE",
    "EVIDENCE_WEIGHTS",
    "EXAMPLE_NOISE",
    "Method",
    "select_evidence",
    "select_examples",
    "without",
]

Method = Literal["sift", "nearest", "hybrid"]
Doubles = npt.NDArray[np.float64]

# In units of the content, and λ is 40 in them. On 142 public questions this finds .05 more of the files in 16,000
# characters and .09 more in 6,000 than ranking does, and as many of the spans; see docs/log.md.
_FILE, _CALLS = 1.6, 0.3
EVIDENCE_WEIGHTS: Mapping[Tier, KernelWeights] = {
    tier: with_structure(weights, file=_FILE, calls=_CALLS) for tier, weights in WEIGHTS.items()
}
EVIDENCE_NOISE = 40.0 / (1 + _FILE + _CALLS)
EXAMPLE_NOISE = 0.1  # 24 steps then fall on 22 chunks, the best of them twice; at 0.01 hardly any repeats


def select_evidence(
    candidates: Candidates,
    *,
    method: Method = "sift",
    limit: int,
    budget_chars: int | None = None,
    pins: Sequence[Focus] = (),
    exclusions: Sequence[Focus] = (),
    noise: float = EVIDENCE_NOISE,
    weights: KernelWeights | None = None,
) -> tuple[Selected, ...]:
    """Choose up to ``limit`` chunks to read, best first, with the gain of each under the kernel.

    ``sift`` takes the most informative next; ``nearest`` ranks by
    cosine of the encoder's vectors (by terms in the lexical tier), ``hybrid`` by the retriever's fused score. With
    ``budget_chars`` a chunk that does not fit into what is left is passed over for the best one that does.
    Candidates that overlap one of ``pins`` come before all others, those that overlap one of ``exclusions``
    never; an exclusion outweighs a pin. A candidate without any similarity to the question is left out unless
    pinned.

    Raises UsageError for a limit or budget below 1 or an unknown method.
    """
    if method not in get_args(Method):
        raise UsageError(f"there is no selection method {method!r}; known are {', '.join(get_args(Method))}")
    if limit < 1 or (budget_chars is not None and budget_chars < 1):
        raise UsageError("the number of results and the characters they may have must be at least 1")
    gram = kernel(candidates, weights or EVIDENCE_WEIGHTS[candidates.tier])
    pinned, others = _groups(candidates, pins, exclusions)
    others = [index for index in others if gram.qc[0, index] > 0]
    sizes = np.array([max(1, len(chunk.text)) for chunk in candidates.chunks], dtype=np.float64)
    picked: list[int] = []
    for group in (pinned, others):
        left = math.inf if budget_chars is None else budget_chars - sizes[picked].sum()
        if method == "sift":
            picked = _informative(gram, picked, group, sizes, limit, left, noise)
        else:
            picked += _ranked(_scores(candidates, method), group, sizes, limit - len(picked), left)
    return _selection(candidates, in_order(gram, np.array(picked, dtype=np.int64), noise=noise)) if picked else ()


def select_examples(
    candidates: Candidates,
    steps: int,
    *,
    pins: Sequence[Focus] = (),
    exclusions: Sequence[Focus] = (),
    noise: float = EXAMPLE_NOISE,
    alpha: float | None = None,
    weights: KernelWeights | None = None,
) -> tuple[Selected, ...]:
    """Choose chunks for up to ``steps`` gradient steps, most informative first; ``picks`` counts the steps of each.

    A chunk may be chosen again, which means another step on it. ``alpha`` stops early, see ``sift_gram``.
    Every pinned candidate gets one step before anything else is chosen (as far as ``steps`` reach), an excluded
    one none. Returns nothing for no steps or no candidates. Raises UsageError for negative ``steps``.
    """
    if steps < 0:
        raise UsageError("the number of steps must not be negative")
    pinned, others = _groups(candidates, pins, exclusions)
    keep = np.array([*pinned, *others], dtype=np.int64)
    if not steps or not keep.size:
        return ()
    gram = kernel(candidates, weights).take(keep)
    first = range(min(len(pinned), steps))
    result = sift_gram(gram.qq, gram.qc, gram.cc, steps, noise=noise, reselect=True, alpha=alpha, first=first)
    return _selection(candidates, SiftResult(keep[result.indices], result.gains, result.variance))


def without(candidates: Candidates, exclusions: Sequence[Focus]) -> Candidates:
    """Return the candidates that overlap none of ``exclusions``: as if these had never been found."""
    kept = [
        index
        for index, chunk in enumerate(candidates.chunks)
        if not any(_overlaps(chunk, focus) for focus in exclusions)
    ]
    if len(kept) == len(candidates.chunks):
        return candidates
    return replace(
        candidates,
        ids=tuple(candidates.ids[index] for index in kept),
        chunks=tuple(candidates.chunks[index] for index in kept),
        scores=candidates.scores[kept],
        vectors=candidates.vectors[kept],
        terms=tuple(candidates.terms[index] for index in kept),
    )


def _overlaps(chunk: Chunk, focus: Focus) -> bool:
    first, last = focus.first_line or 1, focus.last_line or chunk.last_line
    return chunk.path == focus.path and chunk.first_line <= last and first <= chunk.last_line


def _groups(candidates: Candidates, pins: Sequence[Focus], exclusions: Sequence[Focus]) -> tuple[list[int], list[int]]:
    """Return the indices of pinned candidates and of the others, excluded ones left out."""
    pinned: list[int] = []
    others: list[int] = []
    for index, chunk in enumerate(candidates.chunks):
        if any(_overlaps(chunk, focus) for focus in exclusions):
            continue
        (pinned if any(_overlaps(chunk, focus) for focus in pins) else others).append(index)
    return pinned, others


def _scores(candidates: Candidates, method: Method) -> Doubles:
    if method == "hybrid":
        return np.asarray(candidates.scores, dtype=np.float64)
    dense = bool(candidates.vectors.shape[1])
    values = kernel(candidates, KernelWeights(dense=float(dense), lexical=float(not dense))).qc
    return np.asarray(values[0])


def _ranked(scores: Doubles, group: Sequence[int], sizes: Doubles, limit: int, left: float) -> list[int]:
    """Return those of ``group`` that fit, most relevant first; ties stay as they were retrieved."""
    kept: list[int] = []
    for index in sorted(group, key=lambda index: -scores[index]):
        if len(kept) < limit and sizes[index] <= left:
            kept.append(index)
            left -= sizes[index]
    return kept


def _informative(
    gram: Gram, picked: list[int], group: Sequence[int], sizes: Doubles, limit: int, left: float, noise: float
) -> list[int]:
    """Return ``picked`` and after them those of ``group`` that fit, each the most informative given all before it."""
    keep = np.array([*picked, *group], dtype=np.int64)
    if not keep.size:
        return []
    part, costs = gram.take(keep), sizes[keep]
    result = sift_gram(
        part.qq,
        part.qc,
        part.cc,
        min(limit, len(keep)),
        noise=noise,
        reselect=False,
        first=range(min(len(picked), limit)),
        costs=costs,
        capacity=left + costs[: len(picked)].sum(),
    )
    return [int(index) for index in keep[result.indices]]


def _selection(candidates: Candidates, result: SiftResult) -> tuple[Selected, ...]:
    gain: dict[int, float] = {}
    picks: dict[int, int] = {}
    for index, amount in zip(result.indices.tolist(), result.gains.tolist(), strict=True):
        gain[index] = gain.get(index, 0.0) + amount
        picks[index] = picks.get(index, 0) + 1
    total = sum(gain.values())
    return tuple(
        Selected(
            chunk=candidates.chunks[index],
            score=float(candidates.scores[index]),
            gain=amount,
            share=amount / total if total > 0 else 0.0,
            picks=picks[index],
        )
        for index, amount in gain.items()
    )
