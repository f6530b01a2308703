"""The real engine process, spoken to over real HTTP."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest

from engine import wire
from engine.wire import Call, IndexStatus, Problem, StreamEvent
from tests.models.tiny import tiny_model

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 100.0  # seconds; machines under load are slow

In = TypeVar("In")
Out = TypeVar("Out")

Start = Callable[..., "EngineProcess"]

SHOP = '''"""Orders of the shop."""


class Order:
    """What one customer buys at once."""

    def total(self, discount: float) -> float:
        """Return the sum of all lines, less the discount."""
        return sum(self.lines) * (1 - discount)


def ship_order(order: Order, address: str) -> None:
    """Send an order to an address by mail."""
    print(order, address)
'''


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(f"{status} {problem.kind}: {problem.message}")
        self.status = status
        self.problem = problem


class EngineProcess:
    """A running engine and how to speak to it."""

    def __init__(self, home: Path, *arguments: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "SIDETUNE_HOME": str(home)}
        command = [sys.executable, "-P", "-m", "engine.cli", "serve", *arguments]
        self.log = home.parent / f"{home.name}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=home.parent
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        self.ready = json.loads(line)
        self.token_file = Path(self.ready["token_file"])
        self.token = self.token_file.read_text()
        self.address = urlsplit(self.ready["url"])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", wire.PROTOCOL_HEADER: str(wire.PROTOCOL)}

    @contextmanager
    def answer(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        """Send one request and yield the answer, whatever its status is."""
        assert self.address.hostname is not None
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, dict(self.headers if headers is None else headers))
            yield connection.getresponse()
        finally:
            connection.close()

    def call(self, call: Call[In, Out], message: In) -> Out:
        """Make a call; raise Refused for a problem."""
        with self.answer("POST", call.path, wire.encode(message)) as answer:
            body = answer.read()
            if answer.status != 200:
                raise Refused(answer.status, wire.decode(body, Problem))
            return wire.decode(body, call.gives)

    def lines(self, path: str, after: int = 0) -> Generator[tuple[int, bytes], None, None]:
        """Yield number and data of the events of a stream; closing the generator closes the connection."""
        headers = {**self.headers, "Last-Event-ID": str(after)} if after else self.headers
        with self.answer("GET", path, headers=headers) as answer:
            if answer.status != 200:
                raise Refused(answer.status, wire.decode(answer.read(), Problem))
            assert answer.getheader("content-type", "").startswith("text/event-stream")
            number = 0
            while line := answer.readline().rstrip(b"\n"):
                while line:
                    field, _, value = line.partition(b": ")
                    if field == b"id":
                        number = int(value)
                    elif field == b"data":
                        yield number, value
                    line = answer.readline().rstrip(b"\n")

    def open(self, root: Path) -> str:
        """Open a repository and return its id."""
        return self.call(wire.OPEN, wire.OpenRepository(str(root))).id

    def until(self, repository: str, reached: Callable[[IndexStatus], bool]) -> list[IndexStatus]:
        """Follow the index until it is as wished, and return what was told on the way."""
        told = []
        for _, data in self.lines(wire.index_stream(repository)):
            told.append(wire.decode(data, IndexStatus))
            if reached(told[-1]):
                return told
        raise AssertionError(f"the stream ended: {told}")

    def opened(self, root: Path) -> str:
        """Open a repository, wait until its index is ready and return its id."""
        repository = self.open(root)
        self.until(repository, ready)
        return repository

    def start(self, repository: str, ask: str, question: str = "What does ship_order do?", **more: Any) -> str:
        """Ask a question, and return the path of its events."""
        self.call(wire.START_ASK, wire.Ask(repository, ask, question, **more))
        return wire.ask_stream(ask)

    def ask(
        self, repository: str, ask: str, question: str = "What does ship_order do?", **more: Any
    ) -> list[StreamEvent]:
        """Ask a question and return all its events."""
        return [wire.event_from_json(data) for _, data in self.lines(self.start(repository, ask, question, **more))]

    def end(self) -> None:
        """End the process, if it still runs, and see that nothing unexpected happened in it."""
        self.process.kill()
        self.process.wait(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()
        assert self.log.read_text() == ""


def ready(status: IndexStatus) -> bool:
    return status.stage == "ready"


def make_home(folder: Path, model: Path) -> Path:
    folder.mkdir()
    (folder / "settings.toml").write_text(f'model = "{model}"\nanswer_tokens = 12\n')
    return folder


def make_shop(folder: Path, functions: int = 0) -> Path:
    """Write a small repository, with as many generated functions as wanted."""
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "orders.py").write_text(SHOP)
    (folder / "notes.md").write_text("# Returns\n\nReturns are accepted within fourteen days.\n")
    (folder / ".env").write_text("PASSWORD=hunter2\n")
    for start in range(0, functions, 20):
        bodies = [
            f'def tariff_{n}(weight: float) -> float:\n    """Return what parcel class {n} costs."""\n'
            f"    return weight * {n} + {n * 7 % 13}\n"
            for n in range(start, start + 20)
        ]
        (folder / "src" / f"tariffs_{start}.py").write_text("\n\n".join(bodies))
    return folder


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the real architecture with random weights."""
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny", "llama")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("repository") / "shop", functions=20).resolve()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[EngineProcess]:
    process = EngineProcess(make_home(tmp_path_factory.mktemp("engine") / "home", model))
    yield process
    process.end()


@pytest.fixture
def start(tmp_path: Path, model: Path) -> Iterator[Callable[..., EngineProcess]]:
    """Start engines that share a home of their own."""
    home = make_home(tmp_path / "home", model)
    started = []

    def start(*arguments: str) -> EngineProcess:
        started.append(EngineProcess(home, *arguments))
        return started[-1]

    yield start
    for each in started:
        each.end()
