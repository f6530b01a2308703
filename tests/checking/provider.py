"""A hosted model's server on loopback: speaks both providers' protocols, records every byte, misbehaves as told."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

__all__ = ["Provider", "Recorded", "verdict_json"]

Answer = str | Callable[[str], str]


@dataclass(frozen=True)
class Recorded:
    """One request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Fault:
    """How to misbehave: a status with headers and a body, or a way to break the stream."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    stream: str = ""  # "cut" mid-way, "end" early but properly, "silent", "garbage", "long", "refusal", "error"


def verdict_json(*claims: Mapping[str, Any], corrected: str = "", missing: tuple[str, ...] = ()) -> str:
    """Return a verdict as a hosted model writes it."""
    return json.dumps({"claims": claims, "corrected": corrected, "missing": missing})


class Provider:
    """The server; a context manager. ``answer`` is what the hosted model writes, or makes it of the request's text."""

    def __init__(self, answer: Answer = "{}") -> None:
        self.answer = answer
        self.fault = Fault()
        self.recorded: list[Recorded] = []
        self.released = threading.Event()  # ends a silence
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="provider", daemon=True)

    def __enter__(self) -> Provider:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def root(self) -> str:
        """The base URL for a client that knows the rest of the path."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def text_for(self, body: bytes) -> str:
        """Return what to write for a request."""
        message = json.loads(body)["messages"][-1]["content"]
        return self.answer if isinstance(self.answer, str) else self.answer(message)


def _handler(provider: Provider) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the library
            """Say nothing."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            provider.recorded.append(Recorded(self.path, dict(self.headers.items()), body))
            fault = provider.fault
            self.close_connection = True
            if fault.status != 200:
                self.send_response(fault.status)
                for name, value in {"Content-Type": "application/json", **fault.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(fault.body)))
                self.end_headers()
                self.wfile.write(fault.body)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            if fault.stream == "silent":
                provider.released.wait(60)
                return
            if fault.stream == "garbage":
                self._chunk(b"event: message_start\ndata: {broken\n\n")
                self._chunk(b"")
                return
            events = (_anthropic if "/messages" in self.path else _openai)(provider.text_for(body), fault.stream)
            for number, event in enumerate(events):
                if fault.stream in {"cut", "end"} and number == 2:
                    if fault.stream == "end":
                        self._chunk(b"")
                    else:
                        self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self._chunk(event)
            self._chunk(b"")

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

    return Handler


def _pieces(text: str) -> list[str]:
    return [text[at : at + 40] for at in range(0, len(text), 40)] or [""]


def _anthropic(text: str, how: str) -> list[bytes]:
    def event(kind: str, **more: Any) -> bytes:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n".encode()

    message: dict[str, Any] = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
    }
    usage = {"input_tokens": 1000, "output_tokens": 1}
    events = [
        event("message_start", message={**message, "stop_sequence": None, "usage": usage}),
        event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
    ]
    events += [
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece}) for piece in _pieces(text)
    ]
    if how == "error":
        return [*events, event("error", error={"type": "overloaded_error", "message": "Overloaded"})]
    reason = {"long": "max_tokens", "refusal": "refusal"}.get(how, "end_turn")
    return [
        *events,
        event("content_block_stop", index=0),
        event("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage={"output_tokens": 100}),
        event("message_stop"),
    ]


def _openai(text: str, how: str) -> list[bytes]:
    def event(choices: list[Any], **more: Any) -> bytes:
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices, **more}
        return f"data: {json.dumps(chunk)}\n\n".encode()

    first = {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}
    events = [event([first])]
    events += [event([{"index": 0, "delta": {"content": piece}, "finish_reason": None}]) for piece in _pieces(text)]
    if how == "error":
        return [*events, b'data: {"error": {"message": "Overloaded"}}\n\n']
    reason = {"long": "length", "refusal": "content_filter"}.get(how, "stop")
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    return [
        *events,
        event([{"index": 0, "delta": {}, "finish_reason": reason}]),
        event([], usage=usage),
        b"data: [DONE]\n\n",
    ]
