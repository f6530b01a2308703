"""The self-test: the fastest of what is right is chosen, once, and the reason can be read."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.doctor import _encoder as doctors_words
from engine.embedding import choice as choices
from engine.embedding.choice import INTERCHANGEABLE, Choice, choose, known_choice, measure
from engine.embedding.encoder import TransformerEncoder, _sample
from engine.embedding.light import LightBert
from engine.embedding.packed import ARITHMETICS, Arithmetic, PackedBert
from engine.embedding.weights import encoder_folder
from engine.paths import models_directory
from engine.types import Floats

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [list(range(2000, 2040)), list(range(5000, 5020))]


@pytest.fixture(scope="module")
def light() -> LightBert:
    return LightBert(encoder_folder())


@cache
def _rows(light: LightBert) -> dict[tuple[int, ...], Floats]:
    return {tuple(ids): light.encode(ids) for text in TEXTS for ids in (text, text[:32])}


class Bent:
    """The real encoder's vectors, turned, after so many seconds of work."""

    def __init__(self, light: LightBert, *, bend: float = 0.0, seconds: float = 0.002) -> None:
        self._bend, self._seconds = bend, seconds
        self._rows = _rows(light)

    def encode(self, texts: Sequence[Sequence[int]]) -> Floats:
        stop = time.thread_time() + self._seconds
        while time.thread_time() < stop:
            sum(range(1000))
        rows = np.stack([self._rows[tuple(ids)] for ids in texts])
        rows[:, 0] += self._bend
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def broken() -> Any:
    raise RuntimeError("mkldnn_bf16 device check failed\nsecond line")


def tried(light: LightBert, candidates: dict[Arithmetic, Callable[[], Any]]) -> Choice:
    return choices._best(measure(candidates, light, TEXTS), 1.0)


def test_the_fastest_that_is_right_is_chosen(light: LightBert) -> None:
    chosen = tried(
        light,
        {
            "float32": lambda: Bent(light, seconds=0.05),
            "float32 packed": lambda: Bent(light, seconds=0.02),
            "bfloat16": lambda: Bent(light, bend=0.2),
            "bfloat16 packed": broken,
        },
    )
    assert chosen.arithmetic == "float32 packed"
    assert "times plain float32" in chosen.reason
    assert "not bfloat16: its vectors are off (cosine 0.9" in chosen.reason
    assert "not bfloat16 packed: it does not run here: mkldnn_bf16 device check failed" in chosen.reason
    assert "second line" not in chosen.reason


def test_what_is_hopelessly_slow_is_not_tried_for_long(light: LightBert) -> None:
    chosen = tried(light, {"float32": lambda: Bent(light), "bfloat16": lambda: Bent(light, seconds=0.1)})
    assert chosen.arithmetic == "float32"
    assert chosen.trials[1].problem == "this processor is slow at it"


def test_vectors_that_are_no_numbers_are_not_chosen(light: LightBert) -> None:
    chosen = tried(light, {"float32": lambda: Bent(light), "bfloat16": lambda: Bent(light, bend=float("nan"))})
    assert chosen.arithmetic == "float32"
    assert "cosine nan" in chosen.reason


def test_without_any_the_reference_remains(light: LightBert) -> None:
    chosen = tried(light, {"float32": broken, "bfloat16": lambda: Bent(light, bend=1.0)})
    assert chosen.arithmetic == "numpy"
    assert chosen.reason.startswith("not float32: it does not run here")


def test_this_machine_is_tested_once_and_doctor_says_what_came_of_it() -> None:
    assert known_choice() is None
    assert "not chosen yet" in doctors_words()
    encoder = TransformerEncoder(threads=1)
    encoder.load()
    chosen = encoder.choice
    assert chosen is not None
    assert chosen.arithmetic in ARITHMETICS
    assert [trial.arithmetic for trial in chosen.trials] == list(ARITHMETICS)
    assert all(trial.cosine >= INTERCHANGEABLE for trial in chosen.trials if not trial.problem)
    assert known_choice() == chosen
    again = TransformerEncoder(threads=2)
    again.load()
    assert again.choice == chosen  # with the seconds of the first test: there was no second one
    assert doctors_words() == f"{chosen.arithmetic}: {chosen.reason}"
    assert again.id == encoder.id


@pytest.mark.parametrize("damage", ["other processor", "not JSON", "unknown arithmetic", "cut"])
def test_a_choice_for_another_machine_or_a_damaged_one_is_not_taken(damage: str) -> None:
    choices._remember(Choice("float32", "as written", (), 1.0))
    assert known_choice() == Choice("float32", "as written", (), 1.0)
    path = models_directory() / "encoder-choice.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    if damage == "other processor":
        kept["key"]["processor"] = "Z80"
    elif damage == "unknown arithmetic":
        kept["arithmetic"] = "int3"
    path.write_text({"not JSON": "[", "cut": "{}"}.get(damage, json.dumps(kept)), encoding="utf-8")
    assert known_choice() is None


def test_vectors_cached_under_one_arithmetic_answer_for_all(code: list[list[int]]) -> None:
    """The encoder's id does not name the arithmetic, so chunks of one and questions of another must rank alike."""
    texts = code[:16]
    kept = PackedBert(encoder_folder(), "float32").encode(texts).astype(np.float16).astype(np.float32)
    for arithmetic in ("float32 packed", "bfloat16 packed"):
        vectors = PackedBert(encoder_folder(), arithmetic).encode(texts)
        assert (vectors * kept).sum(axis=1).min() >= INTERCHANGEABLE
        assert (vectors @ kept.T).argmax(axis=1).tolist() == list(range(len(texts)))
        np.testing.assert_allclose(vectors @ kept.T, kept @ kept.T, atol=0.02)


def test_without_torch_chunks_are_embedded_in_numpy(own_home: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from engine.embedding.encoder import TransformerEncoder\n"
        "encoder = TransformerEncoder(threads=2); encoder.load()\n"
        "assert encoder.choice.arithmetic == 'numpy', encoder.choice\n"
        "assert encoder.encode(['a b c', 'def f(): pass'] * 3).shape == (6, 384)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    assert known_choice() is not None


def test_the_sample_fills_the_encoder() -> None:
    long, short = TransformerEncoder(threads=1)._tokens(_sample())
    assert len(long) == 256
    assert 30 < len(short) < 120


def test_what_ends_the_process_is_given_up_after_three_times(light: LightBert) -> None:
    """A kernel that dies takes the engine with it; the engine must not do so again at every start."""
    code = (
        "import os\n"
        "from engine.embedding import choice\n"
        "from engine.embedding.encoder import encoder_folder\n"
        "from engine.embedding.light import LightBert\n"
        "choice.measure({'bfloat16': lambda: os._exit(9)}, LightBert(encoder_folder()), [[101, 2000, 102]])\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 9
    candidates: dict[Arithmetic, Callable[[], Any]] = {"float32": lambda: Bent(light), "bfloat16": lambda: Bent(light)}
    choices._count("bfloat16", 1)
    assert [trial.problem for trial in measure(candidates, light, TEXTS)] == ["", ""]  # twice can be bad luck
    choices._count("bfloat16", 1)
    assert [trial.problem for trial in measure(candidates, light, TEXTS)] == [
        "",
        "the program ended while it was tried",
    ]


def test_choosing_needs_no_home_that_can_be_written(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_home.parent.mkdir(exist_ok=True)
    own_home.write_text("a file where the folder should be")
    monkeypatch.setattr(choices, "ARITHMETICS", ("float32",))
    assert choose(encoder_folder(), [list(range(2000, 2030))]).arithmetic == "float32"
    assert known_choice() is None
