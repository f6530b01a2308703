"""Which arithmetic the encoder computes in on this machine: a self-test, once, of what is fast and still right.

Vectors of one text are interchangeable when their cosine is at least ``INTERCHANGEABLE``: that is what keeping them
as float16 and bfloat16's rounding cost, and far less than what tells two chunks apart. So the name under which vectors
are cached does not say how they were computed, and an arithmetic that does not keep to it is never chosen.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Literal, Protocol

from engine.embedding.light import LightBert
from engine.embedding.packed import ARITHMETICS, Arithmetic, PackedBert
from engine.embedding.weights import WEIGHTS_SHA256
from engine.errors import StorageError
from engine.models.files import replacing
from engine.models.processor import processor
from engine.paths import models_directory
from engine.types import Floats

__all__ = ["INTERCHANGEABLE", "Choice", "Model", "Trial", "choose", "known_choice", "measure"]

INTERCHANGEABLE = 0.999

_FILE = "encoder-choice.json"
_ATTEMPTS = "encoder-attempts.json"
_DEADLY = 3  # ends of the process during a try: one or two may have had another cause, as when the user stops it
_VERSION = 1  # of what the candidates compute: another one is tested anew
_PROBE_TOKENS = 32  # a text that shows within a blink what is hopelessly slow
_HOPELESS = 3.0  # times slower than the best so far
_SECONDS = 0.15  # a candidate


class Model(Protocol):
    """Token ids of texts -> unit vectors."""

    def encode(self, texts: Sequence[Sequence[int]]) -> Floats:
        """Return one row a text, (n, d)."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a candidate."""

    arithmetic: Arithmetic
    tokens_per_second: float = 0.0  # on one thread
    cosine: float = 0.0  # to the reference, of the worst text
    problem: str = ""  # why it was not considered, "" when it was


@dataclass(frozen=True, slots=True)
class Choice:
    """The outcome. "numpy" stands for the reference itself, which needs no torch and is slow."""

    arithmetic: Arithmetic | Literal["numpy"]
    reason: str
    trials: tuple[Trial, ...]
    seconds: float  # that the test took


def known_choice() -> Choice | None:
    """Return what was chosen for this processor and these versions, None when that is still to be tested."""
    try:
        kept = json.loads((models_directory() / _FILE).read_text(encoding="utf-8"))
        if kept["key"] != _key() or kept["arithmetic"] not in (*ARITHMETICS, "numpy"):
            return None
        trials = tuple(Trial(**trial) for trial in kept["trials"])
        return Choice(kept["arithmetic"], str(kept["reason"]), trials, float(kept["seconds"]))
    except (OSError, ValueError, KeyError, TypeError, StorageError):  # not there, not ours or not readable
        return None


def choose(folder: Path, texts: Sequence[Sequence[int]]) -> Choice:
    """Return what is known, or test with the token ids of some ``texts`` and remember. Imports torch when it tests.

    Run it on a thread that computes alone, with no helpers: a thread's own time is measured, so that what else the
    machine does hardly matters. Raises nothing of its own: what goes wrong in a candidate rules that candidate out.
    """
    known = known_choice()
    if known is not None:
        return known
    started = time.perf_counter()
    reference = LightBert(folder)
    trials = measure({each: partial(PackedBert, folder, each) for each in ARITHMETICS}, reference, texts)
    choice = _best(trials, time.perf_counter() - started)
    _remember(choice)
    return choice


def measure(
    candidates: Mapping[Arithmetic, Callable[[], Model]], reference: LightBert, texts: Sequence[Sequence[int]]
) -> tuple[Trial, ...]:
    """Try the candidates one after the other, so that only one is in memory.

    One that ended the process the last times it was tried is not tried again: a library's kernel may die of an
    instruction that the processor, or the machine it is a part of, does not have.
    """
    expected = [reference.encode(ids) for ids in texts]
    trials: list[Trial] = []
    fastest = 0.0  # probe tokens a second
    for arithmetic, make in candidates.items():
        if _deadly(arithmetic):
            trials.append(Trial(arithmetic, problem="the program ended while it was tried"))
            continue
        try:
            _count(arithmetic, 1)
            model = make()
            model.encode([texts[0][:_PROBE_TOKENS]])  # compiles kernels
            probe = _speed(model, [texts[0][:_PROBE_TOKENS]], seconds=0)
            if probe * _HOPELESS < fastest:
                trials.append(Trial(arithmetic, problem="this processor is slow at it"))
                continue
            fastest = max(fastest, probe)
            vectors = model.encode(texts)
            cosine = float(min(row @ other for row, other in zip(vectors, expected, strict=True)))
            speed = _speed(model, texts, seconds=_SECONDS)
        except (ImportError, OSError, RuntimeError, ValueError, KeyError, AttributeError, NotImplementedError) as error:
            trials.append(Trial(arithmetic, problem=f"it does not run here: {next(iter(str(error).splitlines()), '')}"))
            continue
        finally:
            _count(arithmetic, -1)
        # Written so that a cosine that is not a number fails it, too.
        problem = "" if cosine >= INTERCHANGEABLE else f"its vectors are off (cosine {cosine:.4f})"
        trials.append(Trial(arithmetic, speed, cosine, problem))
    return tuple(trials)


def _speed(model: Model, texts: Sequence[Sequence[int]], *, seconds: float) -> float:
    """Return tokens per second in the best pass of a model that has warmed up."""
    clock = time.perf_counter if os.name == "nt" else time.thread_time  # Windows counts a thread's time in 16 ms
    best = 0.0
    stop = time.perf_counter() + seconds
    while not best or time.perf_counter() < stop:
        start = clock()
        model.encode(texts)
        best = max(best, sum(map(len, texts)) / max(clock() - start, 1e-9))
    return best


def _best(trials: Sequence[Trial], seconds: float) -> Choice:
    right = [trial for trial in trials if not trial.problem]
    problems = "; ".join(f"not {trial.arithmetic}: {trial.problem}" for trial in trials if trial.problem)
    if not right:
        return Choice("numpy", problems, tuple(trials), seconds)
    best = max(right, key=lambda trial: trial.tokens_per_second)
    plain = next((trial for trial in right if trial.arithmetic == "float32" and trial is not best), None)
    reason = f"{best.tokens_per_second:,.0f} tokens a second and thread"
    if plain is not None:
        reason += f", {best.tokens_per_second / plain.tokens_per_second:.1f} times plain float32"
    reason += f", cosine {best.cosine:.5f}"
    return Choice(best.arithmetic, f"{reason}; {problems}" if problems else reason, tuple(trials), seconds)


def _deadly(arithmetic: Arithmetic) -> bool:
    return _attempts().get(arithmetic, 0) >= _DEADLY


def _attempts() -> dict[str, int]:
    """Return how many tries of each candidate have begun and not ended."""
    try:
        kept = json.loads((models_directory() / _ATTEMPTS).read_text(encoding="utf-8"))
        return {str(name): int(number) for name, number in kept["attempts"].items()} if kept["key"] == _key() else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StorageError):
        return {}


def _count(arithmetic: Arithmetic, change: int) -> None:
    attempts = _attempts()
    attempts[arithmetic] = attempts.get(arithmetic, 0) + change
    _write(_ATTEMPTS, {"key": _key(), "attempts": attempts})


def _key() -> dict[str, str | int]:
    versions = {}
    for name in ("torch", "numpy"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = ""
    name, features = processor()
    return {**versions, "processor": f"{name} {' '.join(features)}", "weights": WEIGHTS_SHA256, "test": _VERSION}


def _remember(choice: Choice) -> None:
    _write(_FILE, {"key": _key(), **asdict(choice)})


def _write(name: str, values: Mapping[str, object]) -> None:
    try:
        with replacing(models_directory() / name) as temporary:
            temporary.write_text(json.dumps(values, indent=1), encoding="utf-8")
    except StorageError:  # a home that cannot be written costs the test at each start, nothing else
        return
