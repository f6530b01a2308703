"""Question-answer examples -> ``questions.bin`` and ``questions.weights``, whole documents in blocks of 2048."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from basemodel.corpus import Document
from basemodel.definitions import Definition, definitions
from basemodel.encode import encode_plain
from basemodel.qa import Example, examples
from basemodel.recipe import BLOCK_TOKENS
from basemodel.vocabulary import special_id
from engine.generation.prompt import Piece

__all__ = ["IGNORED", "IN_ANSWER", "PLAIN", "example_tokens", "pack", "write"]

IGNORED, PLAIN, IN_ANSWER = 0, 1, 2  # kinds of target, see batches.Blocks
FILES_A_PACKAGE = 30
EXAMPLES_A_PACKAGE = 220
OPEN_BLOCKS = 8
CHUNK_CHARS = (250, 800)  # a chunk of the engine is at most about 250 tokens


def _tokens(tokenizer: Tokenizer, pieces: Sequence[Piece]) -> list[int]:
    texts = encode_plain(tokenizer, [piece.text for piece in pieces])
    out: list[int] = []
    for piece, ids in zip(pieces, texts, strict=True):
        out += [special_id(piece.text)] if piece.special else ids
    return out


def example_tokens(tokenizer: Tokenizer, example: Example) -> tuple[list[int], list[int]]:
    """Return the tokens of a whole document and the kind of each: the answer and its end are IN_ANSWER."""
    prompt = _tokens(tokenizer, example.prompt)
    answer = [*_tokens(tokenizer, example.answer), special_id("<|end|>")]
    tokens = [*prompt, *answer, special_id("<|endoftext|>")]
    return tokens, [PLAIN] * len(prompt) + [IN_ANSWER] * len(answer) + [PLAIN]


def pack(rows: Iterable[tuple[list[int], list[int]]], size: int = BLOCK_TOKENS) -> tuple[list[int], list[int]]:
    """Lay documents into blocks of ``size``, none across two; the gaps are padding, not learned.

    Each document goes into the fullest of a few open blocks that has room for it.
    """
    tokens: list[int] = []
    kinds: list[int] = []
    open_blocks: list[tuple[list[int], list[int]]] = []

    def close(block: tuple[list[int], list[int]]) -> None:
        gap = size - len(block[0])
        tokens.extend([*block[0], *[special_id("<|pad|>")] * gap])
        kinds.extend([*block[1], *[IGNORED] * gap])

    for row, kind in rows:
        if len(row) > size:
            continue
        fitting = [each for each in open_blocks if len(each[0]) + len(row) <= size]
        if not fitting:
            open_blocks.append(([], []))
            fitting = open_blocks[-1:]
        best = max(fitting, key=lambda each: len(each[0]))
        best[0].extend(row)
        best[1].extend(kind)
        if len(open_blocks) > OPEN_BLOCKS:
            fullest = max(open_blocks, key=lambda each: len(each[0]))
            close(fullest)
            open_blocks = [each for each in open_blocks if each is not fullest]
    for block in open_blocks:
        close(block)
    return [*tokens, special_id("<|pad|>")], [*kinds, IGNORED]  # the last block's last target


def _pools(documents: Iterable[Document], rng: random.Random) -> list[list[Definition]]:
    packages: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        if not document.held_out:
            packages[document.package].append(document)
    pools = []
    for files in packages.values():
        pool: list[Definition] = []
        for file in rng.sample(files, min(FILES_A_PACKAGE, len(files))):
            date = f"20{rng.randint(15, 25)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
            chars = rng.randint(*CHUNK_CHARS)
            pool += definitions(file.path, file.text, date if rng.random() < 0.7 else "", chars)
        pools.append(pool)
    return pools


def write(documents: Iterable[Document], tokenizer: Tokenizer, folder: Path, seed: int) -> dict[str, int]:
    """Write both files; return how many examples of each kind they hold."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    made = examples(_pools(documents, rng), EXAMPLES_A_PACKAGE, rng)
    tokens, kinds = pack(example_tokens(tokenizer, example) for example in made)
    np.asarray(kinds, dtype=np.uint8).tofile(folder / "questions.weights")
    partial = folder / "questions.part"
    np.asarray(tokens, dtype=np.uint16).tofile(partial)
    partial.replace(folder / "questions.bin")
    counts: dict[str, int] = defaultdict(int)
    for example in made:
        counts[example.kind] += 1
    return dict(sorted(counts.items()))
