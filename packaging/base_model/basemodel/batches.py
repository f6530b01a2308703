"""Token files -> batches: blocks of 2048 tokens in a seeded order, cut into short or long sequences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from basemodel.recipe import BLOCK_TOKENS, RunningShape

__all__ = ["Blocks", "make_batch"]

Tokens = npt.NDArray[np.uint16]


class Blocks:
    """An endless, seeded order of the blocks of one token file, with a position that can be saved.

    ``weights`` (a file of the same length, uint8) holds each token's loss weight as a target: 0 none,
    1 plain, 2 an answer. Without it every token is plain. Raises ValueError for a file shorter than
    one block.
    """

    def __init__(self, file: Path, seed: int, *, weights: Path | None = None, size: int = BLOCK_TOKENS) -> None:
        self.tokens: Tokens = np.memmap(file, dtype=np.uint16, mode="r")
        self.weights = np.memmap(weights, dtype=np.uint8, mode="r") if weights else None
        self.size = size
        self.seed = seed
        self.position = 0
        # One token more than a block: the last one's target is the next block's first.
        self.count = (len(self.tokens) - 1) // size
        if self.count < 1:
            raise ValueError(f"{file} holds less than one block of {size} tokens")

    def _number(self, position: int) -> int:
        epoch, place = divmod(position, self.count)
        return int(np.random.default_rng((self.seed, epoch)).permutation(self.count)[place])

    def take(self, blocks: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return the next inputs (n, size) and targets (n, size), int64, and kinds (n, size), uint8."""
        rows, kinds = [], []
        for position in range(self.position, self.position + blocks):
            first = self._number(position) * self.size
            rows.append(self.tokens[first : first + self.size + 1].astype(np.int64))
            if self.weights is None:
                kinds.append(np.ones(self.size, dtype=np.uint8))
            else:
                kinds.append(self.weights[first + 1 : first + self.size + 1])
        self.position += blocks
        both = torch.from_numpy(np.stack(rows))
        return both[:, :-1], both[:, 1:], torch.from_numpy(np.stack(kinds))


def make_batch(
    code: Blocks, questions: Blocks | None, shape: RunningShape, blocks: int, answer_weight: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return inputs (n, length), targets (n, length) and loss weights (n, length) of one step."""
    asked = min(shape.question_blocks, blocks) if questions is not None else 0
    parts = [code.take(blocks - asked)] if blocks > asked else []
    if questions is not None and asked:
        parts.append(questions.take(asked))
    inputs, targets, kinds = (torch.cat(columns) for columns in zip(*parts, strict=True))
    table = torch.tensor([0.0, 1.0, answer_weight])
    weights = table[kinds.long()]
    length = shape.length
    return inputs.reshape(-1, length), targets.reshape(-1, length), weights.reshape(-1, length)
