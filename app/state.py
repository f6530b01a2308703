"""What the window shows, without Qt: plain values that change, and who wants to know of it.

Widgets subscribe to a topic and read the state; only ``app.session`` and the tests change it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from engine.config import Settings
from engine.events import (
    Answer,
    AnswerCitation,
    FactItem,
    Facts,
    Failure,
    Premise,
    PremiseItem,
    SelectedChunk,
    SelectedEvent,
    Started,
    Token,
    Tuned,
    Tuning,
)
from engine.types import Confidence, Effort, Focus
from engine.verdicts import Checked, CheckPreview, CheckStage, CheckState, StoredNote
from engine.wire import (
    Conversation,
    Estimate,
    IndexStatus,
    Listing,
    ModelInfo,
    PastTurn,
    Repository,
    Stopped,
    StreamEvent,
)

__all__ = ["CheckRun", "EnginePhase", "EngineState", "Phase", "State", "Topic", "TurnState"]

Topic = Literal[
    "engine",  # the process: starting, running, restarting
    "repository",  # another one was opened
    "index",  # how far it is
    "files",  # the listing of the repository
    "conversations",  # the list of them, or which one is open
    "turns",  # a turn was added, or all were replaced
    "turn",  # the turn at hand changed: ``State.changed_turn``
    "about",  # what the next question is about, or leaves out
    "settings",  # settings, effort, estimate, model
    "notice",  # a sentence for the user
    "shown",  # whose evidence the panel beside the conversation shows
    "checks",  # whether and how drafts are checked
    "notes",  # the list of them
    "note",  # one was asked for: ``State.wanted_note``
]
Phase = Literal["waiting", "selecting", "tuning", "writing", "done", "stopped", "failed"]
EnginePhase = Literal["starting", "running", "restarting", "stopped"]
Listener = Callable[[], None]


@dataclass(slots=True)
class CheckRun:
    """A check on its way, or why it came to no end."""

    stage: CheckStage | Literal["preparing"] = "preparing"
    id: str = ""  # of its stream, once it is sent
    round: int = 1
    characters: int = 0  # of the verdict that were read so far
    preview: CheckPreview | None = None  # what was sent; while it is there it can be sent again
    failure: str = ""  # a sentence: nothing is on its way any more

    @property
    def running(self) -> bool:
        """Return whether more is to come."""
        return not self.failure


@dataclass(slots=True)
class TurnState:
    """A question on its way to its answer: events go in, what is shown comes out."""

    id: str  # of the ask; empty for a turn read from a past conversation
    question: str
    effort: Effort | None = None
    about: tuple[Focus, ...] = ()
    exclude: tuple[Focus, ...] = ()
    phase: Phase = "waiting"
    thread: str | None = None
    estimate_seconds: float = 0.0
    premise: tuple[PremiseItem, ...] = ()
    chunks: tuple[SelectedChunk, ...] = ()
    confidence: Confidence | None = None
    facts: tuple[FactItem, ...] = ()
    steps: list[Tuning] = field(default_factory=list)
    tuned: Tuned | None = None
    text: str = ""
    citations: tuple[AnswerCitation, ...] = ()
    answer: Answer | None = None
    failure: str = ""  # the sentence of a failed turn
    again: bool = False  # the same question as before, at another effort
    skipping: bool = False  # the user asked to end the tuning
    adapter: str = ""  # of a past turn: how its tuning ended
    number: int = 0  # among the answers that are kept; 0 for one that is not, and so cannot be checked
    check: CheckRun | None = None
    checked: Checked | None = None  # what the last check found
    remembered: bool = False  # the answer itself is kept as a note

    @property
    def running(self) -> bool:
        """Return whether more is to come."""
        return self.phase not in {"done", "stopped", "failed"}

    def apply(self, event: StreamEvent) -> None:
        """Take one event of the question's stream; what comes after the last one is passed over."""
        if not self.running:
            return
        match event:
            case Started():
                self.phase, self.thread, self.effort = "selecting", event.thread, event.effort
                self.estimate_seconds = event.estimate_seconds
            case Premise():
                self.premise = event.missing
            case SelectedEvent():
                self.chunks, self.confidence = event.chunks, event.confidence
            case Facts():
                self.facts = event.items
            case Tuning():
                self.phase = "tuning"
                self.steps.append(event)
            case Tuned():
                self.phase, self.tuned = "writing", event
            case Token():
                self.phase = "writing"
                self.text += event.text
            case Answer():
                self.phase, self.answer, self.text = "done", event, event.text
                self.citations, self.confidence, self.tuned = event.citations, event.confidence, event.adapter
                self.number = event.turn
            case Failure():
                self.fail(event.message)
            case Stopped():
                self.phase = "stopped"

    def fail(self, sentence: str) -> None:
        """End the turn with a sentence; what was written so far stays."""
        self.phase, self.failure = "failed", sentence

    @classmethod
    def past(cls, turn: PastTurn) -> TurnState:
        """Return a turn of an earlier day, as it was shown then."""
        known = get_args(Effort)
        return cls(
            id="",
            question=turn.question,
            effort=cast("Effort", turn.effort) if turn.effort in known else None,
            phase="done",
            confidence=turn.confidence,
            text=turn.answer,
            citations=turn.citations,
            adapter=turn.adapter,
            number=turn.turn,
            checked=turn.checked,
        )


@dataclass(slots=True)
class EngineState:
    """The engine's process as the user is told of it."""

    phase: EnginePhase = "starting"
    sentence: str = ""


class State:
    """Everything the window shows."""

    def __init__(self) -> None:
        self.engine = EngineState()
        self.repository: Repository | None = None
        self.index: IndexStatus | None = None
        self.files = Listing()
        self.conversations: tuple[Conversation, ...] = ()
        self.thread: str | None = None
        self.turns: list[TurnState] = []
        self.changed_turn: TurnState | None = None
        self.about: tuple[Focus, ...] = ()
        self.exclude: tuple[Focus, ...] = ()
        self.effort: Effort = "balanced"
        self.settings = Settings()
        self.estimate: Estimate | None = None
        self.model: ModelInfo | None = None
        self.notice = ""
        self.opening = ""  # the folder that is being opened
        self.checks: CheckState | None = None
        self.notes: tuple[StoredNote, ...] | None = None  # None: not read yet
        self.wanted_note = ""  # the path of the note that shall be shown
        self._shown: TurnState | None = None
        self._listeners: dict[Topic, list[Listener]] = {}

    def subscribe(self, topic: Topic, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after every change of ``topic``; return the function that ends it."""
        listeners = self._listeners.setdefault(topic, [])
        listeners.append(listener)

        def unsubscribe() -> None:
            if listener in listeners:
                listeners.remove(listener)

        return unsubscribe

    def changed(self, topic: Topic) -> None:
        """Tell the listeners of ``topic``, each once, in the order in which they came."""
        for listener in tuple(self._listeners.get(topic, ())):
            listener()

    def turn_changed(self, turn: TurnState) -> None:
        """Tell the listeners that ``turn`` has more to show."""
        self.changed_turn = turn
        self.changed("turn")

    @property
    def shown(self) -> TurnState | None:
        """Return the turn whose evidence is shown beside the conversation: the chosen one, else the last."""
        if self._shown is not None and any(turn is self._shown for turn in self.turns):
            return self._shown
        return self.turns[-1] if self.turns else None

    def show(self, turn: TurnState | None) -> None:
        """Choose whose evidence is shown beside the conversation; None: that of the last turn, whichever it is."""
        self._shown = turn
        self.changed("shown")

    @property
    def running(self) -> TurnState | None:
        """Return the turn that is being answered, None when nothing is."""
        return self.turns[-1] if self.turns and self.turns[-1].running else None
