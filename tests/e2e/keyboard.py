"""A terminal with a person at it: a pseudo-terminal that answers as real ones do and remembers what was shown."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["Keyboard"]

_WHERE_IS_THE_CURSOR = b"\x1b[6n"


class Keyboard:
    """Starts a program on a new pseudo-terminal of 80 columns and types into it."""

    def __init__(self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> None:
        import pty

        self._terminal, child = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, *command],
            cwd=folder,
            env={**environment, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "40"},
            stdin=child,
            stdout=child,
            stderr=child,
            start_new_session=True,
        )
        os.close(child)
        self._shown = b""
        self._at = 0  # characters that were waited for

    @property
    def screen(self) -> str:
        """Return everything that was shown so far."""
        return self._shown.decode("utf-8", "replace")

    def press(self, keys: str) -> None:
        """Press keys now; Ctrl-C is a signal for a program that reads no keys, as on a real terminal."""
        os.write(self._terminal, keys.encode())

    def press_at_prompt(self, keys: str) -> None:
        """Press keys once a prompt is shown behind what was last waited for."""
        self.until("›")
        self.press(keys)

    def enter(self, line: str) -> None:
        """Type a line at the prompt."""
        self.press_at_prompt(line + "\r")

    def until(self, word: str, *, seconds: float = 90) -> str:
        """Read until ``word`` is shown behind what was last waited for; return what was shown up to it."""
        return self.until_one_of(word, seconds=seconds)

    def until_one_of(self, *words: str, seconds: float = 90) -> str:
        """Read as ``until`` does, up to the first of several words that is shown."""
        deadline = time.monotonic() + seconds
        while not (found := [word for word in words if word in self.screen[self._at :]]):
            assert time.monotonic() < deadline, f"{words!r} was not shown: {self.screen[-3000:]}"
            assert self._read(), f"{words!r} was not shown before the end: {self.screen[-3000:]}"
        before, self._at = self._at, min(self.screen.index(word, self._at) + len(word) for word in found)
        return self.screen[before : self._at]

    def leave(self, seconds: float = 60) -> int:
        """Read until the program ends and return its exit status."""
        deadline = time.monotonic() + seconds
        while self._read():
            assert time.monotonic() < deadline, f"it does not end: {self.screen[-3000:]}"
        return self._process.wait(timeout=seconds)

    def close(self) -> None:
        """End the program if it still runs."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        os.close(self._terminal)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], 0.2)
        if not ready:
            return True
        try:
            data = os.read(self._terminal, 65536)
        except OSError:  # Linux: the program has closed its end
            return False
        if _WHERE_IS_THE_CURSOR in data:
            os.write(self._terminal, b"\x1b[1;1R")
        self._shown += data
        return bool(data)


# Makes the pseudo-terminal the controlling one, so that Ctrl-C becomes a signal, and becomes the program.
_START = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
