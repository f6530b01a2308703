"""Weights and adapters -> GGUF, the one format that llama.cpp reads.

Tensor names come from the ``gguf`` package's own map. Two things differ between the formats: the
llama architecture rotates neighbouring pairs of rows where Hugging Face rotates the two halves of
a head, so the rows of q and k (and of their LoRA B) are permuted; qwen2 and qwen3 rotate halves in
both. And tied embeddings are stored once, without ``output.weight``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ModelError
from engine.models.files import replacing
from engine.models.folder import (
    TensorEntry,
    added_tokens,
    architecture_of,
    context_length,
    read_chat_template,
    read_config,
    read_json,
    read_tensors,
)
from engine.types import Floats

__all__ = ["CONVERTER", "write_lora_gguf", "write_model_gguf"]

CONVERTER = 2  # raised when the same weights would give another file
# The split that llama.cpp calls "qwen2", as tokenizer.json writes it.
QWEN2_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_TURN_ENDS = ("<|end|>", "<|im_end|>")
_F16_MAX = 65504.0
# Below this many parameters matrices are stored as float32: half the rounding error of float16, which rounds the
# activations too, at the same speed for a prompt and a seventh less for an answer; larger ones need the memory.
_FULL_PRECISION = 50_000_000

Array = npt.NDArray[Any]


@lru_cache(maxsize=8)
def _names(architecture: str, blocks: int) -> Any:
    import gguf

    arch = {value: key for key, value in gguf.MODEL_ARCH_NAMES.items()}[architecture]
    return gguf.get_tensor_name_map(arch, blocks)


def _gguf_name(name: str, architecture: str, blocks: int) -> str:
    found = _names(architecture, blocks).get_name(name, try_suffixes=(".weight", ".bias"))
    if found is None:
        raise ModelError(f"the model has a tensor {name} that the architecture {architecture} does not know")
    return str(found)


def _heads_of(name: str, architecture: str, config: Mapping[str, Any]) -> int:
    """Return the number of heads whose rows must be permuted in the tensor or module, 0 for none."""
    if architecture != "llama":
        return 0
    heads = int(config["num_attention_heads"])
    module = name.removesuffix(".weight").removesuffix(".bias").rsplit(".", 1)[-1]
    if module == "q_proj":
        return heads
    if module == "k_proj":
        return int(config.get("num_key_value_heads") or heads)
    return 0


def _interleave_halves(rows: Array, heads: int) -> Array:
    """Reorder the rows (out, …) of each head from half-split to pairwise rotary layout."""
    if heads == 0:
        return rows
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, 2, half, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


# -- the model ------------------------------------------------------------------------------------


def _rope_theta(config: Mapping[str, Any]) -> float:
    """Return the rotary base, wherever this version of transformers wrote it; refuse scaled variants."""
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind != "default":
        raise ModelError(f"models with the rotary scaling {kind!r} are not supported")
    return float(rope.get("rope_theta", config.get("rope_theta", 10000.0)))


def _add_parameters(writer: Any, config: Mapping[str, Any]) -> None:
    heads = int(config["num_attention_heads"])
    head_size = int(config.get("head_dim") or config["hidden_size"] // heads)
    if config.get("hidden_act", "silu") != "silu":
        raise ModelError(f"models with the activation {config['hidden_act']!r} are not supported")
    if config.get("use_sliding_window"):
        raise ModelError("models with sliding-window attention are not supported")
    writer.add_block_count(int(config["num_hidden_layers"]))
    writer.add_context_length(context_length(config))
    writer.add_embedding_length(int(config["hidden_size"]))
    writer.add_feed_forward_length(int(config["intermediate_size"]))
    writer.add_head_count(heads)
    writer.add_head_count_kv(int(config.get("num_key_value_heads") or heads))
    writer.add_key_length(head_size)
    writer.add_value_length(head_size)
    writer.add_rope_dimension_count(head_size)
    writer.add_rope_freq_base(_rope_theta(config))
    writer.add_layer_norm_rms_eps(float(config["rms_norm_eps"]))
    writer.add_vocab_size(int(config["vocab_size"]))


def _uses_qwen2_split(tokenizer: Mapping[str, Any]) -> bool:
    """Return whether the pre-tokenizer is the one that llama.cpp calls qwen2."""
    outer = tokenizer.get("pre_tokenizer") or {}
    steps = outer.get("pretokenizers", [outer])
    patterns = [step.get("pattern", {}).get("Regex") for step in steps if step.get("type") == "Split"]
    others = [step.get("type") for step in steps if step.get("type") != "Split"]
    return patterns == [QWEN2_SPLIT] and others == ["ByteLevel"]


def _token_lists(folder: Path, vocabulary: Mapping[str, int], size: int) -> tuple[list[str], list[int]]:
    """Return the token texts by id and their types; ids that nothing uses are filled."""
    import gguf

    tokens = [f"[PAD{number}]" for number in range(size)]
    types = [int(gguf.TokenType.UNUSED)] * size
    entries = [(text, number, gguf.TokenType.NORMAL) for text, number in vocabulary.items()]
    for added in added_tokens(folder):
        kind = gguf.TokenType.CONTROL if added.control else gguf.TokenType.USER_DEFINED
        entries.append((added.text, added.number, kind))
    for text, number, kind in entries:
        if not 0 <= number < size:
            raise ModelError(f"the tokenizer has a token {number} and the model only {size} embeddings")
        tokens[number], types[number] = text, int(kind)
    return tokens, types


def _token_text(value: Any) -> str | None:
    """Return the text of a special token, which tokenizer_config.json writes as text or as an object."""
    if isinstance(value, dict):
        value = value.get("content")
    return value if isinstance(value, str) else None


def _add_tokenizer(writer: Any, folder: Path, size: int) -> None:
    tokenizer = read_json(folder / "tokenizer.json")
    model = tokenizer.get("model") or {}
    if model.get("type") != "BPE" or model.get("ignore_merges") or not _uses_qwen2_split(tokenizer):
        raise ModelError(
            f"the tokenizer in {folder} is not byte-level BPE with the qwen2 split, the only one supported"
        )
    tokens, types = _token_lists(folder, model["vocab"], size)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]])
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    settings = read_json(folder / "tokenizer_config.json") if (folder / "tokenizer_config.json").is_file() else {}
    ids = {text: number for number, text in enumerate(tokens)}
    for key, add in (
        ("bos_token", writer.add_bos_token_id),
        ("eos_token", writer.add_eos_token_id),
        ("pad_token", writer.add_pad_token_id),
    ):
        text = _token_text(settings.get(key))
        if text in ids:
            add(ids[text])
    for text in _TURN_ENDS:
        if text in ids:
            writer.add_eot_token_id(ids[text])
    template = read_chat_template(folder)
    if template is not None:
        writer.add_chat_template(template)


def _stored(entry: TensorEntry, heads: int, half: bool) -> Array:
    """Return the values as they go into the GGUF: float16 for matrices if ``half`` and it holds them, else float32."""
    values = _interleave_halves(entry.load(), heads)
    if values.ndim < 2 or not half:
        return np.ascontiguousarray(values, dtype=np.float32)
    if values.dtype == np.float32 and values.size and np.abs(values).max() > _F16_MAX:
        return np.ascontiguousarray(values)
    return np.ascontiguousarray(values, dtype=np.float16)


def write_model_gguf(folder: Path, path: Path, name: str, *, half: bool | None = None) -> None:
    """Write the model in ``folder`` (Hugging Face layout) to ``path`` as GGUF.

    Vectors are F32; matrices are F16 if ``half``, by default in all but small models. The same input gives
    the same bytes. Raises ModelError for an unknown architecture or tokenizer and for damaged input,
    StorageError when ``path`` cannot be written.
    """
    import gguf

    config = read_config(folder)
    architecture = architecture_of(config)
    blocks = int(config["num_hidden_layers"])
    entries = read_tensors(folder)
    tied = bool(config.get("tie_word_embeddings"))
    if half is None:
        half = sum(entry.count for entry in entries.values()) >= _FULL_PRECISION
    with replacing(path) as temporary:
        writer = gguf.GGUFWriter(temporary, architecture)
        try:
            writer.add_name(name)
            writer.add_file_type(int(gguf.LlamaFileType.MOSTLY_F16 if half else gguf.LlamaFileType.ALL_F32))
            _add_parameters(writer, config)
            _add_tokenizer(writer, folder, int(config["vocab_size"]))
            for tensor in sorted(entries):
                if (tied and tensor == "lm_head.weight") or tensor.endswith("rotary_emb.inv_freq"):
                    continue
                heads = _heads_of(tensor, architecture, config)
                writer.add_tensor(_gguf_name(tensor, architecture, blocks), _stored(entries[tensor], heads, half))
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
        except KeyError as error:
            raise ModelError(f"the config.json or tokenizer.json in {folder} lacks {error}") from error
        finally:
            writer.close()


# -- the adapter ----------------------------------------------------------------------------------


def write_lora_gguf(
    path: Path,
    architecture: str,
    lora_tensors: Mapping[str, tuple[Floats, Floats]],
    alpha: float,
    config: Mapping[str, Any],
) -> None:
    """Write a LoRA adapter as PEFT trains it to ``path``, to be attached to the base model's GGUF.

    ``lora_tensors`` maps the module's name in Hugging Face's model ("model.layers.0.self_attn.q_proj";
    PEFT's prefix "base_model.model." may stay) to A (r, in) and B (out, r), float32. llama.cpp adds
    alpha / r · B A x, so for rank-stabilised LoRA pass alpha · sqrt(r). ``config`` is the model's
    config.json. Raises ModelError for a module that the architecture does not have or for shapes that
    do not fit together, StorageError when the file cannot be written.
    """
    import gguf

    blocks = int(config["num_hidden_layers"])
    with replacing(path) as temporary:
        writer = gguf.GGUFWriter(temporary, architecture)
        try:
            writer.add_type(gguf.GGUFType.ADAPTER)
            writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
            writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(alpha))
            for module, (a, b) in lora_tensors.items():
                plain = module.removeprefix("base_model.model.").removesuffix(".weight")
                if a.ndim != 2 or b.ndim != 2 or a.shape[0] != b.shape[1]:
                    raise ModelError(f"the adapter's matrices for {plain} do not fit together: {a.shape}, {b.shape}")
                target = _gguf_name(f"{plain}.weight", architecture, blocks)
                rows = _interleave_halves(b, _heads_of(plain, architecture, config))
                writer.add_tensor(f"{target}.lora_a", np.ascontiguousarray(a, dtype=np.float32))
                writer.add_tensor(f"{target}.lora_b", np.ascontiguousarray(rows, dtype=np.float32))
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
        finally:
            writer.close()
