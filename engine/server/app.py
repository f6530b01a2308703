"""The engine's endpoints, made from ``engine.wire``: one for each call, and two streams of events."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from engine.errors import BusyError, RepositoryError, SidetuneError, UsageError
from engine.server.asks import AskLog
from engine.server.auth import BodyTooLarge, Guard, problem_response, too_large
from engine.server.bell import Bells
from engine.server.calls import Engine
from engine.server.repositories import Opened
from engine.wire import CALLS, HELLO, Call, ask_stream, decode, encode, index_stream

__all__ = ["build_app"]

_LOG = logging.getLogger(__name__)
_HEARTBEAT = 15.0  # seconds of silence after which a stream says that it is still there
_STATUS: tuple[tuple[type[SidetuneError], HTTPStatus], ...] = (
    (UsageError, HTTPStatus.BAD_REQUEST),
    (RepositoryError, HTTPStatus.NOT_FOUND),
    (BusyError, HTTPStatus.CONFLICT),
)

Endpoint = Callable[[Request], Awaitable[Response]]


def build_app(engine: Engine, bells: Bells, token: str, port: int) -> ASGIApp:
    """Return the application of an engine that is reached at ``port`` with ``token``; ``bells`` end its streams."""
    routes = [Route(call.path, _guarded(_call(engine, call)), methods=["POST"]) for call in CALLS]
    routes.append(Route(ask_stream("{ask}"), _guarded(_ask_events(engine, bells)), methods=["GET"]))
    routes.append(Route(index_stream("{repository}"), _guarded(_index_events(engine, bells)), methods=["GET"]))
    return Guard(Starlette(routes=routes, exception_handlers={HTTPException: _refused}), token, port)


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return problem_response(status, "UsageError", f"The engine has no such endpoint ({status.phrase.lower()}).")


def _guarded(endpoint: Endpoint) -> Endpoint:
    """Turn what an endpoint raises into a ``Problem``."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except SidetuneError as error:
            status = next((each for kind, each in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
            return problem_response(status, type(error).__name__, str(error))
        except BodyTooLarge:
            return too_large()
        except ClientDisconnect:
            return Response()  # which nobody reads
        except Exception as error:  # noqa: BLE001 - every answer is a message of the wire
            _LOG.exception("%s failed unexpectedly", request.url.path)
            sentence = f"Something unexpected happened in the engine: {type(error).__name__}: {error}"
            return problem_response(HTTPStatus.INTERNAL_SERVER_ERROR, "Unexpected", sentence[:500])

    return answer


def _call(engine: Engine, call: Call[Any, Any]) -> Endpoint:
    function = engine.calls[call.name]

    async def answer(request: Request) -> Response:
        try:
            message = decode(await request.body(), call.takes)
        except ValueError as error:
            raise UsageError(f"The request {call.name!r} cannot be read: {error}") from error
        # A sign of life is given whatever all threads are doing.
        reply = function(message) if call is HELLO else await run_in_threadpool(function, message)
        return Response(encode(reply), media_type="application/json")

    return answer


def _ask_events(engine: Engine, bells: Bells) -> Endpoint:
    async def answer(request: Request) -> Response:
        log = engine.asks.find(request.path_params["ask"])
        return _stream(_ask_lines(log, bells, _last_event(request)))

    return answer


def _index_events(engine: Engine, bells: Bells) -> Endpoint:
    async def answer(request: Request) -> Response:
        opened = engine.repositories.get(request.path_params["repository"])
        return _stream(_index_lines(opened, bells, _last_event(request)))

    return answer


def _stream(lines: AsyncIterator[bytes]) -> Response:
    headers = {"Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type="text/event-stream", headers=headers)


def _last_event(request: Request) -> int:
    given = request.headers.get("last-event-id", "0")
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise UsageError("Last-Event-ID must be the number of an event")
    return int(given)


async def _ask_lines(log: AskLog, bells: Bells, number: int) -> AsyncIterator[bytes]:
    with bells.bell() as bell, log.subscribed(bell.ring):
        while not bells.closing:
            events, ended = log.after(number)
            for event in events:
                number += 1
                yield _line(number, event)
            if ended:
                return
            if not events and not await bell.heard(_HEARTBEAT):
                yield b":\n\n"


async def _index_lines(opened: Opened, bells: Bells, number: int) -> AsyncIterator[bytes]:
    told = None
    with bells.bell() as bell, opened.live.subscribed(bell.ring):
        while not bells.closing:
            status = opened.live.status()
            if status != told:
                told, number = status, number + 1
                yield _line(number, encode(status))
            elif not await bell.heard(_HEARTBEAT):
                yield b":\n\n"


def _line(number: int, data: bytes) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (number, data)
