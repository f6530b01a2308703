"""A model -> what its maker says about conversations: the template, its special tokens, and which tokens control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.models.folder import added_tokens, read_chat_template, read_json
from engine.models.reading import GgufFile, read_gguf
from engine.models.tokenizer import token_text

__all__ = ["ChatFormat", "read_chat_format"]

_NAMES = ("bos_token", "eos_token", "pad_token")
_KEYS = {"bos_token": "bos_token_id", "eos_token": "eos_token_id", "pad_token": "padding_token_id"}
_CONTROL = 3  # gguf.TokenType


@dataclass(frozen=True, slots=True)
class ChatFormat:
    """How a model wants to be talked to. ``template`` is Jinja, and whoever made the model wrote it."""

    template: str | None
    tokens: Mapping[str, str]  # "bos_token", "eos_token", "pad_token" -> text, empty where there is none
    control: tuple[str, ...]  # texts that must never come out of a repository as tokens


def read_chat_format(source: Path) -> ChatFormat:
    """Return the format of the model in a folder or in a GGUF file; ModelError when it is damaged."""
    if source.is_dir():
        path = source / "tokenizer_config.json"
        settings = read_json(path) if path.is_file() else {}
        tokens = {name: token_text(settings.get(name)) or "" for name in _NAMES}
        control = tuple(token.text for token in added_tokens(source) if token.control)
        return ChatFormat(read_chat_template(source), tokens, control)
    return _of_gguf(read_gguf(source))


def _of_gguf(file: GgufFile) -> ChatFormat:
    metadata = file.metadata
    texts = [str(each) for each in metadata.get("tokenizer.ggml.tokens") or []]
    kinds = list(metadata.get("tokenizer.ggml.token_type") or [])
    tokens = {}
    for name in _NAMES:
        number = metadata.get(f"tokenizer.ggml.{_KEYS[name]}")
        tokens[name] = texts[number] if isinstance(number, int) and 0 <= number < len(texts) else ""
    control = tuple(text for text, kind in zip(texts, kinds, strict=False) if kind == _CONTROL and text)
    template = metadata.get("tokenizer.chat_template")
    return ChatFormat(template if isinstance(template, str) else None, tokens, control)
