"""Figures with intervals: bootstrap over questions, paired where two methods answered the same ones.

Where questions belong to repositories, a figure is the mean of the repositories' means, each repository is
resampled by itself, and settings for a repository are chosen on the others only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = [
    "Difference",
    "EvaluationResult",
    "HeldOut",
    "bootstrap_interval",
    "compare",
    "held_out_choice",
    "paired_bootstrap",
    "paired_bootstrap_of_repositories",
    "summarise",
]

Doubles = npt.NDArray[np.float64]
Setting = TypeVar("Setting")
RESAMPLES = 10_000
_DRAWN_AT_ONCE = 1 << 21  # numbers: 16 MB, whatever the number of items


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of b − a over the same questions, with its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationResult:
    """What one evaluation measured: means over n questions (or items), and what they were made of."""

    n: int
    figures: Mapping[str, float]
    interval95: Mapping[str, tuple[float, float]]
    seconds: float
    samples: Mapping[str, Doubles] = field(default_factory=dict)  # per figure, one value an item; NaN: does not apply
    differences: Mapping[str, Difference] = field(default_factory=dict)  # "FIGURE.A-B": the mean of A − B, paired

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``evaluate --json`` prints; ``differences`` only where methods were compared."""
        value: dict[str, Any] = {
            "n": self.n,
            "figures": dict(self.figures),
            "interval95": {name: list(interval) for name, interval in self.interval95.items()},
            "seconds": self.seconds,
        }
        if self.differences:
            value["differences"] = {
                name: {"mean": each.mean, "interval95": [each.low, each.high]}
                for name, each in self.differences.items()
            }
        return value

    def minus(self, other: EvaluationResult) -> dict[str, Difference]:
        """Return, for every figure both have, this result minus ``other``, paired item by item."""
        return {
            name: paired_bootstrap(other.samples[name], values)
            for name, values in self.samples.items()
            if name in other.samples
        }


def _checked(values: npt.ArrayLike) -> Doubles:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size == 0 or not np.isfinite(array).all():
        raise ValueError("a bootstrap needs at least one value, all of them finite")
    return array


def _resampled_means(values: Doubles, resamples: int, seed: int) -> Doubles:
    rng = np.random.default_rng(seed)
    means = np.empty(resamples)
    rows = max(1, _DRAWN_AT_ONCE // values.size)
    for start in range(0, resamples, rows):
        draws = rng.integers(values.size, size=(min(rows, resamples - start), values.size))
        means[start : start + rows] = values[draws].mean(axis=1)
    return means


def _interval(means: Doubles, level: float) -> tuple[float, float]:
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap_interval(
    values: npt.ArrayLike, *, level: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean (Efron 1979) of ``values`` (n,).

    The same seed gives the same interval. Raises ValueError for no values or values that are not finite.
    """
    return _interval(_resampled_means(_checked(values), resamples, seed), level)


def paired_bootstrap(a: npt.ArrayLike, b: npt.ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0) -> Difference:
    """Return the mean of b − a with its 95 % percentile interval, resampling the items that both have.

    ``a`` and ``b`` are (n,) in the same order; an item that is NaN in either is left out. Raises
    ValueError when the lengths differ or nothing is left.
    """
    delta = _paired(a, b)
    low, high = bootstrap_interval(delta, resamples=resamples, seed=seed)
    return Difference(float(delta.mean()), low, high)


def paired_bootstrap_of_repositories(
    a: Mapping[str, npt.ArrayLike], b: Mapping[str, npt.ArrayLike], *, resamples: int = RESAMPLES, seed: int = 0
) -> Difference:
    """Return the mean over repositories of the mean of b − a, with its 95 % interval.

    ``a`` and ``b`` are {repository: (n,)}; every repository weighs the same and is resampled by itself (a
    stratified bootstrap), so the interval says what other questions about these repositories would give. Raises
    ValueError when the repositories differ, and as ``paired_bootstrap`` does.
    """
    if a.keys() != b.keys() or not a:
        raise ValueError(f"paired values must be of the same repositories, got {sorted(a)} and {sorted(b)}")
    deltas = [_paired(a[name], b[name]) for name in sorted(a)]
    means = [_resampled_means(each, resamples, seed + number) for number, each in enumerate(deltas)]
    low, high = _interval(np.mean(means, axis=0), 0.95)
    return Difference(float(np.mean([each.mean() for each in deltas])), low, high)


def _paired(a: npt.ArrayLike, b: npt.ArrayLike) -> Doubles:
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape:
        raise ValueError(f"paired values must be of one length, got {first.shape} and {second.shape}")
    delta = second - first
    return _checked(delta[~np.isnan(delta)])


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut(Generic[Setting]):
    """What settings that were chosen on the other repositories give on each repository."""

    chosen: Mapping[str, Setting]  # {repository: the setting that is best on the others}
    samples: Mapping[str, Doubles]  # {repository: (n,) its values under that setting}

    @property
    def figures(self) -> Mapping[str, float]:
        """Return each repository's mean."""
        return {name: float(np.nanmean(values)) for name, values in self.samples.items()}

    @property
    def mean(self) -> float:
        """Return the mean of the repositories' means."""
        return float(np.mean(list(self.figures.values())))


def held_out_choice(results: Mapping[Setting, Mapping[str, npt.ArrayLike]]) -> HeldOut[Setting]:
    """Choose for every repository the setting with the largest mean on the *others*; leave one repository out.

    ``results`` is {setting: {repository: (n,) a value a question}}; larger is better, NaN does not apply, the
    mean is that of the repositories' means, and of equal settings the first one is taken. Raises ValueError for
    no settings, fewer than two repositories, or settings measured on different repositories.
    """
    arrays = {
        setting: {name: np.asarray(values, dtype=np.float64) for name, values in by_name.items()}
        for setting, by_name in results.items()
    }
    names = list(next(iter(arrays.values()), {}))
    if len(names) < 2:
        raise ValueError("to leave one repository out, results for at least two are needed")
    if any(by_name.keys() != set(names) for by_name in arrays.values()):
        raise ValueError("every setting must have been measured on the same repositories")
    means = {
        setting: {name: float(np.nanmean(values)) for name, values in by_name.items()}
        for setting, by_name in arrays.items()
    }
    chosen: dict[str, Setting] = {}
    for name in names:
        chosen[name] = max(arrays, key=lambda each: sum(means[each][other] for other in names if other != name))
    return HeldOut(chosen, {name: arrays[chosen[name]][name] for name in names})


def compare(results: Mapping[str, EvaluationResult]) -> EvaluationResult:
    """Join the results of several methods for the same items into one; figures are named ``FIGURE.METHOD``.

    ``differences`` are those of the first method to each of the others. Raises ValueError for no methods or
    results for different numbers of items.
    """
    if len({each.n for each in results.values()}) != 1:
        raise ValueError("methods are compared on the same items, and at least one method is needed")
    first, *others = results
    differences = {
        f"{name}.{first}-{other}": difference
        for other in others
        for name, difference in results[first].minus(results[other]).items()
    }
    return EvaluationResult(
        results[first].n,
        {f"{name}.{method}": value for method, each in results.items() for name, value in each.figures.items()},
        {f"{name}.{method}": value for method, each in results.items() for name, value in each.interval95.items()},
        max(each.seconds for each in results.values()),
        {f"{name}.{method}": value for method, each in results.items() for name, value in each.samples.items()},
        differences,
    )


def summarise(samples: Mapping[str, npt.ArrayLike], n: int, seconds: float) -> EvaluationResult:
    """Return means and 95 % intervals of per-item values; NaN marks an item that a figure does not apply to.

    A figure that applies to no item is left out.
    """
    figures: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    kept: dict[str, Doubles] = {}
    for name, values in samples.items():
        array = np.asarray(values, dtype=np.float64)
        applicable = array[~np.isnan(array)]
        if applicable.size:
            figures[name] = float(applicable.mean())
            intervals[name] = bootstrap_interval(applicable)
            kept[name] = array
    return EvaluationResult(n, figures, intervals, seconds, kept)
