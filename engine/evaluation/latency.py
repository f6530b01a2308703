"""How long does an answer take here, by stage and effort?

Questions are made from the names of the repository's own definitions, so that any repository can be measured.
``EFFORT.STAGE`` is the mean over questions with everything loaded, ``cold.total`` one first answer before it.
An adapter that was used again says nothing about the time to train it: such questions are left out of ``tune``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.errors import Cancelled, SidetuneError, UsageError
from engine.evaluation.metrics import EvaluationResult, summarise
from engine.events import Answer, Failure, Started
from engine.types import CancelToken, Effort, Progress, Report, SymbolTable

if TYPE_CHECKING:
    from engine.assistant import Assistant

__all__ = ["evaluate_latency", "questions_about"]

_FORMS = ("What does {} do?", "Where is {} used?", "How does {} work?")
_SEED = 0


def questions_about(table: SymbolTable, count: int) -> list[str]:
    """Return up to ``count`` questions about functions, methods and classes, the same every time."""
    names = sorted(
        {
            symbol.qualified
            for path in table.files()
            for symbol in table.symbols_in(path)
            if symbol.kind in {"function", "method", "class"}
        }
    )
    random.Random(_SEED).shuffle(names)  # noqa: S311 - a sample, no secret
    return [_FORMS[number % len(_FORMS)].format(name) for number, name in enumerate(names[:count])]


def evaluate_latency(
    assistant: Assistant,
    questions: Sequence[str],
    *,
    efforts: Sequence[Effort] = ("instant", "balanced"),
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> EvaluationResult:
    """Ask every question at every effort and return the seconds of each stage, ``first_token`` and ``total`` included.

    The conversations are removed afterwards. Raises UsageError when there is nothing to ask, SidetuneError when a
    question cannot be answered, Cancelled when ``cancel`` is set.
    """
    if not questions:
        raise UsageError("there is no definition in this repository to ask about")
    started = time.perf_counter()
    samples = {"cold.total": [_ask(assistant, questions[0], "instant", cancel)["total"]]}
    samples["cold.total"] += [float("nan")] * (len(questions) - 1)
    for effort in efforts:
        for number, question in enumerate(questions):
            if progress is not None:
                progress(Report("evaluate", number, len(questions), f"{effort}: {question}"))
            for stage, seconds in _ask(assistant, question, effort, cancel).items():
                values = samples.setdefault(f"{effort}.{stage}", [float("nan")] * len(questions))
                values[number] = seconds
    return summarise(samples, len(questions), time.perf_counter() - started)


def _ask(assistant: Assistant, question: str, effort: Effort, cancel: CancelToken | None) -> dict[str, float]:
    thread = ""
    try:
        for event in assistant.ask(question, effort=effort, cancel=cancel):
            if isinstance(event, Started):
                thread = event.thread
            elif isinstance(event, Failure):
                raise SidetuneError(event.message)
            elif isinstance(event, Answer):
                timings = dict(event.timings)
                if event.adapter.state == "reused":
                    timings.pop("tune", None)
                return timings
    finally:
        if thread:
            assistant.memory.delete_thread(thread)
    raise Cancelled("the measurement was stopped")
