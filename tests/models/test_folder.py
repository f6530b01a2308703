from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ModelError
from engine.models.folder import (
    architecture_of,
    context_length,
    identity_files,
    read_chat_template,
    read_config,
    read_tensors,
)
from tests.models.tiny import ARCHITECTURES, CHAT_TEMPLATE, tiny_model


@pytest.fixture
def copy(tiny_folders: dict[str, Path], tmp_path: Path) -> Path:
    return shutil.copytree(tiny_folders["llama"], tmp_path / "copy")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_tensors_are_read_as_torch_reads_them(tmp_path: Path, dtype: str) -> None:
    from safetensors.torch import load_file

    folder = tiny_model(tmp_path / dtype, dtype=dtype)
    entries = read_tensors(folder)
    expected = {}
    for shard in folder.glob("*.safetensors"):
        expected.update(load_file(shard))
    assert set(entries) == set(expected)
    assert len(list(folder.glob("*.safetensors"))) > 1
    for name, entry in entries.items():
        assert entry.shape == tuple(expected[name].shape)
        assert np.array_equal(entry.load().astype(np.float32), expected[name].float().numpy())


def test_a_single_unsharded_file_is_read(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "one", shard_size="1GB")
    assert [path.name for path in folder.glob("*.safetensors")] == ["model.safetensors"]
    assert "model.embed_tokens.weight" in read_tensors(folder)


@pytest.mark.parametrize("keep", [0, 4, 8, 100, -1])
def test_a_truncated_shard_is_named(copy: Path, keep: int) -> None:
    shard = sorted(copy.glob("*.safetensors"))[-1]
    shard.write_bytes(shard.read_bytes()[:keep])
    with pytest.raises(ModelError, match=f"{shard.name} is (damaged or )?truncated"):
        read_tensors(copy)


def test_a_missing_shard_is_named(copy: Path) -> None:
    shard = sorted(copy.glob("*.safetensors"))[0]
    shard.unlink()
    with pytest.raises(ModelError, match=f"has no {shard.name}"):
        read_tensors(copy)
    with pytest.raises(ModelError, match=f"has no {shard.name}"):
        identity_files(copy)


def test_a_tensor_that_no_shard_holds_is_named(copy: Path) -> None:
    path = copy / "model.safetensors.index.json"
    index = json.loads(path.read_text())
    index["weight_map"]["model.extra.weight"] = next(iter(index["weight_map"].values()))
    path.write_text(json.dumps(index))
    with pytest.raises(ModelError, match=r"no shard holds model\.extra\.weight"):
        read_tensors(copy)


def test_an_index_cannot_lead_out_of_its_folder(copy: Path) -> None:
    path = copy / "model.safetensors.index.json"
    path.write_text(json.dumps({"weight_map": {"a": "../other.safetensors"}}))
    with pytest.raises(ModelError, match="outside its folder"):
        read_tensors(copy)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"w": {"dtype": "F16", "shape": [4], "data_offsets": [0, 4]}}, "wrong size"),
        ({"w": {"dtype": "F16", "shape": [2], "data_offsets": [-4, 0]}}, "wrong size"),
        ({"w": {"dtype": "I8", "shape": [4], "data_offsets": [0, 4]}}, "only F32, F16 and BF16"),
        ({"w": {"shape": [4]}}, "header cannot be read"),
        ([1, 2], "not an object"),
    ],
)
def test_a_header_that_contradicts_itself_is_refused(tmp_path: Path, header: object, message: str) -> None:
    data = json.dumps(header).encode()
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", len(data)) + data + b"\0" * 8)
    with pytest.raises(ModelError, match=message):
        read_tensors(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '"text"'])
def test_a_damaged_config_is_refused(copy: Path, content: str) -> None:
    (copy / "config.json").write_text(content)
    with pytest.raises(ModelError, match=r"config\.json is damaged"):
        read_config(copy)


def test_missing_folder_and_files_are_named(tmp_path: Path, copy: Path) -> None:
    with pytest.raises(ModelError, match="there is no model folder"):
        identity_files(tmp_path / "nowhere")
    (copy / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"has no tokenizer\.json"):
        identity_files(copy)


def test_architectures(tiny_folders: dict[str, Path]) -> None:
    assert {name: architecture_of(read_config(folder)) for name, folder in tiny_folders.items()} == {
        name: name for name in ARCHITECTURES
    }
    with pytest.raises(ModelError, match="architecture GPT2LMHeadModel are not supported; supported are Gemma2"):
        architecture_of({"architectures": ["GPT2LMHeadModel"]})
    with pytest.raises(ModelError, match="none given"):
        architecture_of({})


def test_context_length() -> None:
    assert context_length({"max_position_embeddings": 2048}) == 2048
    with pytest.raises(ModelError, match="max_position_embeddings"):
        context_length({})


def test_chat_template_from_every_place_it_is_kept(copy: Path) -> None:
    assert read_chat_template(copy) == CHAT_TEMPLATE
    settings = copy / "tokenizer_config.json"
    settings.write_text(json.dumps({"chat_template": [{"name": "default", "template": "T"}]}))
    assert read_chat_template(copy) == "T"
    (copy / "chat_template.jinja").write_text("own file")
    assert read_chat_template(copy) == "own file"
    (copy / "chat_template.jinja").unlink()
    settings.unlink()
    assert read_chat_template(copy) is None
