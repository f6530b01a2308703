"""How long tuning will take here: from the last runs on this machine, or before the first from its arithmetic."""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np

from engine.errors import StorageError
from engine.models import InstalledModel
from engine.models.files import replacing
from engine.models.processor import processor
from engine.tuning.recipe import Recipe, recipe_for, steps_for
from engine.types import Effort

__all__ = ["Calibration", "Run", "planned_steps"]

_RUNS_KEPT = 5
_TOKENS_A_STEP = 400  # a first guess: a chunk in its surroundings
_TOKENS_OF_GATE = 2 * 8 * 300 + 5 * 2_200  # eight held-out chunks before and after, and unrelated text, five times
_FACT_STEPS = 5  # at most, of the facts about one selection
_DIRECT = frozenset({"llama", "qwen2"})  # what is trained without transformers and PEFT, in llama.cpp's words
_DIRECT_LOADING, _WRAPPED_LOADING = 3.0, 8.0  # seconds for the libraries; the weights come on top
_SHARE_OF_LIMIT = 0.5  # of the speed of plain products that a step of a large model reaches
_SMALL, _SHARE_OF_SMALL = 50_000_000, 0.17  # parameters; what is no product weighs more there (python -m bench tuning)
_HALF_GAIN = 3.0  # how many times faster products are in bfloat16, with units for it
_HALF_UNITS = frozenset({"avx512_bf16", "amx_bf16"})


@dataclass(frozen=True, slots=True)
class Run:
    """What one finished run took, in seconds."""

    effort: str
    planned: int  # steps, had all been taken
    steps: int
    training: float
    gate: float  # the passes over the held-out chunks, tokenising and writing
    prepare: float  # 0 when the model was loaded before


def planned_steps(effort: Effort, recipe: Recipe) -> int:
    """Return how many steps the effort takes when enough is selected and there are enough facts."""
    chunks = steps_for(effort)
    facts = min(_FACT_STEPS, chunks // recipe.fact_every) if recipe.fact_every else 0
    return chunks + facts


class Calibration:
    """The last runs of each model, in one small file; a damaged one counts as empty and is written anew."""

    def __init__(self, path: Path) -> None:
        """Use the JSON file ``path``, which need not exist."""
        self._path = path

    def record(self, model: InstalledModel, run: Run) -> None:
        """Remember a finished run; StorageError when the file cannot be written."""
        runs = self._load()
        kept = [each for each in runs.get(model.id, []) if each.effort == run.effort][1 - _RUNS_KEPT :]
        others = [each for each in runs.get(model.id, []) if each.effort != run.effort]
        runs[model.id] = [*others, *kept, run]
        text = json.dumps({key: [asdict(each) for each in value] for key, value in runs.items()})
        with replacing(self._path) as temporary:
            temporary.write_text(text, encoding="utf-8")

    def estimate_seconds(self, effort: Effort, model: InstalledModel, *, prepared: bool = True) -> float:
        """Return the seconds that tuning at this effort is expected to take, 0.0 for instant.

        Medians of the last runs, of the same effort where there were any; before the first, what follows from the
        model's size and a product timed here. With ``prepared`` False the loading of libraries and weights is added.
        """
        if steps_for(effort) == 0 or model.untunable:
            return 0.0
        recipe = recipe_for(model.parameters)
        runs = [run for run in self._load().get(model.id, []) if run.steps]
        alike = [run for run in runs if run.effort == effort]
        steps = recipe.usual_steps(planned_steps(effort, recipe))
        if alike:
            seconds = statistics.median(run.training + run.gate for run in alike)
        elif runs:
            training = statistics.median(run.training / run.steps for run in runs)
            seconds = steps * training + statistics.median(run.gate for run in runs)
        else:
            seconds = _first_guess(model, steps, recipe.layers)
        if prepared:
            return seconds
        loads = [run.prepare for run in runs if run.prepare]
        return seconds + (statistics.median(loads) if loads else _first_loading(model))

    def _load(self) -> dict[str, list[Run]]:
        try:
            raw = json.loads(self._path.read_text(encoding="utf-8"))
            return {
                str(model): [Run(**{field.name: each[field.name] for field in fields(Run)}) for each in runs]
                for model, runs in raw.items()
            }
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StorageError(f"cannot read {self._path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, AttributeError):
            return {}


def _first_guess(model: InstalledModel, steps: float, layers: float) -> float:
    """Return the seconds of so many steps and the gate: forwards, and backwards through the layers that are tuned."""
    tokens = (1 + layers) * steps * _TOKENS_A_STEP + _TOKENS_OF_GATE
    speed = _product_flops() * (_HALF_GAIN if _HALF_UNITS & set(processor()[1]) else 1.0)
    share = _SHARE_OF_LIMIT if model.parameters > _SMALL else _SHARE_OF_SMALL
    return tokens * 2.0 * model.parameters / (share * speed)


def _first_loading(model: InstalledModel) -> float:
    libraries = _DIRECT_LOADING if model.architecture in _DIRECT else _WRAPPED_LOADING
    return libraries + model.parameters * 4 / 1e9


@lru_cache(maxsize=1)
def _product_flops() -> float:
    """Return the operations a second of a float32 product of the size that tuning has, timed in some milliseconds."""
    rows, columns = 384, 512
    x, w = np.ones((rows, columns), np.float32), np.ones((columns, columns), np.float32)
    fastest = float("inf")
    for _ in range(24):  # the fastest of them was not disturbed by others
        start = time.perf_counter()
        x @ w
        fastest = min(fastest, time.perf_counter() - start)
    return 2.0 * rows * columns * columns / max(fastest, 1e-9)
