"""How much memory tuning takes, and what is given up, in which order, when less is free.

All sizes follow from the model's shape, so the plan is made before anything is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from engine.errors import TuningError
from engine.models import Shape
from engine.tuning.recipe import Recipe

__all__ = ["Base", "TuningPlan", "least_bytes", "less_than", "plan_tuning", "tuning_bytes"]

Base = Literal["float32", "bfloat16", "int8"]

_BASE_BYTES: dict[Base, float] = {"float32": 4.0, "bfloat16": 2.0, "int8": 34 / 32}
_LIBRARIES = 700 << 20  # bytes of torch, transformers and PEFT with nothing loaded
_RESERVE = 0.1  # of what is free is left to everybody else
_OPTIMIZER = 4 * 4  # bytes a LoRA weight: itself, its gradient and Adam's two moments, in float32
_LOGIT_COPIES = 3  # of float32: the logits, their softmax, their gradient
_FEWEST_TOKENS = 128
_AFTER_FAILURE = 0.75  # of what a plan was to take for itself and did not get: the most that the next one may take


@dataclass(frozen=True, slots=True)
class TuningPlan:
    """How a model is tuned with the memory there is."""

    base: Base  # how the frozen matrices are held
    layers: int  # the last so many get an adapter; those below take part and are not changed
    max_tokens: int  # of an example
    checkpointing: bool  # activations are computed again instead of kept: a third more time
    bytes: int  # that it is expected to take, the libraries included

    def words(self, shape: Shape, recipe: Recipe) -> str:
        """Return in words what was given up for lack of memory, empty when nothing was."""
        given = []
        if self.base != "float32":
            given.append("weights in two bytes each" if self.base == "bfloat16" else "weights in a byte each")
        if self.checkpointing:
            given.append("activations computed twice")
        if self.layers < recipe.tuned_layers(shape.layers):
            given.append(f"the last {self.layers} of {shape.layers} layers")
        if self.max_tokens < recipe.max_tokens:
            given.append(f"texts of {self.max_tokens} tokens")
        return ", ".join(given)


def tuning_bytes(shape: Shape, plan: TuningPlan, recipe: Recipe, *, half_products: bool = True) -> int:
    """Return the memory that tuning by ``plan`` takes at its peak, in bytes.

    ``half_products``: products are computed in bfloat16; copies of float32 weights are kept for the way back then.
    """
    embedding = 4.0 if plan.base == "int8" else _BASE_BYTES[plan.base]
    weights = shape.matrix_parameters * _BASE_BYTES[plan.base] + shape.embedding_parameters * embedding
    if plan.base == "int8":  # one layer's largest matrix at a time is de-quantised, forwards and backwards
        weights += 2 * 4 * max(rows * columns for rows, columns in shape.projections)
    if half_products and plan.base == "float32":
        weights += 2 * (shape.vocabulary * shape.hidden + (0 if plan.checkpointing else shape.matrix_parameters))
    adapter = shape.lora_parameters(recipe.rank, plan.layers) * (_OPTIMIZER + 4)  # and the A of every question's start
    tokens = plan.max_tokens * _rows(recipe)
    layer = _layer_activations(shape, recipe)
    kept = plan.layers * shape.hidden + layer if plan.checkpointing else plan.layers * layer
    activations = 4 * tokens * kept
    logits = 4 * _LOGIT_COPIES * plan.max_tokens * shape.vocabulary
    return int(_LIBRARIES + weights + adapter + activations + logits)


def _rows(recipe: Recipe) -> int:
    """Return how many full texts a step is as large as: facts share a step, and are short."""
    return max(1, recipe.facts_a_step // 8)


def _layer_activations(shape: Shape, recipe: Recipe) -> int:
    """Return the numbers that one layer keeps for a token on the way forwards, to go backwards with."""
    q, kv = shape.heads * shape.head_size, shape.kv_heads * shape.head_size
    attention = 4 * shape.hidden + 4 * q + 4 * kv  # norms and inputs, rotated and plain heads, the output
    forward = 4 * shape.intermediate  # gate, its activation, up and their product
    return attention + forward + 7 * 2 * recipe.rank


def _shrinking(shape: Shape, recipe: Recipe, *, half_first: bool) -> Iterator[TuningPlan]:
    """Yield plans, each giving up more than the one before."""
    base: Base = "bfloat16" if half_first else "float32"
    full = TuningPlan(base, recipe.tuned_layers(shape.layers), recipe.max_tokens, checkpointing=False, bytes=0)
    yield full
    again = replace(full, checkpointing=True)
    yield again
    small = replace(again, base="int8")
    yield small
    for share, tokens in ((2, recipe.max_tokens), (2, recipe.max_tokens // 2), (4, recipe.max_tokens // 4)):
        layers = min(full.layers, max(1, shape.layers // share))
        yield replace(small, layers=layers, max_tokens=max(_FEWEST_TOKENS, tokens))


def least_bytes(shape: Shape, recipe: Recipe) -> int:
    """Return the least memory in which a model of this shape can be tuned at all."""
    return min(tuning_bytes(shape, plan, recipe) for plan in _shrinking(shape, recipe, half_first=False))


def less_than(failed: int) -> int:
    """Return what to take for free memory once a plan of ``failed`` bytes ran out of it: the next one is smaller."""
    return int((_LIBRARIES + _AFTER_FAILURE * (failed - _LIBRARIES)) / (1 - _RESERVE))


def plan_tuning(
    shape: Shape, recipe: Recipe, free: int, *, half_first: bool = False, half_products: bool = True
) -> TuningPlan:
    """Return the plan that gives up least and fits into ``free`` bytes.

    ``half_first``: the device is one that is made for bfloat16, so weights are held so from the start;
    ``half_products`` as in ``tuning_bytes``. Raises TuningError when even the smallest plan does not fit.
    """
    room = int(free * (1 - _RESERVE))
    needed = 0
    for plan in _shrinking(shape, recipe, half_first=half_first):
        needed = tuning_bytes(shape, plan, recipe, half_products=half_products)
        if needed <= room:
            return replace(plan, bytes=needed)
    raise TuningError(
        f"Learning with this model takes at least {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free."
    )
