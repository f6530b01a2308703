"""The events of one answer, shown as they come."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from engine.events import (
    Answer,
    AskEvent,
    Facts,
    Failure,
    Premise,
    SelectedEvent,
    Started,
    Token,
    Tuned,
    Tuning,
)
from engine.terminal.show import (
    Terminal,
    show_citations,
    show_confidence,
    show_evidence,
    show_facts,
    show_premise,
    tuned_line,
)
from engine.terminal.text import Wrapper, safe, safe_line

if TYPE_CHECKING:
    from rich.status import Status

__all__ = ["AnswerView"]


class AnswerView:
    """Shows one answer; leaving the context takes any moving line away."""

    def __init__(self, terminal: Terminal, root: Path, *, evidence: bool = True, hint: str = "") -> None:
        self._terminal = terminal
        self._root = root
        self._evidence = evidence
        self._hint = f" · {hint}" if hint else ""  # what to press while it learns
        self._ready = "thinking"  # what it does before the first step
        self._status: Status | None = None
        self._wrapper = Wrapper(terminal.width - 1 if terminal.is_terminal else 0)
        self._streamed = False
        self.failure: Failure | None = None
        self.drafted = False  # a model wrote the answer

    def __enter__(self) -> AnswerView:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._still()
        if self._streamed:
            self._end_stream()

    def show_all(self, events: Iterable[AskEvent]) -> None:
        """Show events until they end."""
        for event in events:
            self.show(event)

    def show(self, event: AskEvent) -> None:
        """Show one event."""
        terminal, root = self._terminal, self._root
        match event:
            case Started():
                seconds = f", about {event.estimate_seconds:.0f} s of learning" if event.estimate_seconds >= 0.5 else ""
                self._moving(f"{event.effort}{seconds}")
                if event.effort != "instant":
                    self._ready = f"getting ready to learn{self._hint}"
            case Premise():
                self._still()
                show_premise(terminal, event.missing)
            case SelectedEvent():
                self._still()
                silent = event.confidence.level == "silent"
                if (self._evidence or silent) and event.chunks:  # all there is to show of a silent repository
                    heading = "Nearest to the question" if silent else "Evidence"
                    terminal.say(Text(heading, style=Style(bold=True)))
                    show_evidence(terminal, root, event.chunks)
                self._moving(self._ready)
            case Facts():
                self._still()
                show_facts(terminal, root, event.items)
                self._moving(self._ready)
            case Tuning():
                left = f" · {event.seconds_left:.0f} s left" if event.seconds_left >= 1 else ""
                self._moving(f"learning {event.step}/{event.steps} · loss {event.loss:.2f}{left}{self._hint}")
            case Tuned():
                self._moving("writing")
            case Token():
                self._stream(event.text)
            case Answer():
                self._finish(event)
            case Failure():
                self._still()
                self.failure = event

    def stopping(self, what: str) -> None:
        """Say that a key was understood, until the next event shows its effect."""
        self._moving(what)

    def _stream(self, text: str) -> None:
        self._still()
        if not self._streamed:
            self._streamed = True
            self._terminal.say("")
            text = text.lstrip()
        self._write(self._wrapper.feed(safe(text)))

    def _write(self, text: str) -> None:
        if text:
            self._terminal.print(Text(text), end="", soft_wrap=True)
            self._terminal.file.flush()

    def _end_stream(self) -> None:
        self._write(self._wrapper.flush() + "\n")
        self._streamed = False

    def _finish(self, answer: Answer) -> None:
        self._still()
        self.drafted = answer.confidence.level != "silent"
        if not self._streamed and answer.text:
            self._stream(answer.text)
        if self._streamed:
            self._end_stream()
        else:
            self._terminal.note("The model wrote nothing.")
        self._terminal.say("")
        show_citations(self._terminal, self._root, answer.citations)
        show_confidence(self._terminal, answer.confidence, refused=bool(answer.premise))
        self._terminal.say(tuned_line(answer.adapter), style=Style(dim=True))

    def _moving(self, text: str) -> None:
        """Show a line that changes in place; nothing where the output is no terminal."""
        if not self._terminal.is_terminal:
            return
        line = Text(safe_line(text), style=Style(dim=True))
        if self._status is None:
            self._status = self._terminal.status(line, spinner="dots", spinner_style="dim")
            self._status.start()
        else:
            self._status.update(line)

    def _still(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
