"""Where the chat's questions come from: a line editor with a private history, or any stream of lines."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from engine.errors import StorageError
from engine.terminal.text import safe_line

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import AnyFormattedText
    from prompt_toolkit.history import FileHistory
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output

__all__ = ["Lines", "PromptLines", "StreamLines"]


class Lines(Protocol):
    """A source of lines."""

    def read(self) -> str | None:
        """Return the next line without its end, None when there are no more."""


class StreamLines:
    """Lines of a pipe or a file."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def read(self) -> str | None:
        """Return the next line."""
        line = self._stream.readline()
        return line.rstrip("\r\n") if line else None


class PromptLines:
    """A line editor with history, completion of commands and a state line below it."""

    def __init__(
        self,
        history: Path,
        *,
        state: Callable[[], str],
        commands: Iterable[str] = (),
        keyboard: Input | None = None,
        screen: Output | None = None,
    ) -> None:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.completion import WordCompleter

        self._state = state
        self._session: PromptSession[str] = PromptSession(
            history=_private_history(history),
            bottom_toolbar=self._toolbar,
            refresh_interval=0.5,
            completer=WordCompleter(list(commands), sentence=True),
            complete_while_typing=False,
            input=keyboard,
            output=screen,
        )

    def read(self) -> str | None:
        """Return the line that the user entered; Ctrl-C drops what was typed, as in a shell."""
        try:
            return self._session.prompt("› ")
        except KeyboardInterrupt:
            return ""
        except EOFError:
            return None

    def _toolbar(self) -> AnyFormattedText:
        # Fragments, not markup: a folder's name is shown as it is.
        return [("noreverse", safe_line(self._state()))]


def _private_history(path: Path) -> FileHistory:
    from prompt_toolkit.history import FileHistory

    class PrivateHistory(FileHistory):
        """A history that its owner alone can read, and that a full disk does not end the chat for."""

        writable = True

        def store_string(self, string: str) -> None:
            if not self.writable:
                return
            try:
                super().store_string(string.encode("utf-8", "backslashreplace").decode("utf-8"))
            except OSError:
                self.writable = False  # it is a convenience: this session's lines stay in memory

    try:
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StorageError(f"the chat's history {path} cannot be written: {error.strerror}") from error
    return PrivateHistory(str(path))
