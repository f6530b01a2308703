"""The numpy forward pass is the transformer's, and torch stays out until it is worth its import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from engine.embedding.encoder import TransformerEncoder

TEXTS = [
    "Where are error handlers looked up?",
    "x",
    "",
    "naïve ünïcode 你好 \U0001f600",
    " ".join(f"def f{number}(a, b): return a + b" for number in range(80)),  # more than 256 tokens
]


def test_numpy_and_torch_give_the_same_vectors() -> None:
    encoder = TransformerEncoder(threads=1, arithmetic="float32")
    light = encoder.encode(TEXTS)
    assert not encoder.loaded
    encoder.load()
    np.testing.assert_allclose(light, encoder.encode(TEXTS), atol=2e-6)


def test_many_texts_load_torch() -> None:
    encoder = TransformerEncoder(threads=1, arithmetic="float32")
    encoder._light_left = 50
    encoder.encode(TEXTS)
    assert encoder.loaded


def test_a_question_does_not_import_torch() -> None:
    code = (
        "import sys; from engine.embedding.encoder import TransformerEncoder; "
        "TransformerEncoder(threads=1).encode(['Who calls run?']); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])
