from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import paths
from engine.errors import Cancelled, TuningError
from engine.models import InstalledModel
from engine.tuning import Recipe, Tuner, estimate_seconds, forget_adapters, steps_for, tune
from engine.tuning.examples import gate_document, plan_steps, unrelated_documents
from engine.tuning.gate import STRENGTH, WEAKER, Budget, Gate, Unrelated, harm_of
from engine.types import Adapter, Report
from tests.tuning.conftest import RECIPE, function, pick

FACTS = [("What calls `handler_1`?", "`handler_1` is called by `main`.")]
SELECTED = [pick(number, picks=3) for number in range(6)]
RELATED = [function(number) for number in range(12)]


def _tune(tuner: Tuner, **changes: object) -> Adapter:
    settings: dict[str, object] = {"effort": "balanced", "repository": "one"}
    return tune(tuner, SELECTED, RELATED, FACTS, **{**settings, **changes})  # type: ignore[arg-type]


def _files() -> list[Path]:
    return [path for path in paths.adapters_directory().iterdir() if path.name != "speed.json"]


def test_a_helpful_adapter_is_kept_and_reused_without_a_model(model: InstalledModel, tuner: Tuner) -> None:
    reports: list[Report] = []
    first = _tune(tuner, progress=reports.append)
    assert first.state == "tuned" and Path(first.path).is_file()
    assert first.steps == 18 + 1 == len(reports)
    assert first.loss_before is not None and first.loss_after is not None
    assert first.loss_after < first.loss_before
    assert f"{first.loss_after:.3f}" in first.reason

    unloaded = Tuner(model, recipe=RECIPE)
    start = time.thread_time()  # of this thread's own, so that a busy machine does not count
    again = _tune(unloaded)
    assert time.thread_time() - start < 0.05
    assert not unloaded.prepared
    assert again.state == "reused" and again.path == first.path and again.key == first.key
    assert (again.steps, again.loss_before, again.loss_after) == (first.steps, first.loss_before, first.loss_after)

    assert forget_adapters("two") == 0
    assert forget_adapters("one") == 1
    assert _files() == []


def test_an_adapter_that_does_not_help_is_dropped_and_the_verdict_remembered(tuner: Tuner) -> None:
    noise = [replace(function(n), path="日本語", text="語テ日キ本ト" * (n + 3)) for n in range(6)]
    first = tune(tuner, SELECTED, noise, [], effort="balanced", repository="one")
    assert first.state == "dropped" and first.path == "" and first.reason.startswith("Dropped")
    assert first.loss_before is not None and first.loss_after is not None
    again = tune(tuner, SELECTED, noise, [], effort="balanced", repository="one")
    assert again == replace(first, seconds=again.seconds)
    assert [path.suffix for path in _files()] == [".json"]


def test_nothing_to_do_is_skipped_with_a_reason(model: InstalledModel) -> None:
    unloaded = Tuner(model, recipe=RECIPE)
    instant = _tune(unloaded, effort="instant")
    nothing = tune(unloaded, [], RELATED, FACTS, effort="deep", repository="one")
    unchecked = tune(unloaded, SELECTED, RELATED[:7], FACTS, effort="deep", repository="one")
    assert [each.state for each in (instant, nothing, unchecked)] == ["skipped"] * 3
    assert len({each.reason for each in (instant, nothing, unchecked)} - {""}) == 3
    assert not unloaded.prepared and _files() == []


def test_skip_and_cancel_leave_nothing_behind(tuner: Tuner) -> None:
    stop = threading.Event()
    skipped = _tune(tuner, skip=stop, progress=lambda report: stop.set() if report.done == 3 else None)
    assert skipped.state == "skipped" and skipped.steps == 3 and skipped.path == ""
    assert "3 of 19 steps" in skipped.reason
    with pytest.raises(Cancelled):
        _tune(tuner, cancel=stop)
    assert _files() == []


def test_divergence_is_an_error_that_leaves_nothing_behind(model: InstalledModel) -> None:
    wild = Tuner(model, recipe=Recipe(rank=4, learning_rate=1e30, max_tokens=128), threads=1)
    with pytest.raises(TuningError):
        _tune(wild)
    assert _files() == []


def test_the_estimate_is_learned_from_the_last_runs(model: InstalledModel, tuner: Tuner) -> None:
    assert estimate_seconds("instant", model) == 0.0
    guess = estimate_seconds("balanced", model)
    assert 0 < guess < estimate_seconds("deep", model)
    assert estimate_seconds("balanced", model, prepared=False) > guess + 2
    taken = _tune(tuner)
    balanced, deep = estimate_seconds("balanced", model), estimate_seconds("deep", model)
    assert balanced == pytest.approx(taken.seconds, rel=0.5)  # writing the adapter is not training
    assert balanced < deep < balanced * 2 * steps_for("deep") / steps_for("balanced")
    (paths.adapters_directory() / "speed.json").write_text("not json", encoding="utf-8")
    assert estimate_seconds("balanced", model) == guess
    assert math.isfinite(_tune(tuner, repository="two").seconds)
    assert estimate_seconds("balanced", model) != guess


def test_learning_goes_on_as_long_as_it_harms_nothing_else(
    model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = Tuner(model, recipe=replace(RECIPE, short=0.4, fewest=2, more=0.2), threads=1, bf16=False)
    looks: list[float] = []

    def harm(_: Unrelated) -> dict[str, float]:
        looks.append(len(looks))
        return {"code": -0.1, "plain English": 0.1 if len(looks) == 3 else -0.1}

    whole = _tune(some, repository="never harmed").steps
    monkeypatch.setattr(Unrelated, "harm", harm)
    # Of 18 chunk steps and one of facts 8 are planned at first; the third look, four and four later, finds harm.
    assert _tune(some, repository="harmed").steps == 16
    assert len(looks) == 4  # the gate takes over what the third one found, and looks at a weaker adapter
    assert whole in {8, 12, 16, 19}


def test_a_look_at_harm_changes_nothing_of_what_is_learned(
    model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Unrelated, "harm", lambda _: {"code": -0.1})
    some = Tuner(model, recipe=replace(RECIPE, decay=False), threads=1, bf16=False)
    batches = [[some.encode(each) for each in batch] for batch in plan_steps(DIGITS, [], 20, RECIPE)]
    some.train(batches)
    at_once = some.lora_tensors()
    some.recipe = replace(some.recipe, short=0.2, fewest=1, more=0.2)
    budget = Budget(some, len(batches), Unrelated(some))
    assert budget.last < len(batches)
    some.train(batches, after_step=budget.after_step, first_plan=budget.last)
    assert budget.last == len(batches)
    for name, (a, b) in some.lora_tensors().items():
        assert np.array_equal(a, at_once[name][0]) and np.array_equal(b, at_once[name][1])


# Trained on nothing but digits, and hard, the model comes to expect no letters.
DIGITS = [replace(pick(n, picks=3), chunk=replace(function(n), text=f"{'0123456789 ' * 12}{n}")) for n in range(6)]
UNSEEN = [replace(function(n), text="456789 0123" * (n + 3)) for n in range(6, 12)]
HARD = replace(RECIPE, learning_rate=6e-2)


def test_harm_to_unrelated_text_drops_the_adapter_and_is_named(
    model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.tuning.gate.MOST_HARM", -1.0)  # whatever its strength
    hard = Tuner(model, recipe=HARD, threads=1, bf16=False)
    once = tune(hard, DIGITS, UNSEEN, [], effort="balanced", repository="one")
    assert once.state == "dropped" and once.path == ""
    assert once.loss_before is not None and once.loss_after is not None and once.loss_after < once.loss_before
    assert re.search(r"but on (plain English|code) it rose by \d+\.\d %\.$", once.reason), once.reason


def test_an_adapter_that_harms_at_full_strength_only_is_used_weaker(
    model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    hard = Tuner(model, recipe=HARD, threads=1, bf16=False)
    steps = [[hard.encode(each) for each in batch] for batch in plan_steps(DIGITS, [], 20, HARD)]
    gate = Gate(hard, [hard.encode(gate_document(chunk)) for chunk in UNSEEN])

    def harm() -> float:
        found = {}
        for kind, texts in unrelated_documents().items():
            encoded, before = hard.untuned_losses(texts)
            found[kind] = harm_of(before, hard.losses(encoded))
        return max(found.values())

    hard.train(steps)
    whole, weaker = hard.lora_tensors(), next(iter(WEAKER))
    hard.weaken(STRENGTH)
    full = harm()
    hard.weaken(weaker / STRENGTH)
    assert 0 < harm() < full
    monkeypatch.setattr("engine.tuning.gate.MOST_HARM", (harm() + full) / 2)
    hard.train(steps)
    verdict = gate.settle()
    assert verdict.keep and verdict.strength == weaker
    assert re.search(r"It is used at two thirds of its strength: at all of it (plain English|code) w", verdict.reason)
    for name, (a, b) in hard.lora_tensors().items():
        assert np.array_equal(a, whole[name][0]) and np.allclose(b, whole[name][1] * weaker, rtol=1e-6)


@pytest.mark.parametrize("phase", ["before", "after"])
def test_the_gate_is_skipped_and_cancelled_too(
    model: InstalledModel, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    some = Tuner(model, recipe=RECIPE, threads=1, bf16=False)
    some.prepare()
    stop = threading.Event()
    losses, seen = some.losses, []

    def wanted_now(*arguments: Any, **options: Any) -> list[float]:
        seen.append(arguments)
        if len(seen) == (1 if phase == "before" else 4):  # two kinds of unrelated text and the gate come before
            stop.set()
        return losses(*arguments, **options)

    monkeypatch.setattr(some, "losses", wanted_now)
    adapter = _tune(some, skip=stop)
    assert (adapter.state, adapter.steps) == ("skipped", 0 if phase == "before" else 19)
    stop.clear()
    seen.clear()
    with pytest.raises(Cancelled):
        _tune(some, cancel=stop)
    assert _files() == []


CLOSING = """
import os, sys
from dataclasses import replace
from pathlib import Path
from engine.models.local import install_folder
from engine.tuning import Tuner, tune
from tests.tuning.conftest import RECIPE, function, pick

def killed(report):
    if report.done == 2:
        print(*sorted({"peft", "torch", "torch._dynamo", "transformers"} & set(sys.modules)), flush=True)
        os.kill(os.getpid(), 9)

tuner = Tuner(install_folder(Path(sys.argv[1]), "tiny"), recipe=RECIPE, threads=1)
related = [function(number) for number in range(6, 14)]
tune(tuner, [pick(n) for n in range(6)], related, [], effort="balanced", repository="one", progress=killed)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_process_that_ends_midway_leaves_nothing_behind_and_has_loaded_no_more_than_torch(
    model: InstalledModel,
) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", CLOSING, str(model.weights)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        timeout=120,
        check=False,
    )
    assert done.returncode == -9
    assert done.stdout.decode().split() == ["torch"]
    assert _files() == []
