"""The calls about checking drafts and about notes. A check runs in a thread of its own: it waits for others."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from engine import wire
from engine.checking.keys import Keys, Secret
from engine.errors import Cancelled, SidetuneError, UsageError
from engine.events import Failure
from engine.notes import Notebook
from engine.review import Reviewer
from engine.server.asks import AskLog, Asks
from engine.server.repositories import Repositories
from engine.verdicts import CheckPreview, CheckState, StoredNote

__all__ = ["Checks"]

_LOG = logging.getLogger(__name__)
_MOST_RUNNING = 4


class Checks:
    """Checks drafts of open repositories; ``calls`` has a function for each call's name."""

    def __init__(self, repositories: Repositories, asks: Asks) -> None:
        self._repositories = repositories
        self._asks = asks
        self._keys = Keys()
        self._lock = threading.Lock()
        self._reviewers: dict[str, Reviewer] = {}
        self._running: dict[str, tuple[AskLog, threading.Thread]] = {}
        self.calls: Mapping[str, Callable[[Any], Any]] = {
            wire.CHECK_STATE.name: self._state,
            wire.WRITE_CHECK_SETTINGS.name: self._configure,
            wire.CHECK_KEY.name: self._key,
            wire.ALLOW_CHECKS.name: self._allow,
            wire.PREVIEW_CHECK.name: self._preview,
            wire.AMEND_PREVIEW.name: self._amend,
            wire.START_CHECK.name: self._start,
            wire.LIST_NOTES.name: self._notes,
            wire.ACCEPT_CORRECTION.name: self._accept_correction,
            wire.ACCEPT_ANSWER.name: self._accept_answer,
            wire.EDIT_NOTE.name: self._edit_note,
            wire.DELETE_NOTE.name: self._delete_note,
        }

    def close(self) -> None:
        """Stop every check; a thread that still waits for an answer is not waited for."""
        with self._lock:
            running = tuple(self._running.values())
        for log, _ in running:
            log.cancel.set()
            log.add(wire.Stopped())

    def _reviewer(self, repository: str) -> Reviewer:
        assistant = self._repositories.get(repository).assistant
        with self._lock:
            if repository not in self._reviewers:
                self._reviewers[repository] = Reviewer(assistant, self._keys)
            return self._reviewers[repository]

    def _holder(self, preview: str) -> Reviewer:
        with self._lock:
            reviewers = tuple(self._reviewers.values())
        holder = next((each for each in reviewers if each.has(preview)), None)
        if holder is None:
            raise UsageError("That preview is no longer there; look at what would be sent again.")
        return holder

    # -- checking ---------------------------------------------------------------------------------

    def _state(self, message: wire.RepositoryRef) -> CheckState:
        return self._reviewer(message.repository).state()

    def _configure(self, message: wire.ChangeCheckSettings) -> CheckState:
        return self._reviewer(message.repository).configure(message.settings)

    def _key(self, message: wire.CheckKey) -> CheckState:
        return self._reviewer(message.repository).take_key(Secret(message.key.strip()), keep=message.keep)

    def _allow(self, message: wire.AllowChecks) -> CheckState:
        return self._reviewer(message.repository).allow(message.allowed)

    def _preview(self, message: wire.PreviewCheck) -> CheckPreview:
        return self._reviewer(message.repository).preview(message.thread, message.turn)

    def _amend(self, message: wire.AmendPreview) -> CheckPreview:
        return self._holder(message.preview).amend(message.preview, message.without)

    def _start(self, message: wire.StartCheck) -> wire.Accepted:
        reviewer = self._holder(message.preview)
        with self._lock:
            self._running = {each: run for each, run in self._running.items() if not run[0].ended}
            if message.id in self._running:
                return wire.Accepted(message.id, 0)
            if len(self._running) >= _MOST_RUNNING:
                raise UsageError(f"{len(self._running)} checks are on their way already; wait for one of them")
            log, new = self._asks.open_log(wire.Ask(reviewer.assistant.key, message.id, ""))
            if not new:  # asked twice: it is sent once
                return wire.Accepted(message.id, 0)
            thread = threading.Thread(target=_run, args=(reviewer, message.preview, log), name="check", daemon=True)
            self._running[message.id] = (log, thread)
        thread.start()
        return wire.Accepted(message.id, 0)

    # -- notes ------------------------------------------------------------------------------------

    def _notebook(self, repository: str) -> Notebook:
        return Notebook(self._repositories.get(repository).assistant)

    def _changed(self, repository: str, path: str) -> None:
        self._repositories.get(repository).live.touch([path])

    def _notes(self, message: wire.RepositoryRef) -> wire.Notes:
        return wire.Notes(self._notebook(message.repository).all())

    def _accept_correction(self, message: wire.AcceptCorrection) -> StoredNote:
        note = self._notebook(message.repository).accept_correction(message.check, message.text)
        self._changed(message.repository, note.path)
        return note

    def _accept_answer(self, message: wire.AcceptAnswer) -> StoredNote:
        note = self._notebook(message.repository).accept_answer(message.thread, message.turn)
        self._changed(message.repository, note.path)
        return note

    def _edit_note(self, message: wire.EditNote) -> StoredNote:
        note = self._notebook(message.repository).edit(message.note, message.text)
        self._changed(message.repository, note.path)
        return note

    def _delete_note(self, message: wire.NoteRef) -> wire.Empty:
        self._changed(message.repository, self._notebook(message.repository).delete(message.note))
        return wire.Empty()


def _run(reviewer: Reviewer, preview: str, log: AskLog) -> None:
    """Check into a log, which has a last event afterwards."""
    try:
        log.add(reviewer.check(preview, log.add, log.cancel))
    except Cancelled:
        log.add(wire.Stopped())
    except SidetuneError as error:
        log.add(Failure("check", str(error)))
    except Exception as error:  # noqa: BLE001 - a check that was started has an end
        _LOG.exception("a draft could not be checked")
        log.add(Failure("check", f"Something unexpected happened: {type(error).__name__}"))
