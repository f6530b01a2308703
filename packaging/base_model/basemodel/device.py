"""Which device, which precision, compiled or not: measured, because processors differ by tenfold."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch

__all__ = ["Hardware", "choose"]

_WORTH_IT = 1.3  # bfloat16 loses precision: it must be clearly faster


@dataclass(frozen=True, slots=True)
class Hardware:
    """Where the training runs."""

    device: torch.device
    dtype: torch.dtype = torch.float32
    compiled: bool = False


def _matmuls_a_second(device: torch.device, dtype: torch.dtype, seconds: float = 1.0) -> float:
    a = torch.randn(4096, 256, device=device, dtype=dtype)
    b = torch.randn(256, 1024, device=device, dtype=dtype)
    for _ in range(3):
        a @ b
    count, started = 0, time.monotonic()
    while time.monotonic() - started < seconds:
        a @ b
        if device.type == "cuda":
            torch.cuda.synchronize()
        count += 1
    return count / (time.monotonic() - started)


def choose(dtype: str = "auto", compiled: str = "auto") -> Hardware:
    """Return the hardware to use.

    ``dtype`` is auto, float32 or bfloat16; auto multiplies matrices in both for a second each.
    ``compiled`` is auto, yes or no; auto compiles on a GPU only, where it pays for its minutes.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if dtype == "auto":
        fast = _matmuls_a_second(device, torch.bfloat16)
        plain = _matmuls_a_second(device, torch.float32)
        dtype = "bfloat16" if fast > _WORTH_IT * plain else "float32"
        print(f"float32 {plain:.0f}, bfloat16 {fast:.0f} products a second: {dtype}", flush=True)
    use = compiled == "yes" or (compiled == "auto" and device.type == "cuda")
    return Hardware(device, torch.bfloat16 if dtype == "bfloat16" else torch.float32, use)
