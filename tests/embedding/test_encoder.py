from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tokenizers
from safetensors.numpy import load_file

from engine.embedding.encoder import MAX_TOKENS, TransformerEncoder
from engine.embedding.weights import encoder_folder
from engine.errors import ModelError
from engine.types import Encoder, Floats

TEXTS = [
    "src/app.py Flask.run\ndef run(self, host):\n    self.serve(host)",
    "Where are error handlers looked up?",
    "x",
    "",
    "日本語 naïve \x00",
]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> TransformerEncoder:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIDETUNE_HOME", str(tmp_path_factory.mktemp("home")))
        loaded = TransformerEncoder(threads=1, arithmetic="float32")
        loaded.load()
    return loaded


@cache
def doubles() -> dict[str, Floats]:
    weights = load_file(encoder_folder() / "model.safetensors")
    return {name: value.astype(np.float64) for name, value in weights.items()}


def slow_encode(text: str) -> Floats:
    """BERT, the mean of its last states and a unit length, written out in numpy for one text at a time."""
    folder, w = encoder_folder(), doubles()
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    ids = tokenizer.encode(text).ids

    def linear(x: Floats, name: str) -> Floats:
        return np.asarray(x @ w[f"{name}.weight"].T + w[f"{name}.bias"])

    def norm(x: Floats, name: str) -> Floats:
        centred = x - x.mean(-1, keepdims=True)
        return np.asarray(centred / np.sqrt(x.var(-1, keepdims=True) + 1e-12) * w[f"{name}.weight"] + w[f"{name}.bias"])

    table = "embeddings.{}_embeddings.weight".format
    x = norm(
        w[table("word")][ids] + w[table("position")][: len(ids)] + w[table("token_type")][0], "embeddings.LayerNorm"
    )
    for layer in range(6):
        name = f"encoder.layer.{layer}."
        q, k, v = (
            linear(x, f"{name}attention.self.{part}").reshape(len(ids), 12, 32) for part in ("query", "key", "value")
        )
        scores = np.einsum("ihd,jhd->hij", q, k) / math.sqrt(32)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        mixed = np.einsum("hij,jhd->ihd", shares, v).reshape(len(ids), 384)
        x = norm(x + linear(mixed, f"{name}attention.output.dense"), f"{name}attention.output.LayerNorm")
        h = linear(x, f"{name}intermediate.dense")
        h = 0.5 * h * (1 + np.vectorize(math.erf)(h / math.sqrt(2)))
        x = norm(x + linear(h, f"{name}output.dense"), f"{name}output.LayerNorm")
    mean = x.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)


def test_equals_the_formula(encoder: TransformerEncoder) -> None:
    expected = np.stack([slow_encode(text) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=2e-5)
    np.testing.assert_allclose(TransformerEncoder(threads=1).encode(TEXTS), expected, atol=2e-5)  # without torch


def test_rows_are_in_order_and_do_not_depend_on_the_batch(encoder: TransformerEncoder) -> None:
    texts = [*TEXTS, *(f"text number {number} " * (number % 9) for number in range(30))]
    together = encoder.encode(texts)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for position in range(0, len(texts), 7):
        np.testing.assert_allclose(encoder.encode([texts[position]])[0], together[position], atol=2e-5)
    assert encoder.encode([]).shape == (0, encoder.dimensions)
    assert np.isfinite(encoder.encode(["\udcff"])).all()


def test_what_lies_beyond_the_limit_does_not_count(encoder: TransformerEncoder) -> None:
    long = "word " * (MAX_TOKENS - 2)
    a, b = encoder.encode([long, long + "entirely different"])
    np.testing.assert_allclose(a, b, atol=1e-5)
    assert a @ encoder.encode([long[:-5] + "entirely"])[0] < 0.9999


def test_a_single_text_never_waits_for_the_whole_encoder_to_load() -> None:
    encoder = TransformerEncoder(threads=1)
    encoder._light_left = 0
    with encoder._loading:  # as while another thread loads
        vectors = encoder.encode(["Who calls run?"])
    assert not encoder.loaded
    assert vectors.shape == (1, encoder.dimensions)


def test_it_is_an_encoder_and_cheap_to_make(encoder: TransformerEncoder) -> None:
    unloaded = TransformerEncoder(threads=1)
    as_protocol: Encoder = unloaded
    assert (as_protocol.id, as_protocol.dimensions) == (encoder.id, 384)
    assert not unloaded.loaded
    assert encoder.loaded


def test_damaged_weights_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"\0" * 100)
    with pytest.raises(ModelError, match="are damaged"):
        TransformerEncoder(threads=1, folder=tmp_path).encode(["a"])
