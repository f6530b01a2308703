"""What a tuner asks of a loaded model with an adapter on it, whoever computes it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from engine.tuning.examples import Encoded
from engine.types import Floats

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Passes", "State"]

State = list["Tensor"]  # a copy of the adapter's weights


class Passes(Protocol):
    """A frozen model, one adapter and its optimizer. One thread at a time."""

    vocabulary: int
    together: int  # tokens of several examples that are best read in one pass

    def reset(self) -> None:
        """Make the adapter an untrained one: A as at the start, B zero, the optimizer new."""

    def gradient(self, batch: Sequence[Encoded]) -> float:
        """Compute the gradients of a batch's mean loss and return that loss, nats a learned token."""

    def step(self, rate: float) -> None:
        """Take an optimizer step with the gradients that ``gradient`` left."""

    def losses(self, batch: Sequence[Encoded]) -> list[float]:
        """Return the loss of each example under the present adapter, nats a learned token."""

    def logits(self, ids: Tensor) -> Tensor:
        """Return the logits (T, vocabulary), float32, of one text (T,)."""

    def weaken(self, share: float) -> None:
        """Multiply what the adapter adds to the base by ``share``."""

    def base(self) -> AbstractContextManager[None]:
        """Switch the adapter off inside the ``with`` block."""

    def state(self) -> State:
        """Return a copy of the adapter's weights."""

    def restore(self, state: State) -> None:
        """Give the adapter the weights of a copy."""

    def lora_tensors(self) -> dict[str, tuple[Floats, Floats]]:
        """Return copies of A (r, in) and B (out, r) by module name ("model.layers.0.self_attn.q_proj")."""

    def slopes(self) -> dict[str, tuple[Floats, Floats]]:
        """Return copies of the gradients of A and B that ``gradient`` left, by module name."""
