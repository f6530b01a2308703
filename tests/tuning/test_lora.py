from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import Cancelled, ModelError, TuningError
from engine.generation.llama import Llama
from engine.models import InstalledModel
from engine.models.local import install_folder
from engine.tuning import Recipe, Tuner
from engine.tuning.examples import Encoded, QuestionAnswer, document, plan_steps
from engine.tuning.wrapped import TARGET_MODULES
from engine.types import Report
from tests.models.tiny import ARCHITECTURES, Architecture, tiny_model
from tests.tuning.conftest import RECIPE, function, pick

ATTACHED_TOLERANCE = 1e-2  # of logits: what the project promises for an exported adapter


def _steps(tuner: Tuner, count: int = 4) -> list[list[Encoded]]:
    planned = plan_steps([pick(n) for n in range(count)], [("Where is `f`?", "`f` is in app.py.")] * 4, 60, RECIPE)
    return [[tuner.encode(each) for each in batch] for batch in planned]


def _logits(tuner: Tuner, ids: np.ndarray) -> np.ndarray:
    tuner.prepare()
    assert tuner._passes is not None
    return np.asarray(tuner._passes.logits(torch.from_numpy(ids)).numpy())


def _plain(model: InstalledModel, ids: np.ndarray) -> np.ndarray:
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(model.weights, dtype=torch.float32).eval()
    with torch.inference_mode():
        return np.asarray(base(input_ids=torch.from_numpy(ids)[None]).logits[0].numpy())


def test_training_lowers_the_loss_and_reset_gives_the_base_exactly(model: InstalledModel, tuner: Tuner) -> None:
    ids = tuner.encode(document(function(1))).ids
    tuner.reset()
    base = _logits(tuner, ids)
    assert np.abs(base - _plain(model, ids)).max() < 1e-4
    steps = _steps(tuner) * 4
    training = tuner.train(steps)
    assert len(training.losses) == len(steps) and not training.skipped
    assert np.mean(training.losses[-4:]) < np.mean(training.losses[:4]) - 0.2
    assert np.abs(_logits(tuner, ids) - base).max() > 0.1
    with tuner.base():
        assert np.array_equal(_logits(tuner, ids), base)
    tuner.weaken(0.0)
    assert np.array_equal(_logits(tuner, ids), base)
    tuner.reset()
    assert np.array_equal(_logits(tuner, ids), base)


def test_same_examples_same_adapter_whatever_was_trained_before(tuner: Tuner) -> None:
    steps = _steps(tuner)
    tuner.train(steps)
    first = tuner.lora_tensors()
    tuner.train([[tuner.encode(document(function(9)))]] * 3)
    other = tuner.lora_tensors()
    tuner.train(steps)
    again = tuner.lora_tensors()
    assert len(first) == 7 * 2  # seven projections in each of two layers
    for name, (a, b) in first.items():
        assert np.array_equal(again[name][0], a) and np.array_equal(again[name][1], b)
        assert not np.array_equal(other[name][1], b)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_a_step_is_what_plain_peft_and_torch_do(model: InstalledModel, tuner: Tuner) -> None:
    """The slow obvious way: labels and the library's own loss, one padded row a forward pass."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    steps = _steps(tuner)
    tuner.reset()
    initial = tuner.lora_tensors()
    plain = get_peft_model(
        AutoModelForCausalLM.from_pretrained(model.weights, dtype=torch.float32),
        LoraConfig(r=RECIPE.rank, lora_alpha=RECIPE.alpha, target_modules=list(TARGET_MODULES), task_type="CAUSAL_LM"),
    ).eval()
    weights = {}
    with torch.no_grad():
        for name, module in plain.base_model.model.named_modules():
            if "default" in getattr(module, "lora_A", {}):
                weights[name] = (module.lora_A["default"].weight, module.lora_B["default"].weight)
                weights[name][0].copy_(torch.from_numpy(initial[name][0]))
    trained = [weight for pair in weights.values() for weight in pair]
    optimizer = torch.optim.AdamW(trained, lr=RECIPE.learning_rate, betas=(RECIPE.beta1, 0.999), weight_decay=0.0)
    losses = []
    for number, batch in enumerate(steps):
        optimizer.param_groups[0]["lr"] = RECIPE.learning_rate * (1 - number / len(steps))
        total, count = torch.zeros(()), 0
        for each in batch:
            labels = torch.where(torch.from_numpy(each.learned), torch.from_numpy(each.ids), -100)[None]
            targets = int(each.learned.sum())
            total = total + plain(input_ids=torch.from_numpy(each.ids)[None], labels=labels).loss * targets
            count += targets
        loss = total / count
        losses.append(float(loss.detach()))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, RECIPE.clip_norm)
        optimizer.step()
    training = tuner.train(steps)
    assert training.losses == pytest.approx(losses, rel=1e-4)
    tuned = tuner.lora_tensors()
    for name, (a, b) in weights.items():
        assert np.abs(tuned[name][0] - a.detach().numpy()).max() < 2e-3
        assert np.abs(tuned[name][1] - b.detach().numpy()).max() < 2e-3


def test_losses_of_a_padded_batch_equal_those_alone(tuner: Tuner) -> None:
    examples = [
        tuner.encode(document(function(1))),
        tuner.encode(QuestionAnswer("What?", "That.")),
        tuner.encode(QuestionAnswer("What calls `handler_1`?", "`handler_1` is called by nobody at all.")),
    ]
    tuner.train(_steps(tuner))
    together = tuner.losses(examples)
    assert together == pytest.approx([tuner.losses([each])[0] for each in examples], rel=1e-5)
    assert len(set(together)) == 3
    nothing = Encoded(np.array([1, 2]), np.array([False, False]))
    with pytest.raises(ValueError, match="no loss"):
        tuner.losses([nothing])


def test_progress_skip_and_cancel_take_effect_at_the_next_step(tuner: Tuner) -> None:
    steps = _steps(tuner)
    reports: list[Report] = []
    tuner.train(steps, progress=reports.append)
    assert [report.done for report in reports] == list(range(1, len(steps) + 1))
    assert all(report.total == len(steps) and report.values["loss"] > 0 for report in reports)
    assert reports[-1].values["seconds_left"] == 0.0

    stop = threading.Event()
    training = tuner.train(steps, progress=lambda report: stop.set() if report.done == 2 else None, skip=stop)
    assert training.skipped and len(training.losses) == 2
    with pytest.raises(Cancelled):
        tuner.train(steps, cancel=stop)


def test_who_looks_after_a_step_may_end_the_run_sooner_or_later(tuner: Tuner) -> None:
    steps = _steps(tuner)
    ended = tuner.train(steps, after_step=lambda number: 3 if number == 2 else None)
    assert len(ended.losses) == 3
    again = tuner.train(steps, first_plan=3)
    assert len(again.losses) == 3
    assert again.losses[:2] == ended.losses[:2]  # the first step is taken at the same rate
    assert again.losses[2] != ended.losses[2]  # a shorter plan lowers it sooner
    longer = tuner.train(steps, first_plan=2, after_step=lambda number: 99 if number == 1 else None)
    assert len(longer.losses) == len(steps)


def test_the_tokens_of_an_example_are_made_once(tuner: Tuner) -> None:
    assert tuner.encode(document(function(1))) is tuner.encode(document(function(1)))
    texts = (document(function(1)), document(function(2)))
    tuner.train(_steps(tuner))
    encoded, losses = tuner.untuned_losses(texts)
    assert tuner.untuned_losses(texts)[1] is losses
    assert losses != tuner.losses(encoded)
    with tuner.base():
        assert losses == tuner.losses(encoded)


def test_a_diverging_run_is_one_sentence(model: InstalledModel) -> None:
    wild = Tuner(model, recipe=Recipe(rank=4, learning_rate=1e30, max_tokens=128), threads=1)
    steps = _steps(wild)
    with pytest.raises(TuningError, match="diverged at step"):
        wild.train(steps * 5)
    wild.reset()
    assert all(np.isfinite(wild.losses([batch[0]])[0]) for batch in steps)


def test_missing_or_damaged_weights_are_one_sentence(tmp_path: Path, model: InstalledModel) -> None:
    with pytest.raises(ModelError):
        Tuner(replace(model, weights=tmp_path)).prepare()
    folder = tiny_model(tmp_path / "damaged")
    for shard in folder.glob("*.safetensors"):
        shard.write_bytes(shard.read_bytes()[:2000])
    with pytest.raises(ModelError):
        Tuner(replace(model, weights=folder)).prepare()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_exported_adapter_gives_the_same_logits_in_llama_cpp(tmp_path: Path, architecture: Architecture) -> None:
    installed = install_folder(tiny_model(tmp_path / "weights", architecture), architecture)
    tuner = Tuner(installed, recipe=RECIPE, threads=1, bf16=False)
    steps = _steps(tuner)
    ids = steps[0][0].ids
    before = _logits(tuner, ids)
    tuner.train(steps * 3)
    tuned = _logits(tuner, ids)
    assert np.abs(tuned - before).max() > 10 * ATTACHED_TOLERANCE
    adapter = tmp_path / "adapter.gguf"
    tuner.export(adapter)
    with Llama(installed.gguf, context=256, threads=1) as llama:
        base = llama.logits(ids.tolist())
        attached = llama.logits(ids.tolist(), adapter)
        assert np.array_equal(llama.logits(ids.tolist()), base)
    assert np.abs(base - before).max() < ATTACHED_TOLERANCE
    assert np.abs(attached - tuned).max() < ATTACHED_TOLERANCE


def test_bfloat16_learns_what_float32_learns(model: InstalledModel, tuner: Tuner) -> None:
    rounded = Tuner(model, recipe=RECIPE, threads=1, bf16=True)
    steps = _steps(tuner) * 4
    unseen = [tuner.encode(document(function(number))) for number in range(20, 24)]
    exact = tuner.train(steps), tuner.losses(unseen)
    rough = rounded.train(steps), rounded.losses(unseen)
    assert rough[0].losses == pytest.approx(exact[0].losses, abs=0.05)
    assert rough[1] == pytest.approx(exact[1], abs=0.05)
    assert rough[1] != exact[1]
