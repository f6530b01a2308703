"""The kernel that selection works with: a convex combination of normalised kernels.

Two parts compare what chunks say: cosines of the encoder's vectors, and of TF-IDF terms (identifiers whole and split).
A chunk or question without one kind of feature (no vector yet, no known term) is compared by those that it has.

Two parts compare where chunks stand. *file*: chunks of one file are alike, so that a selection looks into more files;
the question has no feature here. *calls*: each chunk has a feature of its own, and the question has as much of it as
the most relevant candidate that calls the chunk's definition is relevant: one step of diffusion along the calls. What a
relevant function or test calls is relevant, even where its own words are others.

Each is an inner product of feature vectors, so that the combination is a kernel again; with k(x,x) = 1 for every chunk
and k(q,q) = 1 the noise λ, α and the gains keep their scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.types import Candidates, Tier

__all__ = ["WEIGHTS", "Gram", "KernelWeights", "dense_kernel", "kernel", "lexical_kernel", "with_structure"]

Array = npt.NDArray[Any]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KernelWeights:
    """Shares of the parts; they must not be negative and sum to 1, and some must be dense or lexical."""

    dense: float
    lexical: float
    file: float = 0.0
    calls: float = 0.0

    def __post_init__(self) -> None:
        shares = (self.dense, self.lexical, self.file, self.calls)
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-9 or not self.content > 0:
            raise ValueError(f"kernel weights must not be negative and sum to 1, with some content, got {self}")

    @property
    def content(self) -> float:
        """Return the share of what chunks say."""
        return self.dense + self.lexical


# Content alone, in the proportions in which the retriever adds the two up, 1 to 2 and 1 to 8; see docs/log.md.
WEIGHTS: Mapping[Tier, KernelWeights] = {
    "transformer": KernelWeights(dense=1 / 3, lexical=2 / 3),
    "static": KernelWeights(dense=1 / 9, lexical=8 / 9),
    "lexical": KernelWeights(dense=0.0, lexical=1.0),
}


def with_structure(weights: KernelWeights, *, file: float, calls: float) -> KernelWeights:
    """Return ``weights`` of content with ``file`` and ``calls`` added, in units of all the content."""
    total = weights.content + file + calls
    return KernelWeights(weights.dense / total, weights.lexical / total, file / total, calls / total)


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
    """Return the combined kernel of a question and its candidates, by default of content, in its tier's proportions.

    Every k(x,x) is 1. The lexical tier has no vectors and uses the lexical part alone. A negative k(q,x)
    becomes 0: a chunk that is anticorrelated with the question is irrelevant to a reader, not informative.
    """
    weights = weights or WEIGHTS[candidates.tier]
    content = _content_kernel(candidates, weights)
    if not (weights.file or weights.calls):
        return content
    asked = weights.content * content.qc[0]
    own = weights.content * float(content.qq[0, 0])
    if weights.calls:
        called = _called(candidates, content.qc[0])
        asked = asked + weights.calls * called
        own += weights.calls * float(called @ called)
    scale = 1.0 / np.sqrt(own)
    between = weights.content * content.cc + weights.file * _same_file(candidates)
    np.fill_diagonal(between, 1.0)
    return Gram(content.qq.copy(), (asked * scale)[None], between)


def _content_kernel(candidates: Candidates, weights: KernelWeights) -> Gram:
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


def _same_file(candidates: Candidates) -> Doubles:
    """Return (K, K): 1 for two chunks of one file, else 0."""
    number = {path: n for n, path in enumerate(dict.fromkeys(chunk.path for chunk in candidates.chunks))}
    files = np.fromiter((number[chunk.path] for chunk in candidates.chunks), dtype=np.int64)
    return np.asarray(files[:, None] == files, dtype=np.float64)


def _called(candidates: Candidates, relevance: Doubles) -> Doubles:
    """Return (K,): how relevant the most relevant candidate is that calls each candidate; 0 where none does."""
    position = {label: at for at, label in enumerate(candidates.ids)}
    called = np.zeros(len(position))
    for caller, labels in candidates.calls.items():
        if (by := position.get(caller)) is not None:
            for label in labels:
                if (at := position.get(label)) is not None:
                    called[at] = max(called[at], relevance[by])
    return called
