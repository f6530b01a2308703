"""The numbers that a training run is made of, in one place."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.types import Effort

__all__ = ["MIN_HELD_OUT", "Recipe", "recipe_for", "steps_for"]

MIN_HELD_OUT = 2  # a standard error needs two differences
_SMALL = 50_000_000  # parameters; the bundled model's class


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an adapter is trained; two runs with equal recipes and examples give the same adapter."""

    rank: int = 16
    alpha: float = 32.0  # the update is alpha / rank · B A x
    learning_rate: float = 5e-3  # of the first step
    decay: bool = True  # the rate falls in a straight line, to nothing after the last step; False: it stays
    max_tokens: int = 512  # of an example; what is longer is cut
    clip_norm: float = 1.0  # of the gradient over all LoRA matrices
    facts_a_step: int = 8  # question-answer pairs that share one gradient step
    fact_every: int = 4  # chunk steps between two fact steps; 0: no fact steps
    seed: int = 0  # of the initial A
    layers: float = 0.75  # the share of the layers, from the top, that get an adapter
    short: float = 0.6  # the share of the steps that is planned at first; what is left is taken if a look says so
    extend_gain: float = math.inf  # nats a token that the gate must have gained half-way through it for that
    steady_every: int = 0  # chunk steps between two steps on text that has nothing to do with the repository; 0: none

    def tuned_layers(self, layers: int) -> int:
        """Return how many of the model's last layers get an adapter."""
        return max(1, math.ceil(self.layers * layers))

    def first_steps(self, steps: int) -> int:
        """Return how many of the steps are planned at first."""
        return min(steps, max(1, math.ceil(self.short * steps)))

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of a step, counted from 1, of so many."""
        return self.learning_rate * ((steps - step + 1) / steps if self.decay else 1.0)


def recipe_for(parameters: int) -> Recipe:
    """Return the recipe for a model of this many parameters.

    The small class is measured (docs/log.md). Above it stands the rate that LoRA is customarily
    trained with (2e-4: Dettmers et al. 2023, arXiv 2305.14314), since larger models diverge earlier.
    """
    return Recipe() if parameters <= _SMALL else Recipe(learning_rate=2e-4, layers=1.0, short=1.0)


def steps_for(effort: Effort) -> int:
    """Return how many chunk examples the effort trains on at most: the budget of the selection."""
    return {"instant": 0, "balanced": 20, "deep": 60}[effort]
