"""Which arithmetic this processor is fast at."""

from __future__ import annotations

__all__ = ["bf16_is_fast"]


def bf16_is_fast() -> bool:
    """Return whether this processor has units for bfloat16 matrices (AMX, AVX-512 BF16); elsewhere it is emulated.

    A property of the processor and not a timing, so that the same machine always gives the same adapters.
    Imports torch.
    """
    import torch

    # Private, since torch has no public question for it; absent ones count as no.
    questions = (getattr(torch.cpu, name, None) for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported"))
    return any(question is not None and question() for question in questions)
