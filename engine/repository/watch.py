"""Changes of a repository while it is open, in batches: what to read again, or that everything must be looked at."""

from __future__ import annotations

import errno
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from engine.repository import git
from engine.repository.ignore import IGNORE_FILES, IgnoreRules

__all__ = ["Watcher"]

_LOG = logging.getLogger(__name__)

_EVENTS: list[type[FileSystemEvent]] = [
    DirCreatedEvent, DirDeletedEvent, DirMovedEvent,
    FileClosedEvent, FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent,
]  # fmt: skip
# From this many events in a batch a re-scan is cheaper and safer than the events: the system drops some when its
# queue is full (on Linux 16,384 by default), and a queue that was full delivers many more than this.
_MANY = 2000
_QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")  # on Linux: beyond this many waiting, events are dropped
_LONGEST = 20.0  # seconds that a batch waits for quiet, or for git to finish
_BLIND = 30.0  # seconds between re-scans where folders cannot be watched

Batch = frozenset[str] | None


class Watcher(FileSystemEventHandler):
    """Watches a repository's unignored top-level folders and the files beside them.

    ``on_change`` is called in a thread of the watcher's own with the paths that were created, changed, deleted or
    moved, or with None when anything may have changed: a folder came or went, ignore rules changed, events were too
    many to be trusted. A batch ends after ``debounce`` seconds of quiet and not while git holds its index lock, so
    that switching a branch is one batch. ``trouble`` is a sentence when the system cannot watch everything; a
    re-scan is then asked for every 30 s.
    """

    def __init__(self, root: Path, on_change: Callable[[Batch], None], debounce: float = 0.5) -> None:
        """Prepare to watch ``root``, a resolved folder; ``start`` begins."""
        self.trouble = ""
        self._root = root
        self._on_change = on_change
        self._debounce = debounce
        self._rules = IgnoreRules(root, git.tracked(root))
        directories = git.git_directories(root)
        self._index_lock = directories.own / "index.lock" if directories else None
        self._observer = Observer()
        self._watches: dict[str, ObservedWatch] = {}
        self._changed = threading.Condition()
        self._paths: set[str] = set()
        self._everything = False
        self._reporting: Batch = frozenset()  # the batch that ``on_change`` is being told
        self._events = 0
        self._many = min(_MANY, _queue_length() // 8)  # a full queue gives more: some events come in pairs
        self._first = self._last = self._seen = 0.0  # first and last change of the batch; last event of any kind
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="repository-watch", daemon=True)

    # -- life ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to watch; changes from here on are reported."""
        self._observer.start()
        self._follow(self._top_folders())
        self._thread.start()

    def stop(self) -> None:
        """Stop and wait for every thread; what was not reported yet is dropped. May be called twice."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- what is watched -----------------------------------------------------------------------------

    def _top_folders(self) -> set[str]:
        """Return the names of the folders worth watching, "" for the root itself."""
        found = {""}
        try:
            with os.scandir(self._root) as entries:
                for entry in entries:
                    if entry.name == ".git" or not entry.is_dir(follow_symlinks=False):
                        continue
                    if (self._root / entry.name / ".git").exists() or self._rules.ignored_by(entry.name + "/"):
                        continue
                    found.add(entry.name)
        except OSError as error:
            self.trouble = f"the folder {self._root} cannot be watched: {error.strerror}"
        return found

    def _follow(self, wanted: set[str]) -> None:
        """Watch exactly the ``wanted`` top-level folders."""
        for name in set(self._watches) - wanted:
            self._observer.unschedule(self._watches.pop(name))
        for name in sorted(wanted - set(self._watches)):
            try:
                self._watches[name] = self._observer.schedule(
                    self, str(self._root / name), recursive=bool(name), event_filter=_EVENTS
                )
            except FileNotFoundError:
                continue  # gone again; its parent's event says so
            except OSError as error:
                # On Linux mostly ENOSPC: the user's limit on inotify watches.
                self.trouble = f"changes in {self._root / name} are found by re-scanning: {error.strerror}"

        if set(self._watches) and not self.trouble and _no_watch_is_left(self._observer):
            # The observer passes over folders inside a watched one that it could not watch.
            self.trouble = "changes are found by re-scanning: the system's limit on watched folders is reached"

    def pending(self) -> Batch:
        """Return the changes that were seen and not reported yet, None when anything may have changed."""
        with self._changed:
            if self._everything or self._reporting is None:
                return None
            return self._reporting | self._paths

    # -- events, in the observer's thread --------------------------------------------------------------

    def dispatch(self, event: FileSystemEvent) -> None:
        """Take one event of the system."""
        paths = [path for path in (event.src_path, event.dest_path) if path]
        relative = [self._relative(os.fsdecode(path)) for path in paths]
        names = [name for name in relative if name]
        with self._changed:
            now = time.monotonic()
            self._events = 1 if now - self._seen > self._debounce else self._events + 1
            self._seen = now
            everything = self._everything or self._events > self._many
        kept: list[str] = []
        if not everything:
            kept = [name for name in names if not self._ignored(name, folder=event.is_directory)]
            if not kept and any(relative):
                return
            everything = event.is_directory or not names or any(_file_name(name) in IGNORE_FILES for name in kept)
        with self._changed:
            now = time.monotonic()
            if not self._paths and not self._everything:
                self._first = now
            self._last = now
            self._everything = self._everything or everything
            self._paths.update(kept)
            self._changed.notify_all()

    def _relative(self, path: str) -> str:
        """Return a path below the root with forward slashes, "" for the root itself."""
        found = os.path.relpath(path, self._root)
        return "" if found == os.curdir or found.startswith(os.pardir) else found.replace(os.sep, "/")

    def _ignored(self, path: str, *, folder: bool) -> bool:
        parts = path.split("/")
        return ".git" in parts or self._rules.ignored_by(path + "/" if folder else path) is not None

    # -- batches, in the watcher's thread ---------------------------------------------------------------

    def _run(self) -> None:
        while (batch := self._next_batch()) is not _STOP:
            if batch is None:
                self._rules = IgnoreRules(self._root, git.tracked(self._root))
                self._follow(self._top_folders())
            try:
                self._on_change(batch)  # type: ignore[arg-type]
            except Exception:  # noqa: BLE001 - an error there must not end the watch
                _LOG.exception("a change of the repository could not be taken in")
            with self._changed:
                self._reporting = frozenset()

    def _next_batch(self) -> object:
        """Wait for the next batch; ``_STOP`` when the watcher is stopped."""
        with self._changed:
            waited_since = time.monotonic()
            while not self._stopping:
                now = time.monotonic()
                if not self._paths and not self._everything:
                    blind = _BLIND - (now - waited_since) if self.trouble else None
                    if blind is not None and blind <= 0:
                        return None
                    self._changed.wait(blind)
                    continue
                quiet = self._last + self._debounce - now
                overdue = now - self._first >= _LONGEST
                if not overdue and quiet > 0:
                    self._changed.wait(quiet)
                elif not overdue and self._git_is_writing():
                    self._changed.wait(self._debounce)
                else:
                    batch = None if self._everything else frozenset(self._paths)
                    self._paths, self._everything, self._events = set(), False, 0
                    self._reporting = batch
                    return batch
        return _STOP

    def _git_is_writing(self) -> bool:
        return self._index_lock is not None and self._index_lock.exists()


_STOP = object()


def _queue_length() -> int:
    try:
        return int(_QUEUE.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 16_384  # Linux's default; other systems have no such number


def _no_watch_is_left(observer: BaseObserver) -> bool:
    """Return whether not even one more folder can be watched, as seen from trying it."""
    if sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory(prefix="sidetune-watch-") as folder:
        try:
            observer.unschedule(observer.schedule(FileSystemEventHandler(), folder))
        except OSError as error:
            return error.errno == errno.ENOSPC
    return False


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]
