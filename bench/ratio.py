"""One line of the table: our time, the peer's time, and how many times faster that is."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Ratio", "median_seconds"]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A measurement; ``must`` and ``aim`` are times faster, None where nothing is asked."""

    name: str
    ours: float  # seconds, median
    peer: float  # seconds, median
    must: float | None = None
    aim: float | None = None
    note: str = ""

    @property
    def times(self) -> float:
        return self.peer / self.ours

    @property
    def verdict(self) -> str:
        if self.must is not None and self.times < self.must:
            return f"below the {self.must:g} it must be"
        if self.aim is not None and self.times < self.aim:
            return f"short of the {self.aim:g} aimed at"
        return "ok"


def median_seconds(*contenders: Callable[[], float | None], rounds: int, warm: bool = True) -> list[float]:
    """Return the median seconds of each contender, run in turn so that all meet the same weather.

    A contender may return its own measurement (what it excludes, its note says); None takes the
    wall time of the call. With ``warm`` a round goes before that counts for nothing: it fills caches.
    """
    times: list[list[float]] = [[] for _ in contenders]
    for number in range(rounds + warm):
        for kept, contender in zip(times, contenders, strict=True):
            started = time.perf_counter()
            own = contender()
            elapsed = time.perf_counter() - started if own is None else own
            if number >= warm:
                kept.append(elapsed)
    return [statistics.median(each) for each in times]
