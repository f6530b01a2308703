"""The learning rate as a function of how much of the time budget is used.

Wall-clock, not steps: a machine whose speed changes under it still finishes its decay in time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from basemodel.recipe import ReadingRecipe, Recipe, RunningShape

__all__ = ["Stopwatch", "rate_factor", "shape_of_step"]


def rate_factor(progress: float, recipe: Recipe | ReadingRecipe) -> float:
    """Return the factor on the learning rate: linear warmup, constant, linear to zero.

    ``progress`` is the share of the time budget that is used, 0..1; beyond 1 the factor is 0.
    """
    if progress < recipe.warmup:
        return max(progress, 0.02 * recipe.warmup) / recipe.warmup
    if progress < recipe.decay_from:
        return 1.0
    return max(0.0, (1.0 - progress) / (1.0 - recipe.decay_from))


def shape_of_step(step: int, progress: float, recipe: Recipe, context: int) -> RunningShape:
    """Return what the step is made of: early all short; later every second one long."""
    if progress < recipe.late_from or step % 2:
        return RunningShape(min(recipe.short_length, context))
    return RunningShape(context)


class Stopwatch:
    """Seconds spent training, over all the pauses: the sum of earlier runs and of this one."""

    def __init__(self, minutes: float, spent: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.budget = minutes * 60.0
        self._spent = spent
        self._clock = clock
        self._started = clock()

    @property
    def spent(self) -> float:
        """Return the seconds used so far."""
        return self._spent + self._clock() - self._started

    @property
    def progress(self) -> float:
        """Return the share of the budget that is used; may exceed 1."""
        return self.spent / self.budget if self.budget > 0 else 1.0
