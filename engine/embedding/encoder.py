"""The transformer tier: all-MiniLM-L6-v2, mean pooling over tokens, unit length.

Reimers, Gurevych: "Sentence-BERT" (2019, arXiv 1908.10084); the pooling and the limit of 256 tokens are
those of the published model.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.embedding import light
from engine.embedding.bulk import BulkBert
from engine.embedding.choice import Choice
from engine.embedding.light import LightBert
from engine.embedding.packed import Arithmetic
from engine.embedding.weights import encoder_folder, verified_weights
from engine.errors import ModelError
from engine.types import Floats

__all__ = ["MAX_TOKENS", "TransformerEncoder"]

MAX_TOKENS = 256
_LIGHT_TOKENS = 16_384  # embedded without torch, all in all: its import takes as long as these do


class TransformerEncoder:
    """Implements ``types.Encoder``; safe for several threads.

    Cheap to make. A question and the few chunks of an edited file are embedded in numpy. When it becomes more, or
    after ``load``, torch is imported, which takes seconds, and computes on ``threads`` threads in the arithmetic that
    suits this machine; a single text never waits for that. Methods raise ModelError when the weights are missing or
    damaged.
    """

    # Names weights, pooling and limit. Not the arithmetic: vectors of any that is used here are interchangeable, which
    # ``choice`` states and holds them to. So what is cached stays valid when another one is chosen.
    id = "all-MiniLM-L6-v2/53aa5117/mean-256"
    dimensions = 384

    def __init__(self, *, threads: int, folder: Path | None = None, arithmetic: Arithmetic | None = None) -> None:
        """``arithmetic`` None: the one that a self-test of this machine chooses."""
        self._threads = max(1, threads)
        self._folder = folder
        self._arithmetic = arithmetic
        self._loading = threading.Lock()  # held for seconds, and only by those who need the whole encoder
        self._lock = threading.Lock()
        self._tokenizer: Any = None
        self._light: LightBert | None = None
        self._light_left = _LIGHT_TOKENS
        self._bulk: BulkBert | None = None

    @property
    def loaded(self) -> bool:
        """Return whether the whole encoder is loaded."""
        return self._bulk is not None

    @property
    def choice(self) -> Choice | None:
        """Return how the arithmetic was chosen, None before that or when it was given."""
        return self._bulk.choice if self._bulk is not None else None

    def load(self) -> None:
        """Load the whole encoder now; harmless when done already."""
        self._loaded()

    def _loaded(self) -> BulkBert:
        with self._loading:
            if self._bulk is None:
                folder = self._folder or encoder_folder()
                sample = self._tokens(_sample()) if self._arithmetic is None else []
                verified_weights(folder)
                try:
                    bulk = BulkBert(folder, sample, threads=self._threads, arithmetic=self._arithmetic)
                except (OSError, ValueError, KeyError, RuntimeError) as error:
                    raise ModelError(f"the encoder in {folder} cannot be loaded: {error}") from error
                with self._lock:
                    self._bulk, self._light = bulk, None
            return self._bulk

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text, at most ``MAX_TOKENS``; the files are checked the first time."""
        with self._lock:
            if self._tokenizer is None:
                folder = self._folder or encoder_folder()
                verified_weights(folder)
                self._tokenizer = _load_tokenizer(folder)
            tokenizer = self._tokenizer
        plain = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]  # no lone surrogates
        return [encoding.ids for encoding in tokenizer.encode_batch(plain)]

    def _light_for(self, ids: Sequence[Sequence[int]]) -> LightBert | None:
        """Return the numpy encoder unless the whole one is loaded, or worth loading for these texts."""
        with self._lock:
            self._light_left -= sum(map(len, ids))
            if self._bulk is not None or (self._light_left < 0 and len(ids) > 1):
                return None
            if self._light is None:
                try:
                    self._light = LightBert(self._folder or encoder_folder())
                except (OSError, ValueError, KeyError) as error:
                    raise ModelError(f"the encoder in {self._folder} cannot be loaded: {error}") from error
            return self._light

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one unit-length row a text, (n, 384), in the order given; an empty text is a row like any other."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        ids = self._tokens(texts)
        light = self._light_for(ids)
        if light is not None:
            return np.stack([light.encode(each) for each in ids])
        return (self._bulk or self._loaded()).encode(ids)


def _sample() -> list[str]:
    """Return two texts of real code, the first of which fills the encoder: arithmetics are tried on them."""
    source = inspect.getsource(light)
    return [source[1500:3000], source[3000:3200]]


def _load_tokenizer(folder: Path) -> Any:
    import tokenizers

    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the tokenizers library raises bare Exception
        raise ModelError(f"the encoder in {folder} cannot be loaded: {error}") from error
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return tokenizer
