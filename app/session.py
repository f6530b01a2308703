"""What a window can do: each method is one intention of the user, and what comes back changes the ``State``.

Qt-free, like the state. The engine is reached through a client that calls back in the window's thread (see
``app.client``); nothing here waits. Failures end in the turn they belong to or in a notice of one sentence.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from app.asking import Asking, nothing
from app.checks import Checks
from app.disk import DiskCalls
from app.models import ModelCalls
from app.notebook import Notebook, is_note
from app.protocols import Engine, Pending, Subscription
from app.state import EnginePhase, EngineState, State, TurnState
from engine.config import Settings
from engine.errors import SidetuneError
from engine.types import Effort, Focus
from engine.wire import (
    DELETE_CONVERSATION,
    ESTIMATE,
    EXCERPT,
    FILES,
    LIST_CONVERSATIONS,
    MODEL,
    OPEN,
    PAUSE,
    READ_CONVERSATION,
    READ_SETTINGS,
    RENAME_CONVERSATION,
    WHY,
    WRITE_SETTINGS,
    Call,
    ConversationRef,
    Conversations,
    Empty,
    Estimate,
    Excerpt,
    ExcerptText,
    IndexStatus,
    Listing,
    ModelInfo,
    OpenRepository,
    PastTurns,
    Pause,
    Problem,
    RenameConversation,
    Repository,
    RepositoryRef,
    WhyFile,
    WhyReply,
)

__all__ = ["Engine", "Pending", "Session", "Subscription"]

In = TypeVar("In")
Out = TypeVar("Out")

_ENGINE_LOST = "EngineLost"  # as ``app.client`` names it
_LOST = "The engine stopped while it answered; ask again."


class Session:
    """One window's dealings with the engine, about one repository at a time.

    ``open_in_editor(file, line)`` shows a file (absolute) to the user and raises SidetuneError when it cannot.
    """

    def __init__(self, state: State, engine: Engine, open_in_editor: Callable[[Path, int], None]) -> None:
        self.state = state
        self._engine = engine
        self._open_in_editor = open_in_editor
        self._asking = Asking(state, engine, self._call, self._refresh_after_answer)
        self.notes = Notebook(state, self._call)
        self.models = ModelCalls(self._call)
        self.disk = DiskCalls(self._call)
        self.checks = Checks(state, engine, self._call, self.notes.added)
        self._index: Subscription | None = None
        self._opening: Pending | None = None
        self._files: Pending | None = None
        self._reading_files = False
        self._wanted = ""  # the folder to open as soon as there is an engine
        self._effort_chosen = False
        self._closed = False

    # -- the engine's life ------------------------------------------------------------------------

    def engine_ready(self) -> None:
        """Take note that the engine answers: open (again) what the window is about."""
        self._set_engine("running", "")
        self._call(READ_SETTINGS, Empty(), self._on_settings)
        self._refresh_model()
        folder = self._wanted or (self.state.repository.root if self.state.repository else "")
        if folder:
            self.open(folder)

    def engine_lost(self, sentence: str) -> None:
        """Take note that the engine is gone and is being started again; what was being answered has failed."""
        self._drop_streams()
        self._set_engine("restarting", sentence)
        self._asking.fail(_LOST)
        self.checks.lose()

    def engine_gave_up(self, sentence: str) -> None:
        """Take note that the engine is gone for good, or until the user asks for it again."""
        self._drop_streams()
        self._set_engine("stopped", sentence)
        self._asking.fail(_LOST)
        self.checks.lose()

    def engine_starting(self) -> None:
        """Take note that the engine is on its way."""
        self._set_engine("starting", "")

    def close(self) -> None:
        """Stop what this window asked for; later replies reach nobody. Harmless when called twice."""
        self.stop()
        self.checks.stop_all()
        self._drop_streams()
        self._closed = True

    # -- repository and index ---------------------------------------------------------------------

    def open(self, folder: str | os.PathLike[str]) -> None:
        """Open a folder; the one that is open already is opened again, which loses nothing."""
        path = os.fspath(folder)
        self._wanted = self.state.opening = path
        self.state.changed("repository")
        if self.state.engine.phase == "running":
            if self._opening is not None:
                self._opening.abort()
            self._opening = self._call(OPEN, OpenRepository(path), self._on_opened, self._on_open_failed)

    def pause(self, paused: bool) -> None:
        """Pause the indexing or go on."""
        if (repository := self.state.repository) is not None:
            self._call(PAUSE, Pause(repository.id, paused), self._on_index)

    def refresh_files(self) -> None:
        """Read the listing of the repository again."""
        repository = self.state.repository
        if repository is None or self._reading_files:
            return

        def on_files(listing: Listing) -> None:
            self._reading_files = False
            if self._is_open(repository):
                self.state.files = listing
                self.state.changed("files")

        def on_failure(_: Problem) -> None:  # the next change of the index asks again
            self._reading_files = False

        self._reading_files = True
        self._files = self._call(FILES, RepositoryRef(repository.id), on_files, on_failure)

    def why(self, path: str, on_reply: Callable[[WhyReply], None]) -> None:
        """Ask why a file (relative to the repository) is or is not indexed."""
        if (repository := self.state.repository) is not None:
            self._call(WHY, WhyFile(repository.id, path), on_reply)

    def excerpt(self, path: str, first_line: int, last_line: int, on_text: Callable[[ExcerptText], None]) -> None:
        """Ask for lines of a file as they are now; when they cannot be had, the text is None."""
        if (repository := self.state.repository) is not None:
            message = Excerpt(repository.id, path, first_line, last_line)
            self._call(EXCERPT, message, on_text, lambda _: on_text(ExcerptText(None, "")))

    def open_file(self, path: str, line: int = 1) -> None:
        """Show a file of the repository (a relative path) in the user's editor; a notice says when it fails.

        A note has no file: the window shows it itself.
        """
        repository = self.state.repository
        if repository is None:
            return
        if is_note(path):
            self.notes.show(path)
            return
        root = Path(repository.root)
        file = root / path
        try:
            inside = file.resolve().is_relative_to(root.resolve())
        except (OSError, RuntimeError, ValueError):
            inside = False
        if not inside:
            self.notify(f"{path} is not a file of {repository.name}")
            return
        try:
            self._open_in_editor(file, line)
        except SidetuneError as error:
            self.notify(str(error))

    # -- asking -----------------------------------------------------------------------------------

    def ask(self, question: str) -> bool:
        """Ask a question; False, and nothing happens, while there is nobody to ask or one is being answered."""
        asked = question.strip()
        if not asked or not self.can_ask:
            return False
        self._asking.start(TurnState(_new_id(), asked, self.state.effort, self.state.about, self.state.exclude))
        return True

    def ask_again(self, turn: TurnState, effort: Effort | None = None) -> bool:
        """Ask what ``turn`` asked once more, at another effort or as it was; False as for ``ask``."""
        if not self.can_ask:
            return False
        again = effort is not None and effort != turn.effort
        chosen = effort or turn.effort or self.state.effort
        self._asking.start(TurnState(_new_id(), turn.question, chosen, turn.about, turn.exclude, again=again))
        return True

    @property
    def can_ask(self) -> bool:
        """Return whether a question would be taken now."""
        state = self.state
        return state.repository is not None and state.engine.phase == "running" and state.running is None

    def stop(self) -> None:
        """Stop what is being answered; what was written so far stays."""
        self._asking.stop()

    def skip(self) -> None:
        """End the tuning of what is being answered, and go on to the answer."""
        self._asking.skip()

    def set_effort(self, effort: Effort) -> None:
        """Choose the effort of the next questions of this window."""
        self._effort_chosen = True
        self.state.effort = effort
        self.state.changed("settings")

    # -- what the next question is about ----------------------------------------------------------

    def add_about(self, focus: Focus) -> None:
        """Make the next questions be about a file or some of its lines; no longer left out if it was."""
        if focus not in self.state.about:
            self.state.about = (*self.state.about, focus)
        self.state.exclude = tuple(each for each in self.state.exclude if each != focus)
        self.state.changed("about")

    def remove_about(self, focus: Focus) -> None:
        """Undo ``add_about``."""
        self.state.about = tuple(each for each in self.state.about if each != focus)
        self.state.changed("about")

    def widen_about(self, focus: Focus) -> None:
        """Make the next questions be about the whole file instead of some of its lines."""
        whole = Focus(focus.path)
        kept = [each for each in self.state.about if each != whole]
        self.state.about = tuple(dict.fromkeys(whole if each == focus else each for each in kept))
        self.state.changed("about")

    def exclude(self, focus: Focus) -> None:
        """Leave a file or some of its lines out of the next answers."""
        if focus not in self.state.exclude:
            self.state.exclude = (*self.state.exclude, focus)
        self.state.about = tuple(each for each in self.state.about if each != focus)
        self.state.changed("about")

    def remove_exclude(self, focus: Focus) -> None:
        """Undo ``exclude``."""
        self.state.exclude = tuple(each for each in self.state.exclude if each != focus)
        self.state.changed("about")

    # -- conversations ----------------------------------------------------------------------------

    def new_conversation(self) -> None:
        """Begin anew; the old conversation is kept."""
        self.stop()
        self._show_turns(None, [])
        self.state.about = self.state.exclude = ()
        self.state.changed("about")

    def open_conversation(self, thread: str) -> None:
        """Show an earlier conversation and continue it."""
        self.stop()

        def on_turns(past: PastTurns) -> None:
            self._show_turns(past.conversation.id, [TurnState.past(turn) for turn in past.turns])

        self._call(READ_CONVERSATION, ConversationRef(thread), on_turns)

    def rename_conversation(self, thread: str, title: str) -> None:
        """Give a conversation another title; an empty one changes nothing."""
        if title.strip():
            message = RenameConversation(thread, title.strip())
            self._call(RENAME_CONVERSATION, message, lambda _: self.refresh_conversations())

    def delete_conversation(self, thread: str) -> None:
        """Delete a conversation for good; when it is the one at hand, a new one begins."""
        if thread == self.state.thread:
            self.new_conversation()
        self._call(DELETE_CONVERSATION, ConversationRef(thread), lambda _: self.refresh_conversations())

    def refresh_conversations(self) -> None:
        """Read the list of conversations again."""
        repository = self.state.repository
        if repository is None:
            return

        def on_list(found: Conversations) -> None:
            if self._is_open(repository):
                self.state.conversations = found.conversations
                self.state.changed("conversations")

        self._call(LIST_CONVERSATIONS, RepositoryRef(repository.id), on_list)

    # -- settings ---------------------------------------------------------------------------------

    def save_settings(self, settings: Settings) -> None:
        """Change the engine's settings, from the next question on."""
        before = self.state.settings

        def on_saved(saved: Settings) -> None:
            if saved.effort != before.effort:
                self._effort_chosen = False
            self._on_settings(saved)
            self._refresh_model()
            self._refresh_estimate()
            if saved.offline != before.offline:
                self.checks.refresh()

        self._call(WRITE_SETTINGS, settings, on_saved)

    def set_offline(self, offline: bool) -> None:
        """Turn the switch that keeps everything on this machine."""
        if offline != self.state.settings.offline:
            self.save_settings(replace(self.state.settings, offline=offline))

    def notify(self, sentence: str) -> None:
        """Show the user one sentence; an empty one takes the last away."""
        self.state.notice = sentence
        self.state.changed("notice")

    # -- what comes back --------------------------------------------------------------------------

    def _call(
        self,
        call: Call[In, Out],
        message: In,
        on_success: Callable[[Out], None],
        on_failure: Callable[[Problem], None] | None = None,
    ) -> Pending:
        failed = on_failure or self._on_problem
        return self._engine.call(
            call,
            message,
            lambda reply: None if self._closed else on_success(reply),
            lambda problem: None if self._closed else failed(problem),
        )

    def _on_problem(self, problem: Problem) -> None:
        if self.state.engine.phase == "running" and problem.kind != _ENGINE_LOST:  # that the window says already
            self.notify(problem.message)

    def _on_open_failed(self, problem: Problem) -> None:
        self._opening = None
        if self.state.engine.phase != "running":  # it is opened as soon as there is an engine again
            return
        self._wanted = self.state.opening = ""
        self.state.changed("repository")
        self._asking.refuse_held(problem.message)
        self._on_problem(problem)

    def _on_opened(self, repository: Repository) -> None:
        state = self.state
        same = self._is_open(repository)
        self._opening = None
        self._wanted = state.opening = ""
        self._drop_index()
        if not same:
            self.stop()
            self.checks.stop_all()
            state.index, state.files, state.conversations, state.estimate = None, Listing(), (), None
            state.checks, state.notes = None, None
            state.about = state.exclude = ()
        state.repository = repository
        state.changed("repository")
        if not same:
            self._show_turns(None, [])
            for topic in ("index", "files", "about", "settings", "checks", "notes"):
                state.changed(topic)
        self._index = self._engine.follow_index(repository.id, self._on_index)
        self._asking.release_held()
        self.refresh_files()
        self.refresh_conversations()
        self._refresh_estimate()
        self.checks.refresh()

    def _on_index(self, status: IndexStatus) -> None:
        repository = self.state.repository
        if self._closed or repository is None or status.repository != repository.id:
            return
        before, self.state.index = self.state.index, status
        self.state.changed("index")
        settled = status.stage == "ready" and (before is None or before.stage != "ready")
        if settled or (before is not None and before.files != status.files and status.stage == "ready"):
            self.refresh_files()

    def _on_settings(self, settings: Settings) -> None:
        self.state.settings = settings
        if not self._effort_chosen:
            self.state.effort = settings.effort
        self.state.changed("settings")

    def _refresh_model(self) -> None:
        def on_model(model: ModelInfo) -> None:
            self.state.model = model
            self.state.changed("settings")

        self._call(MODEL, Empty(), on_model)

    def _refresh_estimate(self) -> None:
        repository = self.state.repository
        if repository is None:
            return

        def on_estimate(estimate: Estimate) -> None:
            if self._is_open(repository):
                self.state.estimate = estimate
                self.state.changed("settings")

        self._call(ESTIMATE, RepositoryRef(repository.id), on_estimate, nothing)  # without one none is shown

    def _refresh_after_answer(self) -> None:
        if self.state.engine.phase == "running":
            self.refresh_conversations()
            self._refresh_estimate()

    def _show_turns(self, thread: str | None, turns: list[TurnState]) -> None:
        self.state.thread, self.state.turns = thread, turns
        self.state.changed("conversations")
        self.state.changed("turns")
        self.state.show(None)

    def _set_engine(self, phase: EnginePhase, sentence: str) -> None:
        self.state.engine = EngineState(phase, sentence)
        self.state.changed("engine")

    def _is_open(self, repository: Repository) -> bool:
        return self.state.repository is not None and self.state.repository.id == repository.id

    def _drop_index(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None
        if self._files is not None:
            self._files.abort()
            self._files, self._reading_files = None, False

    def _drop_streams(self) -> None:
        self._drop_index()
        self._asking.drop()


def _new_id() -> str:
    return uuid.uuid4().hex
