"""A scan's files -> an index that says what the files say: parse what changed, forget what is gone, embed what is new.

Work is cut into short pieces: one transaction a file, batches of about ``BATCH_SECONDS`` while embedding. Between two
pieces ``progress`` is called, so whoever must go first (a question) waits there for its turn to end, and ``cancel``
is looked at. Whatever was finished before the process stops, or is killed, is not done again.

A partial update asks the store for the files it is about and nothing else, so that what a saved file costs does not
grow with the repository.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.errors import Cancelled, ModelError
from engine.index.store import FileStamp, Store, chunk_key
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
    reused: int  # texts that it had, or found in the cache; of a partial update only those that it looked for
    skipped: Mapping[str, int] = field(default_factory=dict)  # reason -> files; empty after a partial update
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
    one are parsed again. ``exists`` says whether a path is on disk now and ``moved`` is told of the chunks of a
    renamed file, new embedding key -> old one, before they are written: their vectors move along.
    """

    def __init__(
        self,
        store: Store,
        tiers: Sequence[VectorIndex],
        *,
        parse: Callable[[SourceFile], ParsedFile],
        chunker: str,
        threads: int = 1,
        exists: Callable[[str], bool] | None = None,
        moved: Callable[[Mapping[bytes, bytes]], object] | None = None,
    ) -> None:
        self._store = store
        self._exists = exists
        self._moved = moved
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
            embedded, reused, problem = self._fill(complete, step)
        files, chunks = self._store.counts()
        skipped = self._store.skipped_reasons() if complete else {}
        return UpdateReport(files, chunks, embedded, reused, skipped, time.perf_counter() - start, problem)

    # -- files ----------------------------------------------------------------------------------

    def _apply(
        self, scanned: Iterable[SourceFile | SkippedFile], removed: Iterable[str], complete: bool, step: _Step
    ) -> None:
        removed = set(removed)
        known = _Known(self._store, self._exists, removed, complete=complete)
        seen: set[str] = set()
        skipped: list[SkippedFile] = []
        for each in scanned:
            if isinstance(each, SkippedFile):
                skipped.append(each)
                continue
            seen.add(each.path)
            step("parse", len(seen), known.total, each.path)
            self._apply_file(each, known)
        gone = known.gone(seen, skipped)
        for path in sorted(gone):
            step("forget", 0, len(gone), path)
            self._store.remove_files([path])
        if complete or skipped or removed:
            self._store.note_skipped(skipped, complete=complete, gone=removed)

    def _apply_file(self, source: SourceFile, known: _Known) -> None:
        stamp = known.stamp(source.path)
        if stamp is None or stamp.sha256 != source.sha256 or stamp.chunker != self._chunker:
            parsed = self._parse(source)
            if stamp is None and self._moved is not None and (old := known.former(source)) is not None:
                # The path is part of what is embedded. The vectors of a mere rename saw the old one; the words of the
                # new one count at once through the lexical columns, and an edited chunk is embedded under it.
                self._moved({chunk_key(each): chunk_key(replace(each, path=old)) for each in parsed.chunks})
            self._store.replace_file(source, parsed, self._chunker)
        elif (stamp.size, stamp.mtime_ns, stamp.date) != (
            source.size,
            source.mtime_ns,
            source.commit.date if source.commit else "",
        ):
            self._store.touch_file(source)

    # -- vectors --------------------------------------------------------------------------------

    def _fill(self, complete: bool, step: _Step) -> tuple[int, int, str]:
        """Fill every tier; return how many texts the last one embedded and reused, and what went wrong."""
        embedded = reused = 0
        problem = ""
        for tier in self._tiers:
            reused = tier.refresh()
            missing = tier.missing
            if complete:
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


class _Known:
    """What the index says of the files of an update: of all of them after a scan of everything, else of those named."""

    def __init__(
        self, store: Store, exists: Callable[[str], bool] | None, removed: set[str], *, complete: bool
    ) -> None:
        self._store = store
        self._exists = exists
        self._complete = complete
        self._stamps = store.stamps(None if complete else removed)
        self._removed = removed
        self._by_content: dict[str, list[str]] = defaultdict(list)  # sha256 -> paths
        for path, stamp in self._stamps.items():
            self._by_content[stamp.sha256].append(path)
        self.total = len(self._stamps) if complete else 0  # files there were, 0 while unknown

    def stamp(self, path: str) -> FileStamp | None:
        """Return what is known of a file."""
        if self._complete or path in self._stamps:
            return self._stamps.get(path)
        return self._store.stamps([path]).get(path)

    def former(self, source: SourceFile) -> str | None:
        """Return the path under which a file with these very contents was indexed that is no more."""
        for path in self._by_content.get(source.sha256, ()):
            if path in self._removed or (self._exists is not None and not self._exists(path)):
                return path
        return None

    def gone(self, seen: set[str], skipped: Iterable[SkippedFile]) -> set[str]:
        """Return the indexed paths that are to be forgotten."""
        if self._complete:
            return self._stamps.keys() - seen
        return self._stamps.keys() | self._store.stamps([each.path for each in skipped]).keys()


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
