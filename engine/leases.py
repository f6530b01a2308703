"""Whether the process that left its mark in a database is still there."""

from __future__ import annotations

import os
import platform
import sys
import time

__all__ = ["LEASE_SECONDS", "holds", "own_mark"]

LEASE_SECONDS = 60.0


def own_mark() -> tuple[int, str, float]:
    """Return this process's number, the machine's name and the time, which is what a lease consists of."""
    return os.getpid(), platform.node(), time.time()


def holds(pid: int, host: str, heartbeat: float) -> bool:
    """Return whether the lease of a process is still good: renewed not long ago, by a process that lives."""
    if abs(time.time() - heartbeat) > LEASE_SECONDS:
        return False
    if host != platform.node() or sys.platform == "win32":  # there, signal 0 would end the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's, and alive
    return True
