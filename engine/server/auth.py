"""Who may speak to the engine: whoever can read a file that only the user can read.

Browsers can reach a loopback port too, so the token is not all: a name other than a loopback one (DNS rebinding) and
any ``Origin`` (a page's script) are refused before anything else is looked at.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine import paths
from engine.errors import StorageError
from engine.wire import PROTOCOL, PROTOCOL_HEADER, Problem, encode

__all__ = ["LARGEST_BODY", "Guard", "problem_response", "token_file"]

LARGEST_BODY = 1 << 20  # bytes; a question has 8,000 characters
_TOKEN_BYTES = 32
_NAMES = ("127.0.0.1", "localhost", "[::1]")


@contextmanager
def token_file() -> Iterator[tuple[Path, str]]:
    """Make a token of 256 random bits in a file that only the user can read; the file is removed at the end."""
    directory = paths.private_directory(paths.home() / "run")
    _remove_stale(directory)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    path = directory / f"{os.getpid()}-{secrets.token_hex(4)}.token"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(token)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
    try:
        yield path, token
    finally:
        path.unlink(missing_ok=True)


def _remove_stale(directory: Path) -> None:
    """Remove what engines left that were killed; their tokens open nothing any more."""
    if os.name == "nt":  # there, signal 0 would end the process that is asked about
        return
    for path in directory.glob("*-*.token"):
        pid = path.name.partition("-")[0]
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            path.unlink(missing_ok=True)
        except (ValueError, OverflowError, PermissionError):
            continue


def problem_response(status: HTTPStatus, kind: str, sentence: str) -> Response:
    """Return a ``Problem`` as an answer."""
    return Response(encode(Problem(kind, sentence)), status, media_type="application/json")


class Guard:
    """Lets through to ``app`` what holds the token, and nothing larger than ``LARGEST_BODY``."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = f"Bearer {token}".encode()
        self._hosts = {f"{name}:{port}" for name in _NAMES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        refusal = self._refusal(Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, _limited(receive), send)

    def _refusal(self, headers: Headers) -> Response | None:
        if headers.get("host", "").lower() not in self._hosts or len(headers.getlist("host")) != 1:
            return problem_response(HTTPStatus.FORBIDDEN, "Refused", "Only this machine may speak to the engine.")
        if "origin" in headers:
            return problem_response(HTTPStatus.FORBIDDEN, "Refused", "A web page may not speak to the engine.")
        given = headers.get("authorization", "").encode("utf-8", "replace")
        if not secrets.compare_digest(given, self._token):
            return problem_response(HTTPStatus.UNAUTHORIZED, "Refused", "The token is not the one of this start.")
        if headers.get(PROTOCOL_HEADER.lower()) != str(PROTOCOL):
            return problem_response(
                HTTPStatus.UPGRADE_REQUIRED,
                "OtherProtocol",
                f"The engine speaks version {PROTOCOL} of the protocol and was asked in another one; restart Sidetune.",
            )
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST_BODY:
            return too_large()
        return None


class BodyTooLarge(Exception):  # noqa: N818 - never leaves the server
    """More was sent than ``LARGEST_BODY``, without saying so first."""


def too_large() -> Response:
    """Return the refusal of a body that is too large."""
    sentence = f"A request may have {LARGEST_BODY:,} bytes at most."
    return problem_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "UsageError", sentence)


def _limited(receive: Receive) -> Receive:
    """Count what arrives, since a chunked body does not say its length."""
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        if message["type"] == "http.request":
            total += len(message.get("body", b""))
            if total > LARGEST_BODY:
                raise BodyTooLarge
        return message

    return counted
