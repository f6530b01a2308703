"""What ``assistant.ask`` yields, in order. ``event_json`` gives the object that scripts rely on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.types import AdapterState, Confidence, Effort, Tier

__all__ = [
    "Answer",
    "AnswerCitation",
    "AskEvent",
    "FactItem",
    "Facts",
    "Failure",
    "Premise",
    "PremiseItem",
    "SelectedChunk",
    "SelectedEvent",
    "Started",
    "Token",
    "Tuned",
    "Tuning",
    "event_json",
]


@dataclass(frozen=True, slots=True)
class Started:
    """The question was accepted."""

    question: str
    repository: str
    effort: Effort
    thread: str
    estimate_seconds: float


@dataclass(frozen=True, slots=True)
class PremiseItem:
    """A name in the question that does not exist here."""

    name: str
    kind: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Premise:
    """Sent only if something named in the question does not exist."""

    missing: tuple[PremiseItem, ...]


@dataclass(frozen=True, slots=True)
class SelectedChunk:
    """One chunk of the evidence, in the order of ``[n]``."""

    path: str
    first_line: int
    last_line: int
    symbol: str
    score: float
    gain: float
    share: float


@dataclass(frozen=True, slots=True)
class SelectedEvent:
    """The evidence is chosen."""

    tier: Tier
    chunks: tuple[SelectedChunk, ...]
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class AnswerCitation:
    """A span the answer (or a fact) points to."""

    path: str
    first_line: int
    last_line: int
    verified: bool


@dataclass(frozen=True, slots=True)
class FactItem:
    """A statement of the symbol graph with the spans it was read from."""

    text: str
    citations: tuple[AnswerCitation, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the symbol graph answers by itself."""

    items: tuple[FactItem, ...]


@dataclass(frozen=True, slots=True)
class Tuning:
    """One gradient step was taken."""

    step: int
    steps: int
    loss: float
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Tuned:
    """Tuning ended: how, and what the gate measured (nats a token)."""

    state: AdapterState
    steps: int
    reason: str
    loss_before: float | None
    loss_after: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the draft."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The finished draft."""

    text: str
    citations: tuple[AnswerCitation, ...]
    confidence: Confidence
    premise: tuple[PremiseItem, ...]
    adapter: Tuned
    timings: Mapping[str, float]
    turn: int = 0  # its number among the answers that are kept, for checking it


@dataclass(frozen=True, slots=True)
class Failure:
    """The question could not be answered; ``message`` is one sentence. Named ``error`` on the wire."""

    stage: str
    message: str


AskEvent = Started | Premise | SelectedEvent | Facts | Tuning | Tuned | Token | Answer | Failure

_NAMES: dict[type, str] = {
    Started: "started",
    Premise: "premise",
    SelectedEvent: "selected",
    Facts: "facts",
    Tuning: "tuning",
    Tuned: "tuned",
    Token: "token",
    Answer: "answer",
    Failure: "error",
}


def event_json(event: AskEvent) -> dict[str, Any]:
    """Return the event as one JSON object whose ``event`` key names it."""
    return {"event": _NAMES[type(event)], **asdict(event)}
