"""The offline switch: with it on no socket leaves the loopback interface, whichever library opens it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.network import is_loopback

ROOT = Path(__file__).resolve().parent.parent.parent

# Run where no other guard is: what is refused here, the switch has refused. The address is reserved for documentation.
_ATTEMPTS = """
import json, socket, sys
from engine.network import is_offline, set_offline

set_offline(sys.argv[1] == "on")

def name():
    socket.getaddrinfo("host.invalid", 443)

def connect():
    with socket.socket() as sock:
        sock.settimeout(0.01)
        sock.connect(("192.0.2.1", 443))

def datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", ("192.0.2.1", 53))

def library():
    import urllib.request
    urllib.request.urlopen("http://192.0.2.1/", timeout=0.01)

def client(provider):
    from engine.checking.payload import body_of
    from engine.checking.providers import Timeouts, request_of, send
    from engine.verdicts import CheckSettings
    settings = CheckSettings(provider=provider, model="m", address="https://192.0.2.1/v1")
    send(request_of(settings, body_of(settings, "x").data), None, timeouts=Timeouts(connect=0.01))

def loopback():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    socket.getaddrinfo("localhost", 80)

told = {}
attempts = {"name": name, "connect": connect, "datagram": datagram, "library": library, "loopback": loopback}
if sys.argv[1] == "on":
    attempts |= {"anthropic": lambda: client("anthropic"), "openai": lambda: client("openai")}
for each, attempt in attempts.items():
    try:
        attempt()
        told[each] = ""
    except Exception as error:
        told[each] = str(error)
told["offline"] = is_offline()
print(json.dumps(told))
"""


def attempts(switch: str, environment: Mapping[str, str]) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", _ATTEMPTS, switch],
        cwd=ROOT,
        env={**os.environ, "SIDETUNE_OFFLINE": "", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=110,
        check=True,
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(("switch", "environment"), [("on", {}), ("off", {"SIDETUNE_OFFLINE": "1"})])
def test_offline_nothing_leaves_this_machine(switch: str, environment: Mapping[str, str]) -> None:
    told = attempts(switch, environment)
    assert told.pop("offline")
    assert told.pop("loopback") == ""
    assert all("Sidetune is offline" in each for each in told.values()), told


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "LOCALHOST.", "::ffff:127.0.0.1"]
)
def test_loopback_is_recognised(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "::", "fe80::1%lo", "example"]
)
def test_everything_else_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)


def test_the_guard_of_the_tests_sees_an_attempt(network_attempts: list[str]) -> None:
    with pytest.raises(ConnectionRefusedError, match="leave this machine"):
        socket.create_connection(("192.0.2.1", 80), timeout=0.01)
    assert network_attempts
    network_attempts.clear()
