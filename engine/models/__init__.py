"""Which weights answer, from where, in which format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.models.shape import Shape

__all__ = ["InstalledModel", "PromptStyle", "Shape"]

PromptStyle = Literal["compact", "chat"]


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model whose files were found whole: a GGUF to answer with, and safetensors of the same weights to tune."""

    name: str
    weights: Path  # a folder: config.json, tokenizer.json, *.safetensors; the GGUF itself where there is nothing else
    gguf: Path
    architecture: str  # llama.cpp's name: "llama", "qwen2", "qwen3", "gemma2", "gemma3", or what a GGUF alone says
    context: int  # tokens
    style: PromptStyle  # compact: trained on generation.prompt.compact_prompt; chat: has a chat template
    parameters: int
    id: str  # sha256 of all that decides what the model computes; adapters are keyed by it
    notes: str = ""  # what it is and what it is good for, for the user
    untunable: str = ""  # a sentence: why it cannot be tuned; empty when it can
    shape: Shape | None = None  # None only where a GGUF alone does not give it
