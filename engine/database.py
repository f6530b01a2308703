"""A SQLite file that can be made anew: several processes read it, damage sets it aside, errors are sentences.

Readers in other processes never wait for the writer (WAL) and see whole transactions only. What is kept in
such a file is derived from something else, so a damaged file, or one of another schema version, is set
aside as ``NAME.damaged`` (one, the last) and an empty one takes its place. Data that must never be dropped
does not belong here.

A file may only be set aside while nobody else has it open: SQLite would remove the new file's log when it closes the
old one. So whoever finds damage condemns the file (``NAME.condemned``), everybody lets go of it at the next
transaction, and the first one to be alone replaces it.
"""

from __future__ import annotations

import contextlib
import ctypes
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import BusyError, DamagedError, SidetuneError, StorageError
from engine.occupancy import Occupancy, is_sealed, seal, sealed_as_it_is, unseal
from engine.paths import private_directory

__all__ = ["Database"]

_BUSY_SECONDS = 20.0
_CHECK_UP_TO = 256 << 20  # bytes; a larger file is not read through at every start
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)
_UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR)
_COMPANIONS = ("-wal", "-shm", "-journal")
_ALTERED = "it is not what it was when it was closed"
_LET_GO = 12.0  # seconds in which others let go of a condemned file; a live index looks every 5


class _OtherVersion(Exception):  # noqa: N818 - never leaves this module
    """The file is whole, and another version of the program wrote it."""


class Database:
    """One SQLite file with a fixed schema; safe for several threads and several processes.

    ``schema`` is a sequence of statements run once, in a new file; ``version`` is stored as its
    ``user_version``. With ``read_only`` nothing is ever written, and a missing or damaged file is an error.
    Every method raises StorageError (disk full, no permission), its subclass BusyError (another process
    has kept the file locked) or its subclass DamagedError, after which a writable file is empty and usable.

    With ``sealed`` the last one to close a file writes down its hash, so that the first one to open it notices any
    change at all. Where that is missing, as after a kill, ``check`` is called with the connection, beside SQLite's
    own checks, and returns what is wrong, "" for nothing.

    One connection under one lock: a transaction lasts milliseconds, and nothing slow is done inside one.
    """

    def __init__(
        self,
        path: Path,
        schema: tuple[str, ...],
        version: int,
        *,
        what: str,
        read_only: bool = False,
        sealed: bool = False,
        check: Callable[[sqlite3.Connection], str] | None = None,
    ) -> None:
        self.path = path
        self.read_only = read_only
        self.what = what  # "the index of this repository", for sentences
        self._schema = schema
        self._version = version
        self._sealed = sealed
        self._thorough = check
        self._unsealed = False  # by this one
        self._closed = False
        self._opened: tuple[int, int] | None = None  # the file that is open, whatever its name leads to now
        self._condemned = path.with_name(path.name + ".condemned")
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        if not read_only:
            private_directory(path.parent)
        self._occupancy = Occupancy(path, patience=_BUSY_SECONDS, create=not read_only)
        try:
            self._open_whatever_it_is()
        except BaseException:
            self.close()
            raise

    def _open_whatever_it_is(self) -> None:
        try:
            with self._guard():
                self._open()
        except DamagedError:
            if self.read_only:
                raise
            if self._connection is None:
                with self._guard():
                    self._open()

    def close(self) -> None:
        """Close the connection, and seal the file if that was the last one; the object cannot be used afterwards."""
        with self._lock:
            self._closed = True
            opened = self._connection is not None
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            if opened and self._sealed and not self.read_only:
                with contextlib.suppress(OSError, sqlite3.Error):  # without a seal the next one checks more
                    self._seal()
            self._occupancy.close()

    def _seal(self) -> None:
        if self._unsealed or not is_sealed(self.path):
            log = self.path.with_name(self.path.name + "-wal")
            if self._occupancy.alone() and not log.exists() and not self._condemned.exists():
                seal(self.path)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection inside one transaction: everything read belongs together."""
        with self._lock, self._guard():
            connection = self._live()
            if connection.in_transaction:  # nested: part of the outer one
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                _rollback(connection)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection inside a transaction: committed at the end, rolled back on any exception."""
        if self.read_only:
            raise StorageError(f"{self.what} was opened for reading only")
        with self._lock, self._guard():
            connection = self._live()
            connection.execute("BEGIN IMMEDIATE")
            try:
                if self._sealed and not self._unsealed:
                    unseal(self.path)
                    self._unsealed = True
                yield connection
                connection.execute("COMMIT")
            finally:
                _rollback(connection)

    def compact(self) -> None:
        """Give the room of what was deleted back to the disk, and leave no trace of it; not while others read."""
        with self._lock, self._guard():
            connection = self._live()
            try:
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in (
                    sqlite3.SQLITE_BUSY,
                    sqlite3.SQLITE_LOCKED,
                    sqlite3.SQLITE_FULL,
                ):
                    raise  # else it is done another time: a full copy needs room of its own

    def set_aside(self) -> None:
        """Put an empty file in the place of one whose contents turned out to be wrong (a checksum, say)."""
        with self._lock, self._guard():
            self._set_aside()
            if not self.read_only:
                self._open()

    def _live(self) -> sqlite3.Connection:
        """Return the connection to the file that has our name now, a new one if need be."""
        if self._closed:
            raise StorageError(f"{self.what} is closed")
        if self._connection is None:  # it could not be opened again after it had been set aside
            self._open_whatever_it_is()
        elif self._connection.in_transaction:
            return self._connection
        elif self._condemned.exists():
            raise sqlite3.DatabaseError("found by another process")
        elif not self.read_only and self._opened != _identity(self.path):
            self._abandon()
            self._open_whatever_it_is()
            raise DamagedError(f"{self.what} was removed by another process and has to be built again")
        assert self._connection is not None
        return self._connection

    def _abandon(self) -> None:
        """Forget a file that was removed under us, without closing it: that would remove the log of its successor."""
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._connection))  # not even when the process ends
        self._connection = None
        self._occupancy.close()
        private_directory(self.path.parent)
        self._occupancy = Occupancy(self.path, patience=_BUSY_SECONDS)

    # -- opening --------------------------------------------------------------------------------

    def _open(self) -> None:
        altered = False
        if self.read_only:
            if self._occupancy.alone() or not self._occupancy.present:
                altered = self._sealed and self.path.exists() and sealed_as_it_is(self.path) is False
        elif self._occupancy.alone():
            self._check_alone()
        elif self._condemned.exists():
            raise StorageError(
                f"{self.what} was damaged and another process has it open: it is built again when that one is closed"
            )
        self._occupancy.share()
        if self.read_only:
            connection = self._connect_read_only()
            if altered:
                connection.close()
                raise sqlite3.DatabaseError(_ALTERED)
            self._connection = connection
        else:
            # Assigned before the first statement, so that a file found damaged is closed when it is set aside.
            self._connection = self._connect("?mode=rwc")
            _write_ahead(self._connection)
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._create(self._connection)
            self._check_version(self._connection)
        self._opened, self._unsealed = _identity(self.path), False

    def _check_alone(self) -> None:
        """Look for damage in a file that nobody has open: all of it where it was sealed, else as well as can be."""
        if self._condemned.exists():
            self._clear()
        intact = sealed_as_it_is(self.path) if self._sealed and self.path.exists() else None
        if intact or not self.path.exists():
            return
        with contextlib.closing(self._connect("?mode=rw")) as connection:
            if _is_new(connection):
                return
            self._check(connection)
            finding = self._thorough(connection) if self._thorough is not None and intact is None else ""
        if finding or intact is False:
            raise sqlite3.DatabaseError(finding or _ALTERED)

    def _connect(self, mode: str) -> sqlite3.Connection:
        return sqlite3.connect(
            self.path.absolute().as_uri() + mode,
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )

    def _connect_read_only(self) -> sqlite3.Connection:
        if not self.path.is_file():
            raise StorageError(f"there is no {self.path.name} in {self.path.parent}")
        connection = self._connect("?mode=ro")
        try:
            self._check(connection)
            return connection
        except sqlite3.OperationalError as error:
            connection.close()
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                raise
        except BaseException:
            connection.close()
            raise
        # Readers of a WAL file need a place to coordinate. Where nobody can write there is none, and no need, unless
        # the last writer left a log behind: without that log the file may be anything.
        log = self.path.with_name(self.path.name + "-wal")
        if log.exists() and log.stat().st_size:
            raise StorageError(
                f"{self.what} was not closed, and cannot be completed in a folder without write permission"
            )
        connection = self._connect("?immutable=1")
        try:
            self._check(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _create(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")  # of several processes that start at once, one creates
        try:
            if _is_new(connection):
                for statement in self._schema:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={self._version:d}")
            connection.execute("COMMIT")
        finally:
            _rollback(connection)

    def _check_version(self, connection: sqlite3.Connection) -> None:
        if connection.execute("PRAGMA user_version").fetchone()[0] != self._version:
            raise _OtherVersion

    def _check(self, connection: sqlite3.Connection) -> None:
        self._check_version(connection)
        if self.path.stat().st_size <= _CHECK_UP_TO:
            finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if finding != "ok":
                raise sqlite3.DatabaseError(finding)

    # -- errors ---------------------------------------------------------------------------------

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Turn SQLite's errors into ours; a damaged file is set aside before DamagedError is raised."""
        try:
            yield
        except SidetuneError:
            raise
        except _OtherVersion as error:
            self._replace()
            raise DamagedError(f"{self.what} was written by another version of Sidetune") from error
        except sqlite3.Error as error:
            full_code = getattr(error, "sqlite_errorcode", None) or 0
            code = full_code & 0xFF
            if code == 0 and isinstance(error, sqlite3.OperationalError):  # Python's own: a text that is not UTF-8
                code = sqlite3.SQLITE_CORRUPT
            if code in _DAMAGED or full_code == sqlite3.SQLITE_IOERR_SHORT_READ or type(error) is sqlite3.DatabaseError:
                self._replace()
                raise DamagedError(f"{self.what} was damaged and has to be built again ({error})") from error
            if code == sqlite3.SQLITE_FULL:
                raise StorageError(f"the disk is full: {self.what} in {self.path.parent} cannot grow") from error
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise BusyError(f"another process keeps {self.what} locked ({self.path})") from error
            if code in _UNWRITABLE:
                raise StorageError(f"{self.what} cannot be read or written ({self.path}: {error})") from error
            raise
        except UnicodeDecodeError as error:  # in a name of the schema, or in a message about it
            self._replace()
            raise DamagedError(f"{self.what} was damaged and has to be built again (a text is no text)") from error
        except OSError as error:
            raise StorageError(f"{self.what} cannot be read or written ({self.path}: {error.strerror})") from error

    def _replace(self) -> None:
        """Set the file aside; where it was in use, open an empty one in its place."""
        opening = self._connection is None or self.read_only
        with self._guard():
            self._set_aside()
            if not opening:
                self._open()

    def _set_aside(self) -> None:
        """Let go of the file, and put it aside once nobody has it open, unless somebody did so meanwhile."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):  # it is damaged: even closing may fail
                self._connection.close()
        self._connection = None
        if self.read_only:
            return
        self._condemned.touch()
        end = time.monotonic() + _LET_GO
        while self._condemned.exists() and time.monotonic() < end:  # unless somebody else was alone first
            if self._occupancy.alone(_LET_GO / 50):
                self._clear()

    def _clear(self) -> None:
        """Put a condemned file aside; for whoever is alone."""
        if not self._condemned.exists():
            return
        unseal(self.path)
        for suffix in _COMPANIONS:
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        if self.path.exists():
            self.path.replace(self.path.with_name(self.path.name + ".damaged"))
        self._condemned.unlink(missing_ok=True)


def _is_new(connection: sqlite3.Connection) -> bool:
    """Return whether nothing was ever put into a database: its maker may have been killed before."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    return version == 0 and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one with the same name, None when there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite does not wait for a lock here when two processes make the file at the same moment."""
    end = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.01)


def _rollback(connection: sqlite3.Connection) -> None:
    """End a transaction that was not committed; a connection that was closed meanwhile has none."""
    with contextlib.suppress(sqlite3.DatabaseError):  # the error on its way out is the one that matters
        if connection.in_transaction:
            connection.execute("ROLLBACK")
