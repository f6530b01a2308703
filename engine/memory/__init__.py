"""Conversations, notes and feedback: what must never be lost."""

from engine.memory.schema import MIGRATIONS, Migration, set_aside_files
from engine.memory.store import Feedback, Memory, Note, Thread, ThreadTurn, Verdict

__all__ = [
    "MIGRATIONS",
    "Feedback",
    "Memory",
    "Migration",
    "Note",
    "Thread",
    "ThreadTurn",
    "Verdict",
    "set_aside_files",
]
