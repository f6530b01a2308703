"""A checkpoint -> ``resources/base_model``: what transformers, PEFT and the GGUF writer load."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from basemodel.model import Llama
from basemodel.recipe import ModelConfig
from basemodel.vocabulary import special_id

__all__ = ["MAX_SHARD_BYTES", "MAX_TOTAL_BYTES", "export", "llama_config", "plan_shards"]

MAX_SHARD_BYTES = 15_000_000
MAX_TOTAL_BYTES = 32_000_000
_HEADER_ROOM = 64_000  # bytes of a shard kept for its header


def llama_config(config: ModelConfig) -> dict[str, Any]:
    """Return the ``config.json`` of a model, in the fields of transformers' ``LlamaConfig``."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": config.vocab_size,
        "hidden_size": config.hidden_size,
        "intermediate_size": config.mlp_size,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.heads,
        "head_dim": config.head_size,
        "hidden_act": "silu",
        "max_position_embeddings": config.context,
        "rope_theta": config.rope_theta,
        "rms_norm_eps": config.norm_eps,
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
        "bos_token_id": None,
        "eos_token_id": special_id("<|endoftext|>"),
        "pad_token_id": special_id("<|pad|>"),
        "torch_dtype": "float16",
    }


def plan_shards(sizes: dict[str, int], limit: int = MAX_SHARD_BYTES) -> list[list[str]]:
    """Split tensors (name -> bytes) in their order into as few shards below ``limit`` as come out.

    Raises ValueError for a tensor that fits into no shard.
    """
    shards: list[list[str]] = [[]]
    used = 0
    for name, size in sizes.items():
        if size + _HEADER_ROOM > limit:
            raise ValueError(f"{name} alone has {size} bytes")
        if used + size + _HEADER_ROOM > limit:
            shards.append([])
            used = 0
        shards[-1].append(name)
        used += size
    return shards


def _half(model: Llama) -> dict[str, Tensor]:
    """Return the weights as float16; RuntimeError if one does not fit into its range."""
    tensors = {name: value.half().contiguous().cpu() for name, value in model.state_dict().items()}
    broken = [name for name, value in tensors.items() if not bool(torch.isfinite(value).all())]
    if broken:
        raise RuntimeError(f"these weights do not fit into float16: {', '.join(broken)}")
    return tensors


def _write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def export(model: Llama, tokenizer: Path, folder: Path) -> list[Path]:
    """Write weights, configuration and tokenizer to ``folder``; return the files.

    Older shards there are removed. Raises RuntimeError when the result is larger than may be shipped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("model-*.safetensors"):
        old.unlink()
    tensors = _half(model)
    sizes = {name: value.numel() * value.element_size() for name, value in tensors.items()}
    shards = plan_shards(sizes)
    weight_map: dict[str, str] = {}
    for number, names in enumerate(shards, start=1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        save_file({name: tensors[name] for name in names}, folder / file, metadata={"format": "pt"})
        weight_map |= dict.fromkeys(names, file)
    index = {"metadata": {"total_size": sum(sizes.values())}, "weight_map": weight_map}
    _write_json(folder / "model.safetensors.index.json", index)
    _write_json(folder / "config.json", llama_config(model.config))
    generation = {
        "eos_token_id": [special_id("<|endoftext|>"), special_id("<|end|>")],
        "pad_token_id": special_id("<|pad|>"),
        "do_sample": False,
        "max_new_tokens": 160,
    }
    _write_json(folder / "generation_config.json", generation)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(tokenizer / name, folder / name)
    return check_sizes(folder)


def check_sizes(folder: Path) -> list[Path]:
    """Return the files of an export; RuntimeError when a shard or the whole is over its limit."""
    files = sorted(each for each in folder.iterdir() if each.is_file())
    total = sum(each.stat().st_size for each in files)
    if total > MAX_TOTAL_BYTES:
        raise RuntimeError(f"{folder} holds {total} bytes, at most {MAX_TOTAL_BYTES} may be shipped")
    for file in files:
        if file.stat().st_size > MAX_SHARD_BYTES:
            raise RuntimeError(f"{file.name} has {file.stat().st_size} bytes, at most {MAX_SHARD_BYTES} a file")
    return files
