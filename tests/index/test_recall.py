"""The index of vectors does not rot: recall against exact search after thousands of random updates and restarts."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bench.churn import Churned, source
from engine.errors import Cancelled
from engine.types import Report

BEGIN = 150  # files
GRAPH_FROM = 1_000  # vectors
RESTART_EVERY = 1_000


# Chunks added, deleted and replaced; `make bench` does 10,000 of both widths.
@pytest.mark.parametrize(("dimensions", "updates"), [(256, 10_000), (384, 1_000)])
def test_recall_after_random_updates_with_restarts(tmp_path: Path, dimensions: int, updates: int) -> None:
    churned = Churned(tmp_path, dimensions, graph_from=GRAPH_FROM)
    churned.begin(BEGIN)
    assert churned.index._graph is not None
    restarts = 0
    while churned.updates < updates:
        churned.churn()
        if churned.updates // RESTART_EVERY > restarts:
            restarts += 1
            churned.restart()
    assert restarts >= updates // RESTART_EVERY - 1
    assert len(churned.graphs) >= max(2, updates // 2_000)  # it was built anew, again and again
    assert len(churned.encoder.texts) == len(set(churned.encoder.texts))  # and nothing was embedded twice
    assert churned.recall(10, 100) >= 0.97
    assert churned.recall(200, 20) >= 0.97
    churned.close()


def test_a_graph_whose_making_is_interrupted_again_and_again_is_finished(tmp_path: Path) -> None:
    """A question stops the building; were it begun anew each time, a large repository would never have a graph."""
    churned = Churned(tmp_path, 64, graph_from=GRAPH_FROM)
    cancel = threading.Event()
    began: list[int] = []

    def progress(report: Report) -> None:
        if report.stage == "graph":
            began.append(report.done)
            cancel.set()  # looked at before the next batch

    lines = [churned.new_line() for _ in range(3_000)]
    churned.files["all.txt"] = lines
    scanned = [source("all.txt", lines)]
    for _ in range(40):
        try:
            churned.updater.update(scanned, progress=progress, cancel=cancel, complete=False)
            break
        except Cancelled:
            cancel.clear()
            scanned = []
            assert churned.recall(10, 3) == 1.0  # exact meanwhile
            if len(began) == 3:  # what is deleted meanwhile does not come back
                del lines[:20]
                scanned = [source("all.txt", lines)]
    else:
        pytest.fail("it was never finished")
    assert len(began) > 5
    assert began == sorted(set(began))
    assert churned.index._graph is not None
    assert len(churned.index._graph) >= 2_980
    assert churned.recall(10, 50) >= 0.97
    churned.close()
