"""Rows of ``evaluate answers`` -> its figures.

A figure is the mean over repositories of the mean over their questions, with the interval of a bootstrap over questions
within each repository; ``gain.F.A-B`` is the mean of A less B over the questions that both answered: the tuned arms
answer some of them only, so their figures are to be compared by their gains. Seconds to the first token, reading of the
prompt included and learning not, and tokens a second are medians over all questions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from engine.evaluation.marking import VALUED
from engine.evaluation.metrics import Difference, Doubles, EvaluationResult, paired_bootstrap_of_repositories
from engine.evaluation.statements import LOOKUPS, SENTENCES
from engine.evaluation.transcript import Row

__all__ = ["BASELINES", "figures_of"]

BASELINES = ("first_line", "highlight")
_OF_FACTS = (VALUED | {"lookups"}) - {"which"}  # what the symbol graph could answer
_GAINS = (("evidence", "neither"), ("tuning", "neither"), ("both", "evidence"))
_RESAMPLES = 2_000  # of a median

Values = Mapping[str, Mapping[str, Doubles]]  # figure -> repository -> (n,) a value a question, NaN: does not apply


def figures_of(rows: Sequence[Row], seconds: float) -> EvaluationResult:
    """Return all figures of the rows, which may be of several repositories."""
    values = _values(rows)
    figures: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}

    def take(name: str, found: Difference | None) -> None:
        if found is not None:
            figures[name], intervals[name] = found.mean, (found.low, found.high)

    for name, by in values.items():
        if name.startswith(("seconds_to_first_token.", "tokens_per_second.")):
            take(name, _median(np.concatenate(list(by.values()))))
        else:
            take(name, _mean(by))
    for name, worse, better in _gains(values):
        take(name, _difference(values[worse], values[better]))
    return EvaluationResult(len(rows), figures, intervals, seconds)


def _values(rows: Sequence[Row]) -> Values:
    by_repository: dict[str, list[dict[str, float]]] = defaultdict(list)
    for row in rows:
        by_repository[row["repository"]].append(dict(_values_of(row)))
    names = dict.fromkeys(name for each in by_repository.values() for one in each for name in one)
    return {
        name: {
            repository: np.array([one.get(name, np.nan) for one in each]) for repository, each in by_repository.items()
        }
        for name in sorted(names, key=_order)
    }


def _order(name: str) -> tuple[int, str]:
    """Sort figures as they are read: what is right, what is cited, what is refused, how fast."""
    order = ("exact", "overlap", "found", "first_line", "highlight", "facts", "citation_precision", "refused")
    first = name.split(".", 1)[0]
    return (order.index(first) if first in order else len(order), name)


def _types(row: Row) -> Iterator[str]:
    """Yield the types that an answerable question counts for."""
    kind = row["kind"]
    yield kind
    yield "all"
    if kind in LOOKUPS:
        yield "lookups"
    if kind in SENTENCES:
        yield "sentences"
    if row["manner"] != "plain":
        yield row["manner"]


def _values_of(row: Row) -> Iterator[tuple[str, float]]:
    answerable = row["gold"] is not None
    for arm, answered in row["arms"].items():
        refused = float(answered["refused"])
        yield f"refused.{'answerable' if answerable else 'unanswerable'}.{arm}", refused
        if not answerable:
            yield f"refused.unanswerable.{row['sort']}.{arm}", refused
        elif row["found"]:  # elsewhere a refusal is right: retrieval did not find what answers
            yield f"refused.answerable.found.{arm}", refused
        if answered["first_token"] is not None:
            yield f"seconds_to_first_token.{arm}", answered["first_token"]
        if answered["rate"] is not None:
            yield f"tokens_per_second.{arm}", answered["rate"]
    if answerable:
        for kind in _types(row):
            yield from _marks(row, kind)


def _marks(row: Row, kind: str) -> Iterator[tuple[str, float]]:
    """Yield what was right of an answerable question, as figures of one of its types."""
    yield f"found.{kind}", float(row["found"])
    for baseline in BASELINES:
        yield f"{baseline}.exact.{kind}", float(row[baseline]["exact"])
        yield f"{baseline}.overlap.{kind}", row[baseline]["overlap"]
    if kind in _OF_FACTS:
        yield f"facts.exact.{kind}", float(row["facts"]["exact"])
    for arm, answered in row["arms"].items():
        yield f"exact.{kind}.{arm}", float(answered["exact"])
        yield f"overlap.{kind}.{arm}", answered["overlap"]
        if answered["citation_precision"] is not None:
            yield f"citation_precision.{kind}.{arm}", answered["citation_precision"]
            if kind == "all":
                yield f"citation_precision.{arm}", answered["citation_precision"]


def _gains(values: Values) -> Iterator[tuple[str, str, str]]:
    """Yield (name, worse figure, better figure) for what is compared."""
    kinds = dict.fromkeys(name.split(".")[1] for name in values if name.startswith("found."))
    for kind in kinds:
        for better, worse in _GAINS:
            for measure in ("exact", "overlap"):
                first, second = f"{measure}.{kind}.{worse}", f"{measure}.{kind}.{better}"
                if first in values and second in values:
                    name = f"gain.{measure}.{kind}.{better}-{worse}"
                    yield name, first, second
                    if kind == "all":
                        yield f"gain.{measure}.{better}-{worse}", first, second
        for baseline in BASELINES:
            for measure in ("exact", "overlap"):
                first, second = f"{baseline}.{measure}.{kind}", f"{measure}.{kind}.evidence"
                if second in values:
                    yield f"gain.{measure}.{kind}.evidence-{baseline}", first, second
        if f"facts.exact.{kind}" in values and f"exact.{kind}.evidence" in values:
            yield f"gain.exact.{kind}.evidence-facts", f"facts.exact.{kind}", f"exact.{kind}.evidence"


def _mean(by: Mapping[str, Doubles]) -> Difference | None:
    return _difference({name: np.zeros_like(each) for name, each in by.items()}, by)


def _difference(worse: Mapping[str, Doubles], better: Mapping[str, Doubles]) -> Difference | None:
    """Return better less worse, over the repositories where both apply to a question; None for none."""
    kept = [name for name in better if np.isfinite(worse[name] + better[name]).any()]
    if not kept:
        return None
    return paired_bootstrap_of_repositories({name: worse[name] for name in kept}, {name: better[name] for name in kept})


def _median(values: Doubles) -> Difference:
    """Return the median with its bootstrap interval."""
    known = values[~np.isnan(values)]
    rng = np.random.default_rng(0)
    medians = np.array([np.median(known[rng.integers(known.size, size=known.size)]) for _ in range(_RESAMPLES)])
    low, high = np.quantile(medians, [0.025, 0.975])
    return Difference(float(np.median(known)), float(low), float(high))
