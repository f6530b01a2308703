"""An engine's end of the session that answers when the test says so: what is asked is kept, replies are given by hand.

The real client and the real engine are driven in ``tests/e2e``; here it is the window's half that is looked at, also
in states that a real engine passes through too quickly to be looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from app.session import Session
from app.state import State
from engine.config import Settings
from engine.events import (
    Answer,
    AnswerCitation,
    FactItem,
    Facts,
    SelectedChunk,
    SelectedEvent,
    Started,
    Token,
    Tuned,
    Tuning,
)
from engine.types import Confidence
from engine.wire import (
    ESTIMATE,
    EXCERPT,
    FILES,
    LIST_CONVERSATIONS,
    MODEL,
    OPEN,
    PAUSE,
    READ_SETTINGS,
    START_ASK,
    WHY,
    WRITE_SETTINGS,
    Accepted,
    Call,
    Conversation,
    Conversations,
    Empty,
    Estimate,
    ExcerptText,
    IndexStatus,
    Listing,
    ModelInfo,
    Problem,
    Repository,
    StreamEvent,
    WhyReply,
)

In = TypeVar("In")
Out = TypeVar("Out")

REPOSITORY = Repository("shop-1", "/nowhere/shop", "shop")
STATUS = IndexStatus("shop-1", "ready", "transformer", 12, 1508, answerable=True, watching=True)
FILE_NAMES = ("README.md", "src/shop/orders.py", "src/shop/money.py", "src/shop/stock.py", "tests/test_orders.py")
MODEL_INFO = ModelInfo(
    "bundled", "Bundled model", "Written by the small bundled model: rely on the citations, not on its prose."
)


@dataclass
class Asked:
    """A call that was made."""

    call: str
    message: Any
    succeed: Callable[[Any], None]
    fail: Callable[[Problem], None]
    aborted: bool = False

    def abort(self) -> None:
        self.aborted = True


@dataclass
class Stream:
    """A stream that is being read."""

    of: str
    on_event: Callable[[Any], None]
    on_end: Callable[[Problem | None], None] = lambda _: None
    closed: bool = False

    def close(self) -> None:
        self.closed = True


@dataclass
class ScriptedEngine:
    """Replies at once where ``replies`` has something to say, else waits for the test."""

    root: Path = Path(REPOSITORY.root)
    calls: list[Asked] = field(default_factory=list)
    asks: list[Stream] = field(default_factory=list)
    indexes: list[Stream] = field(default_factory=list)
    replies: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        listing = Listing(FILE_NAMES, {".env": "secret: looks like keys"})
        self.replies = {
            OPEN.name: Repository(REPOSITORY.id, str(self.root), self.root.name),
            FILES.name: listing,
            LIST_CONVERSATIONS.name: Conversations(()),
            ESTIMATE.name: Estimate(0.0, 2.8, 14.0),
            MODEL.name: MODEL_INFO,
            READ_SETTINGS.name: Settings(),
            WRITE_SETTINGS.name: lambda message: message,
            START_ASK.name: lambda message: Accepted(message.id, 0),
            PAUSE.name: STATUS,
            WHY.name: lambda message: WhyReply(message.path, True, "", ""),
            EXCERPT.name: ExcerptText("def total(self) -> float:\n    return 0.0\n", "python"),
            **{name: Empty() for name in ("cancel", "skip", "rename-conversation", "delete-conversation")},
            **self.replies,
        }

    def call(
        self,
        call: Call[In, Out],
        message: In,
        on_success: Callable[[Out], None],
        on_failure: Callable[[Problem], None] | None = None,
    ) -> Asked:
        asked = Asked(call.name, message, on_success, on_failure or (lambda _: None))
        self.calls.append(asked)
        reply = self.replies.get(call.name)
        if isinstance(reply, Problem):
            asked.fail(reply)
        elif reply is not None:
            on_success(reply(message) if callable(reply) else reply)
        return asked

    def follow_ask(
        self, ask: str, on_event: Callable[[StreamEvent], None], on_end: Callable[[Problem | None], None]
    ) -> Stream:
        self.asks.append(Stream(ask, on_event, on_end))
        return self.asks[-1]

    def follow_index(self, repository: str, on_status: Callable[[IndexStatus], None]) -> Stream:
        self.indexes.append(Stream(repository, on_status))
        return self.indexes[-1]

    def named(self, name: str) -> list[Asked]:
        """Return the calls of one kind."""
        return [each for each in self.calls if each.call == name]

    def tell(self, *events: StreamEvent) -> None:
        """Send events of the question asked last."""
        for event in events:
            self.asks[-1].on_event(event)

    def index(self, status: IndexStatus = STATUS) -> None:
        """Say how far the index is."""
        self.indexes[-1].on_event(status)


def open_session(engine: ScriptedEngine, opened: list[tuple[Path, int]] | None = None) -> Session:
    """Return a session whose engine runs and whose repository is open and indexed."""
    shown = opened if opened is not None else []
    session = Session(State(), engine, lambda file, line: shown.append((file, line)))
    session.engine_ready()
    session.open(engine.root)
    engine.index()
    return session


STARTED = Started("How is the total of an order made?", "shop", "balanced", "thread-1", 2.8)
SELECTED = SelectedEvent(
    "transformer",
    (
        SelectedChunk("src/shop/orders.py", 17, 20, "Order.total", 0.91, 0.52, 0.58),
        SelectedChunk("src/shop/money.py", 4, 6, "round_to_cents", 0.74, 0.2, 0.22),
        SelectedChunk("src/shop/orders.py", 23, 30, "ExpressOrder", 0.69, 0.11, 0.13),
        SelectedChunk("README.md", 1, 12, "Prices", 0.41, 0.06, 0.07),
    ),
    Confidence("says", 0.83),
)
FACTS = Facts(
    (
        FactItem(
            "`Order.total` is a method defined in src/shop/orders.py:17-20.",
            (AnswerCitation("src/shop/orders.py", 17, 20, True),),
        ),
    )
)
LOSSES = tuple(2.4 - 0.06 * step - 0.02 * (step % 3) for step in range(1, 13))
STEPS: tuple[StreamEvent, ...] = tuple(Tuning(n, 12, loss, (12 - n) * 0.15) for n, loss in enumerate(LOSSES, start=1))
TUNED = Tuned("tuned", 12, "", 2.31, 2.05, 1.8)
TEXT = (
    "`Order.total` [1] adds up the prices of all lines, takes the discount off and adds value added tax; "
    "the sum is rounded half up to cents [2].\n\n"
    "- An `ExpressOrder` adds its surcharge for delivery on the same day [3].\n"
    "- The rate is the constant `VAT`.\n\n"
    "```python\nnet = sum(price for _, price in self.lines) * (1 - discount)\n"
    "return round_to_cents(net * (1 + VAT))\n```\n"
)
TOKENS: tuple[StreamEvent, ...] = tuple(Token(TEXT[start : start + 7]) for start in range(0, len(TEXT), 7))
CITATIONS = (
    AnswerCitation("src/shop/orders.py", 17, 20, True),
    AnswerCitation("src/shop/money.py", 4, 6, True),
    AnswerCitation("src/shop/orders.py", 23, 30, False),
)
ANSWER = Answer(TEXT, CITATIONS, SELECTED.confidence, (), TUNED, {"total": 4.2})
CONVERSATIONS = Conversations(
    (
        Conversation(
            "thread-1", "How is the total of an order made?", "2026-01-02T10:00:00Z", "2026-01-02T10:04:00Z", 2
        ),
        Conversation("thread-0", "Where is stock reserved?", "2026-01-01T09:00:00Z", "2026-01-01T09:01:00Z", 1),
    )
)
