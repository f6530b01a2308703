"""The chat in the terminal: questions and commands in, answers out, one conversation at a time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, get_args

from rich.style import Style
from rich.text import Text

from engine.errors import Cancelled, SidetuneError, UsageError
from engine.events import Answer, AnswerCitation, AskEvent, SelectedChunk, SelectedEvent, Started, Tuned, Tuning
from engine.focus import parse_focus
from engine.live import LiveIndex
from engine.terminal.answer import AnswerView
from engine.terminal.lines import Lines
from engine.terminal.reports import index_words, show_results, show_threads, show_why
from engine.terminal.show import Terminal, letter, location
from engine.terminal.text import safe, safe_line
from engine.types import Effort, Focus

if TYPE_CHECKING:
    from engine.assistant import Assistant

__all__ = ["COMMANDS", "Chat"]

_HELP = (
    ("/effort [EFFORT]", "how much to learn: instant, balanced or deep"),
    ("/about [FILE[:A-B]]", "what questions are about; without a file, everything"),
    ("/evidence", "the text that the last answer was given to read"),
    ("/open N", "where citation [N] is, or the evidence of that letter"),
    ("/search WORDS", "find chunks without an answer"),
    ("/why FILE", "whether a file is indexed, and why not"),
    ("/threads [ID]", "earlier conversations, or continue one"),
    ("/new", "begin a new conversation"),
    ("/skip", "how to cut the learning short"),
    ("/quit", "leave (Ctrl-D does too)"),
)
COMMANDS = (*(usage.split()[0] for usage, _ in _HELP), "/help")
_SKIP = "While it learns, Ctrl-C skips the learning and answers at once; a second Ctrl-C stops the answer."


@dataclass(slots=True)
class _Interrupt:
    """What Ctrl-C does to a running question: skips the learning first, stops it the second time."""

    skip: threading.Event = field(default_factory=threading.Event)
    cancel: threading.Event = field(default_factory=threading.Event)
    told: Callable[[str], None] = lambda _: None
    learning: bool = False

    def watch(self, event: AskEvent) -> None:
        if isinstance(event, Tuned):
            self.learning = False
        elif isinstance(event, (SelectedEvent, Tuning)):
            self.learning = True

    def strike(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        if self.cancel.is_set():
            raise KeyboardInterrupt  # the user insists
        if self.learning and not self.skip.is_set():
            self.skip.set()
            self.told("skipping the learning · Ctrl-C stops the answer")
        else:
            self.cancel.set()
            self.told("stopping")

    @contextmanager
    def installed(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield  # signals reach the main thread only
            return
        before = signal.signal(signal.SIGINT, self.strike)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


class Chat:
    """One session. ``run`` returns the number of questions that could not be answered."""

    def __init__(
        self,
        assistant: Assistant,
        terminal: Terminal,
        index: LiveIndex,
        *,
        effort: Effort,
        about: tuple[Focus, ...] = (),
        echo: bool = False,
    ) -> None:
        self._assistant = assistant
        self._terminal = terminal
        self._index = index
        self._echo = echo  # the questions come from a pipe: show them
        self._thread: str | None = None
        self._selected: SelectedEvent | None = None
        self._citations: tuple[AnswerCitation, ...] = ()
        self._failures = 0
        self._running = True
        self.effort: Effort = effort
        self.about = about
        self._commands: dict[str, Callable[[str], None]] = {
            "/effort": self._set_effort,
            "/about": self._set_about,
            "/evidence": self._show_evidence,
            "/open": self._open,
            "/search": self._search,
            "/why": self._why,
            "/threads": self._threads,
            "/new": self._new,
            "/skip": lambda _: self._terminal.note(_SKIP),
            "/help": self._help,
            "/quit": self._quit,
        }

    def state(self) -> str:
        """Return the line below the editor: repository, index in words, effort, what the question is about."""
        parts = [self._assistant.root.name, index_words(self._index.status()), self.effort]
        parts += [_focus_words(focus) for focus in self.about]
        return " · ".join(part for part in parts if part)

    def run(self, lines: Lines) -> int:
        """Read lines until there are no more, answering each."""
        while self._running:
            line = lines.read()
            if line is None:
                break
            line = line.strip()
            if not line:
                continue
            if self._echo:
                self._terminal.say(Text(f"› {safe_line(line)}", style=Style(bold=True)))
            try:
                self._take(line)
            except (Cancelled, KeyboardInterrupt):
                if self._echo:
                    raise  # nobody is at the keyboard for the next question
                self._terminal.note("Stopped.")
            except SidetuneError as error:
                self._fail(str(error))
        return self._failures

    def _take(self, line: str) -> None:
        if not line.startswith("/"):
            self._ask(line)
            return
        name, _, rest = line.partition(" ")
        command = self._commands.get(name)
        if command is None:
            raise UsageError(f"there is no command {name}; /help lists them")
        command(rest.strip())

    def _ask(self, question: str) -> None:
        interrupt = _Interrupt()
        with (
            interrupt.installed(),
            self._index.aside(interrupt.cancel),
            AnswerView(self._terminal, self._assistant.root, hint="Ctrl-C skips") as view,
        ):
            interrupt.told = view.stopping
            for event in self._assistant.ask(
                question,
                effort=self.effort,
                about=self.about,
                thread=self._thread,
                cancel=interrupt.cancel,
                skip=interrupt.skip,
            ):
                interrupt.watch(event)
                if isinstance(event, Started):
                    self._thread = event.thread
                elif isinstance(event, SelectedEvent):
                    self._selected, self._citations = event, ()
                elif isinstance(event, Answer):
                    self._citations = event.citations
                view.show(event)
        if view.failure is not None:
            self._fail(view.failure.message)
        self._terminal.say("")

    def _fail(self, sentence: str) -> None:
        self._failures += 1
        self._terminal.say(Text(safe(sentence), style=Style(color="red")))

    # -- commands ---------------------------------------------------------------------------------

    def _help(self, _: str) -> None:
        width = max(len(usage) for usage, _ in _HELP)
        for usage, what in _HELP:
            self._terminal.say(f"{usage:<{width}}  ", Text(what, style=Style(dim=True)))
        self._terminal.note("Anything else is a question about the repository.")

    def _quit(self, _: str) -> None:
        self._running = False

    def _new(self, _: str) -> None:
        self._thread = None
        self._terminal.note("A new conversation.")

    def _set_effort(self, given: str) -> None:
        efforts = get_args(Effort)
        if given and given not in efforts:
            raise UsageError(f"effort is one of {', '.join(efforts)}, not {given}")
        for effort in efforts:
            if effort == given:
                self.effort = effort
        self._terminal.note(f"Effort is {self.effort}.")

    def _set_about(self, given: str) -> None:
        self.about = (parse_focus(self._assistant.root, given),) if given else ()
        what = _focus_words(self.about[0]) if self.about else "the whole repository"
        self._terminal.note(f"Questions are about {what}.")

    def _evidence(self) -> SelectedEvent:
        if self._selected is None or not self._selected.chunks:
            raise UsageError("no evidence has been selected yet: ask a question first")
        return self._selected

    def _show_evidence(self, _: str) -> None:
        root = self._assistant.root
        for number, chunk in enumerate(self._evidence().chunks, start=1):
            share = f"  {chunk.share:.0%}".replace("%", " %")
            self._terminal.say(
                Text(f"{letter(number)}  ", style=Style(bold=True)),
                location(root, chunk),
                Text(f"  {safe_line(chunk.symbol)}{share}" if chunk.symbol else share, style=Style(dim=True)),
            )
            self._terminal.say(safe(self._reread(chunk)).strip("\n"))
            self._terminal.say("")

    def _reread(self, chunk: SelectedChunk) -> str:
        text = self._assistant.reread(chunk.path, chunk.first_line, chunk.last_line)
        return "(not there any more)" if text is None else text

    def _open(self, given: str) -> None:
        places: dict[str, SelectedChunk | AnswerCitation] = {
            letter(number): chunk for number, chunk in enumerate(self._evidence().chunks, start=1)
        }
        places |= {str(number): citation for number, citation in enumerate(self._citations, start=1)}
        place = places.get(given.strip("[]"))
        if place is None:
            raise UsageError(f"/open takes one of {', '.join(places)}")
        self._terminal.say(safe_line(f"{self._assistant.root / place.path}:{place.first_line}"))

    def _search(self, given: str) -> None:
        if not given:
            raise UsageError("/search takes the words to look for")
        with self._index.aside():
            results, confidence = self._assistant.search(given)
        show_results(self._terminal, self._assistant.root, results, confidence)

    def _why(self, given: str) -> None:
        if not given:
            raise UsageError("/why takes the path of a file")
        show_why(self._terminal, self._assistant.why(given))

    def _threads(self, given: str) -> None:
        memory = self._assistant.memory
        if not given:
            show_threads(self._terminal, memory.threads(self._assistant.root), current=self._thread)
            return
        thread = memory.thread(given)
        self._thread, self._selected, self._citations = thread.id, None, ()
        for turn in memory.turns(thread.id):
            self._terminal.say(Text(f"› {safe_line(turn.question)}", style=Style(bold=True)))
            self._terminal.say(safe(turn.answer))


def _focus_words(focus: Focus) -> str:
    if focus.first_line is None:
        return focus.path
    return f"{focus.path} lines {focus.first_line}–{focus.last_line}"
