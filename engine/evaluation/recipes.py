"""Which numbers to train with: a grid of recipes, each measured on the same functions written later."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

from engine.errors import TuningError, UsageError
from engine.evaluation.learners import SHIPPED
from engine.evaluation.ledger import Ledger
from engine.evaluation.metrics import Difference, paired_bootstrap_of_repositories
from engine.evaluation.perplexity import Later, Measure, PerplexityReport, evaluate_perplexity
from engine.models import InstalledModel
from engine.tuning.lora import Tuner
from engine.tuning.recipe import Recipe, recipe_for
from engine.types import CancelToken, Progress

__all__ = ["RecipesReport", "Trial", "evaluate_recipes", "trials_of"]

_OF_MEASURE = ("noise", "lines", "repeats")


@dataclass(frozen=True, slots=True)
class Trial:
    """One way to train."""

    name: str  # what differs from the defaults: "learning_rate=0.001 rank=8"
    recipe: Recipe
    measure: Measure


@dataclass(frozen=True, slots=True, eq=False)
class RecipesReport:
    """What each trial measured, and how much lower its percentage of base is than the first one's."""

    reports: Mapping[str, PerplexityReport]
    failed: Mapping[str, str]  # why a trial has no figures: it diverged
    gains: Mapping[str, Difference]  # over the first trial; above zero: better
    kept: Mapping[str, Difference]  # the same of what a user gets: the adapter as the gate leaves it
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``evaluate recipe --json`` prints."""
        return {
            "trials": {name: report.as_json() for name, report in self.reports.items()},
            "failed": dict(self.failed),
            "gains": _as_json(self.gains),
            "kept": _as_json(self.kept),
            "seconds": self.seconds,
        }


def trials_of(given: Sequence[str], recipe: Recipe, measure: Measure) -> list[Trial]:
    """Return the trials that settings like ``learning_rate=1e-3,3e-3`` and ``rank=8`` span, all combined.

    The names are those of ``Recipe``, and of ``Measure`` noise (λ), lines and repeats. Without settings there is one
    trial, of the defaults. Raises UsageError for an unknown name or a value that is none.
    """
    grid: dict[str, list[Any]] = {}
    for setting in given:
        name, equals, values = setting.partition("=")
        if not equals or not values:
            raise UsageError(f"{setting!r} is no setting: NAME=VALUE[,VALUE…] is needed")
        grid[name] = [_value(name, value, recipe, measure) for value in values.split(",")]
    trials = []
    for combined in product(*grid.values()):
        chosen: dict[str, Any] = dict(zip(grid, combined, strict=True))
        of_measure = {name: value for name, value in chosen.items() if name in _OF_MEASURE}
        of_recipe = {name: value for name, value in chosen.items() if name not in _OF_MEASURE}
        called = " ".join(f"{name}={value}" for name, value in chosen.items())
        trials.append(Trial(called or "defaults", replace(recipe, **of_recipe), replace(measure, **of_measure)))
    return trials


def _value(name: str, text: str, recipe: Recipe, measure: Measure) -> Any:
    known = {field.name: getattr(recipe, field.name) for field in fields(recipe)}
    known |= {each: getattr(measure, each) for each in _OF_MEASURE}
    if name not in known:
        raise UsageError(f"there is no setting {name!r}; known are {', '.join(known)}")
    kind = type(known[name])
    if kind is bool:
        if text not in ("true", "false"):
            raise UsageError(f"{name} must be true or false, not {text!r}")
        return text == "true"
    try:
        return kind(text)
    except ValueError as error:
        raise UsageError(f"{name} cannot be {text!r}") from error


def evaluate_recipes(
    repositories: Sequence[Later],
    model: InstalledModel,
    given: Sequence[str],
    measure: Measure | None = None,
    *,
    threads: int,
    ledger: Ledger | None = None,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> RecipesReport:
    """Measure every combination of the settings; the first one is what the others are compared with.

    Only what ships chooses, unless ``measure`` says otherwise. A trial that diverges has no figures and a reason.
    Raises UsageError as ``trials_of`` and ``evaluate_perplexity`` do, and Cancelled.
    """
    measure = measure or Measure(methods=(SHIPPED,))
    trials = trials_of(given, recipe_for(model.parameters), measure)
    ledger = ledger or Ledger()
    started = time.perf_counter()
    reports: dict[str, PerplexityReport] = {}
    failed: dict[str, str] = {}
    for trial in trials:
        tuner = Tuner(model, recipe=trial.recipe, threads=threads)
        try:
            reports[trial.name] = evaluate_perplexity(
                repositories, tuner, trial.measure, ledger=ledger, progress=progress, cancel=cancel
            )
        except TuningError as error:
            failed[trial.name] = str(error)
        finally:
            tuner.release()
    seconds = time.perf_counter() - started
    return RecipesReport(reports, failed, _gains(reports, SHIPPED), _gains(reports, f"{SHIPPED}+gate"), seconds)


def _gains(reports: Mapping[str, PerplexityReport], arm: str) -> dict[str, Difference]:
    """Return by how much lower the percentage of base of each trial but the first is."""
    percent = {
        trial: {of: each.samples[f"percent_of_base.{arm}"] for of, each in report.repositories.items()}
        for trial, report in reports.items()
    }
    first = next(iter(percent.values()), {})
    return {trial: paired_bootstrap_of_repositories(each, first) for trial, each in list(percent.items())[1:]}


def _as_json(differences: Mapping[str, Difference]) -> dict[str, Any]:
    return {name: {"mean": each.mean, "interval95": [each.low, each.high]} for name, each in differences.items()}
