"""A source file -> chunks and the symbol graph."""

from engine.chunking.parse import CHUNKER_VERSION, parse

__all__ = ["CHUNKER_VERSION", "parse"]
