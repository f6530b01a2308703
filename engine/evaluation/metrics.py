"""Figures with intervals: bootstrap over questions, paired where two methods answered the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Difference", "EvaluationResult", "bootstrap_interval", "paired_bootstrap", "summarise"]

Doubles = npt.NDArray[np.float64]
RESAMPLES = 2000


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

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``evaluate --json`` prints."""
        return {
            "n": self.n,
            "figures": dict(self.figures),
            "interval95": {name: list(interval) for name, interval in self.interval95.items()},
            "seconds": self.seconds,
        }

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
    draws = rng.integers(values.size, size=(resamples, values.size))
    return np.asarray(values[draws].mean(axis=1))


def bootstrap_interval(
    values: npt.ArrayLike, *, level: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean (Efron 1979) of ``values`` (n,).

    The same seed gives the same interval. Raises ValueError for no values or values that are not finite.
    """
    means = _resampled_means(_checked(values), resamples, seed)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def paired_bootstrap(a: npt.ArrayLike, b: npt.ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0) -> Difference:
    """Return the mean of b − a with its 95 % percentile interval, resampling the items that both have.

    ``a`` and ``b`` are (n,) in the same order; an item that is NaN in either is left out. Raises
    ValueError when the lengths differ or nothing is left.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape:
        raise ValueError(f"paired values must be of one length, got {first.shape} and {second.shape}")
    delta = second - first
    delta = _checked(delta[~np.isnan(delta)])
    low, high = bootstrap_interval(delta, resamples=resamples, seed=seed)
    return Difference(float(delta.mean()), low, high)


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
