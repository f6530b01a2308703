"""How places, confidence and premises are put into words for the user."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from app.notebook import is_note
from engine.events import PremiseItem
from engine.types import Confidence, ConfidenceLevel, Focus
from engine.verdicts import Claim, ClaimVerdict

__all__ = [
    "claim_sign",
    "claims_words",
    "confidence_words",
    "date_words",
    "dollars",
    "focus_words",
    "lines_words",
    "listed",
    "missing_words",
    "note_words",
    "place",
    "sentence_about",
    "size_words",
]

_CONFIDENCE: dict[ConfidenceLevel, tuple[str, str]] = {
    "says": ("●", "the repository says this"),
    "hints": ("◐", "the repository hints at this"),
    "silent": ("○", "the repository does not say"),
}
_SIGNS: dict[ClaimVerdict, str] = {"supported": "✓", "contradicted": "✗", "undecided": "?"}
_NOTE_NAME = re.compile(r"notes/\d{4}-\d\d-\d\d-(?P<words>[a-z0-9-]*)~\d+")
_MONTHS = "January February March April May June July August September October November December".split()


class _Span(Protocol):
    @property
    def path(self) -> str: ...
    @property
    def first_line(self) -> int: ...
    @property
    def last_line(self) -> int: ...


def place(span: _Span) -> str:
    """Return ``path:12`` or ``path:12–30``; a note by its words."""
    if is_note(span.path):
        return note_words(span.path)
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


def note_words(path: str) -> str:
    """Return how the note of a path is called: by what it is about."""
    found = _NOTE_NAME.fullmatch(path)
    words = found["words"].replace("-", " ") if found is not None else ""
    return f"note “{words}”" if words else "note"


def claim_sign(verdict: ClaimVerdict) -> str:
    """Return the sign that stands behind a claim of this kind."""
    return _SIGNS[verdict]


def claims_words(claims: Sequence[Claim]) -> str:
    """Return how many claims were found to be what: "2 claims supported, 1 contradicted"."""
    if not claims:
        return "no claims found"
    counts = [(kind, sum(each.verdict == kind for each in claims)) for kind in _SIGNS]
    first, *others = [(kind, count) for kind, count in counts if count]
    words = f"{first[1]} claim{'' if first[1] == 1 else 's'} {first[0]}"
    return ", ".join([words, *(f"{count} {kind}" for kind, count in others)])


def dollars(price: float) -> str:
    """Return a price with as many digits as tell something: "$0.0042", "$0.34", "$12.00"."""
    if price <= 0:
        return "$0"
    if price < 0.0001:
        return "less than $0.0001"
    return f"${price:.4f}" if price < 0.01 else f"${price:.3f}" if price < 0.1 else f"${price:.2f}"


def size_words(size: int) -> str:
    """Return a number of bytes in the unit that suits it."""
    return f"{size:,} bytes" if size < 10_000 else f"{size / 1000:,.1f} KB"


def date_words(when: str) -> str:
    """Return the day of an ISO 8601 time where the user is: "21 November 2026"; other text as it is."""
    try:
        day = datetime.fromisoformat(when).astimezone()
    except (ValueError, OSError):
        return when
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
