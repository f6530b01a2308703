from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import Cancelled, UsageError
from engine.evaluation.evidence import Question
from engine.evaluation.selectors import SELECTORS, SHIPPED, evaluate_selectors
from engine.selection.select import select_evidence
from engine.types import Candidates
from tests.selection.factory import generated, make


def candidates(seed: int, size: int = 40) -> Candidates:
    found = generated(size, seed=seed)
    chunks = tuple(replace(chunk, path=f"f{n % 9}.py") for n, chunk in enumerate(found.chunks))
    return replace(found, chunks=chunks, calls={n: [size - n] for n in range(1, 9)})


@pytest.mark.parametrize("selector", list(SELECTORS))
def test_every_selector_orders_the_candidates(selector: str) -> None:
    found = candidates(3)
    chosen = SELECTORS[selector](found)
    assert len(set(chosen)) == len(chosen) > 20
    assert set(chosen) <= set(found.chunks)
    assert list(SELECTORS[selector](make("q", []))) == []


def test_the_first_is_what_ships_and_the_others_differ() -> None:
    found = candidates(4)
    shipped = [each.chunk for each in select_evidence(found, limit=64)]
    assert next(iter(SELECTORS)) == SHIPPED
    assert SELECTORS[SHIPPED](found) == shipped
    assert all(SELECTORS[name](found)[:30] != shipped[:30] for name in SELECTORS if name != SHIPPED)


def test_the_report_compares_with_the_first() -> None:
    questions = {name: [Question(str(n), ("f1.py", "f2.py")) for n in range(4)] for name in ("a", "b")}
    retrieve = {name: lambda question, base=base: candidates(base + int(question)) for base, name in enumerate("ab")}
    report = evaluate_selectors(questions, retrieve)
    assert report.n == 8
    assert list(report.figures) == list(SELECTORS)
    assert SHIPPED not in report.differences
    for name, row in report.differences.items():
        for figure, difference in row.items():
            expected = report.figures[name][figure] - report.figures[SHIPPED][figure]
            assert difference.mean == pytest.approx(expected)
    assert np.isfinite(list(report.figures[SHIPPED].values())).all()
    assert set(report.as_json()) == {"n", "figures", "differences", "seconds"}


def test_no_questions_and_a_stop() -> None:
    with pytest.raises(UsageError, match="no questions"):
        evaluate_selectors({}, {})
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Cancelled, match="after 0 of"):
        evaluate_selectors({"a": [Question("1", ("f1.py",))]}, {"a": lambda _: candidates(1)}, cancel=stopped)
