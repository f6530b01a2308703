"""Embeddings on disk, shared by all repositories: nothing is embedded twice.

Keyed by encoder, chunker version and SHA-256 of the text, so branches, worktrees, copies and restarts find
what they need. Vectors are stored as float16: half the disk, and a cosine changes by less than 0.001.
"""

from __future__ import annotations

import secrets
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType

import numpy as np

from engine.database import Database
from engine.errors import BusyError, StorageError
from engine.leases import holds, own_mark
from engine.types import Floats

__all__ = ["EmbeddingCache"]

_VERSION = 2
_SCHEMA = (
    """CREATE TABLE spaces (
        id INTEGER PRIMARY KEY, encoder TEXT NOT NULL, chunker TEXT NOT NULL, UNIQUE (encoder, chunker)
    )""",
    """CREATE TABLE embeddings (
        space INTEGER NOT NULL REFERENCES spaces (id),
        key BLOB NOT NULL, vector BLOB NOT NULL, crc INTEGER NOT NULL,
        PRIMARY KEY (space, key)
    ) WITHOUT ROWID""",
)
# What a collection needs beside; made when first used, since files of before lack it. ``claims``: who is indexing, and
# must find what it has seen. ``idle``: since when no index names a text. ``collected``: the last collection.
_COLLECTION = (
    """CREATE TABLE IF NOT EXISTS claims (
        token TEXT PRIMARY KEY, pid INTEGER NOT NULL, host TEXT NOT NULL, heartbeat REAL NOT NULL
    ) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS idle (key BLOB PRIMARY KEY, since REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS collected (slot INTEGER PRIMARY KEY CHECK (slot = 1), at REAL NOT NULL)",
)
_ROW_BYTES = 64  # of a vector's row, beside the vector
_HEARTBEAT = 10.0  # seconds between two signs of life of a claim


class EmbeddingCache:
    """A database of vectors, safe for several threads and processes; a damaged one is replaced by an empty one.

    All methods raise StorageError and its subclasses. A vector whose checksum is wrong is as good as missing; it covers
    encoder, chunker and key as well, so that no damage can pass one text's vector off as another's.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._database = Database(path, _SCHEMA, _VERSION, what="the cache of embeddings", read_only=read_only)
        self._puts = 0  # by this connection, which SQLite's own count of changes leaves out

    def __enter__(self) -> EmbeddingCache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; harmless when called twice."""
        self._database.close()

    def get(self, encoder: str, chunker: str, keys: Sequence[bytes], dimensions: int) -> tuple[list[int], Floats]:
        """Return the positions in ``keys`` that are cached (n,) and their unit vectors (n, dimensions)."""
        size = 2 * dimensions
        positions: list[int] = []
        blobs: list[bytes] = []
        with self._database.read() as connection:
            row = connection.execute("SELECT id FROM spaces WHERE encoder = ? AND chunker = ?", (encoder, chunker))
            if space := row.fetchone():
                find = "SELECT vector, crc FROM embeddings WHERE space = ? AND key = ?"
                for position, key in enumerate(keys):
                    found = connection.execute(find, (space[0], key)).fetchone()
                    if found and len(found[0]) == size and _checksum(encoder, chunker, key, found[0]) == found[1]:
                        positions.append(position)
                        blobs.append(found[0])
        return positions, _decoded(blobs, dimensions)

    def version(self) -> object:
        """Return something that is another after every change, by whichever process."""
        with self._database.read() as connection:
            return self._puts, connection.execute("PRAGMA data_version").fetchone()[0]

    def put(self, encoder: str, chunker: str, keys: Sequence[bytes], vectors: Floats) -> Floats:
        """Store unit vectors (n, d) under distinct keys, in one transaction, and return them as ``get`` will.

        A cache opened for reading only stores nothing.
        """
        blobs = [row.tobytes() for row in np.asarray(vectors, dtype="<f2")]
        if not self._database.read_only:
            with self._database.write() as connection:
                self._puts += 1
                connection.execute("INSERT OR IGNORE INTO spaces (encoder, chunker) VALUES (?, ?)", (encoder, chunker))
                row = connection.execute("SELECT id FROM spaces WHERE encoder = ? AND chunker = ?", (encoder, chunker))
                space = row.fetchone()[0]
                connection.executemany(
                    "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?, ?)",
                    [
                        (space, key, blob, _checksum(encoder, chunker, key, blob))
                        for key, blob in zip(keys, blobs, strict=True)
                    ],
                )
        return _decoded(blobs, vectors.shape[1])

    def copy(self, keys: Mapping[bytes, bytes]) -> int:
        """Store under new keys, in every space, the vectors of old ones (new -> old); return how many were stored.

        What a new key has already stays.
        """
        stored = 0
        with self._database.write() as connection:
            self._puts += 1
            for space, encoder, chunker in connection.execute("SELECT id, encoder, chunker FROM spaces").fetchall():
                for new, old in keys.items():
                    find = "SELECT vector, crc FROM embeddings WHERE space = ? AND key = ?"
                    found = connection.execute(find, (space, old)).fetchone()
                    if found and _checksum(encoder, chunker, old, found[0]) == found[1]:
                        row = space, new, found[0], _checksum(encoder, chunker, new, found[0])
                        stored += connection.execute(
                            "INSERT OR IGNORE INTO embeddings VALUES (?, ?, ?, ?)", row
                        ).rowcount
        return stored

    def discard(self, keys: Iterable[bytes]) -> int:
        """Delete the vectors of these keys from every space, overwriting them on disk; return how many there were."""
        with self._database.write() as connection:
            connection.execute("PRAGMA secure_delete=ON")
            spaces = [space for (space,) in connection.execute("SELECT id FROM spaces")]
            return connection.executemany(
                "DELETE FROM embeddings WHERE space = ? AND key = ?", [(s, key) for key in keys for s in spaces]
            ).rowcount

    # -- what nobody uses ---------------------------------------------------------------------------

    @contextmanager
    def claim(self) -> Iterator[Callable[[], None]]:
        """Keep every collection from deleting anything; yields a sign of life, to be given now and then.

        Taken before chunks are written to an index that are then looked for here: what is found stays.
        """
        token = secrets.token_hex(16)
        with self._database.write() as connection:
            _extend(connection)
            connection.execute("INSERT INTO claims VALUES (?, ?, ?, ?)", (token, *own_mark()))
        given = time.monotonic()

        def sign() -> None:
            nonlocal given
            if time.monotonic() - given > _HEARTBEAT:
                given = time.monotonic()
                with self._database.write() as connection:
                    _extend(connection)
                    connection.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?)", (token, *own_mark()))

        try:
            yield sign
        finally:
            with suppress(StorageError), self._database.write() as connection:  # else it lapses in a minute
                _extend(connection)
                connection.execute("DELETE FROM claims WHERE token = ?", (token,))

    def collect(self, used: Callable[[], Iterable[bytes]], spare: Callable[[int], int], now: float) -> int:
        """Delete vectors of texts that no index names, the longest unnamed first; return how many.

        ``used`` returns the keys that indexes name; it is called while nobody can begin to index. ``spare`` is told
        how many bytes the vectors take and returns how many of these must go. ``now`` is a time in seconds, noted
        for texts that are unnamed for the first time. BusyError while anybody is indexing.
        """
        with self._database.write() as connection:
            _extend(connection)
            for token, *mark in connection.execute("SELECT * FROM claims").fetchall():
                if holds(*mark):
                    raise BusyError(f"process {mark[0]} is writing an index; try again later")
                connection.execute("DELETE FROM claims WHERE token = ?", (token,))
            connection.execute("CREATE TEMP TABLE named (key BLOB PRIMARY KEY) WITHOUT ROWID")
            try:
                connection.executemany("INSERT OR IGNORE INTO named VALUES (?)", ((key,) for key in used()))
                connection.execute("DELETE FROM idle WHERE key IN (SELECT key FROM named)")
                connection.execute(
                    "INSERT OR IGNORE INTO idle SELECT DISTINCT key, ? FROM embeddings "
                    "WHERE key NOT IN (SELECT key FROM named)",
                    (now,),
                )
            finally:
                connection.execute("DROP TABLE named")
            connection.execute("INSERT OR REPLACE INTO collected VALUES (1, ?)", (now,))
            return _delete_idle(connection, spare(_used_bytes(connection)))

    def retain(self, named: Callable[[], Iterable[bytes]]) -> int:
        """Delete all vectors of texts that are not ``named``, overwriting them on disk; return how many."""
        return self.collect(named, lambda taken: taken + 1, time.time())

    def compact(self) -> None:
        """Give the room of deleted vectors back to the disk."""
        self._database.compact()

    def collected(self) -> float:
        """Return the time of the last collection, 0 when there was none."""
        with self._database.read() as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'collected'").fetchone():
                return 0.0
            row = connection.execute("SELECT at FROM collected").fetchone()
        return float(row[0]) if row else 0.0

    def bytes_of(self, keys: Iterable[bytes]) -> int:
        """Return how many bytes the vectors of some keys take, in all spaces."""
        with self._database.read() as connection:
            spaces = [space for (space,) in connection.execute("SELECT id FROM spaces")]
            find = "SELECT length(vector) FROM embeddings WHERE space = ? AND key = ?"
            total = 0
            for key in keys:
                for space in spaces:
                    row = connection.execute(find, (space, key)).fetchone()
                    total += row[0] + _ROW_BYTES if row else 0
        return total

    def all_bytes(self) -> int:
        """Return how many bytes all vectors take."""
        with self._database.read() as connection:
            row = connection.execute(f"SELECT sum(length(vector) + {_ROW_BYTES}) FROM embeddings").fetchone()  # noqa: S608
        return int(row[0] or 0)

    def vectors(self) -> int:
        """Return how many vectors are cached in all."""
        with self._database.read() as connection:
            return int(connection.execute("SELECT count(*) FROM embeddings").fetchone()[0])

    def count(self, encoder: str, chunker: str) -> int:
        """Return how many vectors are cached for an encoder and a chunker version."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT count(*) FROM embeddings JOIN spaces ON id = space WHERE encoder = ? AND chunker = ?",
                (encoder, chunker),
            ).fetchone()
        return int(row[0])


def _checksum(encoder: str, chunker: str, key: bytes, vector: bytes) -> int:
    return zlib.crc32(vector, zlib.crc32(key, zlib.crc32(f"{encoder} {chunker}".encode())))


def _extend(connection: Connection) -> None:
    for statement in _COLLECTION:
        connection.execute(statement)


def _used_bytes(connection: Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _delete_idle(connection: Connection, spare: int) -> int:
    """Delete the longest unnamed texts until so many bytes are free; return how many vectors that were."""
    connection.execute("PRAGMA secure_delete=ON")
    spaces = [space for (space,) in connection.execute("SELECT id FROM spaces")]
    deleted = 0
    for (key,) in connection.execute("SELECT key FROM idle ORDER BY since, key").fetchall():
        if spare <= 0:
            break
        for space in spaces:
            row = connection.execute(
                "DELETE FROM embeddings WHERE space = ? AND key = ? RETURNING length(vector)", (space, key)
            ).fetchall()
            deleted += len(row)
            spare -= sum(length + _ROW_BYTES for (length,) in row)
        connection.execute("DELETE FROM idle WHERE key = ?", (key,))
    return deleted


def _decoded(blobs: Sequence[bytes], dimensions: int) -> Floats:
    vectors = np.frombuffer(b"".join(blobs), dtype="<f2").astype(np.float32).reshape(len(blobs), dimensions)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return vectors
