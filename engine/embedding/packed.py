"""The forward pass of a BERT encoder in torch for many texts at once, without padding and without transformers.

The tokens of all texts stand one below the other, so the dense layers never see a padded row; attention goes text by
text. This is the "padding-free" layout of Zhai et al.: "ByteTransformer" (IPDPS 2023, arXiv 2210.03052).

Rows are worked on in blocks: what a block's wide layer makes stays in the processor's cache. Blocks and attention
come in few sizes, because oneDNN compiles and keeps a kernel for every size that it meets: a bulk run over texts of
all lengths would otherwise take hundreds of megabytes for kernels.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.embedding.weights import mapped_tensors
from engine.types import Floats

if TYPE_CHECKING:
    import torch

    Dense = Callable[[torch.Tensor], torch.Tensor]  # (r, in) -> (r, out)

__all__ = ["ARITHMETICS", "Arithmetic", "PackedBert"]

# What the dense layers and attention are computed in. "packed": the weights are laid out once in the order in which
# oneDNN's kernels read them, and GELU is part of the multiplication.
Arithmetic = Literal["float32", "float32 packed", "bfloat16", "bfloat16 packed"]
ARITHMETICS: tuple[Arithmetic, ...] = ("float32", "float32 packed", "bfloat16", "bfloat16 packed")

_BLOCK_ROWS = 512  # rows of one multiplication: its widest result, 1536 columns of bfloat16, is 1.5 MB
_ROW_STEP = 64  # the last block of a batch is filled up to a multiple of this
_TEXT_STEP = 16  # attention of a text is computed on its length rounded up to a multiple of this
_BATCH_TOKENS = 2048  # of one forward pass: more is no faster


@dataclass(frozen=True, slots=True)
class _Layer:
    query_key_value: Dense
    output: Dense
    up: Dense  # with GELU
    down: Dense
    attention_norm: tuple[torch.Tensor, torch.Tensor]  # scale and shift, (d,) each
    output_norm: tuple[torch.Tensor, torch.Tensor]


class PackedBert:
    """A loaded encoder. ``encode`` may be called from one thread at a time."""

    def __init__(self, folder: Path, arithmetic: Arithmetic) -> None:
        """Read the weights of ``folder`` (config.json, model.safetensors), which must have been verified.

        Raises OSError, ValueError, KeyError or RuntimeError when they cannot be read, AttributeError
        when this torch lacks the arithmetic.
        """
        import torch

        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.arithmetic = arithmetic
        self._heads = int(config["num_attention_heads"])
        self._eps = float(config["layer_norm_eps"])
        self._type = torch.bfloat16 if arithmetic.startswith("bfloat16") else torch.float32
        weights = mapped_tensors(folder)
        self._words = weights["embeddings.word_embeddings.weight"]  # (v, d), left on disk but for the rows in use
        kinds = weights["embeddings.token_type_embeddings.weight"]
        self._places = weights["embeddings.position_embeddings.weight"] + kinds[0]  # (p, d)
        self._width = self._places.shape[1]
        self._norm = self._pair(weights, "embeddings.LayerNorm", torch.float32)
        with torch.inference_mode():
            self._layers = [self._layer(weights, layer) for layer in range(int(config["num_hidden_layers"]))]

    def _pair(self, weights: dict[str, Floats], name: str, kind: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
        import torch

        return (
            torch.from_numpy(weights[f"{name}.weight"]).to(kind),
            torch.from_numpy(weights[f"{name}.bias"]).to(kind),
        )

    def _layer(self, weights: dict[str, Floats], number: int) -> _Layer:
        import torch

        prefix = f"encoder.layer.{number}."
        dense = {
            name: self._pair(weights, prefix + name, torch.float32)
            for name in (
                *(f"attention.self.{part}" for part in ("query", "key", "value")),
                *("attention.output.dense", "intermediate.dense", "output.dense"),
            )
        }
        # The division of the scores by √(d / h) is done once, in the weights of the query.
        scale = (self._width / self._heads) ** -0.5
        query = tuple(each * scale for each in dense["attention.self.query"])
        parts = (query, dense["attention.self.key"], dense["attention.self.value"])
        return _Layer(
            self._dense(torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])),
            self._dense(*dense["attention.output.dense"]),
            self._dense(*dense["intermediate.dense"], gelu=True),
            self._dense(*dense["output.dense"]),
            self._pair(weights, f"{prefix}attention.output.LayerNorm", self._type),
            self._pair(weights, f"{prefix}output.LayerNorm", self._type),
        )

    def _dense(self, weight: torch.Tensor, bias: torch.Tensor, *, gelu: bool = False) -> Dense:
        """Return x -> x Wᵀ + b, or its GELU, for weight (out, in) and bias (out,)."""
        import torch
        from torch.nn import functional

        weight, bias = weight.to(self._type), bias.to(self._type)
        if not self.arithmetic.endswith("packed"):
            if gelu:
                return lambda x: functional.gelu(functional.linear(x, weight, bias))
            return lambda x: functional.linear(x, weight, bias)
        # What torch.compile makes of a frozen linear layer, called by hand: it needs no compiler on the user's machine.
        multiply = torch.ops.mkldnn._linear_pointwise.default
        packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), _BLOCK_ROWS)
        if gelu:
            return lambda x: multiply(x, packed, bias, "gelu", [], "none")
        return lambda x: multiply(x, packed, bias, "none", [], None)

    def encode(self, texts: Sequence[Sequence[int]]) -> Floats:
        """Return the mean over tokens of the last layer at unit length, (n, d), for the token ids of n texts.

        Each text has at least one token, and no more than the model has positions.
        """
        import torch

        vectors = np.empty((len(texts), self._width), dtype=np.float32)
        with torch.inference_mode():
            for start, stop in _batches([len(ids) for ids in texts]):
                vectors[start:stop] = self._forward(texts[start:stop]).numpy()
        return vectors

    def _forward(self, texts: Sequence[Sequence[int]]) -> torch.Tensor:
        import torch
        from torch.nn import functional

        lengths = [len(ids) for ids in texts]
        states = self._embed(texts, lengths)  # (r, d)
        rows = states.shape[0]
        shape = (self._width,)
        attended = states.new_zeros(rows, self._width)
        projected = states.new_empty(rows, 3 * self._width)
        for layer in self._layers:
            for start, stop in _blocks(rows):
                projected[start:stop] = layer.query_key_value(states[start:stop])
            self._attend(projected, lengths, attended)
            for start, stop in _blocks(rows):
                block = states[start:stop] + layer.output(attended[start:stop])
                block = functional.layer_norm(block, shape, *layer.attention_norm, self._eps)
                block = block + layer.down(layer.up(block))
                states[start:stop] = functional.layer_norm(block, shape, *layer.output_norm, self._eps)
        pooled = torch.stack([each.float().mean(0) for each in torch.split(states[: sum(lengths)], lengths)])
        return functional.normalize(pooled, dim=1)

    def _embed(self, texts: Sequence[Sequence[int]], lengths: Sequence[int]) -> torch.Tensor:
        """Return the input of the first layer, (r, d): the tokens of all texts, then rows of zeros."""
        import torch
        from torch.nn import functional

        tokens = np.concatenate([np.asarray(ids, dtype=np.int64) for ids in texts])
        places = np.concatenate([np.arange(length) for length in lengths])
        # The last text's attention may reach into the rows after it.
        rows = -(-(len(tokens) + _TEXT_STEP) // _ROW_STEP) * _ROW_STEP
        states = torch.zeros(rows, self._width, dtype=self._type)
        summed = torch.from_numpy(self._words[tokens] + self._places[places])
        states[: len(tokens)] = functional.layer_norm(summed, (self._width,), *self._norm, self._eps)
        return states

    def _attend(self, projected: torch.Tensor, lengths: Sequence[int], attended: torch.Tensor) -> None:
        """Write the attention of every text, (t, d), into its rows of ``attended``; ``projected`` is (r, 3 d)."""
        start = 0
        for length in lengths:
            stop = start + -(-length // _TEXT_STEP) * _TEXT_STEP
            heads = projected[start:stop].view(stop - start, 3, self._heads, -1)
            query, key, value = heads.permute(1, 2, 0, 3)  # (h, t, d / h) each
            scores = query @ key.transpose(1, 2)  # (h, t, t)
            scores[:, :, length:] = float("-inf")  # rows of the next text
            mixed = scores.softmax(-1) @ value
            # Rows beyond the text are written, too, and then by the next text, to which they belong.
            attended[start:stop].view(stop - start, self._heads, -1).copy_(mixed.transpose(0, 1))
            start += length


def _batches(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of texts that go through the model together, at most ``_BATCH_TOKENS`` or one text each."""
    start = total = 0
    for position, length in enumerate(lengths):
        if position > start and total + length > _BATCH_TOKENS:
            yield start, position
            start, total = position, 0
        total += length
    if start < len(lengths):
        yield start, len(lengths)


def _blocks(rows: int) -> Iterator[tuple[int, int]]:
    for start in range(0, rows, _BLOCK_ROWS):
        yield start, min(start + _BLOCK_ROWS, rows)
