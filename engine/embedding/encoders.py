"""Both encoders of a process: its repositories share them, since their weights are the same."""

from __future__ import annotations

from engine.embedding.encoder import TransformerEncoder
from engine.embedding.static import StaticEncoder

__all__ = ["Encoders"]


class Encoders:
    """Cheap to make: each reads its weights when it is first used. Safe for several threads."""

    def __init__(self, *, threads: int) -> None:
        self.static = StaticEncoder()
        self.transformer = TransformerEncoder(threads=threads)
