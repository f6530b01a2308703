"""The kernel that selection works with: a convex combination of normalised kernels.

Each part is a cosine in its own feature space (the encoder's vectors; TF-IDF terms, identifiers whole and
split), so k(x,x) = 1, the combination is a kernel again, and λ, α and confidence keep their scale. A
chunk or question without one kind of feature (no vector yet, no known term) is normalised over those
that it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.types import Candidates, Tier

__all__ = ["WEIGHTS", "Gram", "KernelWeights", "dense_kernel", "kernel", "lexical_kernel"]

Array = npt.NDArray[Any]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KernelWeights:
    """Shares of the parts; they must not be negative and sum to 1."""

    dense: float
    lexical: float

    def __post_init__(self) -> None:
        if min(self.dense, self.lexical) < 0 or abs(self.dense + self.lexical - 1) > 1e-9:
            raise ValueError(f"kernel weights must not be negative and sum to 1, got {self}")


# In the proportions in which the retriever adds the two up: 1 to 2 and 1 to 8; measured, see docs/log.md.
WEIGHTS: Mapping[Tier, KernelWeights] = {
    "transformer": KernelWeights(dense=1 / 3, lexical=2 / 3),
    "static": KernelWeights(dense=1 / 9, lexical=8 / 9),
    "lexical": KernelWeights(dense=0.0, lexical=1.0),
}


@dataclass(frozen=True, slots=True, eq=False)
class Gram:
    """Kernel values of one question (m = 1) and its K candidates."""

    qq: Doubles  # (1, 1)
    qc: Doubles  # (1, K)
    cc: Doubles  # (K, K)

    def take(self, keep: npt.NDArray[np.int64]) -> Gram:
        """Return the kernel values of some of the candidates, in the order of ``keep``."""
        return Gram(self.qq, self.qc[:, keep], self.cc[np.ix_(keep, keep)])


def dense_kernel(candidates: Candidates) -> Doubles:
    """Return the (1 + K, 1 + K) inner products of the vectors, the question first; zeros in the lexical tier."""
    vectors = np.concatenate([candidates.question_vector[None], candidates.vectors])
    return np.asarray(vectors @ vectors.T, dtype=np.float64)


def lexical_kernel(candidates: Candidates) -> Doubles:
    """Return the (1 + K, 1 + K) inner products of the sparse term vectors, the question first."""
    return _sparse_products([candidates.question_terms, *candidates.terms])


def _sparse_products(rows: Sequence[Mapping[str, float]]) -> Doubles:
    """Return the inner products of sparse rows. A term of one row alone meets only itself."""
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    entries = int(lengths.sum())
    owners = np.repeat(np.arange(len(rows)), lengths)
    number = {term: n for n, term in enumerate(dict.fromkeys(chain.from_iterable(rows)))}
    columns = np.fromiter(map(number.__getitem__, chain.from_iterable(rows)), dtype=np.int64, count=entries)
    weights = np.fromiter(chain.from_iterable(row.values() for row in rows), dtype=np.float32, count=entries)

    shared = np.bincount(columns, minlength=len(number)) > 1
    use = shared[columns]
    renumbered = np.cumsum(shared) - 1
    table = np.zeros((len(rows), int(shared.sum())), dtype=np.float32)  # dense, but narrow: a few MB for K = 200
    table[owners[use], renumbered[columns[use]]] = weights[use]
    products = np.asarray(table @ table.T, dtype=np.float64)
    np.fill_diagonal(products, np.bincount(owners, weights=np.square(weights, dtype=np.float64), minlength=len(rows)))
    return products


def kernel(candidates: Candidates, weights: KernelWeights | None = None) -> Gram:
    """Return the combined kernel of a question and its candidates, by default in the proportions of its tier.

    Every k(x,x) is 1. The lexical tier has no vectors and uses the lexical part alone. A negative k(q,x)
    becomes 0: a chunk that is anticorrelated with the question is irrelevant to a reader, not informative.
    """
    weights = weights or WEIGHTS[candidates.tier]
    parts = []
    if weights.dense and candidates.vectors.shape[1]:
        parts.append(weights.dense * dense_kernel(candidates))
    if weights.lexical or not parts:
        parts.append((weights.lexical or 1.0) * lexical_kernel(candidates))
    combined: Doubles = sum(parts[1:], start=parts[0])
    scale = np.sqrt(np.maximum(combined.diagonal(), 0.0))
    scale[scale < 1e-6] = np.inf  # no feature at all: similar to nothing
    combined /= scale[:, None]
    combined /= scale
    np.fill_diagonal(combined, 1.0)
    return Gram(combined[:1, :1].copy(), np.maximum(combined[:1, 1:], 0.0), combined[1:, 1:].copy())
