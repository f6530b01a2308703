"""One question, answered in up to four arms by the parts that answer every question.

*neither* asks the model alone, *evidence* lets it read what was selected, *tuning* lets it learn from what was selected
and shows it nothing, *both* is what the assistant does. Names that do not exist are looked up, and a silent repository
is taken as an answer, where evidence is shown; elsewhere nothing is known about the repository but what was learned.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import TuningError
from engine.evaluation.asking import AnswerQuestion
from engine.evaluation.marking import is_refusal
from engine.generation.citations import settle
from engine.generation.prompt import highlights
from engine.stages import Looked, why_untuned
from engine.types import SILENT_ANSWER, Adapter, CancelToken, Citation, Effort, Evidence, Fact

if TYPE_CHECKING:
    from engine.assistant import Assistant

__all__ = ["ARMS", "TUNED", "Answered", "Examined", "examine"]

ARMS = ("neither", "evidence", "tuning", "both")
TUNED = frozenset({"tuning", "both"})
_INFORMED = frozenset({"evidence", "both"})


@dataclass(frozen=True, slots=True)
class Answered:
    """What one arm answered, and how long that took."""

    text: str
    citations: tuple[Citation, ...]
    refused: bool
    refusal: float | None  # probability of a refusal when the first token was chosen; None where nothing was written
    first_token: float | None  # seconds, reading of the prompt included; None where nothing was written
    tokens: int
    rate: float | None  # tokens a second from the first piece of text to the last; None where that was one piece
    adapter: str = ""  # its state, in a tuned arm


@dataclass(frozen=True, slots=True)
class Examined:
    """A question with what was found for it, the answers by arm, and what the cheapest readers would say."""

    answers: dict[str, Answered]
    shown: tuple[tuple[str, int, int], ...]  # path and lines that a model with evidence reads
    level: str  # of the confidence
    missing: tuple[str, ...]
    first_line: str  # of the best chunk
    highlight: str  # the line that matters most to the question
    facts: tuple[Fact, ...]


def examine(
    assistant: Assistant,
    question: AnswerQuestion,
    arms: Sequence[str],
    effort: Effort,
    cancel: CancelToken | None = None,
) -> Examined:
    """Answer one question in every arm; nothing is remembered of it but an adapter in the cache.

    Raises Cancelled when ``cancel`` is set, and what the stages raise; a failure to learn is an arm without an adapter.
    """
    with assistant.asking():
        looked = assistant.look(question.question, history=question.history, cancel=cancel)
        evidence = list(assistant.still_there(looked.evidence))
        adapter = _learned(assistant, looked, effort, cancel) if TUNED.intersection(arms) else None
        _ = assistant.writer  # loaded before the clock starts
        answers: dict[str, Answered] = {}
        shown: Sequence[Evidence] = evidence
        for arm in arms:
            used = adapter if arm in TUNED else None
            if arm not in _INFORMED:
                answers[arm], _ = _answer(assistant, question, [], None, used, cancel)
            else:
                answers[arm], shown = _answer(assistant, question, evidence, looked, used, cancel)
        lines = highlights(question.question, shown)
        return Examined(
            answers,
            tuple((each.chunk.path, each.chunk.first_line, each.chunk.last_line) for each in shown),
            looked.confidence.level,
            tuple(each.name for each in looked.missing),
            next((line for line in evidence[0].chunk.text.split("\n") if line.strip()), "") if evidence else "",
            lines[0][1] if lines else "",
            assistant.facts(question.question),
        )


def _learned(assistant: Assistant, looked: Looked, effort: Effort, cancel: CancelToken | None) -> Adapter:
    if untuned := why_untuned(looked, effort):
        return Adapter("skipped", reason=untuned)
    try:
        return assistant.learn(looked, effort, cancel=cancel)
    except TuningError as error:
        return Adapter("skipped", reason=str(error))


def _answer(
    assistant: Assistant,
    question: AnswerQuestion,
    evidence: Sequence[Evidence],
    looked: Looked | None,
    adapter: Adapter | None,
    cancel: CancelToken | None,
) -> tuple[Answered, Sequence[Evidence]]:
    """Return the answer of one arm and the evidence that fitted into its prompt; ``looked`` is None without any."""
    state = adapter.state if adapter is not None else ""
    if looked is not None and looked.confidence.level == "silent":
        return Answered(SILENT_ANSWER, (), True, None, None, 0, None, state), evidence
    start = time.perf_counter()
    draft = assistant.draft(
        question.question,
        evidence,
        adapter=adapter,
        missing=looked.missing if looked is not None else (),
        history=question.history,
        cancel=cancel,
    )
    first: float | None = None
    before = 0  # tokens that the first piece took
    for _ in draft:
        if first is None:
            first, before = time.perf_counter(), draft.tokens
    text, citations = settle(draft.text.strip(), draft.cited, assistant.reread)
    writing = draft.seconds - (draft.first_seconds or draft.seconds)
    answered = Answered(
        text,
        citations,
        is_refusal(text),
        draft.refusal,
        first - start if first is not None else None,
        draft.tokens,
        (draft.tokens - before) / writing if draft.tokens > before and writing > 0 else None,
        state,
    )
    return answered, draft.shown
