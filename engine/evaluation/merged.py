"""A model with an adapter added into its weights: the plain way to see what it would write, whoever trained it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from engine.tuning.base import load_base
from engine.tuning.examples import Encoded
from engine.tuning.lora import Tuner
from engine.types import Floats

__all__ = ["MergedModel", "Recalled"]


@dataclass(frozen=True, slots=True)
class Recalled:
    """How a model takes the learned tokens of an example."""

    bits: float  # of all of them
    exact: bool  # whether greedy decoding gives exactly them


class MergedModel:
    """The base of a prepared tuner, in float32 on the processor, with whatever adapter was put on last."""

    def __init__(self, tuner: Tuner) -> None:
        """Load the weights; ModelError when they cannot be."""
        tuner.prepare()
        assert tuner.plan is not None
        self._causal = load_base(tuner.model, tuner.plan).eval()
        self._scale = tuner.recipe.alpha / tuner.recipe.rank
        self._plain: dict[str, torch.Tensor] = {}  # the weights that an adapter has changed, as they were

    def put_on(self, tensors: Mapping[str, tuple[Floats, Floats]]) -> None:
        """Put on the adapter ``Tuner.lora_tensors`` gives, A (r, in) and B (out, r) by module; nothing: the base."""
        with torch.no_grad():
            for name, plain in self._plain.items():
                self._causal.get_submodule(name).weight.copy_(plain)
            for name, (a, b) in tensors.items():
                weight = self._causal.get_submodule(name).weight
                self._plain.setdefault(name, weight.detach().clone())
                weight += self._scale * (torch.from_numpy(b) @ torch.from_numpy(a)).to(weight.dtype)

    def recall(self, example: Encoded) -> Recalled:
        """Return how surprising the learned tokens are, and whether each is the likeliest after those before it.

        Then, and only then, greedy decoding gives exactly them.
        """
        ids = torch.from_numpy(example.ids)
        learned = torch.from_numpy(example.learned)
        with torch.inference_mode():
            logits = self._causal(input_ids=ids[None], use_cache=False).logits[0, :-1].float()
        wanted = ids[1:][learned[1:]]
        found = logits[learned[1:]].log_softmax(-1)
        bits = -float(found.gather(1, wanted[:, None]).sum()) / math.log(2)
        return Recalled(bits, bool((found.argmax(-1) == wanted).all()))
