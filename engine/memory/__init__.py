"""Conversations, notes and feedback: what must never be lost."""

from engine.memory.checks import Spent
from engine.memory.notes import CitedLines, Note, is_note_path, lines_hash, note_path, note_source
from engine.memory.schema import MIGRATIONS, Migration, set_aside_files
from engine.memory.store import EvidenceLines, Feedback, Memory, Thread, ThreadTurn, Verdict

__all__ = [
    "MIGRATIONS",
    "CitedLines",
    "EvidenceLines",
    "Feedback",
    "Memory",
    "Migration",
    "Note",
    "Spent",
    "Thread",
    "ThreadTurn",
    "Verdict",
    "is_note_path",
    "lines_hash",
    "note_path",
    "note_source",
    "set_aside_files",
]
