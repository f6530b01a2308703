"""Weights and adapters -> GGUF, the one format that llama.cpp reads.

Tensor names come from the ``gguf`` package's own map. Two things differ between the formats: the
llama architecture rotates neighbouring pairs of rows where Hugging Face rotates the two halves of
a head, so the rows of q and k (and of their LoRA B) are permuted; qwen2 and qwen3 rotate halves in
both. Gemma stores the factors of its norms less one. And tied embeddings are stored once, without
``output.weight``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.errors import ModelError
from engine.models.files import replacing
from engine.models.folder import TensorEntry, architecture_of, context_length, read_config, read_tensors
from engine.models.shape import Shape
from engine.models.tokenizer import add_tokenizer
from engine.types import Floats

__all__ = ["CONVERTER", "Precision", "gguf_name", "hf_layout", "write_lora_gguf", "write_model_gguf"]

CONVERTER = 3  # raised when the same weights would give another file
Precision = Literal["f32", "f16", "q8_0"]
_F16_MAX = 65504.0
_NEAR_THETA = 10_000.0  # the rotary base of Gemma 3's sliding layers, which llama.cpp has built in
_WINDOW_PERIODS = {"gemma2": 2, "gemma3": 6}  # every so many layers one sees the whole text
_Q8_BLOCK = 32  # weights of a row that share a scale
# Below this many parameters matrices are stored as float32: half the rounding error of float16, which rounds the
# activations too, at the same speed for a prompt and a seventh less for an answer; larger ones are read from memory
# for every token that is written, so a byte a weight answers twice as fast as two.
_FULL_PRECISION = 50_000_000

Array = npt.NDArray[Any]


@lru_cache(maxsize=8)
def _names(architecture: str, blocks: int) -> Any:
    import gguf

    arch = {value: key for key, value in gguf.MODEL_ARCH_NAMES.items()}[architecture]
    return gguf.get_tensor_name_map(arch, blocks)


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


def hf_layout(values: Array, name: str, architecture: str, config: Mapping[str, Any]) -> Array:
    """Return a tensor of a GGUF as Hugging Face stores it under ``name``: what ``write_model_gguf`` did, undone."""
    heads = _heads_of(name, architecture, config)
    if heads:
        half = values.shape[0] // heads // 2
        values = values.reshape(heads, half, 2, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape)
    if _counts_from_zero(name, architecture):
        values = values - 1.0
    return values


def _counts_from_zero(name: str, architecture: str) -> bool:
    """Return whether the norm's factor is stored less one, which Gemma does and its GGUF does not."""
    return architecture.startswith("gemma") and name.endswith("norm.weight")


def gguf_name(name: str, architecture: str, blocks: int) -> str:
    """Return llama.cpp's name of a tensor of Hugging Face's model; ModelError for one it does not have."""
    found = _names(architecture, blocks).get_name(name, try_suffixes=(".weight", ".bias"))
    if found is None:
        raise ModelError(f"the model has a tensor {name} that the architecture {architecture} does not know")
    return str(found)


# -- the model ------------------------------------------------------------------------------------


def _rope(config: Mapping[str, Any]) -> tuple[float, Mapping[str, Any]]:
    """Return the rotary base and its scaling, wherever this version of transformers wrote them."""
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    if "full_attention" in rope:  # gemma3 has two
        near = rope.get("sliding_attention") or {}
        if float(near.get("rope_theta", _NEAR_THETA)) != _NEAR_THETA:
            raise ModelError(
                "Gemma models with another rotary base than 10,000 in their sliding layers are not supported"
            )
        rope = rope["full_attention"]
    elif float(config.get("rope_local_base_freq") or _NEAR_THETA) != _NEAR_THETA:
        raise ModelError("Gemma models with another rotary base than 10,000 in their sliding layers are not supported")
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind not in {"default", "llama3"}:
        raise ModelError(f"models with the rotary scaling {kind!r} are not supported")
    return float(rope.get("rope_theta") or config.get("rope_theta") or 10000.0), rope if kind == "llama3" else {}


def _rope_factors(theta: float, scaling: Mapping[str, Any], head_size: int) -> Array:
    """Return by how much each rotary frequency (head_size / 2,) is slowed down: the scheme of Llama 3.1.

    Fast ones stay, slow ones are divided by ``factor``, those between are blended.
    """
    frequencies = theta ** (-np.arange(0, head_size, 2, dtype=np.float64) / head_size)
    wavelengths = 2 * np.pi / frequencies
    factor, trained = float(scaling["factor"]), float(scaling["original_max_position_embeddings"])
    low, high = float(scaling["low_freq_factor"]), float(scaling["high_freq_factor"])
    blend = np.clip((trained / wavelengths - low) / (high - low), 0.0, 1.0)
    return np.asarray(1.0 / ((1.0 - blend) / factor + blend), dtype=np.float32)


def _check_supported(config: Mapping[str, Any], architecture: str, head_size: int) -> None:
    """Raise ModelError for what llama.cpp would compute differently."""
    gemma = architecture.startswith("gemma")
    wanted = "gelu_pytorch_tanh" if gemma else "silu"
    found = config.get("hidden_activation") or config.get("hidden_act") or wanted
    if found != wanted:
        raise ModelError(f"models of the architecture {architecture} with the activation {found!r} are not supported")
    if not gemma:
        if config.get("use_sliding_window"):
            raise ModelError("models with sliding-window attention are not supported")
        return
    if float(config.get("query_pre_attn_scalar") or head_size) != head_size:
        raise ModelError("Gemma models that scale their queries by another size than a head's are not supported")
    period = _WINDOW_PERIODS[architecture]
    types = config.get("layer_types") or []
    expected = ["full_attention" if (n + 1) % period == 0 else "sliding_attention" for n in range(len(types))]
    if list(types) != expected or int(config.get("sliding_window_pattern") or period) != period:
        raise ModelError(f"models of the architecture {architecture} with other sliding layers are not supported")


def _add_parameters(writer: Any, config: Mapping[str, Any], architecture: str) -> None:
    shape = Shape.of(config)
    _check_supported(config, architecture, shape.head_size)
    writer.add_block_count(shape.layers)
    writer.add_context_length(context_length(config))
    writer.add_embedding_length(shape.hidden)
    writer.add_feed_forward_length(shape.intermediate)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head_size)
    writer.add_value_length(shape.head_size)
    writer.add_rope_dimension_count(shape.head_size)
    writer.add_rope_freq_base(_rope(config)[0])
    writer.add_layer_norm_rms_eps(float(config["rms_norm_eps"]))
    writer.add_vocab_size(shape.vocabulary)
    if architecture.startswith("gemma"):
        writer.add_sliding_window(int(config["sliding_window"]))
        if config.get("attn_logit_softcapping"):
            writer.add_attn_logit_softcapping(float(config["attn_logit_softcapping"]))
        if config.get("final_logit_softcapping"):
            writer.add_final_logit_softcapping(float(config["final_logit_softcapping"]))


def _kind_of(shape: tuple[int, ...], precision: Precision) -> Precision:
    """Return how a tensor of this shape is stored: vectors in full, rows that do not fill blocks of Q8_0 in half."""
    if len(shape) < 2:
        return "f32"
    return "f16" if precision == "q8_0" and shape[-1] % _Q8_BLOCK else precision


def _values(entry: TensorEntry, name: str, architecture: str, config: Mapping[str, Any]) -> Array:
    values = _interleave_halves(entry.load(), _heads_of(name, architecture, config))
    return values.astype(np.float32) + 1.0 if _counts_from_zero(name, architecture) else values


def _holds(entry: TensorEntry, kind: Precision) -> bool:
    """Return whether float16 holds every value; only float32 weights can be too large."""
    if kind != "f16" or entry.dtype == "F16":
        return True
    values = entry.load()
    return not values.size or float(np.abs(values).max()) <= _F16_MAX


def _encoded(values: Array, kind: Precision) -> Array:
    if kind == "q8_0":
        from gguf import GGMLQuantizationType
        from gguf.quants import quantize

        return np.asarray(quantize(np.ascontiguousarray(values, dtype=np.float32), GGMLQuantizationType.Q8_0))
    return np.ascontiguousarray(values, dtype=np.float16 if kind == "f16" else np.float32)


@dataclass(frozen=True, slots=True)
class _Planned:
    """A tensor of the file to be written; read only when its turn comes, so that one at a time is in memory."""

    target: str
    name: str
    entry: TensorEntry
    kind: Precision


def _plan(
    entries: Mapping[str, TensorEntry], config: Mapping[str, Any], architecture: str, precision: Precision
) -> list[_Planned]:
    blocks = int(config["num_hidden_layers"])
    found = []
    for name in sorted(entries):
        if (Shape.of(config).tied and name == "lm_head.weight") or name.endswith("rotary_emb.inv_freq"):
            continue
        entry = entries[name]
        kind = _kind_of(entry.shape, precision)
        if not _holds(entry, kind):
            kind = "f32"
        found.append(_Planned(gguf_name(name, architecture, blocks), name, entry, kind))
    return found


def _announce(writer: Any, each: _Planned) -> None:
    """Write down the place of a tensor before its bytes."""
    import gguf

    kinds = {
        "f32": (gguf.GGMLQuantizationType.F32, np.float32),
        "f16": (gguf.GGMLQuantizationType.F16, np.float16),
        "q8_0": (gguf.GGMLQuantizationType.Q8_0, np.uint8),
    }
    raw, dtype = kinds[each.kind]
    shape = each.entry.shape
    if each.kind == "q8_0":
        shape = gguf.quant_shape_to_byte_shape(shape, raw)
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    writer.add_tensor_info(each.target, shape, np.dtype(dtype), size, raw if each.kind == "q8_0" else None)


def write_model_gguf(folder: Path, path: Path, name: str, *, precision: Precision | None = None) -> None:
    """Write the model in ``folder`` (Hugging Face layout) to ``path`` as GGUF.

    Vectors are F32; matrices have ``precision``, by default F32 in small models and Q8_0 in others. The same input
    gives the same bytes. Raises ModelError for an unknown architecture or tokenizer and for damaged input,
    StorageError when ``path`` cannot be written.
    """
    import gguf

    config = read_config(folder)
    architecture = architecture_of(config)
    entries = read_tensors(folder)
    if precision is None:
        precision = "q8_0" if sum(entry.count for entry in entries.values()) >= _FULL_PRECISION else "f32"
    types = {
        "f32": gguf.LlamaFileType.ALL_F32,
        "f16": gguf.LlamaFileType.MOSTLY_F16,
        "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
    }
    with replacing(path) as temporary:
        writer = gguf.GGUFWriter(temporary, architecture)
        try:
            writer.add_name(name)
            writer.add_file_type(int(types[precision]))
            _add_parameters(writer, config, architecture)
            add_tokenizer(writer, folder, int(config["vocab_size"]))
            planned = _plan(entries, config, architecture, precision)
            theta, scaling = _rope(config)
            factors = _rope_factors(theta, scaling, Shape.of(config).head_size) if scaling else None
            if factors is not None:
                writer.add_tensor_info("rope_freqs.weight", factors.shape, factors.dtype, factors.nbytes)
            for each in planned:
                _announce(writer, each)
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_ti_data_to_file()
            if factors is not None:
                writer.write_tensor_data(factors)
            for each in planned:
                writer.write_tensor_data(_encoded(_values(each.entry, each.name, architecture, config), each.kind))
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
                target = gguf_name(f"{plain}.weight", architecture, blocks)
                rows = _interleave_halves(b, _heads_of(plain, architecture, config))
                writer.add_tensor(f"{target}.lora_a", np.ascontiguousarray(a, dtype=np.float32))
                writer.add_tensor(f"{target}.lora_b", np.ascontiguousarray(rows, dtype=np.float32))
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
        finally:
            writer.close()
