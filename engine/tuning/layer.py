"""One decoder layer of the Llama kind, forwards and backwards, with its weights frozen and LoRA on its projections.

Written out instead of left to autograd: nothing is recorded that a frozen layer has no use for, the projections that
share an input are one product, and no gradient of a frozen weight exists. What is added up (the residual stream, the
norms, the gradients of the adapter) is float32; products are in the precision of the weights.

N tokens, width w, H query heads and G key heads of size D, intermediate size i.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from engine.tuning.flat import Pair
from engine.tuning.packing import Block

__all__ = ["Heads", "Layer", "Saved", "backward", "forward", "norm", "norm_backward"]


@dataclass(frozen=True, slots=True)
class Heads:
    """How many heads there are and where they stand: the rotary embedding of N positions."""

    queries: int
    keys: int
    size: int
    cos: Tensor  # (N, D), float32
    sin: Tensor  # (N, D / 2)


@dataclass(frozen=True, slots=True)
class Layer:
    """The norms (w,), float32, and the four products; those without an adapter have a B without columns."""

    attention_norm: Tensor
    qkv: Pair  # w -> (H + 2 G) D
    out: Pair  # H D -> w
    mlp_norm: Tensor
    gate_up: Pair  # w -> 2 i
    down: Pair  # i -> w
    epsilon: float


@dataclass(slots=True)
class Saved:
    """What a layer keeps of its way forwards to go backwards with. ``low`` is what A made of an input (N, k r)."""

    x: Tensor  # (N, w): the input, float32
    x_scale: Tensor  # (N, 1): one over its root mean square
    read: Tensor  # (N, w): what q, k and v read
    read_low: Tensor
    q: Tensor  # (H, N, D), rotated, over √D
    k: Tensor  # (G, N, D), rotated
    v: Tensor  # (G, N, D)
    shares: list[Tensor]  # a block: (G, H / G x rows, columns), how much a position takes of another
    mixed: Tensor  # (N, H D)
    mixed_low: Tensor
    middle: Tensor  # (N, w): the input of the second half, float32
    middle_scale: Tensor
    fed: Tensor  # (N, w)
    fed_low: Tensor
    gate: Tensor  # (N, i)
    up: Tensor  # (N, i)
    active: Tensor  # (N, i): the gate after its activation
    product: Tensor  # (N, i)
    product_low: Tensor


def forward(
    layer: Layer, x: Tensor, heads: Heads, blocks: tuple[Block, ...], *, keep: bool
) -> tuple[Tensor, Saved | None]:
    """Return the layer's output (N, w), float32, and with ``keep`` what ``backward`` needs."""
    dtype = layer.qkv.weight.dtype
    read, x_scale = norm(x, layer.attention_norm, layer.epsilon, dtype)
    y, read_low = _project(read, layer.qkv)
    q, k, v = _split(y, heads)
    mixed, shares = _attend(q, k, v, blocks, keep=keep)
    y, mixed_low = _project(mixed, layer.out)
    middle = x + y
    fed, middle_scale = norm(middle, layer.mlp_norm, layer.epsilon, dtype)
    y, fed_low = _project(fed, layer.gate_up)
    gate, up = y.chunk(2, dim=1)
    active = functional.silu(gate)
    product = active * up
    y, product_low = _project(product, layer.down)
    result = middle + y
    if not keep:
        return result, None
    first = (x, x_scale, read, read_low, q, k, v, shares, mixed, mixed_low)
    return result, Saved(*first, middle, middle_scale, fed, fed_low, gate, up, active, product, product_low)


def backward(
    layer: Layer, saved: Saved, slope: Tensor, heads: Heads, blocks: tuple[Block, ...], *, last: bool
) -> Tensor | None:
    """Put the gradients of the adapter into its pairs and return that of the layer's input, None when it is the last.

    ``slope`` (N, w), float32, is the gradient of the layer's output.
    """
    given, d_y = _room(slope, layer.down)
    d_y.copy_(slope)
    d_product = _project_back(given, saved.product, saved.product_low, layer.down)
    given, d_y = _room(slope, layer.gate_up)
    d_gate, d_up = d_y.chunk(2, dim=1)
    torch.mul(d_product, saved.active, out=d_up)
    torch.ops.aten.silu_backward.grad_input(d_product.mul_(saved.up), saved.gate, grad_input=d_gate)
    d_fed = _project_back(given, saved.fed, saved.fed_low, layer.gate_up)
    slope = slope + norm_backward(d_fed, saved.middle, saved.middle_scale, layer.mlp_norm)
    given, d_y = _room(slope, layer.out)
    d_y.copy_(slope)
    d_mixed = _project_back(given, saved.mixed, saved.mixed_low, layer.out)
    given, d_y = _room(slope, layer.qkv)
    _attend_back(d_mixed, saved, heads, blocks, d_y)
    if last:
        _slopes(given, saved.read, saved.read_low, layer.qkv)
        return None
    d_read = _project_back(given, saved.read, saved.read_low, layer.qkv)
    return slope.add_(norm_backward(d_read, saved.x, saved.x_scale, layer.attention_norm))


# -- products -------------------------------------------------------------------------------------


def _project(x: Tensor, pair: Pair) -> tuple[Tensor, Tensor]:
    """Return x W^T + b + alpha/r x A^T B^T (N, out), and x A^T (N, k r)."""
    both = functional.linear(x, pair.weight, pair.bias)  # (N, out + k r)
    y, low = both[:, : pair.out], both[:, pair.out :]
    return (y.addmm_(low, pair.b.T) if low.shape[1] else y), low


def _room(like: Tensor, pair: Pair) -> tuple[Tensor, Tensor]:
    """Return room for the gradients of W x and A x (N, out + k r), and the part of it that is the first's."""
    given = torch.empty(len(like), len(pair.weight), dtype=pair.weight.dtype)
    return given, given[:, : pair.out]


def _slopes(given: Tensor, x: Tensor, low: Tensor, pair: Pair) -> None:
    """Write the gradients of A and B, and that of A x behind that of W x in ``given``."""
    d_y, d_low = given[:, : pair.out], given[:, pair.out :]
    torch.mm(d_y, pair.b, out=d_low)
    torch.mm(d_y.T, low, out=pair.b_slope)
    torch.mm(d_low.T, x, out=pair.a_slope)


def _project_back(given: Tensor, x: Tensor, low: Tensor, pair: Pair) -> Tensor:
    """Write the gradients of the pair and return that of x (N, in)."""
    _slopes(given, x, low, pair)
    return given @ pair.weight


# -- norms ----------------------------------------------------------------------------------------


def norm(x: Tensor, weight: Tensor, epsilon: float, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return x over its root mean square times the weight (N, w), in ``dtype``, and one over the root (N, 1)."""
    scale = x.square().mean(dim=1, keepdim=True).add_(epsilon).rsqrt_()
    return (x * scale).mul_(weight).to(dtype), scale


def norm_backward(slope: Tensor, x: Tensor, scale: Tensor, weight: Tensor) -> Tensor:
    """Return the gradient of x (N, w), float32, for that of what ``norm`` returned."""
    plain = x * scale
    straight = slope * weight
    along = (straight * plain).mean(dim=1, keepdim=True)
    return straight.addcmul_(plain, along, value=-1).mul_(scale)


# -- attention ------------------------------------------------------------------------------------


def _split(y: Tensor, heads: Heads) -> tuple[Tensor, Tensor, Tensor]:
    """Return q (H, N, D) and k (G, N, D), rotated, and v (G, N, D) of the product (N, (H + 2 G) D)."""
    parts = y.view(len(y), -1, heads.size).transpose(0, 1)  # (H + 2 G, N, D)
    turning = heads.queries + heads.keys
    turned = _rotate(parts[:turning].float(), heads.cos, heads.sin)
    turned[: heads.queries].mul_(heads.size**-0.5)
    turned = turned.to(y.dtype)
    return turned[: heads.queries], turned[heads.queries :], parts[turning:].contiguous()


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn (…, N, D), float32, in the half-split layout of transformers; with the opposite ``sin``, turn it back."""
    half = x.shape[-1] // 2
    turned = x * cos
    turned[..., :half].addcmul_(x[..., half:], sin, value=-1)
    turned[..., half:].addcmul_(x[..., :half], sin)
    return turned


def _attend(q: Tensor, k: Tensor, v: Tensor, blocks: tuple[Block, ...], *, keep: bool) -> tuple[Tensor, list[Tensor]]:
    """Return what each position takes of those that it sees (N, H D), and with ``keep`` the shares of each block."""
    queries, count, size = q.shape
    mixed = q.new_empty(count, queries, size)
    kept = []
    for block in blocks:
        rows, seen = block.last - block.first, slice(block.start, block.last)
        asked = q[:, block.first : block.last].reshape(len(k), -1, size)  # heads that share keys behind each other
        scores = torch.bmm(asked, k[:, seen].transpose(1, 2))  # (G, H / G x rows, columns)
        scores.view(queries, rows, -1).add_(block.mask)
        shares = torch.softmax(scores, dim=-1)
        mixed[block.first : block.last] = torch.bmm(shares, v[:, seen]).view(queries, rows, size).transpose(0, 1)
        if keep:
            kept.append(shares)
    return mixed.view(count, queries * size), kept


def _attend_back(d_mixed: Tensor, saved: Saved, heads: Heads, blocks: tuple[Block, ...], d_qkv: Tensor) -> None:
    """Write the gradient of the product of q, k and v (N, (H + 2 G) D) for that of what was mixed (N, H D)."""
    q, k, v = saved.q, saved.k, saved.v
    size, queries, keys = heads.size, heads.queries, heads.keys
    count = len(d_mixed)
    taken = d_mixed.view(count, queries, size)
    # What a position's shares lose together, as they always add up to one: the second term of the softmax's gradient.
    lost = (taken.float() * saved.mixed.view(count, queries, size)).sum(dim=2).T.to(q.dtype)  # (H, N)
    taken = taken.transpose(0, 1)
    turned = torch.zeros(queries + keys, count, size)
    d_q, d_k, d_v = turned[:queries], turned[queries:], torch.zeros(keys, count, size)
    for block, shares in zip(blocks, saved.shares, strict=True):
        rows, seen = slice(block.first, block.last), slice(block.start, block.last)
        given = taken[:, rows].reshape(keys, -1, size)
        d_v[:, seen] += torch.bmm(shares.transpose(1, 2), given)
        d_scores = torch.bmm(given, v[:, seen].transpose(1, 2))
        d_scores.sub_(lost[:, rows].reshape(keys, -1, 1)).mul_(shares)
        d_q[:, rows] = torch.bmm(d_scores, k[:, seen]).view(queries, -1, size)
        d_k[:, seen] += torch.bmm(d_scores.transpose(1, 2), q[:, rows].reshape(keys, -1, size))
    d_q.mul_(size**-0.5)
    parts = d_qkv.view(count, -1, size).transpose(0, 1)
    parts[: queries + keys] = _rotate(turned, heads.cos, -heads.sin)
    parts[queries + keys :] = d_v
