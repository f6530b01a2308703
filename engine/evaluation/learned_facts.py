"""Facts of the symbol graph learned in one direction, the other, or both, and asked from both ends.

The symbols fall into groups; for each group one adapter an arm is trained: *forward* facts alone ("what does f call?"),
*reversed* facts alone ("what calls g?"), *both*, or *none*, with equally many steps of equally many facts. Then every
fact of the group is asked without any document: the ends that the arm has not learned are held out. Facts of the next
group, which no arm has learned, show how much of a gain is the form of an answer and not what it says.

``bits.DIRECTION.ARM`` are bits a byte of the right answer, ``exact.DIRECTION.ARM`` the share of answers that greedy
decoding gives to the letter; DIRECTION is forward, reversed or unseen. ``gain.reversed`` is what reversed facts take
off the bits of reversed questions (forward less both), ``cost.forward`` what they put on those of forward ones.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.errors import Cancelled, UsageError
from engine.evaluation.merged import MergedModel
from engine.evaluation.metrics import EvaluationResult, summarise
from engine.tuning.examples import QuestionAnswer
from engine.tuning.facts import DIRECTIONS, SymbolFact, facts_about
from engine.tuning.lora import Tuner
from engine.types import CancelToken, Chunk, Progress, Report, SymbolTable

__all__ = ["ARMS", "GROUPS", "Group", "evaluate_facts", "groups_of"]

ARMS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "forward": ("forward",),
    "reversed": ("reversed",),
    "both": DIRECTIONS,
}
GROUPS = 8
STEPS = 12
_SYMBOLS = 6  # a group
_PER_FILE = 2  # symbols, so that no file decides the result
_FACTS = 120  # of a group, at most
_SEED = 0
_KINDS = frozenset({"function", "method", "class"})


@dataclass(frozen=True, slots=True)
class Group:
    """The facts about a few symbols."""

    facts: tuple[SymbolFact, ...]

    def of(self, *directions: str) -> list[SymbolFact]:
        """Return the facts in some directions."""
        return [each for each in self.facts if each.direction in directions]


def groups_of(table: SymbolTable, count: int = GROUPS) -> list[Group]:
    """Return groups of symbols that call or inherit from what the repository defines; the same ones every time.

    No question is in two groups. Fewer than ``count`` when there are not enough symbols.
    """
    rng = random.Random(_SEED)  # noqa: S311 - a sample, no secret
    chunks = list(_related(table, rng))
    rng.shuffle(chunks)
    groups: list[Group] = []
    asked: set[str] = set()
    for start in range(0, len(chunks) - _SYMBOLS + 1, _SYMBOLS):
        if len(groups) == count:
            break
        facts = facts_about(table, chunks[start : start + _SYMBOLS], _FACTS)
        new = tuple(each for each in facts if each.question not in asked)
        asked.update(each.question for each in new)
        groups.append(Group(new))
    return groups


def _related(table: SymbolTable, rng: random.Random) -> Iterator[Chunk]:
    """Yield up to two symbols a file that state a relation to another one, as chunks without text."""
    for path in table.files():
        found = [each for each in table.symbols_in(path) if each.kind in _KINDS]
        rng.shuffle(found)
        taken = 0
        for each in found:
            chunk = Chunk(path, each.first_line, each.last_line, "", "block", "", each.qualified)
            facts = facts_about(table, [chunk])
            if taken < _PER_FILE and any(
                fact.relation in ("calls", "inherits") and fact.direction == "forward" for fact in facts
            ):
                taken += 1
                yield chunk


def evaluate_facts(
    groups: Sequence[Group],
    tuner: Tuner,
    *,
    steps: int = STEPS,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> EvaluationResult:
    """Train every arm on every group and ask; figures are means over groups.

    Raises UsageError for fewer than two groups, Cancelled when ``cancel`` is set, and what the tuner raises.
    """
    if len(groups) < 2:
        raise UsageError("there are too few definitions here that call or inherit from each other")
    start = time.perf_counter()
    merged = MergedModel(tuner)
    samples: dict[str, list[float]] = {}
    for number, group in enumerate(groups):
        unseen = groups[(number + 1) % len(groups)]
        asked: dict[str, list[SymbolFact]] = {each: group.of(each) for each in DIRECTIONS}
        asked["unseen"] = list(unseen.facts)
        for arm, directions in ARMS.items():
            if cancel is not None and cancel.is_set():
                raise Cancelled("The measurement was stopped.")
            batches = _batches(group.of(*directions), steps, tuner.recipe.facts_a_step)
            tuner.train([[tuner.encode(_pair(fact)) for fact in batch] for batch in batches], cancel=cancel)
            merged.put_on(tuner.lora_tensors() if batches else {})
            for kind, facts in asked.items():
                bits, exact = _ask(merged, tuner, facts)
                samples.setdefault(f"bits.{kind}.{arm}", []).append(bits)
                samples.setdefault(f"exact.{kind}.{arm}", []).append(exact)
        if progress is not None:
            progress(Report("facts", number + 1, len(groups)))
    values = {name: np.array(each) for name, each in samples.items()}
    values["gain.reversed"] = values["bits.reversed.forward"] - values["bits.reversed.both"]
    values["cost.forward"] = values["bits.forward.both"] - values["bits.forward.forward"]
    return summarise(values, len(groups), time.perf_counter() - start)


def _pair(fact: SymbolFact) -> QuestionAnswer:
    return QuestionAnswer(fact.question, fact.answer)


def _batches(facts: Sequence[SymbolFact], steps: int, size: int) -> list[list[SymbolFact]]:
    """Return ``steps`` batches of up to ``size`` facts: round after round through all of them, each in another order.

    Arms with few facts see each of them more often: the steps are equal, and so is what a user waits for.
    """
    if not facts:
        return []
    rng = random.Random(_SEED)  # noqa: S311 - repeatable, not secret
    size = min(size, len(facts))
    queue: list[SymbolFact] = []
    batches = []
    for _ in range(steps):
        if len(queue) < size:
            again = [fact for fact in facts if fact not in queue]
            queue += rng.sample(again, len(again))
        batches.append(queue[:size])
        del queue[:size]
    return batches


def _ask(merged: MergedModel, tuner: Tuner, facts: Sequence[SymbolFact]) -> tuple[float, float]:
    """Return the mean bits a byte of the right answers, and the share that is given to the letter."""
    found = [(merged.recall(tuner.encode(_pair(fact))), len(fact.answer.encode())) for fact in facts]
    if not found:
        return float("nan"), float("nan")
    return (
        float(np.mean([recalled.bits / size for recalled, size in found])),
        float(np.mean([recalled.exact for recalled, _ in found])),
    )
