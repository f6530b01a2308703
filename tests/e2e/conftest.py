"""The real program as a subprocess, on a real repository; attempts to use the network are recorded and refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.sample import fingerprint, make_repository
from tests.models.tiny import tiny_model

ROOT = Path(__file__).resolve().parent.parent.parent

# An audit hook cannot be removed, and native code aside nothing gets past it.
_GUARD = """
import os, sys

def _refuse(event, arguments):
    if event == "socket.connect" and arguments[1][:2] == ("127.0.0.1", int(os.environ.get("NETWORK_ALLOWED") or 0)):
        return  # a server of the test's own
    if event == "socket.getaddrinfo" and arguments[0] == "127.0.0.1" and os.environ.get("NETWORK_ALLOWED"):
        return  # no name, so nobody is asked
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"}:
        with open(os.environ["NETWORK_LOG"], "a") as log:
            log.write(f"{event} {arguments!r}\\n")
        raise OSError("there is no network in this test")

sys.addaudithook(_refuse)
"""


@dataclass(frozen=True)
class Program:
    """How to run Sidetune here."""

    repository: Path
    home: Path
    environment: dict[str, str]

    def at_home(self, home: Path) -> Program:
        """Return the same program with another home."""
        return replace(self, home=home, environment={**self.environment, "SIDETUNE_HOME": str(home)})

    def allowing(self, port: int) -> Program:
        """Return the same program, which may talk to one server on this machine."""
        return replace(self, environment={**self.environment, "NETWORK_ALLOWED": str(port)})

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-P", "-m", "engine.cli"]

    def run(self, *arguments: str, stdin: str = "", timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a command in the repository's folder, where a module of its own would be found first."""
        return subprocess.run(
            [*self.command, *arguments],
            cwd=self.repository,
            env=self.environment,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    def json(self, *arguments: str) -> dict[str, Any]:
        """Run a command that must succeed and return the object it prints."""
        done = self.run(*arguments, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        value: dict[str, Any] = json.loads(done.stdout)
        return value

    def events(self, *arguments: str, stdin: str = "") -> list[dict[str, Any]]:
        """Run a command that must succeed and return the objects it prints, one a line."""
        done = self.run(*arguments, "--json", stdin=stdin)
        assert (done.returncode, done.stderr) == (0, "")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def fails(self, *arguments: str) -> tuple[int, str]:
        """Run a command that must fail with one line, and return its status and that line."""
        done = self.run(*arguments, "--json")
        assert done.returncode != 0
        assert done.stderr.startswith("sidetune: ")
        assert done.stderr.endswith("\n")
        assert done.stderr.count("\n") == 1
        return done.returncode, done.stderr


def _program(folder: Path, model: Path) -> Program:
    repository, home, guard = folder / "a repo with 'quotes'", folder / "home", folder / "guard"
    for each in (repository, home, guard):
        each.mkdir()
    make_repository(repository)
    (guard / "sitecustomize.py").write_text(_GUARD)
    (home / "settings.toml").write_text(f'model = "{model}"\nanswer_tokens = 12\n')
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(guard), str(ROOT)]),
        "SIDETUNE_HOME": str(home),
        "NETWORK_LOG": str(folder / "network.log"),
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": "80",
    }
    return Program(repository, home, environment)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the real architecture with random weights: what it writes is noise, how it is used is real."""
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny", "llama")


@pytest.fixture(scope="module")
def sidetune(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[Program]:
    """The program on an indexed repository; at the end neither repository nor network was touched."""
    program = _program(tmp_path_factory.mktemp("e2e"), model)
    before = fingerprint(program.repository)
    program.json("index", str(program.repository))
    yield program
    assert fingerprint(program.repository) == before
    assert not Path(program.environment["NETWORK_LOG"]).exists()


@pytest.fixture
def fresh(tmp_path: Path, model: Path) -> Iterator[Program]:
    """The program on a repository that it has never seen."""
    program = _program(tmp_path, model)
    before = fingerprint(program.repository)
    yield program
    assert fingerprint(program.repository) == before
    assert not Path(program.environment["NETWORK_LOG"]).exists()
