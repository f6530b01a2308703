"""A scan's files -> an index that says what the files say: parse what changed, forget what is gone, embed what is new.

Work is cut into short pieces: one transaction a file, batches of about ``BATCH_SECONDS`` while embedding. Between two
pieces ``progress`` is called, so whoever must go first (a question) waits there for its turn to end, and ``cancel``
is looked at. Whatever was finished before the process stops, or is killed, is not done again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.errors import Cancelled, ModelError
from engine.index.store import FileStamp, Store
from engine.index.vectors import VectorIndex
from engine.types import CancelToken, ParsedFile, Progress, Report, SkippedFile, SourceFile

__all__ = ["BATCH_SECONDS", "UpdateReport", "Updater"]

BATCH_SECONDS = 0.2
_WINDOW = 512  # chunks whose texts are read and sorted by length together
_FIRST_BATCH = 2  # texts; from then on batches are as large as the time allows
_LARGEST_BATCH = 256


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did and what there is now; the fields of ``sidetune index --json``."""

    files: int
    chunks: int
    embedded: int  # texts that the best tier embedded
    reused: int  # texts that it found in the cache
    skipped: Mapping[str, int] = field(default_factory=dict)  # reason -> files
    seconds: float = 0.0
    problem: str = ""  # a sentence when a tier could not be filled; the lexical one always is


class _Pace:
    """How many texts to embed at once, so that a batch takes about ``BATCH_SECONDS``."""

    def __init__(self) -> None:
        self._per_char = 0.0  # seconds

    def batches(self, texts: Mapping[int, str]) -> Iterator[list[int]]:
        """Yield the labels of ``texts`` in batches of similar length, shortest first."""
        labels = sorted(texts, key=lambda label: len(texts[label]))
        start = 0
        while start < len(labels):
            size, longest = 0, 0
            while size < _LARGEST_BATCH and start + size < len(labels):
                longest = len(texts[labels[start + size]])
                limit = BATCH_SECONDS / ((size + 1) * longest) if longest else 1.0
                if size and (self._per_char > limit if self._per_char else size >= _FIRST_BATCH):
                    break
                size += 1
            yield labels[start : start + size]
            start += size

    def learn(self, texts: Sequence[str], seconds: float) -> None:
        per_char = seconds / max(1, sum(map(len, texts)))
        self._per_char = 0.5 * (self._per_char + per_char) if self._per_char else per_char


class Updater:
    """Writes one repository's index. ``tiers`` are filled in the order given, the best one last.

    ``parse`` makes chunks and symbols of a file; ``chunker`` names its version, and files indexed with another
    one are parsed again.
    """

    def __init__(
        self,
        store: Store,
        tiers: Sequence[VectorIndex],
        *,
        parse: Callable[[SourceFile], ParsedFile],
        chunker: str,
        threads: int = 1,
    ) -> None:
        self._store = store
        self._tiers = tuple(tiers)
        self._parse = parse
        self._chunker = chunker
        self._threads = threads

    def update(
        self,
        scanned: Iterable[SourceFile | SkippedFile],
        *,
        removed: Iterable[str] = (),
        complete: bool = True,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> UpdateReport:
        """Apply a scan and fill the tiers.

        With ``complete`` the scan saw the whole repository, and what it did not see is gone; without it, as after
        an event of the watcher, only ``removed`` is. Raises Cancelled (what is done stays done), BusyError
        when another process writes or has taken over, StorageError, and what the scan itself raises.
        """
        start = time.perf_counter()
        step = _Step(progress, cancel)
        with self._store.writer():
            self._apply(scanned, removed, complete, step)
            embedded, reused, problem = self._fill(step)
        files, chunks = self._store.counts()
        seconds = time.perf_counter() - start
        return UpdateReport(files, chunks, embedded, reused, self._store.skipped_reasons(), seconds, problem)

    # -- files ----------------------------------------------------------------------------------

    def _apply(
        self, scanned: Iterable[SourceFile | SkippedFile], removed: Iterable[str], complete: bool, step: _Step
    ) -> None:
        known = self._store.stamps()
        seen: set[str] = set()
        skipped: list[SkippedFile] = []
        for each in scanned:
            if isinstance(each, SkippedFile):
                skipped.append(each)
                continue
            seen.add(each.path)
            step("parse", len(seen), len(known), each.path)
            self._apply_file(each, known.get(each.path))
        removed = set(removed)
        gone = (known.keys() - seen) if complete else (known.keys() & (removed | {each.path for each in skipped}))
        for path in sorted(gone):
            step("forget", 0, len(gone), path)
            self._store.remove_files([path])
        if complete or skipped or removed:
            self._store.note_skipped(skipped, complete=complete, gone=removed)

    def _apply_file(self, source: SourceFile, stamp: FileStamp | None) -> None:
        if stamp is None or stamp.sha256 != source.sha256 or stamp.chunker != self._chunker:
            self._store.replace_file(source, self._parse(source), self._chunker)
        elif (stamp.size, stamp.mtime_ns, stamp.date) != (
            source.size,
            source.mtime_ns,
            source.commit.date if source.commit else "",
        ):
            self._store.touch_file(source)

    # -- vectors --------------------------------------------------------------------------------

    def _fill(self, step: _Step) -> tuple[int, int, str]:
        """Fill every tier; return how many texts the last one embedded and reused, and what went wrong."""
        embedded = reused = 0
        problem = ""
        for tier in self._tiers:
            tier.refresh()
            missing = tier.missing
            reused = len(self._store.keys() - set(missing.values()))
            try:
                embedded = self._embed(tier, missing, step)
            except ModelError as error:  # without its encoder a tier stays empty, and the others still answer
                embedded, problem = 0, str(error)
            if tier.graph_is_stale():
                tier.rebuild_graph(
                    threads=self._threads, step=lambda done, total: step("graph", done, total, renew=self._store)
                )
        return embedded, reused, problem

    def _embed(self, tier: VectorIndex, missing: Mapping[int, bytes], step: _Step) -> int:
        labels = list(missing)
        pace = _Pace()
        done = embedded = 0
        while done < len(labels):
            texts = self._store.embedding_texts(labels[done : done + _WINDOW])
            count = 0
            for batch in pace.batches(texts):
                step(f"embed {tier.tier}", done + count, len(labels), renew=self._store)
                start = time.perf_counter()
                chosen = {label: texts[label] for label in batch}
                embedded += tier.embed(chosen, missing)
                pace.learn(list(chosen.values()), time.perf_counter() - start)
                count += len(batch)
            done += _WINDOW
        step(f"embed {tier.tier}", len(labels), len(labels))
        return embedded


class _Step:
    """What happens between two short pieces of work."""

    def __init__(self, progress: Progress | None, cancel: CancelToken | None) -> None:
        self._progress = progress
        self._cancel = cancel
        self._renewed = time.monotonic()

    def __call__(self, stage: str, done: int, total: int, detail: str = "", *, renew: Store | None = None) -> None:
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled("indexing was stopped; what is done stays done")
        if self._progress is not None:
            self._progress(Report(stage, done, total, detail))
        if renew is not None and time.monotonic() - self._renewed > 1.0:
            renew.renew()
            self._renewed = time.monotonic()
