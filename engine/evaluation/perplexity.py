"""Bits per byte of functions written later: does tuning on what was selected make them more likely?

For each target, a function that the indexed revision has nothing like, the model reads the end of the file
before it and its signature; what is measured is the rest of the function, in bits per UTF-8 byte. The
question that retrieval gets is made of what the model reads, never of what is measured.

Two texts are near-duplicates when they share half (``targets.NEAR_DUPLICATE``) of the token 5-grams of the one
that has fewer. No function is a target that the revision has a near-duplicate of, and no chunk that is one of any
target is shown, or trained on, by itself or in the lines around another.

Arms: *base*; *context*, evidence read before the file; *random*, *nearest*, *sift* (what ships) and further
``learners``, one gradient step a chunk chosen that way; *context+sift*, both; *sift+gate*, what a user gets: the
adapter where the gate keeps it, else the base. ``sift@5`` is the same run after five steps. ``gain.sift-X`` is
percent_of_base of X less that of sift: above zero, SIFT is better. ``unrelated.KIND.ARM`` says by how many percent
text that has nothing to do with the repository got worse, ``steps.ARM`` how many steps were taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.chunking import CHUNKER_VERSION
from engine.errors import Cancelled, UsageError
from engine.evaluation.learners import SHIPPED, Choosing, choose
from engine.evaluation.ledger import Ledger
from engine.evaluation.metrics import EvaluationResult, paired_bootstrap_of_repositories, summarise
from engine.evaluation.reading import Reading, evidence_chars, question_of, read_target
from engine.evaluation.targets import NEAR_DUPLICATE, Target, Texts
from engine.evaluation.unrelated import unrelated_texts
from engine.selection.select import EXAMPLE_NOISE, select_evidence
from engine.selection.surroundings import WINDOW_LINES
from engine.tuning.examples import Document, Encoded, gate_document, plan_steps
from engine.tuning.gate import Budget, Gate, Unrelated, choose_held_out, harm_of
from engine.tuning.lora import Tuner
from engine.tuning.recipe import MIN_HELD_OUT, steps_for
from engine.types import CancelToken, Candidates, Chunk, Effort, Progress, Report, Selected, sha256_hex

__all__ = ["METHODS", "STEPS", "Later", "Measure", "PerplexityReport", "evaluate_perplexity", "over_repositories"]

STEPS = (1, 2, 5, 10, 20)  # at which a run is looked at
METHODS = (SHIPPED, "nearest", "random")
NOTHING = "no function was written after that revision that the revision has nothing like"
_EVIDENCE_LIMIT = 16  # chunks; the room decides
_VERSION = 6  # of what is measured: older ledgers do not count

Samples = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured, and how what is learned is chosen."""

    methods: tuple[str, ...] = METHODS
    steps: tuple[int, ...] = STEPS
    noise: float = EXAMPLE_NOISE  # λ of the methods that have one
    lines: int = WINDOW_LINES  # of its file that a chunk is learned with; 0: the chunk alone
    repeats: bool = True  # windows may hold each other's chunks; False: others are learned instead

    @classmethod
    def of(cls, effort: Effort, methods: Sequence[str] = METHODS) -> Measure:
        """Return what is measured of an effort, which says how many steps are planned."""
        most = steps_for(effort)
        return cls(tuple(methods), (*(step for step in STEPS if step < most), most))

    @property
    def choosing(self) -> Choosing:
        """Return how each method chooses."""
        return Choosing(max(self.steps), self.noise, self.lines, self.repeats)


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """A repository as it was at a revision, and functions that it has since."""

    name: str
    commit: str
    targets: Sequence[Target]  # to measure, in this order
    chunks: Sequence[Chunk]  # all of the revision: what chance draws from
    retrieve: Callable[[str], Candidates]
    chunks_in: Callable[[str], Sequence[Chunk]]
    others: Sequence[Target] = ()  # that could have been measured as well: nothing like them is learned either
    foreign: Sequence[Document] = ()  # code of another repository

    def without_targets(self, texts: Texts) -> Later:
        """Return the same with every chunk left out of what can be found and drawn that is like one of ``texts``."""
        alike: dict[str, bool] = {}

        def like(chunk: Chunk) -> bool:
            if chunk.text not in alike:
                alike[chunk.text] = texts.hold_like(chunk.text)
            return alike[chunk.text]

        def retrieve(question: str) -> Candidates:
            return _without(self.retrieve(question), like)

        pool = [chunk for chunk in self.chunks if not like(chunk)]
        return replace(self, chunks=pool, retrieve=retrieve)


@dataclass(frozen=True, slots=True, eq=False)
class PerplexityReport:
    """The figures over all repositories, and those of each."""

    result: EvaluationResult
    repositories: Mapping[str, EvaluationResult]
    commits: Mapping[str, str]
    settings: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``evaluate perplexity --json`` prints."""
        each = {
            name: {"since": self.commits[name], **{k: v for k, v in result.as_json().items() if k != "seconds"}}
            for name, result in self.repositories.items()
        }
        return {**self.result.as_json(), "settings": dict(self.settings), "repositories": each}


def evaluate_perplexity(
    repositories: Sequence[Later],
    tuner: Tuner,
    measure: Measure | None = None,
    *,
    ledger: Ledger | None = None,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> PerplexityReport:
    """Measure every target in every arm: means over repositories of the means over targets, and differences.

    What ``ledger`` has under the same settings is not measured again, and what is measured is kept in it at once.
    Raises UsageError when there is nothing to measure, Cancelled when ``cancel`` is set, and what the tuner raises.
    """
    if not any(each.targets for each in repositories):
        raise UsageError(NOTHING)
    measure, ledger = measure or Measure(), ledger or Ledger()
    start = time.perf_counter()
    samples: dict[str, Samples] = {each.name: {} for each in repositories if each.targets}
    order = _in_turn(repositories)
    measuring = {each.name: _Measuring(tuner, measure, each, ledger, cancel) for each in repositories}
    for done, (repository, number) in enumerate(order, start=1):
        target, kept = repository.targets[number], samples[repository.name]
        for name, value in measuring[repository.name].target(target, number).items():
            kept.setdefault(name, []).append(value)
        if progress is not None:
            so_far = {name: sum(values) / len(values) for name, values in kept.items() if name in measure.methods}
            progress(Report("perplexity", done, len(order), f"{target.path} {target.symbol}", so_far))
    seconds = time.perf_counter() - start
    figures = {name: _figures(each, measure) for name, each in samples.items()}
    return PerplexityReport(
        over_repositories(figures, seconds),
        {name: summarise(each, len(next(iter(each.values()))), seconds) for name, each in figures.items()},
        {each.name: each.commit for each in repositories},
        settings_of(tuner, measure),
    )


def _in_turn(repositories: Sequence[Later]) -> list[tuple[Later, int]]:
    """Return every target by its number, one of each repository at a time: a stopped run has as many of each."""
    longest = max(len(each.targets) for each in repositories)
    return [(each, number) for number in range(longest) for each in repositories if number < len(each.targets)]


def settings_of(tuner: Tuner, measure: Measure) -> dict[str, Any]:
    """Return all that decides a figure beside the texts."""
    return {
        "version": _VERSION,
        "model": tuner.model.id,
        "recipe": asdict(tuner.recipe),
        "steps": list(measure.steps),
        "noise": measure.noise,
        "lines": measure.lines,
        "repeats": measure.repeats,
        "near_duplicate": NEAR_DUPLICATE,
        "chunker": CHUNKER_VERSION,
    }


def over_repositories(figures: Mapping[str, Mapping[str, npt.NDArray[np.float64]]], seconds: float) -> EvaluationResult:
    """Return means over repositories of means over targets, with intervals that resample each repository by itself.

    ``figures`` are {repository: {figure: (n,)}}; NaN does not apply, and where nothing of a figure does, the
    repository has no part in it.
    """
    names = dict.fromkeys(name for each in figures.values() for name in each)
    means, intervals = {}, {}
    for name in names:
        values = {of: each[name] for of, each in figures.items() if name in each and not np.isnan(each[name]).all()}
        if values:
            found = paired_bootstrap_of_repositories({of: np.zeros_like(each) for of, each in values.items()}, values)
            means[name], intervals[name] = found.mean, (found.low, found.high)
    count = sum(len(next(iter(each.values()))) for each in figures.values())
    return EvaluationResult(count, means, intervals, seconds)


def _figures(samples: Samples, measure: Measure) -> dict[str, npt.NDArray[np.float64]]:
    """Return the figures of one repository, (n,) each."""
    values = {name: np.array(each) for name, each in samples.items()}
    bits = {name: each for name, each in values.items() if "." not in name}
    percent = {name: 100 * each / bits["base"] for name, each in bits.items()}
    figures = {f"bpb.{name}": each for name, each in bits.items()}
    figures |= {f"percent_of_base.{name}": each for name, each in percent.items()}
    if SHIPPED in percent:
        others = ["base", *(method for method in measure.methods if method != SHIPPED)]
        figures |= {f"gain.{SHIPPED}-{name}": percent[name] - percent[SHIPPED] for name in others}
    return figures | {name: each for name, each in values.items() if "." in name}


def _without(candidates: Candidates, excluded: Callable[[Chunk], bool]) -> Candidates:
    """Return the candidates but for the excluded ones."""
    keep = [row for row, chunk in enumerate(candidates.chunks) if not excluded(chunk)]
    rows = np.array(keep, dtype=np.int64)
    return Candidates(
        question=candidates.question,
        ids=tuple(candidates.ids[row] for row in keep),
        chunks=tuple(candidates.chunks[row] for row in keep),
        scores=np.asarray(candidates.scores[rows]),
        question_vector=candidates.question_vector,
        vectors=np.asarray(candidates.vectors[rows]),
        question_terms=candidates.question_terms,
        terms=tuple(candidates.terms[row] for row in keep),
        tier=candidates.tier,
        calls=candidates.calls,
    )


class _Measuring:
    """Measures the targets of one repository."""

    def __init__(
        self, tuner: Tuner, measure: Measure, later: Later, ledger: Ledger, cancel: CancelToken | None
    ) -> None:
        self._texts = Texts(each.whole for each in (*later.targets, *later.others))
        self._tuner, self._measure, self._later = tuner, measure, later.without_targets(self._texts)
        self._ledger, self._cancel = ledger, cancel
        foreign = sha256_hex("\0".join(each.text for each in later.foreign))
        self._settings = settings_of(tuner, measure) | {"commit": later.commit, "foreign": foreign}

    def target(self, target: Target, number: int) -> dict[str, float]:
        """Return every value of one target, in bits per byte unless the name has a dot."""
        looked: list[tuple[Candidates, Reading]] = []  # made when the first arm needs it

        def look() -> tuple[Candidates, Reading]:
            if not looked:
                candidates = self._later.retrieve(question_of(target))
                context = self._tuner.model.context
                shown = select_evidence(candidates, limit=_EVIDENCE_LIMIT, budget_chars=evidence_chars(context))
                chunks = [each.chunk for each in shown]
                looked.append((candidates, read_target(self._tuner.encoder, context, target, chunks)))
            return looked[0]

        found: dict[str, float] = {}
        for arm in ("untuned", *self._measure.methods):
            if self._cancel is not None and self._cancel.is_set():
                raise Cancelled("The measurement was stopped.")
            item = f"{self._later.name} {target.path} {target.symbol} {sha256_hex(target.whole)[:12]} {arm}"
            values = self._ledger.get(item, self._settings)
            if values is None:
                candidates, reading = look()
                values = self._untuned(reading) if arm == "untuned" else self._tuned(arm, candidates, reading, number)
                self._ledger.put(item, self._settings, values)
            found |= values
            if arm == SHIPPED:
                found.setdefault(f"{arm}+gate", found["base"])  # dropped: the user gets the base
                found.setdefault(f"strength.{arm}", float("nan"))
                for name in [name for name in values if name.startswith("unrelated.") and name.endswith(arm)]:
                    found.setdefault(f"{name}+gate", float("nan"))
        return found

    def _untuned(self, reading: Reading) -> dict[str, float]:
        self._tuner.reset()
        alone, informed = self._tuner.losses([reading.alone, reading.informed])
        return {"base": reading.bits_per_byte(alone), "context": reading.bits_per_byte(informed)}

    def _tuned(self, arm: str, candidates: Candidates, reading: Reading, number: int) -> dict[str, float]:
        tuner, steps = self._tuner, self._measure.steps
        later, measure = self._later, self._measure
        chosen = choose(
            arm, candidates, later.chunks, later.chunks_in, measure.choosing, targets=self._texts, seed=number
        )
        batches = [[tuner.encode(each) for each in batch] for batch in plan_steps(chosen, [], max(steps), tuner.recipe)]
        held_out = self._held_out(candidates, chosen) if arm == SHIPPED else []
        gate = Gate(tuner, held_out) if len(held_out) >= MIN_HELD_OUT else None
        budget = Budget(tuner, len(batches), gate.unrelated if gate else Unrelated(tuner))
        tuner.reset()
        run = _Run(tuner, reading, steps, budget, both=arm == SHIPPED)
        began = time.perf_counter()
        trained = tuner.train(batches, after_step=run.look, cancel=self._cancel, first_plan=budget.last)
        seconds = time.perf_counter() - began - run.seconds
        found = run.values(arm)
        unrelated = unrelated_texts(later.foreign)
        found |= {f"unrelated.{kind}.{arm}": 100 * share for kind, share in self._harm(unrelated).items()}
        if arm == SHIPPED:
            verdict = gate.settle(budget.harm) if gate else None
            found[f"gate.{arm}"] = float(verdict is not None and verdict.keep)
            if verdict is not None and verdict.keep:
                found[f"strength.{arm}"] = verdict.strength
                found[f"{arm}+gate"] = reading.bits_per_byte(tuner.losses([reading.alone])[0])
                for kind, share in self._harm(unrelated).items():
                    found[f"unrelated.{kind}.{arm}+gate"] = 100 * share
        found |= {f"seconds.{arm}": seconds, f"steps.{arm}": float(len(trained.losses))}
        return found

    def _held_out(self, candidates: Candidates, chosen: Sequence[Selected]) -> list[Encoded]:
        held_out = choose_held_out(candidates.chunks, chosen)
        encoded = [self._tuner.encode(gate_document(chunk)) for chunk in held_out]
        return [each for each in encoded if each.learned.any()]

    def _harm(self, texts: Mapping[str, tuple[Document, ...]]) -> dict[str, float]:
        """Return by which share the loss on texts of each kind has risen under the present adapter."""
        found = {}
        for kind, documents in texts.items():
            encoded, base = self._tuner.untuned_losses(documents)
            found[kind] = harm_of(base, self._tuner.losses(encoded))
        return found


class _Run:
    """Looks at one run of gradient steps while it goes on; what that takes is no part of the run."""

    def __init__(self, tuner: Tuner, reading: Reading, steps: Sequence[int], budget: Budget, *, both: bool) -> None:
        self._tuner, self._reading, self._steps, self._budget, self._both = tuner, reading, steps, budget, both
        self._alone: dict[int, float] = {}
        self._informed: dict[int, float] = {}
        self.seconds = 0.0

    def look(self, step: int) -> int | None:
        """Measure after one of the steps that are looked at, and after the last; return what the budget does."""
        changed = self._budget.after_step(step)
        if step in self._steps or step == self._budget.last:
            began = time.perf_counter()
            self._measure(step)
            self.seconds += time.perf_counter() - began
        return changed

    def _measure(self, step: int) -> None:
        reading = self._reading
        losses = self._tuner.losses([reading.alone, reading.informed] if self._both else [reading.alone])
        self._alone[step] = reading.bits_per_byte(losses[0])
        if self._both:
            self._informed[step] = reading.bits_per_byte(losses[1])

    def values(self, arm: str) -> dict[str, float]:
        """Return the bits at every step that is looked at; a run that ended earlier stays where it ended."""
        if not self._alone:  # nothing was chosen: nothing changed
            self._measure(0)
        found: dict[str, float] = {}
        for name, seen in ((arm, self._alone), (f"context+{arm}", self._informed)):
            if seen:
                last = seen[max(seen)]
                found |= {f"{name}@{step}": seen.get(step, last) for step in self._steps}
                found[name] = last
        return found
