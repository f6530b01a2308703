"""One repository with its index: what can be found in it, without any model that writes.

Cheap to make: encoders are loaded when a text first needs them, and the transformer encoder only where it is used.
"""

from __future__ import annotations

import itertools
import os
import shutil
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from engine import paths, space
from engine.config import Settings
from engine.embedding.cache import EmbeddingCache
from engine.embedding.encoders import Encoders
from engine.errors import BusyError, Cancelled, DamagedError, UsageError
from engine.index.store import FILE_NAME, Store
from engine.repository.glance import Glance
from engine.types import (
    CancelToken,
    Candidates,
    Chunk,
    Confidence,
    Evidence,
    Fact,
    Focus,
    MissingName,
    Progress,
    Report,
    Selected,
    SkippedFile,
    SourceFile,
    SymbolTable,
    Tier,
)
from engine.verdicts import SourceLines

if TYPE_CHECKING:
    from engine.index.retriever import IndexState, Retriever
    from engine.index.updater import Updater, UpdateReport
    from engine.index.vectors import VectorIndex
    from engine.memory import Memory, Note
    from engine.repository.scan import Scanner
    from engine.selection.select import Method

__all__ = ["Forgotten", "Why", "Workspace", "forget"]

_CANDIDATES = 200
_CHARS_A_TOKEN = 3.2  # of code, on the safe side; the prompt is fitted to the token afterwards
_LARGEST_EVIDENCE = 16_000  # characters; more costs seconds to read and buries the answer
_MOST_EVIDENCE = 16  # pieces; what the bundled model has citation tokens for
_PROMPT_TOKENS = 150  # question, sources and control tokens
# Why a file was left out that no longer holds once it is listed; other reasons lie in what it contains.
_NOT_CONTENT = {"ignored", "missing", "nested repository", "special file", "symlink", "too large", "unreadable"}
_FEW_CHUNKS = 50  # are embedded sooner than the whole encoder is loaded
_LOOKS = 3  # at what was chosen for a question, since files change while they are read
_OCCURRENCES = 50  # chunks in which a text is looked for letter by letter


@dataclass(frozen=True, slots=True)
class Why:
    """Whether a file is indexed, and the reason if it is not."""

    path: str
    indexed: bool
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What ``forget`` removed."""

    index: bool
    embeddings: int
    adapters: int


class Workspace:
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

    # -- finding --------------------------------------------------------------------------------

    def candidates(
        self, question: str, *, paths: Sequence[str] = (), exclude: Sequence[Focus] = (), tier: Tier | None = None
    ) -> Candidates:
        """Return the candidates for a question from the best tier that is ready, and the chunks of ``paths``.

        ``tier`` asks for that one, ready or not. What overlaps ``exclude`` is not among them, in whatever file it was
        asked for.
        """
        from engine.selection.select import without

        return without(self._retriever.retrieve(question, _CANDIDATES, paths=paths, tier=tier), exclude)

    def search(
        self, question: str, *, limit: int = 10, method: Method = "sift", paths: Sequence[str] = ()
    ) -> tuple[tuple[Selected, ...], Confidence]:
        """Return up to ``limit`` chunks, best first, and how much the repository says about the question."""
        from engine.selection.confidence import assess
        from engine.selection.select import select_evidence

        if not question.strip():
            raise UsageError("the question is empty")

        def find() -> tuple[Candidates, tuple[Selected, ...]]:
            candidates = self.candidates(question, paths=paths)
            found = select_evidence(candidates, method=method, limit=limit)
            return candidates, self.whole(found) if method == "sift" else found

        candidates, chosen = self.as_on_disk(find)
        return chosen, assess(candidates, self.missing_names(question))

    def evidence(
        self, candidates: Candidates, *, about: Sequence[Focus], context: int
    ) -> tuple[tuple[Selected, ...], Confidence]:
        """Return what to read for an answer by a model with ``context`` tokens, and the confidence."""
        from engine.selection.confidence import assess
        from engine.selection.select import select_evidence

        room = (context - _PROMPT_TOKENS - min(self.settings.answer_tokens, context // 4)) * _CHARS_A_TOKEN
        budget = self.settings.evidence_chars or int(min(room, _LARGEST_EVIDENCE))
        budget = max(budget, 1)
        chosen = select_evidence(candidates, limit=_MOST_EVIDENCE, budget_chars=budget, pins=about)
        return self.whole(chosen, budget), assess(candidates)

    def whole(self, chosen: Sequence[Selected], budget: int | None = None) -> tuple[Selected, ...]:
        """Return what was chosen with the best of it grown to whole definitions, within ``budget`` characters."""
        from engine.selection.spans import complete_definitions

        def chunks_in(path: str) -> Sequence[Chunk]:
            return list(self._store.chunks_in(path).values())

        return complete_definitions(chosen, chunks_in, budget_chars=budget)

    def examples(self, candidates: Candidates, steps: int, *, about: Sequence[Focus] = ()) -> tuple[Selected, ...]:
        """Return what to take ``steps`` gradient steps on."""
        from engine.selection.select import select_examples

        return select_examples(candidates, steps, pins=about)

    def missing_names(self, question: str) -> tuple[MissingName, ...]:
        """Return what the question names and the repository does not contain."""
        from engine.embedding.words import is_frequent_word
        from engine.generation.premise import check

        return check(question, self._store, self.occurs, is_frequent_word)

    def facts(self, question: str) -> tuple[Fact, ...]:
        """Return what the symbol graph answers by itself."""
        from engine.generation.lookup import answer_facts

        return answer_facts(question, self._store)

    def occurs(self, text: str) -> bool:
        """Return whether a text stands anywhere in the indexed files, in whatever case."""
        from engine.index.lexical import match_phrase, match_terms
        from engine.terms import terms

        wanted, words = text.lower(), terms(text)
        with self._store.snapshot() as connection:
            # In the same words one after the other, or else as a part of longer ones.
            for labels in (
                match_phrase(connection, words, _OCCURRENCES),
                [label for label, _ in match_terms(connection, words, _OCCURRENCES)],
            ):
                if any(wanted in chunk.text.lower() for chunk in self._store.chunks(labels).values()):
                    return True
        return False

    def texts(self) -> Iterator[str]:
        """Yield the text of every chunk."""
        return (chunk.text for chunk in self._store.all_chunks())

    def reread(self, path: str, first_line: int, last_line: int) -> str | None:
        """Return lines first..last of a file as they are on disk now, None when they are not there."""
        return self.excerpt(path, first_line, last_line)[0]

    def excerpt(self, path: str, first_line: int, last_line: int) -> tuple[str | None, str]:
        """Return lines first..last of an indexed file as they are on disk now, and the language they are written in.

        None and an empty language when they are not there. UsageError for a path outside the repository and for
        lines that no file has.
        """
        from engine.memory import is_note_path
        from engine.repository.scan import read_indexed

        if first_line < 1 or last_line < first_line:
            raise UsageError(f"there are no lines {first_line} to {last_line} in any file")
        source = self._note_sources().get(path) if is_note_path(path) else read_indexed(self.root, path)
        if source is None:
            return None, ""
        if isinstance(source, SkippedFile) or not self._store.has_file(path):
            return None, ""
        lines = source.text.split("\n")
        if last_line > len(lines):
            return None, ""
        return "\n".join(lines[first_line - 1 : last_line]), source.language

    # -- what changed a moment ago --------------------------------------------------------------

    def as_on_disk(
        self,
        find: Callable[[], tuple[Candidates, tuple[Selected, ...]]],
        *,
        paths: Sequence[str] = (),
        cancel: CancelToken | None = None,
    ) -> tuple[Candidates, tuple[Selected, ...]]:
        """Return what ``find`` finds and chooses, all of it as the files are now.

        What was chosen, and ``paths``, is hashed again, so that a change of whatever kind is seen; other candidates
        are looked at by size and time. What changed is read again and ``find`` called again. What changes faster than
        it can be read, or while another process indexes, is left out.
        """
        for _ in range(_LOOKS):
            candidates, chosen = find()
            near = {chunk.path for chunk in candidates.chunks}
            changed = self.changed_files({each.chunk.path for each in chosen} | set(paths), near=near)
            if not changed or not self.take_in(changed, cancel=cancel):
                break
        if changed:
            chosen = tuple(each for each in chosen if each.chunk.path not in changed)
        return candidates, chosen

    def changed_files(self, paths: Iterable[str], *, near: Iterable[str] = ()) -> set[str]:
        """Return the indexed files of ``paths`` that have other contents now or are gone, by their hash.

        Of the files ``near`` these are added whose size or time changed.
        """
        from engine.memory import is_note_path
        from engine.repository.scan import read_indexed

        wanted = set(paths)
        stamps = self._store.stamps(wanted | set(near))
        notes = self._note_sources() if any(map(is_note_path, stamps)) else {}
        changed = set()
        for path, stamp in stamps.items():
            if is_note_path(path):
                now = notes.get(path)
                same = now is not None and now.sha256 == stamp.sha256
            elif path in wanted:
                source = read_indexed(self.root, path)
                same = not isinstance(source, SkippedFile) and source.sha256 == stamp.sha256
            else:
                same = _size_and_time(self.root / path) == (stamp.size, stamp.mtime_ns)
            if not same:
                changed.add(path)
        return changed

    def catch_up(self, seen: Collection[str], *, cancel: CancelToken | None = None) -> None:
        """Read what changed since it was indexed: what a watcher has ``seen``, and what a glance at the folder shows.

        A watcher tells of a change some time after it was made, a glance never misses it; a change that leaves size
        and time as they are is found when the file is chosen.
        """
        from engine.memory import is_note_path

        stamps = self._store.stamps()
        known = {path: (each.size, each.mtime_ns) for path, each in stamps.items() if not is_note_path(path)}
        shown = self._glance.changed(known, lambda: [each.path for each in self._store.all_skipped()])
        if shown is None or not stamps:
            self.refresh(cancel=cancel)
            shown = set()
        changed = shown | set(seen)
        if changed:
            self.take_in(changed, cancel=cancel)

    def take_in(self, changed: Iterable[str], *, cancel: CancelToken | None = None) -> bool:
        """Read changed files again for a question; return whether that was done, which another indexer prevents."""
        try:
            self.update(changed, cancel=cancel)
        except BusyError:
            return False
        except DamagedError:  # the index has been replaced by an empty one
            self._index_unless_busy(None, cancel)
        return True

    def still_there(self, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """Return the evidence whose text still stands in its file, with the lines where it stands; numbers stay."""
        found = []
        for item in evidence:
            chunk = item.chunk
            if self.reread(chunk.path, chunk.first_line, chunk.last_line) == chunk.text:
                found.append(item)
            elif (first := self._line_of(chunk)) is not None:
                last = first + chunk.last_line - chunk.first_line
                found.append(replace(item, chunk=replace(chunk, first_line=first, last_line=last)))
        return tuple(found)

    def _line_of(self, chunk: Chunk) -> int | None:
        """Return the line at which a chunk's text begins now, the one nearest to where it was; None for nowhere."""
        from engine.memory import is_note_path
        from engine.repository.scan import read_indexed

        if is_note_path(chunk.path):
            return None
        source = read_indexed(self.root, chunk.path)
        if isinstance(source, SkippedFile):
            return None
        lines, wanted = source.text.split("\n"), chunk.text.split("\n")
        starts = [at for at, line in enumerate(lines) if line == wanted[0] and lines[at : at + len(wanted)] == wanted]
        return min((at + 1 for at in starts), key=lambda line: abs(line - chunk.first_line), default=None)

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


def _size_and_time(path: Path) -> tuple[int, int] | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


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


def forget(root: Path) -> Forgotten:
    """Remove everything derived from the repository at ``root``, which itself is not touched and may be gone.

    Embeddings that another repository uses as well are kept. Conversations are not derived and stay.
    """
    from engine.tuning.tune import forget_adapters

    directory = paths.repository_directory(root)
    existed = (directory / FILE_NAME).exists()
    removed = 0
    if existed:
        try:
            with Store(directory, read_only=True) as store:
                keys = store.keys()
        except DamagedError:
            keys = set()
        with EmbeddingCache(paths.embeddings_file()) as cache:
            try:  # whatever no other repository uses: of what it held before, nobody knows where it came from
                removed = cache.retain(lambda: space.keys_of_others(directory))
            except BusyError:  # another one is being indexed, and may be about to use what nobody seems to use
                removed = cache.discard(keys - space.keys_of_others(directory))
            cache.compact()
    shutil.rmtree(directory)
    damaged = paths.embeddings_file().with_name(paths.embeddings_file().name + ".damaged")
    damaged.unlink(missing_ok=True)
    return Forgotten(existed, removed, forget_adapters(directory.name))
