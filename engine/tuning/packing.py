"""Examples of any length -> one row of tokens, in which each example sees only itself.

Nothing is padded: products run over exactly the tokens there are, and a mask keeps the examples apart where
positions look at each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from engine.tuning.examples import Encoded

__all__ = ["Block", "Packed", "pack"]

_BLOCK = 384  # positions that look at others in one product; in larger ones more of it is masked


@dataclass(frozen=True, slots=True)
class Block:
    """Rows first..last look at the rows from..last; what ``mask`` adds to the scores forbids the rest."""

    first: int
    last: int  # exclusive
    start: int
    mask: torch.Tensor  # (last - first, last - start): 0 or -inf


@dataclass(frozen=True, slots=True)
class Packed:
    """N tokens of B examples, M of which predict a learned one."""

    ids: torch.Tensor  # (N,)
    positions: torch.Tensor  # (N,), each example from 0
    blocks: tuple[Block, ...]
    predicting: torch.Tensor  # (M,): the rows whose next token is learned
    targets: torch.Tensor  # (M,): that token
    owners: torch.Tensor  # (M,): the number of its example
    counts: torch.Tensor  # (B,): learned tokens


def pack(examples: Sequence[Encoded], dtype: torch.dtype) -> Packed:
    """Put the examples behind each other; ``dtype`` is that of the scores."""
    lengths = [len(each.ids) for each in examples]
    ids = torch.cat([torch.from_numpy(each.ids) for each in examples])
    learned = torch.cat([torch.from_numpy(each.learned) for each in examples])
    positions = torch.cat([torch.arange(length) for length in lengths])
    learned &= positions > 0  # the last token of an example predicts nothing of the next
    owners = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    rows = learned.nonzero()[:, 0]
    return Packed(
        ids,
        positions,
        tuple(_block(first, last, start, owners, dtype) for first, last, start in _bounds(lengths)),
        predicting=rows - 1,
        targets=ids[rows],
        owners=owners[rows],
        counts=torch.zeros(len(lengths), dtype=torch.long).index_add_(0, owners, learned.long()),
    )


def _bounds(lengths: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield (first, last, start): whole short examples together, a long one in parts that read its beginning too."""
    first = at = 0
    for length in lengths:
        if at > first and at + length - first > _BLOCK:
            yield first, at, first
            first = at
        at += length
        if length > _BLOCK:
            for part in range(first, at, _BLOCK):
                yield part, min(part + _BLOCK, at), first
            first = at
    if at > first:
        yield first, at, first


def _block(first: int, last: int, start: int, owners: torch.Tensor, dtype: torch.dtype) -> Block:
    rows, columns = torch.arange(first, last), torch.arange(start, last)
    seen = (rows[:, None] >= columns) & (owners[first:last, None] == owners[start:last])
    mask = torch.zeros(len(rows), len(columns), dtype=dtype).masked_fill_(~seen, -torch.inf)
    return Block(first, last, start, mask)
