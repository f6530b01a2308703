"""How long tuning will take here, from the last runs on this machine."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from engine.errors import StorageError
from engine.models import InstalledModel
from engine.models.files import replacing
from engine.tuning.recipe import steps_for
from engine.types import Effort

__all__ = ["Calibration", "Run"]

_RUNS_KEPT = 5
_TOKENS_A_STEP = 300  # a first guess; chunks have about 250 encoder tokens
_GATE_PASSES = 16  # eight held-out chunks, before and after
_FIRST_GUESS_FLOPS = 4e10  # a second, of one modest laptop core: what is measured later is usually faster
_FIRST_GUESS_LOADING = 8.0  # seconds for the libraries; the weights come on top


@dataclass(frozen=True, slots=True)
class Run:
    """What one finished run took, in seconds."""

    steps: int
    training: float
    gate: float  # the passes over the held-out chunks, tokenising and writing
    prepare: float  # 0 when the model was loaded before


class Calibration:
    """The last runs of each model, in one small file; a damaged one counts as empty and is written anew."""

    def __init__(self, path: Path) -> None:
        """Use the JSON file ``path``, which need not exist."""
        self._path = path

    def record(self, model: InstalledModel, run: Run) -> None:
        """Remember a finished run; StorageError when the file cannot be written."""
        runs = self._load()
        runs[model.id] = [*runs.get(model.id, []), run][-_RUNS_KEPT:]
        text = json.dumps({key: [asdict(each) for each in value] for key, value in runs.items()})
        with replacing(self._path) as temporary:
            temporary.write_text(text, encoding="utf-8")

    def estimate_seconds(self, effort: Effort, model: InstalledModel, *, prepared: bool = True) -> float:
        """Return the seconds that tuning at this effort is expected to take, 0.0 for instant.

        The median of the last runs, or before the first a guess on the long side. With ``prepared`` False
        the loading of libraries and weights is added.
        """
        steps = steps_for(effort)
        if steps == 0 or model.untunable:
            return 0.0
        runs = [run for run in self._load().get(model.id, []) if run.steps]
        loads = [run.prepare for run in runs if run.prepare]
        if runs:
            training = statistics.median(run.training / run.steps for run in runs)
            gate = statistics.median(run.gate for run in runs)
        else:
            # Forward 2 operations a weight and token, backward to the activations another 2; the gate only the first.
            forward = 2.0 * model.parameters * _TOKENS_A_STEP / _FIRST_GUESS_FLOPS
            training, gate = 2 * forward, _GATE_PASSES * forward
        seconds = steps * training + gate
        if not prepared:
            seconds += statistics.median(loads) if loads else _FIRST_GUESS_LOADING + model.parameters * 4 / 1e9
        return seconds

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
