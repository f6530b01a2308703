"""The weights are read where they lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engine.embedding.encoder import TransformerEncoder
from engine.embedding.weights import encoder_folder, mapped_tensors
from engine.errors import ModelError


def test_mapped_tensors_are_those_of_safetensors() -> None:
    mapped = mapped_tensors(encoder_folder())
    expected = load_file(encoder_folder() / "model.safetensors")
    floats = {name: value for name, value in expected.items() if value.dtype == np.float32}
    assert mapped.keys() == floats.keys()
    for name, value in floats.items():
        np.testing.assert_array_equal(mapped[name], value)


def test_the_file_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"a": np.arange(6, dtype=np.float32).reshape(2, 3), "n": np.arange(3)}, path)
    before = path.read_bytes()
    tensors = mapped_tensors(tmp_path)
    assert tensors.keys() == {"a"}
    assert tensors["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    tensors["a"][:] = 7
    assert path.read_bytes() == before
    assert mapped_tensors(tmp_path)["a"][0, 0] == 0


@pytest.mark.parametrize(
    "content", [b"", b"\xff" * 100, (5).to_bytes(8, "little") + b"hello world"], ids=["empty", "no header", "no JSON"]
)
def test_what_is_no_safetensors_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(ValueError):
        mapped_tensors(tmp_path)


def test_weights_that_lack_a_tensor_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verification does not let this happen; it is what a mistake in it would look like."""
    monkeypatch.setattr("engine.embedding.encoder.verified_weights", lambda folder: folder)
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((encoder_folder() / name).read_bytes())
    save_file({"other": np.zeros(3, dtype=np.float32)}, tmp_path / "model.safetensors")
    encoder = TransformerEncoder(threads=1, folder=tmp_path, arithmetic="float32")
    with pytest.raises(ModelError, match="cannot be loaded"):
        encoder.load()
