"""Threads with their turns and feedback, in one database that several processes share."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from engine.errors import DamagedError, UsageError
from engine.events import AnswerCitation
from engine.memory.checks import CheckTables
from engine.memory.notes import NoteTables
from engine.memory.tables import as_text, now
from engine.types import AdapterState, Confidence, Effort

__all__ = ["EvidenceLines", "Feedback", "Memory", "Thread", "ThreadTurn", "Verdict"]

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
class EvidenceLines:
    """Lines that the model was given to read for an answer."""

    path: str
    first_line: int
    last_line: int
    symbol: str


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
    evidence: tuple[EvidenceLines, ...] = ()  # most relevant first; none for answers of before this was kept


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the user thought of an answer."""

    id: int
    turn: int
    verdict: Verdict
    text: str
    created: str


class Memory(NoteTables, CheckTables):
    """The open database; usable from several threads, closed by ``close`` or as a context manager.

    Every method raises StorageError (disk full, no permission, damaged, held too long by another process)
    with nothing half written. ``notice`` is a sentence for the user when a damaged database was set aside.
    """

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- threads ----------------------------------------------------------------------------------

    def new_thread(self, repository: str | Path, *, title: str = "") -> str:
        """Begin a conversation about the repository at a resolved path and return its id."""
        thread = secrets.token_hex(6)
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO thread (id, repository, title, created) VALUES (?, ?, ?, ?)",
                (thread, as_text(repository), as_text(title), now()),
            )
        return thread

    def thread(self, thread: str) -> Thread:
        """Return one conversation; UsageError for an unknown id."""
        rows = self._rows(f"{_THREADS} WHERE thread.id = ? GROUP BY thread.id", (as_text(thread),))
        if not rows:
            raise UsageError(f"there is no conversation {thread!r}")
        return Thread(*rows[0])

    def threads(self, repository: str | Path | None = None) -> tuple[Thread, ...]:
        """Return the conversations about one repository (or all), the last used first."""
        where, values = ("", ()) if repository is None else ("WHERE thread.repository = ?", (as_text(repository),))
        order = "ORDER BY updated DESC, thread.rowid DESC"
        return tuple(Thread(*row) for row in self._rows(f"{_THREADS} {where} GROUP BY thread.id {order}", values))

    def rename_thread(self, thread: str, title: str) -> None:
        """Give a conversation a title; UsageError for an unknown id or an empty title."""
        if not title.strip():
            raise UsageError("a conversation's title must not be empty")
        self._change_one(
            "UPDATE thread SET title = ? WHERE id = ?",
            (as_text(title.strip()), as_text(thread)),
            f"there is no conversation {thread!r}",
        )

    def delete_thread(self, thread: str) -> None:
        """Remove a conversation with its turns and their feedback; UsageError for an unknown id."""
        self._change_one("DELETE FROM thread WHERE id = ?", (as_text(thread),), f"there is no conversation {thread!r}")

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
        evidence: Sequence[EvidenceLines] = (),
    ) -> int:
        """Append a question with its answer and return the turn's id; UsageError for an unknown thread.

        The first question becomes the title of a conversation that has none.
        """
        values = (
            as_text(thread),
            as_text(question),
            as_text(answer),
            json.dumps([asdict(citation) for citation in citations]),
            effort,
            adapter,
            json.dumps(asdict(confidence)) if confidence is not None else "",
            now(),
            json.dumps([asdict(each) for each in evidence]),
        )
        with self._writing() as connection:
            self._require(
                connection, "SELECT 1 FROM thread WHERE id = ?", thread, f"there is no conversation {thread!r}"
            )
            cursor = connection.execute(
                "INSERT INTO turn (thread, question, answer, citations, effort, adapter, confidence, created, "
                "evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            title = " ".join(as_text(question).split())[:_TITLE_CHARS]
            connection.execute("UPDATE thread SET title = ? WHERE id = ? AND title = ''", (title, as_text(thread)))
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def turns(self, thread: str, *, last: int | None = None) -> tuple[ThreadTurn, ...]:
        """Return a conversation's turns, oldest first, or only the ``last`` ones; UsageError for an unknown id."""
        self.thread(thread)
        rows = self._rows(
            f"{_TURNS} WHERE thread = ? ORDER BY id DESC LIMIT ?",
            (as_text(thread), -1 if last is None else last),
        )
        return tuple(self._turn(row) for row in reversed(rows))

    def turn(self, turn: int) -> ThreadTurn:
        """Return one question with its answer; UsageError for an unknown number."""
        rows = self._rows(f"{_TURNS} WHERE id = ?", (turn,))
        if not rows:
            raise UsageError(f"there is no answer {turn}")
        return self._turn(rows[0])

    def _turn(self, row: tuple[Any, ...]) -> ThreadTurn:
        turn, thread, question, answer, citations, effort, adapter, confidence, created, evidence = row
        try:
            cited = tuple(AnswerCitation(**item) for item in json.loads(citations))
            sure = Confidence(**json.loads(confidence)) if confidence else None
            read = tuple(EvidenceLines(**item) for item in json.loads(evidence))
        except (ValueError, TypeError) as error:
            raise DamagedError(
                f"turn {turn} in {self._path} is damaged: its details are not what was written"
            ) from error
        return ThreadTurn(turn, thread, question, answer, cited, effort, adapter, sure, created, read)

    # -- feedback ---------------------------------------------------------------------------------

    def add_feedback(self, turn: int, verdict: Verdict, text: str = "") -> int:
        """Keep what the user thought of an answer and return its id; UsageError for an unknown turn or verdict."""
        if verdict not in get_args(Verdict):
            raise UsageError(f"feedback is one of {', '.join(get_args(Verdict))}, not {verdict!r}")
        with self._writing() as connection:
            self._require(connection, "SELECT 1 FROM turn WHERE id = ?", turn, f"there is no turn {turn}")
            cursor = connection.execute(
                "INSERT INTO feedback (turn, verdict, text, created) VALUES (?, ?, ?, ?)",
                (turn, verdict, as_text(text), now()),
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def feedback(self, turn: int) -> tuple[Feedback, ...]:
        """Return the feedback on one turn, oldest first."""
        rows = self._rows("SELECT id, turn, verdict, text, created FROM feedback WHERE turn = ? ORDER BY id", (turn,))
        return tuple(Feedback(*row) for row in rows)

    def forget_repository(self, repository: str | Path) -> int:
        """Remove the conversations and notes about a repository, because the user asked; return how many they were."""
        key = (as_text(repository),)
        with self._writing() as connection:
            threads = connection.execute("DELETE FROM thread WHERE repository = ?", key).rowcount
            notes = connection.execute("DELETE FROM note WHERE repository = ?", key).rowcount
            for table in ("check_grant", "spending"):
                connection.execute(f"DELETE FROM {table} WHERE repository = ?", key)  # noqa: S608 - two constants
        return threads + notes


_TURNS = "SELECT id, thread, question, answer, citations, effort, adapter, confidence, created, evidence FROM turn"
_THREADS = (
    "SELECT thread.id, repository, title, thread.created, coalesce(max(turn.created), thread.created) AS updated, "
    "count(turn.id) FROM thread LEFT JOIN turn ON turn.thread = thread.id"
)
