"""Byte-level vocabularies for tests: the tiny models' and the bundled one's, read from tokenizer.json."""

from __future__ import annotations

import json
from functools import lru_cache

from engine.generation.vocabulary import Vocabulary
from engine.paths import resources
from tests.models.tiny import tokenizer_json


def _bytes() -> dict[str, int]:
    """The characters with which byte-level tokenizers spell bytes (Radford et al. 2019, GPT-2)."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + place): byte for place, byte in enumerate(others)}


def _read(text: str) -> Vocabulary:
    tokenizer = json.loads(text)
    spelled = _bytes()
    control = {token["id"]: token["content"].encode() for token in tokenizer["added_tokens"]}
    found = {
        number: bytes(spelled[each] for each in token)
        for token, number in tokenizer["model"]["vocab"].items()
        if number not in control
    } | control
    return Vocabulary(
        [found[number] for number in range(len(found))], [number in control for number in range(len(found))]
    )


@lru_cache(maxsize=1)
def tiny_vocabulary() -> Vocabulary:
    return _read(tokenizer_json(512))


@lru_cache(maxsize=1)
def bundled_vocabulary() -> Vocabulary:
    return _read((resources() / "base_model" / "tokenizer.json").read_text(encoding="utf-8"))
