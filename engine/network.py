"""One switch that keeps this process on this machine: while it is on, no socket leaves the loopback interface.

An audit hook of the interpreter sees every connection that Python code opens, whichever library opens it, and every
name that is looked up. It cannot be removed again; native code that opens sockets by itself is not seen, and none of
what we use does.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any

__all__ = [
    "OFFLINE_VARIABLE",
    "NetworkRefusedError",
    "is_loopback",
    "is_offline",
    "offline_by_environment",
    "set_offline",
]

OFFLINE_VARIABLE = "SIDETUNE_OFFLINE"  # any value but "", "0", "no", "false" and "off" turns the network off


class NetworkRefusedError(ConnectionError):
    """A connection that would have left this machine while the offline switch is on."""


class _Switch:
    on = False
    hooked = False


def offline_by_environment() -> bool:
    """Return whether the environment keeps this process offline, whatever the settings say."""
    return os.environ.get(OFFLINE_VARIABLE, "").strip().lower() not in {"", "0", "no", "false", "off"}


def is_offline() -> bool:
    """Return whether the switch is on."""
    return _Switch.on or offline_by_environment()


def set_offline(offline: bool) -> None:
    """Turn the switch; where the environment keeps it on it stays on."""
    _Switch.on = offline
    if (offline or offline_by_environment()) and not _Switch.hooked:
        _Switch.hooked = True
        sys.addaudithook(_refuse)


def is_loopback(host: str) -> bool:
    """Return whether a host (a name or an address) is this machine's loopback interface."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool(mapped.is_loopback if mapped is not None else address.is_loopback)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        if not isinstance(address, tuple) or not address:  # a Unix socket, or none of its own
            return
        host = address[0]
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
        if host is None or host in {"", b""}:  # our own machine
            return
    else:
        return
    if not is_offline():
        return
    host = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if not is_loopback(host):
        raise NetworkRefusedError(f"Sidetune is offline: nothing is sent to {host}")
