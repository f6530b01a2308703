"""The index of vectors does not rot: recall against exact search after thousands of random updates and restarts."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.embedding.cache import EmbeddingCache
from engine.errors import Cancelled
from engine.index.store import Store
from engine.index.updater import Updater
from engine.index.vectors import VectorIndex
from engine.types import Chunk, Floats, ParsedFile, Report, SourceFile, sha256_hex

FILE = 20  # chunks a file, of which an update changes some
BEGIN = 150  # files
GRAPH_FROM = 1_000  # vectors
RESTART_EVERY = 1_000


class Seeded:
    """Text -> a unit vector near one of 50 centres, drawn by the text's own hash: no two texts are alike."""

    def __init__(self, dimensions: int) -> None:
        self.id = f"seeded-{dimensions}"
        self.dimensions = dimensions
        self.texts: list[str] = []
        self._centres = np.random.default_rng(1).standard_normal((50, dimensions), dtype=np.float32)

    def encode(self, texts: Sequence[str]) -> Floats:
        self.texts += texts
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            rng = np.random.default_rng(int(sha256_hex(text)[:16], 16))
            vectors[row] = self._centres[rng.integers(50)] + rng.standard_normal(self.dimensions, dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def parse(source: SourceFile) -> ParsedFile:
    """One chunk a line."""
    lines = source.text.split("\n")
    chunks = [Chunk(source.path, at, at, line, "block", "text") for at, line in enumerate(lines, start=1) if line]
    return ParsedFile(source.path, tuple(chunks))


def source(path: str, lines: Sequence[str]) -> SourceFile:
    text = "\n".join(lines)
    return SourceFile(path, text, sha256_hex(text), "text", len(text), 1)


class Churned:
    """A repository whose files lose, gain and replace lines, and the index that follows."""

    def __init__(self, directory: Path, dimensions: int) -> None:
        self.directory = directory
        self.encoder = Seeded(dimensions)
        self.random = random.Random(dimensions)
        self.files: dict[str, list[str]] = {}
        self.updates = self.graphs = self._texts = 0
        self.seen: set[str] = set()
        self._open()

    def _open(self) -> None:
        self.cache = EmbeddingCache(self.directory / "embeddings.sqlite")
        self.store = Store(self.directory / "index")
        self.index = VectorIndex(
            "static", self.store, self.cache, self.encoder, chunker="lines", exact_up_to=GRAPH_FROM
        )
        self.updater = Updater(self.store, [self.index], parse=parse, chunker="lines")

    def close(self) -> None:
        self.store.close()
        self.cache.close()

    def restart(self) -> None:
        self.close()
        before = len(self.encoder.texts)
        self._open()
        self.index.refresh()
        assert self.index.missing == {}
        assert len(self.encoder.texts) == before

    def _new(self) -> str:
        self._texts += 1
        return f"line {self._texts}"

    def begin(self) -> None:
        self.files = {f"{number}.txt": [self._new() for _ in range(FILE)] for number in range(BEGIN)}
        self.updater.update([source(path, lines) for path, lines in sorted(self.files.items())])

    def churn(self) -> None:
        """Change some lines of one file, or make one, or delete one."""
        draw = self.random.random()
        if draw < 0.15 or not self.files:
            path, count = f"{self._texts}.txt", FILE
            self.files[path] = [self._new() for _ in range(count)]
        elif draw < 0.3:
            path = self.random.choice(sorted(self.files))
            count = len(self.files.pop(path))
        else:
            path, count = self.random.choice(sorted(self.files)), self.random.randrange(1, FILE)
            lines = self.files[path]
            for _ in range(count):
                at = self.random.randrange(len(lines) + 1)
                if lines and self.random.random() < 0.3:
                    lines.pop(min(at, len(lines) - 1))
                elif lines and self.random.random() < 0.6:
                    lines[min(at, len(lines) - 1)] = self._new()
                else:
                    lines.insert(at, self._new())
        self.updates += count
        there = [source(path, self.files[path])] if path in self.files else []
        self.updater.update(there, removed=[] if there else [path], complete=False)
        digest = self.index._graph_sha256
        self.graphs += digest not in self.seen
        self.seen.add(digest)

    def recall(self, k: int, questions: int) -> float:
        """Return the share of the exact k nearest chunks that the index finds."""
        labels = [label for path in self.store.files() for label in self.store.chunks_in(path)]
        texts = [chunk.embedding_text for chunk in self.store.chunks(labels).values()]
        assert len(texts) == len(labels) == sum(map(len, self.files.values()))
        by_label = self.store.embedding_texts(labels)
        vectors = self.encoder.encode([by_label[label] for label in labels])
        hits = 0
        for question in self.encoder.encode([f"question {number}" for number in range(questions)]):
            exact = np.asarray(labels)[np.argsort(-(vectors @ question), kind="stable")[:k]]
            found = {label for label, _ in self.index.search(question, k)}
            assert len(found) == k
            assert found <= set(labels)
            hits += len(found & set(exact.tolist()))
        return hits / (k * questions)


# Chunks added, deleted and replaced; `make bench` does 10,000 of both widths.
@pytest.mark.parametrize(("dimensions", "updates"), [(256, 10_000), (384, 3_000)])
def test_recall_after_random_updates_with_restarts(tmp_path: Path, dimensions: int, updates: int) -> None:
    churned = Churned(tmp_path, dimensions)
    churned.begin()
    assert churned.index._graph is not None
    restarts = 0
    while churned.updates < updates:
        churned.churn()
        if churned.updates // RESTART_EVERY > restarts:
            restarts += 1
            churned.restart()
    assert restarts >= updates // RESTART_EVERY - 1
    assert churned.graphs >= 3  # it was built anew, again and again
    assert len(churned.encoder.texts) == len(set(churned.encoder.texts))  # and nothing was embedded twice
    assert churned.recall(10, 100) >= 0.97
    assert churned.recall(200, 20) >= 0.97
    churned.close()


def test_a_graph_whose_making_is_interrupted_again_and_again_is_finished(tmp_path: Path) -> None:
    """A question stops the building; were it begun anew each time, a large repository would never have a graph."""
    churned = Churned(tmp_path, 64)
    cancel = threading.Event()
    began: list[int] = []

    def progress(report: Report) -> None:
        if report.stage == "graph":
            began.append(report.done)
            cancel.set()  # looked at before the next batch

    lines = [churned._new() for _ in range(3_000)]
    churned.files["all.txt"] = lines
    scanned = [source("all.txt", lines)]
    for _ in range(40):
        try:
            churned.updater.update(scanned, progress=progress, cancel=cancel, complete=False)
            break
        except Cancelled:
            cancel.clear()
            scanned = []
            assert churned.recall(10, 3) == 1.0  # exact meanwhile
            if len(began) == 3:  # what is deleted meanwhile does not come back
                del lines[:20]
                scanned = [source("all.txt", lines)]
    else:
        pytest.fail("it was never finished")
    assert len(began) > 5
    assert began == sorted(set(began))
    assert churned.index._graph is not None
    assert len(churned.index._graph) >= 2_980
    assert churned.recall(10, 50) >= 0.97
    churned.close()
