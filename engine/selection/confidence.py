"""How much the repository says about the question, from what the best candidate leaves uncertain.

Observing a chunk x without noise leaves the fraction 1 − k(q,x)² of the question's variance, so the largest k(q,x)
says how much the single most informative chunk explains. It is calibrated by logistic regression of
"this repository answers the question" on ln k, own and foreign questions weighing the same: 142 questions
about three repositories, each asked of all three. That one number separates them as well as anything tried with
it; figures and what did not help are in docs/log.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from engine.selection.kernel import kernel
from engine.terms import STOP_WORDS, identifiers
from engine.types import Candidates, Confidence, Tier

__all__ = ["SAYS", "SILENT", "assess"]

# (intercept, slope) of the log odds in ln k. The tiers' kernels are made of different features, hence three scales.
_CALIBRATION: Mapping[Tier, tuple[float, float]] = {
    "transformer": (11.895, 8.634),
    "static": (12.173, 8.096),
    "lexical": (9.973, 5.683),
}
SILENT = 0.05  # below: 1 to 2 % of answerable questions, 22 to 36 % of those about another repository of the field
SAYS = 0.6  # from here: 78 to 82 % of answerable questions, 7 % of foreign ones
_SHORTEST_NAME = 3


def assess(candidates: Candidates) -> Confidence:
    """Return the confidence that the repository answers the question: *says*, *hints* or *silent*, and 0..1.

    No answer is drafted where a repository is silent, so that is said late: never when the question spells the
    name of a definition among the candidates.
    """
    if not candidates.chunks:
        return Confidence("silent", 0.0)
    best = float(kernel(candidates).qc.max())
    intercept, slope = _CALIBRATION[candidates.tier]
    value = 1.0 / (1.0 + math.exp(-(intercept + slope * math.log(best)))) if best > 0 else 0.0
    if value >= SAYS:
        return Confidence("says", value)
    return Confidence("hints" if value >= SILENT or _names_a_definition(candidates) else "silent", value)


def _names_a_definition(candidates: Candidates) -> bool:
    words = {word for word in identifiers(candidates.question) if word.lower() not in STOP_WORDS}
    names = {chunk.symbol.rpartition(".")[2] for chunk in candidates.chunks if chunk.kind != "section"}
    return any(len(name) >= _SHORTEST_NAME and name in words for name in names)
