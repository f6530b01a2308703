"""A small real engine process: it speaks the wire over HTTP and misbehaves on request.

``python -P -m tests.app.small_engine [MODE]`` prints its ready line, serves, and ends when its stdin closes.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from engine import wire
from engine.events import Answer, Failure, Started, Token, Tuned
from engine.types import Confidence

ROOT = Path(__file__).resolve().parent.parent.parent

CONFIDENCE = Confidence("says", 0.75)
UNTUNED = Tuned("skipped", 0, "asked for", None, None, 0.0)
EVENTS: tuple[wire.StreamEvent, ...] = (
    Started("Where?", "repo", "instant", "thread", 0.5),
    Token("In "),
    Token("`a.py` größer\u2028"),
    Token("."),
    Answer("In `a.py` größer\u2028.", (), CONFIDENCE, (), UNTUNED, {}),
)


def command(*mode: str) -> list[str]:
    """Return how to start it; the folder of the tests is told, since the process runs elsewhere."""
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tests.app import small_engine; small_engine.main()"
    return [sys.executable, "-P", "-c", program, *mode]


def status(done: int) -> wire.IndexStatus:
    """Return a state of the index of the repository ``repo``."""
    return wire.IndexStatus("repo", "embedding", "static", 3, 30, True, done, 30)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    token = ""
    hellos = 0
    times = 0
    silent_after: int | None = None  # hellos, then none is answered any more

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == wire.HELLO.path:
            self._hello()
        elif self.path == wire.OPEN.path:
            root = wire.decode(body, wire.OpenRepository).path
            self._reply(200, wire.encode(wire.Repository("quiet", root, Path(root).name)))
        elif self.path == wire.EXCERPT.path:
            self._excerpt(wire.decode(body, wire.Excerpt))
        else:
            self._reply(404, wire.encode(wire.Problem("UsageError", f"There is no {self.path} here.")))

    def _hello(self) -> None:
        type(self).hellos += 1
        if self.silent_after is not None and self.hellos > self.silent_after:
            time.sleep(3600)
        if self.headers["Authorization"] != f"Bearer {self.token}":
            self._reply(401, wire.encode(wire.Problem("UsageError", "This key is not mine.")))
        else:
            self._reply(200, wire.encode(wire.Hello(wire.PROTOCOL, "0", os.getpid())))

    def _excerpt(self, asked: wire.Excerpt) -> None:
        """Answer as the path of the file that is asked for says."""
        if asked.path == "headers":
            self._reply(200, wire.encode(wire.ExcerptText(json.dumps(dict(self.headers)), "json")))
        elif asked.path == "garbage":
            self._reply(200, b"{")
        elif asked.path == "no reason":
            self._reply(500, b"<html>")
        elif asked.path == "moved":
            self.send_response(307)
            self.send_header("Location", f"http://localhost:{self.headers['Host'].rpartition(':')[2]}/v1/excerpt")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif asked.path == "third time":  # nothing at first, then half of it
            type(self).times += 1
            body = wire.encode(wire.ExcerptText(str(self.times), "text"))
            if self.times > 1:
                self._reply(200, body, cut=self.times == 2)
            self.close_connection = True
        elif asked.path == "never":
            time.sleep(3600)
        else:
            self._reply(200, wire.encode(wire.ExcerptText(asked.path, "text")))

    def do_GET(self) -> None:
        last = int(self.headers["Last-Event-ID"] or 0)
        *_, kind, name, _events = self.path.split("/")
        if kind == "repositories":
            self._open_stream()
            self._say(last + 1, wire.encode(status(last + 1)))
            if name == "quiet":
                time.sleep(3600)
            self.close_connection = True
            return
        if name == "unknown":
            self._reply(404, wire.encode(wire.Problem("UsageError", "There is no question unknown.")))
            return
        self._open_stream()
        if name == "garbled":
            self._say(1, b"{}")
        elif name == "failing":
            self._say(1, wire.event_to_json(Failure("generate", "The model fell over.")))
        elif name == "stopped":
            self._say(1, wire.event_to_json(wire.Stopped()))
        elif name == "dropping":  # two events a connection, the second of them only by half
            self._say(last + 1, wire.event_to_json(EVENTS[last]))
            if last + 1 < len(EVENTS):
                self.wfile.write(b'id: 99\ndata: {"event": "token", "te')
        elif name == "silent":
            self._say(1, wire.event_to_json(EVENTS[0]))
            time.sleep(3600)
        else:
            for number, event in enumerate(EVENTS[last:], start=last + 1):
                self._say(number, wire.event_to_json(event))
        self.close_connection = True

    def _open_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b": here\n\n")

    def _say(self, number: int, data: bytes) -> None:
        self.wfile.write(b"id: %d\ndata: %s\n\n" % (number, data))
        self.wfile.flush()

    def _reply(self, code: int, body: bytes, *, cut: bool = False) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def serve(folder: Path, *, protocol: int = wire.PROTOCOL, silent_after: int | None = None) -> None:
    """Serve until standard input closes."""
    _Handler.token, _Handler.silent_after = secrets.token_hex(8), silent_after
    token_file = folder / f"token {os.getpid()}"
    token_file.write_text(_Handler.token)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ready = {
        "url": f"http://127.0.0.1:{server.server_address[1]}",
        "token_file": str(token_file),
        "protocol": protocol,
    }
    sys.stdout.write("a library greets\n" + json.dumps(ready) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


def main(arguments: Sequence[str] = ()) -> None:
    """Run in a mode: none, or the name of what goes wrong."""
    mode, *rest = [*(arguments or sys.argv[1:]), "", ""]
    folder = Path(os.environ["SIDETUNE_HOME"])
    match mode:
        case "status":
            sys.stderr.write("Traceback: long\nsidetune: no room is \x1b[31mleft\n\n")
            sys.exit(3)
        case "signal":
            os.kill(os.getpid(), signal.Signals[rest[0]])
        case "never ready":
            sys.stdin.read()
        case "other protocol":
            serve(folder, protocol=wire.PROTOCOL + 1)
        case "no key":
            sys.stdout.write(json.dumps({"url": "http://127.0.0.1:1", "token_file": "/nowhere/at all", "protocol": 1}))
            sys.stdout.write("\n")
            sys.stdout.flush()
            sys.stdin.read()
        case "silent":
            serve(folder, silent_after=1)
        case "deaf":  # does not end when its standard input closes
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            serve(folder)
            time.sleep(3600)
        case "chatty":
            sys.stdout.write("x" * 1_000_000 + "\n")
            serve(folder)
        case _:
            serve(folder)
