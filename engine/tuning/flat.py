"""All LoRA matrices in one flat row of numbers: one optimizer step, one norm, one copy in the products' precision.

Projections that read the same input share a pair. Their A are stacked below the frozen matrix, so that one product
gives both W x and A x; their B stand on the diagonal of one matrix, whose zeros stay zeros because ``scale`` takes
their gradients away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim.adamw import adamw

from engine.types import Floats

__all__ = ["FlatAdapter", "Group", "Pair", "frozen_pair", "initial_a"]

_BETA2 = 0.999
_EPSILON = 1e-8


@dataclass(frozen=True, slots=True)
class Group:
    """Projections that read the same input: their names and the frozen matrices on top of each other."""

    names: tuple[str, ...]
    sizes: tuple[int, ...]  # out of each
    weight: Tensor  # (out, in), float32
    bias: Tensor | None = None  # (out,)


@dataclass(frozen=True, slots=True)
class Pair:
    """A group with its adapter; k projections of rank r, ``out`` numbers in all. Views, in the products' precision."""

    weight: Tensor  # (out + k r, in): the frozen matrices, below them every A
    bias: Tensor | None  # (out + k r,)
    b: Tensor  # (out, k r), times alpha / r
    a_slope: Tensor  # (k r, in): the gradients
    b_slope: Tensor  # (out, k r), of which only the diagonal blocks count

    @property
    def out(self) -> int:
        """Return how many numbers the frozen matrices give for a token."""
        return len(self.b)

    def bare(self) -> Pair:
        """Return a view of it without the adapter."""
        bias = None if self.bias is None else self.bias[: self.out]
        return Pair(self.weight[: self.out], bias, self.b[:, :0], self.a_slope[:0], self.b_slope[:, :0])


def frozen_pair(group: Group, dtype: torch.dtype) -> Pair:
    """Return a group that gets no adapter."""
    none = torch.zeros(len(group.weight), 0, dtype=dtype)
    bias = None if group.bias is None else group.bias.to(dtype)
    return Pair(group.weight.to(dtype), bias, none, none.T, none)


def initial_a(rank: int, width: int, seed: int, number: int) -> Tensor:
    """Return the A (rank, width) that the ``number``-th projection starts with, uniform in ± 1 / √width as in PEFT."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + number)
    return (torch.rand(rank, width, generator=generator) * 2 - 1) / math.sqrt(width)


class FlatAdapter:
    """The weights, their gradients and AdamW's moments (Loshchilov & Hutter 2019, arXiv 1711.05101, without decay)."""

    def __init__(self, size: int, *, rank: int, alpha: float, beta1: float, seed: int, dtype: torch.dtype) -> None:
        """Make room for ``size`` numbers, as ``room`` counts them; ``add`` fills it and ``reset`` is to follow."""
        self._rank, self._alpha, self._beta1, self._seed = rank, alpha, beta1, seed
        self._initial, self._weights, self._slopes, self._first, self._second = (torch.zeros(size) for _ in range(5))
        self._scale = torch.zeros(size)  # alpha / r where a B is, 1 where an A is, 0 beside the diagonal
        self._rough = torch.zeros(size, dtype=dtype)  # the weights that products read
        self._rough_slopes = torch.zeros(size, dtype=dtype)
        self._steps = torch.zeros(())
        self._used = 0
        self._places: list[tuple[Tensor, Tensor]] = []  # where the A belong, and what they are
        self._exact: dict[str, tuple[Tensor, Tensor]] = {}  # name -> A, B

    @staticmethod
    def room(rank: int, projections: int, out: int, width: int) -> int:
        """Return how many numbers a group takes: ``out`` of its projections together, ``width`` that they read."""
        return rank * projections * (out + width)

    def add(self, group: Group) -> Pair:
        """Take the next part of the room for a group, whose adapter is an untrained one."""
        (out, width), k, dtype = group.weight.shape, self._rank * len(group.names), self._rough.dtype
        a = slice(self._used, self._used + k * width)
        b = slice(a.stop, a.stop + k * out)
        self._used = b.stop
        self._scale[a] = 1.0
        scale, exact_b = self._scale[b].view(out, k), self._weights[b].view(out, k)
        row = 0
        for index, (name, size) in enumerate(zip(group.names, group.sizes, strict=True)):
            columns = slice(index * self._rank, (index + 1) * self._rank)
            scale[row : row + size, columns] = self._alpha / self._rank
            start = initial_a(self._rank, width, self._seed, len(self._exact))
            self._initial[a].view(k, width)[columns] = start
            self._exact[name] = self._weights[a].view(k, width)[columns], exact_b[row : row + size, columns]
            row += size
        rough = self._rough[a].view(k, width)
        weight = torch.cat((group.weight.to(dtype), rough))
        bias = None if group.bias is None else torch.cat((group.bias, torch.zeros(k))).to(dtype)
        self._places.append((weight[out:], rough))
        slopes = self._rough_slopes[a].view(k, width), self._rough_slopes[b].view(out, k)
        return Pair(weight, bias, self._rough[b].view(out, k), *slopes)

    def reset(self) -> None:
        """Make the adapter an untrained one, and the optimizer one that has seen nothing."""
        self._weights.copy_(self._initial)
        for moment in (self._first, self._second, self._steps):
            moment.zero_()
        self._refresh()

    def _refresh(self) -> None:
        torch.mul(self._weights, self._scale, out=self._rough)
        for place, a in self._places:
            place.copy_(a)

    @torch.no_grad()
    def step(self, rate: float, clip_norm: float) -> None:
        """Take an optimizer step with the gradients in the pairs, whose norm over all is bounded first."""
        torch.mul(self._rough_slopes, self._scale, out=self._slopes)
        norm = float(torch.linalg.vector_norm(self._slopes))
        self._slopes.mul_(min(1.0, clip_norm / (norm + 1e-6)))
        # The class AdamW would import a compiler, seconds of it, with its first step.
        adamw(
            [self._weights],
            [self._slopes],
            [self._first],
            [self._second],
            [],
            [self._steps],
            fused=True,
            amsgrad=False,
            beta1=self._beta1,
            beta2=_BETA2,
            lr=rate,
            weight_decay=0.0,
            eps=_EPSILON,
            maximize=False,
        )
        self._refresh()

    def weaken(self, share: float) -> None:
        """Multiply what the adapter adds to the base by ``share``."""
        for _, b in self._exact.values():
            b.mul_(share)
        self._refresh()

    def copy(self) -> Tensor:
        """Return a copy of the weights."""
        return self._weights.clone()

    def replace(self, weights: Tensor) -> None:
        """Take the weights of a copy."""
        self._weights.copy_(weights)
        self._refresh()

    def places(self, flat: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
        """Return where A (r, in) and B (out, r) of every projection stand in numbers that are laid out like these."""
        return {name: (_there(flat, a), _there(flat, b)) for name, (a, b) in self._exact.items()}

    def tensors(self) -> dict[str, tuple[Floats, Floats]]:
        """Return A and B of every projection, as copies."""
        return _copies(self.places(self._weights))

    def slopes(self) -> dict[str, tuple[Floats, Floats]]:
        """Return the gradients of A and B that the last pass left, as copies."""
        return _copies(self.places((self._rough_slopes * self._scale).float()))


def _there(flat: Tensor, place: Tensor) -> Tensor:
    return flat.as_strided(place.shape, place.stride(), place.storage_offset())


def _copies(places: dict[str, tuple[Tensor, Tensor]]) -> dict[str, tuple[Floats, Floats]]:
    return {name: (a.numpy().copy(), b.numpy().copy()) for name, (a, b) in places.items()}
