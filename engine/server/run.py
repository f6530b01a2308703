"""One engine process: it listens on a loopback port that the system chooses and says where once it is ready."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn

from engine.config import Settings
from engine.errors import UsageError
from engine.server.app import build_app
from engine.server.auth import token_file
from engine.server.bell import Bells
from engine.server.calls import Engine
from engine.wire import PROTOCOL

__all__ = ["serve"]

_LOG = logging.getLogger(__name__)
_ADDRESS = "127.0.0.1"
_KEEP_ALIVE = 3600  # seconds that an idle connection stays: closing one just when it is used again fails a call
_ORDERLY = 0.5  # seconds to close everything once nobody needs the engine any more
_PATIENT = 10.0  # the same when the user stopped it by a signal


def serve(settings: Settings, *, until_stdin_closes: bool) -> None:
    """Serve until a signal comes, or the other end of stdin closes; then end the process.

    Once it can be spoken to, one line of JSON on stdout says how: {"url", "token_file", "protocol"}. Raises
    StorageError when our folder cannot be used.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.ERROR)  # what others send wrongly is told to them
    with token_file() as (path, token), socket.create_server((_ADDRESS, 0)) as listener:
        port = listener.getsockname()[1]
        engine, bells = Engine(settings), Bells()
        server = _Server(
            uvicorn.Config(
                build_app(engine, bells, token, port),
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=1,
            ),
            bells,
            json.dumps({"url": f"http://{_ADDRESS}:{port}", "token_file": str(path), "protocol": PROTOCOL}),
        )
        if until_stdin_closes:
            _watch_stdin(server, path)
        server.run(sockets=[listener])
        _end_within(_PATIENT, path)
        engine.close()
    _end()


class _Server(uvicorn.Server):
    """Says when it is ready, and ends on a signal without raising it again."""

    def __init__(self, config: uvicorn.Config, bells: Bells, ready: str) -> None:
        super().__init__(config)
        self._bells = bells
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(self._ready + "\n")
        sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._bells.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        def leave(_: int, __: FrameType | None) -> None:
            self.force_exit = self.should_exit
            self.should_exit = True

        before = {each: signal.signal(each, leave) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _watch_stdin(server: _Server, token: Path) -> None:
    """Leave when stdin ends: who started the engine has closed it, or is gone."""
    # Kept to ourselves, so that no child process holds it or reads from it.
    try:
        own = os.dup(0)
    except OSError as error:
        raise UsageError("--until-stdin-closes needs a standard input that is open") from error
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def wait() -> None:
        try:
            while os.read(own, 4096):
                pass
        except OSError as error:
            _LOG.info("stdin cannot be read: %s", error.strerror)
        _end_within(_ORDERLY, token)
        server.force_exit = server.should_exit = True

    threading.Thread(target=wait, name="stdin", daemon=True).start()


def _end_within(seconds: float, token: Path) -> None:
    """End the process after ``seconds``, whatever native code is still running then."""

    def end() -> None:
        token.unlink(missing_ok=True)
        _end()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(0)
