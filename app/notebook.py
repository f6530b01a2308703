"""Notes: what is remembered about the repository. Each method is one intention of the user. Qt-free."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.asking import Caller
from app.state import State, TurnState
from engine.verdicts import StoredNote
from engine.wire import (
    ACCEPT_ANSWER,
    DELETE_NOTE,
    EDIT_NOTE,
    LIST_NOTES,
    AcceptAnswer,
    EditNote,
    NoteRef,
    Notes,
    Problem,
    RepositoryRef,
)

__all__ = ["Notebook", "is_note"]

_NOTE = re.compile(r"notes/\d{4}-\d\d-\d\d-[a-z0-9-]*~\d+")  # as the engine names them


def is_note(path: str) -> bool:
    """Return whether evidence or a citation names a note by this path, and no file."""
    return _NOTE.fullmatch(path) is not None


class Notebook:
    """The notes of one window's repository. ``call`` makes a call as the session does."""

    def __init__(self, state: State, call: Caller) -> None:
        self._state = state
        self._call = call

    def refresh(self) -> None:
        """Read the notes again."""
        repository = self._state.repository
        if repository is None:
            return

        def on_notes(found: Notes) -> None:
            if self._state.repository is not None and self._state.repository.id == repository.id:
                self._state.notes = found.notes
                self._state.changed("notes")

        self._call(LIST_NOTES, RepositoryRef(repository.id), on_notes)

    def remember(self, turn: TurnState) -> None:
        """Keep a question with its answer as a note, because the answer is right."""
        repository, thread = self._state.repository, turn.thread or self._state.thread
        if repository is None or thread is None or turn.number == 0 or turn.remembered:
            return

        def kept(note: StoredNote) -> None:
            turn.remembered = True
            self._state.turn_changed(turn)
            self.added(note)

        self._call(ACCEPT_ANSWER, AcceptAnswer(repository.id, thread, turn.number), kept)

    def edit(self, note: StoredNote, text: str, on_kept: Callable[[], None], on_problem: Callable[[str], None]) -> None:
        """Change what a note says."""
        repository = self._state.repository
        if repository is None:
            return

        def kept(changed: StoredNote) -> None:
            self._state.notes = tuple(changed if each.id == changed.id else each for each in self._state.notes or ())
            self._state.changed("notes")
            on_kept()

        def failed(problem: Problem) -> None:
            on_problem(problem.message)

        self._call(EDIT_NOTE, EditNote(repository.id, note.id, text), kept, failed)

    def delete(self, note: StoredNote, on_problem: Callable[[str], None]) -> None:
        """Delete a note for good."""
        repository = self._state.repository
        if repository is None:
            return

        def gone(_: object) -> None:
            self._state.notes = tuple(each for each in self._state.notes or () if each.id != note.id)
            self._state.changed("notes")

        message = NoteRef(repository.id, note.id)
        self._call(DELETE_NOTE, message, gone, lambda problem: on_problem(problem.message))

    def show(self, path: str) -> None:
        """Show a note to the user; an empty path shows all of them."""
        self._state.wanted_note = path
        self._state.changed("note")

    def added(self, note: StoredNote) -> None:
        """Take note of one that the engine has just kept."""
        if self._state.notes is not None:
            self._state.notes = (note, *(each for each in self._state.notes if each.id != note.id))
            self._state.changed("notes")
