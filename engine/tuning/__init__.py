"""Selection -> adapter: a LoRA trained for one question, kept only if it helps."""

from engine.tuning.facts import symbol_facts
from engine.tuning.lora import Tuner
from engine.tuning.recipe import Recipe, recipe_for, steps_for
from engine.tuning.tune import estimate_seconds, forget_adapters, tune

__all__ = [
    "Recipe",
    "Tuner",
    "estimate_seconds",
    "forget_adapters",
    "recipe_for",
    "steps_for",
    "symbol_facts",
    "tune",
]
