"""The index is filled in one thread while questions are asked in another."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.errors import Cancelled, SidetuneError
from engine.terminal.text import shorten
from engine.types import CancelToken, Report

if TYPE_CHECKING:
    from engine.assistant import Assistant

__all__ = ["BackgroundIndex"]

_STEP_ASIDE = 0.5  # seconds that indexing waits before each of its short steps while a question is answered
_LOOK = 0.1
_FRESH = 1.0  # seconds for which a description is good: an editor asks for it with every key


class BackgroundIndex:
    """Brings the index of an assistant's repository up to date; a context manager that stops on leaving."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._stop = threading.Event()
        self._usable = threading.Event()  # there is something to search in, or never will be
        self._free = threading.Event()  # no question is being answered
        self._free.set()
        self._report: Report | None = None
        self._ended = False
        self._problem = ""
        self._described = (float("-inf"), "")
        self._thread = threading.Thread(target=self._run, name="index")

    def __enter__(self) -> BackgroundIndex:
        if self._assistant.state().chunks:
            self._usable.set()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._free.set()
        self._thread.join()

    @contextmanager
    def aside(self, cancel: CancelToken | None = None) -> Iterator[None]:
        """Wait until there is something to search in, then let a question go first; Cancelled when it is set."""
        while not self._usable.wait(_LOOK):
            if cancel is not None and cancel.is_set():
                raise Cancelled("Stopped.")
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    def describe(self) -> str:
        """Return how far the index is, in words."""
        if self._problem:
            return f"not all is indexed: {self._problem}"
        if time.monotonic() - self._described[0] > _FRESH:
            self._described = time.monotonic(), self._words()
        return self._described[1]

    def _words(self) -> str:
        state = self._assistant.state()
        chunks = f"{state.chunks:,} chunk{'' if state.chunks == 1 else 's'}"
        report = self._report
        if self._ended:
            return f"{chunks} · {state.problem or 'ready'}"
        if report is None or not report.total:
            return f"{chunks} · reading files"
        return f"{chunks} · {report.stage} {report.done / report.total * 100:.0f} %"

    def _run(self) -> None:
        try:
            if not self._usable.is_set():
                self._assistant.index(progress=self._take, cancel=self._stop, tier="static")
                self._usable.set()
            self._assistant.index(progress=self._take, cancel=self._stop)
        except Cancelled:
            pass
        except SidetuneError as error:
            self._problem = str(error)
        except Exception as error:  # noqa: BLE001 - shown in the state line, since nobody can catch it in this thread
            self._problem = shorten(f"{type(error).__name__}: {error}", 200)
        finally:
            self._ended = True
            self._usable.set()

    def _take(self, report: Report) -> None:
        self._report = report
        if not self._free.is_set():
            self._free.wait(_STEP_ASIDE)
