"""The window's process as a test holds it: commands go in, what is shown comes out."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.e2e.conftest import Program

__all__ = ["OFFSCREEN", "UNDER_WAY", "Seen", "Window"]

OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}
PATIENCE = 200.0  # seconds; a condition that holds ends the wait
QUESTION = "Where are articles taken off the shelf for an order?"
UNDER_WAY = ("selecting", "tuning", "writing")
Seen = dict[str, Any]


class Window:
    """A running window process."""

    def __init__(self, program: Program, *arguments: str, screen: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.e2e.window_driver", *arguments, str(program.repository)],
            cwd=program.repository,
            env={**program.environment, **screen},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self.seen: list[Seen] = []
        self._lines: queue.Queue[Seen | None] = queue.Queue()
        self._errors: list[str] = []
        self._readers = [threading.Thread(target=each) for each in (self._read, self._read_errors)]
        for reader in self._readers:
            reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self._errors += self.process.stderr.readlines()

    def until(self, condition: Callable[[Seen], object]) -> Seen:
        """Return the first thing shown from now on, or the last one before, for which ``condition`` holds."""
        if self.seen and condition(self.seen[-1]):
            return self.seen[-1]
        end = time.monotonic() + PATIENCE
        while (left := end - time.monotonic()) > 0:
            try:
                found = self._lines.get(timeout=left)
            except queue.Empty:
                break
            assert found is not None, f"the window ended: {self.seen[-1:]}"
            self.seen.append(found)
            if condition(found):
                return found
        pytest.fail(f"not seen within {PATIENCE:g} seconds; last was {self.seen[-1:]}")

    def do(self, what: str, **more: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self.process.stdin.flush()

    def ask(self, effort: str, question: str = QUESTION) -> None:
        self.do("ask", effort=effort, question=question)

    def answered(self, turns: int) -> Seen:
        seen = self.until(lambda each: each["turns"] == turns and each["turn"] not in {"waiting", *UNDER_WAY})
        assert seen["turn"] == "done", json.dumps(seen)
        return seen

    def end(self) -> None:
        """Close its standard input, which ends it, and see that it said nothing unexpected."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.finish()
        assert self.process.returncode in {0, -signal.SIGKILL}
        complaints = [line for line in self._errors if "does not support raise" not in line]
        assert not complaints, "".join(complaints)

    def finish(self) -> None:
        self.process.wait(timeout=60)
        for reader in self._readers:
            reader.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
