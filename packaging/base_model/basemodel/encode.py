"""Corpus -> token files: flat uint16 arrays that training maps into memory.

``train.bin``: documents in a shuffled order, some in fill-in-the-middle form (Bavarian et al. 2022,
arXiv 2207.14255), each ended by ``<|endoftext|>``. ``held_out.bin``: the held-out files, plain.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from basemodel.corpus import Document
from basemodel.vocabulary import special_id

__all__ = ["FIM_SHARE", "document_tokens", "encode_plain", "fim_tokens", "tokens_of", "write"]

FIM_SHARE = 0.12
_BATCH = 256

Tokens = npt.NDArray[np.uint16]


def encode_plain(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    """Encode texts as text: a source file that spells out ``<|end|>`` does not get the control token."""
    tokenizer.encode_special_tokens = True
    try:
        return [each.ids for each in tokenizer.encode_batch(texts, add_special_tokens=False)]
    finally:
        tokenizer.encode_special_tokens = False


def document_tokens(path: list[int], text: list[int]) -> list[int]:
    """Return ``<|file_sep|>{path}\\n{text}<|endoftext|>``; ``path`` is encoded with its newline."""
    return [special_id("<|file_sep|>"), *path, *text, special_id("<|endoftext|>")]


def fim_tokens(path: list[int], text: list[int], rng: random.Random) -> list[int]:
    """Return a document in prefix-suffix-middle order; the middle is at most 256 tokens long."""
    first = rng.randrange(len(text))
    last = min(len(text), first + rng.randint(1, 256))
    parts = [
        special_id("<|file_sep|>"), *path,
        special_id("<|fim_prefix|>"), *text[:first],
        special_id("<|fim_suffix|>"), *text[last:],
        special_id("<|fim_middle|>"), *text[first:last],
        special_id("<|endoftext|>"),
    ]  # fmt: skip
    return parts


def tokens_of(tokenizer: Tokenizer, documents: Iterable[Document]) -> Iterator[tuple[list[int], list[int]]]:
    """Yield (path tokens, text tokens) of each document."""
    for batch in _batched(documents):
        paths = encode_plain(tokenizer, [f"{each.path}\n" for each in batch])
        texts = encode_plain(tokenizer, [each.text for each in batch])
        yield from zip(paths, texts, strict=True)


def _batched(documents: Iterable[Document]) -> Iterator[tuple[Document, ...]]:
    rest = iter(documents)
    while batch := tuple(itertools.islice(rest, _BATCH)):
        yield batch


def _write(rows: Iterable[list[int]], file: Path) -> int:
    partial = file.with_suffix(".part")
    count = 0
    with partial.open("wb") as out:
        for row in rows:
            np.asarray(row, dtype=np.uint16).tofile(out)
            count += len(row)
    partial.replace(file)
    return count


def write(documents: Iterable[Document], tokenizer: Tokenizer, folder: Path, seed: int) -> dict[str, int]:
    """Write both token files and return their lengths in tokens."""
    known = list(documents)
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    held = [each for each in known if each.held_out]
    kept = [each for each in known if not each.held_out]
    rng.shuffle(kept)

    def training_rows() -> Iterator[list[int]]:
        for path, text in tokens_of(tokenizer, kept):
            fill = rng.random() < FIM_SHARE and len(text) < 4096
            yield fim_tokens(path, text, rng) if fill else document_tokens(path, text)

    return {
        "held_out": _write(
            (document_tokens(path, text) for path, text in tokens_of(tokenizer, held)),
            folder / "held_out.bin",
        ),
        "train": _write(training_rows(), folder / "train.bin"),
    }
