"""The forward pass of a BERT encoder in numpy, for a question or a handful of chunks.

The same weights and the same mathematics as the transformer tier, one text at a time. Importing torch and
transformers takes some six seconds; a question takes this module some hundredths of one.
Devlin et al.: "BERT" (2018, arXiv 1810.04805).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.embedding.weights import mapped_tensors
from engine.types import Floats

__all__ = ["LightBert"]

# Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.26: erf to 1.5e-7, float32's own precision.
_ERF_P = 0.3275911
_ERF = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)


class LightBert:
    """A loaded encoder; ``encode`` may be called from several threads."""

    def __init__(self, folder: Path) -> None:
        """Map the weights of ``folder`` (config.json, model.safetensors), which must have been verified."""
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self._weights = mapped_tensors(folder)
        self._heads = int(config["num_attention_heads"])
        self._layers = int(config["num_hidden_layers"])
        self._eps = float(config["layer_norm_eps"])

    def encode(self, ids: Sequence[int]) -> Floats:
        """Return the mean over tokens of the last layer at unit length, (d,), for the token ids of one text."""
        states = self._embed(np.asarray(ids))
        for layer in range(self._layers):
            prefix = f"encoder.layer.{layer}."
            attended = self._dense(self._attend(states, prefix), f"{prefix}attention.output.dense")
            states = self._norm(states + attended, f"{prefix}attention.output.LayerNorm")
            inner = _gelu(self._dense(states, f"{prefix}intermediate.dense"))
            states = self._norm(states + self._dense(inner, f"{prefix}output.dense"), f"{prefix}output.LayerNorm")
        pooled = states.mean(axis=0)
        return np.asarray(pooled / max(float(np.linalg.norm(pooled)), 1e-12), dtype=np.float32)

    def _embed(self, ids: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
        words = self._weights["embeddings.word_embeddings.weight"][ids]
        places = self._weights["embeddings.position_embeddings.weight"][: len(ids)]
        kinds = self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._norm(words + places + kinds, "embeddings.LayerNorm")

    def _attend(self, states: Floats, prefix: str) -> Floats:
        length, width = states.shape
        size = width // self._heads

        def split(name: str) -> Floats:  # (t, d) -> (h, t, d / h)
            projected = self._dense(states, f"{prefix}attention.self.{name}")
            return projected.reshape(length, self._heads, size).transpose(1, 0, 2)

        scores = split("query") @ split("key").transpose(0, 2, 1) / np.float32(np.sqrt(size))  # (h, t, t)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        return np.asarray((scores @ split("value")).transpose(1, 0, 2).reshape(length, width))

    def _dense(self, states: Floats, name: str) -> Floats:
        return np.asarray(states @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"])

    def _norm(self, states: Floats, name: str) -> Floats:
        centred = states - states.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(self._eps))
        return np.asarray(centred / scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"])


def _gelu(x: Floats) -> Floats:
    """Return x Φ(x), exact to float32."""
    z = np.abs(x) * np.float32(np.sqrt(0.5))
    t = 1 / (1 + np.float32(_ERF_P) * z)
    tail = np.zeros_like(t)
    for coefficient in _ERF:
        tail = (tail + np.float32(coefficient)) * t
    erf = np.sign(x) * (1 - tail * np.exp(-z * z))
    return np.asarray(x * (1 + erf) / 2, dtype=np.float32)
