"""What Sidetune keeps on the disk, by repository and by kind. Sizes are bytes."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Collected", "RepositorySpace", "Space"]


@dataclass(frozen=True, slots=True)
class RepositorySpace:
    """What is derived from one repository."""

    key: str  # under which it is filed
    root: str  # its folder, "" when that is not known
    exists: bool  # the folder is there
    files: int
    chunks: int
    index: int  # texts, words and symbols
    graph: int  # for searching vectors; can be built again
    embeddings: int  # vectors; those that other repositories use as well are counted in each
    adapters: int
    snapshots: int  # earlier revisions that were evaluated, and what was set aside as damaged
    used: str  # ISO 8601, UTC: when it was last written

    @property
    def total(self) -> int:
        """Return the bytes of all kinds."""
        return self.index + self.graph + self.embeddings + self.adapters + self.snapshots


@dataclass(frozen=True, slots=True)
class Space:
    """What uses the disk. ``derived`` is what the limit is about: all but models and conversations."""

    home: str
    free: int  # on its disk
    limit: int  # of ``derived``; 0: none
    derived: int
    indexes: int
    embeddings: int
    unused_embeddings: int  # that no index names; the oldest go first when the limit is reached
    adapters: int
    unused_adapters: int
    models: int
    memory: int  # conversations and notes
    other: int
    repositories: tuple[RepositorySpace, ...]  # the largest first


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection removed."""

    embeddings: int
    adapters: int
    freed: int  # bytes
    derived: int  # bytes that are left
    problem: str = ""  # a sentence: why nothing was removed, or why the limit is still exceeded
