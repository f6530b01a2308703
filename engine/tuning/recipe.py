"""The numbers that a training run is made of, in one place."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.types import Effort

__all__ = ["MIN_HELD_OUT", "Recipe", "recipe_for", "steps_for"]

MIN_HELD_OUT = 2  # a standard error needs two differences
_SMALL = 50_000_000  # parameters; the bundled model's class
_USUALLY_ADDED = 0.4  # of the steps that are not planned at first (docs/log.md)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an adapter is trained; two runs with equal recipes and examples give the same adapter."""

    rank: int = 16
    # The update is alpha / rank · B A x. A large alpha under Adam is a B that learns faster than A: what LoRA+ has
    # separate rates for (Hayou et al. 2024, arXiv 2402.12354).
    alpha: float = 128.0
    learning_rate: float = 2.5e-3  # of the first step
    beta1: float = 0.65  # of Adam; so few steps leave no time for the usual memory of ten of them
    decay: bool = True  # the rate falls in a straight line, to nothing after the last step; False: it stays
    max_tokens: int = 512  # of an example; what is longer is cut
    clip_norm: float = 1.0  # of the gradient over all LoRA matrices
    facts_a_step: int = 8  # question-answer pairs that share one gradient step
    fact_every: int = 4  # chunk steps between two fact steps; 0: no fact steps
    seed: int = 0  # of the initial A
    layers: float = 1.0  # the share of the layers, from the top, that get an adapter
    short: float = 0.4  # the share of the steps that is planned at first
    fewest: int = 12  # steps that are planned at first where there are as many
    more: float = 0.2  # the share that is added, again and again, as long as what is learned harms nothing else

    def tuned_layers(self, layers: int) -> int:
        """Return how many of the model's last layers get an adapter."""
        return max(1, math.ceil(self.layers * layers))

    def first_steps(self, steps: int) -> int:
        """Return how many of the steps are planned at first."""
        return min(steps, max(1, self.fewest, math.ceil(self.short * steps)))

    def more_steps(self, last: int, steps: int) -> int:
        """Return the step to end with, of so many, in place of ``last``."""
        return min(steps, last + max(1, math.ceil(self.more * steps)))

    def usual_steps(self, steps: int) -> float:
        """Return how many of the steps are taken, about, before it is known."""
        first = self.first_steps(steps)
        return first + _USUALLY_ADDED * (steps - first)

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of a step, counted from 1, of so many."""
        return self.learning_rate * ((steps - step + 1) / steps if self.decay else 1.0)


_LARGE = Recipe(alpha=32.0, learning_rate=2e-4, beta1=0.9, short=1.0)


def recipe_for(parameters: int) -> Recipe:
    """Return the recipe for a model of this many parameters.

    The small class is measured (docs/log.md). Above it stands the rate that LoRA is customarily
    trained with (2e-4: Dettmers et al. 2023, arXiv 2305.14314), since larger models diverge earlier.
    """
    return Recipe() if parameters <= _SMALL else _LARGE


def steps_for(effort: Effort) -> int:
    """Return how many chunk examples the effort trains on at most: the budget of the selection."""
    return {"instant": 0, "balanced": 20, "deep": 60}[effort]
