"""Muon (Keller Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/), batched, in a chosen dtype.

``torch.optim.Muon`` orthogonalises in bfloat16, one matrix at a time. Processors without bfloat16
units run that three to four times slower than float32, and the small matrices of this model keep
neither a GPU nor a vector unit busy one by one. The update is the same otherwise, a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

__all__ = ["Muon", "orthogonalise"]

_A, _B, _C = 3.4445, -4.7750, 2.0315


def orthogonalise(update: Tensor, *, steps: int = 5, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return the approximate orthogonal polar factor of each matrix (n, rows, columns).

    Five quintic Newton-Schulz steps; singular values end between about 0.7 and 1.2.
    """
    x = update.to(dtype)
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp(min=1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    result: Tensor = x.mT if tall else x
    return result


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised, scaled to AdamW's root-mean-square update of 0.2 lr."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float,
        *,
        momentum: float = 0.95,
        weight_decay: float = 0.1,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """Update every matrix, those of one shape together; a closure is refused with ValueError."""
        if closure is not None:
            raise ValueError("Muon takes no closure")
        for group in self.param_groups:
            shapes: dict[torch.Size, list[Tensor]] = {}
            for weight in group["params"]:
                if weight.grad is not None:
                    shapes.setdefault(weight.shape, []).append(weight)
            for shape, weights in shapes.items():
                self._update(weights, shape, group)

    def _update(self, weights: list[Tensor], shape: torch.Size, group: dict[str, Any]) -> None:
        momentum, rate = group["momentum"], group["lr"]
        updates = []
        for weight in weights:
            assert weight.grad is not None
            state = self.state[weight]
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = torch.zeros_like(weight)
            buffer = state["momentum_buffer"]
            buffer.lerp_(weight.grad, 1 - momentum)
            updates.append(weight.grad.lerp(buffer, momentum))
        orthogonal = orthogonalise(torch.stack(updates), dtype=self.dtype)
        step = rate * 0.2 * max(shape) ** 0.5
        for weight, update in zip(weights, orthogonal, strict=True):
            weight.mul_(1 - rate * group["weight_decay"])
            weight.add_(update.to(weight.dtype), alpha=-step)
