"""A repository whose files lose, gain and replace lines for ever, and the index of vectors that follows it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.embedding.cache import EmbeddingCache
from engine.index.store import Store
from engine.index.updater import Updater
from engine.index.vectors import VectorIndex
from engine.types import Chunk, Floats, ParsedFile, SourceFile, sha256_hex

__all__ = ["Churned", "Seeded", "source"]

_FILE = 20  # chunks a file, of which an update changes some
_CENTRES = 50


class Seeded:
    """Text -> a unit vector near one of 50 centres, drawn by the text's own hash: no two texts are alike."""

    def __init__(self, dimensions: int) -> None:
        self.id = f"seeded-{dimensions}"
        self.dimensions = dimensions
        self.texts: list[str] = []  # that were embedded
        self._centres = np.random.default_rng(1).standard_normal((_CENTRES, dimensions), dtype=np.float32)

    def encode(self, texts: Sequence[str]) -> Floats:
        self.texts += texts
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            rng = np.random.default_rng(int(sha256_hex(text)[:16], 16))
            vectors[row] = self._centres[rng.integers(_CENTRES)] + rng.standard_normal(
                self.dimensions, dtype=np.float32
            )
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def _parse(source: SourceFile) -> ParsedFile:
    """One chunk a line."""
    lines = source.text.split("\n")
    chunks = [Chunk(source.path, at, at, line, "block", "text") for at, line in enumerate(lines, start=1) if line]
    return ParsedFile(source.path, tuple(chunks))


def source(path: str, lines: Sequence[str]) -> SourceFile:
    """Return a file of these lines."""
    text = "\n".join(lines)
    return SourceFile(path, text, sha256_hex(text), "text", len(text), 1)


class Churned:
    """The files, and the index of them in ``directory``. ``updates`` counts chunks added, deleted and replaced."""

    def __init__(self, directory: Path, dimensions: int, *, graph_from: int) -> None:
        self.directory = directory
        self.encoder = Seeded(dimensions)
        self.files: dict[str, list[str]] = {}
        self.updates = 0
        self.graphs: set[str] = set()  # hashes of those that were built
        self._random = random.Random(dimensions)
        self._graph_from = graph_from
        self._lines = 0
        self._open()

    def _open(self) -> None:
        self.cache = EmbeddingCache(self.directory / "embeddings.sqlite")
        self.store = Store(self.directory / "index")
        self.index = VectorIndex(
            "static", self.store, self.cache, self.encoder, chunker="lines", exact_up_to=self._graph_from
        )
        self.updater = Updater(self.store, [self.index], parse=_parse, chunker="lines")

    def close(self) -> None:
        """Close the databases."""
        self.store.close()
        self.cache.close()

    def restart(self) -> None:
        """Open everything anew, from what is on disk."""
        self.close()
        before = len(self.encoder.texts)
        self._open()
        self.index.refresh()
        assert self.index.missing == {}
        assert len(self.encoder.texts) == before

    def new_line(self) -> str:
        """Return a line that was never there."""
        self._lines += 1
        return f"line {self._lines}"

    def begin(self, files: int) -> None:
        """Index the first files."""
        self.files = {f"{number}.txt": [self.new_line() for _ in range(_FILE)] for number in range(files)}
        self.updater.update([source(path, lines) for path, lines in sorted(self.files.items())])

    def churn(self) -> None:
        """Make a file, or delete one, or change some lines of one, and let the index follow."""
        draw = self._random.random()
        if draw < 0.15 or not self.files:
            path, count = f"{self._lines}.txt", _FILE
            self.files[path] = [self.new_line() for _ in range(count)]
        elif draw < 0.3:
            path = self._random.choice(sorted(self.files))
            count = len(self.files.pop(path))
        else:
            path, count = self._random.choice(sorted(self.files)), self._random.randrange(1, _FILE)
            self._edit(self.files[path], count)
        self.updates += count
        there = [source(path, self.files[path])] if path in self.files else []
        self.updater.update(there, removed=[] if there else [path], complete=False)
        self.graphs.add(self.index._graph_sha256)

    def _edit(self, lines: list[str], count: int) -> None:
        for _ in range(count):
            at = self._random.randrange(len(lines) + 1)
            if lines and self._random.random() < 0.3:
                lines.pop(min(at, len(lines) - 1))
            elif lines and self._random.random() < 0.6:
                lines[min(at, len(lines) - 1)] = self.new_line()
            else:
                lines.insert(at, self.new_line())

    def recall(self, k: int, questions: int) -> float:
        """Return the share of the exact k nearest chunks that the index finds; it must find live ones only."""
        labels = [label for path in self.store.files() for label in self.store.chunks_in(path)]
        assert len(labels) == sum(map(len, self.files.values()))
        texts = self.store.embedding_texts(labels)
        vectors = self.encoder.encode([texts[label] for label in labels])
        hits = 0
        for question in self.encoder.encode([f"question {number}" for number in range(questions)]):
            exact = np.asarray(labels)[np.argsort(-(vectors @ question), kind="stable")[:k]]
            found = {label for label, _ in self.index.search(question, k)}
            assert len(found) == k
            assert found <= set(labels)
            hits += len(found & set(exact.tolist()))
        return hits / (k * questions)
