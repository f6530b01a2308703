"""One run of the chat: the index fills behind it while lines come from a keyboard or a pipe."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from engine import paths
from engine.errors import SidetuneError
from engine.events import Failure, Started, event_json
from engine.focus import parse_focus
from engine.live import LiveIndex
from engine.models.catalogue import BUNDLED, find
from engine.terminal.chat import COMMANDS, Chat
from engine.terminal.lines import PromptLines, StreamLines
from engine.terminal.show import Terminal
from engine.terminal.text import safe_line
from engine.types import Effort, Focus

if TYPE_CHECKING:
    from engine.assistant import Assistant

__all__ = ["author", "run_chat"]

_BUNDLED = (
    "Written by the small model that comes with Sidetune: good for short pointers into the code, often wrong about "
    "what they mean. Rely on the evidence and the checked citations."
)


def author(model: str) -> str:
    """Return a sentence that says which model writes, and for the bundled one what it is good for."""
    entry = find(model)
    if entry == BUNDLED:
        return _BUNDLED
    return f"Written by the model {entry.title if entry else model}."


def run_chat(assistant: Assistant, *, about: Sequence[str], effort: Effort | None, as_json: bool) -> int:
    """Chat until the lines end; return how many questions and commands failed.

    Raises UsageError for a file in ``about`` that is not there, StorageError when our folder cannot be written.
    """
    focus = tuple(parse_focus(assistant.root, given) for given in about)
    chosen = effort or assistant.settings.effort
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    if as_json:
        return _json_chat(assistant, focus, chosen)
    terminal = Terminal(sys.stdout)
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    _greet(assistant, terminal, interactive=interactive)
    with LiveIndex(assistant) as index:
        if not interactive:
            return Chat(assistant, terminal, index, effort=chosen, about=focus, echo=True).run(StreamLines(sys.stdin))
        chat = Chat(assistant, terminal, index, effort=chosen, about=focus)
        chat.run(PromptLines(paths.home() / "chat_history", state=chat.state, commands=COMMANDS))
        return 0  # every failure was seen by who caused it


def _greet(assistant: Assistant, terminal: Terminal, *, interactive: bool) -> None:
    terminal.say(Text("Sidetune", style=Style(bold=True)), f" · {safe_line(str(assistant.root))}")
    if assistant.memory.notice:
        terminal.say(Text(safe_line(assistant.memory.notice), style=Style(color="yellow")))
    entry = find(assistant.settings.model)
    if entry is not None:
        terminal.note(entry.notes)
    if interactive:
        terminal.note("Ask about this repository; /help lists the commands, Ctrl-D leaves.")


def _json_chat(assistant: Assistant, about: tuple[Focus, ...], effort: Effort) -> int:
    """Answer each line of standard input in one conversation, an event a line."""
    failures, thread, lines = 0, None, StreamLines(sys.stdin)
    with LiveIndex(assistant) as index:
        while (line := lines.read()) is not None:
            if not line.strip():
                continue
            try:
                with index.aside():
                    for event in assistant.ask(line, effort=effort, about=about, thread=thread):
                        if isinstance(event, Started):
                            thread = event.thread
                        failures += isinstance(event, Failure)
                        _emit(event_json(event))
            except SidetuneError as error:
                failures += 1
                _emit(event_json(Failure("question", str(error))))
    return failures


def _emit(value: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
