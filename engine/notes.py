"""What is remembered about a repository on purpose: accepted corrections and answers, and what the user writes down.

A note is found, read and learned from like a chunk of a file; the index takes it in as if it were one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.memory import CitedLines, Note, lines_hash, note_path
from engine.verdicts import Checked, SourceLines, StoredNote

if TYPE_CHECKING:
    from engine.assistant import Assistant

__all__ = ["Notebook"]

_CITATION = re.compile(r"\[(\d{1,3})\]")
_TITLE_CHARS = 80


class Notebook:
    """The notes about an assistant's repository."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def all(self) -> tuple[StoredNote, ...]:
        """Return every note, the latest first."""
        return tuple(map(self._stored, reversed(self._assistant.memory.notes(self._assistant.root))))

    def accept_correction(self, check: int, text: str = "") -> StoredNote:
        """Keep the corrected answer of a check, as it came or as the user changed it.

        UsageError for an unknown check, one about another repository, or one that corrected nothing.
        """
        memory = self._assistant.memory
        turn, checked = memory.check(check)
        asked = memory.turn(turn)
        self._require_ours(memory.thread(asked.thread).repository)
        wanted = text.strip() or checked.corrected
        if not wanted:
            raise UsageError("This check corrected nothing; accept the answer itself instead.")
        changed = "" if wanted == checked.corrected else ", changed"
        number = memory.add_note(
            self._assistant.root,
            wanted,
            title=asked.question,
            source="check",
            origin=f"Corrected by {checked.model}{changed} and accepted by the user.",
            citations=self._cited(_rests_on(wanted, checked)),
            turn=turn,
        )
        memory.change_check(check, replace(checked, accepted=True))
        return self._stored(memory.note(number))

    def accept_answer(self, thread: str, turn: int) -> StoredNote:
        """Keep a question with its answer, because the user found it right; UsageError for an unknown answer."""
        memory = self._assistant.memory
        self._require_ours(memory.thread(thread).repository)
        asked = memory.turn(turn) if turn else memory.turns(thread, last=1)[-1]
        if asked.thread != thread:
            raise UsageError(f"answer {turn} is not part of conversation {thread!r}")
        cited = [SourceLines(each.path, each.first_line, each.last_line) for each in asked.citations]
        number = memory.add_note(
            self._assistant.root,
            asked.answer,
            title=asked.question,
            source="answer",
            origin="Written by the local model and accepted by the user.",
            citations=self._cited(cited),
            turn=asked.id,
        )
        return self._stored(memory.note(number))

    def add(self, text: str, cited: Sequence[SourceLines] = ()) -> StoredNote:
        """Keep what the user writes down; UsageError when it is empty."""
        memory = self._assistant.memory
        number = memory.add_note(
            self._assistant.root, text, origin="Written down by the user.", citations=self._cited(cited)
        )
        return self._stored(memory.note(number))

    def edit(self, note: int, text: str) -> StoredNote:
        """Change what a note says. It rests on the lines as they are now, so it is no longer stale."""
        memory = self._assistant.memory
        before = self._ours(note)
        cited = (SourceLines(each.path, each.first_line, each.last_line) for each in before.citations)
        memory.edit_note(note, text, self._cited(cited))
        return self._stored(memory.note(note))

    def delete(self, note: int) -> str:
        """Delete a note and return the path that it had."""
        before = self._ours(note)
        self._assistant.memory.delete_note(note)
        return note_path(before)

    def _ours(self, note: int) -> Note:
        found = self._assistant.memory.note(note)
        self._require_ours(found.repository)
        return found

    def _require_ours(self, repository: str) -> None:
        if repository != str(self._assistant.root):
            raise UsageError(f"this is about another repository, {repository}")

    def _cited(self, lines: Iterable[SourceLines]) -> tuple[CitedLines, ...]:
        """Return the lines with what stands there now; those that are gone are left out."""
        found = []
        for each in dict.fromkeys(lines):
            text = self._assistant.on_disk(each.path, each.first_line, each.last_line)
            if text is not None:
                found.append(CitedLines(each.path, each.first_line, each.last_line, lines_hash(text)))
        return tuple(found)

    def _stored(self, note: Note) -> StoredNote:
        changed = self._assistant.changed_lines(note)
        title = " ".join((note.title or note.text).split())
        return StoredNote(
            note.id,
            note_path(note),
            title if len(title) <= _TITLE_CHARS else f"{title[: _TITLE_CHARS - 1]}…",
            note.text,
            note.source,
            note.origin or "Written down by the user.",
            note.created,
            note.updated,
            stale=bool(changed),
            citations=tuple(SourceLines(each.path, each.first_line, each.last_line) for each in note.citations),
            changed=changed,
        )


def _rests_on(text: str, checked: Checked) -> tuple[SourceLines, ...]:
    """Return what a corrected answer cites, and the lines by which its claims were judged."""
    numbers = [int(match.group(1)) for match in _CITATION.finditer(text)]
    cited = [checked.sources[number - 1] for number in numbers if 0 < number <= len(checked.sources)]
    return tuple(dict.fromkeys([*cited, *(lines for claim in checked.claims for lines in claim.lines)]))
