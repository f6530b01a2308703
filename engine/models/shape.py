"""The sizes that a model's memory and time follow from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import ModelError

__all__ = ["Shape"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A decoder with grouped-query attention and a gated feed-forward part, as all architectures here are."""

    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_size: int
    vocabulary: int
    tied: bool = True  # the embedding is also the output matrix
    biased: bool = False  # q, k and v have a bias (qwen2)
    head_norms: bool = False  # q and k are normalised a head (qwen3, gemma3)
    norms: int = 2  # a layer; gemma has four

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Shape:
        """Return the sizes that a ``config.json`` gives; ModelError names what it lacks."""
        try:
            heads = int(config["num_attention_heads"])
            kind = str(config.get("model_type", ""))
            return cls(
                layers=int(config["num_hidden_layers"]),
                hidden=int(config["hidden_size"]),
                intermediate=int(config["intermediate_size"]),
                heads=heads,
                kv_heads=int(config.get("num_key_value_heads") or heads),
                head_size=int(config.get("head_dim") or config["hidden_size"] // heads),
                vocabulary=int(config["vocab_size"]),
                tied=bool(config.get("tie_word_embeddings", kind.startswith("gemma"))),
                biased=kind == "qwen2" or bool(config.get("attention_bias")),
                head_norms=kind in {"qwen3", "gemma3_text"},
                norms=4 if kind.startswith("gemma") else 2,
            )
        except KeyError as error:
            raise ModelError(f"the model's config.json lacks {error}") from error
        except (TypeError, ValueError, ZeroDivisionError) as error:
            raise ModelError(f"the model's config.json does not give its sizes: {error}") from error

    @property
    def projections(self) -> tuple[tuple[int, int], ...]:
        """Return (in, out) of the seven matrices of a layer: q, k, v, o, gate, up, down."""
        q, kv = self.heads * self.head_size, self.kv_heads * self.head_size
        h, i = self.hidden, self.intermediate
        return ((h, q), (h, kv), (h, kv), (q, h), (h, i), (h, i), (i, h))

    @property
    def matrix_parameters(self) -> int:
        """Return the weights of all layers' matrices: what the time of a token goes into, beside the output."""
        return self.layers * sum(rows * columns for rows, columns in self.projections)

    @property
    def embedding_parameters(self) -> int:
        """Return the weights of the embedding and, where it is its own, of the output matrix."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    @property
    def parameters(self) -> int:
        """Return the number of all weights; a tied embedding counts once."""
        a_layer = self.norms * self.hidden
        if self.biased:
            a_layer += (self.heads + 2 * self.kv_heads) * self.head_size
        if self.head_norms:
            a_layer += 2 * self.head_size
        return self.embedding_parameters + self.matrix_parameters + self.layers * a_layer + self.hidden

    def lora_parameters(self, rank: int, layers: int) -> int:
        """Return the weights of an adapter of this rank on the seven matrices of so many layers."""
        return layers * sum(rank * (rows + columns) for rows, columns in self.projections)

    def forward_operations(self, tokens: int) -> float:
        """Return the floating-point operations of one pass over ``tokens`` tokens, every logit included."""
        attention = 2.0 * 2 * self.layers * self.heads * self.head_size * tokens * tokens / 2
        return 2.0 * tokens * (self.matrix_parameters + self.vocabulary * self.hidden) + attention
