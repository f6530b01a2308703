"""Opening ``memory.sqlite``: created whole or not at all, migrated forward only, set aside when damaged.

One process at a time decides about creation, damage and migrations; it holds an exclusive SQLite lock on a
file beside the database, which the system releases even when that process is killed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from engine.errors import BusyError, DamagedError, StorageError
from engine.paths import private_directory

__all__ = ["MIGRATIONS", "Migration", "open_database", "set_aside_files", "storage_errors"]

Migration = Callable[[sqlite3.Connection], None]

_APPLICATION_ID = 0x5354_4D45  # "STME": an SQLite file without it is not ours
_BUSY_SECONDS = 30.0
_SIDE_FILES = ("-wal", "-shm", "-journal")
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_DENIED = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH}
_HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _version_1(connection: sqlite3.Connection) -> None:
    for statement in (
        """CREATE TABLE thread (
            id TEXT PRIMARY KEY, repository TEXT NOT NULL, title TEXT NOT NULL, created TEXT NOT NULL
        )""",
        "CREATE INDEX thread_repository ON thread (repository)",
        """CREATE TABLE turn (
            id INTEGER PRIMARY KEY, thread TEXT NOT NULL REFERENCES thread (id) ON DELETE CASCADE,
            question TEXT NOT NULL, answer TEXT NOT NULL, citations TEXT NOT NULL, effort TEXT NOT NULL,
            adapter TEXT NOT NULL, confidence TEXT NOT NULL, created TEXT NOT NULL
        )""",
        "CREATE INDEX turn_thread ON turn (thread, id)",
        """CREATE TABLE note (
            id INTEGER PRIMARY KEY, repository TEXT NOT NULL, text TEXT NOT NULL, path TEXT NOT NULL,
            first_line INTEGER, last_line INTEGER, created TEXT NOT NULL
        )""",
        "CREATE INDEX note_repository ON note (repository)",
        """CREATE TABLE feedback (
            id INTEGER PRIMARY KEY, turn INTEGER NOT NULL REFERENCES turn (id) ON DELETE CASCADE,
            verdict TEXT NOT NULL, text TEXT NOT NULL, created TEXT NOT NULL
        )""",
        "CREATE INDEX feedback_turn ON feedback (turn)",
    ):
        connection.execute(statement)


def _version_2(connection: sqlite3.Connection) -> None:
    """What an answer was read from, notes with a source and what they rest on, checks and what they cost."""
    for statement in (
        "ALTER TABLE turn ADD COLUMN evidence TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE note ADD COLUMN title TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE note ADD COLUMN source TEXT NOT NULL DEFAULT 'user'",
        "ALTER TABLE note ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE note ADD COLUMN updated TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE note ADD COLUMN citations TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE note ADD COLUMN turn INTEGER",
        "UPDATE note SET updated = created",
        """CREATE TABLE check_run (
            id INTEGER PRIMARY KEY, turn INTEGER NOT NULL REFERENCES turn (id) ON DELETE CASCADE,
            result TEXT NOT NULL, created TEXT NOT NULL
        )""",
        "CREATE INDEX check_run_turn ON check_run (turn)",
        """CREATE TABLE check_grant (
            repository TEXT NOT NULL, destination TEXT NOT NULL, created TEXT NOT NULL,
            PRIMARY KEY (repository, destination)
        )""",
        """CREATE TABLE spending (
            id INTEGER PRIMARY KEY, repository TEXT NOT NULL, destination TEXT NOT NULL, model TEXT NOT NULL,
            input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, price REAL, created TEXT NOT NULL
        )""",
        "CREATE INDEX spending_repository ON spending (repository)",
    ):
        connection.execute(statement)


# The n-th leads to version n; never edited, only added to.
MIGRATIONS: tuple[Migration, ...] = (_version_1, _version_2)


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into a StorageError with one sentence about ``path``."""
    try:
        yield
    except sqlite3.Error as error:
        code = _primary_code(error)
        if code == sqlite3.SQLITE_FULL:
            raise StorageError(f"the disk is full: nothing could be saved in {path}") from error
        if code in _HELD:
            raise BusyError(f"{path} is held by another process; try again in a moment") from error
        if code in _DENIED:
            raise StorageError(f"{path} cannot be opened for writing: check the folder's permissions") from error
        if code in _DAMAGE:
            raise DamagedError(f"{path} is damaged; the next start sets it aside and begins a new one") from error
        raise StorageError(f"{path} cannot be read or written: {error}") from error
    except OSError as error:
        raise StorageError(f"{path} cannot be read or written: {error.strerror or error}") from error


def open_database(path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> tuple[sqlite3.Connection, str]:
    """Return a connection to the database at the newest schema, and a sentence when a damaged one was set aside.

    Before each migration a copy is left beside the database. Raises StorageError when the disk is full, the folder
    cannot be written or the database was written by a newer version; BusyError when another process keeps it locked.
    """
    private_directory(path.parent)
    with storage_errors(path), _one_at_a_time(path):
        notice = _set_aside_damaged(path)
        if not path.exists():
            _create(path, migrations)
        connection = _connect(path)
        try:
            _migrate(connection, path, migrations)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # a turn that was shown survives a power cut
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
    return connection, notice


def set_aside_files(path: Path) -> tuple[Path, ...]:
    """Return the damaged databases that were set aside beside ``path``, oldest first."""
    return tuple(sorted(path.parent.glob(f"{path.stem}.damaged-*{path.suffix}")))


def _primary_code(error: sqlite3.Error) -> int:
    code: int = getattr(error, "sqlite_errorcode", None) or 0  # absent where Python itself raised
    if code == sqlite3.SQLITE_IOERR_SHORT_READ:
        return sqlite3.SQLITE_CORRUPT
    return code & 0xFF


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Hold the lock on opening; BusyError after half a minute."""
    lock = path.with_suffix(".lock")
    connection = _connect(lock)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        connection.close()
        if _primary_code(error) not in _DAMAGE:
            raise
        lock.unlink()  # it holds nothing: an empty one does the same
        connection = _connect(lock)
        connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.close()


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S")


def _free_name(path: Path, label: str) -> Path:
    """Return ``memory.LABEL-TIME.sqlite`` beside ``path``, numbered where that is taken."""
    stamp = _stamp()
    candidate, number = path.with_name(f"{path.stem}.{label}-{stamp}{path.suffix}"), 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem}.{label}-{stamp}-{number}{path.suffix}")
    return candidate


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _damage(path: Path) -> str:
    """Return what is wrong with an existing database, "" when it is sound."""
    size = path.stat().st_size
    if size == 0:
        return "is empty"  # ours are renamed into place complete, so it was not always so
    log = _beside(path, "-wal")
    logged = log.exists() and log.stat().st_size > 0
    # Read-only, because the last ordinary connection to close would write the log into a damaged file.
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION_ID:
                return "is not a database of Sidetune's"
            page: int = connection.execute("PRAGMA page_size").fetchone()[0]
            if size % page and not logged:  # SQLite would read zeros; with a log it may be a checkpoint cut short
                return "is damaged"
            if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                return "is damaged"
    except sqlite3.DatabaseError as error:
        if _primary_code(error) in _DAMAGE:
            return "is damaged"
        raise
    return ""


def _set_aside_damaged(path: Path) -> str:
    if path.exists():
        what = _damage(path)
    elif _beside(path, "-wal").exists():
        what = "is missing while its log is there"
    else:
        what = ""
    if not what:
        return ""
    aside = _free_name(path, "damaged")
    for ending in ("", *_SIDE_FILES):
        with suppress(FileNotFoundError):
            _beside(path, ending).rename(_beside(aside, ending))
    return f"The memory of conversations {path} {what}: it was kept as {aside.name}, and a new one was begun."


def _create(path: Path, migrations: Sequence[Migration]) -> None:
    """Write an empty database under another name, then rename it: nobody ever sees a part of one."""
    temporary = path.with_name(f".{path.name}.new")
    for ending in ("", *_SIDE_FILES):  # what a killed process left
        _beside(temporary, ending).unlink(missing_ok=True)
    try:
        with closing(_connect(temporary)) as connection:
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            for version, migration in enumerate(migrations, start=1):
                _step(connection, migration, version)
        temporary.chmod(0o600)
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)


def _step(connection: sqlite3.Connection, migration: Migration, version: int) -> None:
    """Run one migration and note its version in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        migration(connection)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # a full disk has already rolled back
            connection.execute("ROLLBACK")
        raise


def _migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(migrations):
        raise StorageError(
            f"{path} was written by a newer Sidetune (schema {version}, this one knows {len(migrations)}): "
            "update Sidetune to use it; nothing was changed"
        )
    for number, migration in enumerate(migrations[version:], start=version + 1):
        _back_up(connection, path, number)
        _step(connection, migration, number)


def _back_up(connection: sqlite3.Connection, path: Path, number: int) -> None:
    """Copy the database as it is before the migration to ``number``, whatever lies in its log included."""
    backup = _free_name(path, f"before-v{number}")
    temporary = backup.with_name(f".{backup.name}.new")
    try:
        with closing(sqlite3.connect(temporary)) as copy:
            connection.backup(copy)
        temporary.chmod(0o600)
        temporary.rename(backup)
    finally:
        temporary.unlink(missing_ok=True)
