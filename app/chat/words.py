"""How places, confidence and premises are put into words for the user."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from engine.events import PremiseItem
from engine.types import Confidence, ConfidenceLevel, Focus

__all__ = ["confidence_words", "focus_words", "lines_words", "listed", "missing_words", "place", "sentence_about"]

_CONFIDENCE: dict[ConfidenceLevel, tuple[str, str]] = {
    "says": ("●", "the repository says this"),
    "hints": ("◐", "the repository hints at this"),
    "silent": ("○", "the repository does not say"),
}


class _Span(Protocol):
    @property
    def path(self) -> str: ...
    @property
    def first_line(self) -> int: ...
    @property
    def last_line(self) -> int: ...


def place(span: _Span) -> str:
    """Return ``path:12`` or ``path:12–30``."""
    last = f"–{span.last_line}" if span.last_line != span.first_line else ""
    return f"{span.path}:{span.first_line}{last}"


def lines_words(focus: Focus) -> str:
    """Return ``line 12`` or ``lines 12–30``; empty when the whole file is meant."""
    if focus.first_line is None:
        return ""
    last = focus.last_line if focus.last_line is not None else focus.first_line
    return f"line {focus.first_line}" if last == focus.first_line else f"lines {focus.first_line}–{last}"


def focus_words(focus: Focus) -> str:
    """Return the file's name and which of its lines."""
    name = focus.path.rsplit("/", 1)[-1]
    lines = lines_words(focus)
    return f"{name} {lines}" if lines else name


def sentence_about(about: Iterable[Focus], exclude: Iterable[Focus]) -> str:
    """Return what a question was about and what it left out, on one line; empty for neither."""
    parts = [
        f"{word} {listed([focus_words(each) for each in each_of])}"
        for word, each_of in (("about", tuple(about)), ("without", tuple(exclude)))
        if each_of
    ]
    return " · ".join(parts)


def listed(names: Sequence[str], last: str = "and") -> str:
    """Return names with commas and a word before the last one."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def confidence_words(confidence: Confidence) -> tuple[str, str]:
    """Return the mark and the words for how much the repository says."""
    return _CONFIDENCE[confidence.level]


def missing_words(item: PremiseItem) -> str:
    """Return that something does not exist here, without what is spelled like it."""
    return f"There is no {'file ' if item.kind == 'file' else ''}{item.name} here"
