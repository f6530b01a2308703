"""A hub of models on loopback that speaks what the real client asks for, and can misbehave as real ones do."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE = 10_000  # bytes from which on a file is announced as a large one, with its SHA-256


@dataclass
class SmallHub:
    """Repositories by name, each with commits by hash, the newest last; and what shall go wrong."""

    url: str = ""
    repositories: dict[str, dict[str, dict[str, bytes]]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)  # (path, Range)
    agents: set[str] = field(default_factory=set)
    authorized: bool = False  # a token was sent
    cut_at: list[int] = field(default_factory=list)  # bytes of a body after which the connection is closed, once each
    corrupt: bool = False  # one byte of large files is another one
    sizes: dict[str, int] = field(default_factory=dict)  # announced, whatever the file has
    ranges: bool = True
    failures: int = 0  # requests for files that get status 503 first
    silent: threading.Event | None = None  # half of a file comes, the rest once this is set

    def add(self, repository: str, files: dict[str, bytes]) -> str:
        """Add a commit and return its hash."""
        digest = hashlib.sha1(usedforsecurity=False)
        for name in sorted(files):
            digest.update(name.encode() + hashlib.sha256(files[name]).digest())
        self.repositories.setdefault(repository, {})[digest.hexdigest()] = dict(files)
        return digest.hexdigest()

    def fetched(self, name: str) -> list[str]:
        """Return the ranges that were asked for of a file, "" for the whole."""
        return [span for path, span in self.requests if path.endswith(f"/{name}")]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: SmallHub

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        hub = self.hub
        path = unquote(urlsplit(self.path).path)
        hub.requests.append((path, self.headers.get("Range", "")))
        hub.agents.add(self.headers.get("User-Agent", ""))
        hub.authorized |= "Authorization" in self.headers
        about = re.fullmatch(r"/api/models/([^/]+/[^/]+?)(?:/revision/([^/]+))?", path)
        file = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        if about:
            self._about(about[1], about[2])
        elif file:
            self._file(file[1], file[2], file[3])
        else:
            self._refuse(404, "EntryNotFound")

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _about(self, repository: str, revision: str | None) -> None:
        commits = self.hub.repositories.get(repository)
        if commits is None:
            return self._refuse(404, "RepoNotFound")
        commit = revision if revision not in {None, "main"} else list(commits)[-1]
        if commit not in commits:
            return self._refuse(404, "RevisionNotFound")
        siblings = [self._announce(name, data) for name, data in commits[commit].items()]
        body = json.dumps({"id": repository, "modelId": repository, "sha": commit, "siblings": siblings}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _announce(self, name: str, data: bytes) -> dict[str, Any]:
        size = self.hub.sizes.get(name, len(data))
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        told: dict[str, Any] = {"rfilename": name, "size": size, "blobId": blob}
        if len(data) >= LARGE:
            told["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": size, "pointerSize": 134}
        return told

    def _file(self, repository: str, commit: str, name: str) -> None:
        hub = self.hub
        data = hub.repositories.get(repository, {}).get(commit, {}).get(name)
        if data is None:
            return self._refuse(404, "EntryNotFound")
        if hub.failures:
            hub.failures -= 1
            return self._refuse(503, "Busy")
        if hub.corrupt and len(data) >= LARGE:
            data = data[:-1] + bytes([data[-1] ^ 1])
        span = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")) if hub.ranges else None
        start = int(span[1]) if span else 0
        self.send_response(206 if span else 200)
        if span:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        body = data[start:]
        if hub.silent is not None and len(body) >= LARGE and not hub.silent.is_set():
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            hub.silent.wait(60)
            body = body[len(body) // 2 :]
        if hub.cut_at and len(body) > hub.cut_at[0]:
            self.wfile.write(body[: hub.cut_at.pop(0)])
            self.close_connection = True
            return None
        self.wfile.write(body)
        return None


@contextmanager
def serving() -> Iterator[SmallHub]:
    """Serve an empty hub until the end of the ``with`` block."""
    hub = SmallHub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
