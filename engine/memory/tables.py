"""One open ``memory.sqlite`` that several threads share: reading rows, and writing in one transaction.

The last one to close it seals it, so that the first one to open it notices any change from outside. A file that is
sound all the same is used as it is: what the user wrote is not put away because a letter of it differs, but it is said.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import StorageError, UsageError
from engine.memory.schema import MIGRATIONS, Migration, open_database, storage_errors
from engine.occupancy import Occupancy, seal, sealed_as_it_is, unseal
from engine.paths import private_directory

__all__ = ["Tables", "as_text", "now"]

_PATIENCE = 30.0  # seconds to wait for another process that opens the file


class Tables:
    """The open database. Every method raises StorageError with nothing half written."""

    def __init__(self, path: Path, *, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._closed = False
        private_directory(path.parent)
        self._occupancy = Occupancy(path, patience=_PATIENCE)
        try:
            altered = self._occupancy.alone() and _altered(path)
            self._connection, self.notice = open_database(path, migrations)
            with storage_errors(path):
                self._occupancy.share()
        except BaseException:
            self._occupancy.close()
            raise
        if altered and not self.notice:
            self.notice = (
                f"The memory of conversations {path} is not what it was when it was closed: something else has changed "
                "it. It is shown as it is now."
            )

    def close(self) -> None:
        """Close the database, and seal it if nobody else has it open; a second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._connection.close()
            log = self._path.with_name(self._path.name + "-wal")
            with suppress(OSError, sqlite3.Error):  # without a seal the next one sees less
                if self._occupancy.alone() and not log.exists():
                    seal(self._path)
            self._occupancy.close()

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock, storage_errors(self._path), self._open():
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is kept or none of it."""
        with self._lock, storage_errors(self._path), self._open():
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has already rolled back
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _open(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError as error:
            raise StorageError(f"{self._path} is closed") from error

    @staticmethod
    def _require(connection: sqlite3.Connection, statement: str, value: str | int, sentence: str) -> None:
        key = as_text(value) if isinstance(value, str) else value
        if connection.execute(statement, (key,)).fetchone() is None:
            raise UsageError(sentence)

    def _change_one(self, statement: str, values: Sequence[object], sentence: str) -> None:
        with self._writing() as connection:
            if connection.execute(statement, values).rowcount == 0:
                raise UsageError(sentence)


def _altered(path: Path) -> bool:
    """Return whether a closed file was changed, and remove its seal: from here on it changes."""
    with storage_errors(path):
        altered = path.exists() and sealed_as_it_is(path) is False
        unseal(path)
    return altered


def now() -> str:
    """Return the time in UTC as ISO 8601, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def as_text(value: str | Path) -> str:
    """Return text that SQLite can hold; undecodable bytes of a file name (lone surrogates) become escapes."""
    return os.fspath(value).encode("utf-8", "backslashreplace").decode("utf-8")
