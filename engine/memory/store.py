"""Threads with their turns, notes and feedback, in one database that several processes share."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from engine.errors import DamagedError, StorageError, UsageError
from engine.events import AnswerCitation
from engine.memory.schema import MIGRATIONS, Migration, open_database, storage_errors
from engine.types import AdapterState, Confidence, Effort

__all__ = ["Feedback", "Memory", "Note", "Thread", "ThreadTurn", "Verdict"]

Verdict = Literal["good", "bad"]

_TITLE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation about a repository."""

    id: str
    repository: str  # the resolved path
    title: str  # the first question until the user renames it
    created: str  # ISO 8601, UTC
    updated: str  # when the last turn was added
    turns: int


@dataclass(frozen=True, slots=True)
class ThreadTurn:
    """One question with its answer, as it was shown."""

    id: int
    thread: str
    question: str
    answer: str
    citations: tuple[AnswerCitation, ...]
    effort: str
    adapter: str  # the adapter's state, "" when there was no tuning to speak of
    confidence: Confidence | None
    created: str


@dataclass(frozen=True, slots=True)
class Note:
    """What the user wrote down about a repository or about lines of it."""

    id: int
    repository: str
    text: str
    path: str  # "" when it is about the whole repository
    first_line: int | None
    last_line: int | None
    created: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the user thought of an answer."""

    id: int
    turn: int
    verdict: Verdict
    text: str
    created: str


class Memory:
    """The open database; usable from several threads, closed by ``close`` or as a context manager.

    Every method raises StorageError (disk full, no permission, damaged, held too long by another process)
    with nothing half written. ``notice`` is a sentence for the user when a damaged database was set aside.
    """

    def __init__(self, path: Path, *, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection, self.notice = open_database(path, migrations)

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; a second call does nothing."""
        with self._lock:
            self._connection.close()

    # -- threads ----------------------------------------------------------------------------------

    def new_thread(self, repository: str | Path, *, title: str = "") -> str:
        """Begin a conversation about the repository at a resolved path and return its id."""
        thread = secrets.token_hex(6)
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO thread (id, repository, title, created) VALUES (?, ?, ?, ?)",
                (thread, _text(repository), _text(title), _now()),
            )
        return thread

    def thread(self, thread: str) -> Thread:
        """Return one conversation; UsageError for an unknown id."""
        rows = self._rows(f"{_THREADS} WHERE thread.id = ? GROUP BY thread.id", (_text(thread),))
        if not rows:
            raise UsageError(f"there is no conversation {thread!r}")
        return Thread(*rows[0])

    def threads(self, repository: str | Path | None = None) -> tuple[Thread, ...]:
        """Return the conversations about one repository (or all), the last used first."""
        where, values = ("", ()) if repository is None else ("WHERE thread.repository = ?", (_text(repository),))
        order = "ORDER BY updated DESC, thread.rowid DESC"
        return tuple(Thread(*row) for row in self._rows(f"{_THREADS} {where} GROUP BY thread.id {order}", values))

    def rename_thread(self, thread: str, title: str) -> None:
        """Give a conversation a title; UsageError for an unknown id or an empty title."""
        if not title.strip():
            raise UsageError("a conversation's title must not be empty")
        self._change_one(
            "UPDATE thread SET title = ? WHERE id = ?",
            (_text(title.strip()), _text(thread)),
            f"there is no conversation {thread!r}",
        )

    def delete_thread(self, thread: str) -> None:
        """Remove a conversation with its turns and their feedback; UsageError for an unknown id."""
        self._change_one("DELETE FROM thread WHERE id = ?", (_text(thread),), f"there is no conversation {thread!r}")

    # -- turns ------------------------------------------------------------------------------------

    def add_turn(
        self,
        thread: str,
        question: str,
        answer: str,
        *,
        citations: Sequence[AnswerCitation] = (),
        effort: Effort | Literal[""] = "",
        adapter: AdapterState | Literal[""] = "",
        confidence: Confidence | None = None,
    ) -> int:
        """Append a question with its answer and return the turn's id; UsageError for an unknown thread.

        The first question becomes the title of a conversation that has none.
        """
        values = (
            _text(thread),
            _text(question),
            _text(answer),
            json.dumps([asdict(citation) for citation in citations]),
            effort,
            adapter,
            json.dumps(asdict(confidence)) if confidence is not None else "",
            _now(),
        )
        with self._writing() as connection:
            self._require(
                connection, "SELECT 1 FROM thread WHERE id = ?", thread, f"there is no conversation {thread!r}"
            )
            cursor = connection.execute(
                "INSERT INTO turn (thread, question, answer, citations, effort, adapter, confidence, created) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            title = " ".join(_text(question).split())[:_TITLE_CHARS]
            connection.execute("UPDATE thread SET title = ? WHERE id = ? AND title = ''", (title, _text(thread)))
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def turns(self, thread: str, *, last: int | None = None) -> tuple[ThreadTurn, ...]:
        """Return a conversation's turns, oldest first, or only the ``last`` ones; UsageError for an unknown id."""
        self.thread(thread)
        rows = self._rows(
            "SELECT id, thread, question, answer, citations, effort, adapter, confidence, created FROM turn "
            "WHERE thread = ? ORDER BY id DESC LIMIT ?",
            (_text(thread), -1 if last is None else last),
        )
        return tuple(self._turn(row) for row in reversed(rows))

    def _turn(self, row: tuple[Any, ...]) -> ThreadTurn:
        turn, thread, question, answer, citations, effort, adapter, confidence, created = row
        try:
            cited = tuple(AnswerCitation(**item) for item in json.loads(citations))
            sure = Confidence(**json.loads(confidence)) if confidence else None
        except (ValueError, TypeError) as error:
            raise DamagedError(
                f"turn {turn} in {self._path} is damaged: its details are not what was written"
            ) from error
        return ThreadTurn(turn, thread, question, answer, cited, effort, adapter, sure, created)

    # -- notes and feedback -----------------------------------------------------------------------

    def add_note(
        self,
        repository: str | Path,
        text: str,
        *,
        path: str = "",
        first_line: int | None = None,
        last_line: int | None = None,
    ) -> int:
        """Keep a note about a repository, a file or lines of it and return its id; UsageError when it is empty."""
        if not text.strip():
            raise UsageError("a note must not be empty")
        with self._writing() as connection:
            cursor = connection.execute(
                "INSERT INTO note (repository, text, path, first_line, last_line, created) VALUES (?, ?, ?, ?, ?, ?)",
                (_text(repository), _text(text), _text(path), first_line, last_line, _now()),
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def notes(self, repository: str | Path) -> tuple[Note, ...]:
        """Return the notes about a repository, oldest first."""
        rows = self._rows(
            "SELECT id, repository, text, path, first_line, last_line, created "
            "FROM note WHERE repository = ? ORDER BY id",
            (_text(repository),),
        )
        return tuple(Note(*row) for row in rows)

    def delete_note(self, note: int) -> None:
        """Remove a note; UsageError for an unknown id."""
        self._change_one("DELETE FROM note WHERE id = ?", (note,), f"there is no note {note}")

    def add_feedback(self, turn: int, verdict: Verdict, text: str = "") -> int:
        """Keep what the user thought of an answer and return its id; UsageError for an unknown turn or verdict."""
        if verdict not in get_args(Verdict):
            raise UsageError(f"feedback is one of {', '.join(get_args(Verdict))}, not {verdict!r}")
        with self._writing() as connection:
            self._require(connection, "SELECT 1 FROM turn WHERE id = ?", turn, f"there is no turn {turn}")
            cursor = connection.execute(
                "INSERT INTO feedback (turn, verdict, text, created) VALUES (?, ?, ?, ?)",
                (turn, verdict, _text(text), _now()),
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def feedback(self, turn: int) -> tuple[Feedback, ...]:
        """Return the feedback on one turn, oldest first."""
        rows = self._rows("SELECT id, turn, verdict, text, created FROM feedback WHERE turn = ? ORDER BY id", (turn,))
        return tuple(Feedback(*row) for row in rows)

    def forget_repository(self, repository: str | Path) -> int:
        """Remove the conversations and notes about a repository, because the user asked; return how many they were."""
        key = (_text(repository),)
        with self._writing() as connection:
            threads = connection.execute("DELETE FROM thread WHERE repository = ?", key).rowcount
            notes = connection.execute("DELETE FROM note WHERE repository = ?", key).rowcount
        return threads + notes

    # -- the database -----------------------------------------------------------------------------

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock, storage_errors(self._path), self._open():
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is kept or none of it."""
        with self._lock, storage_errors(self._path), self._open():
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has already rolled back
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _open(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError as error:
            raise StorageError(f"{self._path} is closed") from error

    @staticmethod
    def _require(connection: sqlite3.Connection, statement: str, value: str | int, sentence: str) -> None:
        key = _text(value) if isinstance(value, str) else value
        if connection.execute(statement, (key,)).fetchone() is None:
            raise UsageError(sentence)

    def _change_one(self, statement: str, values: Sequence[object], sentence: str) -> None:
        with self._writing() as connection:
            if connection.execute(statement, values).rowcount == 0:
                raise UsageError(sentence)


_THREADS = (
    "SELECT thread.id, repository, title, thread.created, coalesce(max(turn.created), thread.created) AS updated, "
    "count(turn.id) FROM thread LEFT JOIN turn ON turn.thread = thread.id"
)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _text(value: str | Path) -> str:
    """Return text that SQLite can hold; undecodable bytes of a file name (lone surrogates) become escapes."""
    return os.fspath(value).encode("utf-8", "backslashreplace").decode("utf-8")
