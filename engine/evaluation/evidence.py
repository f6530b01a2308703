"""How much of the known evidence do the first results hold: recall of files, cover of spans.

``file_recall@10`` is the share of a question's gold files among the files of the first ten results. For
the results that fit in B characters in order, up to the first that does not, ``file_recall@Bc`` is the
same share and ``span_cover@Bc`` the share of gold spans that they touch. Figures are means over questions;
span cover over the questions that have spans.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import Cancelled, UsageError
from engine.evaluation.metrics import EvaluationResult, summarise
from engine.types import CancelToken, Chunk, Progress, Report, Selected

__all__ = ["BUDGETS", "Question", "Search", "Span", "evaluate_evidence", "load_questions"]

BUDGETS = (6000, 16000)  # characters: what the bundled model can read, and what a larger one is given
_FIRST = 10

Search = Callable[[str], Sequence[Selected] | Sequence[Chunk]]


@dataclass(frozen=True, slots=True)
class Span:
    """Lines of a file, 1-based and inclusive."""

    path: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose evidence is known."""

    question: str
    files: tuple[str, ...]
    spans: tuple[Span, ...] = ()


def load_questions(path: Path) -> tuple[Question, ...]:
    """Read a questions file, one JSON object ``{"question", "files", "spans"}`` a line; blank lines are skipped.

    Raises UsageError, naming file and line, for anything else.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 text") from error
    questions = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                questions.append(_question(json.loads(line)))
            except json.JSONDecodeError as error:
                raise UsageError(f"{path}:{number}: not valid JSON: {error.msg}") from error
            except ValueError as error:
                raise UsageError(f"{path}:{number}: {error}") from error
    if not questions:
        raise UsageError(f"{path}: holds no questions")
    return tuple(questions)


def _question(value: Any) -> Question:
    if not isinstance(value, dict):
        raise ValueError("a question must be a JSON object")  # noqa: TRY004 - becomes a UsageError with its line
    question, files, spans = value.get("question"), value.get("files"), value.get("spans", [])
    if not isinstance(question, str) or not question.strip():
        raise ValueError('"question" must be text that is not empty')
    if not isinstance(files, list) or not files or not all(isinstance(each, str) and each for each in files):
        raise ValueError('"files" must be a list of at least one path')
    if not isinstance(spans, list):
        raise ValueError('"spans" must be a list of [path, first line, last line]')  # noqa: TRY004 - likewise
    return Question(question, tuple(dict.fromkeys(files)), tuple(map(_span, spans)))


def _span(value: Any) -> Span:
    match value:
        case [str(path), int(first), int(last)] if path and not isinstance(first, bool) and 1 <= first <= last:
            return Span(path, first, last)
    raise ValueError('"spans" must be a list of [path, first line, last line], lines from 1, first not after last')


def _fitting(chunks: Iterable[Chunk], characters: int) -> list[Chunk]:
    kept = []
    for chunk in chunks:
        characters -= len(chunk.text)
        if characters < 0:
            break
        kept.append(chunk)
    return kept


def _file_recall(question: Question, chunks: Iterable[Chunk]) -> float:
    found = {chunk.path for chunk in chunks}
    return sum(path in found for path in question.files) / len(question.files)


def _span_cover(question: Question, chunks: Sequence[Chunk]) -> float:
    if not question.spans:
        return float("nan")

    def touched(span: Span) -> bool:
        return any(
            chunk.path == span.path and chunk.first_line <= span.last_line and span.first_line <= chunk.last_line
            for chunk in chunks
        )

    return sum(map(touched, question.spans)) / len(question.spans)


def evaluate_evidence(
    questions: Sequence[Question],
    search: Search,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> EvaluationResult:
    """Ask ``search`` every question and compare its results, in their order, with the known evidence.

    ``search`` should return as many results as fit in the largest of ``BUDGETS`` characters. Raises
    Cancelled when ``cancel`` is set between two questions, and whatever ``search`` raises.
    """
    started = time.perf_counter()
    names = [f"file_recall@{_FIRST}", *(f"{name}@{b}c" for b in BUDGETS for name in ("file_recall", "span_cover"))]
    samples = {name: np.full(len(questions), np.nan) for name in names}
    for number, question in enumerate(questions):
        if cancel is not None and cancel.is_set():
            raise Cancelled(f"stopped after {number} of {len(questions)} questions")
        chunks = [result.chunk if isinstance(result, Selected) else result for result in search(question.question)]
        samples[f"file_recall@{_FIRST}"][number] = _file_recall(question, chunks[:_FIRST])
        for characters in BUDGETS:
            fitting = _fitting(chunks, characters)
            samples[f"file_recall@{characters}c"][number] = _file_recall(question, fitting)
            samples[f"span_cover@{characters}c"][number] = _span_cover(question, fitting)
        if progress is not None:
            progress(Report("evaluate", number + 1, len(questions), question.question))
    return summarise(samples, len(questions), time.perf_counter() - started)
