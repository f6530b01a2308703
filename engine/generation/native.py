"""llama.cpp as a library: loaded once, quiet, and with its own words about what failed."""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

__all__ = ["forget_complaints", "library", "why"]

_ERROR_LEVEL = 4  # GGML_LOG_LEVEL_ERROR

_complaints: deque[str] = deque(maxlen=8)  # llama.cpp's own words about what failed


def _keep_errors(level: int, text: bytes, _: Any) -> None:
    if level == _ERROR_LEVEL:
        _complaints.append(text.decode("utf-8", "replace").strip())


@contextmanager
def _waiting_asleep() -> Iterator[None]:
    """Let OpenMP threads that are loaded meanwhile sleep at barriers, unless the user has set it otherwise.

    By default they spin, which is hardly faster on an idle machine and stalls when anything else runs: with
    two threads on two busy cores it took 1 to 30 tokens a second, asleep 56, and one thread alone 57.
    """
    name = "OMP_WAIT_POLICY"
    if name in os.environ:
        yield
        return
    os.environ[name] = "passive"
    try:
        yield
    finally:
        del os.environ[name]


@lru_cache(maxsize=1)
def library() -> Any:
    """Import llama_cpp once; its log goes nowhere but for errors, which are kept for our messages."""
    with _waiting_asleep():
        from llama_cpp import _utils, llama_cpp

    for null in (_utils.outnull_file, _utils.errnull_file):
        null.close()  # opened on import for the high-level API and left to warn at exit

    callback = llama_cpp.llama_log_callback(_keep_errors)
    llama_cpp.llama_log_set(callback, ctypes.c_void_p(0))
    llama_cpp.sidetune_log = callback  # ctypes does not keep it alive
    llama_cpp.llama_backend_init()
    return llama_cpp


def why() -> str:
    """Return llama.cpp's last complaint, ready to be appended to a sentence."""
    return f": {_complaints[-1]}" if _complaints else ""


def forget_complaints() -> None:
    """Let ``why`` tell only of what fails from now on."""
    _complaints.clear()
