"""The workspace of the product with encoders that are quick and write down what they are asked.

Everything else is real: the scan, the parser, the databases, the graphs, and the file system below them.
"""

from __future__ import annotations

import os
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np

from engine import paths
from engine.config import Settings
from engine.embedding.cache import EmbeddingCache
from engine.embedding.encoders import Encoders
from engine.index.vectors import VectorIndex
from engine.types import Floats, Tier, sha256_hex
from engine.workspace import Workspace

__all__ = ["GRAPH_FROM", "Log", "LoggedWorkspace", "embedded_again"]

GRAPH_FROM = 200  # vectors: a graph is built from here on, instead of from 20,000
_WORD = re.compile(r"[a-z]+")


class Log:
    """Lines in a file that several processes append to, whole even when one of them is killed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, kind: str, encoder: str, keys: Sequence[str]) -> None:
        os.write(self._descriptor, "".join(f"{kind} {encoder} {key}\n" for key in keys).encode())

    def close(self) -> None:
        os.close(self._descriptor)


def embedded_again(log: Path) -> tuple[Counter[tuple[str, str]], int, int]:
    """Read a log: texts that were embedded although their vector was stored, texts stored, texts lost by a kill."""
    stored: set[tuple[str, str]] = set()
    again: Counter[tuple[str, str]] = Counter()
    embedded = 0
    for line in log.read_text(encoding="ascii").splitlines():
        kind, encoder, key = line.split(" ")
        if kind == "stored":
            stored.add((encoder, key))
        else:
            embedded += 1
            if (encoder, key) in stored:
                again[encoder, key] += 1
    return again, len(stored), embedded - len(stored)


class _WordEncoder:
    """A hashed bag of words at unit length: deterministic, and alike for texts that share words.

    The path in front of a text is passed over: the vectors of a renamed file move along with it, and whether they do
    must make no difference where an index is compared with one made anew.
    """

    dimensions = 64

    def __init__(self, name: str, log: Log) -> None:
        self.id = name
        self._log = log

    def load(self) -> None:
        pass

    def encode(self, texts: Sequence[str]) -> Floats:
        vectors = np.full((len(texts), self.dimensions), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in _WORD.findall(text.partition(" ")[2].lower() if "\n" in text else text.lower()):
                code = zlib.crc32(f"{self.id} {word}".encode())
                vectors[row, code % self.dimensions] += 1.0 if code & 1024 else -1.0
        if any("\n" in text for text in texts):  # a question has one line, a chunk at least its path and its text
            self._log.write("embedded", self.id, [sha256_hex(text) for text in texts])
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


class _LoggedCache(EmbeddingCache):
    """The cache of embeddings, which writes down what it has taken for good."""

    log: Log

    def put(self, encoder: str, chunker: str, keys: Sequence[bytes], vectors: Floats) -> Floats:
        decoded = super().put(encoder, chunker, keys, vectors)
        self.log.write("stored", encoder, [key.hex() for key in keys])
        return decoded


class LoggedWorkspace(Workspace):
    """A workspace in the home that SIDETUNE_HOME names."""

    def __init__(self, root: Path, log: Path) -> None:
        self.log = Log(log)
        encoders = SimpleNamespace(static=_WordEncoder("static", self.log), transformer=_WordEncoder("best", self.log))
        super().__init__(root, Settings(threads=1), cast("Encoders", encoders))
        self._cache.close()
        cache = _LoggedCache(paths.embeddings_file())
        cache.log = self.log
        self._cache = cache

    def _tier(self, tier: Tier) -> VectorIndex:
        encoder = self._encoders.static if tier == "static" else self._encoders.transformer
        return VectorIndex(tier, self._store, self._cache, encoder, chunker=self._chunker, exact_up_to=GRAPH_FROM)

    @cached_property
    def _static(self) -> VectorIndex:
        return self._tier("static")

    @cached_property
    def _transformer(self) -> VectorIndex:
        return self._tier("transformer")

    def close(self) -> None:
        super().close()
        self.log.close()
