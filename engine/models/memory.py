"""How much memory there is, and how much it takes to answer."""

from __future__ import annotations

from pathlib import Path

from engine.models.shape import Shape

__all__ = ["answering_bytes", "free_memory", "stored_bytes", "total_memory"]

_CONTEXT = 8192  # tokens that the program reads at most
_BATCH = 512  # tokens that llama.cpp computes at once
_BASE = 300 << 20  # bytes of the program and its libraries
_CGROUP = Path("/sys/fs/cgroup")


def total_memory() -> int:
    """Return the bytes of memory that this process could ever have."""
    import psutil

    return min([int(psutil.virtual_memory().total), *_container_limits()])


def free_memory() -> int:
    """Return the bytes that can be had now without swapping, within the limits of a container."""
    import psutil

    free = int(psutil.virtual_memory().available)
    limits = _container_limits()
    if limits:
        used = _number(_CGROUP / "memory.current")
        cached = _inactive_file(_CGROUP / "memory.stat")
        free = min(free, limits[0] - max(0, used - cached)) if used else free
    return max(0, free)


def _container_limits() -> list[int]:
    """Return the limit of the container that this process runs in, if it has one."""
    limit = _number(_CGROUP / "memory.max")
    return [limit] if limit else []


def _number(path: Path) -> int:
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return 0
    return int(text) if text.isdigit() else 0  # "max": no limit


def _inactive_file(path: Path) -> int:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("inactive_file ")), 0)


def stored_bytes(shape: Shape) -> int:
    """Return the size of the GGUF that is made here of a model of this shape: 34 bytes for 32 weights."""
    return shape.parameters * 34 // 32


def answering_bytes(gguf_bytes: int, shape: Shape | None, context: int) -> int:
    """Return the memory that answering takes: the weights, keys and values in half precision, and what is computed."""
    if shape is None:
        return gguf_bytes + gguf_bytes // 4 + _BASE
    tokens = min(context or _CONTEXT, _CONTEXT)
    cache = 2 * 2 * shape.layers * shape.kv_heads * shape.head_size * tokens
    computed = 4 * _BATCH * (shape.vocabulary + 4 * shape.hidden + 2 * shape.intermediate)
    return gguf_bytes + cache + computed + _BASE
