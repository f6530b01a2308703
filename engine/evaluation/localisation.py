"""Where does a change have to be made? Commit subjects in, changed files out, on a real history.

One index, taken at a revision, is asked the subjects of the commits that came after it; which commits are left out is
in ``engine.evaluation.commits``. Results count by file, in the order in which a file first appears: ``hit@k`` is the
share of questions with a changed file among the first k files, ``file_recall@10`` the mean share of the changed
files among the first ten. *windows* is the baseline: hybrid ranking over chunks of 40 lines.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.errors import Cancelled, UsageError
from engine.evaluation.commits import tasks_from
from engine.evaluation.evidence import Question
from engine.evaluation.metrics import EvaluationResult, compare, summarise
from engine.evaluation.snapshot import DEFINITIONS, WINDOWS, open_snapshot
from engine.evaluation.targets import sources_at
from engine.repository import git
from engine.selection.select import Method, select_evidence
from engine.types import CancelToken, Candidates, Chunk, Encoder, Progress, Report, Tier

__all__ = ["RANKINGS", "Localisation", "Ranking", "evaluate_localisation", "localisation_of_repository"]

Ranking = Literal["sift", "hybrid", "nearest", "windows"]
RANKINGS: tuple[Ranking, ...] = ("sift", "hybrid", "nearest", "windows")
Rank = Callable[[str], Mapping[str, Sequence[str]]]  # question -> {method: files, best first}
_FIRST = (1, 5, 10)
_RESULTS = 100  # chunks that are turned into files: enough for ten files


@dataclass(frozen=True, slots=True)
class Localisation:
    """What was measured, and on what."""

    result: EvaluationResult
    revision: str  # full commit id of the index
    tier: Tier
    files: int
    chunks: int
    left_out: Mapping[str, int]  # commits, by reason

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``evaluate localisation --json`` prints."""
        about = {"revision": self.revision, "tier": self.tier, "files": self.files, "chunks": self.chunks}
        return self.result.as_json() | about | {"left_out": dict(self.left_out)}


def evaluate_localisation(
    tasks: Sequence[Question],
    rank: Rank,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> EvaluationResult:
    """Ask every question and compare each method's files with the changed ones; figures are named ``NAME.METHOD``.

    The differences are those of the first method to each of the others. Raises UsageError for no tasks,
    Cancelled when ``cancel`` is set between two questions, and whatever ``rank`` raises.
    """
    if not tasks:
        raise UsageError("no commit after that revision can be asked as a question; choose an earlier one")
    started = time.perf_counter()
    samples: dict[str, dict[str, list[float]]] = {}
    for number, task in enumerate(tasks):
        if cancel is not None and cancel.is_set():
            raise Cancelled(f"stopped after {number} of {len(tasks)} commits")
        for method, files in rank(task.question).items():
            for name, value in _figures(task, files).items():
                samples.setdefault(method, {}).setdefault(name, []).append(value)
        if progress is not None:
            progress(Report("evaluate", number + 1, len(tasks), task.question))
    seconds = time.perf_counter() - started
    return compare({method: summarise(values, len(tasks), seconds) for method, values in samples.items()})


def _figures(task: Question, files: Sequence[str]) -> dict[str, float]:
    gold = set(task.files)
    figures = {f"hit@{k}": float(not gold.isdisjoint(files[:k])) for k in _FIRST}
    return figures | {f"file_recall@{_FIRST[-1]}": len(gold.intersection(files[: _FIRST[-1]])) / len(gold)}


def localisation_of_repository(
    root: Path,
    since: str,
    *,
    until: str = "HEAD",
    methods: Sequence[Ranking] = RANKINGS,
    limit: int = 200,
    tier: Tier = "transformer",
    threads: int = 1,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> Localisation:
    """Index the repository as of ``since`` and ask up to ``limit`` of the commits that follow, oldest first.

    The repository is only read, through git; nothing is checked out. Raises UsageError when git does not know a
    revision or nothing can be asked, and what the stages raise.
    """
    sources = sources_at(root, since)
    try:
        first, last = git.commit_of(root, since), git.commit_of(root, until)
        tasks = tasks_from(git.changes_since(root, first, last), {each.path for each in sources}, limit)
    except git.GitFailed as error:
        raise UsageError(f"the history of {root} from {since!r} to {until!r} cannot be read: {error}") from error
    chosen = [method for method in methods if method != "windows"]
    with ExitStack() as stack:
        indexes = {}
        for chunking in (DEFINITIONS, WINDOWS):
            if chunking is WINDOWS and "windows" not in methods:
                continue
            if chunking is DEFINITIONS and not chosen:
                continue
            indexes[chunking.name] = stack.enter_context(
                open_snapshot(
                    root, first, sources, threads=threads, tier=tier, chunking=chunking, encoder=encoder,
                    progress=progress, cancel=cancel,
                )
            )  # fmt: skip

        def rank(question: str) -> dict[str, Sequence[str]]:
            found: dict[str, Sequence[str]] = {}
            if DEFINITIONS.name in indexes:
                candidates = indexes[DEFINITIONS.name].retrieve(question)
                found |= {method: _files(candidates, method) for method in methods if method != "windows"}
            if WINDOWS.name in indexes:
                found["windows"] = _files(indexes[WINDOWS.name].retrieve(question), "hybrid")
            return {method: found[method] for method in methods}

        result = evaluate_localisation(tasks.questions, rank, progress, cancel)
        chunks = len(next(iter(indexes.values())).chunks)
    return Localisation(result, first, tier, len(sources), chunks, tasks.left_out)


def _files(candidates: Candidates, method: Method) -> Sequence[str]:
    chunks: list[Chunk] = [each.chunk for each in select_evidence(candidates, method=method, limit=_RESULTS)]
    return list(dict.fromkeys(chunk.path for chunk in chunks))
