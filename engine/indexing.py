"""One repository and its index, brought up to date with the folder and with the user's notes.

Cheap to make: encoders are loaded when a text first needs them, and the transformer encoder only where it is used.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from engine import paths, space
from engine.config import Settings
from engine.embedding.cache import EmbeddingCache
from engine.embedding.encoders import Encoders
from engine.errors import BusyError, Cancelled, DamagedError, UsageError
from engine.index.store import Store
from engine.repository.glance import Glance
from engine.types import (
    CancelToken,
    Progress,
    Report,
    SkippedFile,
    SourceFile,
    SymbolTable,
)
from engine.verdicts import SourceLines

if TYPE_CHECKING:
    from engine.index.retriever import IndexState, Retriever
    from engine.index.updater import Updater, UpdateReport
    from engine.index.vectors import VectorIndex
    from engine.memory import Memory, Note
    from engine.repository.scan import Scanner

__all__ = ["IndexedFolder", "Why"]

# Why a file was left out that no longer holds once it is listed; other reasons lie in what it contains.
_NOT_CONTENT = {"ignored", "missing", "nested repository", "special file", "symlink", "too large", "unreadable"}
_FEW_CHUNKS = 50  # are embedded sooner than the whole encoder is loaded


@dataclass(frozen=True, slots=True)
class Why:
    """Whether a file is indexed, and the reason if it is not."""

    path: str
    indexed: bool
    reason: str = ""
    detail: str = ""


class IndexedFolder:
    """A repository and its index. Usable from several threads; one of them may index while others search."""

    def __init__(self, root: Path, settings: Settings, encoders: Encoders | None = None) -> None:
        """Take a resolved folder. ``encoders`` are those of the process when it opens several repositories.

        StorageError when our own folder cannot be used.
        """
        self.root = root
        self.settings = settings
        self._directory = paths.repository_directory(root)
        self.key = self._directory.name  # under which everything derived from the repository is filed
        self._store = Store(self._directory)
        self._cache = EmbeddingCache(paths.embeddings_file())
        self._encoders = encoders or Encoders(threads=settings.worker_threads)
        from engine.chunking import CHUNKER_VERSION

        self._chunker = CHUNKER_VERSION
        self._head: str | None = None  # the commit as of which every indexed file is dated, None while unknown
        space.note_root(self._directory, root)
        self._glance = Glance(root)
        self._memory_lock = threading.Lock()
        self._memory: Memory | None = None

    def close(self) -> None:
        """Close the databases; harmless when called twice."""
        with self._memory_lock:
            if self._memory is not None:
                self._memory.close()
                self._memory = None
        self._store.close()
        self._cache.close()

    @property
    def table(self) -> SymbolTable:
        """Return what the index knows about names."""
        return self._store

    # -- parts made when first needed -----------------------------------------------------------

    @property
    def memory(self) -> Memory:
        """Return the open conversations and notes; StorageError when they cannot be opened."""
        from engine.memory import Memory

        with self._memory_lock:
            if self._memory is None:
                self._memory = Memory(paths.memory_file())
            return self._memory

    @cached_property
    def _static(self) -> VectorIndex:
        from engine.index.vectors import VectorIndex

        return VectorIndex("static", self._store, self._cache, self._encoders.static, chunker=self._chunker)

    @cached_property
    def _transformer(self) -> VectorIndex:
        from engine.index.vectors import VectorIndex

        return VectorIndex("transformer", self._store, self._cache, self._encoders.transformer, chunker=self._chunker)

    @cached_property
    def _retriever(self) -> Retriever:
        from engine.index.retriever import Retriever

        return Retriever(self._store, [self._transformer, self._static])

    def _updater(self, tier: Literal["static", "transformer"]) -> Updater:
        from engine.chunking import parse
        from engine.index.updater import Updater

        return Updater(
            self._store,
            [self._static, self._transformer] if tier == "transformer" else [self._static],
            parse=parse,
            chunker=self._chunker,
            threads=self.settings.worker_threads,
            exists=lambda path: os.path.lexists(self.root / path),
            moved=self._cache.copy,
        )

    # -- indexing -------------------------------------------------------------------------------

    def index(
        self,
        *,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
        tier: Literal["static", "transformer"] = "transformer",
    ) -> UpdateReport:
        """Bring the index up to date with the folder, up to the given tier.

        Raises Cancelled (what is done stays done), BusyError when another process writes, RepositoryError and
        StorageError.
        """
        from engine.repository import git
        from engine.repository.scan import scan

        head = git.head(self.root)
        files = map(_nameable, scan(self.root, progress=progress, cancel=cancel))
        scanned = itertools.chain(files, self._note_sources().values())
        report = self._write(tier, scanned, complete=True, progress=progress, cancel=cancel)
        self._head = head
        return report

    def _write(
        self,
        tier: Literal["static", "transformer"],
        scanned: Iterable[SourceFile | SkippedFile],
        *,
        removed: Iterable[str] = (),
        complete: bool = False,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> UpdateReport:
        """Update the index; what it finds in the shared cache stays there meanwhile, whoever collects."""
        with self._cache.claim() as sign_of_life:

            def tell(report: Report) -> None:
                sign_of_life()
                if progress is not None:
                    progress(report)

            return self._updater(tier).update(scanned, removed=removed, complete=complete, progress=tell, cancel=cancel)

    def _date(self, scanner: Scanner, paths: Sequence[str]) -> None:
        """Find the last commits of a few files, in git's history only where the index cannot know them."""
        from engine.repository import git

        same = self._head is not None and git.head(self.root) == self._head
        scanner.date_only(paths, self._store.commits(paths) if same else None)

    def ensure_index(self, *, progress: Progress | None = None, cancel: CancelToken | None = None) -> None:
        """Make the repository searchable: index it up to the static tier if it never was, else what changed."""
        if self._store.counts()[0] == 0:
            self._index_unless_busy(progress, cancel)
        else:
            self.refresh(progress=progress, cancel=cancel)

    def refresh(
        self, *, progress: Progress | None = None, cancel: CancelToken | None = None, follow: bool = True
    ) -> None:
        """Read the files that changed since they were indexed, by size and time.

        With ``follow`` a process that is indexing already does it for us; without it that is a BusyError.
        """
        from engine.repository.scan import Scanner

        try:
            stamps = self._store.stamps()
            if not stamps:
                self._index_unless_busy(progress, cancel)
                return
            scanner = Scanner(self.root)
            changed: list[str] = []
            seen: set[str] = set()
            skipped: list[SkippedFile] = []
            for each in map(_nameable, scanner.list()):
                if isinstance(each, SkippedFile):
                    skipped.append(each)
                    continue
                seen.add(each.path)
                stamp = stamps.get(each.path)
                if stamp is None or (stamp.size, stamp.mtime_ns) != (each.size, each.mtime_ns):
                    known = self._store.skipped(each.path) if stamp is None else None
                    if known is not None and known.reason not in _NOT_CONTENT:
                        continue  # left out for its content when it was last read
                    changed.append(each.path)
            notes = self._note_sources()
            new = [each for path, each in notes.items() if path not in stamps or stamps[path].sha256 != each.sha256]
            removed = stamps.keys() - seen - notes.keys()
            known_skipped = {each.path for each in self._store.all_skipped()}
            left_out = [each for each in skipped if each.path not in known_skipped]
            if not changed and not removed and not new and not left_out:
                return
            self._date(scanner, changed)
            scanned = itertools.chain(map(scanner.read, changed), new, left_out)
            self._write("static", scanned, removed=removed, progress=progress, cancel=cancel)
        except BusyError:
            if not follow:
                raise
        except DamagedError:  # it has been replaced by an empty one
            self._index_unless_busy(progress, cancel)

    def update(
        self, changed: Iterable[str], *, progress: Progress | None = None, cancel: CancelToken | None = None
    ) -> UpdateReport:
        """Read files again that were created, changed or deleted, up to the static tier; raises as ``index`` does.

        A folder among ``changed`` is passed over: what happened in it has to be named, or looked for by ``index``.
        """
        from engine.memory import is_note_path
        from engine.repository.scan import Scanner

        scanner = Scanner(self.root)
        paths = sorted(path for path in set(changed) if not _not_text(path) and not (self.root / path).is_dir())
        self._date(scanner, paths)
        notes = self._note_sources() if any(map(is_note_path, paths)) else {}
        read = [notes[path] if path in notes else scanner.read(path) for path in paths]
        gone = [each.path for each in read if isinstance(each, SkippedFile) and each.reason == "missing"]
        there = [each for each in read if not (isinstance(each, SkippedFile) and each.reason == "missing")]
        return self._write("static", there, removed=gone, progress=progress, cancel=cancel)

    def fill(self, *, progress: Progress | None = None, cancel: CancelToken | None = None) -> UpdateReport:
        """Embed what is indexed and has no vector yet, in both tiers, without a look at the files; see ``index``."""
        return self._write("transformer", (), progress=progress, cancel=cancel)

    def tidy(self) -> None:
        """Keep the limit of the settings on what the disk is used for, when that is due; nobody waits for it."""
        space.tidy(self.settings, self._cache)

    def prepare_to_fill(self) -> None:
        """Load the transformer encoder if ``fill`` will need it whole, which takes seconds; ModelError.

        Nobody is kept from writing the index meanwhile, as they would be inside ``fill``.
        """
        self._transformer.refresh()
        if len(self._transformer.missing) > _FEW_CHUNKS:
            self._encoders.transformer.load()

    def _index_unless_busy(self, progress: Progress | None, cancel: CancelToken | None) -> None:
        try:
            self.index(progress=progress, cancel=cancel, tier="static")
        except BusyError:
            return

    def expected_files(self, *, cancel: CancelToken | None = None) -> int:
        """Return how many files ``index`` would read; Cancelled, RepositoryError. None is opened."""
        from engine.repository.scan import list_paths

        count = 0
        for each in list_paths(self.root):
            if cancel is not None and cancel.is_set():
                raise Cancelled("the count of files was stopped")
            count += not isinstance(each, SkippedFile)
        return count

    def counts(self) -> tuple[int, int]:
        """Return the numbers of indexed files and chunks."""
        return self._store.counts()

    def listing(self) -> tuple[tuple[str, ...], tuple[SkippedFile, ...]]:
        """Return the indexed paths, sorted, and the files and folders that are left out."""
        from engine.memory import is_note_path

        files = tuple(path for path in self._store.files() if not is_note_path(path))
        return files, self._store.all_skipped()

    def state(self) -> IndexState:
        """Return how far the index is."""
        return self._retriever.state()

    def why(self, path: str) -> Why:
        """Return whether the file at ``path`` is indexed, and why not; UsageError for a path outside the repository."""
        from engine.repository.scan import explain

        if _not_text(path):
            return Why(_shown(path), indexed=False, reason="name", detail=_NAME)
        if self._store.has_file(path):
            return Why(path, indexed=True)
        if not (self.root / path).exists() and not (self.root / path).is_symlink():
            return Why(path, indexed=False, reason="missing", detail="there is no such file")
        skipped = explain(self.root, path)
        if skipped is not None:
            return Why(path, indexed=False, reason=skipped.reason, detail=skipped.detail)
        if (self.root / path).is_dir():
            return Why(path, indexed=False, reason="folder", detail="its files are indexed one by one")
        return Why(path, indexed=False, reason="not yet", detail="the next question or `sidetune index` reads it")

    def require_indexed(self, path: str) -> None:
        """Raise UsageError, with the reason, unless the file is indexed."""
        why = self.why(path)
        if not why.indexed:
            raise UsageError(f"{path} is not indexed: {why.detail or why.reason}")

    def take_in(self, changed: Iterable[str], *, cancel: CancelToken | None = None) -> bool:
        """Read changed files again for a question; return whether that was done, which another indexer prevents."""
        try:
            self.update(changed, cancel=cancel)
        except BusyError:
            return False
        except DamagedError:  # the index has been replaced by an empty one
            self._index_unless_busy(None, cancel)
        return True

    # -- notes ----------------------------------------------------------------------------------

    def changed_lines(self, note: Note) -> tuple[SourceLines, ...]:
        """Return the lines that a note rests on and that are no longer what they were: then it is stale."""
        from engine.memory import lines_hash

        return tuple(
            SourceLines(each.path, each.first_line, each.last_line)
            for each in note.citations
            if lines_hash(self.on_disk(each.path, each.first_line, each.last_line)) != each.sha256
        )

    def on_disk(self, path: str, first_line: int, last_line: int) -> str | None:
        """Return lines of a file as they are now, whether it is indexed or not; None when they are not there."""
        from engine.memory import is_note_path, note_path, note_source
        from engine.repository.scan import read_indexed

        if is_note_path(path):  # as it was written down: whether it is stale may depend on another note
            note = next((each for each in self.memory.notes(self.root) if note_path(each) == path), None)
            source = note_source(note, stale=False) if note is not None else SkippedFile(path, "missing")
        else:
            source = read_indexed(self.root, path)
        if isinstance(source, SkippedFile):
            return None
        lines = source.text.split("\n")
        return "\n".join(lines[first_line - 1 : last_line]) if last_line <= len(lines) else None

    def withheld(self, paths: Iterable[str]) -> Mapping[str, str]:
        """Return why files must not be shown to anybody else: what the ignore rules leave out now, by path."""
        from engine.memory import is_note_path
        from engine.repository.scan import Scanner

        scanner = Scanner(self.root)
        found = {}
        for path in dict.fromkeys(paths):
            skipped = None if is_note_path(path) else scanner.explain(path)
            if skipped is not None:
                found[path] = f"{skipped.reason}: {skipped.detail}" if skipped.detail else skipped.reason
        return found

    def _note_sources(self) -> Mapping[str, SourceFile]:
        """Return the notes about this repository as files, by path. Nothing is opened where nothing was ever kept."""
        from engine.memory import note_source

        if self._memory is None and not paths.memory_file().exists():
            return {}
        notes = self.memory.notes(self.root)
        sources = (note_source(note, stale=bool(self.changed_lines(note))) for note in notes)
        return {source.path: source for source in sources}


_NAME = "its name is not valid UTF-8, so it cannot be stored or shown; rename it"


class _Named(Protocol):
    @property
    def path(self) -> str: ...


_Found = TypeVar("_Found", bound=_Named)


def _not_text(path: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in path)


def _shown(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _nameable(found: _Found) -> _Found | SkippedFile:
    """Leave out what has a name that neither the index nor a model can take."""
    if not _not_text(found.path):
        return found
    if isinstance(found, SkippedFile):
        return SkippedFile(_shown(found.path), found.reason, found.detail)
    return SkippedFile(_shown(found.path), "name", _NAME)
