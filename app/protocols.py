"""What the session needs of whoever talks to the engine: ``app.client`` does over HTTP, tests and pictures do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from engine.wire import Call, IndexStatus, Problem, StreamEvent

__all__ = ["Engine", "Pending", "Subscription"]

In = TypeVar("In")
Out = TypeVar("Out")


class Pending(Protocol):
    """A call under way."""

    def abort(self) -> None:
        """Forget the call; nobody is called back."""


class Subscription(Protocol):
    """A stream that is being read."""

    def close(self) -> None:
        """Stop reading; nobody is called back any more."""


class Engine(Protocol):
    """What the session needs of ``app.client.EngineClient``."""

    def call(
        self,
        call: Call[In, Out],
        message: In,
        on_success: Callable[[Out], None],
        on_failure: Callable[[Problem], None] | None = None,
    ) -> Pending:
        """Make a call; exactly one of the two is called later, unless it is aborted."""

    def follow_ask(
        self, ask: str, on_event: Callable[[StreamEvent], None], on_end: Callable[[Problem | None], None]
    ) -> Subscription:
        """Read the events of a question from the first one on."""

    def follow_index(self, repository: str, on_status: Callable[[IndexStatus], None]) -> Subscription:
        """Read how far an index is, until closed."""
