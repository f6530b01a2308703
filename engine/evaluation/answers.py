"""Does the model answer generated questions about a repository, and does it refuse those that nothing answers?

Questions come from ``asking`` and ``unanswerable`` (one in four), answers from ``arms``; what the figures mean stands
in ``marking`` and ``figures``. *found* is the retriever's ceiling: the share of questions whose answer stands in what
was shown. *first_line* and *highlight* are what quoting the first line of the best chunk, and the line that the prompt
highlights first, would be worth as answers; *facts* what the symbol graph says without a model.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from engine import __version__
from engine.errors import Cancelled, UsageError
from engine.evaluation.arms import ARMS, TUNED, examine
from engine.evaluation.asking import ASKED, AnswerQuestion, Asker, Code
from engine.evaluation.figures import figures_of
from engine.evaluation.metrics import EvaluationResult
from engine.evaluation.transcript import Row, Transcript, key_of, row_of
from engine.evaluation.unanswerable import SORTS, Unanswerable
from engine.generation.answering import read_refuse_above
from engine.repository.scan import read_indexed
from engine.types import CancelToken, Effort, Progress, Report, SourceFile, sha256_hex

if TYPE_CHECKING:
    from engine.assistant import Assistant

__all__ = ["Plan", "evaluate_answers", "questions_for", "read_code"]

_UNANSWERABLE_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked, and how it is answered."""

    count: int = 20  # questions a kind and repository
    tuned: int = 2  # of them, those that the tuned arms answer too, since learning takes seconds
    arms: tuple[str, ...] = ARMS
    effort: Effort = "balanced"
    seed: int = 0
    kinds: tuple[str, ...] = ASKED
    tier: Literal["static", "transformer"] = "transformer"  # of the vectors that the index has


def read_code(assistant: Assistant) -> Code:
    """Return the indexed files of a repository as questions are made of them."""
    read = (read_indexed(assistant.root, path) for path in assistant.listing()[0])
    files = {each.path: each.text for each in read if isinstance(each, SourceFile)}
    return Code(assistant.root.name, files, assistant.table)


def questions_for(code: Code, others: Sequence[Code], plan: Plan) -> list[tuple[AnswerQuestion, bool]]:
    """Return the questions about one repository, and of each whether the tuned arms answer it.

    At most one in four is unanswerable. The same code, plan and others give the same questions.
    """
    asker, refuser = Asker(code, plan.seed), Unanswerable(code, others, plan.seed)
    answerable = [(each, number < plan.tuned) for kind in plan.kinds for number, each in _numbered(asker, kind, plan)]
    most = round(len(answerable) * _UNANSWERABLE_SHARE / (1 - _UNANSWERABLE_SHARE))
    # A few more of each sort than are needed, for a repository that lacks one of them.
    made = [list(enumerate(refuser.ask(sort, most))) for sort in SORTS]
    turns = [each for rank in range(most) for sort in made for each in sort[rank : rank + 1]]
    return [*answerable, *((each, number < plan.tuned) for number, each in turns[:most])]


def _numbered(asker: Asker, kind: str, plan: Plan) -> list[tuple[int, AnswerQuestion]]:
    return list(enumerate(asker.ask(kind, plan.count)))


def _settings(plan: Plan, codes: Mapping[str, Code], assistants: Mapping[str, Assistant]) -> dict[str, object]:
    """Return all that decides what a run asks and answers."""
    model = next(iter(assistants.values())).model
    return {
        "version": __version__,
        **asdict(plan),
        "model": f"{model.name} {model.id}",
        "refuse_above": read_refuse_above(model.weights) if model.style == "compact" else None,
        "repositories": {
            name: sha256_hex("\n".join(f"{path} {sha256_hex(text)}" for path, text in sorted(code.files.items())))
            for name, code in codes.items()
        },
    }


def evaluate_answers(
    assistants: Sequence[Assistant],
    plan: Plan,
    examples: Path | None = None,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> tuple[EvaluationResult, tuple[Row, ...]]:
    """Ask every question about every repository in every arm of the plan; return the figures and what they are made of.

    ``examples`` takes each question as it is finished; those that it holds from an earlier run with the same settings
    are not asked again. No conversation is kept. Raises UsageError for two repositories of one name, for another run's
    ``examples`` and where there is nothing to ask, Cancelled when ``cancel`` is set, and what the stages raise.
    """
    started = time.perf_counter()
    by_name = {each.root.name: each for each in assistants}
    if len(by_name) < len(assistants):
        raise UsageError("two of the repositories have the same name")
    codes = {name: read_code(each) for name, each in by_name.items()}
    asked = [
        (name, question, tuned)
        for name, code in codes.items()
        for question, tuned in questions_for(code, [other for other in codes.values() if other is not code], plan)
    ]
    if not asked:
        raise UsageError("there is no Python code in these repositories to ask about")
    transcript = Transcript(examples, _settings(plan, codes, by_name))
    rows = []
    for number, (name, question, tuned) in enumerate(asked):
        key = key_of(name, question)
        if key not in transcript:
            if cancel is not None and cancel.is_set():
                raise Cancelled(f"stopped after {number} of {len(asked)} questions")
            arms = [arm for arm in plan.arms if tuned or arm not in TUNED]
            transcript.add(row_of(name, question, examine(by_name[name], question, arms, plan.effort, cancel)))
        rows.append(transcript[key])
        if progress is not None:
            progress(Report("evaluate", number + 1, len(asked), f"{name}: {question.question}"))
    return figures_of(rows, time.perf_counter() - started), tuple(rows)
