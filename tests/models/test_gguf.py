from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import ModelError
from engine.generation.llama import Llama
from engine.generation.prompt import Piece
from engine.models.folder import read_config
from engine.models.gguf import write_lora_gguf, write_model_gguf
from tests.models.tiny import ARCHITECTURES, CONTEXT, SPECIAL_TOKENS, Architecture, exact_bound, tiny_model


@pytest.fixture(scope="module")
def ggufs(tiny_folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("gguf")
    for name, folder in tiny_folders.items():
        write_model_gguf(folder, root / f"{name}.gguf", name)
    return {name: root / f"{name}.gguf" for name in tiny_folders}


def _transformers_logits(folder: Path, tokens: list[int]) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with torch.no_grad():
        return model(torch.tensor([tokens])).logits[0].numpy()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_llama_cpp_computes_what_transformers_computes(
    tiny_folders: dict[str, Path], ggufs: dict[str, Path], tmp_path: Path, architecture: str
) -> None:
    tokens = np.random.default_rng(0).integers(0, 512, CONTEXT).tolist()
    expected = _transformers_logits(tiny_folders[architecture], tokens)
    assert expected.std() > 0.3
    with Llama(ggufs[architecture], context=CONTEXT) as model:
        assert np.abs(model.logits(tokens) - expected).max() < 1e-2
    with Llama(ggufs[architecture], context=CONTEXT, exact=True) as model:
        assert np.abs(model.logits(tokens) - expected).max() < exact_bound(architecture)
    half = tmp_path / "half.gguf"
    write_model_gguf(tiny_folders[architecture], half, "half", precision="f16")
    with Llama(half, context=CONTEXT) as model:
        assert np.abs(model.logits(tokens) - expected).max() < 1e-2


# Llama 3.1's way to a longer context, with wavelengths of all three kinds within a tiny head.
LLAMA3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


@pytest.mark.parametrize(
    ("architecture", "changes"),
    [
        ("llama", {"tie_word_embeddings": False, "rope_theta": 500000.0, "attention_bias": True}),
        ("llama", {"num_key_value_heads": 4, "head_dim": 32}),
        ("qwen2", {"tie_word_embeddings": False, "rope_theta": 1000000.0}),
        ("qwen3", {"tie_word_embeddings": False, "num_key_value_heads": 1}),
        ("llama", {"rope_parameters": LLAMA3_ROPE}),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_every_variant_agrees(tmp_path: Path, architecture: Architecture, changes: dict[str, Any], dtype: str) -> None:
    folder = tiny_model(tmp_path / "model", architecture, dtype=dtype, seed=1, **changes)
    write_model_gguf(folder, tmp_path / "model.gguf", "model")
    tokens = np.random.default_rng(1).integers(0, 512, 200).tolist()
    expected = _transformers_logits(folder, tokens)
    for exact, bound in ((False, 1e-2), (True, exact_bound(architecture))):
        with Llama(tmp_path / "model.gguf", context=CONTEXT, exact=exact) as model:
            assert np.abs(model.logits(tokens) - expected).max() < bound


def test_tied_embeddings_are_stored_once(ggufs: dict[str, Path], tmp_path: Path) -> None:
    import gguf

    names = {tensor.name for tensor in gguf.GGUFReader(ggufs["llama"]).tensors}
    assert "token_embd.weight" in names
    assert "output.weight" not in names
    untied = tiny_model(tmp_path / "untied", tie_word_embeddings=False)
    write_model_gguf(untied, tmp_path / "untied.gguf", "untied")
    assert "output.weight" in {tensor.name for tensor in gguf.GGUFReader(tmp_path / "untied.gguf").tensors}


def _types(path: Path) -> dict[str, str]:
    import gguf

    return {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(path).tensors}


def test_small_models_are_stored_in_full_and_larger_ones_in_a_byte(
    tiny_folders: dict[str, Path], ggufs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(_types(ggufs["qwen2"]).values()) == {"F32"}
    monkeypatch.setattr("engine.models.gguf._FULL_PRECISION", 1000)
    write_model_gguf(tiny_folders["qwen2"], tmp_path / "larger.gguf", "larger")
    for name, kind in _types(tmp_path / "larger.gguf").items():
        vector = "norm" in name or name.endswith(".bias")
        assert kind == ("F32" if vector else "Q8_0"), name


def test_values_beyond_f16_stay_f32(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = tiny_model(tmp_path / "model", dtype="float32", shard_size="1GB")
    weights = dict(load_file(folder / "model.safetensors"))
    weights["model.layers.0.mlp.down_proj.weight"] = weights["model.layers.0.mlp.down_proj.weight"] * 1e6
    save_file(weights, folder / "model.safetensors")
    write_model_gguf(folder, tmp_path / "model.gguf", "model", precision="f16")
    types = _types(tmp_path / "model.gguf")
    assert types["blk.0.ffn_down.weight"] == "F32"
    assert types["blk.1.ffn_down.weight"] == "F16"


# -- tokens ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def both(tiny_folders: dict[str, Path], ggufs: dict[str, Path]) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tiny_folders["llama"] / "tokenizer.json"))
    tokenizer.encode_special_tokens = True
    with Llama(ggufs["llama"], context=CONTEXT) as model:
        yield model, tokenizer


_FRAGMENTS = st.one_of(
    st.sampled_from(
        [
            *SPECIAL_TOKENS[:14],
            "<|cite_3|>",
            "<|end",
            "|>",
            "def f(x):\n    return x\n",
            "I'LL don't we'Ve 'S",
            "\r\n\r\n",
            "\t \n  ",
            "    ",
            "12345 0x1F 3.14",
            "__init__.py",
            "é",
            "e\u0301",
            "日本語",
            "🙂\u200d🌫️",
            "\u00a0\u3000\u2028\ufeff",
            "\0",
        ]
    ),
    st.text(max_size=8),
    st.text(alphabet=" \t\r\n\v\f\x1c\x85", max_size=8),
)


@settings(
    max_examples=400, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(parts=st.lists(_FRAGMENTS, max_size=8))
def test_llama_cpp_and_tokenizers_agree_on_every_token(both: Any, parts: list[str]) -> None:
    model, tokenizer = both
    text = "".join(parts)
    assert model.tokenize([Piece(text)]) == tokenizer.encode(text, add_special_tokens=False).ids


def test_special_pieces_are_one_token_each(both: Any) -> None:
    model, tokenizer = both
    for token in SPECIAL_TOKENS:
        assert model.tokenize([Piece(token, special=True)]) == [tokenizer.token_to_id(token)]
        assert len(model.tokenize([Piece(token)])) > 1


def test_very_long_lines_are_tokenized(both: Any) -> None:
    model, tokenizer = both
    for text in ("a" * 300_000, " " * 300_000, "=" * 300_000, "0123456789" * 30_000):
        assert model.tokenize([Piece(text)]) == tokenizer.encode(text, add_special_tokens=False).ids


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"architectures": ["MistralForCausalLM"]}, "architecture MistralForCausalLM"),
        ({"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4}}, "rotary scaling 'yarn'"),
        ({"hidden_act": "gelu"}, "activation 'gelu'"),
        ({"use_sliding_window": True}, "sliding-window"),
        ({"vocab_size": 100}, "only 100 embeddings"),
    ],
)
def test_what_would_compute_something_else_is_refused(
    tiny_folders: dict[str, Path], tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    folder = shutil.copytree(tiny_folders["llama"], tmp_path / "copy")
    (folder / "config.json").write_text(json.dumps({**read_config(folder), **change}))
    with pytest.raises(ModelError, match=message):
        write_model_gguf(folder, tmp_path / "model.gguf", "model")
    assert not list(tmp_path.glob("*gguf*"))


def test_a_config_without_a_size_is_named(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_folders["llama"], tmp_path / "copy")
    config = read_config(folder)
    del config["intermediate_size"]
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="lacks 'intermediate_size'"):
        write_model_gguf(folder, tmp_path / "model.gguf", "model")


def test_another_tokenizer_is_refused(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_folders["llama"], tmp_path / "copy")
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["pre_tokenizer"]["pretokenizers"][0]["pattern"] = {"Regex": r"\w+|\W+"}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(ModelError, match="is of a kind that is not supported; supported are byte-level BPE"):
        write_model_gguf(folder, tmp_path / "model.gguf", "model")


def test_an_adapter_that_does_not_fit_is_refused(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    config = read_config(tiny_folders["llama"])
    a, b = np.zeros((4, 64), np.float32), np.zeros((64, 8), np.float32)
    with pytest.raises(ModelError, match="do not fit together"):
        write_lora_gguf(tmp_path / "a.gguf", "llama", {"model.layers.0.self_attn.q_proj": (a, b)}, 8, config)
    with pytest.raises(ModelError, match="does not know"):
        write_lora_gguf(tmp_path / "a.gguf", "llama", {"model.layers.9.self_attn.q_proj": (a, b[:, :4])}, 8, config)
    assert not list(tmp_path.iterdir())


def test_a_truncated_gguf_is_refused_by_llama_cpp(ggufs: dict[str, Path], tmp_path: Path) -> None:
    data = ggufs["llama"].read_bytes()
    for keep in (0, 3, 2000, len(data) // 2, len(data) - 1000):
        path = tmp_path / f"{keep}.gguf"
        path.write_bytes(data[:keep])
        with pytest.raises(ModelError, match="cannot be loaded"):
            Llama(path, context=CONTEXT)
