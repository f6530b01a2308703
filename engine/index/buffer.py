"""A growing matrix of vectors with labels, searched exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.types import Floats

__all__ = ["VectorBuffer"]

_FIRST_CAPACITY = 256


class VectorBuffer:
    """Rows (label, unit vector). Not safe for several threads: its owner locks."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._clear()

    def _clear(self) -> None:
        self._rows: dict[int, int] = {}  # label -> row
        self._used = 0
        self._labels = np.zeros(_FIRST_CAPACITY, dtype=np.int64)  # 0: removed; chunk ids begin at 1
        self._matrix = np.zeros((_FIRST_CAPACITY, self._dimensions), dtype=np.float32)

    @property
    def live(self) -> int:
        """Return the number of vectors."""
        return len(self._rows)

    def add(self, labels: Sequence[int], vectors: Floats) -> None:
        """Append vectors (n, d); a label that is there already keeps its vector."""
        fresh = [position for position, label in enumerate(labels) if label not in self._rows]
        self._reserve(self._used + len(fresh))
        end = self._used + len(fresh)
        self._matrix[self._used : end] = vectors[fresh]
        for row, position in enumerate(fresh, start=self._used):
            self._labels[row] = labels[position]
            self._rows[labels[position]] = row
        self._used = end

    def _reserve(self, rows: int) -> None:
        if rows > len(self._labels):
            capacity = max(rows, 2 * len(self._labels))
            self._labels = np.concatenate([self._labels, np.zeros(capacity - len(self._labels), dtype=np.int64)])
            grown = np.zeros((capacity, self._dimensions), dtype=np.float32)
            grown[: self._used] = self._matrix[: self._used]
            self._matrix = grown

    def remove(self, label: int) -> bool:
        """Remove a vector; return whether there was one."""
        row = self._rows.pop(label, None)
        if row is None:
            return False
        self._labels[row] = 0
        if self._used > _FIRST_CAPACITY and len(self._rows) < self._used // 2:
            self.shrink()
        return True

    def shrink(self) -> None:
        """Give back the room of removed vectors."""
        rows = np.flatnonzero(self._labels[: self._used])
        labels, matrix = self._labels[rows], self._matrix[rows]
        self._clear()
        self.add(labels.tolist(), matrix)

    def search(self, vector: Floats, k: int) -> list[tuple[int, float]]:
        """Return up to ``k`` (label, inner product) with a vector (d,), best first, ties by label."""
        k = min(k, self.live)
        if k < 1:
            return []
        labels = self._labels[: self._used]
        products = np.where(labels > 0, self._matrix[: self._used] @ vector, -np.inf)
        best = np.argpartition(-products, k - 1)[:k]
        pairs = zip(labels[best].tolist(), products[best].tolist(), strict=True)
        return sorted(pairs, key=lambda each: (-each[1], each[0]))

    def copy_into(self, labels: npt.NDArray[np.int64], result: Floats) -> npt.NDArray[np.bool_]:
        """Copy the vectors of ``labels`` (n,) into their rows of ``result`` (n, d); return which were there (n,)."""
        rows = np.asarray([self._rows.get(label, -1) for label in labels.tolist()], dtype=np.int64)
        has = rows >= 0
        result[has] = self._matrix[rows[has]]
        return has
