"""What a model takes of this machine's memory, and whether that is there, before anything is downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.errors import TuningError
from engine.models.catalogue import CatalogueEntry
from engine.models.memory import answering_bytes, stored_bytes, total_memory
from engine.tuning.plan import least_bytes, plan_tuning, tuning_bytes
from engine.tuning.recipe import recipe_for

__all__ = ["Fit", "FitLevel", "fit_of"]

FitLevel = Literal["learns", "answers", "too large"]
_SHARE = 0.8  # of all memory may be taken: the rest is the system's and the editor's


@dataclass(frozen=True, slots=True)
class Fit:
    """Bytes of memory, 0 where something cannot be done with the model at all, and a sentence."""

    level: FitLevel
    answer_bytes: int
    tune_bytes: int  # without giving anything up, the answering included
    least_tune_bytes: int  # giving up all that can be given up
    words: str


def fit_of(entry: CatalogueEntry, memory: int | None = None) -> Fit:
    """Return whether a model of the catalogue fits into ``memory`` bytes (None: all of this machine's)."""
    total = memory if memory is not None else total_memory()
    room = int(_SHARE * total)
    if not entry.installable:
        return Fit("learns", 0, 0, 0, "It fits any machine.")
    shape, tunable = entry.shape, entry.weights is not None and entry.shape is not None
    stored = stored_bytes(shape) if tunable and shape is not None else 0
    answer = answering_bytes(stored or _gguf_bytes(entry), shape, entry.context)
    if answer > room:
        return Fit("too large", answer, 0, 0, f"It takes {_gb(answer)} to answer, and this machine has {_gb(total)}.")
    if not tunable or shape is None:
        return Fit("answers", answer, 0, 0, f"It answers in {_gb(answer)}. It is not tuned.")
    recipe = recipe_for(shape.parameters)
    least = answer + least_bytes(shape, recipe)
    try:
        plan = plan_tuning(shape, recipe, room - answer)
    except TuningError:
        words = f"It answers in {_gb(answer)}; learning takes at least {_gb(least)}, and this machine has {_gb(total)}."
        return Fit("answers", answer, 0, least, words)
    first = plan_tuning(shape, recipe, 1 << 50)
    full = answer + tuning_bytes(shape, first, recipe)
    given = plan.words(shape, recipe)
    words = f"It answers in {_gb(answer)} and learns in {_gb(answer + plan.bytes)}" + (
        f", with {given}." if given else "."
    )
    return Fit("learns", answer, full, least, words)


def _gguf_bytes(entry: CatalogueEntry) -> int:
    return sum(file.size for file in entry.gguf.files) if entry.gguf is not None else 0


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
