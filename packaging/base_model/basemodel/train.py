"""The training loop: driven by a time budget, resumable at any checkpoint, shippable from any of them."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from basemodel.batches import Blocks, make_batch
from basemodel.device import Hardware
from basemodel.model import Llama, linear_cross_entropy
from basemodel.muon import Muon
from basemodel.recipe import ModelConfig, Recipe, RunningShape
from basemodel.schedule import Stopwatch, rate_factor, shape_of_step

__all__ = ["Trainer", "load_model", "train"]

CHECKPOINT = "checkpoint.pt"
CHECKPOINT_SECONDS = 180.0
LOG_EVERY = 20
VALIDATION_BLOCKS = 8


@dataclass(slots=True)
class Data:
    """The three token files."""

    code: Blocks
    held_out: Blocks
    questions: Blocks | None


def open_data(folder: Path, seed: int) -> Data:
    """Open the token files of the work directory; the questions may be missing."""
    questions = None
    if (folder / "questions.bin").exists():
        questions = Blocks(folder / "questions.bin", seed, weights=folder / "questions.weights")
    return Data(Blocks(folder / "train.bin", seed), Blocks(folder / "held_out.bin", 0), questions)


class Trainer:
    """A model with its optimisers and its place in the data; one ``step`` is one update."""

    def __init__(self, config: ModelConfig, recipe: Recipe, data: Data, hardware: Hardware) -> None:
        torch.manual_seed(recipe.seed)
        self.config, self.recipe, self.data, self.hardware = config, recipe, data, hardware
        self.steps = self.tokens = 0
        self.model = Llama(config).to(hardware.device)
        named = dict(self.model.named_parameters())
        matrices = [w for name, w in named.items() if ".layers." in name and w.ndim == 2]
        others = [w for name, w in named.items() if not (".layers." in name and w.ndim == 2)]
        self.muon = Muon(matrices, recipe.muon_lr, weight_decay=recipe.weight_decay, dtype=hardware.dtype)
        self.adam = torch.optim.AdamW(others, recipe.adam_lr, betas=(0.9, 0.95), weight_decay=0.0)
        # Two lengths occur: one graph each is faster than one for all.
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

    def loss(self, inputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return the weighted mean loss in nats; inputs, targets, weights (B, T)."""
        device, dtype = self.hardware.device, self.hardware.dtype
        mixed = dtype != torch.float32
        with torch.autocast(device.type, dtype=dtype, enabled=mixed):
            hidden = self._hidden(inputs.to(device))
        table = self.model.model.embed_tokens.weight
        return linear_cross_entropy(
            hidden.flatten(0, 1).to(dtype),
            table.to(dtype),
            targets.to(device).flatten(),
            weights.to(device).flatten(),
        )

    def step(self, progress: float) -> tuple[float, RunningShape]:
        """Take one update at ``progress`` (0..1) of the budget; return its loss in nats and its shape."""
        recipe = self.recipe
        shape = shape_of_step(self.steps, progress, recipe, self.config.context)
        batch = make_batch(self.data.code, self.data.questions, shape, recipe.batch_blocks, recipe.answer_weight)
        factor = rate_factor(progress, recipe)
        self.muon.param_groups[0]["lr"] = recipe.muon_lr * factor
        self.adam.param_groups[0]["lr"] = recipe.adam_lr * factor
        loss = self.loss(*batch)
        loss.backward()  # type: ignore[no-untyped-call]
        self.muon.step()
        self.adam.step()
        self.model.zero_grad(set_to_none=True)
        self.steps += 1
        self.tokens += batch[0].numel()
        return float(loss.detach()), shape

    @torch.no_grad()
    def validate(self) -> float:
        """Return the mean loss in nats a token on the first held-out blocks, in short sequences."""
        held = self.data.held_out
        held.position = 0
        blocks = min(VALIDATION_BLOCKS, held.count)
        shape = RunningShape(min(self.recipe.short_length, self.config.context), 0)
        losses = [float(self.loss(*make_batch(held, None, shape, 1, 1.0))) for _ in range(blocks)]
        return sum(losses) / len(losses)

    def save(self, file: Path, spent: float) -> None:
        """Write a checkpoint that training resumes from and that can be exported as it is."""
        questions = self.data.questions
        state = {
            "model": {name: value.cpu() for name, value in self.model.state_dict().items()},
            "config": self.config.to_dict(),
            "recipe": asdict(self.recipe),
            "optimizer": self._optimizer_state(),
            "steps": self.steps,
            "tokens": self.tokens,
            "spent": spent,
            "positions": (self.data.code.position, questions.position if questions else 0),
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
        self.data.code.position = state["positions"][0]
        if self.data.questions is not None:
            self.data.questions.position = state["positions"][1]
        return float(state["spent"])


def load_model(file: Path) -> tuple[Llama, dict[str, Any]]:
    """Read the model of a checkpoint, and what the checkpoint says about the run."""
    state = torch.load(file, map_location="cpu", weights_only=True)
    model = Llama(ModelConfig(**state["config"]))
    model.load_state_dict(state["model"])
    return model.eval(), {key: state[key] for key in ("steps", "tokens", "spent", "recipe")}


def _log(file: Path, trainer: Trainer, watch: Stopwatch, **values: float | None) -> None:
    row = {
        "step": trainer.steps,
        "tokens": trainer.tokens,
        "seconds": round(watch.spent, 1),
        "rate": round(rate_factor(watch.progress, trainer.recipe), 4),
        **{key: round(value, 4) for key, value in values.items() if value is not None},
    }
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(row) + "\n")
    print(json.dumps(row), flush=True)


def train(trainer: Trainer, folder: Path) -> None:
    """Train until the recipe's minutes are used up, from the last checkpoint where there is one."""
    file, log = folder / CHECKPOINT, folder / "training_log.jsonl"
    watch = Stopwatch(trainer.recipe.minutes, trainer.load(file) if file.exists() else 0.0)
    saved = time.monotonic()
    plain: list[float] = []
    asked: list[float] = []
    while (progress := watch.progress) < 1.0:
        loss, shape = trainer.step(progress)
        (asked if shape.question_blocks else plain).append(loss)
        if trainer.steps % LOG_EVERY == 0:
            means = [sum(each) / len(each) if each else None for each in (plain, asked)]
            _log(log, trainer, watch, loss=means[0], loss_mixed=means[1])
            plain.clear()
            asked.clear()
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            _log(log, trainer, watch, validation=trainer.validate())
            trainer.save(file, watch.spent)
            saved = time.monotonic()
    _log(log, trainer, watch, validation=trainer.validate())
    trainer.save(file, max(watch.spent, watch.budget))
