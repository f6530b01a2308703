from __future__ import annotations

import threading

import pytest

from engine.errors import Cancelled, UsageError
from engine.evaluation.confidence import evaluate_confidence
from engine.evaluation.evidence import Question
from engine.types import Confidence, Report

ANSWERS = {
    "a": Confidence("says", 0.9),
    "b": Confidence("hints", 0.4),
    "x": Confidence("silent", 0.01),
    "y": Confidence("hints", 0.4),
    "z": Confidence("says", 0.8),
}


def questions(names: str) -> list[Question]:
    return [Question(name, ("f.py",)) for name in names]


def test_figures_by_hand() -> None:
    reports: list[Report] = []
    result = evaluate_confidence(questions("ab"), questions("xyz"), ANSWERS.__getitem__, progress=reports.append)
    assert result.n == 2
    assert result.figures == {
        "auc": pytest.approx((3 / 3 + 1.5 / 3) / 2),
        "silent.own": 0.0,
        "silent.foreign": pytest.approx(1 / 3),
        "says.own": 0.5,
        "says.foreign": pytest.approx(1 / 3),
    }
    assert [(each.done, each.total) for each in reports] == [(n, 5) for n in range(1, 6)]


def test_without_a_list_there_is_nothing_to_tell_apart() -> None:
    with pytest.raises(UsageError, match="one list is empty"):
        evaluate_confidence([], questions("x"), ANSWERS.__getitem__)
    with pytest.raises(UsageError, match="one list is empty"):
        evaluate_confidence(questions("a"), [], ANSWERS.__getitem__)


def test_it_can_be_cancelled() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled, match="0 of 2"):
        evaluate_confidence(questions("a"), questions("x"), ANSWERS.__getitem__, cancel=stop)
