"""Whether the system ended processes because memory ran out: Linux counts them."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["memory_kills"]

_COUNT = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)


def memory_kills(root: Path = Path("/")) -> int | None:
    """Return how many processes of this machine or container were ended for want of memory, None where unknown."""
    counts = [
        int(found[1])
        for source in (root / "proc/vmstat", *_groups(root))
        if (found := _COUNT.search(_text(source))) is not None
    ]
    return sum(counts) if counts else None


def _groups(root: Path) -> list[Path]:
    """Return the counters of this process's control group and of those above it, in both layouts of the kernel."""
    sources = []
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            top, name = root / "sys/fs/cgroup", "memory.events"
        elif "memory" in controllers.split(","):
            top, name = root / "sys/fs/cgroup/memory", "memory.oom_control"
        else:
            continue
        group = top / path.lstrip("/")
        sources += [folder / name for folder in (group, *group.parents) if folder.is_relative_to(top)]
    return sources


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
