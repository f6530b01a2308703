"""Which weights answer, from where, in which format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["InstalledModel", "PromptStyle"]

PromptStyle = Literal["compact", "chat"]


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model whose files were found whole: safetensors to tune, a GGUF of the same weights to answer with."""

    name: str
    weights: Path  # a folder in the layout of Hugging Face: config.json, tokenizer.json, *.safetensors
    gguf: Path
    architecture: str  # "llama", "qwen2" or "qwen3"
    context: int  # tokens
    style: PromptStyle  # compact: trained on generation.prompt.compact_prompt; chat: has a chat template
    parameters: int
    id: str  # sha256 of all that decides what the model computes; adapters are keyed by it
    notes: str = ""  # what it is and what it is good for, for the user
