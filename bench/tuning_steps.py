"""How many steps pay: ``python -m bench.tuning_steps --repo PATH --questions FILE.jsonl [-n 10]``.

For each question the chunks that the program would learn from are learned in several ways. What is gained is the loss
of related chunks that neither the training nor the gate has seen. ``all`` takes every planned step; the others plan a
share of them and take the rest when, half-way through, the gate has gained at least so much.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from bench.generated import own_home
from engine.assistant import Assistant
from engine.config import Settings
from engine.tuning.examples import Encoded, gate_document, plan_steps, unrelated_documents
from engine.tuning.facts import symbol_facts
from engine.tuning.gate import choose_held_out, harm_of, judge
from engine.tuning.lora import Tuner
from engine.tuning.recipe import Recipe, recipe_for, steps_for
from engine.types import Effort

__all__ = ["Ended", "ways", "word"]

_GATE, _UNSEEN = 8, 16
_NEVER, _ALWAYS = float("inf"), float("-inf")


@dataclass(frozen=True, slots=True)
class Ended:
    """How one way ended for one question."""

    steps: int
    gain: float  # nats a token, on chunks that nobody has looked at
    harm: float  # the worst share by which the loss on unrelated text rose
    kept: bool


def ways(recipe: Recipe) -> dict[str, Recipe]:
    """Return the recipes to compare, by name."""
    found = {"all": replace(recipe, short=1.0)}
    for short in (0.4, 0.6, 0.8):
        found[f"{short:.0%}"] = replace(recipe, short=short, extend_gain=_NEVER)
    for short in (0.3, 0.4, 0.5):
        for gain in (0.05, 0.1, 0.15):
            found[f"{short:.0%}, all from {gain}"] = replace(recipe, short=short, extend_gain=gain)
    for every in (4, 8):
        found[f"unrelated text every {every}"] = replace(recipe, short=1.0, steady_every=every)
    for share in (0.75, 0.5, 0.25):
        found[f"upper {share:.0%} of layers"] = replace(recipe, short=1.0, layers=share)
        found[f"upper {share:.0%} of layers, rate x 1.5"] = replace(
            recipe, short=1.0, layers=share, learning_rate=1.5 * recipe.learning_rate
        )
    return found


class _Learner:
    """One tuner a set of layers, since that is decided when weights are loaded."""

    def __init__(self, assistant: Assistant, effort: Effort) -> None:
        self._assistant, self._effort = assistant, effort
        self._tuners: dict[float, Tuner] = {}

    def _tuner(self, recipe: Recipe) -> Tuner:
        found = self._tuners.setdefault(recipe.layers, Tuner(self._assistant.model, recipe=recipe))
        found.recipe = recipe
        return found

    def of(self, question: str, recipes: dict[str, Recipe]) -> Iterator[tuple[str, Ended]]:
        """Yield how each way ends."""
        assistant, budget = self._assistant, steps_for(self._effort)
        candidates = assistant.candidates(question)
        selected = assistant.examples(candidates, budget)
        facts = symbol_facts(assistant.table, [each.chunk for each in selected])
        held_out = choose_held_out(candidates.chunks, selected, _GATE + _UNSEEN)
        for name, recipe in recipes.items():
            tuner = self._tuner(recipe)
            texts = [each for each in (tuner.encode(gate_document(chunk)) for chunk in held_out) if each.learned.any()]
            batches = [[tuner.encode(each) for each in batch] for batch in plan_steps(selected, facts, budget, recipe)]
            if len(texts) > _GATE + 1 and batches:
                yield name, _learn(tuner, recipe, batches, texts[:_GATE], texts[_GATE:])


def _learn(
    tuner: Tuner, recipe: Recipe, batches: list[list[Encoded]], gate: list[Encoded], unseen: list[Encoded]
) -> Ended:
    tuner.reset()
    gate_before, unseen_before = tuner.losses(gate), tuner.losses(unseen)
    first = recipe.first_steps(len(batches))
    looks_at = (first + 1) // 2 if first < len(batches) else 0

    def after_step(number: int) -> int | None:
        if number != looks_at:
            return None
        return len(batches) if fmean(gate_before) - fmean(tuner.losses(gate)) >= recipe.extend_gain else None

    training = tuner.train(batches, after_step=after_step, first_plan=first)
    unrelated = (tuner.untuned_losses(texts) for texts in unrelated_documents().values())
    harms = {str(kind): harm_of(losses, tuner.losses(texts)) for kind, (texts, losses) in enumerate(unrelated)}
    kept = judge(gate_before, tuner.losses(gate), harms).keep
    gain = fmean(unseen_before) - fmean(tuner.losses(unseen))
    return Ended(len(training.losses), gain, max(harms.values()), kept)


def word(name: str, ended: list[Ended], full: list[Ended]) -> str:
    """Return a line of the table: each figure a mean over questions."""
    steps = fmean(each.steps for each in ended) / fmean(each.steps for each in full)
    gain = fmean(each.gain for each in ended)
    share = gain / fmean(each.gain for each in full)
    worst, kept = max(each.harm for each in ended), fmean(each.kept for each in ended)
    harm = fmean(each.harm for each in ended)
    return f"{name:36} {steps:6.0%} {gain:7.4f} {share:7.0%} {harm:+8.2%} {worst:+8.2%} {kept:6.0%}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.tuning_steps", description=__doc__)
    parser.add_argument("--repo", action="append", required=True, metavar="PATH", help="as often as --questions")
    parser.add_argument("--questions", action="append", required=True, metavar="FILE", help='{"question": …} a line')
    parser.add_argument("--effort", choices=["balanced", "deep"], default="balanced")
    parser.add_argument("--only", action="append", metavar="WAY", help="a way whose name begins so, beside all")
    parser.add_argument("-n", type=int, default=10, help="questions of each repository (%(default)s)")
    arguments = parser.parse_args()
    found: dict[str, list[Ended]] = {}
    with own_home():
        for repo, file in zip(arguments.repo, arguments.questions, strict=True):
            lines = Path(file).read_text(encoding="utf-8").splitlines()[: arguments.n]
            with Assistant(Path(repo).resolve(), Settings()) as assistant:
                assistant.index(tier="static")
                recipes = ways(recipe_for(assistant.model.parameters))
                wanted = ("all", *arguments.only) if arguments.only else tuple(recipes)
                recipes = {name: recipe for name, recipe in recipes.items() if name.startswith(wanted)}
                learner = _Learner(assistant, arguments.effort)
                for line in lines:
                    for name, ended in learner.of(json.loads(line)["question"], recipes):
                        found.setdefault(name, []).append(ended)
                    print(".", end="", flush=True, file=sys.stderr)
    print(f"\n{'':36} {'steps':>6} {'gain':>7} {'of all':>7} {'harm':>8} {'worst':>8} {'kept':>6}")
    for name, each in found.items():
        print(word(name, each, found["all"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
