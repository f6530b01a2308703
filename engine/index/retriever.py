"""A question -> candidates: what BM25 finds and what the vectors find, ranked by one score.

score = cosine + w · TF-IDF cosine, over the union of the best of each. Both terms are inner products of unit vectors,
so the score needs no statistics of the result list, and the kernel of the selection is made of the same parts.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

import numpy as np

from engine.errors import ModelError
from engine.index import lexical
from engine.index.calls import called_chunks
from engine.index.lexical import TermStatistics
from engine.index.store import Store, read_revision
from engine.index.vectors import VectorIndex
from engine.types import Candidates, Chunk, Floats, Tier

__all__ = ["IndexState", "Retriever"]

# How much a TF-IDF cosine counts beside the tier's cosine; measured, see docs/log.md.
_LEXICAL_WEIGHT: Mapping[Tier, float] = {"lexical": 1.0, "static": 8.0, "transformer": 2.0}
# Candidates without a vector that are embedded while the question waits: about a second in the transformer tier.
_ENCODED_AT_ONCE: Mapping[Tier, int] = {"static": 512, "transformer": 32}
_STATISTICS_STALE = 0.05  # change in the number of chunks after which frequencies are counted again
_CALLERS = 50  # of the best candidates: what they call becomes a candidate too; twice as many change nothing
_VECTORS_KEPT = 4096  # chunks whose TF-IDF vectors stay in memory


@dataclass(frozen=True, slots=True)
class IndexState:
    """How far the index is."""

    files: int
    chunks: int
    embedded: Mapping[Tier, int]  # chunks with a vector, by tier
    tier: Tier  # that would answer now
    problem: str = ""  # why a better tier cannot be used


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    vector: Floats  # (d,)
    terms: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class _Texts:
    chunks: Mapping[int, Chunk]
    terms: Mapping[int, Mapping[str, float]]


@dataclass(frozen=True, slots=True, eq=False)
class _Scored:
    """Chunks with their features, n of them."""

    labels: tuple[int, ...]
    chunks: tuple[Chunk, ...]
    scores: Floats  # (n,)
    vectors: Floats  # (n, d)
    terms: tuple[Mapping[str, float], ...]

    def take(self, positions: Sequence[int]) -> _Scored:
        return _Scored(
            tuple(self.labels[at] for at in positions),
            tuple(self.chunks[at] for at in positions),
            np.asarray(self.scores[positions], dtype=np.float32),
            self.vectors[positions],
            tuple(self.terms[at] for at in positions),
        )

    def joined(self, other: _Scored) -> _Scored:
        return _Scored(
            self.labels + other.labels,
            self.chunks + other.chunks,
            np.concatenate([self.scores, other.scores]),
            np.concatenate([self.vectors, other.vectors]),
            self.terms + other.terms,
        )


class Retriever:
    """Finds candidates in a store; ``tiers`` in the order in which they are preferred.

    Usable while the index is being filled, by this process or another one. A tier is used once nearly all chunks
    have its vectors; what a question finds by its words among the rest is embedded on the spot, so that a file
    edited a second ago is not at a disadvantage. The last tier is always usable, and without any the words
    alone decide.
    """

    def __init__(self, store: Store, tiers: Sequence[VectorIndex]) -> None:
        self._store = store
        self._tiers = tuple(tiers)
        self._lock = threading.Lock()  # over what is remembered between questions
        self._problems: dict[Tier, str] = {}
        self._statistics: tuple[str, TermStatistics] | None = None  # with the index they were counted in
        self._sparse: OrderedDict[int, dict[str, float]] = OrderedDict()  # least recently used first

    def state(self) -> IndexState:
        """Return how far the index is; raises StorageError."""
        for tier in self._tiers:
            tier.refresh()
        files, chunks = self._store.counts()
        chosen = self._choose(None)
        return IndexState(
            files,
            chunks,
            {tier.tier: tier.count for tier in self._tiers},
            chosen.tier if chosen else "lexical",
            next(iter(self._problems.values()), ""),
        )

    def retrieve(
        self, question: str, k: int = 200, *, paths: Iterable[str] = (), tier: Tier | None = None
    ) -> Candidates:
        """Return up to ``k`` candidates with what the best of them call and all chunks of the files in ``paths``.

        Best first. ``tier`` asks for one tier instead of the best that is ready. Raises StorageError.
        """
        with self._lock:
            return self._retrieve(question, k, paths, tier)

    def _retrieve(self, question: str, k: int, paths: Iterable[str], tier: Tier | None) -> Candidates:
        index, vector = self._question_vector(question, tier)
        words = lexical.question_words(question)
        dense = index.search(vector, k) if index is not None else []
        # Vectors are looked up outside the snapshots: whoever refreshes them takes the two locks the other way round.
        with self._store.snapshot() as connection:
            asked = _Asked(vector, lexical.sparse_question(words, self._term_statistics(connection)))
            found = [label for label, _ in lexical.match_terms(connection, words, k)]
            about = [label for path in dict.fromkeys(paths) for label in self._store.chunks_in(path)]
            texts = self._texts(connection, dict.fromkeys([*about, *found, *(label for label, _ in dense)]))
        first = self._scored(index, asked, texts)
        best = first.take(_best(first.labels, first.scores, k, set(about)))
        with self._store.snapshot() as connection:
            calls = called_chunks(connection, best.labels)
            called = dict.fromkeys(each for label in best.labels[:_CALLERS] for each in calls.get(label, ()))
            texts = self._texts(connection, called.keys() - set(best.labels))
        every = best.joined(self._scored(index, asked, texts))
        every = every.take(_best(every.labels, every.scores, len(every.labels), set()))
        return Candidates(
            question=question,
            ids=every.labels,
            chunks=every.chunks,
            scores=every.scores,
            question_vector=vector,
            vectors=every.vectors,
            question_terms=asked.terms,
            terms=every.terms,
            tier=index.tier if index is not None else "lexical",
            calls=calls,
        )

    def _texts(self, connection: Connection, labels: Iterable[int]) -> _Texts:
        """Return the chunks that exist, and their terms."""
        chunks = self._store.chunks(labels)
        return _Texts(chunks, self._term_vectors(connection, list(chunks), self._term_statistics(connection)))

    def _scored(self, index: VectorIndex | None, asked: _Asked, texts: _Texts) -> _Scored:
        """Return what the kernels are made of, of the chunks that have a vector, if there are vectors."""
        labels = list(texts.chunks)
        if index is not None:
            labels, vectors = self._vectors(index, labels, texts.chunks)
        else:
            vectors = np.zeros((len(labels), 0), dtype=np.float32)
        terms = tuple(texts.terms[label] for label in labels)
        scores = vectors @ asked.vector + _LEXICAL_WEIGHT[index.tier if index is not None else "lexical"] * np.asarray(
            [lexical.dot(asked.terms, each) for each in terms], dtype=np.float32
        )
        return _Scored(tuple(labels), tuple(texts.chunks[label] for label in labels), scores, vectors, terms)

    # -- tiers ----------------------------------------------------------------------------------

    def _choose(self, wanted: Tier | None) -> VectorIndex | None:
        """Return the first tier that is ready, or the one wanted; None for the lexical one. Tiers are refreshed."""
        usable = [each for each in self._tiers if each.tier not in self._problems]
        if wanted is not None:
            return next((each for each in usable if each.tier == wanted), None)
        for each in usable:
            if each.count and each.total - each.count <= _tolerated(each.total):
                return each
        return usable[-1] if usable else None

    def _question_vector(self, question: str, wanted: Tier | None) -> tuple[VectorIndex | None, Floats]:
        for each in self._tiers:
            each.refresh()
        while (index := self._choose(wanted)) is not None:
            try:
                return index, index.encoder.encode([question])[0]
            except ModelError as error:  # the next tier answers; ``state`` says why
                self._problems[index.tier] = str(error)
        return None, np.zeros(0, dtype=np.float32)

    def _vectors(
        self, index: VectorIndex, labels: Sequence[int], chunks: Mapping[int, Chunk]
    ) -> tuple[list[int], Floats]:
        """Return the labels that have a vector, and the vectors; a few that have none yet get theirs now."""
        missing = index.missing
        lacking = [label for label in labels if label in missing][: _ENCODED_AT_ONCE[index.tier]]
        if lacking:
            index.embed({label: chunks[label].embedding_text for label in lacking}, missing)
        positions, vectors = index.vectors(labels)
        return [labels[position] for position in positions], vectors

    # -- terms ----------------------------------------------------------------------------------

    def _term_statistics(self, connection: Connection) -> TermStatistics:
        identity = read_revision(connection).identity
        total = connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
        known = self._statistics
        if known is None or known[0] != identity or abs(total - known[1].total) > _STATISTICS_STALE * total:
            self._statistics = known = identity, lexical.read_statistics(connection)
            self._sparse.clear()
        return known[1]

    def _term_vectors(
        self, connection: Connection, labels: Sequence[int], statistics: TermStatistics
    ) -> Mapping[int, Mapping[str, float]]:
        """Return the TF-IDF vector of every chunk."""
        unknown = [label for label in labels if label not in self._sparse]
        for label, columns in lexical.column_terms(connection, json.dumps(unknown)).items():
            self._sparse[label] = lexical.sparse(lexical.term_weights(columns), statistics)
        if not all(label in self._sparse for label in labels):
            self._store.condemn("a chunk without terms")
        result = {label: self._sparse[label] for label in labels}
        for label in labels:
            self._sparse.move_to_end(label)
        while len(self._sparse) > _VECTORS_KEPT:
            self._sparse.popitem(last=False)
        return result


def _tolerated(chunks: int) -> float:
    """Return how many chunks may lack a vector in a tier that is used: 2 %, and in a small repository up to 10 %."""
    return max(0.02 * chunks, min(64.0, 0.1 * chunks))


def _best(labels: Sequence[int], scores: Floats, k: int, always: set[int]) -> list[int]:
    """Return positions by falling score (ties by label): the first ``k``, and those of ``always``."""
    order = sorted(range(len(labels)), key=lambda at: (-scores[at], labels[at]))
    return [at for rank, at in enumerate(order) if rank < k or labels[at] in always]
