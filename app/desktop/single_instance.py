"""One process holds all windows of a home: who comes second hands over what it was asked to show, and ends.

A message is four bytes of length and a JSON object; the reply is one too. The socket is the user's alone.
"""

from __future__ import annotations

import json
import os
import stat
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QDeadlineTimer, QLockFile, QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from engine import paths
from engine.errors import SidetuneError, StorageError
from engine.types import sha256_hex

__all__ = ["Reply", "SingleInstance", "hand_over"]

Message = Mapping[str, Any]

_LENGTH: Final = struct.Struct(">I")
_LARGEST: Final = 1 << 20  # bytes of a message; a longer one is not ours
_LONGEST_FOLDER: Final = 64  # bytes; a socket's path has about 100, and Qt makes it under a longer name first
_FAILED: Final = "Sidetune's window failed at this; its log says where."


@dataclass(frozen=True, slots=True)
class Reply:
    """What the process that holds the windows says to a message."""

    pid: int
    refused: str  # a sentence; empty when it took the message


def hand_over(message: Message, *, timeout: float = 10.0) -> Reply | None:
    """Give a message to the process that holds the windows; wait for ``timeout`` seconds at most.

    Returns None when there is no such process or it does not answer.
    """
    name = _socket_name()
    if name is None:
        return None
    deadline = QDeadlineTimer(round(1000 * timeout))
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(deadline.remainingTime()):
        return None
    socket.write(_packed(message))
    received = bytearray()
    try:
        while (reply := _unpacked(received)) is None:
            if deadline.hasExpired() or not socket.waitForReadyRead(deadline.remainingTime()):
                return None
            received += bytes(socket.readAll().data())
        return Reply(int(reply["pid"]), str(reply["refused"]))
    except (ValueError, KeyError, TypeError):
        return None
    finally:
        socket.abort()


class SingleInstance(QObject):
    """The side of the process that holds the windows.

    ``take`` is called with each message that another process hands over; a SidetuneError of it is that one's
    answer. Any other exception goes on to ``sys.excepthook``.
    """

    def __init__(self, take: Callable[[Message], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._take = take
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        self._received: dict[QLocalSocket, bytearray] = {}

    def claim(self, message: Message, *, timeout: float = 10.0) -> Reply | None:
        """Become the one, or hand ``message`` to the process that was quicker.

        Returns as ``hand_over`` does, None when this process is the one from now on. It then also works, for
        itself alone, when the socket cannot be had.
        """
        name = _socket_name()
        if name is None:
            return None
        lock = QLockFile(str(paths.private_directory(paths.home() / "run") / "window.lock"))
        locked = lock.tryLock(round(1000 * timeout))
        try:
            answer = hand_over(message, timeout=timeout)
            if answer is None:
                # Nobody is there, or it has hung: what is left of it is in the way.
                QLocalServer.removeServer(name)
                if not self._server.listen(name):
                    sys.stderr.write(f"sidetune: no other process can hand over: {self._server.errorString()}\n")
            return answer
        finally:
            if locked:
                lock.unlock()

    def close(self) -> None:
        """Take no more messages, and leave nothing outside our own folder."""
        folder = Path(self._server.fullServerName()).parent
        listened = self._server.isListening() and sys.platform != "win32"
        self._server.close()
        if listened and folder != paths.home() / "run":
            with suppress(OSError):  # not empty: whoever took over has put a socket there
                folder.rmdir()

    def _greet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._received[socket] = bytearray()
            socket.readyRead.connect(self._read)
            socket.disconnected.connect(self._part)
            self._receive(socket)

    def _read(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._receive(socket)

    def _part(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._received.pop(socket, None)
            socket.deleteLater()

    def _receive(self, socket: QLocalSocket) -> None:
        received = self._received.get(socket)
        if received is None:
            return
        received += bytes(socket.readAll().data())
        try:
            message = _unpacked(received)
        except ValueError:
            socket.abort()
            return
        if message is None:
            return
        received.clear()
        refused = _FAILED
        try:
            self._take(message)
            refused = ""
        except SidetuneError as error:
            refused = str(error)
        finally:
            socket.write(_packed({"pid": os.getpid(), "refused": refused}))
            socket.flush()


def _packed(message: Message) -> bytes:
    # ASCII: a file name whose bytes are no text keeps its lone surrogates as escapes.
    body = json.dumps(message).encode("ascii")
    return _LENGTH.pack(len(body)) + body


def _unpacked(received: bytearray) -> dict[str, Any] | None:
    """Return the message that was received, None while it is not whole; ValueError when it is none of ours."""
    if len(received) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack_from(received)
    if length > _LARGEST:
        raise ValueError("too long")
    if len(received) < _LENGTH.size + length:
        return None
    message = json.loads(received[_LENGTH.size : _LENGTH.size + length])
    if not isinstance(message, dict):
        raise ValueError("not an object")  # noqa: TRY004 - like what is no JSON at all
    return message


def _socket_name() -> str | None:
    """Return the name of the socket of this home, None when there is no safe place for one."""
    home = paths.home()
    key = sha256_hex(os.fsencode(home.resolve()))[:16]
    if sys.platform == "win32":
        return f"sidetune-{key}"
    folder = home / "run"
    if len(os.fsencode(folder)) > _LONGEST_FOLDER:
        # Not by TMPDIR or the like: what differs between two shells would keep their windows apart.
        folder = Path("/tmp") / f"sidetune-{os.getuid()}-{key}"  # noqa: S108 - checked
    try:
        status = paths.private_directory(folder).lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
            return None  # someone else was quicker to make it
        if status.st_mode & 0o077:
            folder.chmod(0o700)
    except (StorageError, OSError):
        return None
    return str(folder / "window.sock")
