"""Trained adapters on disk, reused only when model, examples and recipe are exactly the same.

One entry is ``KEY.json`` (how training ended, for which repository) and, unless the gate dropped the
adapter, ``KEY.gguf``. The JSON is written last and holds the GGUF's hash, so a half-written or damaged
entry is never used; it is removed when it is met.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from engine.errors import DamagedError, StorageError
from engine.models.files import replacing, sha256_file
from engine.tuning.examples import Example
from engine.tuning.recipe import Recipe

__all__ = ["AdapterCache", "CachedAdapter", "adapter_key"]

_FORMAT = 3  # raised when the same examples and recipe would give another adapter
_KEY = re.compile(r"[0-9a-f]{64}")
_LIMIT_BYTES = 1_000_000_000
_ABANDONED_SECONDS = 3600  # a file without a record that is younger may be another process's, being written


def adapter_key(
    model_id: str, steps: Sequence[Sequence[Example]], held_out: Sequence[Example], recipe: Recipe, repository: str
) -> str:
    """Return the hex SHA-256 of all that decides how tuning ends.

    The examples of the gate are part of it, because they decide whether the adapter is kept, and the
    repository's key is, so that forgetting one repository never takes an adapter from another.
    """
    digest = hashlib.sha256()
    head = {"format": _FORMAT, "model": model_id, "recipe": asdict(recipe), "repository": repository}
    examples = [[[type(each).__name__, asdict(each)] for each in batch] for batch in (*steps, held_out)]
    for part in (head, examples):
        digest.update(json.dumps(part, sort_keys=True).encode("utf-8"))
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class CachedAdapter:
    """What is remembered of a training run."""

    key: str
    repository: str  # the key of the repository that the examples came from
    model: str  # the id of the base model
    kept: bool  # False: the gate dropped it, and there is no file
    reason: str
    steps: int
    loss_before: float
    loss_after: float
    seconds: float
    sha256: str = ""  # of the GGUF


class AdapterCache:
    """The folder of adapters."""

    def __init__(self, folder: Path, limit_bytes: int = _LIMIT_BYTES) -> None:
        """Use ``folder``, which must exist; the least recently used entries above ``limit_bytes`` are removed."""
        self._folder = folder
        self._limit = limit_bytes

    def path(self, key: str) -> Path:
        """Return where the adapter of ``key`` lies or would lie."""
        return self._folder / f"{key}.gguf"

    def get(self, key: str) -> CachedAdapter | None:
        """Return the entry of ``key`` when it is whole, None when there is none; a damaged one is removed."""
        try:
            entry = self._read(key)
        except FileNotFoundError:
            return None
        except DamagedError:
            self.remove(key)
            return None
        self._record(key).touch()
        return entry

    def put(self, entry: CachedAdapter, write: Callable[[Path], None]) -> CachedAdapter:
        """Store an entry; ``write`` puts the GGUF at the path it is given when the adapter is kept.

        Returns the entry with the file's hash. Raises StorageError when the disk is full; nothing is left then.
        """
        try:
            if entry.kept:
                write(self.path(entry.key))
                entry = CachedAdapter(**{**asdict(entry), "sha256": sha256_file(self.path(entry.key))})
            with replacing(self._record(entry.key)) as temporary:
                temporary.write_text(json.dumps(asdict(entry)), encoding="utf-8")
        except (OSError, StorageError):
            self.remove(entry.key)
            raise
        self._prune(entry.key)
        return entry

    def entries(self, repository: str | None = None) -> Iterator[CachedAdapter]:
        """Yield the whole entries, of one repository or of all, ordered by key; damaged ones are removed."""
        for record in sorted(self._folder.glob("*.json")):
            if not _KEY.fullmatch(record.stem):
                continue
            try:
                entry = self._read(record.stem)
            except (DamagedError, FileNotFoundError):
                self.remove(record.stem)
                continue
            if repository is None or entry.repository == repository:
                yield entry

    def sizes(self) -> Iterator[tuple[str, str, int, float]]:
        """Yield key, repository, bytes and time of last use of every entry, without a look into the adapters."""
        for record in sorted(self._folder.glob("*.json")):
            if not _KEY.fullmatch(record.stem):
                continue
            try:
                repository = str(json.loads(record.read_text(encoding="utf-8"))["repository"])
                status = record.stat()
                adapter = self.path(record.stem)
                size = status.st_size + (adapter.stat().st_size if adapter.exists() else 0)
            except (OSError, ValueError, KeyError, TypeError):
                continue  # damaged, or removed meanwhile: it is found out when it is asked for
            yield record.stem, repository, size, status.st_mtime

    def forget(self, repository: str) -> int:
        """Remove every entry derived from a repository and return how many there were."""
        found = [entry.key for entry in self.entries(repository)]
        for key in found:
            self.remove(key)
        return len(found)

    def remove(self, key: str) -> None:
        """Remove one entry, or what is left of it; StorageError when the folder cannot be written."""
        try:
            self._record(key).unlink(missing_ok=True)
            self.path(key).unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"cannot remove {self.path(key)}: {error.strerror}") from error

    def _record(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not the key of an adapter")
        return self._folder / f"{key}.json"

    def _read(self, key: str) -> CachedAdapter:
        """Return an entry; DamagedError when it is not what was written, FileNotFoundError when there is none."""
        record = self._record(key)
        try:
            raw: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
            entry = CachedAdapter(**{field.name: raw[field.name] for field in fields(CachedAdapter)})
            whole = entry.key == key and (not entry.kept or sha256_file(self.path(key)) == entry.sha256)
        except FileNotFoundError as error:
            if record.exists():
                raise DamagedError(f"{record} has lost its adapter") from error
            raise
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedError(f"{record} cannot be read") from error
        if not whole:
            raise DamagedError(f"{self.path(key)} is not what was written")
        return entry

    def _prune(self, newest: str) -> None:
        """Remove the least recently used entries beyond the limit, and what an interrupted run left long ago."""
        used = {path.stem: path.stat().st_mtime for path in self._folder.glob("*.json") if _KEY.fullmatch(path.stem)}
        total = 0
        files = {path.stem: path.stat() for path in self._folder.glob("*.gguf") if _KEY.fullmatch(path.stem)}
        for key in sorted(files, key=lambda each: -used.get(each, files[each].st_mtime)):
            total += files[key].st_size
            abandoned = key not in used and files[key].st_mtime < time.time() - _ABANDONED_SECONDS
            if key != newest and (abandoned or total > self._limit):
                self.remove(key)
