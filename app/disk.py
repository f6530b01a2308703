"""What the disk is used for: read and tidied through the engine, said in words. Qt-free."""

from __future__ import annotations

from collections.abc import Callable

from app.asking import Caller
from app.models import size_words
from engine.usage import Collected, Space
from engine.wire import COLLECT, SPACE, Empty, Problem

__all__ = ["DiskCalls", "collected_words", "kinds_words", "repositories_words"]

OnProblem = Callable[[Problem], None]
_LISTED = 5  # repositories, the largest first


class DiskCalls:
    """Looks at the disk for one window and has it tidied. ``call`` makes a call as the session does."""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def look(self, on_space: Callable[[Space], None], on_problem: OnProblem) -> None:
        """Read what is used."""
        self._call(SPACE, Empty(), on_space, on_problem)

    def collect(self, on_collected: Callable[[Collected], None], on_problem: OnProblem) -> None:
        """Remove what no repository uses until the limit is kept."""
        self._call(COLLECT, Empty(), on_collected, on_problem)


def kinds_words(space: Space) -> str:
    """Return how much each kind uses, and what is free."""
    kinds = (
        ("indexes", space.indexes),
        ("embeddings", space.embeddings),
        ("adapters", space.adapters),
        ("models", space.models),
        ("conversations and notes", space.memory),
        ("other", space.other),
    )
    used = ", ".join(f"{name} {size_words(size)}" for name, size in kinds if size)
    return f"{used or 'Nothing yet'}; {size_words(space.free)} free"


def repositories_words(space: Space) -> str:
    """Return what the largest repositories use, a line each."""
    lines = []
    for each in space.repositories[:_LISTED]:
        name = each.root or each.key
        gone = "" if each.exists or not each.root else ", the folder is gone"
        size = each.index + each.graph + each.embeddings + each.adapters + each.snapshots
        lines.append(f"{name}: {size_words(size)}{gone}")
    more = len(space.repositories) - _LISTED
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def collected_words(collected: Collected) -> str:
    """Return what was removed."""
    if not collected.freed:
        return "Nothing had to go: the limit is kept."
    return f"{size_words(collected.freed)} are free again."
