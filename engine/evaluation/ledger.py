"""What a long measurement has found so far, in a file: one JSON object an item, so that it goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import StorageError
from engine.types import sha256_hex

__all__ = ["Ledger"]


class Ledger:
    """Values by item and settings. Without a file they are kept for as long as the ledger is."""

    def __init__(self, path: Path | None = None) -> None:
        """Read what is there; a line that is no JSON object (the last one after a kill) is passed over.

        Raises StorageError when the file cannot be read.
        """
        self._path = path
        self._found: dict[tuple[str, str], dict[str, float]] = {}
        self._broken_end = False
        if path is None:
            return
        try:
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            path.parent.mkdir(parents=True, exist_ok=True)
        except (OSError, UnicodeDecodeError) as error:
            raise StorageError(f"cannot read what was measured before from {path}: {error}") from error
        self._broken_end = bool(text) and not text.endswith("\n")
        for line in text.splitlines():
            try:
                row = json.loads(line)
                key = (str(row["settings"]), str(row["item"]))
                self._found[key] = {str(name): float(value) for name, value in row["values"].items()}
            except (ValueError, KeyError, TypeError, AttributeError):
                continue

    def get(self, item: str, settings: Mapping[str, Any]) -> dict[str, float] | None:
        """Return what was measured for an item under exactly these settings, None when it was not."""
        return self._found.get((_digest(settings), item))

    def put(self, item: str, settings: Mapping[str, Any], values: Mapping[str, float]) -> None:
        """Keep what was measured; StorageError when the file cannot be written."""
        digest = _digest(settings)
        first = not any(known == digest for known, _ in self._found)
        self._found[digest, item] = dict(values)
        if self._path is None:
            return
        rows: list[dict[str, Any]] = [{"settings": digest, "are": dict(settings)}] if first else []
        rows.append({"settings": digest, "item": item, "values": dict(values)})
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write("\n" if self._broken_end else "")
                file.writelines(f"{json.dumps(row, sort_keys=True)}\n" for row in rows)
        except OSError as error:
            raise StorageError(f"cannot keep what was measured in {self._path}: {error.strerror}") from error
        self._broken_end = False


def _digest(settings: Mapping[str, Any]) -> str:
    return sha256_hex(json.dumps(settings, sort_keys=True))[:16]
