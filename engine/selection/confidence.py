"""How much the repository says about the question, from three signs.

*explained*: which part of the question's variance the five most informative chunks take away, by its logarithm; it is
the posterior variance of the selection. *agreement*: how many of the chunks nearest by meaning are among those nearest
by words. *missing*: whether the question names something that does not exist here. A logistic regression makes a
probability of them; its table is ``resources/confidence.json``, fitted by ``sidetune evaluate confidence --fit`` so
that own and foreign questions weigh the same. Figures, and what did not help, are in docs/log.md.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from engine import paths
from engine.errors import StorageError
from engine.selection.kernel import Gram, kernel
from engine.selection.sift import sift_gram
from engine.terms import STOP_WORDS, identifiers
from engine.types import Candidates, Confidence, MissingName, Tier

__all__ = [
    "SAYS",
    "SILENT",
    "Calibration",
    "Signs",
    "assess",
    "calibration",
    "calibration_file",
    "judge",
    "signs_of",
    "spells_a_definition",
]

SILENT = 0.05  # below: almost no answerable question, and a third of those about another repository
SAYS = 0.6
_PICKS, _NOISE = 5, 10.0  # of the selection whose posterior variance is looked at
_FAINTEST = 1e-5  # explained part of the variance below which nothing is
_NEAREST = 50  # chunks by meaning and by words, or a quarter of them where there are few
_SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for or against a repository answering a question."""

    explained: float  # ln(1 − σ²/k(q,q)) after five picks, at most 0
    agreement: float  # 0..1; 0 where there is one ranking only
    missing: float  # 1 when something named does not exist, else 0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Log odds that a repository answers the question: an intercept and a weight for each sign."""

    intercept: float
    explained: float
    agreement: float
    missing: float

    def value(self, signs: Signs) -> float:
        """Return the probability, 0..1."""
        odds = (
            self.intercept
            + self.explained * signs.explained
            + self.agreement * signs.agreement
            + self.missing * signs.missing
        )
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, odds))))


def calibration_file() -> Path:
    """Return the table that ships: JSON, a ``Calibration`` for each tier."""
    return paths.resources() / "confidence.json"


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Calibration]:
    path = calibration_file()
    try:
        return {tier: Calibration(**row) for tier, row in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise StorageError(f"{path} cannot be read; install Sidetune again: {error}") from error


def calibration(tier: Tier) -> Calibration:
    """Return the shipped calibration of a tier; StorageError when the file is damaged.

    The tiers' kernels are made of different features, hence a scale for each.
    """
    return _table()[tier]


def signs_of(candidates: Candidates, missing: Sequence[MissingName] = ()) -> Signs:
    """Return the signs in the candidates of a question and in the names that it takes for granted wrongly."""
    explained = _explained(kernel(candidates)) if candidates.chunks else 0.0
    return Signs(math.log(max(explained, _FAINTEST)), _agreement(candidates), float(bool(missing)))


def _explained(gram: Gram) -> float:
    picks = min(_PICKS, gram.qc.shape[1])
    variance = sift_gram(gram.qq, gram.qc, gram.cc, picks, noise=_NOISE, reselect=False).variance
    return 1.0 - float(variance[-1] / variance[0])


def _agreement(candidates: Candidates) -> float:
    if not candidates.chunks or not candidates.vectors.shape[1]:
        return 0.0
    asked = candidates.question_terms
    words = np.array([sum(weight * each.get(term, 0.0) for term, weight in asked.items()) for each in candidates.terms])
    meaning = candidates.vectors @ candidates.question_vector
    nearest = min(_NEAREST, -(-len(candidates.chunks) // 4))
    first = [set(np.argsort(-scores, kind="stable")[:nearest].tolist()) for scores in (words, meaning)]
    return len(first[0] & first[1]) / nearest


def assess(candidates: Candidates, missing: Sequence[MissingName] = ()) -> Confidence:
    """Return the confidence that the repository answers the question: *says*, *hints* or *silent*, and 0..1.

    ``missing`` is what the question names and the repository does not contain: then it never *says* what was asked.
    No answer is drafted where a repository is silent, so that is said late: never when the question spells the
    name of a definition among the candidates.
    """
    if not candidates.chunks:
        return Confidence("silent", 0.0)
    signs = signs_of(candidates, missing)
    value = calibration(candidates.tier).value(signs) if signs.explained > math.log(_FAINTEST) else 0.0
    return judge(value, refused=bool(missing), spelled=spells_a_definition(candidates))


def judge(value: float, *, refused: bool, spelled: bool) -> Confidence:
    """Return the level of a probability; ``refused``: a name is missing, ``spelled``: a definition is named."""
    if refused:
        value = min(value, math.nextafter(SAYS, 0.0))
    if value >= SAYS:
        return Confidence("says", value)
    return Confidence("hints" if value >= SILENT or spelled else "silent", value)


def spells_a_definition(candidates: Candidates) -> bool:
    """Return whether the question spells the name of a definition among the candidates."""
    words = {word for word in identifiers(candidates.question) if word.lower() not in STOP_WORDS}
    names = {chunk.symbol.rpartition(".")[2] for chunk in candidates.chunks if chunk.kind != "section"}
    return any(len(name) >= _SHORTEST_NAME and name in words for name in names)
