"""The file that the engine's standard error goes to."""

from __future__ import annotations

from pathlib import Path

__all__ = ["EngineLog"]

_LIMIT = 1 << 20  # bytes before another file is begun
_LINE = 200  # characters of a line that is quoted


class EngineLog:
    """A log of at most about twice ``limit`` bytes: the file itself and the one before, ``<name>.1``.

    The engine writes to the file by itself, so that its last words before a crash are not lost on the way.
    """

    def __init__(self, path: Path, limit: int = _LIMIT) -> None:
        self.path = path
        self._limit = limit
        self._begin = 0  # where the output of the process at hand begins

    def begin(self) -> None:
        """Make ready for the output of another process. Raises OSError when the folder cannot be written."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._size() > self._limit:
            self.path.replace(self._before())
        self.path.touch(mode=0o600)
        self._begin = self._size()

    def trim(self) -> None:
        """Keep a process that writes on and on within the limit. It appends, so that the file can be cut."""
        if self._size() - self._begin > self._limit:
            self._before().write_bytes(self.path.read_bytes())
            with self.path.open("r+b") as file:
                file.truncate()
            self._begin = 0

    def last_line(self) -> str:
        """Return the last line with text on it that the process at hand wrote, shortened; empty when none."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(self._begin, self._size() - 16 * _LINE))
                written = file.read().decode("utf-8", "replace")
        except OSError:
            return ""
        for line in reversed(written.splitlines()):
            words = "".join(c for c in line if c.isprintable()).strip().removeprefix("sidetune: ")
            if words:
                return words if len(words) <= _LINE else words[: _LINE - 1] + "…"
        return ""

    def _before(self) -> Path:
        return self.path.with_name(self.path.name + ".1")

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0
