"""The window's process as it starts: what it loads, and what it says about what it cannot load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app import __main__ as program

ROOT = Path(__file__).resolve().parents[2]


def test_the_process_of_the_window_loads_nothing_that_computes() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import app.application; "
        "print(sorted({'numpy', 'torch', 'transformers', 'peft', 'llama_cpp', 'hnswlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code, str(ROOT)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            "libEGL.so.1: cannot open shared object file: No such file or directory",
            "the system library libEGL.so.1 is missing; install it first, on Debian or Ubuntu with: "
            "sudo apt install libegl1",
        ),
        (
            "libodd-2.so.7: cannot open shared object file: No such file or directory",
            "the system library libodd-2.so.7 is missing",
        ),
        ("No module named 'PySide6'", "the window's libraries cannot be loaded: No module named 'PySide6'"),
    ],
)
def test_a_missing_library_is_named_with_its_package(error: str, sentence: str) -> None:
    assert program._what_is_missing(ImportError(error)) == sentence
