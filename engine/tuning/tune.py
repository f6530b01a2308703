"""Selected chunks and facts -> an adapter that has passed its gate, or the reason why there is none."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from engine import paths
from engine.errors import Cancelled, TuningError
from engine.models import InstalledModel
from engine.tuning.adapters import AdapterCache, CachedAdapter, adapter_key
from engine.tuning.estimate import Calibration, Run
from engine.tuning.examples import Encoded, Example, gate_document, plan_steps, unrelated_documents
from engine.tuning.gate import Budget, Gate, choose_held_out
from engine.tuning.lora import Training, Tuner
from engine.tuning.recipe import MIN_HELD_OUT, steps_for
from engine.types import Adapter, CancelToken, Chunk, Effort, Progress, Selected

__all__ = ["estimate_seconds", "forget_adapters", "tune"]


def _calibration() -> Calibration:
    return Calibration(paths.adapters_directory() / "speed.json")


def estimate_seconds(effort: Effort, model: InstalledModel, *, prepared: bool = True) -> float:
    """Return the seconds that tuning is expected to take; see ``Calibration.estimate_seconds``."""
    return _calibration().estimate_seconds(effort, model, prepared=prepared)


def forget_adapters(repository: str) -> int:
    """Remove every adapter derived from a repository (by the key given to ``tune``); return how many."""
    return AdapterCache(paths.adapters_directory()).forget(repository)


def tune(
    tuner: Tuner,
    selected: Sequence[Selected],
    held_out: Sequence[Chunk],
    facts: Sequence[tuple[str, str]],
    *,
    effort: Effort,
    repository: str,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
    skip: CancelToken | None = None,
) -> Adapter:
    """Train an adapter on ``selected`` and ``facts``, and keep it only if the gate does.

    ``held_out`` holds candidates, best first; the best that are not trained on are the gate's. ``repository``
    is the key under which ``forget_adapters`` finds the adapter. A run that was made before is reused
    without loading anything. The caller answers untuned unless the state is tuned or reused.

    Raises Cancelled, TuningError when training diverges, ModelError when the base cannot be loaded and
    StorageError when the adapter cannot be written; nothing is left behind then.
    """
    start = time.perf_counter()
    if effort != "instant" and tuner.model.untunable:
        return Adapter("skipped", reason=tuner.model.untunable)
    steps = plan_steps(selected, facts, steps_for(effort), tuner.recipe)
    if not steps:
        why = "Instant answers are not tuned." if effort == "instant" else "Nothing was selected to learn from."
        return Adapter("skipped", reason=why)
    gate = tuple(gate_document(chunk) for chunk in choose_held_out(held_out, selected))
    if len(gate) < MIN_HELD_OUT:
        return Adapter("skipped", reason="Too few related chunks are left over to check on whether learning helps.")
    cache = AdapterCache(paths.adapters_directory())
    looked_at = (*gate, *(each for texts in unrelated_documents().values() for each in texts))
    plan = _Plan(adapter_key(tuner.model.id, steps, looked_at, tuner.recipe, repository), steps, gate, repository)
    known = cache.get(plan.key)
    if known is not None:
        return _adapter(known, cache, time.perf_counter() - start, reused=True)
    entry = _Run(tuner, plan, effort, cancel, skip).entry(progress)
    if isinstance(entry, CachedAdapter):
        entry = cache.put(entry, tuner.export)
        return _adapter(entry, cache, time.perf_counter() - start, reused=False)
    why = f"Skipped by you after {entry} of {len(steps)} steps."
    return Adapter("skipped", steps=entry, reason=why, seconds=time.perf_counter() - start)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be trained, and what the gate will look at."""

    key: str
    steps: tuple[tuple[Example, ...], ...]
    gate: tuple[Example, ...]
    repository: str


class _Skipped(Exception):  # noqa: N818 - it is no error
    """The user wants the answer now."""


class _Run:
    """One training with its gate; the adapter stays in the tuner."""

    def __init__(
        self, tuner: Tuner, plan: _Plan, effort: Effort, cancel: CancelToken | None, skip: CancelToken | None
    ) -> None:
        self._tuner, self._plan, self._effort = tuner, plan, effort
        self._cancel, self._skip = cancel, skip
        self._taken = 0  # steps

    def _check(self) -> None:
        """End the run when the user wants that: before every step and every pass of the gate."""
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled("Stopped while tuning.")
        if self._skip is not None and self._skip.is_set():
            raise _Skipped

    def entry(self, progress: Progress | None) -> CachedAdapter | int:
        """Train and judge; return what is to be remembered, or after how many steps the user skipped it."""
        try:
            return self._entry(progress)
        except _Skipped:
            return self._taken

    def _entry(self, progress: Progress | None) -> CachedAdapter:
        tuner, plan = self._tuner, self._plan
        began = time.perf_counter()
        was_prepared = tuner.prepared
        tuner.prepare()
        loaded = time.perf_counter()
        batches = [[tuner.encode(each) for each in batch] for batch in plan.steps]
        unseen = [each for each in map(tuner.encode, plan.gate) if each.learned.any()]
        if len(unseen) < MIN_HELD_OUT:  # paths so long that nothing of the texts was left
            raise TuningError("Too few related chunks can be read to check on whether learning helps.")
        gate = Gate(tuner, unseen, check=self._check)
        budget = Budget(tuner, len(batches), gate.unrelated)
        training = self._train(batches, budget, progress)
        verdict = gate.settle(budget.harm)
        self._check()
        gate_seconds = time.perf_counter() - loaded - training.seconds
        loading = 0.0 if was_prepared else loaded - began
        run = Run(self._effort, len(batches), self._taken, training.seconds, gate_seconds, loading)
        _calibration().record(tuner.model, run)
        return CachedAdapter(
            key=plan.key,
            repository=plan.repository,
            model=tuner.model.id,
            kept=verdict.keep,
            reason=" ".join(filter(None, (verdict.reason, _given_up(tuner)))),
            steps=self._taken,
            loss_before=verdict.loss_before,
            loss_after=verdict.loss_after,
            seconds=time.perf_counter() - began,
        )

    def _train(
        self,
        batches: Sequence[Sequence[Encoded]],
        budget: Budget,
        progress: Progress | None,
    ) -> Training:
        """Take as many of the steps as harm nothing else."""

        def after_step(number: int) -> int | None:
            self._taken = number
            return budget.after_step(number)

        training = self._tuner.train(
            batches,
            progress=progress,
            cancel=self._cancel,
            skip=self._skip,
            after_step=after_step,
            first_plan=budget.last,
        )
        if training.skipped:
            raise _Skipped
        return training


def _given_up(tuner: Tuner) -> str:
    """Return in a sentence what the plan gave up for lack of memory, empty for nothing."""
    if tuner.plan is None or tuner.model.shape is None or tuner.plan.base == "bfloat16":
        return ""
    words = tuner.plan.words(tuner.model.shape, tuner.recipe)
    return f"For lack of memory it was trained with {words}." if words else ""


def _adapter(entry: CachedAdapter, cache: AdapterCache, seconds: float, *, reused: bool) -> Adapter:
    reason = f"{entry.reason} Reused from an earlier answer." if reused and entry.kept else entry.reason
    return Adapter(
        state="dropped" if not entry.kept else "reused" if reused else "tuned",
        key=entry.key,
        path=str(cache.path(entry.key)) if entry.kept else "",
        steps=entry.steps,
        reason=reason,
        loss_before=entry.loss_before,
        loss_after=entry.loss_after,
        seconds=seconds,
    )
