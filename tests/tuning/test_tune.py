from __future__ import annotations

import math
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from engine import paths
from engine.errors import Cancelled, TuningError
from engine.models import InstalledModel
from engine.tuning import Recipe, Tuner, estimate_seconds, forget_adapters, steps_for, tune
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
    start = time.perf_counter()
    again = _tune(unloaded)
    assert time.perf_counter() - start < 0.05
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
    assert estimate_seconds("balanced", model, prepared=False) > guess + 5
    taken = _tune(tuner)
    balanced, deep = estimate_seconds("balanced", model), estimate_seconds("deep", model)
    # 19 steps were taken and 20 are estimated; writing the adapter is not training
    assert balanced == pytest.approx(taken.seconds * 20 / 19, rel=0.5)
    assert deep < balanced * steps_for("deep") / steps_for("balanced")
    (paths.adapters_directory() / "speed.json").write_text("not json", encoding="utf-8")
    assert estimate_seconds("balanced", model) == guess
    assert math.isfinite(_tune(tuner, repository="two").seconds)
    assert estimate_seconds("balanced", model) != guess
