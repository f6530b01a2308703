"""Does confidence tell a repository's own questions from those about another one?

Every repository is asked its own questions and as many about the others. ``auc`` is the area under the ROC curve: how
often a question of a repository gets a higher value than one about another repository, ties counting half, with the
calibration that ships. ``auc.held_out`` is the same with one fitted on the other repositories only, ``auc.SIGN`` with
one sign alone. ``silent.own`` is the share of answerable questions that would get no draft, ``silent.foreign`` the
share of the others that rightly would not; ``says.own`` and ``says.foreign`` likewise; all held out.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.errors import Cancelled, UsageError
from engine.evaluation.metrics import EvaluationResult, summarise
from engine.models.files import replacing
from engine.selection.confidence import Calibration, Signs, judge, signs_of, spells_a_definition
from engine.types import CancelToken, Progress, Report, Tier
from engine.workspace import Workspace

__all__ = ["Asked", "ask_all", "evaluate_confidence", "fit", "look_at", "write_calibration"]

Look = Callable[[str], tuple[Signs, bool]]  # question -> its signs, and whether it spells a definition's name
Doubles = npt.NDArray[np.float64]
_SIGNS = tuple(each.name for each in fields(Signs))
_PENALTY = 1e-2  # L2 on standardised weights, a question: keeps signs that are nearly always the same from running away
_STEPS = 50  # of Newton's method; it settles in less than ten


@dataclass(frozen=True, slots=True)
class Asked:
    """One question asked of one repository."""

    question: str
    of: str  # the repository that it is about
    asked: str  # the repository that was asked
    signs: Signs
    spelled: bool

    @property
    def own(self) -> bool:
        """Return whether it was asked where it can be answered."""
        return self.of == self.asked


def look_at(workspace: Workspace, tier: Tier) -> Look:
    """Return what asks one repository, in one tier."""

    def look(question: str) -> tuple[Signs, bool]:
        candidates = workspace.candidates(question, tier=tier)
        return signs_of(candidates, workspace.missing_names(question)), spells_a_definition(candidates)

    return look


def ask_all(
    questions: Mapping[str, Sequence[str]],
    looks: Mapping[str, Look],
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
    *,
    seed: int = 0,
) -> list[Asked]:
    """Ask every repository its own questions and as many of the others, drawn evenly from them; the same every time.

    Raises UsageError for fewer than two repositories or one without questions, Cancelled when ``cancel`` is set.
    """
    if len(questions) < 2 or not all(questions.values()):
        raise UsageError("confidence is measured on the questions of at least two repositories")
    rng = random.Random(seed)  # noqa: S311 - a sample, no secret
    pairs: list[tuple[str, str, str]] = []
    for name, own in questions.items():
        others = [[(each, other) for each in rng.sample(list(those), len(those))]
                  for other, those in questions.items() if other != name]  # fmt: skip
        mixed = [pair for row in range(max(map(len, others))) for pool in others for pair in pool[row : row + 1]]
        pairs += [(each, name, name) for each in own]
        pairs += [(each, other, name) for each, other in mixed[: len(own)]]
    found = []
    for number, (question, of, asked) in enumerate(pairs):
        if cancel is not None and cancel.is_set():
            raise Cancelled(f"stopped after {number} of {len(pairs)} questions")
        found.append(Asked(question, of, asked, *looks[asked](question)))
        if progress is not None:
            progress(Report("evaluate", number + 1, len(pairs), question))
    return found


def fit(asked: Sequence[Asked], signs: Sequence[str] = _SIGNS) -> Calibration:
    """Return the calibration of ``signs`` (the others weigh nothing): logistic regression, own and foreign alike.

    Raises UsageError when all questions are own or all are foreign.
    """
    own = np.array([each.own for each in asked], dtype=np.float64)
    if not asked or own.min() == own.max():
        raise UsageError("a calibration needs questions that a repository answers and others that it does not")
    table = np.array([[getattr(each.signs, name) for name in signs] for each in asked])  # (n, s)
    mean, scale = table.mean(axis=0), table.std(axis=0)
    scale[scale < 1e-9] = np.inf  # says the same about every question
    design = np.column_stack([np.ones(len(table)), (table - mean) / scale])
    share = own.mean()
    coefficients = _newton(design, own, np.where(own == 1, 0.5 / share, 0.5 / (1 - share)))
    weights = coefficients[1:] / scale
    named = dict.fromkeys(_SIGNS, 0.0) | dict(zip(signs, map(float, weights), strict=True))
    return Calibration(intercept=float(coefficients[0] - weights @ mean), **named)


def _newton(design: Doubles, labels: Doubles, importance: Doubles) -> Doubles:
    """Return the coefficients (1 + s,) of a weighted logistic regression, all but the first one penalised."""
    penalty = np.full(design.shape[1], _PENALTY * len(design))
    penalty[0] = 0.0
    coefficients = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        odds = np.clip(design @ coefficients, -60.0, 60.0)
        chance = 1 / (1 + np.exp(-odds))
        slope = design.T @ (importance * (chance - labels)) + penalty * coefficients
        curve = (design * (importance * chance * (1 - chance))[:, None]).T @ design + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curve, slope)
        coefficients = coefficients - step
        if np.abs(step).max() < 1e-9:
            break
    return np.asarray(coefficients)


def evaluate_confidence(asked: Sequence[Asked], shipped: Calibration, seconds: float = 0.0) -> EvaluationResult:
    """Return the figures of this module's head; ``n`` counts own questions, over which ``auc`` is a mean.

    The calibration for a repository is fitted on what was asked of the others about the others; with two repositories,
    on all that was asked of the other one. Raises UsageError when a repository lacks own or foreign questions.
    """
    started = time.perf_counter()
    samples: dict[str, list[float]] = {}
    for name in dict.fromkeys(each.asked for each in asked):
        here = [each for each in asked if each.asked == name]
        elsewhere = [each for each in asked if name not in {each.asked, each.of}]
        if len({each.own for each in elsewhere}) < 2:
            elsewhere = [each for each in asked if each.asked != name]
        held_out = fit(elsewhere)
        _note(samples, here, {"auc": shipped, "auc.held_out": held_out, f"auc.held_out.{name}": held_out})
        _note(samples, here, {f"auc.{sign}": fit(elsewhere, [sign]) for sign in _SIGNS})
        for each in here:
            level = judge(held_out.value(each.signs), refused=bool(each.signs.missing), spelled=each.spelled).level
            for wanted in ("silent", "says"):
                whose = "own" if each.own else "foreign"
                samples.setdefault(f"{wanted}.{whose}", []).append(float(level == wanted))
    return summarise(samples, sum(each.own for each in asked), seconds + time.perf_counter() - started)


def _note(samples: dict[str, list[float]], asked: Sequence[Asked], calibrations: Mapping[str, Calibration]) -> None:
    """Add for each own question the share of foreign ones that it comes before."""
    for name, each in calibrations.items():
        own = np.array([each.value(one.signs) for one in asked if one.own])
        foreign = np.array([each.value(one.signs) for one in asked if not one.own])
        if not own.size or not foreign.size:
            raise UsageError("every repository must be asked questions of its own and of another one")
        before = (own[:, None] > foreign).mean(axis=1) + 0.5 * (own[:, None] == foreign).mean(axis=1)
        samples.setdefault(name, []).extend(before.tolist())


def write_calibration(file: Path, tier: Tier, found: Calibration) -> None:
    """Put the calibration of one tier into a file of calibrations, which may be new; StorageError, UsageError."""
    table: dict[str, dict[str, float]] = {}
    if file.exists():
        try:
            table = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"{file} is no table of calibrations: {error}") from error
    table[tier] = {name: round(value, 3) for name, value in asdict(found).items()}
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in table.items())
    with replacing(file) as temporary:
        temporary.write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")
