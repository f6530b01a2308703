"""Terms -> scores: BM25 by FTS5 to find chunks, sparse TF-IDF vectors to compare them.

FTS5 cannot have a tokenizer in Python, so each column holds terms prepared by ``engine.terms``
(identifiers whole and in parts) separated by spaces. BM25: Robertson, Zaragoza, "The Probabilistic
Relevance Framework" (2009), with FTS5's fixed k1 = 1.2 and b = 0.75.
"""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from engine.terms import STOP_WORDS, terms
from engine.types import Chunk

__all__ = ["TermStatistics", "column_terms", "match_phrase", "match_terms", "prepared", "sparse", "term_weights"]

_BM25_WEIGHTS = (2.0, 4.0, 1.0)  # path, symbol, body
_COUNT_WEIGHTS = (1.0, 2.0, 1.0)  # how many occurrences in the body one in the path or the symbol counts as; measured
_EVERYWHERE = 0.5  # share of chunks above which a term says nothing
_FEW_CHUNKS = 20  # below this, what is in half of them may still be what is asked for


def prepared(chunk: Chunk) -> tuple[str, str, str]:
    """Return the columns path, symbol and body of a chunk, each its terms joined by spaces."""
    return " ".join(terms(chunk.path)), " ".join(terms(chunk.symbol)), " ".join(terms(chunk.text))


class TermStatistics:
    """In how many chunks each term occurs, as of one revision of the index."""

    def __init__(self, total: int, frequencies: Mapping[str, int]) -> None:
        self.total = total
        self._frequencies = frequencies
        self._idf: dict[int, float] = {}

    def frequency(self, term: str) -> int:
        """Return the number of chunks with the term; 1 for terms of a single chunk and unknown ones."""
        return self._frequencies.get(term, 1)

    def idf(self, term: str) -> float:
        """Return ln((N + 1) / (df + 1)) + 1 (Salton's inverse document frequency, smoothed)."""
        frequency = self._frequencies.get(term, 1)
        value = self._idf.get(frequency)
        if value is None:
            value = self._idf[frequency] = math.log((self.total + 1) / (frequency + 1)) + 1.0
        return value


def read_statistics(connection: sqlite3.Connection) -> TermStatistics:
    """Read the frequencies of all terms that occur in more than one chunk."""
    total = connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
    return TermStatistics(total, dict(connection.execute("SELECT term, doc FROM vocabulary WHERE doc > 1")))


def question_words(question: str) -> list[str]:
    """Return the distinct terms of a question, in order, without words that no code is about."""
    return [term for term in dict.fromkeys(terms(question)) if term not in STOP_WORDS]


def match_terms(connection: sqlite3.Connection, words: Sequence[str], k: int) -> list[tuple[int, float]]:
    """Return up to ``k`` (chunk id, BM25 score) of chunks with any of the words, best first, higher is better.

    Words that occur nearly everywhere are dropped, unless nothing is left.
    """
    total = connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
    counted = [
        (word, row[0])
        for word in words
        if (row := connection.execute("SELECT doc FROM vocabulary WHERE term = ?", (word,)).fetchone())
    ]
    telling = [word for word, count in counted if count <= _EVERYWHERE * total or total < _FEW_CHUNKS]
    used = telling or [word for word, _ in counted]
    if not used or k < 1:
        return []
    query = " OR ".join(f'"{word}"' for word in used)  # words are alphanumeric: no quote can be inside
    weights = ", ".join(map(str, _BM25_WEIGHTS))
    rows = connection.execute(
        f"SELECT rowid, bm25(chunk_terms, {weights}) AS cost FROM chunk_terms WHERE chunk_terms MATCH ? "  # noqa: S608
        "ORDER BY cost, rowid LIMIT ?",
        (query, k),
    )
    return [(label, -cost) for label, cost in rows]


def match_phrase(connection: sqlite3.Connection, words: Sequence[str], k: int) -> list[int]:
    """Return the ids of up to ``k`` chunks with these words next to each other in this order."""
    if not words:
        return []
    phrase = f'"{" ".join(words)}"'
    rows = connection.execute("SELECT rowid FROM chunk_terms WHERE chunk_terms MATCH ? LIMIT ?", (phrase, k))
    return [label for (label,) in rows]


def column_terms(connection: sqlite3.Connection, ids_json: str) -> dict[int, tuple[str, str, str]]:
    """Return the prepared columns of chunks, ``ids_json`` being a JSON list of ids."""
    rows = connection.execute(
        "SELECT rowid, path, symbol, body FROM chunk_terms WHERE rowid IN (SELECT value FROM json_each(?))",
        (ids_json,),
    )
    return {label: (path, symbol, body) for label, path, symbol, body in rows}


def term_weights(columns: tuple[str, str, str]) -> dict[str, float]:
    """Return 1 + ln(count) of every term (sublinear tf), occurrences in path and symbol counting for more."""
    path, symbol, body = columns
    counts: Counter[str] | dict[str, float] = Counter(body.split())
    for column, weight in ((path, _COUNT_WEIGHTS[0]), (symbol, _COUNT_WEIGHTS[1])):
        for term in column.split():
            counts[term] = counts.get(term, 0) + weight  # type: ignore[assignment]
    log = math.log
    return {term: 1.0 + log(count) for term, count in counts.items()}


def sparse(weights: Mapping[str, float], statistics: TermStatistics) -> dict[str, float]:
    """Return the TF-IDF vector of unit length (empty for no terms)."""
    idf = statistics.idf
    vector = {term: weight * idf(term) for term, weight in weights.items()}
    norm = math.sqrt(sum(value * value for value in vector.values()))
    return {term: value / norm for term, value in vector.items()} if norm else {}


def sparse_question(words: Iterable[str], statistics: TermStatistics) -> dict[str, float]:
    """Return the TF-IDF vector of a question's distinct words."""
    return sparse(dict.fromkeys(words, 1.0), statistics)


def dot(question: Mapping[str, float], chunk: Mapping[str, float]) -> float:
    """Return the inner product of two sparse vectors, the shorter one first."""
    return sum(value * chunk[term] for term, value in question.items() if term in chunk)
