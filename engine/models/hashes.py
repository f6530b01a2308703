"""SHA-256 of large files, remembered while the file's size, time and number stay: two gigabytes take seconds."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from engine.errors import StorageError
from engine.models.files import replacing, sha256_file
from engine.paths import models_directory

__all__ = ["sha256_of"]

_LARGE = 64 << 20  # bytes; smaller files are hashed each time
_KEPT = 64
_lock = threading.Lock()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file; OSError when it cannot be read.

    A large file that is changed in place, with its size and its time of change kept, is not noticed.
    """
    status = path.stat()
    if status.st_size < _LARGE:
        return sha256_file(path)
    stamp = f"{path}|{status.st_size}|{status.st_mtime_ns}|{status.st_ino}"
    kept = models_directory() / "hashes.json"
    with _lock:
        known = _read(kept)
        if stamp in known:
            return known[stamp]
    found = sha256_file(path)
    with _lock:
        entries = [*_read(kept).items(), (stamp, found)][-_KEPT:]
        try:
            with replacing(kept) as temporary:
                temporary.write_text(json.dumps(dict(entries)), encoding="utf-8")
        except StorageError:
            return found  # a full disk: hashed again next time
    return found


def _read(path: Path) -> dict[str, str]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return {str(key): str(value) for key, value in raw.items()}
    except (OSError, ValueError, AttributeError):
        return {}
