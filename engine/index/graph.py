"""An immutable HNSW graph: built once, saved under its hash, searched, replaced as a whole.

Malkov, Yashunin: "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable
Small World graphs" (2018, arXiv 1603.09320), in hnswlib 0.8, which raises when fewer than k can be found, and
can crash or load silently from a damaged file: so k is clamped and the file's SHA-256 checked before loading.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.models.files import replacing, sha256_file
from engine.types import Floats, sha256_hex

__all__ = ["Graph", "GraphBuilder"]

Labels = npt.NDArray[np.int64]

_M = 16  # links a node
_EF_CONSTRUCTION = 200
_EF_SEARCH = 400
_BUILD_BATCH = 256  # vectors; well below 0.2 s
_SEED = 100


class Graph:
    """Labels (n,) and unit vectors (n, d), searchable; safe for several threads."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self._lock = threading.Lock()  # the search width is a property of the index
        self.labels: Labels = np.sort(np.asarray(index.get_ids_list(), dtype=np.int64))

    def __len__(self) -> int:
        return len(self.labels)

    def __contains__(self, label: int) -> bool:
        at = int(np.searchsorted(self.labels, label))
        return at < len(self.labels) and int(self.labels[at]) == label

    @classmethod
    def build(
        cls, labels: Labels, vectors: Floats, *, threads: int = 1, step: Callable[[int], None] | None = None
    ) -> Graph:
        """Return the graph of distinct ``labels`` (n,) and ``vectors`` (n, d); ``step`` is called between batches."""
        builder = GraphBuilder(vectors.shape[1])
        builder.add(labels, vectors, threads=threads, step=step)
        return builder.finish()

    def save(self, directory: Path, encoder: str) -> tuple[str, str]:
        """Write the graph beside its final name and rename it; return (file name, sha256). StorageError on failure."""
        name = f"vectors-{sha256_hex(encoder)[:8]}.hnsw"
        digest = ""
        path = directory / name
        with replacing(path) as temporary:
            try:
                self._index.save_index(str(temporary))
            except RuntimeError as error:  # hnswlib's word for a file that cannot be opened
                raise OSError(0, str(error)) from error
            digest = sha256_file(temporary)
        return name, digest

    @classmethod
    def load(cls, path: Path, sha256: str, count: int, dimensions: int) -> Graph | None:
        """Return the saved graph, None when the file is missing or not what was written."""
        import hnswlib

        try:
            if sha256_file(path) != sha256:
                return None
        except OSError:
            return None
        index = hnswlib.Index(space="cosine", dim=dimensions)
        index.load_index(str(path))
        return cls(index) if index.get_current_count() == count else None

    def search(self, vector: Floats, k: int) -> tuple[Labels, Floats]:
        """Return labels and cosines of up to ``k`` nearest vectors, best first."""
        k = min(k, len(self))
        if k < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        with self._lock:
            self._index.set_ef(max(_EF_SEARCH, 2 * k))
            try:
                labels, distances = self._index.knn_query(vector, k=k, num_threads=1)
            except RuntimeError:  # fewer than k were reached from the entry point: all are compared instead
                cosines = self.vectors(self.labels) @ vector
                best = np.argsort(-cosines, kind="stable")[:k]
                return self.labels[best], cosines[best]
        return labels[0].astype(np.int64), np.asarray(1.0 - distances[0], dtype=np.float32)

    def vectors(self, labels: Labels) -> Floats:
        """Return the vectors of labels that are in the graph, (n, d)."""
        if not len(labels):
            return np.empty((0, self._index.dim), np.float32)
        return np.asarray(self._index.get_items(labels, return_type="numpy"), dtype=np.float32)

    def contains(self, labels: Labels) -> npt.NDArray[np.bool_]:
        """Return for each label whether it is in the graph."""
        at = np.minimum(np.searchsorted(self.labels, labels), max(0, len(self.labels) - 1))
        return self.labels[at] == labels if len(self.labels) else np.zeros(len(labels), dtype=bool)


class GraphBuilder:
    """A graph in the making. Building takes a minute for 100,000 vectors, and goes on where it was interrupted."""

    def __init__(self, dimensions: int) -> None:
        import hnswlib

        self._index = hnswlib.Index(space="cosine", dim=dimensions)
        self._index.init_index(1, M=_M, ef_construction=_EF_CONSTRUCTION, random_seed=_SEED)
        self._labels: set[int] = set()

    def lacking(self, labels: Labels) -> npt.NDArray[np.bool_]:
        """Return for each label whether it has to be added."""
        return np.asarray([label not in self._labels for label in labels.tolist()], dtype=bool)

    def superfluous(self, wanted: set[int]) -> int:
        """Return how many labels were added that are not ``wanted`` any more; a graph cannot lose them."""
        return len(self._labels - wanted)

    def add(
        self, labels: Labels, vectors: Floats, *, threads: int = 1, step: Callable[[int], None] | None = None
    ) -> None:
        """Add distinct ``labels`` (n,) that are lacking, with their unit ``vectors`` (n, d).

        ``step`` is called with the number of labels in the graph before each batch; when it raises, what was added
        stays.
        """
        self._index.resize_index(max(1, len(self._labels) + len(labels)))
        for start in range(0, len(labels), _BUILD_BATCH):
            if step is not None:
                step(len(self._labels))
            part = slice(start, start + _BUILD_BATCH)
            self._index.add_items(vectors[part], labels[part], num_threads=threads)
            self._labels.update(labels[part].tolist())

    def finish(self) -> Graph:
        """Return the graph; nothing can be added afterwards."""
        return Graph(self._index)
