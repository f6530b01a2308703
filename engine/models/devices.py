"""On which device to compute: chosen once, with the reason."""

from __future__ import annotations

import logging
import platform
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

__all__ = ["Device", "choose_device", "free_device_memory", "is_out_of_memory", "llama_offload", "offload_command"]

_LOG = logging.getLogger(__name__)
_SMALL = 50_000_000  # parameters; below it, moving data to a GPU costs more than computing on the processor
_NO_MEMORY = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory")
DeviceKind = Literal["cuda", "mps", "cpu"]


@dataclass(frozen=True, slots=True)
class Device:
    """Where tuning computes. ``kind`` is torch's name of it."""

    kind: DeviceKind
    name: str
    reason: str


@lru_cache(maxsize=1)
def _best() -> Device:
    """Look for an accelerator, once; imports torch."""
    import torch

    if torch.cuda.is_available():
        name = torch.cuda.get_device_name(0)
        found = Device("cuda", name, f"torch can use {name} through CUDA")
    elif torch.backends.mps.is_available():
        found = Device("mps", "Apple GPU", "torch can use the Apple GPU through Metal")
    elif torch.version.cuda is not None:
        found = Device("cpu", "processor", "torch was built with CUDA, but finds no GPU or no driver for it")
    else:
        found = Device("cpu", "processor", "torch finds no GPU that it was built for")
    _LOG.info("large models are tuned on the %s: %s", found.name, found.reason)
    return found


def choose_device(parameters: int) -> Device:
    """Return the device to tune a model of this size on; the choice is made once. Imports torch for larger models."""
    if parameters < _SMALL:
        return Device("cpu", "processor", "small models are tuned faster on the processor than on any GPU")
    return _best()


def free_device_memory(device: Device) -> int:
    """Return the bytes of memory that are free where ``device`` computes."""
    import torch

    from engine.models.memory import free_memory

    if device.kind == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    if device.kind == "mps":  # one memory for all, of which Metal allows a part
        allowed = int(torch.mps.recommended_max_memory()) - int(torch.mps.driver_allocated_memory())
        return max(0, min(allowed, free_memory()))
    return free_memory()


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error of torch means that there was no memory left, on whichever device."""
    if isinstance(error, MemoryError):
        return True
    import torch

    if isinstance(error, torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(each in text for each in _NO_MEMORY)


def llama_offload() -> bool:
    """Return whether llama.cpp was built for a GPU, which is then used; imports it."""
    from llama_cpp import llama_cpp

    return bool(llama_cpp.llama_supports_gpu_offload())


def offload_command(accelerator: str) -> str:
    """Return the command that builds llama.cpp for an accelerator of this machine ("" where there is none)."""
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return 'CMAKE_ARGS="-DGGML_METAL=on" ' + _PIP
    if not accelerator or accelerator.startswith("none") or "cannot be loaded" in accelerator:
        return ""
    return 'CMAKE_ARGS="-DGGML_CUDA=on" ' + _PIP


_PIP = "pip install --force-reinstall --no-cache-dir --no-binary llama-cpp-python --no-deps llama-cpp-python"
