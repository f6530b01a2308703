"""Who has a file of ours open, and whether a file is as its last user left it.

Everyone who opens the file holds a shared lock on one beside it, which the system gives back even when the process
is killed. Whoever is alone may check the file, put another in its place, or seal it: write down the hash of what it
is, so that the next one to open it sees any change at all. The lock is SQLite's own, on a file that stays empty,
because that is the same on all systems and between the threads of one process.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
from pathlib import Path

__all__ = ["Occupancy", "is_sealed", "seal", "sealed_as_it_is", "unseal"]

_BLOCK = 1 << 20
_DIGEST_BYTES = 32
_TURN = 0.05  # seconds between two attempts


class Occupancy:
    """One user's place among those of the file at ``path``. Not safe for several threads: its owner locks.

    ``present`` is False where no lock can be had (a folder that cannot be written): nobody is ever alone there.
    """

    def __init__(self, path: Path, *, patience: float, create: bool = True) -> None:
        """Begin outside; ``patience`` is the number of seconds to wait for somebody who is alone.

        Without ``create`` nothing is written, and a lock that is missing is not had.
        """
        self._patience = patience
        try:
            self._lock: sqlite3.Connection | None = _connect(path.with_name(path.name + ".lock"), create=create)
        except (sqlite3.Error, OSError):
            self._lock = None

    @property
    def present(self) -> bool:
        """Return whether there is a lock at all."""
        return self._lock is not None

    def alone(self, seconds: float = 0.0) -> bool:
        """Leave, and come back as the only one if nobody else is there within so many seconds."""
        if self._lock is None:
            return False
        self.leave()
        end = time.monotonic() + seconds
        while True:
            try:
                self._lock.execute("BEGIN EXCLUSIVE")
                return True
            except sqlite3.OperationalError:
                if time.monotonic() >= end:
                    return False
            time.sleep(_TURN)

    def share(self) -> None:
        """Be one of several from now on; sqlite3.OperationalError when somebody stays alone for too long."""
        if self._lock is None:
            return
        self.leave()
        end = time.monotonic() + self._patience
        while True:
            try:
                self._lock.execute("BEGIN")
                self._lock.execute("SELECT count(*) FROM sqlite_master").fetchone()
                return
            except sqlite3.OperationalError:
                self.leave()
                if time.monotonic() >= end:
                    raise
            time.sleep(_TURN)

    def leave(self) -> None:
        """Be outside again."""
        if self._lock is not None and self._lock.in_transaction:
            self._lock.execute("ROLLBACK")

    def close(self) -> None:
        """Leave for good."""
        if self._lock is not None:
            with contextlib.suppress(sqlite3.Error):
                self.leave()
            self._lock.close()
            self._lock = None


def _connect(lock: Path, *, create: bool) -> sqlite3.Connection:
    uri = f"{lock.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    for attempt in range(2):
        connection = sqlite3.connect(uri, uri=True, timeout=0.0, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN IMMEDIATE")  # fails where it cannot be written
            connection.execute("ROLLBACK")
            return connection
        except sqlite3.DatabaseError as error:
            if (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF == sqlite3.SQLITE_BUSY:
                return connection
            connection.close()
            if attempt or not create or isinstance(error, sqlite3.OperationalError):
                raise
            lock.unlink(missing_ok=True)  # damaged: it holds nothing, an empty one does the same
    raise AssertionError("the second attempt returns or raises")


# -- seals: for whoever is alone -----------------------------------------------------------------------------


def _seal_of(path: Path) -> Path:
    """Return where the seal of a file lies."""
    return path.with_name(path.name + ".seal")


def seal(path: Path) -> None:
    """Write down what the file is now; OSError when that fails, and there is no seal then."""
    mark = _seal_of(path)
    try:
        mark.write_text(_digest(path), encoding="ascii")
    except OSError:
        mark.unlink(missing_ok=True)
        raise


def is_sealed(path: Path) -> bool:
    """Return whether the file has a seal, right or wrong; one that was cut short when the power failed is none."""
    try:
        return _seal_of(path).stat().st_size == 2 * _DIGEST_BYTES
    except OSError:
        return False


def unseal(path: Path) -> None:
    """Remove the seal, if there is one, before the file changes."""
    _seal_of(path).unlink(missing_ok=True)


def sealed_as_it_is(path: Path) -> bool | None:
    """Return whether the file is what was sealed, None when there is no seal."""
    try:
        sealed = _seal_of(path).read_bytes()
    except FileNotFoundError:
        return None
    if len(sealed) != 2 * _DIGEST_BYTES:
        return None
    return sealed == _digest(path).encode("ascii")


def _digest(path: Path) -> str:
    # Reading a file that SQLite has open would give its locks away when we close it: nobody has it open here.
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
