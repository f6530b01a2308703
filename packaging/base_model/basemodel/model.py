"""The training model: the maths of transformers' ``LlamaForCausalLM``, and its tensor names, in one page."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from basemodel.recipe import ModelConfig

__all__ = ["Llama", "attend_in_rows", "linear_cross_entropy", "readable"]

CHUNK_TOKENS = 1024  # logits held at once: 1024 x 8192 x 4 bytes = 32 MB
ROWS = 256  # of the attention matrix at once


class _Norm(nn.Module):
    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return functional.rms_norm(x, (x.shape[-1],), self.weight, self.eps)


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Apply the rotary embedding in the half-split layout of transformers. x: (B, H, T, D)."""
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


def readable(segments: Tensor) -> Tensor:
    """Return which token may read which, (B, 1, T, T): what is before it in its document, but of no other question.

    ``segments`` (B, T) number document x 16 + segment; segment 0 is what all questions of the document read.
    """
    mine, other = segments[:, :, None], segments[:, None, :]
    same = (mine // 16 == other // 16) & ((other % 16 == 0) | (mine == other))
    return same.tril()[:, None]


def attend_in_rows(q: Tensor, k: Tensor, v: Tensor, allowed: Tensor | None) -> Tensor:
    """Return causal attention, computed a few rows at a time against only the keys up to these rows' end.

    q, k, v: (B, H, T, D); ``allowed`` (B, 1, T, T) or None for all that is before. Compiled for a processor this is
    twice as fast as its fused attention, which a test compares it to.
    """
    length = q.shape[2]
    q = q * q.shape[-1] ** -0.5
    before = (
        torch.ones(length, length, dtype=torch.bool, device=q.device).tril()[None, None] if allowed is None else allowed
    )
    parts = []
    for first in range(0, length, ROWS):
        last = min(first + ROWS, length)
        scores = q[:, :, first:last] @ k[:, :, :last].transpose(-1, -2)  # (B, H, rows, last)
        scores = scores.masked_fill(~before[:, :, first:last, :last], -1e4)
        parts.append(torch.softmax(scores.float(), dim=-1).to(v.dtype) @ v[:, :, :last])
    return torch.cat(parts, dim=2)


class _Attention(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.heads, self.head_size = config.heads, config.head_size
        self.q_proj = nn.Linear(width, width, bias=False)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width, bias=False)
        self.o_proj = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, allowed: Tensor | None, rows: bool) -> Tensor:
        batch, length, width = x.shape
        shape = (batch, length, self.heads, self.head_size)
        q = _rotate(self.q_proj(x).view(shape).transpose(1, 2), cos, sin)
        k = _rotate(self.k_proj(x).view(shape).transpose(1, 2), cos, sin)
        v = self.v_proj(x).view(shape).transpose(1, 2)
        if rows:
            mixed = attend_in_rows(q, k, v, allowed)
        else:
            mixed = functional.scaled_dot_product_attention(q, k, v, allowed, is_causal=allowed is None)
        out: Tensor = self.o_proj(mixed.transpose(1, 2).reshape(batch, length, width))
        return out


class _Mlp(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.mlp_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.mlp_size, bias=False)
        self.down_proj = nn.Linear(config.mlp_size, config.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class _Block(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.input_layernorm = _Norm(config.hidden_size, config.norm_eps)
        self.self_attn = _Attention(config)
        self.post_attention_layernorm = _Norm(config.hidden_size, config.norm_eps)
        self.mlp = _Mlp(config)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, allowed: Tensor | None, rows: bool) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, allowed, rows)
        out: Tensor = x + self.mlp(self.post_attention_layernorm(x))
        return out


class _Body(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([_Block(config) for _ in range(config.layers)])
        self.norm = _Norm(config.hidden_size, config.norm_eps)

    def forward(self, tokens: Tensor, cos: Tensor, sin: Tensor, allowed: Tensor | None, rows: bool) -> Tensor:
        x: Tensor = self.embed_tokens(tokens)
        for block in self.layers:
            x = block(x, cos, sin, allowed, rows)
        out: Tensor = self.norm(x)
        return out


class Llama(nn.Module):
    """A Llama whose ``state_dict`` has transformers' names; the output layer is the embedding."""

    cos: Tensor
    sin: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.model = _Body(config)
        powers = torch.arange(0, config.head_size, 2, dtype=torch.float32) / config.head_size
        angles = torch.outer(torch.arange(config.context).float(), config.rope_theta**-powers)
        self.register_buffer("cos", angles.cos(), persistent=False)  # (context, head_size / 2)
        self.register_buffer("sin", angles.sin(), persistent=False)
        self._initialise()

    def _initialise(self) -> None:
        for name, weight in self.named_parameters():
            if weight.ndim < 2:
                continue
            nn.init.normal_(weight, std=0.02)
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                nn.init.zeros_(weight)  # every block starts as the identity

    def hidden(
        self, tokens: Tensor, positions: Tensor | None = None, allowed: Tensor | None = None, *, rows: bool = False
    ) -> Tensor:
        """Return the normalised last hidden states (B, T, width) of token ids (B, T).

        ``positions`` (B, T) count from 0 where they are not given, ``allowed`` is as ``readable`` has it, everything
        before a token where it is not given; ``rows`` takes ``attend_in_rows``.
        """
        if positions is None:
            cos, sin = self.cos[: tokens.shape[1]], self.sin[: tokens.shape[1]]
        else:
            cos, sin = self.cos[positions][:, None], self.sin[positions][:, None]  # (B, 1, T, head_size / 2)
        out: Tensor = self.model(tokens, cos, sin, allowed, rows)
        return out

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the logits (B, T, vocab) of token ids (B, T)."""
        return functional.linear(self.hidden(tokens), self.model.embed_tokens.weight)


class _LinearCrossEntropy(torch.autograd.Function):
    """Loss and both gradients in one pass over chunks, so that all logits never exist at once."""

    @staticmethod
    def forward(ctx, hidden, weight, targets, weights):  # type: ignore[no-untyped-def]
        total = weights.sum().clamp(min=1e-8)
        grad_hidden = torch.empty_like(hidden)
        grad_weight = torch.zeros_like(weight)
        loss = hidden.new_zeros((), dtype=torch.float32)
        for at in range(0, hidden.shape[0], CHUNK_TOKENS):
            part = slice(at, at + CHUNK_TOKENS)
            logits = hidden[part] @ weight.T  # (chunk, vocab)
            norm = torch.logsumexp(logits.float(), dim=-1, keepdim=True)  # (chunk, 1)
            picked = logits.gather(1, targets[part, None]).float()  # (chunk, 1)
            scale = (weights[part] / total)[:, None]
            loss += ((norm - picked) * scale).sum()
            slope = logits.sub_(norm.to(logits.dtype)).exp_()  # softmax, in place
            slope.scatter_add_(1, targets[part, None], -torch.ones_like(picked).to(slope.dtype))
            slope.mul_(scale.to(slope.dtype))
            torch.mm(slope, weight, out=grad_hidden[part])
            grad_weight.addmm_(slope.T, hidden[part])
        ctx.save_for_backward(grad_hidden, grad_weight)
        return loss

    @staticmethod
    def backward(ctx, grad):  # type: ignore[no-untyped-def]
        grad_hidden, grad_weight = ctx.saved_tensors
        return grad_hidden * grad, grad_weight * grad, None, None


def linear_cross_entropy(hidden: Tensor, weight: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted mean cross entropy in nats.

    hidden (N, width), weight (vocab, width) of one dtype; targets (N,) int64; weights (N,) float32,
    0 where nothing is to be learned. Differentiable in the first two.
    """
    loss: Tensor = _LinearCrossEntropy.apply(hidden, weight, targets, weights)  # type: ignore[no-untyped-call]
    return loss
