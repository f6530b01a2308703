"""What each part of the selection is worth: the same candidates, chosen from in other ways.

Kernel parts are added one by one, under SIFT and under plain ranking; beside them stand the rivals of SIFT with the
whole kernel. Figures are means over repositories of the means over questions; each has its difference to what ships,
with a paired interval.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import Cancelled, UsageError
from engine.evaluation.evidence import Question, evaluate_evidence
from engine.evaluation.metrics import Difference, paired_bootstrap_of_repositories
from engine.selection.baselines import convex_reconstruction, marginal_relevance, nearest
from engine.selection.kernel import WEIGHTS, Gram, KernelWeights, kernel, with_structure
from engine.selection.select import EVIDENCE_NOISE, EVIDENCE_WEIGHTS, select_evidence
from engine.selection.sift import SiftResult, sift_gram
from engine.types import CancelToken, Candidates, Chunk, Progress, Report

__all__ = ["SELECTORS", "SHIPPED", "SelectorsReport", "evaluate_selectors"]

Select = Callable[[Candidates], Sequence[Chunk]]
Samples = Mapping[str, npt.NDArray[np.float64]]
_RESULTS = 64  # enough for the largest budget
_DENSE, _LEXICAL = KernelWeights(dense=1.0, lexical=0.0), KernelWeights(dense=0.0, lexical=1.0)
SHIPPED = "sift, dense + lexical + file + calls"


@dataclass(frozen=True, slots=True, eq=False)
class SelectorsReport:
    """``figures[selector][name]``, and ``differences[selector][name]``: the selector less what ships."""

    n: int
    figures: Mapping[str, Mapping[str, float]]
    differences: Mapping[str, Mapping[str, Difference]]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``evaluate selectors --json`` prints."""
        differences = {
            selector: {name: {"mean": each.mean, "interval95": [each.low, each.high]} for name, each in row.items()}
            for selector, row in self.differences.items()
        }
        figures = {selector: dict(row) for selector, row in self.figures.items()}
        return {"n": self.n, "figures": figures, "differences": differences, "seconds": self.seconds}


def _shares(candidates: Candidates, *, file: bool, calls: bool) -> KernelWeights:
    """Return the shipped weights with the parts of the structure that are asked for, still in units of the content."""
    shipped = EVIDENCE_WEIGHTS[candidates.tier]
    content = WEIGHTS[candidates.tier]
    return with_structure(
        content, file=file * shipped.file / shipped.content, calls=calls * shipped.calls / shipped.content
    )


def _sift(weigh: Callable[[Candidates], KernelWeights]) -> Select:
    def select(candidates: Candidates) -> list[Chunk]:
        weights, shipped = weigh(candidates), EVIDENCE_WEIGHTS[candidates.tier]
        noise = EVIDENCE_NOISE * weights.content / shipped.content  # the same λ in units of the content
        found = select_evidence(candidates, limit=_RESULTS, noise=noise, weights=weights)
        return [each.chunk for each in found]

    return select


def _by(choose: Callable[[Gram, int], SiftResult], weigh: Callable[[Candidates], KernelWeights]) -> Select:
    def select(candidates: Candidates) -> list[Chunk]:
        if not candidates.chunks:
            return []
        picks = choose(kernel(candidates, weigh(candidates)), min(_RESULTS, len(candidates.chunks))).indices
        return [candidates.chunks[index] for index in picks]

    return select


def _rank(gram: Gram, budget: int) -> SiftResult:
    return nearest(gram, budget, noise=EVIDENCE_NOISE)


def _rival(choose: Callable[..., SiftResult], **options: float) -> Select:
    return _by(
        lambda gram, budget: choose(gram, budget, noise=EVIDENCE_NOISE, **options),
        lambda candidates: EVIDENCE_WEIGHTS[candidates.tier],
    )


def _strict(gram: Gram, budget: int) -> SiftResult:
    return sift_gram(gram.qq, gram.qc, gram.cc, budget, noise=EVIDENCE_NOISE / 8, reselect=False)


SELECTORS: Mapping[str, Select] = {
    SHIPPED: _sift(lambda candidates: _shares(candidates, file=True, calls=True)),
    "sift, dense": _sift(lambda _: _DENSE),
    "sift, lexical": _sift(lambda _: _LEXICAL),
    "sift, dense + lexical": _sift(lambda candidates: WEIGHTS[candidates.tier]),
    "sift, dense + lexical + file": _sift(lambda candidates: _shares(candidates, file=True, calls=False)),
    "sift, dense + lexical + calls": _sift(lambda candidates: _shares(candidates, file=False, calls=True)),
    "sift, an eighth of λ": _by(_strict, lambda candidates: EVIDENCE_WEIGHTS[candidates.tier]),
    "ranking, dense": _by(_rank, lambda _: _DENSE),
    "ranking, lexical": _by(_rank, lambda _: _LEXICAL),
    "ranking, dense + lexical": _by(_rank, lambda candidates: WEIGHTS[candidates.tier]),
    "ranking, the whole kernel": _by(_rank, lambda candidates: EVIDENCE_WEIGHTS[candidates.tier]),
    "marginal relevance .9": _rival(marginal_relevance, relevance=0.9),
    "marginal relevance .7": _rival(marginal_relevance, relevance=0.7),
    "convex reconstruction": _rival(convex_reconstruction),
}


def evaluate_selectors(
    questions: Mapping[str, Sequence[Question]],
    retrieve: Mapping[str, Callable[[str], Candidates]],
    selectors: Mapping[str, Select] = SELECTORS,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> SelectorsReport:
    """Let every selector choose from the same candidates; the first one is what the others are compared with.

    Raises UsageError for no questions, Cancelled when ``cancel`` is set between two selectors, and what ``retrieve``
    raises.
    """
    if not any(questions.values()):
        raise UsageError("there are no questions to choose evidence for")
    started = time.perf_counter()
    found = {
        name: {each.question: retrieve[name](each.question) for each in asked} for name, asked in questions.items()
    }
    measured: dict[str, dict[str, Samples]] = {}
    for number, (selector, select) in enumerate(selectors.items()):
        if cancel is not None and cancel.is_set():
            raise Cancelled(f"stopped after {number} of {len(selectors)} selectors")
        measured[selector] = {
            name: evaluate_evidence(asked, lambda question, of=found[name], by=select: by(of[question])).samples  # type: ignore[misc]
            for name, asked in questions.items()
        }
        if progress is not None:
            progress(Report("evaluate", number + 1, len(selectors), selector))
    first = next(iter(measured.values()))
    names = [name for name in next(iter(first.values())) if all(name in each for each in first.values())]
    return SelectorsReport(
        sum(map(len, questions.values())),
        {
            selector: {name: float(np.mean([np.nanmean(each[name]) for each in by.values()])) for name in names}
            for selector, by in measured.items()
        },
        {
            selector: {
                name: paired_bootstrap_of_repositories(
                    {repository: each[name] for repository, each in first.items()},
                    {repository: each[name] for repository, each in by.items()},
                )
                for name in names
            }
            for selector, by in measured.items()
            if by is not first
        },
        time.perf_counter() - started,
    )
