"""A program that writes down how it was called, to stand where an editor or the window would be started."""

from __future__ import annotations

import time
from pathlib import Path

_SCRIPT = """#!/bin/sh
: > "$0.new"
for argument in "$@"; do printf '%s\\0' "$argument" >> "$0.new"; done
mkdir -p "$0.calls"
count=0
while ! ln "$0.new" "$0.calls/$count" 2>/dev/null; do count=$((count + 1)); done
rm "$0.new"
"""


class Recorder:
    """An executable at ``path``; what it was called with is read from it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_SCRIPT)
        path.chmod(0o755)

    def calls(self, count: int = 1, seconds: float = 60) -> list[list[str]]:
        """Return the arguments of each call once there are ``count``, as text of undecoded bytes where need be."""
        folder = Path(f"{self.path}.calls")
        end = time.monotonic() + seconds
        while not folder.is_dir() or len(list(folder.iterdir())) < count:
            assert time.monotonic() < end, f"{self.path} was not called {count} times"
            time.sleep(0.02)
        files = sorted(folder.iterdir(), key=lambda file: int(file.name))
        return [file.read_bytes().decode("utf-8", "surrogateescape").split("\0")[:-1] for file in files]

    @property
    def called(self) -> bool:
        """Return whether any call has been written down so far."""
        return Path(f"{self.path}.calls").is_dir()
