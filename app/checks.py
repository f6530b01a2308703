"""Checking drafts: each method is one intention of the user; what comes back changes the ``State``. Qt-free.

Nothing is sent but what a preview shows, and nothing is sent again unless the user says so.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from app.asking import Caller, nothing
from app.protocols import Engine, Subscription
from app.state import CheckRun, State, TurnState
from engine.events import Failure
from engine.verdicts import Checked, Checking, CheckPreview, CheckSettings, CheckState, StoredNote
from engine.wire import (
    ACCEPT_CORRECTION,
    ALLOW_CHECKS,
    AMEND_PREVIEW,
    CANCEL,
    CHECK_KEY,
    CHECK_STATE,
    PREVIEW_CHECK,
    START_CHECK,
    WRITE_CHECK_SETTINGS,
    AcceptCorrection,
    AllowChecks,
    AmendPreview,
    AskRef,
    ChangeCheckSettings,
    CheckKey,
    PreviewCheck,
    Problem,
    RepositoryRef,
    StartCheck,
    Stopped,
    StreamEvent,
)

__all__ = ["Checks"]

_LOST = "The engine stopped while the draft was checked; what was sent may have to be paid for all the same."
_LOST_PREVIEW = "The engine stopped before it could say what would be sent; nothing was sent."
_CUT_OFF = "The check ended before its verdict had come."


class Checks:
    """Checks drafts for one window. ``call`` makes a call as the session does; ``noted`` is called with a new note."""

    def __init__(self, state: State, engine: Engine, call: Caller, noted: Callable[[StoredNote], None]) -> None:
        self._state = state
        self._engine = engine
        self._call = call
        self._noted = noted
        self._streams: dict[str, Subscription] = {}  # by the id of the check
        self._turns: dict[str, TurnState] = {}

    # -- whether and how --------------------------------------------------------------------------

    def refresh(self, then: Callable[[CheckState], None] = nothing) -> None:
        """Read again whether drafts of the repository can be checked, and tell ``then``."""

        def read(state: CheckState) -> None:
            self._on_state(state)
            then(state)

        if (repository := self._state.repository) is not None:
            self._call(CHECK_STATE, RepositoryRef(repository.id), read)

    def save(
        self,
        settings: CheckSettings,
        *,
        key: str,
        keep: bool,
        allowed: bool,
        on_saved: Callable[[CheckState], None],
        on_problem: Callable[[str], None],
    ) -> None:
        """Change the settings, then give the key unless it is empty, then grant or revoke sending without a preview.

        The first that fails ends it with a sentence; what was done before stays done.
        """
        repository = self._state.repository
        if repository is None:
            return

        def failed(problem: Problem) -> None:
            on_problem(problem.message)

        def on_settings(state: CheckState) -> None:
            self._on_state(state)
            if key:
                self._call(CHECK_KEY, CheckKey(repository.id, key, keep), on_key, failed)
            else:
                on_key(state)

        def on_key(state: CheckState) -> None:
            self._on_state(state)
            if state.settings.provider and state.allowed != allowed:
                self._call(ALLOW_CHECKS, AllowChecks(repository.id, allowed), on_allowed, failed)
            else:
                on_saved(state)

        def on_allowed(state: CheckState) -> None:
            self._on_state(state)
            on_saved(state)

        self._call(WRITE_CHECK_SETTINGS, ChangeCheckSettings(repository.id, settings), on_settings, failed)

    def forget_key(self, on_problem: Callable[[str], None]) -> None:
        """Forget the key for the address of the saved settings."""
        if (repository := self._state.repository) is not None:
            message = CheckKey(repository.id, "")
            self._call(CHECK_KEY, message, self._on_state, lambda problem: on_problem(problem.message))

    def allow(self, allowed: bool) -> None:
        """Let checks of the repository be sent to the destination of the settings without a preview, or no longer."""
        if (repository := self._state.repository) is not None:
            self._call(ALLOW_CHECKS, AllowChecks(repository.id, allowed), self._on_state)

    # -- what would be sent -----------------------------------------------------------------------

    def can_preview(self, turn: TurnState) -> bool:
        """Return whether an answer is one that could be checked, and is not being checked."""
        known = turn.phase == "done" and turn.number > 0 and self._thread(turn) is not None
        return known and (turn.check is None or not turn.check.running) and self._state.engine.phase == "running"

    def preview(self, turn: TurnState, on_preview: Callable[[CheckPreview], None]) -> None:
        """Ask what would be sent to check an answer; nothing is sent. A failure ends in the turn."""
        repository, thread = self._state.repository, self._thread(turn)
        if repository is None or thread is None or not self.can_preview(turn):
            return
        run = turn.check = CheckRun()
        self._state.turn_changed(turn)

        def shown(preview: CheckPreview) -> None:
            if turn.check is run:
                turn.check = None
                self._state.turn_changed(turn)
                on_preview(preview)

        def failed(problem: Problem) -> None:
            self._fail(turn, run, problem.message)

        self._call(PREVIEW_CHECK, PreviewCheck(repository.id, thread, turn.number), shown, failed)

    def amend(
        self,
        preview: CheckPreview,
        without: tuple[str, ...],
        on_preview: Callable[[CheckPreview], None],
        on_problem: Callable[[str], None],
    ) -> None:
        """Ask for a preview without some parts; the earlier one can no longer be sent."""
        message = AmendPreview(preview.id, without)
        self._call(AMEND_PREVIEW, message, on_preview, lambda problem: on_problem(problem.message))

    # -- sending ----------------------------------------------------------------------------------

    def send(self, turn: TurnState, preview: CheckPreview) -> None:
        """Send what a preview shows, and follow what comes back; nothing happens while the answer is being checked."""
        if turn.check is not None and turn.check.running:
            return
        run = turn.check = CheckRun("connecting", uuid.uuid4().hex, preview.round, preview=preview)
        if turn.checked is not None and turn.checked.next is not None:  # it is used up, or no longer the next
            turn.checked = replace(turn.checked, next=None)
        self._state.turn_changed(turn)

        def failed(problem: Problem) -> None:
            self._fail(turn, run, problem.message)

        self._call(START_CHECK, StartCheck(preview.id, run.id), lambda _: self._follow(turn, run), failed)

    def send_again(self, turn: TurnState) -> None:
        """Send once more what could not be checked."""
        run = turn.check
        if run is not None and not run.running and run.preview is not None:
            turn.check = None
            self.send(turn, run.preview)

    def stop(self, turn: TurnState) -> None:
        """Stop a check; what was found before stays. A request that is on its way may be paid for."""
        run = turn.check
        if run is None or not run.running:
            return
        turn.check = None
        self._close(run)
        if run.id and self._state.engine.phase == "running":
            self._call(CANCEL, AskRef(run.id), lambda _: self.refresh(), nothing)
        self._state.turn_changed(turn)

    def dismiss(self, turn: TurnState) -> None:
        """Take away the sentence of a check that failed."""
        if turn.check is not None and not turn.check.running:
            turn.check = None
            self._state.turn_changed(turn)

    def stop_all(self) -> None:
        """Stop every check of this window."""
        for turn in tuple(self._turns.values()):
            self.stop(turn)

    def lose(self) -> None:
        """End every check because the engine is gone; the previews are gone with it."""
        self._state.checks = None
        for turn in {id(each): each for each in (*self._turns.values(), *self._state.turns)}.values():
            if turn.checked is not None and turn.checked.next is not None:
                turn.checked = replace(turn.checked, next=None)
                self._state.turn_changed(turn)
            if (run := turn.check) is not None:
                run.preview = None
                self._fail(turn, run, run.failure or (_LOST if run.id else _LOST_PREVIEW))
        self._state.changed("checks")

    # -- what came back ---------------------------------------------------------------------------

    def accept(self, turn: TurnState, text: str = "") -> None:
        """Keep the corrected answer as a note, as it came or as the user changed it."""
        repository, checked = self._state.repository, turn.checked
        if repository is None or checked is None:
            return

        def kept(note: StoredNote) -> None:
            if turn.checked is not None and turn.checked.check == checked.check:
                turn.checked = replace(turn.checked, accepted=True)
                self._state.turn_changed(turn)
            self._noted(note)

        self._call(ACCEPT_CORRECTION, AcceptCorrection(repository.id, checked.check, text), kept)

    # -- inside -----------------------------------------------------------------------------------

    def _thread(self, turn: TurnState) -> str | None:
        return turn.thread or self._state.thread

    def _on_state(self, state: CheckState) -> None:
        self._state.checks = state
        self._state.changed("checks")

    def _follow(self, turn: TurnState, run: CheckRun) -> None:
        if turn.check is not run:
            return  # stopped before it was accepted

        def on_event(event: StreamEvent) -> None:
            if turn.check is run:
                self._take(turn, run, event)

        def on_end(problem: Problem | None) -> None:
            if turn.check is run:
                self._fail(turn, run, problem.message if problem is not None else _CUT_OFF)

        self._turns[run.id] = turn
        self._streams[run.id] = self._engine.follow_ask(run.id, on_event, on_end)

    def _take(self, turn: TurnState, run: CheckRun, event: StreamEvent) -> None:
        match event:
            case Checking():
                run.stage, run.round, run.characters = event.stage, event.round, event.characters
            case Checked():
                turn.check = None
                self._found(turn, event)
                self._ended(run)
            case Failure():
                self._fail(turn, run, event.message)
            case Stopped():
                turn.check = None
                self._ended(run)
        self._state.turn_changed(turn)

    def _found(self, turn: TurnState, checked: Checked) -> None:
        """Show what was found, also where the conversation was opened anew meanwhile."""
        turn.checked = checked
        for other in self._state.turns:
            if other is not turn and other.number == turn.number:
                other.checked = checked
                self._state.turn_changed(other)

    def _fail(self, turn: TurnState, run: CheckRun, sentence: str) -> None:
        if turn.check is run:
            run.failure = sentence
            self._state.turn_changed(turn)
        self._ended(run)

    def _ended(self, run: CheckRun) -> None:
        self._close(run)
        if self._state.engine.phase == "running":
            self.refresh()  # the price so far

    def _close(self, run: CheckRun) -> None:
        self._turns.pop(run.id, None)
        if (stream := self._streams.pop(run.id, None)) is not None:
            stream.close()
