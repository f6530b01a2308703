"""Recall against exact search after 10,000 random updates with ten restarts, for vectors of both widths."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.churn import Churned
from bench.generated import is_quick
from bench.row import Row

__all__ = ["THREADS", "measure"]

THREADS = 1


def measure() -> list[Row]:
    """Measure both widths."""
    return [row for dimensions in (384, 256) for row in _churned(dimensions)]


def _churned(dimensions: int) -> list[Row]:
    updates = 1_000 if is_quick() else 10_000
    with tempfile.TemporaryDirectory() as folder:
        churned = Churned(Path(folder), dimensions, graph_from=1_000)
        churned.begin(150)
        restarts = 0
        while churned.updates < updates:
            churned.churn()
            if churned.updates * 10 // updates > restarts:
                restarts += 1
                churned.restart()
        note = f"{churned.updates:,} updates, {restarts} restarts, {len(churned.graphs)} graphs"
        rows = [
            Row(f"recall@{k}, {dimensions} wide", churned.recall(k, 100), "", must=0.97, more=True, note=note)
            for k in (10, 200)
        ]
        churned.close()
    return rows
