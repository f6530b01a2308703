"""A model of the Llama kind, trained without transformers and PEFT: our own passes over its frozen weights.

Which models those are, ``is_direct`` says; the others are wrapped by PEFT (``wrapped``). Both give the same losses and
gradients. Neither library is imported here, which saves the seconds that they take to load.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from engine.errors import ModelError
from engine.models import InstalledModel
from engine.models.folder import read_config
from engine.models.shape import Shape
from engine.tuning.base import base_weights
from engine.tuning.examples import Encoded
from engine.tuning.flat import FlatAdapter, Group, frozen_pair
from engine.tuning.layer import Heads, Layer, Saved, backward, forward, norm, norm_backward
from engine.tuning.packing import Packed, pack
from engine.tuning.passes import State
from engine.tuning.plan import TuningPlan
from engine.tuning.recipe import Recipe
from engine.types import Floats

__all__ = ["DirectModel", "is_direct"]

_KINDS = frozenset({"llama", "qwen2"})
_LOGITS_HELD = 1_000_000  # numbers at once: what a processor's cache holds
_FEWEST_ROWS = 64  # of them, or products get slow
_BELOW_HELD = 8_000_000  # numbers; 32 MB of float32
_GROUPS = (
    ("self_attn", ("q_proj", "k_proj", "v_proj")),
    ("self_attn", ("o_proj",)),
    ("mlp", ("gate_proj", "up_proj")),
    ("mlp", ("down_proj",)),
)


def is_direct(config: Mapping[str, Any], plan: TuningPlan, device: str) -> bool:
    """Return whether this model, by its ``config.json`` and the plan for it, is trained by ``DirectModel``."""
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    usual = (
        config.get("model_type") in _KINDS
        and config.get("hidden_act", "silu") == "silu"
        and not config.get("attention_bias")
        and not config.get("mlp_bias")
        and not _has_window(config)
        and config.get("partial_rotary_factor", 1.0) == 1.0
        and config.get("pretraining_tp", 1) == 1
        and rope.get("rope_type", rope.get("type", "default")) == "default"
        and rope.get("partial_rotary_factor", 1.0) == 1.0
        and "quantization_config" not in config
    )
    return usual and device == "cpu" and plan.base == "float32" and not plan.checkpointing


def _has_window(config: Mapping[str, Any]) -> bool:
    """Return whether positions of some layer see only the last so many."""
    if config.get("model_type") == "qwen2" and not config.get("use_sliding_window"):
        return False
    kinds = config.get("layer_types") or ()
    return bool(config.get("sliding_window")) or any(kind != "full_attention" for kind in kinds)


class DirectModel:
    """See ``passes.Passes``."""

    together = 512  # beyond that, positions that look at each other cost more than larger products gain

    def __init__(self, model: InstalledModel, plan: TuningPlan, recipe: Recipe, *, half: bool) -> None:
        """Load the weights, on the processor; ``half`` takes products in bfloat16. ModelError when that fails."""
        config = read_config(model.weights)
        self.shape = Shape.of(config)
        self.vocabulary = self.shape.vocabulary
        self.recipe = recipe
        self.dtype = torch.bfloat16 if half else torch.float32
        rope = config.get("rope_parameters") or config
        self._theta = float(rope.get("rope_theta", config.get("rope_theta", 10_000.0)))
        self._load(model, plan, float(config.get("rms_norm_eps", 1e-6)))
        self._off = False
        self._turns = _turns(plan.max_tokens, self.shape.head_size, self._theta)
        self._below: OrderedDict[bytes, Tensor] = OrderedDict()

    def _load(self, model: InstalledModel, plan: TuningPlan, epsilon: float) -> None:
        shape, recipe, weights = self.shape, self.recipe, dict(base_weights(model))
        first = shape.layers - plan.layers  # the lowest layer with an adapter
        room = sum(
            FlatAdapter.room(recipe.rank, len(names), sum(out for _, out in part), part[0][0])
            for (_, names), part in zip(_GROUPS, _parts(shape), strict=True)
        )
        self.adapter = FlatAdapter(
            room * plan.layers,
            rank=recipe.rank,
            alpha=recipe.alpha,
            beta1=recipe.beta1,
            seed=recipe.seed,
            dtype=self.dtype,
        )
        try:
            self._embedding = weights.pop("model.embed_tokens.weight")  # (vocabulary, w), float32
            self._output = (self._embedding if shape.tied else weights.pop("lm_head.weight")).to(self.dtype)
            self.norm = weights.pop("model.norm.weight")
            self.layers = [
                self._layer(weights, f"model.layers.{number}.", epsilon, tuned=number >= first)
                for number in range(shape.layers)
            ]
        except KeyError as error:
            raise ModelError(f"the model folder {model.weights} lacks the weights of {error.args[0]}") from error
        self._bare = [_without_adapter(layer) for layer in self.layers]
        self._first, self._epsilon = first, epsilon
        self.adapter.reset()

    def _layer(self, weights: dict[str, Tensor], place: str, epsilon: float, *, tuned: bool) -> Layer:
        pairs = []
        for (part, names), sizes in zip(_GROUPS, _parts(self.shape), strict=True):
            places = tuple(f"{place}{part}.{name}" for name in names)
            weight = torch.cat([weights.pop(f"{each}.weight") for each in places])
            biased = f"{places[0]}.bias" in weights
            bias = torch.cat([weights.pop(f"{each}.bias") for each in places]) if biased else None
            group = Group(places, tuple(out for _, out in sizes), weight, bias)
            pairs.append(self.adapter.add(group) if tuned else frozen_pair(group, self.dtype))
        qkv, out, gate_up, down = pairs
        norms = (weights.pop(f"{place}{name}.weight") for name in ("input_layernorm", "post_attention_layernorm"))
        return Layer(next(norms), qkv, out, next(norms), gate_up, down, epsilon)

    # -- passes -----------------------------------------------------------------------------------

    def gradient(self, batch: Sequence[Encoded]) -> float:
        """Put the gradients of the mean loss of a batch into the adapter; return the loss, nats a learned token."""
        packed = pack(batch, self.dtype)
        heads = self._heads(packed)
        with torch.inference_mode():
            x = self._from_below(batch, packed, heads)
            saved: list[Saved | None] = []
            for layer in self.layers[self._first :]:
                x, kept = forward(layer, x, heads, packed.blocks, keep=True)
                saved.append(kept)
            hidden, scale = norm(x, self.norm, self._epsilon, self.dtype)
            nats, d_read = self._losses(hidden[packed.predicting], packed.targets, slopes=True)
            count = len(nats)
            d_hidden = torch.zeros_like(x)
            d_hidden[packed.predicting] = d_read.float() / count
            slope: Tensor | None = norm_backward(d_hidden, x, scale, self.norm)
            for number in reversed(range(self._first, self.shape.layers)):
                kept = saved.pop()
                assert kept is not None and slope is not None
                slope = backward(self.layers[number], kept, slope, heads, packed.blocks, last=number == self._first)
            return float(nats.sum()) / count

    def losses(self, batch: Sequence[Encoded]) -> list[float]:
        """Return the loss of each example under the present adapter, nats a learned token."""
        packed = pack(batch, self.dtype)
        with torch.inference_mode():
            hidden = self._hidden(batch, packed)[packed.predicting]
            nats, _ = self._losses(hidden, packed.targets, slopes=False)
            total = torch.zeros(len(batch)).index_add_(0, packed.owners, nats)
            found: list[float] = (total / packed.counts).tolist()
            return found

    def logits(self, ids: Tensor) -> Tensor:
        """Return the logits (N, vocabulary) of one text (N,), float32."""
        example = Encoded(ids.numpy(), (torch.arange(len(ids)) > 0).numpy())
        with torch.inference_mode():
            return (self._hidden([example], pack([example], self.dtype)) @ self._output.T).float()

    def _hidden(self, batch: Sequence[Encoded], packed: Packed) -> Tensor:
        heads = self._heads(packed)
        x = self._from_below(batch, packed, heads)
        for layer in (self._bare if self._off else self.layers)[self._first :]:
            x, _ = forward(layer, x, heads, packed.blocks, keep=False)
        return norm(x, self.norm, self._epsilon, self.dtype)[0]

    def _from_below(self, batch: Sequence[Encoded], packed: Packed, heads: Heads) -> Tensor:
        """Return what the lowest layer with an adapter reads (N, w).

        What lies below never changes, so that it is computed once for a batch that comes again: a chunk that is
        trained on twice, the gate's before and after. The batch as a whole is the key, since the same text in another
        one may differ in the last bits.
        """
        x = self._embedding[packed.ids]
        if not self._first:
            return x
        key = b"".join(part for each in batch for part in (len(each.ids).to_bytes(4, "little"), each.ids.tobytes()))
        found = self._below.pop(key, None)
        if found is None:
            for layer in self.layers[: self._first]:
                x, _ = forward(layer, x, heads, packed.blocks, keep=False)
            found = x
        self._below[key] = found  # the latest stands last
        while len(self._below) > 1 and sum(each.numel() for each in self._below.values()) > _BELOW_HELD:
            self._below.popitem(last=False)
        return found

    def _heads(self, packed: Packed) -> Heads:
        shape = self.shape
        longest = int(packed.positions.max()) + 1
        if longest > len(self._turns[0]):
            self._turns = _turns(longest, shape.head_size, self._theta)
        cos, sin = (table[packed.positions] for table in self._turns)
        return Heads(shape.heads, shape.kv_heads, shape.head_size, cos, sin)

    def _losses(self, hidden: Tensor, targets: Tensor, *, slopes: bool) -> tuple[Tensor, Tensor]:
        """Return the nats of each target (M,) and, with ``slopes``, the gradient of their sum (M, w).

        Only so many logits exist at once.
        """
        nats = torch.empty(len(targets))
        result = torch.empty_like(hidden) if slopes else hidden
        rows = max(_FEWEST_ROWS, _LOGITS_HELD // len(self._output))
        for at in range(0, len(targets), rows):
            part = slice(at, at + rows)
            logits = hidden[part] @ self._output.T  # (rows, vocabulary)
            wanted = targets[part, None]
            if not slopes:
                nats[part] = torch.log_softmax(logits, dim=1, dtype=torch.float32).gather(1, wanted)[:, 0].neg_()
                continue
            shares = torch.softmax(logits, dim=1, dtype=torch.float32)
            right = shares.gather(1, wanted)
            nats[part] = right[:, 0].log().neg_()
            shares.scatter_(1, wanted, right - 1)
            torch.mm(shares.to(self.dtype), self._output, out=result[part])
        return nats, result

    # -- the adapter ------------------------------------------------------------------------------

    def reset(self) -> None:
        """Make the adapter an untrained one; the model then equals its base exactly."""
        self.adapter.reset()

    def step(self, rate: float) -> None:
        """Take an optimizer step with the gradients that ``gradient`` left."""
        self.adapter.step(rate, self.recipe.clip_norm)

    def weaken(self, share: float) -> None:
        """Multiply what the adapter adds to the base by ``share``."""
        self.adapter.weaken(share)

    @contextmanager
    def base(self) -> Iterator[None]:
        """Switch the adapter off inside the ``with`` block."""
        self._off = True
        try:
            yield
        finally:
            self._off = False

    def state(self) -> State:
        """Return a copy of the adapter's weights."""
        return [self.adapter.copy()]

    def restore(self, state: State) -> None:
        """Give the adapter the weights of a copy."""
        self.adapter.replace(state[0])

    def lora_tensors(self) -> dict[str, tuple[Floats, Floats]]:
        """Return copies of A (r, in) and B (out, r) by module name."""
        return self.adapter.tensors()

    def slopes(self) -> dict[str, tuple[Floats, Floats]]:
        """Return copies of the gradients of A and B that ``gradient`` left, by module name."""
        return self.adapter.slopes()


def _turns(longest: int, size: int, theta: float) -> tuple[Tensor, Tensor]:
    """Return the cosines (T, D) and sines (T, D / 2) of the rotary embedding at the first positions."""
    powers = torch.arange(0, size, 2, dtype=torch.float32) / size
    angles = torch.arange(longest, dtype=torch.float32)[:, None] / theta**powers  # (T, D / 2)
    cos = angles.cos()
    return torch.cat((cos, cos), dim=1), angles.sin()


def _parts(shape: Shape) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return (in, out) of the projections of each group."""
    found = shape.projections
    return found[:3], found[3:4], found[4:6], found[6:]


def _without_adapter(layer: Layer) -> Layer:
    """Return a view of a layer as its base has it."""
    return replace(layer, **{name: getattr(layer, name).bare() for name in ("qkv", "out", "gate_up", "down")})
