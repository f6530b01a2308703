"""A GGUF file -> its metadata and its tensors as float32, whatever they are stored as.

The container is read here, since the ``gguf`` package's reader makes an object of each of the 150,000 entries of a
vocabulary and takes seconds for it (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Values are
de-quantised by that package.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from engine.errors import ModelError
from engine.models.folder import architecture_of, read_config, read_tensors
from engine.models.gguf import gguf_name, hf_layout
from engine.models.shape import Shape

__all__ = ["GgufFile", "GgufTensor", "inference_weights", "read_gguf", "why_not_the_same"]

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_LONGEST = 1 << 30  # bytes or entries; anything longer is damage
_SAME = 0.35  # of a matrix's norm: more than two bits a weight lose, less than any two different models differ by

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """Where a tensor lies and how it is stored."""

    path: Path
    kind: int  # GGMLQuantizationType
    shape: tuple[int, ...]  # the outermost dimension first, as numpy has it
    offset: int  # bytes from the start of the file
    size: int  # bytes

    @property
    def is_exact(self) -> bool:
        """Return whether it is stored as float32."""
        return self.kind == 0

    def load(self) -> Floats:
        """Return the values (shape), de-quantised to what inference computes with."""
        from gguf import GGMLQuantizationType
        from gguf.quants import dequantize

        kind = GGMLQuantizationType(self.kind)
        with self.path.open("rb") as file:
            file.seek(self.offset)
            data = np.frombuffer(file.read(self.size), dtype=np.uint8)
        try:
            values = dequantize(data.reshape(*self.shape[:-1], -1), kind) if self.kind > 1 else None
        except NotImplementedError as error:
            raise ModelError(f"{self.path} stores weights as {kind.name}, which cannot be read for tuning") from error
        if values is None:
            values = data.view(np.float32 if self.is_exact else np.float16).astype(np.float32)
        return np.ascontiguousarray(values, dtype=np.float32).reshape(self.shape)


@dataclass(frozen=True, slots=True)
class GgufFile:
    """What a GGUF says of itself, and its tensors by llama.cpp's names."""

    path: Path
    metadata: Mapping[str, Any]
    tensors: Mapping[str, GgufTensor]

    @property
    def architecture(self) -> str:
        """Return llama.cpp's name of the architecture."""
        return str(self.metadata.get("general.architecture", ""))

    def number(self, key: str) -> int:
        """Return a whole number of the architecture ("block_count"); ModelError when there is none."""
        value = self.metadata.get(f"{self.architecture}.{key}")
        if isinstance(value, list) and value:  # some architectures have one a layer
            value = max(value)
        if not isinstance(value, int):
            raise ModelError(f"{self.path} does not say its {key.replace('_', ' ')}")
        return value

    @property
    def parameters(self) -> int:
        """Return the number of weights."""
        return sum(int(np.prod(each.shape, dtype=np.int64)) for each in self.tensors.values())

    @property
    def shape(self) -> Shape | None:
        """Return the sizes, None for an architecture that does not say them in the usual words."""
        try:
            heads, hidden = self.number("attention.head_count"), self.number("embedding_length")
            head_size = self.metadata.get(f"{self.architecture}.attention.key_length") or hidden // heads
            return Shape(
                layers=self.number("block_count"),
                hidden=hidden,
                intermediate=self.number("feed_forward_length"),
                heads=heads,
                kv_heads=self.number("attention.head_count_kv"),
                head_size=int(head_size),
                vocabulary=self.tensors["token_embd.weight"].shape[0],
                tied="output.weight" not in self.tensors,
            )
        except (ModelError, KeyError):
            return None


class _Reader:
    """Takes values out of the head of a GGUF; struct.error or ValueError where it ends or makes no sense."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def bytes(self, count: int) -> bytes:
        if not 0 <= count <= _LONGEST:
            raise ValueError(f"a length of {count}")
        data = self._file.read(count)
        if len(data) != count:
            raise ValueError("it ends early")
        return data

    def scalar(self, form: str) -> Any:
        return struct.unpack(form, self.bytes(struct.calcsize(form)))[0]

    def text(self) -> str:
        return self.bytes(self.scalar("<Q")).decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            inner, count = self.scalar("<I"), self.scalar("<Q")
            if inner in _SCALARS:
                form = np.dtype(_SCALARS[inner].replace("?", "b"))
                return np.frombuffer(self.bytes(count * form.itemsize), dtype=form).tolist()
            if not 0 <= count <= _LONGEST:
                raise ValueError(f"a list of {count}")
            return [self.value(inner) for _ in range(count)]
        return self.scalar(_SCALARS[kind])

    def position(self) -> int:
        return self._file.tell()


def read_gguf(path: Path) -> GgufFile:
    """Return what is in a GGUF file; ModelError, in one sentence, when it is missing, damaged, cut off or a part."""
    try:
        with path.open("rb") as file:
            found = _read(path, _Reader(file), path.stat().st_size)
    except FileNotFoundError as error:
        raise ModelError(f"there is no model file {path}") from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from error
    except (struct.error, ValueError, KeyError, TypeError, OverflowError, MemoryError) as error:
        raise ModelError(f"{path} is no GGUF, or it is damaged: {error}") from error
    if int(found.metadata.get("split.count", 1)) > 1:
        raise ModelError(f"{path} is one part of a GGUF that was split; join the parts with `llama-gguf-split --merge`")
    if not found.architecture:
        raise ModelError(f"{path} does not say its architecture")
    return found


def _read(path: Path, reader: _Reader, length: int) -> GgufFile:
    import gguf

    if reader.bytes(4) != b"GGUF" or reader.scalar("<I") not in {2, 3}:
        raise ValueError("it does not begin as one")
    tensors, entries = reader.scalar("<Q"), reader.scalar("<Q")
    metadata = {}
    for _ in range(entries):
        key = reader.text()
        metadata[key] = reader.value(reader.scalar("<I"))
    raw = []
    for _ in range(tensors):
        name, dimensions = reader.text(), reader.scalar("<I")
        shape = tuple(reader.scalar("<Q") for _ in range(dimensions))[::-1]
        raw.append((name, shape, reader.scalar("<I"), reader.scalar("<Q")))
    alignment = int(metadata.get("general.alignment", 32))
    start = -(-reader.position() // alignment) * alignment
    found = {}
    for name, shape, kind, offset in raw:
        block, bytes_a_block = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType(kind)]
        size = int(np.prod(shape, dtype=np.int64)) // block * bytes_a_block
        found[name] = GgufTensor(path, kind, shape, start + offset, size)
        if start + offset + size > length:
            raise ValueError(f"it was cut off: {name} ends at byte {start + offset + size:,} of {length:,}")
    return GgufFile(path, metadata, found)


def inference_weights(folder: Path, gguf: Path) -> Iterator[tuple[str, Floats]]:
    """Yield (Hugging Face's name, values) of each weight that the GGUF stores with less precision than float32.

    They are what llama.cpp computes with, de-quantised: an adapter that is trained on them fits them.
    """
    config = read_config(folder)
    architecture, blocks = architecture_of(config), int(config["num_hidden_layers"])
    stored = read_gguf(gguf).tensors
    tied = Shape.of(config).tied
    for name in read_tensors(folder):
        if (tied and name == "lm_head.weight") or name.endswith("rotary_emb.inv_freq"):
            continue
        tensor = stored.get(gguf_name(name, architecture, blocks))
        if tensor is None:
            raise ModelError(f"{gguf} lacks the weights of {name}")
        if not tensor.is_exact:
            yield name, np.ascontiguousarray(hf_layout(tensor.load(), name, architecture, config), dtype=np.float32)


def why_not_the_same(folder: Path, gguf: GgufFile) -> str:
    """Return in a sentence why a GGUF was not made of the weights in ``folder``, empty when it was.

    Compares the architecture, the sizes and the values of one matrix of the first and of the last layer.
    """
    config = read_config(folder)
    architecture, shape = architecture_of(config), Shape.of(config)
    if gguf.architecture != architecture:
        return f"{gguf.path.name} is of the architecture {gguf.architecture}, the weights beside it of {architecture}."
    found = gguf.shape
    if found is None or (found.layers, found.hidden, found.kv_heads) != (shape.layers, shape.hidden, shape.kv_heads):
        return f"{gguf.path.name} has other sizes than the weights beside it."
    weights = read_tensors(folder)
    for layer in (0, shape.layers - 1):
        name = f"model.layers.{layer}.self_attn.k_proj.weight"
        tensor = gguf.tensors.get(gguf_name(name, architecture, shape.layers))
        if tensor is None or name not in weights or tensor.shape != weights[name].shape:
            return f"{gguf.path.name} has other matrices than the weights beside it."
        ours = weights[name].load().astype(np.float32)
        theirs = hf_layout(tensor.load(), name, architecture, config)
        if not float(np.linalg.norm(ours - theirs)) <= _SAME * float(np.linalg.norm(ours)):
            return f"{gguf.path.name} has other weights than the files beside it."
    return ""
