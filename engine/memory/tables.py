"""One open ``memory.sqlite`` that several threads share: reading rows, and writing in one transaction."""

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

__all__ = ["Tables", "as_text", "now"]


class Tables:
    """The open database. Every method raises StorageError with nothing half written."""

    def __init__(self, path: Path, *, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection, self.notice = open_database(path, migrations)

    def close(self) -> None:
        """Close the database; a second call does nothing."""
        with self._lock:
            self._connection.close()

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


def now() -> str:
    """Return the time in UTC as ISO 8601, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def as_text(value: str | Path) -> str:
    """Return text that SQLite can hold; undecodable bytes of a file name (lone surrogates) become escapes."""
    return os.fspath(value).encode("utf-8", "backslashreplace").decode("utf-8")
