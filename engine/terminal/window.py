"""Starting the window: a process of its own that outlives the terminal, and tells once that it took what was asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from engine.errors import SidetuneError, StorageError, UsageError
from engine.paths import home, private_directory

__all__ = ["NoWindowError", "Shown", "show_window"]

_LOG_LIMIT = 1 << 20  # bytes, then the log of the window is begun anew


class NoWindowError(SidetuneError):
    """No window can be shown here; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The process that shows it now; ``handed_over`` when it had been running."""

    pid: int
    handed_over: bool


def show_window(path: str | None, about: Sequence[str]) -> Shown:
    """Show a folder in a window and return when it is there; None stands for the window as it was left.

    ``about`` names files as ``FILE[:A-B]``, in the working directory or the folder. Raises NoWindowError where there is
    no display or the window's libraries cannot be loaded, UsageError and other errors of what was asked for.
    """
    # -P: a folder called ``app`` where we happen to be is not ours.
    command = [sys.executable, "-P", "-m", "app", "--announce", *(f"--about={each}" for each in about)]
    if path is not None:
        command += ["--", path]
    log = private_directory(home() / "log") / "window.log"
    with _opened(log) as errors:
        begin = errors.tell()
        process = _start(command, errors)
    assert process.stdout is not None
    line = process.stdout.readline()
    process.stdout.close()
    said = _said(line)
    if said is None:
        # It ended before it could say anything, as Qt does when a display cannot be reached.
        process.wait()
        words = _last_words(log, begin)
        raise NoWindowError(f"the window ended as it was opened{f': {words}' if words else ''}")
    if "error" in said:
        process.wait()
        raise _error(said)
    shown = Shown(int(said["pid"]), bool(said["handed_over"]))
    if shown.handed_over:
        process.wait()
    else:
        process.returncode = 0  # it goes on, and nobody here waits for its end
    return shown


def _opened(log: Path) -> IO[bytes]:
    try:
        large = log.exists() and log.stat().st_size > _LOG_LIMIT
        return os.fdopen(
            os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if large else 0), 0o600), "ab"
        )
    except OSError as error:
        raise StorageError(f"{log}: cannot be written: {error.strerror}") from error


def _start(command: list[str], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    detached = 0
    if sys.platform == "win32":
        detached = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    try:
        # A session of its own: neither Ctrl-C nor the end of the terminal is meant for it.
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            creationflags=detached,
        )
    except OSError as error:
        raise NoWindowError(f"the window cannot be started: {error.strerror}") from error


def _said(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _error(said: dict[str, Any]) -> SidetuneError:
    sentence = str(said["error"])
    if said.get("no_window"):
        return NoWindowError(sentence)
    return UsageError(sentence) if said.get("usage") else SidetuneError(sentence)


def _last_words(log: Path, begin: int) -> str:
    """Return the line of the log, from ``begin`` on, that says why the window ended; empty when it is empty."""
    with log.open("rb") as file:
        file.seek(begin)
        lines = [line.strip() for line in file.read(_LOG_LIMIT).decode("utf-8", "replace").splitlines()]
    # Qt names the reason first and its plugins after that; of a traceback the last line counts.
    reasons = [line.partition(": ")[2] for line in lines if line.startswith("qt.qpa.")]
    return next(filter(None, [*reasons, *reversed(lines)]), "").rstrip(".")
