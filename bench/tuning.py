"""Tuning against the plain loop that a manual of PEFT shows: the same examples, steps, rates and first weights.

The peer: ``get_peft_model`` on the seven projections of all layers, float32, AdamW over all LoRA matrices, the norm of
the gradient bounded, one chunk (or eight facts, padded) a step, tokens made within the loop, the model's own loss.
Neither side's loading is counted; the second table has it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.generated import is_quick, own_home
from bench.ratio import Ratio, median_seconds
from bench.row import Row
from bench.tuning_work import Work, work
from engine.models import InstalledModel
from engine.models.bundled import install_bundled
from engine.tuning import Tuner, estimate_seconds, tune
from engine.tuning.examples import Encoded, Example, ExampleEncoder, plan_steps
from engine.tuning.recipe import Recipe, recipe_for, steps_for
from engine.types import Effort

__all__ = ["THREADS", "PlainLoop", "measure", "operations"]

THREADS = 0
_EFFORT: Effort = "balanced"
_REPEATED = """
import json, sys, time
from engine.models.bundled import install_bundled
from engine.tuning import Tuner, tune
from bench.tuning_work import work
model, given = install_bundled(), work("index", int(sys.argv[1]))
start = time.perf_counter()
adapter = tune(Tuner(model), given.selected, given.held_out, given.facts, effort="balanced", repository="bench")
seconds = time.perf_counter() - start
heavy = sorted({"torch", "transformers", "peft", "tokenizers"} & set(sys.modules))
print(json.dumps([adapter.state, seconds, heavy]))
"""


@dataclass
class PlainLoop:
    """The obvious implementation, on the weights that ours has too."""

    model: InstalledModel
    recipe: Recipe
    initial: dict[str, Any]  # A and B of every projection, as arrays
    losses: list[float] = field(default_factory=list)  # of the last run, before each step

    def __post_init__(self) -> None:
        """Load the base once: neither side's loading counts."""
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        from engine.tuning.wrapped import TARGET_MODULES

        base = AutoModelForCausalLM.from_pretrained(self.model.weights, dtype=torch.float32)
        modules = list(TARGET_MODULES)
        config = LoraConfig(
            r=self.recipe.rank, lora_alpha=self.recipe.alpha, target_modules=modules, task_type="CAUSAL_LM"
        )
        self.peft = get_peft_model(base, config).train()
        self.encoder = ExampleEncoder(self.model.weights, self.model.style)
        self.first = {  # of the layers that ours leaves alone
            name: (module.lora_A["default"].weight.detach().clone(), module.lora_B["default"].weight.detach().clone())
            for name, module in self._adapters()
        }
        self.weights = [weight for weight in self.peft.parameters() if weight.requires_grad]

    def _adapters(self) -> Iterator[tuple[str, Any]]:
        for name, module in self.peft.base_model.model.named_modules():
            if "default" in getattr(module, "lora_A", {}):
                yield name, module

    def reset(self) -> None:
        """Give the adapter the first weights of ours, and its own where ours has none."""
        import torch

        with torch.no_grad():
            for name, module in self._adapters():
                a, b = map(torch.as_tensor, self.initial.get(name, self.first[name]))
                module.lora_A["default"].weight.copy_(a)
                module.lora_B["default"].weight.copy_(b)

    def run(self, steps: Sequence[Sequence[Example]]) -> float:
        """Train, and return the seconds that it took."""
        import torch

        self.reset()
        self.losses = []
        start = time.perf_counter()
        optimizer = torch.optim.AdamW(
            self.weights, lr=self.recipe.learning_rate, betas=(self.recipe.beta1, 0.999), weight_decay=0.0
        )
        for number, batch in enumerate(steps, start=1):
            ids, labels = _padded([self.encoder.encode(each, self.recipe.max_tokens) for each in batch])
            loss = self.peft(input_ids=ids, labels=labels).loss
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.weights, self.recipe.clip_norm)
            optimizer.param_groups[0]["lr"] = self.recipe.rate(number, len(steps))
            optimizer.step()
            self.losses.append(float(loss.detach()))
        return time.perf_counter() - start

    def loss_on(self, examples: Sequence[Encoded]) -> float:
        """Return the mean loss of texts under the adapter of the last run."""
        import torch

        with torch.inference_mode():
            rows = [_padded([each]) for each in examples]
            return sum(float(self.peft(input_ids=ids, labels=labels).loss) for ids, labels in rows) / len(rows)


def _padded(batch: Sequence[Encoded]) -> tuple[Any, Any]:
    import torch

    length = max(len(each.ids) for each in batch)
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    labels = torch.full((len(batch), length), -100)
    for row, each in enumerate(batch):
        tokens = torch.from_numpy(each.ids)
        ids[row, : len(tokens)] = tokens
        labels[row, : len(tokens)] = torch.where(torch.from_numpy(each.learned), tokens, -100)
    return ids, labels


def operations(model: InstalledModel, batches: Sequence[Sequence[Encoded]]) -> float:
    """Return the operations of one training: forwards, and backwards through the layers that are tuned."""
    assert model.shape is not None
    passes = 1 + recipe_for(model.parameters).layers
    return sum(passes * model.shape.forward_operations(len(each.ids)) for batch in batches for each in batch)


def measure() -> list[Ratio | Row]:
    """Return the lines of the table."""
    with own_home():
        steps = 3 if is_quick() else steps_for(_EFFORT)
        model = install_bundled()
        given = work("index", steps)
        tuner = Tuner(model)
        began = time.perf_counter()
        tuner.prepare()
        loading = time.perf_counter() - began
        lines = _speed(model, tuner, given, steps)
        lines.append(Row("loading our passes", loading, "s", note="torch and the weights; nothing was loaded before"))
        lines += _repeat(steps)
        lines += _estimates(model, tuner, steps)
        return lines


def _speed(model: InstalledModel, tuner: Tuner, given: Work, steps: int) -> list[Ratio | Row]:
    planned = plan_steps(given.selected, given.facts, steps, tuner.recipe)
    batches = [[tuner.encode(each) for each in batch] for batch in planned]
    texts = [each for batch in batches for each in batch]
    tuner.reset()
    before = sum(tuner.losses(texts)) / len(texts)
    plain = PlainLoop(model, tuner.recipe, tuner.lora_tensors())
    rounds = 1 if is_quick() else 3
    ours, peer = median_seconds(lambda: tuner.train(batches).seconds, lambda: plain.run(planned), rounds=rounds)
    after, theirs = sum(tuner.losses(texts)) / len(texts), plain.loss_on(texts)
    half = bool(tuner._bf16)
    tokens = sum(len(each.ids) for each in texts)
    flops, limit = operations(model, batches) / ours, _product_flops(half=half)
    note = f"{len(planned)} steps, {tokens} tokens, {'bfloat16' if half else 'float32'}, {tuner.threads} threads"
    return [
        Ratio("tuning, a step after the other", ours / len(planned), peer / len(planned), must=2, aim=4, note=note),
        Row("the loss before", before, "nats a token"),
        Row("the loss after, plain loop", theirs, "nats a token"),
        Row("the loss after, ours", after, "nats a token"),
        Row("our loss over the plain loop's", 100 * (after / theirs - 1), "%", must=1, note="no more than that above"),
        Row("speed of the run", flops / 1e9, "GFLOP/s"),
        Row("speed of a plain product", limit / 1e9, "GFLOP/s", note="2048 by 2048, the same precision and threads"),
        Row("share of the limit", 100 * flops / limit, "%"),
    ]


def _product_flops(*, half: bool) -> float:
    import torch

    size, best = 2048, 0.0
    dtype = torch.bfloat16 if half else torch.float32
    a, b = torch.randn(size, size).to(dtype), torch.randn(size, size).to(dtype)
    for _ in range(5):
        start = time.perf_counter()
        a @ b
        best = max(best, 2.0 * size**3 / (time.perf_counter() - start))
    return best


def _repeat(steps: int) -> list[Row]:
    """Answer the same question twice, the second time in a process of its own that has loaded nothing."""
    given = work("index", steps)
    first = tune(
        Tuner(install_bundled()), given.selected, given.held_out, given.facts, effort=_EFFORT, repository="bench"
    )
    command = [sys.executable, "-P", "-c", _REPEATED, str(steps)]
    root = str(Path(__file__).resolve().parent.parent)
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": root}, stdout=subprocess.PIPE, check=True)
    state, seconds, heavy = json.loads(done.stdout)
    remembered = {"tuned": "reused"}.get(first.state, first.state)
    note = f"{state}; loaded for it: {', '.join(heavy) or 'nothing heavy'}"
    if state != remembered or heavy:
        raise SystemExit(f"the repeat was {state} after {first.state} and loaded {heavy}")
    return [Row("an exact repeat, the whole call", 1e3 * seconds, "ms", must=50, note=note)]


def _estimates(model: InstalledModel, tuner: Tuner, steps: int) -> list[Row]:
    """Compare what is expected with what is taken, before the first run on this machine and after it."""
    from engine import paths

    (paths.adapters_directory() / "speed.json").unlink(missing_ok=True)
    rows = []
    for number, folder in enumerate(("models", "chunking", "checking"), start=1):
        given = work(folder, steps, seed=number)
        expected = estimate_seconds(_EFFORT, model)
        taken = tune(tuner, given.selected, given.held_out, given.facts, effort=_EFFORT, repository="bench").seconds
        off = 100 * abs(expected / taken - 1)
        must = None if is_quick() else 30.0  # a short run is not what was asked about
        known = "from a product timed here" if number == 1 else "from the runs before"
        note = f"{expected:.2f} s expected {known}, {taken:.2f} s taken"
        rows.append(Row(f"the estimate of run {number}, off by", off, "%", must=must, note=note))
    return rows
