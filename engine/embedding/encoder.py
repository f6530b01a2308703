"""The transformer tier: all-MiniLM-L6-v2, mean pooling over tokens, unit length.

Reimers, Gurevych: "Sentence-BERT" (2019, arXiv 1908.10084); the pooling and the limit of 256 tokens are
those of the published model.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.embedding.light import LightBert
from engine.embedding.weights import encoder_folder, verified_weights
from engine.errors import ModelError
from engine.models.loading import LOADING
from engine.models.precision import bf16_is_fast
from engine.types import Floats

__all__ = ["MAX_TOKENS", "TransformerEncoder"]

MAX_TOKENS = 256
_LIGHT_TOKENS = 16_384  # embedded without torch, all in all: its import takes as long as these do
_BATCH_TOKENS = 4096  # padded tokens of one forward pass: enough to fill the cores, little enough to fit in cache


class TransformerEncoder:
    """Implements ``types.Encoder``; safe for several threads.

    Cheap to make. A question and the few chunks of an edited file are embedded in numpy; when it becomes more, or
    after ``load``, torch and transformers are imported, which takes seconds, and ``threads`` is given to torch for
    the whole process. Methods raise ModelError when the weights are missing or damaged.
    """

    # Names weights, pooling and limit. Not the arithmetic: bfloat16 moves a vector by less than 0.01.
    id = "all-MiniLM-L6-v2/53aa5117/mean-256"
    dimensions = 384

    def __init__(self, *, threads: int, folder: Path | None = None, bf16: bool | None = None) -> None:
        self._threads = max(1, threads)
        self._folder = folder
        self._bf16 = bf16  # None: where the processor has units for it
        self._lock = threading.Lock()
        self._tokenizer: Any = None
        self._light: LightBert | None = None
        self._light_left = _LIGHT_TOKENS
        self._model: Any = None

    @property
    def loaded(self) -> bool:
        """Return whether torch and the model are loaded."""
        return self._model is not None

    def load(self) -> None:
        """Load the model into torch now; harmless when done already."""
        self._loaded()

    def _loaded(self) -> Any:
        self._tokens([])
        with self._lock:
            if self._model is None:
                folder = self._folder or encoder_folder()
                import torch

                torch.set_num_threads(self._threads)
                if self._bf16 is None:
                    self._bf16 = bf16_is_fast()
                self._model = _load_model(folder)
                self._light = None
            return self._model

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

    def _light_for(self, tokens: int) -> LightBert | None:
        """Return the numpy encoder unless torch is loaded, or worth loading for ``tokens`` more tokens."""
        with self._lock:
            self._light_left -= tokens
            if self._model is not None or self._light_left < 0:
                return None
            if self._light is None:
                self._light = LightBert(self._folder or encoder_folder())
            return self._light

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one unit-length row a text, (n, 384), in the order given; an empty text is a row like any other."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        if not texts:
            return vectors
        ids = self._tokens(texts)
        light = self._light_for(sum(map(len, ids)))
        if light is not None:
            for row, each in enumerate(ids):
                vectors[row] = light.encode(each)
            return vectors
        model = self._loaded()
        order = sorted(range(len(ids)), key=lambda position: -len(ids[position]))  # equal lengths need no padding
        start = 0
        while start < len(order):
            width = len(ids[order[start]])
            batch = order[start : start + max(1, _BATCH_TOKENS // width)]
            vectors[batch] = self._forward(model, [ids[position] for position in batch], width)
            start += len(batch)
        return vectors

    def _forward(self, model: Any, batch: list[list[int]], width: int) -> Floats:
        import torch

        tokens = torch.zeros(len(batch), width, dtype=torch.long)  # (b, t); 0 is [PAD]
        mask = torch.zeros(len(batch), width)
        for row, ids in enumerate(batch):
            tokens[row, : len(ids)] = torch.tensor(ids)
            mask[row, : len(ids)] = 1.0
        full = all(len(ids) == width for ids in batch)
        with self._lock, torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bool(self._bf16)):
            # Without padding there is no mask to apply, and attention takes its faster path.
            states = model(input_ids=tokens, attention_mask=None if full else mask.long()).last_hidden_state
        weights = mask.unsqueeze(-1)  # (b, t, 1)
        pooled = (states.float() * weights).sum(1) / weights.sum(1)
        return np.asarray(torch.nn.functional.normalize(pooled, dim=1).numpy(), dtype=np.float32)


def _load_tokenizer(folder: Path) -> Any:
    import tokenizers

    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the tokenizers library raises bare Exception
        raise ModelError(f"the encoder in {folder} cannot be loaded: {error}") from error
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return tokenizer


def _load_model(folder: Path) -> Any:
    """Return the model without its pooling layer, which this encoder does not use."""
    with LOADING:
        import safetensors.torch
        import transformers

        try:
            config = transformers.BertConfig.from_json_file(str(folder / "config.json"))
            model = transformers.BertModel(config, add_pooling_layer=False)
            weights = safetensors.torch.load_file(str(folder / "model.safetensors"))
            wanted = model.state_dict().keys()
            model.load_state_dict({name: tensor for name, tensor in weights.items() if name in wanted})
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(f"the encoder in {folder} cannot be loaded: {error}") from error
    return model.eval()
