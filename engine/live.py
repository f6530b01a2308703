"""An index that keeps up with its folder: filled and watched in one thread, while questions are asked in others.

The thread reads what is there, embeds it tier by tier and then takes in what the watcher sees. It works below
normal priority where the system allows, and stops within one short step (about 0.2 s) when a question comes, since a
question reads changed files itself and answers from what there is.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import BusyError, Cancelled, DamagedError, ModelError, SidetuneError
from engine.power import on_battery
from engine.progress import IndexProgress
from engine.types import CancelToken, Report
from engine.wire import IndexStatus

if TYPE_CHECKING:
    from engine.assistant import Assistant
    from engine.repository.watch import Watcher

__all__ = ["LiveIndex", "lower_priority"]

_LOG = logging.getLogger(__name__)

_LOOK = 0.1  # seconds between two looks at what can come from outside this process
_PULSE = 5.0  # seconds between two looks at the folder itself, which the watcher cannot see go
_STEP_ASIDE = 0.5  # seconds that the very first fill waits before each short step while a question is answered
_PATIENCE = 20.0  # seconds that a question waits for the very first fill once something can be found
_YIELD = 10.0  # seconds that a question waits for indexing to step aside; a step takes 0.2 s, a slow import seconds
_FEW_CHUNKS = 50  # are embedded on a battery, too: what is edited stays as easy to find as the rest
_BATTERY = 5.0  # seconds between two looks at where the power comes from
_ON_BATTERY = "on battery power the better search waits: what is there is found by the quicker one"
_TELL = 0.1  # seconds between two reports of progress
_COUNT = 1.0  # seconds between two counts of what is indexed while it grows
_BLIND = 30.0  # seconds between two looks at all files when nothing can be watched
_LONGEST_REST = 15.0  # seconds after something failed again and again
_NICE = 5  # added to the thread's niceness


def lower_priority(by: int) -> None:
    """Let this thread run below others of the user's, where the system has such a thing for threads."""
    if sys.platform == "linux":
        try:
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, min(19, os.getpriority(os.PRIO_PROCESS, thread) + by))
        except OSError as error:
            _LOG.info("the priority of a thread could not be lowered: %s", error.strerror)


class _Token:
    """A cancel token that asks."""

    def __init__(self, asked: Callable[[], bool]) -> None:
        self.is_set = asked


class LiveIndex:
    """Keeps the index of an assistant's repository up to date from ``start`` to ``stop``; also a context manager.

    Nothing that goes wrong ends it: ``status`` has a sentence, and it tries again. While another process writes the
    same index this one follows what that one does, and takes over when it is gone.
    """

    def __init__(
        self, assistant: Assistant, *, retry: float = 3.0, on_battery: Callable[[], bool] = on_battery
    ) -> None:
        """Prepare to index; ``retry`` is the number of seconds after which what failed is tried again.

        While ``on_battery`` returns True, and the settings do not say otherwise, only what is quick is done: files
        are read and searchable, and the better tier's vectors wait until there is power or ``pause(False)`` is called.
        """
        self._assistant = assistant
        self._retry = retry
        self._on_battery = on_battery
        self._battery_looked = float("-inf")
        self._saves = False  # power, by letting the better tier wait
        self._insists = False  # the user wants it all the same
        self._lacking = False  # so many vectors of the better tier that making them takes power
        self._thread = threading.Thread(target=self._run, name="index", daemon=True)
        self._watcher: Watcher | None = None
        self._watched: tuple[int, int] | None = None  # the folder it watches
        self._listeners: list[Callable[[], None]] = []
        # What follows is changed under this condition, which is told of every change that somebody waits for.
        self._changed = threading.Condition()
        self._stopping = False
        self._paused = False
        self._asking = 0  # questions that go first
        self._usable = False  # the first fill is done or was done by an earlier process
        self._writing = False  # the writer's lease is held, or being asked for
        # What there is to do.
        self._everything = True  # every file may have changed
        self._stale = False  # files may have changed whose size or time tells
        self._paths: set[str] = set()
        self._unfilled = True  # chunks may lack vectors
        self._at_hand: tuple[bool, frozenset[str]] = (False, frozenset())  # what of it is being done: all, or files
        # What is told.
        self._progress = IndexProgress()
        self._blind = ""  # a sentence: why nothing is watched
        self._looked = 0.0  # when nobody watched: the last look
        self._failures = 0  # in a row
        self._told = self._counted = float("-inf")

    # -- life -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to index and to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the step at hand and wait for that; what was done stays done. May be called twice."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def __enter__(self) -> LiveIndex:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- for whoever asks -------------------------------------------------------------------------

    def status(self) -> IndexStatus:
        """Return how far the index is, without waiting for anything."""
        with self._changed:
            watcher = self._watcher
            trouble = watcher.trouble if watcher is not None else self._blind
            status = self._progress.status(
                self._assistant.key,
                paused=self._paused or (self._waits() and not self._must_read()),
                answerable=self._usable,
                watching=watcher is not None and not trouble and not self._paused,
            )
        if status.stage == "paused" and not self._paused:
            trouble = trouble or _ON_BATTERY
        return status if status.problem or not trouble else replace(status, problem=trouble)

    @contextmanager
    def subscribed(self, listener: Callable[[], None]) -> Iterator[None]:
        """Call ``listener`` after each change of the status, in whichever thread makes it."""
        with self._changed:
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self._changed:
                self._listeners.remove(listener)

    def pause(self, paused: bool) -> None:
        """Stop indexing after the step at hand, or go on. Questions still see changed files."""
        with self._changed:
            self._paused = paused
            self._insists = not paused and (self._saves or self._insists)
            self._saves &= paused
            self._changed.notify_all()
        self._tell(at_once=True)

    @contextmanager
    def aside(self, cancel: CancelToken | None = None) -> Iterator[frozenset[str] | None]:
        """Wait until there is something to search in, then go first; Cancelled when ``cancel`` is set meanwhile.

        Yields the files that were seen to change and are not read yet, None where nobody can say which.
        """
        start = time.monotonic()
        with self._changed:
            while not (self._usable or self._paused or self._stopping):
                if self._progress.chunks and time.monotonic() - start > _PATIENCE:
                    break
                self._wait(cancel)
            self._asking += 1
        try:
            with self._changed:
                while self._usable and self._writing and not self._stopping and time.monotonic() - start < _YIELD:
                    self._wait(cancel)
            yield self._unread()
        finally:
            with self._changed:
                self._asking -= 1
                self._unfilled = True  # it may have read changed files, which have no vectors yet
                self._changed.notify_all()

    def _unread(self) -> frozenset[str] | None:
        """Return the files whose changes are seen and not taken in yet, None where every file may have changed."""
        watcher = self._watcher
        if watcher is None or watcher.trouble:
            return None
        seen = watcher.pending()  # first, since what it has goes on to us
        if seen is None or _identity(self._assistant.root) != self._watched:
            return None
        with self._changed:
            everything, paths = self._at_hand
            if everything or self._everything or self._stale or not self._usable:
                return None
            return seen | paths | self._paths

    def _wait(self, cancel: CancelToken | None) -> None:
        if cancel is not None and cancel.is_set():
            raise Cancelled("Stopped.")
        self._changed.wait(_LOOK)

    def touch(self, paths: Iterable[str]) -> None:
        """Read these again soon: they changed, and no watcher can see it, as with notes."""
        self._take_batch(frozenset(paths))

    # -- the thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        lower_priority(_NICE)
        self._check_power()
        self._attempt(self._look)
        with self._changed:
            self._usable = self._usable or self._progress.chunks > 0
        while self._next():
            self._attempt(self._work)
        if self._watcher is not None:
            self._watcher.stop()

    def _next(self) -> bool:
        """Wait until there is something to do and nothing keeps from it; False at the end."""
        while True:
            with self._changed:
                if self._stopping:
                    return False
                held = self._paused or (self._asking and self._usable)
                if not held and (self._must_read() or (self._unfilled and not self._waits())):
                    return True
                self._changed.wait(_PULSE)
            self._check_power()
            self._check_root()
            self._check_index()

    def _must_read(self) -> bool:
        return bool(self._everything or self._stale or self._paths)

    def _waits(self) -> bool:
        """Return whether vectors of the better tier wait for power."""
        return self._saves and self._lacking

    def _check_power(self) -> None:
        """See where the power comes from, at most every few seconds."""
        if time.monotonic() - self._battery_looked < _BATTERY:
            return
        self._battery_looked = time.monotonic()
        drained = self._assistant.settings.pause_on_battery and self._on_battery()
        with self._changed:
            self._insists &= drained
            saves = drained and not self._insists
            changed, self._saves = saves != self._saves, saves
        if changed:
            self._tell(at_once=True)

    def _check_index(self) -> None:
        """Take in what another process wrote, and let go of a damaged file that it wants to replace."""
        try:
            if self._assistant.counts() != (self._progress.files, self._progress.chunks):
                self._look()
        except DamagedError:
            with self._changed:
                self._everything = True
        except SidetuneError as error:  # whatever is done next says so
            _LOG.info("the index could not be looked at: %s", error)

    def _check_root(self) -> None:
        """See that the folder is still the one that is watched: one that was moved or made anew is not."""
        watcher = self._watcher
        if watcher is None:
            with self._changed:
                self._stale |= bool(self._blind) and time.monotonic() - self._looked > _BLIND
        elif _identity(self._assistant.root) != self._watched:
            watcher.stop()
            with self._changed:
                self._watcher = None
                self._everything = True

    def _attempt(self, work: Callable[[], None]) -> None:
        """Do a piece of work; an error becomes the status, and a rest before the next attempt."""
        try:
            work()
        except Cancelled:
            pass
        except DamagedError:  # what was damaged has been replaced by something empty
            with self._changed:
                self._everything = True
            self._rest(_LOOK)
        except BusyError as error:
            self._follow(str(error))
        except SidetuneError as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - told in the status, since nobody can catch it in this thread
            _LOG.exception("indexing failed unexpectedly")
            self._fail(f"indexing failed unexpectedly: {type(error).__name__}: {error}"[:300])
        else:
            with self._changed:
                self._progress.problem, self._failures = "", 0
                if self._progress.stage == "failed":
                    self._progress.enter("reading")

    def _work(self) -> None:
        """Do what is most urgent. What is interrupted stays to be done."""
        with self._changed:
            everything, stale, paths = self._everything, self._stale, frozenset(self._paths)
            self._everything = self._stale = False
            self._paths.clear()
            self._at_hand = (everything or stale, paths)
            if not (everything or stale or paths):
                self._unfilled = False
        try:
            if everything:
                self._read_all()
            elif stale:
                with self._held():
                    self._assistant.refresh(progress=self._take, cancel=_Token(self._must_stop), follow=False)
                self._looked = time.monotonic()
            elif paths:
                with self._held():
                    self._assistant.update(paths, progress=self._take, cancel=_Token(self._must_stop))
            else:
                self._fill()
                return
        except BaseException:
            with self._changed:
                self._everything |= everything
                self._stale |= stale
                self._paths |= paths
                self._at_hand = (False, frozenset())
            raise
        with self._changed:
            self._at_hand = (False, frozenset())
            self._unfilled = True
        self._look()

    def _read_all(self) -> None:
        if not self._progress.files:  # else the number of files that are known is a good enough guess
            self._progress.enter("reading")
            self._progress.expected = self._assistant.expected_files(cancel=_Token(self._must_stop))
            self._tell(at_once=True)
        with self._held():
            self._assistant.index(progress=self._take, cancel=_Token(self._must_stop), tier="static")
        self._progress.expected = 0
        self._count()
        with self._changed:
            self._usable = True
            self._changed.notify_all()
        if self._watcher is None:
            self._watch()

    def _watch(self) -> None:
        from engine.repository.watch import Watcher

        self._watched = _identity(self._assistant.root)
        watcher = Watcher(self._assistant.root, self._take_batch)
        try:
            watcher.start()
        except OSError as error:  # on Linux mostly the limit on inotify instances
            watcher.stop()
            self._blind = f"changes are looked for every {_BLIND:.0f} s only: {error.strerror}"
            self._looked = time.monotonic()
            return
        with self._changed:
            self._watcher, self._blind = watcher, ""
            self._stale = True  # what changed before the watcher stood

    def _fill(self) -> None:
        try:
            self._load()
            with self._held():
                report = self._assistant.fill(progress=self._take, cancel=_Token(self._has_better))
        except BaseException:
            with self._changed:
                self._unfilled = True
            raise
        with self._changed:
            self._progress.trouble = report.problem
            ready = not (self._everything or self._stale or self._paths or self._unfilled)
            if ready:
                self._progress.enter("ready")
        self._look()
        if ready:
            self._assistant.tidy()

    def _load(self) -> None:
        """Load the better tier's encoder if many vectors are missing, and say so: it may take seconds."""
        state = self._assistant.state()
        done = state.embedded.get("transformer", state.chunks)
        if done == state.chunks or state.problem:
            return
        with self._changed:
            self._progress.load(done, state.chunks)
        self._tell(at_once=True)
        with suppress(ModelError):  # which filling finds, too, and makes part of its report
            self._assistant.prepare_to_fill()

    @contextmanager
    def _held(self) -> Iterator[None]:
        with self._changed:
            self._writing = True
            self._progress.resume()
        try:
            yield
        finally:
            with self._changed:
                self._writing = False
                self._changed.notify_all()

    def _must_stop(self) -> bool:
        return self._stopping or self._paused or (self._asking > 0 and self._usable)

    def _has_better(self) -> bool:
        """Return whether something is more urgent than vectors of the better tier."""
        self._check_power()
        return self._must_stop() or self._must_read() or self._waits()

    def _take_batch(self, paths: frozenset[str] | None) -> None:
        with self._changed:
            if paths is None:
                self._everything = True
            else:
                self._paths |= paths
            self._changed.notify_all()

    # -- telling ----------------------------------------------------------------------------------

    def _take(self, report: Report) -> None:
        """Take a report of progress, between two short steps of work."""
        if self._asking and not self._usable:
            with self._changed:
                self._changed.wait(_STEP_ASIDE)
        with self._changed:
            begun = self._progress.take(report)
        if begun or time.monotonic() - self._counted > _COUNT:
            self._count()
        self._tell()

    def _count(self) -> None:
        files, chunks = self._assistant.counts()
        with self._changed:
            self._progress.files, self._progress.chunks = files, chunks
        self._counted = time.monotonic()

    def _look(self) -> None:
        """Take in how far the index is."""
        state = self._assistant.state()
        with self._changed:
            progress = self._progress
            progress.files, progress.chunks, progress.tier = state.files, state.chunks, state.tier
            progress.trouble = progress.trouble or state.problem
            self._lacking = state.chunks - state.embedded.get("transformer", state.chunks) > _FEW_CHUNKS
            self._changed.notify_all()
        self._counted = time.monotonic()
        self._tell(at_once=True)

    def _follow(self, sentence: str) -> None:
        """Another process writes: show what it does, and try again in a while."""
        with self._changed:
            self._progress.enter("reading")
            # Two processes that saw the same change meet for a moment, which is nothing to tell.
            self._progress.problem = sentence if self._failures else ""
        with suppress(SidetuneError):
            self._look()
        self._failures += 1
        self._rest(self._retry)

    def _fail(self, sentence: str) -> None:
        with self._changed:
            self._progress.enter("failed")
            self._progress.problem = sentence
            self._usable = True  # a question fails with a sentence of its own, instead of waiting for ever
            self._changed.notify_all()
        self._tell(at_once=True)
        self._rest(min(_LONGEST_REST, self._retry * 2**self._failures))
        self._failures += 1

    def _rest(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, timeout=seconds)

    def _tell(self, *, at_once: bool = False) -> None:
        if not at_once and time.monotonic() - self._told < _TELL:
            return
        self._told = time.monotonic()
        with self._changed:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()


def _identity(root: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another one at the same place, None when there is none that can be read."""
    try:
        status = root.stat()
        with os.scandir(root):
            pass
    except OSError:
        return None
    return status.st_dev, status.st_ino
