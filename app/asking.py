"""The question that is being answered: asked once, followed to its end, stopped, or lost with the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from app.protocols import Engine, Pending, Subscription
from app.state import State, TurnState
from engine.wire import CANCEL, SKIP, START_ASK, Ask, AskRef, Call, Problem, Stopped, StreamEvent

__all__ = ["Asking", "Caller", "nothing"]

_CUT_OFF = "The answer ended before it was complete; ask again."


def nothing(_: object) -> None:
    """Take a reply that changes nothing."""


class Caller(Protocol):
    """Makes a call; without ``on_failure`` the window says why it failed."""

    def __call__(
        self,
        call: Call[Any, Any],
        message: Any,
        on_success: Callable[[Any], None],
        on_failure: Callable[[Problem], None] | None = None,
    ) -> Pending:
        """Make it."""


class Asking:
    """At most one question at a time: the last turn of the state, while it is running.

    ``call`` makes a call as the session does; ``ended`` is called after a turn has ended, however it did.
    """

    def __init__(self, state: State, engine: Engine, call: Caller, ended: Callable[[], None]) -> None:
        self._state = state
        self._engine = engine
        self._call = call
        self._on_ended = ended
        self._stream: Subscription | None = None
        self._held: Callable[[], None] | None = None  # a question that waits until its repository is open again

    def start(self, turn: TurnState) -> None:
        """Show a turn and ask its question; the repository must be open or on its way to be open again."""
        repository = self._state.repository
        assert repository is not None  # Session.can_ask
        turn.thread = self._state.thread
        self._state.turns.append(turn)
        self._state.changed("turns")
        self._state.show(None)
        message = Ask(
            repository=repository.id,
            id=turn.id,
            question=turn.question,
            effort=turn.effort,
            about=turn.about,
            exclude=turn.exclude,
            thread=turn.thread,
        )

        def fail(problem: Problem) -> None:
            if turn.running:
                turn.fail(problem.message)
                self._ended(turn)

        def send() -> None:
            if turn.running:
                self._call(START_ASK, message, lambda _: self._follow(turn, fail), fail)

        if self._state.opening == repository.root:
            self._held = send
        else:
            send()

    def stop(self) -> None:
        """Stop the question; what was written so far stays."""
        if (turn := self._state.running) is None:
            return
        self.drop()
        if self._state.engine.phase == "running":
            self._call(CANCEL, AskRef(turn.id), nothing, nothing)
        turn.apply(Stopped())
        self._ended(turn)

    def skip(self) -> None:
        """End the tuning and go on to the answer."""
        if (turn := self._state.running) is not None and not turn.skipping:
            turn.skipping = True
            self._call(SKIP, AskRef(turn.id), nothing, nothing)
            self._state.turn_changed(turn)

    def fail(self, sentence: str) -> None:
        """End the question with a sentence."""
        if (turn := self._state.running) is not None:
            turn.fail(sentence)
            self._ended(turn)

    def drop(self) -> None:
        """Stop reading events."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def release_held(self) -> None:
        """Ask what waited for the repository."""
        held, self._held = self._held, None
        if held is not None:
            held()

    def refuse_held(self, sentence: str) -> None:
        """Fail what waited for the repository, which cannot be opened."""
        if self._held is not None:
            self._held = None
            self.fail(sentence)

    def _follow(self, turn: TurnState, fail: Callable[[Problem], None]) -> None:
        if not turn.running or self._state.running is not turn:
            return  # stopped before it was accepted

        def on_event(event: StreamEvent) -> None:
            if turn.running:
                turn.apply(event)
                self._progressed(turn)

        def on_end(problem: Problem | None) -> None:
            self._stream = None
            fail(problem or Problem("cut off", _CUT_OFF))

        self._stream = self._engine.follow_ask(turn.id, on_event, on_end)

    def _progressed(self, turn: TurnState) -> None:
        if not turn.running:
            self._ended(turn)
            return
        if turn.thread is not None and self._state.running is turn:
            self._state.thread = turn.thread
        self._state.turn_changed(turn)

    def _ended(self, turn: TurnState) -> None:
        """Show the end of a turn and what it changed elsewhere."""
        if turn.thread is not None and self._state.turns and self._state.turns[-1] is turn:
            self._state.thread = turn.thread
        self._state.turn_changed(turn)
        self._on_ended()
