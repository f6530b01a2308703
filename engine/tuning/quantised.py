"""A frozen matrix held as Q8_0, exactly as the GGUF stores it, and multiplied with in the precision of its input.

Each block of 32 weights of a row is 32 whole numbers and one scale. The matrix is de-quantised for the length of a
product, so that a model takes a little more than a byte a weight (the idea of QLoRA, Dettmers et al. 2023,
arXiv 2305.14314, with the format that inference uses).
"""

from __future__ import annotations

from typing import Any

import torch

__all__ = ["BLOCK", "QuantisedLinear"]

BLOCK = 32  # weights of a row that share a scale


class _Product(torch.autograd.Function):
    """x (…, in) times the transposed matrix (out, in); nothing of the matrix is kept for the way back."""

    @staticmethod
    def forward(context: Any, x: torch.Tensor, layer: QuantisedLinear) -> torch.Tensor:
        context.layer = layer
        return x @ layer.matrix(x.dtype).T

    @staticmethod
    def backward(context: Any, *gradients: torch.Tensor) -> Any:
        return gradients[0] @ context.layer.matrix(gradients[0].dtype), None


class QuantisedLinear(torch.nn.Linear):
    """Stands in for a frozen ``Linear``, which PEFT takes it for; its ``weight`` only tells its type and place."""

    whole: torch.Tensor  # (out, in / 32, 32), int8
    scales: torch.Tensor  # (out, in / 32), float16

    def __init__(self, weight: torch.Tensor, bias: torch.nn.Parameter | None) -> None:
        """Quantise ``weight`` (out, in), float32, whose rows are a multiple of 32 long."""
        torch.nn.Module.__init__(self)  # not Linear's, which would make a matrix in full
        self.out_features, self.in_features = weight.shape
        blocks = weight.float().reshape(self.out_features, -1, BLOCK)
        scales = blocks.abs().amax(dim=2) / 127
        # As llama.cpp does: rounded with the exact scale, kept with the scale in half precision.
        inverse = torch.where(scales > 0, 1 / scales, torch.zeros_like(scales))
        self.register_buffer("whole", (blocks * inverse[:, :, None]).round().to(torch.int8), persistent=False)
        self.register_buffer("scales", scales.to(torch.float16), persistent=False)
        self.weight = torch.nn.Parameter(torch.empty(0, device=weight.device), requires_grad=False)
        self.bias = bias  # type: ignore[assignment]

    def matrix(self, dtype: torch.dtype) -> torch.Tensor:
        """Return the de-quantised matrix (out, in)."""
        values = self.whole.to(dtype) * self.scales[:, :, None].to(dtype)
        return values.reshape(self.out_features, self.in_features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return x W^T + b, (…, out)."""
        kind = x.device.type
        if torch.is_autocast_enabled(kind):
            x = x.to(torch.get_autocast_dtype(kind))
        product: torch.Tensor = _Product.apply(x, self)  # type: ignore[no-untyped-call]
        return product if self.bias is None else product + self.bias.to(product.dtype)
