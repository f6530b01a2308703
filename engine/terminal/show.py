"""Evidence, facts, answers and progress as lines of a terminal: quiet, 80 columns, locations that can be clicked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from engine.events import AnswerCitation, FactItem, PremiseItem, SelectedChunk, Tuned
from engine.terminal.text import safe, safe_line, shorten
from engine.types import Confidence, Report

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

__all__ = [
    "CONFIDENCE_WORDS",
    "ProgressLines",
    "Terminal",
    "letter",
    "location",
    "show_citations",
    "show_confidence",
    "show_evidence",
    "show_facts",
    "show_premise",
    "tuned_line",
]

CONFIDENCE_WORDS = {
    "says": "the repository says this",
    "hints": "the repository only hints at this",
    "silent": "the repository does not say",
}
_CONFIDENCE_MARKS = {"says": ("●", "green"), "hints": ("◐", "yellow"), "silent": ("○", "red")}
_STAGES = {
    "scan": "Reading files",
    "parse": "Reading files",  # file by file with the scan
    "forget": "Removing",
    "embed static": "Embedding fast",
    "embed transformer": "Embedding well",
    "graph": "Arranging",
    "model": "Model",
    "evaluate": "Asking",
}
_LINE_SECONDS = 10.0  # between two lines about one stage where there is no terminal
_DIM = Style(dim=True)
_BOLD = Style(bold=True)
_NEXT_TO_NOTHING = 0.01  # of what all pieces of evidence tell
_WIDEST_LOCATION = 48  # columns; a longer one pushes its own symbol aside only


class Terminal(Console):
    """A console for text that is not ours: no markup, no emoji codes, no guessing of numbers to colour."""

    def __init__(self, file: TextIO, **options: Any) -> None:
        super().__init__(file=file, markup=False, emoji=False, highlight=False, **options)

    def on_broken_pipe(self) -> NoReturn:
        """Leave a closed pipe to the caller (rich would end the process)."""
        raise BrokenPipeError

    def say(self, *parts: str | Text, style: Style | None = None) -> None:
        """Print one logical line; the terminal wraps it, so that what is in it can still be clicked."""
        text = Text(style=style or "")
        for part in parts:
            text.append_text(part if isinstance(part, Text) else Text(part))
        self.print(text, soft_wrap=True)

    def note(self, text: str) -> None:
        """Print a sentence that stands back, wrapped at words."""
        self.print(Text(safe(text), style=_DIM))


class _Located(Protocol):
    @property
    def path(self) -> str: ...
    @property
    def first_line(self) -> int: ...
    @property
    def last_line(self) -> int: ...


def location(root: Path, item: _Located) -> Text:
    """Return ``path:first-last``, linked to the file where the terminal can."""
    shown = f"{safe_line(item.path)}:{item.first_line}"
    if item.last_line != item.first_line:
        shown += f"-{item.last_line}"
    return Text(shown, style=Style(link=(root / item.path).as_uri()))


def show_premise(terminal: Terminal, missing: Iterable[PremiseItem]) -> None:
    """Say which names of the question do not exist, and what is spelled like them."""
    for item in missing:
        kind = "file " if item.kind == "file" else ""
        sentence = f"There is no {kind}{safe_line(item.name)} here"
        names = [safe_line(name) for name in item.suggestions]
        if names:
            sentence += "; did you mean " + ", ".join(names[:-1]) + (" or " if names[1:] else "") + names[-1] + "?"
        terminal.say(Text(sentence if names else sentence + ".", style=Style(bold=True, color="yellow")))


def show_facts(terminal: Terminal, root: Path, items: Iterable[FactItem]) -> None:
    """Show what the symbol graph answers by itself, each fact with the lines it was read from."""
    terminal.say(Text("Known from the code", style=_BOLD))
    for item in items:
        for line in Text(safe(item.text)).wrap(terminal, max(20, terminal.width - 2)):
            terminal.say("  ", line)
        for citation in item.citations:
            if f"{citation.path}:{citation.first_line}" not in item.text:
                terminal.say("    ", location(root, citation), style=_DIM)


def show_evidence(
    terminal: Terminal, root: Path, chunks: Sequence[SelectedChunk], *, letters: bool = True, scores: bool = False
) -> None:
    """Show one line a chunk: its share of what all of them tell (or its score), where it is, its symbol.

    Evidence goes by letters, since ``[n]`` in an answer is its n-th citation, and what adds next to nothing is only
    counted; plain results are numbered.
    """
    shown = len(chunks)
    while letters and shown > 1 and chunks[shown - 1].share < _NEXT_TO_NOTHING:
        shown -= 1
    rest, chunks = len(chunks) - shown, chunks[:shown]
    places = [location(root, chunk) for chunk in chunks]
    column = min(_WIDEST_LOCATION, max((cell_len(place.plain) for place in places), default=0))
    for number, (chunk, place) in enumerate(zip(chunks, places, strict=True), start=1):
        measure = f"{chunk.score:6.3f}" if scores else f"{chunk.share * 100:3.0f} %"
        head = f"{letter(number) if letters else number:>3} {measure}  "
        padding = " " * max(0, column - cell_len(place.plain))
        room = terminal.width - cell_len(head) - max(column, cell_len(place.plain)) - 2
        symbol = shorten(chunk.symbol, room) if room >= 8 else ""
        terminal.say(Text(head, style=_DIM), place, Text(f"{padding}  {symbol}".rstrip() if symbol else ""))
    if rest:
        terminal.say(
            f"    and {rest} that add{'s' if rest == 1 else ''} under 1 %{'' if rest == 1 else ' each'}", style=_DIM
        )


def letter(number: int) -> str:
    """Return what the n-th piece of evidence goes by: a, b, …, z, aa, …"""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("a") + rest) + name
    return name


def show_citations(terminal: Terminal, root: Path, citations: Sequence[AnswerCitation]) -> None:
    """Show where each ``[n]`` of the answer points, and say so when the evidence does not bear it out."""
    for number, citation in enumerate(citations, start=1):
        unsure = "" if citation.verified else "  not borne out by the evidence"
        terminal.say(f"{f'[{number}]':>4} ", location(root, citation), Text(unsure, style=Style(color="yellow")))


def show_confidence(terminal: Terminal, confidence: Confidence, *, refused: bool = False) -> None:
    """Say in words how much the repository says about the question; ``refused``: it names what does not exist."""
    mark, colour = _CONFIDENCE_MARKS["silent" if refused else confidence.level]
    words = "the question names what is not here" if refused else CONFIDENCE_WORDS[confidence.level]
    terminal.say(Text(mark, style=Style(color=colour)), f" {words}")


def tuned_line(tuned: Tuned) -> str:
    """Return the learning on one line: "learned 12 examples in 1.8 s · kept"."""
    if tuned.state == "skipped":
        return f"not tuned · {safe_line(tuned.reason)}".rstrip(" ·")
    what = f"{tuned.steps} example{'' if tuned.steps == 1 else 's'}"
    if tuned.state == "reused":
        return f"learned {what} earlier · used again"
    if tuned.state == "dropped" and tuned.reason:  # which says what was measured
        return f"learned {what} in {tuned.seconds:.1f} s · dropped: {safe_line(tuned.reason).removeprefix('Dropped: ')}"
    kept = "kept" if tuned.state == "tuned" else "dropped"
    losses = ""
    if tuned.loss_before is not None and tuned.loss_after is not None:
        losses = f" · loss {tuned.loss_before:.2f} → {tuned.loss_after:.2f}"
    return f"learned {what} in {tuned.seconds:.1f} s · {kept}{losses}"


class ProgressLines:
    """A ``Progress`` callback: a bar with file, rate and time left on a terminal, else one line a stage."""

    def __init__(self, terminal: Terminal, *, quiet: bool = False) -> None:
        self._terminal = terminal
        self._quiet = quiet and not terminal.is_terminal
        self._label = ""
        self._told = 0.0
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> ProgressLines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away; the next report brings a new one."""
        if self._bar is not None:
            self._bar.stop()
        self._bar, self._task, self._label = None, None, ""

    def __call__(self, report: Report) -> None:
        """Show one report."""
        if self._quiet:
            return
        label = _STAGES.get(report.stage, report.stage.replace("_", " ").capitalize())
        if report.stage == "scan" and not report.done and report.detail:
            self._terminal.note(report.detail)  # not a file but something to know about git
            return
        if not self._terminal.is_terminal:
            self._tell(label, report)
            return
        if self._bar is None:
            self._bar = self._new_bar()
            self._bar.start()
        if label != self._label or self._task is None:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task, self._label = self._bar.add_task(label, total=None, rate="", file=""), label
        speed = self._bar.tasks[0].speed
        self._bar.update(
            self._task,
            completed=report.done,
            total=report.total if report.total >= report.done else None,  # unknown when files are new
            rate=f"{speed:,.0f}/s" if speed else "",
            file=shorten(report.detail, max(10, self._terminal.width - 66)),
        )

    def _tell(self, label: str, report: Report) -> None:
        now = time.monotonic()
        if label != self._label:
            self._terminal.say(f"{label} …")
        elif now - self._told >= _LINE_SECONDS:
            of = f" of {report.total:,}" if report.total >= report.done else ""
            self._terminal.say(f"{label}: {report.done:,}{of}")
        else:
            return
        self._label, self._told = label, now

    def _new_bar(self) -> RichProgress:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        return Progress(
            TextColumn("{task.description:<14}", markup=False),
            BarColumn(bar_width=14),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}", markup=False),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[file]}", markup=False, style="dim"),
            console=self._terminal,
            transient=True,
            refresh_per_second=8,
        )
