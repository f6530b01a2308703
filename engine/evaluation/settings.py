"""Which settings choose evidence best: chosen on the other repositories, measured on each.

A setting is the noise λ of the selection and the shares of structure in its kernel, all in units of what chunks say.
The figure for a repository never comes from a setting that was chosen on it; beside it stands plain ranking by the
retriever's score (*hybrid*), with a paired interval of the difference.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import Cancelled, UsageError
from engine.evaluation.evidence import BUDGETS, Question, evaluate_evidence
from engine.evaluation.metrics import Difference, held_out_choice, paired_bootstrap_of_repositories
from engine.selection.kernel import WEIGHTS, with_structure
from engine.selection.select import select_evidence
from engine.types import CancelToken, Candidates, Progress, Report, Selected

__all__ = ["GRID", "Setting", "SettingsReport", "choose_settings"]

Retrieve = Callable[[str], Candidates]
Finish = Callable[[Sequence[Selected]], Sequence[Selected]]
Samples = Mapping[str, npt.NDArray[np.float64]]  # figure -> (n,) a value a question
_RESULTS = 64  # enough for the largest budget
_VALUED = tuple(f"{name}@{budget}c" for budget in BUDGETS for name in ("file_recall", "span_cover"))


@dataclass(frozen=True, slots=True)
class Setting:
    """How evidence is selected; see ``engine.selection``."""

    noise: float  # λ, in units of the content's kernel
    file: float  # share of the file part, content being 1
    calls: float  # share of the calls part


GRID = tuple(
    Setting(noise, round(noise * ratio, 6), calls)
    for noise, ratio, calls in itertools.product((20.0, 40.0, 80.0), (0.02, 0.04, 0.07), (0.2, 0.3, 0.4))
)


@dataclass(frozen=True, slots=True, eq=False)
class SettingsReport:
    """Figures are means over repositories of the means over questions."""

    n: int
    chosen: Mapping[str, Setting]  # {repository: the setting that is best on the others}
    best: Setting  # on all of them: what would ship
    figures: Mapping[str, float]  # "NAME" of the chosen settings, "NAME.hybrid" of plain ranking
    differences: Mapping[str, Difference]  # NAME: chosen less hybrid
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``evaluate settings --json`` prints."""
        return {
            "n": self.n,
            "chosen": {name: asdict(setting) for name, setting in self.chosen.items()},
            "best": asdict(self.best),
            "figures": dict(self.figures),
            "differences": {
                name: {"mean": each.mean, "interval95": [each.low, each.high]}
                for name, each in self.differences.items()
            },
            "seconds": self.seconds,
        }


def choose_settings(
    questions: Mapping[str, Sequence[Question]],
    retrieve: Mapping[str, Retrieve],
    finish: Mapping[str, Finish],
    grid: Sequence[Setting] = GRID,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> SettingsReport:
    """Measure every setting on every repository and choose for each the one that is best on the others.

    Best is the largest mean of files and spans found in both budgets, when each repository's ``finish`` has made spans
    of the chunks that were selected. Raises UsageError for fewer than two
    repositories, Cancelled when ``cancel`` is set between two settings, and what ``retrieve`` raises.
    """
    if len(questions) < 2:
        raise UsageError("settings are chosen on other repositories than they are measured on: give at least two")
    started = time.perf_counter()
    found = {
        name: {each.question: retrieve[name](each.question) for each in asked} for name, asked in questions.items()
    }

    def measure(select: Callable[[str, Candidates], Sequence[Selected]]) -> dict[str, Samples]:
        return {
            name: evaluate_evidence(asked, lambda question, at=name: select(at, found[at][question])).samples  # type: ignore[misc]
            for name, asked in questions.items()
        }

    plain = measure(lambda _, candidates: select_evidence(candidates, method="hybrid", limit=_RESULTS))
    measured: dict[Setting, dict[str, Samples]] = {}
    for number, setting in enumerate(grid):
        if cancel is not None and cancel.is_set():
            raise Cancelled(f"stopped after {number} of {len(grid)} settings")
        measured[setting] = measure(lambda name, candidates, by=setting: finish[name](_select(candidates, by)))  # type: ignore[misc]
        if progress is not None:
            progress(Report("evaluate", number + 1, len(grid), f"λ {setting.noise:g}"))
    values = {setting: {name: _value(each) for name, each in by.items()} for setting, by in measured.items()}
    chosen = held_out_choice(values).chosen
    best = max(values, key=lambda setting: float(np.mean([np.nanmean(each) for each in values[setting].values()])))
    held_out = {name: measured[setting][name] for name, setting in chosen.items()}
    names = [name for name in next(iter(plain.values())) if all(name in each for each in plain.values())]
    return SettingsReport(
        sum(map(len, questions.values())),
        chosen,
        best,
        _means(held_out, names, "") | _means(plain, names, ".hybrid"),
        {
            name: paired_bootstrap_of_repositories(
                {repository: each[name] for repository, each in plain.items()},
                {repository: each[name] for repository, each in held_out.items()},
            )
            for name in names
        },
        time.perf_counter() - started,
    )


def _select(candidates: Candidates, setting: Setting) -> tuple[Selected, ...]:
    weights = with_structure(WEIGHTS[candidates.tier], file=setting.file, calls=setting.calls)
    noise = setting.noise / (1 + setting.file + setting.calls)
    return select_evidence(candidates, limit=_RESULTS, noise=noise, weights=weights)


def _value(samples: Samples) -> npt.NDArray[np.float64]:
    """Return (n,): the mean of a question's figures that apply to it."""
    return np.asarray(np.nanmean(np.stack([samples[name] for name in _VALUED if name in samples]), axis=0))


def _means(by_repository: Mapping[str, Samples], names: Sequence[str], suffix: str) -> dict[str, float]:
    return {
        f"{name}{suffix}": float(np.mean([np.nanmean(each[name]) for each in by_repository.values()])) for name in names
    }
