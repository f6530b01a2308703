"""Embeddings on disk, shared by all repositories: nothing is embedded twice.

Keyed by encoder, chunker version and SHA-256 of the text, so branches, worktrees, copies and restarts find
what they need. Vectors are stored as float16: half the disk, and a cosine changes by less than 0.001.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from engine.database import Database
from engine.types import Floats

__all__ = ["EmbeddingCache"]

_VERSION = 1
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


class EmbeddingCache:
    """A database of vectors, safe for several threads and processes; a damaged one is replaced by an empty one.

    All methods raise StorageError and its subclasses. A vector whose checksum is wrong is as good as missing.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._database = Database(path, _SCHEMA, _VERSION, what="the cache of embeddings", read_only=read_only)

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
                    if found and len(found[0]) == size and zlib.crc32(found[0]) == found[1]:
                        positions.append(position)
                        blobs.append(found[0])
        return positions, _decoded(blobs, dimensions)

    def put(self, encoder: str, chunker: str, keys: Sequence[bytes], vectors: Floats) -> Floats:
        """Store unit vectors (n, d) under distinct keys, in one transaction, and return them as ``get`` will.

        A cache opened for reading only stores nothing.
        """
        blobs = [row.tobytes() for row in np.asarray(vectors, dtype="<f2")]
        if not self._database.read_only:
            with self._database.write() as connection:
                connection.execute("INSERT OR IGNORE INTO spaces (encoder, chunker) VALUES (?, ?)", (encoder, chunker))
                row = connection.execute("SELECT id FROM spaces WHERE encoder = ? AND chunker = ?", (encoder, chunker))
                space = row.fetchone()[0]
                connection.executemany(
                    "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?, ?)",
                    [(space, key, blob, zlib.crc32(blob)) for key, blob in zip(keys, blobs, strict=True)],
                )
        return _decoded(blobs, vectors.shape[1])

    def copy(self, keys: Mapping[bytes, bytes]) -> int:
        """Store under new keys, in every space, the vectors of old ones (new -> old); return how many were stored.

        What a new key has already stays.
        """
        with self._database.write() as connection:
            return connection.executemany(
                "INSERT OR IGNORE INTO embeddings SELECT space, ?, vector, crc FROM embeddings "
                "WHERE key = ? AND space IN (SELECT id FROM spaces)",
                list(keys.items()),
            ).rowcount

    def discard(self, keys: Iterable[bytes]) -> int:
        """Delete the vectors of these keys from every space, overwriting them on disk; return how many there were."""
        with self._database.write() as connection:
            connection.execute("PRAGMA secure_delete=ON")
            spaces = [space for (space,) in connection.execute("SELECT id FROM spaces")]
            return connection.executemany(
                "DELETE FROM embeddings WHERE space = ? AND key = ?", [(s, key) for key in keys for s in spaces]
            ).rowcount

    def count(self, encoder: str, chunker: str) -> int:
        """Return how many vectors are cached for an encoder and a chunker version."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT count(*) FROM embeddings JOIN spaces ON id = space WHERE encoder = ? AND chunker = ?",
                (encoder, chunker),
            ).fetchone()
        return int(row[0])


def _decoded(blobs: Sequence[bytes], dimensions: int) -> Floats:
    vectors = np.frombuffer(b"".join(blobs), dtype="<f2").astype(np.float32).reshape(len(blobs), dimensions)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return vectors
