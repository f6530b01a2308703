"""The static tier: a weighted mean of word-piece vectors, ready in a fraction of a second, no torch.

Arora, Liang, Ma: "A Simple but Tough-to-Beat Baseline for Sentence Embeddings" (SIF, ICLR 2017). A text is
the mean of its pieces' input embeddings, each weighted a / (a + p) by its probability p, with the common
direction removed. Probabilities follow Zipf's law over the vocabulary, which is ordered by frequency; the
common direction is the mean of the table, so a vector depends on nothing but its text.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.embedding.weights import encoder_folder, mapped_tensors, verified_weights
from engine.errors import ModelError
from engine.types import Floats

__all__ = ["StaticEncoder"]

_TABLE = "embeddings.word_embeddings.weight"
_MAX_TOKENS = 512
_FIRST_WORD = 1000  # ids below are control tokens, punctuation and single characters, as frequent as the first word
_SIF_A = 1e-4
_UNKNOWN = 100  # [UNK]: what a text without any piece consists of


class StaticEncoder:
    """Implements ``types.Encoder``; a vector never depends on the other texts.

    Cheap to make: ``encode`` or ``load`` reads the table, and raises ModelError when it is missing or damaged.
    """

    id = "all-MiniLM-L6-v2/53aa5117/sif-1"
    dimensions = 384

    def __init__(self, *, folder: Path | None = None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._parts: tuple[Any, Floats] | None = None  # tokenizer, weighted table (vocabulary, d)

    def load(self) -> None:
        """Read tokenizer and table now; harmless when done already."""
        self._loaded()

    def _loaded(self) -> tuple[Any, Floats]:
        with self._lock:
            if self._parts is None:
                self._parts = _load(self._folder or encoder_folder())
            return self._parts

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one unit-length row a text, (n, d)."""
        tokenizer, table = self._loaded()
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        plain = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]  # no lone surrogates
        for row, encoding in enumerate(tokenizer.encode_batch(plain, add_special_tokens=False)):
            vectors[row] = table[encoding.ids or [_UNKNOWN]].sum(axis=0)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors


def _load(folder: Path) -> tuple[Any, Floats]:
    verified_weights(folder)
    import tokenizers

    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        table = mapped_tensors(folder)[_TABLE]
    except Exception as error:  # the tokenizers library raises bare Exception
        raise ModelError(f"the encoder in {folder} cannot be loaded: {error}") from error
    tokenizer.enable_truncation(_MAX_TOKENS)
    tokenizer.no_padding()
    return tokenizer, _weighted(table)


def _weighted(table: Floats) -> Floats:
    """Return the centred table with each row multiplied by its SIF weight; a sum of rows is a mean up to length."""
    words = table[_FIRST_WORD:]
    rank = np.maximum(np.arange(len(table)) - _FIRST_WORD, 0) + 1.0
    probability = 1.0 / (rank * np.log(len(table)))
    weights = (_SIF_A / (_SIF_A + probability)).astype(np.float32)
    centred = table - words.mean(axis=0)
    centred *= weights[:, None]
    return np.asarray(centred)
