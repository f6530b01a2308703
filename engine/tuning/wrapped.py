"""Any architecture, trained by transformers, PEFT and autograd; what ``direct`` does not know comes here.

The base is wrapped once. Between questions A is restored, B set to zero and the optimizer created anew.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from engine.models import InstalledModel
from engine.tuning.base import compute_again, load_base
from engine.tuning.examples import Encoded
from engine.tuning.flat import initial_a
from engine.tuning.passes import State
from engine.tuning.plan import TuningPlan
from engine.tuning.recipe import Recipe
from engine.types import Floats

__all__ = ["TARGET_MODULES", "WrappedModel"]

TARGET_MODULES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class WrappedModel:
    """See ``passes.Passes``."""

    together = 1 << 30  # a graphics card reads as many at once as there is room for

    def __init__(self, model: InstalledModel, plan: TuningPlan, recipe: Recipe, *, device: str, half: bool) -> None:
        """Load the weights onto ``device`` ("cpu", "cuda", "mps"); ``half`` takes products in bfloat16.

        Raises ModelError when the files are missing or damaged.
        """
        self._recipe, self._device, self._half = recipe, device, half
        self.causal = _with_adapter(load_base(model, plan), plan, recipe)
        if plan.checkpointing:
            compute_again(self.causal.model.layers)
        if device != "cpu":
            self.causal.to(device)
        self.vocabulary = int(self.causal.config.vocab_size)
        self._modules = {
            name: module for name, module in self.causal.named_modules() if "default" in getattr(module, "lora_A", {})
        }
        self._pairs = {
            name: (module.lora_A["default"].weight, module.lora_B["default"].weight)
            for name, module in self._modules.items()
        }
        self._weights = [weight for pair in self._pairs.values() for weight in pair]
        self._optimizer: Any = None
        self._initial: State = []
        self.reset()

    def reset(self) -> None:
        """Make the adapter an untrained one; the model then equals its base exactly."""
        with torch.no_grad():
            if not self._initial:
                for number, (a, _) in enumerate(self._pairs.values()):
                    a.copy_(initial_a(a.shape[0], a.shape[1], self._recipe.seed, number))
                self._initial = [a.detach().clone() for a, _ in self._pairs.values()]
            for (a, b), initial in zip(self._pairs.values(), self._initial, strict=True):
                a.copy_(initial)
                b.zero_()
                a.grad = b.grad = None
        self._optimizer = None

    def gradient(self, batch: Sequence[Encoded]) -> float:
        """Compute the gradients of a batch's mean loss and return that loss."""
        for weight in self._weights:
            weight.grad = None
        total, count = self._batch_loss(batch)
        mean = total.sum() / count.sum()
        mean.backward()  # type: ignore[no-untyped-call]
        return float(mean.detach())

    def step(self, rate: float) -> None:
        """Take an optimizer step with the gradients that ``gradient`` left."""
        if self._optimizer is None:
            self._optimizer = torch.optim.AdamW(
                self._weights, lr=rate, betas=(self._recipe.beta1, 0.999), weight_decay=0.0, fused=True
            )
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        torch.nn.utils.clip_grad_norm_(self._weights, self._recipe.clip_norm)
        self._optimizer.step()

    def losses(self, batch: Sequence[Encoded]) -> list[float]:
        """Return the loss of each example under the present adapter, nats a learned token."""
        with torch.inference_mode():
            total, count = self._batch_loss(batch)
            found: list[float] = (total / count).tolist()
            return found

    def logits(self, ids: Tensor) -> Tensor:
        """Return the logits (T, vocabulary), float32, of one text (T,)."""
        with torch.inference_mode(), self._autocast():
            logits: Tensor = self.causal(input_ids=ids[None].to(self._device)).logits[0]
            return logits.float().cpu()

    def _autocast(self) -> Any:
        return torch.autocast(self._device, torch.bfloat16, enabled=self._half)

    def _batch_loss(self, batch: Sequence[Encoded]) -> tuple[Tensor, Tensor]:
        """Return the summed nats and the number of learned tokens of each example, both (B,).

        Shorter rows are padded on the right, where a causal model's earlier positions cannot see them.
        Logits exist only at the positions that predict a learned token.
        """
        length = max(len(each.ids) for each in batch)
        ids = torch.zeros(len(batch), length, dtype=torch.long)
        learned = torch.zeros(len(batch), length, dtype=torch.bool)
        for row, each in enumerate(batch):
            ids[row, : len(each.ids)] = torch.from_numpy(each.ids)
            learned[row, : len(each.ids)] = torch.from_numpy(each.learned)
        ids, predicting = ids.to(self._device), learned[:, 1:].to(self._device)
        with self._autocast():
            hidden = self.causal.model(input_ids=ids, use_cache=False).last_hidden_state  # (B, T, width)
            logits = self.causal.lm_head(hidden[:, :-1][predicting])  # (tokens, vocab)
        logits = _capped(logits.float(), getattr(self.causal.config, "final_logit_softcapping", None))
        nats = torch.nn.functional.cross_entropy(logits, ids[:, 1:][predicting], reduction="none")
        rows = predicting.nonzero()[:, 0]
        total = torch.zeros(len(batch), device=self._device).index_add_(0, rows, nats)
        return total, predicting.sum(dim=1)

    def weaken(self, share: float) -> None:
        """Multiply what the adapter adds to the base by ``share``."""
        with torch.no_grad():
            for _, b in self._pairs.values():
                b.mul_(share)

    @contextmanager
    def base(self) -> Iterator[None]:
        """Switch the adapter off inside the ``with`` block."""
        for module in self._modules.values():
            module.enable_adapters(enabled=False)
        try:
            yield
        finally:
            for module in self._modules.values():
                module.enable_adapters(enabled=True)

    def state(self) -> State:
        """Return a copy of the adapter's weights."""
        return [weight.detach().clone() for weight in self._weights]

    def restore(self, state: State) -> None:
        """Give the adapter the weights of a copy."""
        with torch.no_grad():
            for weight, kept in zip(self._weights, state, strict=True):
                weight.copy_(kept)

    def lora_tensors(self) -> dict[str, tuple[Floats, Floats]]:
        """Return copies of A (r, in) and B (out, r) by module name."""
        return {name: (_copied(a), _copied(b)) for name, (a, b) in self._pairs.items()}

    def slopes(self) -> dict[str, tuple[Floats, Floats]]:
        """Return copies of the gradients of A and B that ``gradient`` left, by module name."""
        return {
            name: (_copied(a.grad), _copied(b.grad))
            for name, (a, b) in self._pairs.items()
            if a.grad is not None and b.grad is not None
        }


def _with_adapter(causal: Any, plan: TuningPlan, recipe: Recipe) -> Any:
    """Put the adapter into the projections of ``causal``, in place."""
    from peft import LoraConfig, get_peft_model

    # PEFT asks transformers for a property under its old name; nothing that we or the user could change.
    # Not catch_warnings: that is not safe while other threads run.
    warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
    layers = causal.config.num_hidden_layers
    some = {"layers_to_transform": list(range(layers - plan.layers, layers)), "layers_pattern": "layers"}
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        target_modules=list(TARGET_MODULES),
        lora_dropout=0.0,
        bias="none",
        task_type="CAUSAL_LM",
        **(some if plan.layers < layers else {}),
    )
    with torch.random.fork_rng(devices=[]):
        get_peft_model(causal, config)
    return causal.eval()  # no dropout anywhere: the same examples give the same adapter


def _capped(logits: Tensor, most: float | None) -> Tensor:
    """Return logits squeezed between ± ``most``, as Gemma 2 does before it chooses."""
    return logits if most is None else (logits / most).tanh() * most


def _copied(weight: Tensor) -> Floats:
    copy: Floats = weight.detach().cpu().numpy().copy()
    return copy
