"""What an index tells about itself while it is filled: a stage, how far that is, and how long it will take."""

from __future__ import annotations

import time
from collections import deque

from engine.types import Report, Tier
from engine.wire import IndexStage, IndexStatus

__all__ = ["IndexProgress"]

_SETTLE, _WINDOW = 1.0, 10.0  # seconds of work before a rate means something, and those it is taken over
_READING = {"parse", "forget"}


class IndexProgress:
    """Changed by the one thread that indexes; whoever else reads it sees to it that nothing changes meanwhile."""

    def __init__(self) -> None:
        self.stage: IndexStage = "starting"
        self.tier: Tier = "lexical"
        self.files = self.chunks = 0
        self.expected = 0  # files, counted before the very first fill
        self.problem = ""  # a sentence: why indexing failed
        self.trouble = ""  # a sentence: why a better tier or watching cannot be had
        self._report: Report | None = None
        self._rate = _Rate()

    def enter(self, stage: IndexStage) -> None:
        """Begin a stage of which nothing is known yet, or end all work."""
        self.stage, self._report, self._rate = stage, None, _Rate()

    def load(self, done: int, total: int) -> None:
        """Begin to embed, at first by loading the encoder, which takes seconds."""
        self.stage, self._report, self._rate = "embedding", Report("load", done, total), _Rate()

    def resume(self) -> None:
        """Begin to work again after a pause, which says nothing about speed."""
        self._rate = _Rate()

    def take(self, report: Report) -> bool:
        """Take a report of a stage at work; return whether another stage has begun."""
        stage: IndexStage
        if report.stage in _READING:
            stage, total = "reading", max(report.total, self.expected)
            told = Report(stage, report.done, total if report.done <= total else 0, report.detail)
        elif report.total and report.done < report.total:
            stage, told = "embedding", report
            if report.stage.startswith("embed"):  # counted from the chunks that there are, not those that lack vectors
                there = max(self.chunks, report.total)
                told = Report(report.stage, there - report.total + report.done, there, report.detail)
        else:
            return False
        begun = self._report is None or (self.stage, self._report.stage) != (stage, told.stage)
        if begun:
            self._rate = _Rate()
        self.stage, self._report = stage, told
        self._rate.note(told.done)
        return begun

    def status(self, repository: str, *, paused: bool, answerable: bool, watching: bool) -> IndexStatus:
        """Return all this as a message of the wire."""
        stage: IndexStage = "paused" if paused and self.stage != "failed" else self.stage
        working = stage in {"reading", "embedding"}
        report = self._report if working and self._report is not None else Report("", 0, 0)
        return IndexStatus(
            repository=repository,
            stage=stage,
            tier=self.tier,
            files=self.files,
            chunks=self.chunks,
            answerable=answerable or self.chunks > 0,
            done=report.done,
            total=report.total,
            file=report.detail,
            rate=self._rate.value if working else 0.0,
            seconds_left=self._rate.seconds_for(report.total - report.done) if report.total else None,
            watching=watching,
            problem=self.problem or self.trouble,
        )


class _Rate:
    """How much a second, in the last seconds of work."""

    def __init__(self) -> None:
        self.value = 0.0  # 0 while unknown
        self._noted: deque[tuple[float, int]] = deque()  # time and what was done then, at most ``_WINDOW`` ago

    def note(self, done: int) -> None:
        now = time.monotonic()
        if self._noted and done < self._noted[-1][1]:
            self._noted.clear()
        self._noted.append((now, done))
        while now - self._noted[0][0] > _WINDOW:
            self._noted.popleft()
        seconds = now - self._noted[0][0]
        if seconds >= _SETTLE:
            self.value = (done - self._noted[0][1]) / seconds

    def seconds_for(self, amount: int) -> float | None:
        """Return the seconds that so much takes at this rate, None while unknown."""
        return amount / self.value if self.value else None
