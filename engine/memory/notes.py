"""Notes about a repository: what the user wrote down, or accepted as right, with the lines that it rests on."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.errors import DamagedError, UsageError
from engine.memory.tables import Tables, as_text, now
from engine.types import Commit, SourceFile, sha256_hex
from engine.verdicts import NoteSource

__all__ = ["CitedLines", "Note", "NoteTables", "is_note_path", "lines_hash", "note_path", "note_source"]

_PATH = re.compile(r"notes/\d{4}-\d\d-\d\d-[a-z0-9-]*~\d+")  # no file that anybody keeps has such a name
_LONGEST_SLUG = 48
_NOTE = "SELECT id, repository, title, text, source, origin, created, updated, citations, turn FROM note"


@dataclass(frozen=True, slots=True)
class CitedLines:
    """Lines that a note rests on, and what stood there when it was written."""

    path: str
    first_line: int
    last_line: int
    sha256: str  # of the lines, see ``lines_hash``


@dataclass(frozen=True, slots=True)
class Note:
    """What is remembered about a repository."""

    id: int
    repository: str
    title: str  # the question it answers, "" when the user just wrote it down
    text: str
    source: NoteSource
    origin: str  # a sentence: who says so
    created: str
    updated: str
    citations: tuple[CitedLines, ...]
    turn: int | None  # the answer that it corrects or confirms


def lines_hash(text: str | None) -> str:
    """Return what tells lines from others; "" for lines that are not there. White space at line ends is all one."""
    if text is None:
        return ""
    return sha256_hex("\n".join(line.rstrip() for line in text.split("\n")))


def note_path(note: Note) -> str:
    """Return the path of a note among the files of its repository: its day, what it is about, its id."""
    words = re.findall(r"[a-z0-9]+", (note.title or note.text).lower())
    slug = "-".join(words)[:_LONGEST_SLUG].rstrip("-")
    return f"notes/{note.created[:10]}-{slug}~{note.id}"


def is_note_path(path: str) -> bool:
    """Return whether a path is a note's and no file's."""
    return _PATH.fullmatch(path) is not None


def note_source(note: Note, *, stale: bool) -> SourceFile:
    """Return a note as the indexing stages take a file: a page with its question as the heading."""
    lines = [f"# {' '.join(note.title.split()) or 'Note'}", "", *note.text.split("\n"), ""]
    if note.citations:
        places = (f"{each.path} lines {each.first_line} to {each.last_line}" for each in note.citations)
        lines.append(f"Rests on {', '.join(places)}.")
    lines.append(f"{note.origin or 'Written down by the user.'} {note.updated[:10]}.")
    if stale:
        lines.append("Stale: lines that this note rests on have changed since.")
    text = "\n".join(lines)
    sha256 = sha256_hex(text)
    commit = Commit("", note.updated[:10], "", "note")
    # No file has a time like this one: it stands for the contents, so that whatever changes is read again.
    return SourceFile(note_path(note), text, sha256, "markdown", len(text.encode()), int(sha256[:12], 16), commit)


class NoteTables(Tables):
    """The notes in an open memory."""

    def add_note(
        self,
        repository: str | Path,
        text: str,
        *,
        title: str = "",
        source: NoteSource = "user",
        origin: str = "",
        citations: Sequence[CitedLines] = (),
        turn: int | None = None,
    ) -> int:
        """Keep a note about a repository and return its id; UsageError when it is empty.

        A note about the same answer takes the place of an earlier one.
        """
        if not text.strip():
            raise UsageError("a note must not be empty")
        moment = now()
        with self._writing() as connection:
            if turn is not None:
                connection.execute("DELETE FROM note WHERE turn = ?", (turn,))
            cursor = connection.execute(
                "INSERT INTO note (repository, text, path, created, title, source, origin, updated, citations, turn) "
                "VALUES (?, ?, '', ?, ?, ?, ?, ?, ?, ?)",
                (
                    as_text(repository),
                    as_text(text.strip()),
                    moment,
                    as_text(title),
                    source,
                    as_text(origin),
                    moment,
                    _citations_json(citations),
                    turn,
                ),
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def note(self, note: int) -> Note:
        """Return one note; UsageError for an unknown id."""
        rows = self._rows(f"{_NOTE} WHERE id = ?", (note,))
        if not rows:
            raise UsageError(f"there is no note {note}")
        return self._note(rows[0])

    def notes(self, repository: str | Path) -> tuple[Note, ...]:
        """Return the notes about a repository, oldest first."""
        rows = self._rows(f"{_NOTE} WHERE repository = ? ORDER BY id", (as_text(repository),))
        return tuple(map(self._note, rows))

    def edit_note(self, note: int, text: str, citations: Sequence[CitedLines]) -> None:
        """Change what a note says and what it rests on; UsageError for an unknown id or an empty text."""
        if not text.strip():
            raise UsageError("a note must not be empty; delete it instead")
        self._change_one(
            "UPDATE note SET text = ?, citations = ?, updated = ? WHERE id = ?",
            (as_text(text.strip()), _citations_json(citations), now(), note),
            f"there is no note {note}",
        )

    def delete_note(self, note: int) -> None:
        """Remove a note; UsageError for an unknown id."""
        self._change_one("DELETE FROM note WHERE id = ?", (note,), f"there is no note {note}")

    def _note(self, row: tuple[Any, ...]) -> Note:
        number, repository, title, text, source, origin, created, updated, citations, turn = row
        try:
            cited = tuple(CitedLines(**item) for item in json.loads(citations))
        except (ValueError, TypeError) as error:
            raise DamagedError(
                f"note {number} in {self._path} is damaged: its details are not what was written"
            ) from error
        return Note(number, repository, title, text, source, origin, created, updated, cited, turn)


def _citations_json(citations: Sequence[CitedLines]) -> str:
    return json.dumps([asdict(each) for each in citations])
