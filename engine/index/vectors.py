"""Vectors of one tier, by chunk: an immutable graph for what is old, exact search over what is new.

On disk the vectors are in the shared cache of embeddings and nowhere else; the graph's file is a copy that may be
missing. Up to ``EXACT_UP_TO`` vectors there is no graph: comparing with all of them takes milliseconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from sqlite3 import Connection
from typing import Protocol

import numpy as np

from engine.index.buffer import VectorBuffer
from engine.index.graph import Graph, GraphBuilder
from engine.index.store import Store, read_revision
from engine.types import Encoder, Floats, Tier

__all__ = ["EXACT_UP_TO", "VectorCache", "VectorIndex"]

EXACT_UP_TO = 20_000
_STALE_SHARE = 0.2  # of the graph: more new or deleted vectors than this and it is built anew
_SUPERFLUOUS = 0.1  # of a graph in the making: with more deleted vectors than this it is begun anew


class VectorCache(Protocol):
    """Where vectors live on disk (``embedding.cache.EmbeddingCache``)."""

    def get(self, encoder: str, chunker: str, keys: Sequence[bytes], dimensions: int) -> tuple[list[int], Floats]:
        """Return the positions in ``keys`` that are cached and their unit vectors."""

    def version(self) -> object:
        """Return something that is another after every change, by whichever process."""

    def put(self, encoder: str, chunker: str, keys: Sequence[bytes], vectors: Floats) -> Floats:
        """Store vectors (n, d) by key, if it can, and return them as ``get`` will."""


class VectorIndex:
    """What one encoder knows of one repository's chunks; safe for several threads.

    ``refresh`` takes in what changed in store and cache, by whichever process. Methods raise StorageError.
    """

    def __init__(
        self,
        tier: Tier,
        store: Store,
        cache: VectorCache,
        encoder: Encoder,
        *,
        chunker: str,
        exact_up_to: int = EXACT_UP_TO,
    ) -> None:
        self.tier = tier
        self.encoder = encoder
        self._store = store
        self._cache = cache
        self._chunker = chunker
        self._exact_up_to = exact_up_to
        self._lock = threading.RLock()
        self._forget_all("")

    def _forget_all(self, identity: str) -> None:
        self._identity = identity
        self._revision = -1  # nothing read yet
        self._last_chunk = 0
        self._last_tombstone = 0
        self._live: set[int] = set()
        self._missing: dict[int, bytes] = {}  # live chunks whose vector the cache did not have, with its key
        self._asked = 0  # the last label that was looked for in the cache
        self._cache_version: object = None  # of the cache, when all of them were
        self._buffer = VectorBuffer(self.encoder.dimensions)
        self._graph: Graph | None = None
        self._builder: GraphBuilder | None = None  # of the next graph, when its making was interrupted
        self._graph_sha256 = ""
        self._graph_live = 0

    # -- what there is --------------------------------------------------------------------------

    @property
    def total(self) -> int:
        """Return the number of chunks, as of the last refresh."""
        with self._lock:
            return len(self._live)

    @property
    def count(self) -> int:
        """Return the number of chunks with a vector, as of the last refresh."""
        with self._lock:
            return len(self._live) - len(self._missing)

    @property
    def missing(self) -> dict[int, bytes]:
        """Return the chunks without a vector, as of the last refresh, with the keys of what is to be embedded."""
        with self._lock:
            return dict(self._missing)

    def refresh(self) -> int:
        """Take in chunks, deletions, vectors and graphs that were written since the last time.

        Return the number of texts whose vectors were found in the cache.
        """
        with self._lock:
            with self._store.snapshot() as connection:
                changed = self._read_changes(connection)
                row = connection.execute(
                    "SELECT file, sha256, count FROM graphs WHERE encoder = ?", (self.encoder.id,)
                ).fetchone()
            if changed and row and row[1] != self._graph_sha256:
                self._load_graph(*row)
            return self._read_vectors()

    def _read_vectors(self) -> int:
        """Look in the cache for the vectors that are missing: of new chunks, and of all when the cache has changed."""
        if not self._missing:
            return 0
        version = self._cache.version()
        everything = version != self._cache_version
        labels = [label for label in self._missing if everything or label > self._asked]
        self._asked, self._cache_version = self._last_chunk, version
        if not labels:
            return 0
        keys = [self._missing[label] for label in labels]
        positions, vectors = self._cache.get(self.encoder.id, self._chunker, keys, self.encoder.dimensions)
        self._take([labels[position] for position in positions], vectors)
        return len({keys[position] for position in positions})

    def _read_changes(self, connection: Connection) -> bool:
        revision = read_revision(connection)
        if revision.identity == self._identity and revision.number == self._revision:
            return False
        values = dict(connection.execute("SELECT key, value FROM meta WHERE key = 'pruned'"))
        if revision.identity != self._identity or values.get("pruned", 0) > self._last_tombstone:
            self._forget_all(revision.identity)
        starting = self._revision < 0
        self._revision = revision.number
        for label, key in connection.execute("SELECT id, key FROM chunks WHERE id > ?", (self._last_chunk,)):
            self._live.add(label)
            self._missing[label] = key
            self._last_chunk = max(self._last_chunk, label)
        buried = connection.execute(
            "SELECT seq, chunk_id FROM tombstones WHERE seq > ? ORDER BY seq", (self._last_tombstone,)
        ).fetchall()
        if buried:
            self._last_tombstone = buried[-1][0]
        if not starting:  # at the start, only live chunks were read
            self._bury(label for _, label in buried)
        return True

    def _bury(self, labels: Iterable[int]) -> None:
        for label in labels:
            if label in self._live:
                self._live.discard(label)
                self._missing.pop(label, None)
                if not self._buffer.remove(label) and self._graph is not None and label in self._graph:
                    self._graph_live -= 1

    def _take(self, labels: Sequence[int], vectors: Floats) -> None:
        """Put vectors of chunks that had none into the buffer."""
        wanted = [position for position, label in enumerate(labels) if label in self._missing]
        self._buffer.add([labels[position] for position in wanted], vectors[wanted])
        for position in wanted:
            del self._missing[labels[position]]

    # -- searching ------------------------------------------------------------------------------

    def search(self, vector: Floats, k: int) -> list[tuple[int, float]]:
        """Return up to ``k`` (chunk, cosine) of the live chunks nearest to a unit vector (d,), best first."""
        with self._lock:
            found = self._buffer.search(vector, k)
            if self._graph is not None:
                found += self._search_graph(self._graph, vector, k)
        found.sort(key=lambda each: (-each[1], each[0]))
        return found[:k]

    def _search_graph(self, graph: Graph, vector: Floats, k: int) -> list[tuple[int, float]]:
        """Fetch more than k, as the graph still holds what was deleted, until k are alive or it is exhausted."""
        fetch = min(len(graph), k + k // 4 + 1)
        while True:
            labels, cosines = graph.search(vector, fetch)
            pairs = zip(labels.tolist(), cosines.tolist(), strict=True)
            alive = [(label, cosine) for label, cosine in pairs if label in self._live]
            if len(alive) >= k or fetch >= len(graph):
                return alive
            fetch = min(len(graph), 2 * fetch)

    def vectors(self, labels: Sequence[int]) -> tuple[list[int], Floats]:
        """Return the positions in ``labels`` that have a vector, and these vectors (n, d)."""
        with self._lock:
            asked = np.asarray(labels, dtype=np.int64)
            result = np.zeros((len(labels), self.encoder.dimensions), dtype=np.float32)
            has = self._buffer.copy_into(asked, result)
            if self._graph is not None:
                inside = self._graph.contains(asked) & ~has
                result[inside] = self._graph.vectors(asked[inside])
                has |= inside
        positions = np.flatnonzero(has)
        return positions.tolist(), result[positions]

    # -- growing --------------------------------------------------------------------------------

    def embed(self, texts: Mapping[int, str], keys: Mapping[int, bytes]) -> int:
        """Embed chunks that have no vector and keep the vectors; return how many texts were embedded.

        Chunks with the same key are one text. A cache that cannot be written is left as it is. Raises what the
        encoder raises (ModelError).
        """
        by_key: dict[bytes, list[int]] = {}
        for label in texts:
            by_key.setdefault(keys[label], []).append(label)
        # Another process may have embedded some since they were found missing: the writer, a question, another copy.
        asked = list(by_key)
        positions, vectors = self._cache.get(self.encoder.id, self._chunker, asked, self.encoder.dimensions)
        self._take_keys([by_key.pop(asked[position]) for position in positions], vectors)
        if by_key:
            # What is searched now is what is read after a restart, rounding included, so that results stay the same.
            encoded = self.encoder.encode([texts[each[0]] for each in by_key.values()])
            vectors = self._cache.put(self.encoder.id, self._chunker, list(by_key), encoded)
            self._take_keys(list(by_key.values()), vectors)
        return len(by_key)

    def _take_keys(self, labels: Sequence[Sequence[int]], vectors: Floats) -> None:
        """Take one vector for each group of chunks that have the same text."""
        with self._lock:
            for each, vector in zip(labels, vectors, strict=True):
                self._take(each, np.repeat(vector[None], len(each), axis=0))

    def graph_is_stale(self) -> bool:
        """Return whether so much was added or deleted that the graph should be built (again)."""
        with self._lock:
            size = len(self._graph) if self._graph else 0
            if self.count <= self._exact_up_to:
                return False
            return self._buffer.live > max(self._exact_up_to * _STALE_SHARE, size * _STALE_SHARE) or (
                size - self._graph_live > size * _STALE_SHARE
            )

    def rebuild_graph(self, *, threads: int = 1, step: Callable[[int, int], None] | None = None) -> None:
        """Build a graph of all vectors there are, save it and put it in the place of the old one.

        For the holder of the store's lease; ``step(done, total)`` is called between short batches, and when it raises
        the next call goes on from there. Searches go on meanwhile with the old graph.
        """
        with self._lock:
            labels = sorted(self._live - self._missing.keys())
            positions, vectors = self.vectors(labels)
            builder = self._builder
            if builder is None or builder.superfluous(self._live) > _SUPERFLUOUS * len(labels):
                builder = self._builder = GraphBuilder(self.encoder.dimensions)
        known = np.asarray(labels, dtype=np.int64)[positions]
        lacking = builder.lacking(known)
        tell = None if step is None else (lambda done: step(min(done, len(known)), len(known)))
        builder.add(known[lacking], vectors[lacking], threads=threads, step=tell)
        graph = builder.finish()
        name, sha256 = graph.save(self._store.directory, self.encoder.id)
        self._store.note_graph(self.encoder.id, name, sha256, len(graph))
        with self._lock:
            self._builder = None
            self._swap(graph, sha256)

    def _load_graph(self, name: str, sha256: str, count: int) -> None:
        graph = Graph.load(self._store.directory / name, sha256, count, self.encoder.dimensions)
        if graph is not None:  # else the vectors come from the cache, and the next update builds it anew
            self._swap(graph, sha256)

    def _swap(self, graph: Graph, sha256: str) -> None:
        if self._graph is not None:  # what only the old graph held goes on in the buffer
            left = self._graph.labels[~graph.contains(self._graph.labels)]
            left = np.asarray([label for label in left.tolist() if label in self._live], dtype=np.int64)
            self._buffer.add(left.tolist(), self._graph.vectors(left))
        self._graph, self._graph_sha256 = graph, sha256
        self._graph_live = sum(label in self._live for label in graph.labels.tolist())
        for label in graph.labels.tolist():
            self._missing.pop(label, None)
            self._buffer.remove(label)
        self._buffer.shrink()
