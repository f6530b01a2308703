"""Running one command: whatever goes wrong becomes one line on stderr and an exit status."""

from __future__ import annotations

import io
import os
import platform
import sys

import click

from engine.errors import Cancelled, SidetuneError, UsageError
from engine.terminal.text import safe, safe_line

__all__ = ["Failed", "run"]

_INTERRUPTED = 130  # as shells report a process that Ctrl-C ended
_PIPE_CLOSED = 141  # likewise for one that wrote into a closed pipe


class Failed(click.exceptions.Exit):
    """What failed was already told on stdout; a line goes to stderr, the exit status is 1."""

    def __init__(self, sentence: str) -> None:
        super().__init__(1)
        self.sentence = sentence


def run(command: click.Command, arguments: list[str]) -> int:
    """Run ``command`` and return the exit status: 0 done, 2 usage, 130 Ctrl-C, 141 output closed, 1 anything else."""
    _calm_numpy()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old code page shows "?" instead of failing
    try:
        return _run(command, arguments)
    except BrokenPipeError:
        # Nobody reads on. What is still buffered goes nowhere, or Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED


def _calm_numpy() -> None:
    """Let numpy multiply in one thread; it is read when numpy is first imported, and torch does not look at it.

    Its products here are small, and OpenBLAS's threads wait for each other by spinning: where other programs keep the
    cores busy, a chunk was embedded in 1.9 s instead of 0.1 s. What is large is computed by torch and llama.cpp.
    """
    if platform.machine().lower() in {"x86_64", "amd64"}:  # elsewhere torch may be built with OpenBLAS as well
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _run(command: click.Command, arguments: list[str]) -> int:
    try:
        with command.make_context("sidetune", list(arguments)) as context:
            command.invoke(context)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):
        raise
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except BaseException as error:  # noqa: BLE001 - the one place where any error becomes a line for the user
        if isinstance(error, click.exceptions.Exit) and not isinstance(error, Failed):
            return error.exit_code
        sentence, status = _told(error)
        _report(sentence, error if "--debug" in arguments else None)
        return status
    return 0


def _told(error: BaseException) -> tuple[str, int]:
    """Return the sentence for an error and the exit status."""
    match error:
        case Failed():
            told = error.sentence, 1
        case click.UsageError():
            where = error.ctx.command_path if error.ctx else "sidetune"
            told = f"{error.format_message().rstrip('.')} (`{where} --help` explains)", 2
        case UsageError():
            told = str(error), 2
        case KeyboardInterrupt() | click.Abort() | Cancelled():
            told = "stopped", _INTERRUPTED
        case SidetuneError():
            told = str(error), 1
        case MemoryError():
            told = "there is not enough memory for this", 1
        case _:
            told = f"unexpected {type(error).__name__}: {error} (--debug shows where)", 1
    return told


def _report(sentence: str, traced: BaseException | None) -> None:
    if traced is not None:
        import traceback

        sys.stderr.write(safe("".join(traceback.format_exception(traced))))
    sys.stderr.write(f"sidetune: {safe_line(sentence)}\n")
