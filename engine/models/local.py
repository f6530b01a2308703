"""A model folder or a GGUF file -> an InstalledModel whose GGUF is present and whole."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from engine.errors import DamagedError, ModelError, StorageError
from engine.models import InstalledModel, PromptStyle
from engine.models.chat import read_chat_format
from engine.models.files import replacing
from engine.models.folder import (
    added_tokens,
    architecture_of,
    context_length,
    identity_files,
    read_chat_template,
    read_config,
    read_tensors,
)
from engine.models.gguf import CONVERTER, write_model_gguf
from engine.models.hashes import sha256_of
from engine.models.reading import read_gguf, why_not_the_same
from engine.models.shape import Shape
from engine.paths import models_directory
from engine.types import Progress, Report

__all__ = ["install_folder", "install_gguf"]

# A tokenizer with these was trained on generation.prompt.compact_prompt.
_COMPACT_TOKENS = frozenset({"<|evidence|>", "<|question|>", "<|nothing|>", "<|cite_1|>", "<|end|>"})


def _identity(folder: Path, *more: Path) -> str:
    """Return one hash over the names and contents of all files that decide what the model computes."""
    digest = hashlib.sha256()
    for path in (*identity_files(folder), *more):
        try:
            digest.update(f"{path.name}:{sha256_of(path)}\n".encode())
        except OSError as error:
            raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    return digest.hexdigest()


def _style(folder: Path) -> PromptStyle:
    if {token.text for token in added_tokens(folder)} >= _COMPACT_TOKENS:
        return "compact"
    if read_chat_template(folder) is None:
        raise ModelError(f"the model in {folder} has no chat template, so it was not made to answer questions")
    return "chat"


def _parameters(folder: Path, config: dict[str, Any]) -> int:
    entries = read_tensors(folder)
    tied = Shape.of(config).tied
    return sum(entry.count for name, entry in entries.items() if not (tied and name == "lm_head.weight"))


def _manifest(gguf: Path) -> Path:
    return gguf.with_suffix(".json")


def _is_whole(gguf: Path) -> bool:
    """Return whether the file is what was once written; missing, truncated and altered ones are not."""
    try:
        manifest = json.loads(_manifest(gguf).read_text(encoding="utf-8"))
        if not isinstance(manifest, dict) or gguf.stat().st_size != manifest.get("size"):
            return False
        return sha256_of(gguf) == manifest.get("sha256")
    except (OSError, ValueError):
        return False


def _convert(folder: Path, gguf: Path, name: str) -> None:
    """Make the GGUF and then the manifest that vouches for it.

    Two processes may do this at once: conversion is deterministic, so whoever renames last renames the
    same bytes.
    """
    try:
        write_model_gguf(folder, gguf, name)
        with replacing(_manifest(gguf)) as temporary:
            value = {"sha256": sha256_of(gguf), "size": gguf.stat().st_size, "converter": CONVERTER}
            temporary.write_text(json.dumps(value), encoding="utf-8")
    except StorageError:
        # Windows refuses to replace a file that another process has open; then its copy must be whole.
        if not _is_whole(gguf):
            raise
    if not _is_whole(gguf):
        raise DamagedError(f"{gguf} is not what was just written; the disk may be failing")


def _own_gguf(folder: Path) -> Path | None:
    """Return the GGUF that lies beside the weights, which then answers; ModelError when it is of other weights."""
    found = sorted(path for path in folder.glob("*.gguf") if not path.name.startswith("mmproj"))
    if not found:
        return None
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise ModelError(f"the folder {folder} has several GGUF files ({names}); keep the one that is to answer")
    why = why_not_the_same(folder, read_gguf(found[0]))
    if why:
        raise ModelError(f"{why} Put each model into a folder of its own, or name the GGUF itself.")
    return found[0]


def install_folder(folder: Path, name: str, *, notes: str = "", progress: Progress | None = None) -> InstalledModel:
    """Return the model in ``folder``, making or mending its GGUF under the models directory.

    The GGUF is named after the hash of the weights and verified by its own hash before each use. One that lies in the
    folder itself is used instead, if it is of the same weights. A folder with nothing but a GGUF answers and is not
    tuned. Raises ModelError, in one sentence, for files that are missing, truncated, damaged or of an unknown kind;
    StorageError when the GGUF cannot be written.
    """
    report = progress or (lambda _: None)
    report(Report("model", 0, 2, "checking the weights"))
    alone = sorted(folder.glob("*.gguf")) if not (folder / "config.json").is_file() else []
    if len(alone) == 1:
        return install_gguf(alone[0], name, notes=notes, progress=progress)
    identity_files(folder)  # says what is missing
    config = read_config(folder)
    architecture = architecture_of(config)
    own = _own_gguf(folder)
    identity = _identity(folder, *([own] if own else []))
    style = _style(folder)
    parameters = _parameters(folder, config)
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in name)[:40]
    gguf = own or models_directory() / f"{safe}-{identity[:16]}-{CONVERTER}.gguf"
    if own is None and not _is_whole(gguf):
        report(Report("model", 1, 2, "converting the weights"))
        _convert(folder, gguf, name)
    report(Report("model", 2, 2, ""))
    return InstalledModel(
        name=name,
        weights=folder,
        gguf=gguf,
        architecture=architecture,
        context=context_length(config),
        style=style,
        parameters=parameters,
        id=identity,
        notes=notes,
        shape=Shape.of(config),
    )


def install_gguf(path: Path, name: str, *, notes: str = "", progress: Progress | None = None) -> InstalledModel:
    """Return the model in a GGUF file, which answers but cannot be tuned.

    Raises ModelError for a file that is damaged or has no chat template.
    """
    report = progress or (lambda _: None)
    report(Report("model", 0, 2, "checking the file"))
    file = read_gguf(path)
    if read_chat_format(path).template is None:
        raise ModelError(f"the model in {path} has no chat template, so it was not made to answer questions")
    try:
        identity = sha256_of(path)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    report(Report("model", 2, 2, ""))
    return InstalledModel(
        name=name,
        weights=path,
        gguf=path,
        architecture=file.architecture,
        context=file.number("context_length"),
        style="chat",
        parameters=file.parameters,
        id=identity,
        notes=notes,
        untunable=(
            f"{name} is only a GGUF here, which answers; learning needs the model's weights as safetensors beside it."
        ),
        shape=file.shape,
    )
