"""Questions in the order in which they came: one is answered at a time, and each keeps a log of its events.

A reader of a log may come late, come again and say what it has already seen. Asking twice with the same id asks once.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.assistant import Assistant
from engine.errors import Cancelled, SidetuneError, UsageError
from engine.events import Answer, Failure
from engine.live import LiveIndex, lower_priority
from engine.server.repositories import Repositories
from engine.verdicts import Checked
from engine.wire import Accepted, Ask, Stopped, StreamEvent, event_to_json

__all__ = ["AskLog", "Asks"]

_LOG = logging.getLogger(__name__)
_KEPT = 50  # logs of questions that have ended
_MOST_WAITING = 100
_LONGEST_ID = 64
_NICE = 2  # added to the niceness of the thread that answers


class AskLog:
    """The events of one question so far, and how to stop it."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.cancel = threading.Event()
        self.skip = threading.Event()
        self._lock = threading.Lock()
        self._events: list[bytes] = []
        self._ended = False
        self._listeners: list[Callable[[], None]] = []

    @property
    def ended(self) -> bool:
        """Return whether the last event is there."""
        return self._ended

    @property
    def waits(self) -> bool:
        """Return whether this is a question that is not answered yet; a check has none and stands in no queue."""
        return bool(self.ask.question) and not self._ended

    def after(self, number: int) -> tuple[list[bytes], bool]:
        """Return the events after the first ``number``, and whether these are the last."""
        with self._lock:
            return self._events[number:], self._ended

    def add(self, event: StreamEvent) -> None:
        """Append an event; what comes after the last one is dropped."""
        line = event_to_json(event)
        with self._lock:
            if self._ended:
                return
            self._events.append(line)
            self._ended = isinstance(event, Answer | Checked | Failure | Stopped)
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    @contextmanager
    def subscribed(self, listener: Callable[[], None]) -> Iterator[None]:
        """Call ``listener`` after each event, in whichever thread adds it."""
        with self._lock:
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(listener)


class Asks:
    """Answers questions about open repositories, one after the other, in one thread."""

    def __init__(self, repositories: Repositories) -> None:
        self._repositories = repositories
        self._lock = threading.Lock()
        self._logs: OrderedDict[str, AskLog] = OrderedDict()
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="asks", daemon=True)
        self._thread.start()

    def start(self, ask: Ask) -> Accepted:
        """Accept a question; UsageError for an id that cannot be one, RepositoryError for an unknown repository."""
        _check_id(ask.id)
        opened = self._repositories.get(ask.repository)
        with self._lock:
            waiting = [log for log in self._logs.values() if log.waits and log.ask.id != ask.id]
            known = self._logs.get(ask.id)
            if known is not None:
                return Accepted(ask.id, 0 if known.ended else self._ahead(ask.id))
            if len(waiting) >= _MOST_WAITING:
                raise UsageError(f"{len(waiting)} questions wait already; stop some of them")
            log = self._new_log(ask)
        self._work.put(lambda: _answer(log, opened.assistant, opened.live))
        return Accepted(ask.id, len(waiting))

    def open_log(self, ask: Ask) -> tuple[AskLog, bool]:
        """Return the log of something that runs elsewhere, a check, and whether it is new; UsageError as ``start``."""
        _check_id(ask.id)
        with self._lock:
            known = self._logs.get(ask.id)
            return (known, False) if known is not None else (self._new_log(ask), True)

    def _new_log(self, ask: Ask) -> AskLog:
        log = self._logs[ask.id] = AskLog(ask)
        for old in [each for each, kept in self._logs.items() if kept.ended][:-_KEPT]:
            del self._logs[old]
        return log

    def _ahead(self, ask: str) -> int:
        ids = list(self._logs)
        return sum(self._logs[each].waits for each in ids[: ids.index(ask)])

    def find(self, ask: str) -> AskLog:
        """Return the log of a question; UsageError when there is none, or none any more."""
        log = self._logs.get(ask)
        if log is None:
            raise UsageError(f"there is no question {ask!r}, or it was too long ago")
        return log

    def cancel(self, ask: str) -> None:
        """Stop a question: its log ends at once, its work within one short step."""
        log = self.find(ask)
        log.cancel.set()
        log.add(Stopped())

    def skip(self, ask: str) -> None:
        """End the tuning of a question, which is then answered untuned."""
        self.find(ask).skip.set()

    def between(self, work: Callable[[], None]) -> None:
        """Do something in the answering thread when no question is being answered."""
        self._work.put(work)

    def close(self) -> None:
        """Stop every question and wait for the thread."""
        for log in tuple(self._logs.values()):
            log.cancel.set()
            log.add(Stopped())
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        lower_priority(_NICE)
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception:  # noqa: BLE001 - the next question is answered all the same
                _LOG.exception("something failed unexpectedly between two questions")


def _check_id(ask: str) -> None:
    if not 0 < len(ask) <= _LONGEST_ID or not all(c.isascii() and (c.isalnum() or c in "-_") for c in ask):
        raise UsageError(f"the id of a question has up to {_LONGEST_ID} letters, digits and dashes")


def _answer(log: AskLog, assistant: Assistant, live: LiveIndex) -> None:
    """Answer one question into its log, which has a last event afterwards."""
    ask = log.ask
    if log.ended:  # stopped while it waited
        return
    try:
        with live.aside(log.cancel) as changed:
            events = assistant.ask(
                ask.question,
                effort=ask.effort,
                about=ask.about,
                exclude=ask.exclude,
                thread=ask.thread,
                cancel=log.cancel,
                skip=log.skip,
                changed=changed,
            )
            for event in events:
                log.add(event)
    except Cancelled:
        log.add(Stopped())
    except SidetuneError as error:
        log.add(Failure("question", str(error)))
    except Exception as error:  # noqa: BLE001 - a question that was asked has an end
        _LOG.exception("a question could not be answered")
        log.add(Failure("question", f"Something unexpected happened: {type(error).__name__}: {error}"[:300]))
    log.add(Failure("question", "The answer ended without its last part."))  # of no effect after a last event
