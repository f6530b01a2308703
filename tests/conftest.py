"""For every test: no socket leaves the loopback interface, in this process or in one that a test starts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from engine.network import OFFLINE_VARIABLE, is_loopback

# The same examples on every machine and at every run: what fails can be seen to fail again, and be mended.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.load_profile("suite")

# Processes that a test starts are kept offline by the program's own switch, this one by a guard of its own.
os.environ[OFFLINE_VARIABLE] = "1"

_attempts: list[str] = []


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) and address else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    else:
        return
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name and not is_loopback(str(name)):
        _attempts.append(f"{event} {name}")
        raise ConnectionRefusedError(f"a test tried to leave this machine: {event} {name}")


sys.addaudithook(_guard)


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine() -> Iterator[None]:
    """Fail a test that tried to leave this machine, whatever became of the error that it got."""
    _attempts.clear()
    yield
    assert not _attempts, f"this test tried to leave the machine: {_attempts}"


@pytest.fixture
def network_attempts() -> list[str]:
    """What the guard has seen, for the tests of the guard itself, which take away what they have caused."""
    return _attempts
