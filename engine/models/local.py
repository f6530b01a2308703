"""A model folder -> an InstalledModel whose GGUF is present and whole."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from engine.errors import DamagedError, ModelError, StorageError
from engine.models import InstalledModel, PromptStyle
from engine.models.files import replacing, sha256_file
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
from engine.paths import models_directory
from engine.types import Progress, Report

__all__ = ["install_folder"]

# A tokenizer with these was trained on generation.prompt.compact_prompt.
_COMPACT_TOKENS = frozenset({"<|evidence|>", "<|question|>", "<|nothing|>", "<|cite_1|>", "<|end|>"})


def _identity(folder: Path) -> str:
    """Return one hash over the names and contents of all files that decide what the model computes."""
    digest = hashlib.sha256()
    for path in identity_files(folder):
        try:
            digest.update(f"{path.name}:{sha256_file(path)}\n".encode())
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
    tied = bool(config.get("tie_word_embeddings"))
    return sum(entry.count for name, entry in entries.items() if not (tied and name == "lm_head.weight"))


def _manifest(gguf: Path) -> Path:
    return gguf.with_suffix(".json")


def _is_whole(gguf: Path) -> bool:
    """Return whether the file is what was once written; missing, truncated and altered ones are not."""
    try:
        manifest = json.loads(_manifest(gguf).read_text(encoding="utf-8"))
        if not isinstance(manifest, dict) or gguf.stat().st_size != manifest.get("size"):
            return False
        return sha256_file(gguf) == manifest.get("sha256")
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
            value = {"sha256": sha256_file(gguf), "size": gguf.stat().st_size, "converter": CONVERTER}
            temporary.write_text(json.dumps(value), encoding="utf-8")
    except StorageError:
        # Windows refuses to replace a file that another process has open; then its copy must be whole.
        if not _is_whole(gguf):
            raise
    if not _is_whole(gguf):
        raise DamagedError(f"{gguf} is not what was just written; the disk may be failing")


def install_folder(folder: Path, name: str, *, notes: str = "", progress: Progress | None = None) -> InstalledModel:
    """Return the model in ``folder``, making or mending its GGUF under the models directory.

    The GGUF is named after the hash of the weights and verified by its own hash before each use.
    Raises ModelError, in one sentence, for files that are missing, truncated, damaged or of an unknown
    kind; StorageError when the GGUF cannot be written.
    """
    report = progress or (lambda _: None)
    report(Report("model", 0, 2, "checking the weights"))
    identity = _identity(folder)
    config = read_config(folder)
    style = _style(folder)
    parameters = _parameters(folder, config)
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in name)[:40]
    gguf = models_directory() / f"{safe}-{identity[:16]}-{CONVERTER}.gguf"
    if not _is_whole(gguf):
        report(Report("model", 1, 2, "converting the weights"))
        _convert(folder, gguf, name)
    report(Report("model", 2, 2, ""))
    return InstalledModel(
        name=name,
        weights=folder,
        gguf=gguf,
        architecture=architecture_of(config),
        context=context_length(config),
        style=style,
        parameters=parameters,
        id=identity,
        notes=notes,
    )
