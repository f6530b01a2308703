"""The training loop: driven by a time budget, resumable at any checkpoint, shippable from any of them."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from basemodel.batches import Blocks
from basemodel.device import Hardware
from basemodel.model import Llama, linear_cross_entropy
from basemodel.muon import Muon
from basemodel.recipe import ModelConfig, ReadingRecipe, Recipe
from basemodel.schedule import Stopwatch, rate_factor, shape_of_step

__all__ = ["Optimised", "Trainer", "load_model", "open_data", "train"]

CHECKPOINT_SECONDS = 180.0
LOG_EVERY = 20
VALIDATION_BLOCKS = 8


@dataclass(slots=True)
class Data:
    """The token files of the first run."""

    code: Blocks
    held_out: Blocks


def open_data(folder: Path, seed: int) -> Data:
    """Open the token files of the work directory."""
    return Data(Blocks(folder / "train.bin", seed), Blocks(folder / "held_out.bin", 0))


class Optimised:
    """A model with its optimisers, on its hardware: what both runs share."""

    def __init__(self, config: ModelConfig, recipe: Recipe | ReadingRecipe, hardware: Hardware) -> None:
        torch.manual_seed(recipe.seed)
        self.config, self.hardware = config, hardware
        self.rates = (recipe.muon_lr, recipe.adam_lr)
        self.settings = asdict(recipe)
        self.steps = self.tokens = 0
        self.model = Llama(config).to(hardware.device)
        named = dict(self.model.named_parameters())
        matrices = [w for name, w in named.items() if ".layers." in name and w.ndim == 2]
        others = [w for name, w in named.items() if not (".layers." in name and w.ndim == 2)]
        self.muon = Muon(matrices, recipe.muon_lr, weight_decay=recipe.weight_decay, dtype=hardware.dtype)
        self.adam = torch.optim.AdamW(others, recipe.adam_lr, betas=(0.9, 0.95), weight_decay=0.0)
        # Few shapes occur: one graph each is faster than one for all.
        self._hidden = torch.compile(self.model.hidden, dynamic=False) if hardware.compiled else self.model.hidden

    def _optimizer_state(self) -> dict[str, dict[str, Any]]:
        states: dict[str, dict[str, Any]] = {}
        for name, weight in self.model.named_parameters():
            for optimizer in (self.muon, self.adam):
                if weight in optimizer.state:
                    states[name] = dict(optimizer.state[weight])
        return states

    def _load_optimizer_state(self, states: dict[str, dict[str, Any]]) -> None:
        mine = {id(w) for group in self.muon.param_groups for w in group["params"]}
        for name, weight in self.model.named_parameters():
            optimizer = self.muon if id(weight) in mine else self.adam
            if name in states:
                optimizer.state[weight] = {
                    key: value.to(weight.device) if key != "step" and isinstance(value, Tensor) else value
                    for key, value in states[name].items()
                }

    def hidden(self, inputs: Tensor, positions: Tensor | None = None, allowed: Tensor | None = None) -> Tensor:
        """Return the last hidden states (B, T, width), see ``Llama.hidden``."""
        device, dtype = self.hardware.device, self.hardware.dtype
        with torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
            placed = None if positions is None else positions.to(device)
            return self._hidden(inputs.to(device), placed, allowed, rows=device.type == "cpu")

    def cross_entropy(self, hidden: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return the weighted mean loss in nats; hidden (B, T, width), targets and weights (B, T)."""
        device, dtype = self.hardware.device, self.hardware.dtype
        counted = weights.flatten().nonzero().flatten()
        return linear_cross_entropy(
            hidden.flatten(0, 1)[counted.to(device)].to(dtype),
            self.model.model.embed_tokens.weight.to(dtype),
            targets.flatten()[counted].to(device),
            weights.flatten()[counted].to(device),
        )

    def update(self, factor: float) -> None:
        """Take a step along the gradients with the rates times ``factor``."""
        self.muon.param_groups[0]["lr"] = self.rates[0] * factor
        self.adam.param_groups[0]["lr"] = self.rates[1] * factor
        self.muon.step()
        self.adam.step()
        self.model.zero_grad(set_to_none=True)
        self.steps += 1

    def step(self, progress: float) -> dict[str, float]:
        """Take one update at ``progress`` (0..1) of the budget; return its losses in nats a token."""
        raise NotImplementedError

    def validate(self) -> dict[str, float]:
        """Return the figures of held-out text."""
        raise NotImplementedError

    def positions(self) -> dict[str, int]:
        """Return where in the data the run is."""
        raise NotImplementedError

    def seek(self, positions: dict[str, int]) -> None:
        """Go on where a run was."""
        raise NotImplementedError

    def save(self, file: Path, spent: float) -> None:
        """Write a checkpoint that training resumes from and that can be exported as it is."""
        state = {
            "model": {name: value.cpu() for name, value in self.model.state_dict().items()},
            "config": self.config.to_dict(),
            "recipe": self.settings,
            "optimizer": self._optimizer_state(),
            "steps": self.steps,
            "tokens": self.tokens,
            "spent": spent,
            "positions": self.positions(),
        }
        partial = file.with_suffix(".part")
        torch.save(state, partial)
        partial.replace(file)

    def load(self, file: Path) -> float:
        """Continue from a checkpoint; return the seconds that were spent when it was written.

        Raises ValueError when it holds a model of another shape.
        """
        state = torch.load(file, map_location="cpu", weights_only=True)
        if state["config"] != self.config.to_dict():
            raise ValueError(f"{file} holds another model: {state['config']}")
        self.model.load_state_dict(state["model"])
        self._load_optimizer_state(state["optimizer"])
        self.steps, self.tokens = state["steps"], state["tokens"]
        self.seek(state["positions"])
        return float(state["spent"])


class Trainer(Optimised):
    """The first run: a model that learns to continue code."""

    def __init__(self, config: ModelConfig, recipe: Recipe, data: Data, hardware: Hardware) -> None:
        super().__init__(config, recipe, hardware)
        self.recipe = recipe
        self.data = data

    def _loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        return self.cross_entropy(self.hidden(inputs), targets, torch.ones(inputs.shape))

    def step(self, progress: float) -> dict[str, float]:
        """Take one update at ``progress`` (0..1) of the budget; return its loss in nats a token."""
        recipe = self.recipe
        length = shape_of_step(self.steps, progress, recipe, self.config.context).length
        inputs, targets = self.data.code.take(recipe.batch_blocks, length)
        loss = self._loss(inputs, targets)
        loss.backward()  # type: ignore[no-untyped-call]
        self.update(rate_factor(progress, recipe))
        self.tokens += inputs.numel()
        return {"loss": float(loss.detach())}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Return the mean loss on the first held-out blocks, in short sequences."""
        held = self.data.held_out
        held.position = 0
        blocks = min(VALIDATION_BLOCKS, held.count)
        length = min(self.recipe.short_length, self.config.context)
        losses = [float(self._loss(*held.take(1, length))) for _ in range(blocks)]
        return {"validation": sum(losses) / len(losses)}

    def positions(self) -> dict[str, int]:
        """Return where in the data the run is."""
        return {"code": self.data.code.position}

    def seek(self, positions: dict[str, int]) -> None:
        """Go on where a run was."""
        self.data.code.position = positions["code"]


def load_model(file: Path) -> tuple[Llama, dict[str, Any]]:
    """Read the model of a checkpoint, and what the checkpoint says about the run."""
    state = torch.load(file, map_location="cpu", weights_only=True)
    model = Llama(ModelConfig(**state["config"]))
    model.load_state_dict(state["model"])
    return model.eval(), {key: state[key] for key in ("steps", "tokens", "spent", "recipe")}


def _log(file: Path, trainer: Optimised, watch: Stopwatch, factor: float, values: dict[str, float]) -> None:
    row = {
        "step": trainer.steps,
        "tokens": trainer.tokens,
        "seconds": round(watch.spent, 1),
        "rate": round(factor, 4),
        **{key: round(value, 4) for key, value in values.items()},
    }
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(row) + "\n")
    print(json.dumps(row), flush=True)


def train(trainer: Optimised, recipe: Recipe | ReadingRecipe, folder: Path, name: str) -> None:
    """Train until the recipe's minutes are used up, from the run's last checkpoint where there is one.

    Writes ``NAME.pt`` and ``NAME_log.jsonl``.
    """
    file, log = folder / f"{name}.pt", folder / f"{name}_log.jsonl"
    watch = Stopwatch(recipe.minutes, trainer.load(file) if file.exists() else 0.0)
    saved = time.monotonic()
    losses: dict[str, list[float]] = {}
    while (progress := watch.progress) < 1.0:
        factor = rate_factor(progress, recipe)
        for key, value in trainer.step(progress).items():
            losses.setdefault(key, []).append(value)
        if trainer.steps % LOG_EVERY == 0:
            _log(log, trainer, watch, factor, {key: sum(each) / len(each) for key, each in losses.items()})
            losses.clear()
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            _log(log, trainer, watch, factor, trainer.validate())
            trainer.save(file, watch.spent)
            saved = time.monotonic()
    _log(log, trainer, watch, 0.0, trainer.validate())
    trainer.save(file, max(watch.spent, watch.budget))
