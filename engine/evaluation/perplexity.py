"""Bits per byte of functions written later: does tuning on what was selected make them more likely?

For each target, a function that the indexed revision has nothing like, the model reads the end of the file
before it and its signature; what is measured is the rest of the function, in bits per UTF-8 byte. The
question that retrieval gets is made of what the model reads, never of what is measured. Chunks that are
near-duplicates of any target (``targets.NEAR_DUPLICATE``) are neither shown nor trained on.

Arms: *base*; *context*, evidence read before the file; *random*, *nearest* and *sift*, one gradient step
a chunk chosen that way; *context+sift*, both. ``sift@5`` is the same run after five steps.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.config import default_threads
from engine.errors import Cancelled, UsageError
from engine.evaluation.metrics import EvaluationResult, summarise
from engine.evaluation.snapshot import open_snapshot
from engine.evaluation.targets import NEAR_DUPLICATE, Target, new_functions, overlap, shingles, sources_at
from engine.models import InstalledModel
from engine.repository import git
from engine.selection.select import select_evidence, select_examples
from engine.tuning.examples import Encoded, plan_steps
from engine.tuning.lora import Tuner
from engine.tuning.recipe import Recipe
from engine.types import CancelToken, Candidates, Chunk, Encoder, Floats, Progress, Report, Selected

__all__ = ["STEPS", "TARGETS", "Retrieve", "evaluate_perplexity", "perplexity_of_repository", "question_of"]

STEPS = (1, 2, 5, 10, 20)  # at which a run is looked at
TARGETS = 24
_NOTHING = "no function was written after that revision that the revision has nothing like"
_QUESTION_LINES = 8  # before the signature
_EVIDENCE_LIMIT = 16  # chunks; the room decides
_CHARS_A_TOKEN = 3.2  # of code

Retrieve = Callable[[str], Candidates]


def question_of(target: Target) -> str:
    """Return what to search for: the path, the signature and the lines just before it."""
    head = target.whole[: len(target.whole) - len(target.text)]
    before = target.before[: len(target.before) - len(head)].rstrip().splitlines()[-_QUESTION_LINES:]
    return "\n".join([f"{target.path} {target.symbol}", target.signature, *before])


def _without(candidates: Candidates, excluded: frozenset[int]) -> Candidates:
    """Return the candidates but for those whose ids are excluded."""
    keep = [row for row, number in enumerate(candidates.ids) if number not in excluded]
    rows = np.array(keep, dtype=np.int64)
    return Candidates(
        question=candidates.question,
        ids=tuple(candidates.ids[row] for row in keep),
        chunks=tuple(candidates.chunks[row] for row in keep),
        scores=_rows(candidates.scores, rows),
        question_vector=candidates.question_vector,
        vectors=_rows(candidates.vectors, rows),
        question_terms=candidates.question_terms,
        terms=tuple(candidates.terms[row] for row in keep),
        tier=candidates.tier,
    )


def _rows(array: Floats, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
    return np.asarray(array[rows])


@dataclass(frozen=True, slots=True)
class _Windows:
    """A target as the model reads it, without and with evidence before it; the learned tokens are measured."""

    alone: Encoded
    informed: Encoded
    size: int  # bytes measured

    def bits_per_byte(self, nats_a_token: float) -> float:
        return nats_a_token * int(self.alone.learned.sum()) / math.log(2) / self.size


def _windows(tuner: Tuner, target: Target, evidence: Sequence[Chunk]) -> _Windows:
    """Encode a target. Of the context a quarter is for the file before it, three eighths each for evidence and text."""
    encoder, context = tuner.encoder, tuner.model.context
    text = target.text
    while len(tokens := encoder.tokens(text)) > context * 3 // 8:
        text = text[: max(1, len(text) * (context * 3 // 8) // len(tokens) - 1)]
    path = [*encoder.document_start, *encoder.tokens(f"{target.path}\n")]
    given = [*path, *encoder.tokens(target.before)[-(context // 4 - len(path)) :]]
    shown: list[int] = []
    for chunk in evidence:  # most relevant first, so that it ends up next to the file
        each = [*encoder.document_start, *encoder.tokens(f"{chunk.path}\n{chunk.text}\n")]
        if len(shown) + len(each) <= context * 3 // 8:
            shown = [*each, *shown]
    return _Windows(_encoded(given, tokens), _encoded([*shown, *given], tokens), len(text.encode()))


def _encoded(given: Sequence[int], tokens: Sequence[int]) -> Encoded:
    learned = np.zeros(len(given) + len(tokens), dtype=np.bool_)
    learned[len(given) :] = True
    return Encoded(np.array([*given, *tokens], dtype=np.int64), learned)


def evaluate_perplexity(
    targets: Sequence[Target],
    pool: Sequence[Chunk],
    retrieve: Retrieve,
    tuner: Tuner,
    *,
    steps: Sequence[int] = STEPS,
    arms: Sequence[str] = ("random", "nearest", "sift"),
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> EvaluationResult:
    """Measure every target in every arm: ``bpb.ARM``, ``percent_of_base.ARM``, means over targets.

    ``pool`` holds all chunks of the revision, from which *random* draws; ``retrieve`` gives candidates of the
    same revision. ``arms`` are the tuned ones; *context+sift* comes with *sift*. Raises UsageError when there
    is nothing to measure and Cancelled when ``cancel`` is set.
    """
    if not targets:
        raise UsageError(_NOTHING)
    start = time.perf_counter()
    near = _NearDuplicates(targets)
    pool = [chunk for chunk in pool if not near.holds(chunk)]
    samples: dict[str, list[float]] = {}
    for number, target in enumerate(targets):
        if cancel is not None and cancel.is_set():
            raise Cancelled("the measurement was stopped")
        candidates = retrieve(question_of(target))
        excluded = {each for each, chunk in zip(candidates.ids, candidates.chunks, strict=True) if near.holds(chunk)}
        candidates = _without(candidates, frozenset(excluded))
        for name, bits in _measure(tuner, target, candidates, pool, number, steps, arms, cancel):
            samples.setdefault(name, []).append(bits)
        if progress is not None:
            so_far = {name: sum(values) / len(values) for name, values in samples.items() if "@" not in name}
            progress(Report("perplexity", number + 1, len(targets), f"{target.path} {target.symbol}", so_far))
    base = np.array(samples["base"])
    figures = {f"bpb.{name}": np.array(values) for name, values in samples.items()}
    figures |= {f"percent_of_base.{name}": 100 * np.array(values) / base for name, values in samples.items()}
    return summarise(figures, len(targets), time.perf_counter() - start)


def perplexity_of_repository(
    root: Path,
    since: str,
    model: InstalledModel,
    *,
    targets: int = TARGETS,
    recipe: Recipe | None = None,
    encoder: Encoder | None = None,
    threads: int = 0,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> EvaluationResult:
    """Index the repository as of ``since`` and measure up to ``targets`` functions that HEAD has since.

    The repository is only read, through git; nothing is checked out. Raises UsageError when git does not know
    the revision or nothing was written after it, and what the stages raise.
    """
    threads = threads or default_threads()
    then, now = sources_at(root, since), sources_at(root, "HEAD")
    found = new_functions(then, now, targets)
    if not found:
        raise UsageError(_NOTHING)
    commit = git.commit_of(root, since)
    opened = open_snapshot(root, commit, then, threads=threads, encoder=encoder, progress=progress, cancel=cancel)
    with opened as snapshot:
        tuner = Tuner(model, recipe=recipe, threads=threads)
        return evaluate_perplexity(found, snapshot.chunks, snapshot.retrieve, tuner, progress=progress, cancel=cancel)


class _NearDuplicates:
    """Which chunks are too like any of the targets."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._targets = [shingles(target.whole) for target in targets]
        self._known: dict[str, bool] = {}

    def holds(self, chunk: Chunk) -> bool:
        if chunk.text not in self._known:
            own = shingles(chunk.text)
            self._known[chunk.text] = any(overlap(own, each) >= NEAR_DUPLICATE for each in self._targets)
        return self._known[chunk.text]


def _measure(
    tuner: Tuner,
    target: Target,
    candidates: Candidates,
    pool: Sequence[Chunk],
    seed: int,
    steps: Sequence[int],
    arms: Sequence[str],
    cancel: CancelToken | None,
) -> Iterator[tuple[str, float]]:
    """Yield every figure of one target, in bits per byte."""
    room = int(tuner.model.context * 3 // 8 * _CHARS_A_TOKEN)
    evidence = select_evidence(candidates, limit=_EVIDENCE_LIMIT, budget_chars=room)
    windows = _windows(tuner, target, [each.chunk for each in evidence])
    tuner.reset()
    alone, informed = tuner.losses([windows.alone, windows.informed])
    yield "base", windows.bits_per_byte(alone)
    yield "context", windows.bits_per_byte(informed)
    for arm in arms:
        chosen = _choose(arm, candidates, pool, seed, max(steps))
        batches = [[tuner.encode(each) for each in batch] for batch in plan_steps(chosen, [], max(steps), tuner.recipe)]
        seen: dict[int, float] = {}

        def look(report: Report, seen: dict[int, float] = seen) -> None:
            if report.done in steps or report.done == report.total:
                seen[report.done] = windows.bits_per_byte(tuner.losses([windows.alone])[0])

        tuner.train(batches, progress=look, cancel=cancel)
        last = seen[max(seen)] if seen else windows.bits_per_byte(alone)
        for step in steps:
            yield f"{arm}@{step}", seen.get(step, last)
        yield arm, last
        if arm == "sift":
            yield "context+sift", windows.bits_per_byte(tuner.losses([windows.informed])[0])


def _choose(arm: str, candidates: Candidates, pool: Sequence[Chunk], seed: int, steps: int) -> Sequence[Selected]:
    """Return the chunks of one arm, in the order in which they are trained on; SIFT may take one again."""
    if arm == "sift":
        return select_examples(candidates, steps)
    if arm == "nearest":
        chunks = [each.chunk for each in select_evidence(candidates, method="nearest", limit=steps)]
    elif arm == "random":
        chunks = [pool[row] for row in np.random.default_rng(seed).permutation(len(pool))[:steps]]
    else:
        raise UsageError(f"there is no tuned arm {arm!r}; known are random, nearest and sift")
    return [Selected(chunk, score=0.0, gain=1.0 / rank, share=0.0) for rank, chunk in enumerate(chunks, start=1)]
