"""Token files -> batches: blocks in a seeded order, code cut into short or long sequences, dialogues as they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from basemodel.recipe import BLOCK_TOKENS

__all__ = ["Blocks", "Dialogues", "Reading"]

Tokens = npt.NDArray[np.uint16]


def _number(position: int, count: int, seed: int) -> int:
    """Return which block comes at a position of the endless order: every epoch is another permutation."""
    epoch, place = divmod(position, count)
    return int(np.random.default_rng((seed, epoch)).permutation(count)[place])


class Blocks:
    """An endless, seeded order of the blocks of one token file, with a position that can be saved.

    Raises ValueError for a file shorter than one block.
    """

    def __init__(self, file: Path, seed: int, *, size: int = BLOCK_TOKENS) -> None:
        self.tokens: Tokens = np.memmap(file, dtype=np.uint16, mode="r")
        self.size = size
        self.seed = seed
        self.position = 0
        # One token more than a block: the last one's target is the next block's first.
        self.count = (len(self.tokens) - 1) // size
        if self.count < 1:
            raise ValueError(f"{file} holds less than one block of {size} tokens")

    def take(self, blocks: int, length: int) -> tuple[Tensor, Tensor]:
        """Return the next inputs and targets, (n, length) each, int64."""
        rows = []
        for position in range(self.position, self.position + blocks):
            first = _number(position, self.count, self.seed) * self.size
            rows.append(self.tokens[first : first + self.size + 1].astype(np.int64))
        self.position += blocks
        both = torch.from_numpy(np.stack(rows))
        return both[:, :-1].reshape(-1, length), both[:, 1:].reshape(-1, length)


@dataclass(frozen=True, slots=True)
class Reading:
    """Blocks of dialogues, (n, T) each, int64."""

    inputs: Tensor
    targets: Tensor
    kinds: Tensor  # of the targets, see questions.IGNORED
    segments: Tensor
    positions: Tensor


class Dialogues:
    """An endless, seeded order of the blocks of one file of dialogues, with a position that can be saved."""

    def __init__(self, file: Path, seed: int) -> None:
        self.blocks: Tokens = np.load(file, mmap_mode="r")  # (n, 4, T)
        self.seed = seed
        self.position = 0

    def take(self, count: int) -> Reading:
        """Return the next blocks."""
        total = len(self.blocks)
        numbers = [_number(at, total, self.seed) for at in range(self.position, self.position + count)]
        self.position += count
        return self.read(numbers)

    def read(self, numbers: list[int]) -> Reading:
        """Return blocks by their numbers."""
        tokens, kinds, segments, positions = torch.from_numpy(self.blocks[numbers].astype(np.int64)).unbind(1)
        targets, wanted = tokens.roll(-1, dims=1), kinds.roll(-1, dims=1)
        wanted[:, -1] = 0
        return Reading(tokens, targets, wanted, segments, positions)
