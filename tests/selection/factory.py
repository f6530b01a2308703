"""Candidates for tests: vectors given, terms counted from the texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from engine.terms import terms
from engine.types import Candidates, Chunk


def unit(rows: npt.ArrayLike) -> npt.NDArray[np.float32]:
    array = np.atleast_2d(np.asarray(rows, dtype=np.float64))
    return np.asarray(array / np.maximum(np.linalg.norm(array, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def term_vector(text: str) -> Mapping[str, float]:
    counts = Counter(terms(text))
    norm = sum(count**2 for count in counts.values()) ** 0.5
    return {term: count / norm for term, count in counts.items()}


def make(
    question: str,
    texts: Sequence[str],
    *,
    question_vector: npt.ArrayLike | None = None,
    vectors: npt.ArrayLike | None = None,
    scores: Sequence[float] | None = None,
) -> Candidates:
    """Return candidates whose chunk n is lines 10n+1..10n+9 of file f<n>.py; without vectors the lexical tier."""
    dense = vectors is not None
    return Candidates(
        question=question,
        ids=tuple(range(len(texts))),
        chunks=tuple(
            Chunk(f"f{n}.py", 10 * n + 1, 10 * n + 9, text, "function", "python", f"name{n}")
            for n, text in enumerate(texts)
        ),
        scores=np.array(scores if scores is not None else np.linspace(1, 0.1, len(texts)), dtype=np.float32),
        question_vector=unit(question_vector)[0] if dense else np.empty(0, dtype=np.float32),  # type: ignore[arg-type]
        vectors=unit(vectors) if vectors is not None else np.empty((len(texts), 0), dtype=np.float32),
        question_terms=term_vector(question),
        terms=tuple(map(term_vector, texts)),
        tier="transformer" if dense else "lexical",
    )


def generated(size: int, *, seed: int, dimensions: int = 16) -> Candidates:
    """Return candidates with random vectors and random texts over forty words."""
    rng = np.random.default_rng(seed)
    words = [f"word{n}" for n in range(40)]

    def text() -> str:
        return " ".join(rng.choice(words, size=int(rng.integers(3, 30))))

    shared = rng.normal(size=dimensions)
    return make(
        text(),
        [text() for _ in range(size)],
        question_vector=shared + 0.5 * rng.normal(size=dimensions),
        vectors=0.5 * shared + rng.normal(size=(size, dimensions)),
    )
