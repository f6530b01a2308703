from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import Cancelled, UsageError
from engine.evaluation.evidence import Question
from engine.evaluation.settings import GRID, Setting, choose_settings
from engine.types import Candidates, Report
from tests.selection.factory import make

QUESTION = "how is the session cookie signed"
FLAT, CALLS = Setting(40.0, 0.0, 0.0), Setting(40.0, 0.0, 1.0)


def candidates(question: str) -> Candidates:
    """A relevant test that calls a helper whose own words are others; what is gold is up to the questions."""
    texts = ["test the session cookie is signed", "compute digest", *(f"session number {n}" for n in range(60))]
    scores = [1.0, 0.001, *np.linspace(0.9, 0.1, 60)]
    return replace(make(question, texts, scores=scores), calls={0: [1]})


def asked(path: str) -> list[Question]:
    return [Question(f"{QUESTION} {n}", (path,)) for n in range(6)]


def test_a_repository_gets_the_setting_that_is_best_on_the_others() -> None:
    questions = {"a": asked("f1.py"), "b": asked("f1.py"), "odd": asked("f59.py")}
    reports: list[Report] = []
    report = choose_settings(
        questions, dict.fromkeys(questions, candidates), dict.fromkeys(questions, list), [FLAT, CALLS], reports.append
    )
    assert report.n == 18
    assert report.chosen["odd"] == CALLS  # though it gains nothing there
    assert report.best == CALLS
    assert report.figures["file_recall@10"] > report.figures["file_recall@10.hybrid"]
    difference = report.differences["file_recall@10"]
    assert difference.mean == pytest.approx(report.figures["file_recall@10"] - report.figures["file_recall@10.hybrid"])
    assert difference.low <= difference.mean <= difference.high
    assert "span_cover@6000c" not in report.differences  # no question has spans
    assert [each.done for each in reports] == [1, 2]
    assert report.as_json()["chosen"]["odd"] == {"noise": 40.0, "file": 0.0, "calls": 1.0}


def test_one_repository_or_a_stop_gives_no_settings() -> None:
    with pytest.raises(UsageError, match="at least two"):
        choose_settings({"a": asked("f1.py")}, {"a": candidates}, {"a": list})
    stopped = threading.Event()
    stopped.set()
    both = {"a": asked("f1.py"), "b": asked("f1.py")}
    with pytest.raises(Cancelled, match="after 0 of"):
        choose_settings(both, dict.fromkeys(both, candidates), dict.fromkeys(both, list), GRID, cancel=stopped)


def test_what_ships_is_in_the_grid() -> None:
    from engine.selection.select import EVIDENCE_NOISE, EVIDENCE_WEIGHTS

    weights = EVIDENCE_WEIGHTS["transformer"]
    shipped = Setting(
        round(EVIDENCE_NOISE / weights.content, 6),
        round(weights.file / weights.content, 6),
        round(weights.calls / weights.content, 6),
    )
    assert shipped in GRID
    assert len(set(GRID)) == len(GRID) == 27
    assert np.isfinite([each.noise for each in GRID]).all()
