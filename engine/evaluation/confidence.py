"""Does confidence tell a repository's own questions from those about another one?

``auc`` is the area under the ROC curve: how often a question of this repository gets a higher value than one
of another repository's file, ties counting half. ``silent.own`` is the share of answerable questions that would
get no draft, ``silent.foreign`` the share of the others that rightly would not; ``says.own`` and
``says.foreign`` likewise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from engine.errors import Cancelled, UsageError
from engine.evaluation.evidence import Question
from engine.evaluation.metrics import EvaluationResult, summarise
from engine.types import CancelToken, Confidence, Progress, Report

__all__ = ["evaluate_confidence"]


def evaluate_confidence(
    own: Sequence[Question],
    foreign: Sequence[Question],
    assess: Callable[[str], Confidence],
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> EvaluationResult:
    """Ask ``assess`` for the confidence in every question of both lists and compare.

    ``n`` is the number of own questions, over which the intervals of ``auc`` and the own shares are taken. Raises
    UsageError when a list is empty, Cancelled when ``cancel`` is set, and whatever ``assess`` raises.
    """
    if not own or not foreign:
        raise UsageError("confidence is measured on questions of this repository and of another one; one list is empty")
    started = time.perf_counter()
    found: list[Confidence] = []
    for number, question in enumerate([*own, *foreign]):
        if cancel is not None and cancel.is_set():
            raise Cancelled(f"stopped after {number} of {len(own) + len(foreign)} questions")
        found.append(assess(question.question))
        if progress is not None:
            progress(Report("evaluate", number + 1, len(own) + len(foreign), question.question))
    here, there = found[: len(own)], found[len(own) :]
    values = np.array([each.value for each in there])
    samples = {
        "auc": [float(np.mean(values < each.value) + 0.5 * np.mean(values == each.value)) for each in here],
        "silent.own": [float(each.level == "silent") for each in here],
        "silent.foreign": [float(each.level == "silent") for each in there],
        "says.own": [float(each.level == "says") for each in here],
        "says.foreign": [float(each.level == "says") for each in there],
    }
    return summarise(samples, len(own), time.perf_counter() - started)
