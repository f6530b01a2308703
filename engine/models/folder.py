"""A model folder in the layout of Hugging Face -> config, chat template and tensors, without torch.

Tensors are read straight from the safetensors container (an 8-byte header length, a JSON header of
dtypes, shapes and byte ranges, then the data: https://huggingface.co/docs/safetensors), because the
numpy flavour of that library knows no bfloat16 and torch takes seconds to import.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ModelError

__all__ = [
    "AddedToken",
    "TensorEntry",
    "added_tokens",
    "architecture_of",
    "context_length",
    "identity_files",
    "read_chat_template",
    "read_config",
    "read_json",
    "read_tensors",
]

_ARCHITECTURES = {
    "LlamaForCausalLM": "llama",
    "Qwen2ForCausalLM": "qwen2",
    "Qwen3ForCausalLM": "qwen3",
    "Gemma2ForCausalLM": "gemma2",
    "Gemma3ForCausalLM": "gemma3",
}
_ITEM_SIZES = {"F32": 4, "F16": 2, "BF16": 2}
_HEADER_LIMIT = 100_000_000  # bytes; the limit of the safetensors library


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """Where one tensor lies in a safetensors file."""

    path: Path
    dtype: str  # "F32", "F16" or "BF16"
    shape: tuple[int, ...]
    offset: int  # bytes from the start of the file

    @property
    def count(self) -> int:
        """Return the number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    def load(self) -> npt.NDArray[np.floating[Any]]:
        """Return the values as float16 where they are stored so, else as float32."""
        raw_type = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}[self.dtype]
        with self.path.open("rb") as file:
            file.seek(self.offset)
            data = file.read(self.count * _ITEM_SIZES[self.dtype])
        raw = np.frombuffer(data, dtype=raw_type).reshape(self.shape)
        if self.dtype == "BF16":  # the upper half of a float32
            return (raw.astype(np.uint32) << 16).view(np.float32)
        return raw


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file of a model; ModelError when it is missing or damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"the model folder {path.parent} has no {path.name}") from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ModelError(f"{path} is damaged: it is not valid JSON") from error
    if not isinstance(value, dict):
        raise ModelError(f"{path} is damaged: it does not hold an object")
    return value


def read_config(folder: Path) -> dict[str, Any]:
    """Return ``config.json`` of a model folder."""
    return read_json(folder / "config.json")


def architecture_of(config: Mapping[str, Any]) -> str:
    """Return llama.cpp's name of the architecture; ModelError for one that cannot be tuned and run here."""
    names = config.get("architectures") or ["none given"]
    if names[0] not in _ARCHITECTURES:
        known = ", ".join(sorted(_ARCHITECTURES))
        raise ModelError(f"models of the architecture {names[0]} are not supported; supported are {known}")
    return _ARCHITECTURES[names[0]]


def context_length(config: Mapping[str, Any]) -> int:
    """Return how many tokens the model was trained to read at once."""
    length = config.get("max_position_embeddings")
    if not isinstance(length, int) or length < 1:
        raise ModelError("the model's config.json does not say its context length (max_position_embeddings)")
    return length


def read_chat_template(folder: Path) -> str | None:
    """Return the model's own chat template (Jinja), None when it has none."""
    separate = folder / "chat_template.jinja"
    if separate.is_file():
        return separate.read_text(encoding="utf-8")
    if not (folder / "tokenizer_config.json").is_file():
        return None
    template = read_json(folder / "tokenizer_config.json").get("chat_template")
    if isinstance(template, list):  # several named templates
        named = {each.get("name"): each.get("template") for each in template if isinstance(each, dict)}
        template = named.get("default")
    return template if isinstance(template, str) else None


@dataclass(frozen=True, slots=True)
class AddedToken:
    """A token beside the learned vocabulary; ``control`` ones are never read out of text."""

    text: str
    number: int
    control: bool


def added_tokens(folder: Path) -> list[AddedToken]:
    """Return the added tokens of a model's tokenizer, by id.

    What looks like ``<|this|>`` counts as a control token even where the tokenizer forgot to say so.
    """
    found = []
    try:
        for raw in read_json(folder / "tokenizer.json").get("added_tokens", []):
            text = raw["content"]
            control = bool(raw.get("special")) or (text.startswith("<|") and text.endswith("|>"))
            found.append(AddedToken(text, int(raw["id"]), control))
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{folder / 'tokenizer.json'} is damaged: its added tokens cannot be read") from error
    return sorted(found, key=lambda token: token.number)


def _shards(folder: Path) -> list[Path]:
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        weight_map = read_json(index).get("weight_map")
        if not isinstance(weight_map, dict) or not weight_map:
            raise ModelError(f"{index} is damaged: it names no shards")
        names = sorted({str(name) for name in weight_map.values()})
        if any(Path(name).name != name for name in names):
            raise ModelError(f"{index} is damaged: it names a shard outside its folder")
        return [folder / name for name in names]
    return [folder / "model.safetensors"]


def identity_files(folder: Path) -> list[Path]:
    """Return the files that decide what the model computes; ModelError names the first that is missing."""
    if not folder.is_dir():
        raise ModelError(f"there is no model folder {folder}")
    files = [folder / "config.json", folder / "tokenizer.json", *_shards(folder)]
    for path in files:
        if not path.is_file():
            raise ModelError(f"the model folder {folder} has no {path.name}")
    optional = ("tokenizer_config.json", "chat_template.jinja")
    return files + [folder / name for name in optional if (folder / name).is_file()]


def _entry(path: Path, name: str, raw: Any, data_start: int) -> tuple[TensorEntry, int]:
    """Return a tensor's entry and the offset of its end; ModelError when the header contradicts itself."""
    try:
        dtype, shape, (start, end) = raw["dtype"], tuple(int(size) for size in raw["shape"]), raw["data_offsets"]
        size = int(np.prod(shape, dtype=np.int64)) * _ITEM_SIZES.get(dtype, 0)
        consistent = 0 <= start <= end and (dtype not in _ITEM_SIZES or end - start == size)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} is damaged: its header cannot be read") from error
    if dtype not in _ITEM_SIZES:
        raise ModelError(f"{path} stores {name} as {dtype}; only F32, F16 and BF16 weights are supported")
    if not consistent:
        raise ModelError(f"{path} is damaged: the header gives {name} a wrong size")
    return TensorEntry(path, dtype, shape, data_start + start), data_start + end


def _read_shard(path: Path) -> dict[str, TensorEntry]:
    try:
        length = path.stat().st_size
        with path.open("rb") as file:
            prefix = file.read(8)
            header_size = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else _HEADER_LIMIT + 1
            header_bytes = file.read(header_size) if header_size <= min(_HEADER_LIMIT, length) else b""
        header = json.loads(header_bytes)
    except FileNotFoundError as error:
        raise ModelError(f"the model folder {path.parent} has no {path.name}") from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ModelError(f"{path} is damaged or truncated: its header cannot be read") from error
    if not isinstance(header, dict):
        raise ModelError(f"{path} is damaged: its header is not an object")
    found: dict[str, TensorEntry] = {}
    for name, raw in header.items():
        if name == "__metadata__":
            continue
        found[name], end = _entry(path, name, raw, 8 + header_size)
        if end > length:
            raise ModelError(f"{path} is truncated: {name} ends at byte {end:,} of {length:,}")
    return found


def read_tensors(folder: Path) -> dict[str, TensorEntry]:
    """Return where every tensor of a model folder lies.

    Raises ModelError, in one sentence, for a shard that is missing, truncated or damaged, and for a
    tensor that the index promises and no shard holds.
    """
    found: dict[str, TensorEntry] = {}
    for shard in _shards(folder):
        found.update(_read_shard(shard))
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        absent = sorted(set(read_json(index)["weight_map"]) - set(found))
        if absent:
            raise ModelError(f"the model folder {folder} is incomplete: no shard holds {absent[0]}")
    return found
