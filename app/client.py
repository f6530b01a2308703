"""The engine as the window sees it: calls and streams over loopback HTTP, answered in Qt's own thread.

Nothing here waits, and nothing starts a thread. An exception that a callback raises is not caught: it reaches
``sys.excepthook`` and the client goes on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, TypeVar

from PySide6.QtCore import QByteArray, QObject, QTimer, QUrl, Signal
from PySide6.QtNetwork import (
    QHttp1Configuration,
    QNetworkAccessManager,
    QNetworkProxy,
    QNetworkReply,
    QNetworkRequest,
)

from app.sse import EventParser, ServerEvent
from engine import wire
from engine.events import Answer, Failure
from engine.verdicts import Checked
from engine.wire import Call, IndexStatus, Problem, Stopped, StreamEvent

__all__ = ["LOST", "MISUNDERSTOOD", "EngineClient", "Pending", "Subscription"]

In = TypeVar("In")
Out = TypeVar("Out")

# Kinds of a ``Problem`` that are found here; all others come from the engine, which names its error classes.
LOST: Final = "EngineLost"  # the engine stopped, or has not started yet
MISUNDERSTOOD: Final = "Misunderstood"  # what it sent is not what the wire's messages say

_NOT_RUNNING = Problem(LOST, "The engine is not running.")
_STOPPED = Problem(LOST, "The engine stopped before it answered; try again.")
_STOPPED_ASK = Problem(LOST, "The engine stopped while it answered; ask again.")

# Every open stream holds a connection, and Qt's usual six would leave none for calls once a few windows are open.
_CONNECTIONS = 255
_FIRST_RETRY, _LAST_RETRY = 100, 2000  # milliseconds before what a failed connection took along is asked for again


class EngineClient(QObject):
    """Talks to one engine process at a time; which one is told by ``connect_to``."""

    connected = Signal()  # an engine stands: open repositories, follow their index
    disconnected = Signal()  # it is gone; pending calls and streams have been told before

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._network = QNetworkAccessManager(self)
        self._network.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))
        self._network.setAutoDeleteReplies(True)
        self._url = ""
        self._token = ""
        self._open: set[Pending | Subscription] = set()

    @property
    def is_connected(self) -> bool:
        """Return whether an engine stands, as far as is known."""
        return bool(self._url)

    def connect_to(self, url: str, token: str) -> None:
        """Talk to the engine at ``url`` from now on, in place of the one before."""
        try:
            self.disconnect_from()
        finally:  # whatever a callback raised
            self._url, self._token = url.rstrip("/"), token
            self.connected.emit()

    def disconnect_from(self) -> None:
        """Forget the engine: every pending call and every followed question fails with a ``LOST`` problem."""
        if not self._url:
            return
        self._url = self._token = ""
        try:
            self._lose_all(list(self._open))
        finally:
            self._network.clearConnectionCache()  # what was kept alive belongs to a process that is gone
            self.disconnected.emit()

    def _lose_all(self, rest: list[Pending | Subscription]) -> None:
        try:
            while rest:
                rest.pop()._lose()
        finally:  # a callback that raises keeps nobody else from being told
            if rest:
                self._lose_all(rest)

    def call(
        self,
        call: Call[In, Out],
        message: In,
        on_success: Callable[[Out], None],
        on_failure: Callable[[Problem], None] | None = None,
    ) -> Pending:
        """Make a call. Later exactly one of the two functions is called, or none after ``Pending.abort()``.

        While the engine is held to stand, a connection that fails is no failure of the call: it is made again, which
        every call of the wire allows.
        """

        def parsed(body: bytes) -> Callable[[], None]:
            answer = wire.decode(body, call.gives)
            return lambda: on_success(answer)

        return Pending(self, call.path, message, parsed, on_failure)

    def follow_ask(
        self, ask: str, on_event: Callable[[StreamEvent], None], on_end: Callable[[Problem | None], None]
    ) -> Subscription:
        """Follow the question with the id ``ask`` from its first event on.

        A connection that drops is made again and goes on with the next event. ``on_end`` is called once: with None
        after the last event, with a problem when the engine is lost or refuses; never after ``close()``.
        """

        def take(event: ServerEvent) -> tuple[Callable[[], None], bool]:
            decoded = wire.event_from_json(event.data)
            return lambda: on_event(decoded), isinstance(decoded, Answer | Checked | Failure | Stopped)

        return Subscription(self, wire.ask_stream(ask), take, on_end, lost=_STOPPED_ASK)

    def follow_index(
        self,
        repository: str,
        on_status: Callable[[IndexStatus], None],
        on_end: Callable[[Problem], None] | None = None,
    ) -> Subscription:
        """Follow how far the index of an open repository is, until ``close()`` or until the engine is lost."""

        def take(event: ServerEvent) -> tuple[Callable[[], None], bool]:
            status = wire.decode(event.data, IndexStatus)
            return lambda: on_status(status), False

        def ended(problem: Problem | None) -> None:
            if problem is not None and on_end is not None:
                on_end(problem)

        return Subscription(self, wire.index_stream(repository), take, ended, lost=_STOPPED)

    # -- for Pending and Subscription -------------------------------------------------------------

    def _request(self, path: str) -> QNetworkRequest:
        request = QNetworkRequest(QUrl(self._url + path))
        connections = QHttp1Configuration()
        connections.setNumberOfConnectionsPerHost(_CONNECTIONS)
        request.setHttp1Configuration(connections)
        attribute = QNetworkRequest.Attribute
        request.setAttribute(attribute.Http2AllowedAttribute, False)
        request.setAttribute(attribute.CookieSaveControlAttribute, QNetworkRequest.LoadControl.Manual)
        # The token goes to the engine and nowhere else.
        request.setAttribute(attribute.RedirectPolicyAttribute, QNetworkRequest.RedirectPolicy.ManualRedirectPolicy)
        request.setRawHeader(b"Authorization", f"Bearer {self._token}".encode())
        request.setRawHeader(wire.PROTOCOL_HEADER.encode(), str(wire.PROTOCOL).encode())
        return request


class Pending(QObject):
    """A call that was made and not answered yet."""

    def __init__(
        self,
        client: EngineClient,
        path: str,
        message: object,
        parsed: Callable[[bytes], Callable[[], None]],
        on_failure: Callable[[Problem], None] | None,
    ) -> None:
        super().__init__(client)
        self._client = client
        self._path = path
        self._body = b""
        self._parsed = parsed
        self._on_failure = on_failure
        self._reply: QNetworkReply | None = None
        self._retry = _FIRST_RETRY
        self._later = _Later(self)
        self._over = False
        client._open.add(self)
        try:
            self._body = wire.encode(message)
        except UnicodeEncodeError:  # a file name of bytes that are no text
            self._fail_later(Problem("UsageError", "This name cannot be sent to the engine: it is not valid Unicode."))
            return
        if client.is_connected:
            self._send()
        else:
            self._fail_later(_NOT_RUNNING)

    def abort(self) -> None:
        """Take no interest in the answer any more: neither function is called. Harmless when it has come."""
        if not self._over:
            self._close()

    def _send(self) -> None:
        if self._over or not self._client.is_connected:
            return
        request = self._client._request(self._path)
        request.setHeader(QNetworkRequest.KnownHeaders.ContentTypeHeader, "application/json")
        self._reply = self._client._network.post(request, QByteArray(self._body))
        self._reply.finished.connect(self._finished)

    def _finished(self) -> None:
        reply, self._reply = self._reply, None
        if self._over or reply is None:
            return
        if _cut_off(reply):
            self._later.do(self._retry, self._send)
            self._retry = min(2 * self._retry, _LAST_RETRY)
            return
        problem = _problem(reply)
        if problem is None:
            try:
                succeed = self._parsed(bytes(reply.readAll().data()))
            except ValueError as error:
                problem = _misunderstood(error)
        self._close()
        if problem is None:
            succeed()
        elif self._on_failure is not None:
            self._on_failure(problem)

    def _lose(self) -> None:
        self._fail(_STOPPED)

    def _fail_later(self, problem: Problem) -> None:
        # Never from within ``call``: who calls is not ready for an answer yet.
        self._later.do(0, lambda: self._fail(problem))

    def _fail(self, problem: Problem) -> None:
        if self._over:
            return
        self._close()
        if self._on_failure is not None:
            self._on_failure(problem)

    def _close(self) -> None:
        self._over = True
        self._later.stop()
        self._client._open.discard(self)
        reply, self._reply = self._reply, None
        if reply is not None:
            _let_go(reply)
        self.deleteLater()


class Subscription(QObject):
    """A stream of events that is followed until its end."""

    def __init__(
        self,
        client: EngineClient,
        path: str,
        take: Callable[[ServerEvent], tuple[Callable[[], None], bool]],
        on_end: Callable[[Problem | None], None],
        *,
        lost: Problem,
    ) -> None:
        super().__init__(client)
        self._client = client
        self._path = path
        self._take = take
        self._on_end = on_end
        self._lost = lost
        self._parser = EventParser()
        self._reply: QNetworkReply | None = None
        self._waiting: deque[Callable[[], None]] = deque()  # what has come and was not passed on yet
        self._passing = False
        self._retry = _FIRST_RETRY
        self._later = _Later(self)
        self._rest = _Later(self)
        self._over = False
        client._open.add(self)
        if client.is_connected:
            self._connect()
        else:
            self._later.do(0, lambda: self._end(_NOT_RUNNING))

    def close(self) -> None:
        """Take no interest in the stream any more: nothing is called from now on."""
        if self._over:
            return
        self._over = True
        self._later.stop()
        self._rest.stop()
        self._client._open.discard(self)
        self._waiting.clear()
        self._drop()
        self.deleteLater()

    def _connect(self) -> None:
        if self._over or not self._client.is_connected:
            return
        self._parser = EventParser(self._parser.last_id)  # half an event of the connection before is of no use
        request = self._client._request(self._path)
        request.setRawHeader(b"Accept", b"text/event-stream")
        if self._parser.last_id:
            request.setRawHeader(b"Last-Event-ID", self._parser.last_id.encode())
        self._reply = self._client._network.get(request)
        self._reply.readyRead.connect(self._read)
        self._reply.finished.connect(self._finished)

    def _drop(self) -> None:
        reply, self._reply = self._reply, None
        if reply is not None:
            _let_go(reply)

    def _read(self) -> None:
        self._take_in()
        self._pass_on()

    def _take_in(self) -> None:
        reply = self._reply
        if reply is None or _status(reply) != HTTPStatus.OK:
            return
        for event in self._parser.feed(bytes(reply.readAll().data())):
            self._retry = _FIRST_RETRY
            try:
                pass_on, last = self._take(event)
            except ValueError as error:
                problem = _misunderstood(error)
                self._waiting.append(lambda found=problem: self._end(found))  # type: ignore[misc]
                break
            self._waiting.append(pass_on)
            if last:
                self._waiting.append(lambda: self._end(None))
                break

    def _pass_on(self) -> None:
        if self._passing:  # a callback lets Qt read on, for instance while it shows a dialog: keep the order
            return
        self._passing = True
        try:
            while self._waiting:
                self._waiting.popleft()()
        finally:
            self._passing = False
            if self._waiting:  # a callback raised; what came after it is passed on all the same
                self._rest.do(0, self._pass_on)

    def _finished(self) -> None:
        reply = self._reply
        if self._over or reply is None:
            return
        self._take_in()
        problem = None if _cut_off(reply) else _problem(reply)
        self._drop()
        if problem is None:  # a stream that merely ends was cut off as well: it has a last event
            self._later.do(self._retry, self._connect)
            self._retry = min(2 * self._retry, _LAST_RETRY)
        else:
            self._waiting.append(lambda: self._end(problem))
        self._pass_on()

    def _lose(self) -> None:
        self._end(self._lost)

    def _end(self, problem: Problem | None) -> None:
        if not self._over:
            self.close()
            self._on_end(problem)


class _Later(QTimer):
    """Does one thing after a while; unlike ``QTimer.singleShot`` it can be stopped."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._what: Callable[[], None] | None = None
        self.setSingleShot(True)
        self.timeout.connect(self._do)

    def do(self, milliseconds: int, what: Callable[[], None]) -> None:
        """Call ``what`` after ``milliseconds``, in place of what was to be done before."""
        self._what = what
        self.start(milliseconds)

    def _do(self) -> None:
        what, self._what = self._what, None
        if what is not None:
            what()


def _let_go(reply: QNetworkReply) -> None:
    """End a reply that nobody waits for any more; harmless when it has finished."""
    # One that has failed finishes by itself, a moment later: to Qt, aborting it until then is a second failure.
    if reply.error() == QNetworkReply.NetworkError.NoError:
        reply.abort()


def _status(reply: QNetworkReply) -> int | None:
    """Return the HTTP status, None when no answer came."""
    value: Any = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
    return None if value is None else int(value)


def _cut_off(reply: QNetworkReply) -> bool:
    """Return whether the connection failed before a whole answer had come."""
    status = _status(reply)
    return status is None or (status == HTTPStatus.OK and reply.error() != QNetworkReply.NetworkError.NoError)


def _problem(reply: QNetworkReply) -> Problem | None:
    """Return why a call that was answered failed, None when it did not."""
    status = _status(reply)
    if status == HTTPStatus.OK:
        return None
    try:
        return wire.decode(bytes(reply.readAll().data()), Problem)
    except ValueError:
        return Problem(MISUNDERSTOOD, f"The engine answered with status {status} and no reason.")


def _misunderstood(error: ValueError) -> Problem:
    return Problem(MISUNDERSTOOD, f"The engine sent something that this window does not understand: {error}.")
