"""From which probability of a refusal on should the model refuse?

The model's first token tells how sure it is that the evidence does not answer. The threshold is the lowest one at which
at most one answerable question in twenty is refused; what is refused whatever the threshold, since retrieval is silent
or a name does not exist, counts among them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import StorageError, UsageError
from engine.evaluation.marking import is_refusal
from engine.evaluation.transcript import Row

__all__ = ["FALSE_REFUSALS", "Threshold", "calibrate"]

FALSE_REFUSALS = 0.05


@dataclass(frozen=True, slots=True)
class Threshold:
    """Refuse above it; the shares are those of the questions it was chosen on."""

    refuse_above: float
    refused_answerable: float
    refused_unanswerable: float
    answerable: int
    unanswerable: int

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``evaluate answers --calibrate --json`` prints as ``calibration``."""
        return asdict(self)

    def write(self, path: Path) -> None:
        """Write what ``generation.answering`` reads beside a model's weights; StorageError when that fails."""
        try:
            path.write_text(json.dumps(self.as_json(), indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise StorageError(f"{path} cannot be written: {error.strerror}") from error


def calibrate(rows: Sequence[Row], *, arm: str = "evidence", found_only: bool = False) -> Threshold:
    """Return the lowest threshold with at most ``FALSE_REFUSALS`` of the answerable questions refused.

    ``found_only`` leaves out the answerable ones whose answer retrieval did not find, which are refused rightly.
    Raises UsageError when this arm answered no unanswerable question, or no answerable one by a model that says how
    sure it is.
    """
    answered = [row for row in rows if arm in row["arms"]]
    good = np.array([_doubt(row, arm) for row in answered if row["gold"] and (row["found"] or not found_only)])
    bad = np.array([_doubt(row, arm) for row in answered if not row["gold"]])
    if not np.isfinite(good).any() or not bad.size:
        raise UsageError(f"to calibrate refusals, questions of both sorts must have been answered in the arm {arm!r}")
    # Above the n-th largest doubt of an answerable question, n - 1 of them are refused.
    allowed = math.floor(FALSE_REFUSALS * good.size)
    ranked = np.sort(good)[::-1]
    threshold = float(ranked[allowed]) if allowed < good.size else 0.0
    threshold = min(threshold, 1.0)
    return Threshold(
        threshold, float((good > threshold).mean()), float((bad > threshold).mean()), int(good.size), int(bad.size)
    )


def _doubt(row: Row, arm: str) -> float:
    """Return the probability of a refusal at the first token, infinity for what no threshold changes."""
    answered = row["arms"][arm]
    probability = answered["refusal"]
    if probability is None or (is_refusal(answered["text"]) and "there is no" in answered["text"].casefold()):
        return math.inf
    return float(probability)
