"""What SQLite cannot know: whether the rows of an index are those that were written.

Each file of the repository has a digest over all that was derived from it. It is looked at when an index was not
closed, as after a kill; of one that was closed, the whole file has a hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain
from sqlite3 import Connection, DatabaseError

from engine.types import sha256_hex

__all__ = ["digest_of", "finding", "put_digest"]

_ROWS = (  # everything that belongs to a file, in an order that stays
    "SELECT * FROM files WHERE id = ?",
    "SELECT id, first_line, last_line, kind, language, symbol, signature, key FROM chunks "
    "WHERE file_id = ? ORDER BY id",
    "SELECT name, qualified, kind, first_line, last_line, signature, doc, parameters, bases FROM symbols "
    "WHERE file_id = ? ORDER BY id",
    "SELECT kind, name, line, scope, target FROM uses WHERE file_id = ? ORDER BY rowid",
)
_NONE_OF = {
    "chunks of no file": "SELECT 1 FROM chunks WHERE file_id NOT IN (SELECT id FROM files) LIMIT 1",
    "files without a digest": "SELECT 1 FROM files WHERE id NOT IN (SELECT file_id FROM digests) LIMIT 1",
    "chunks without terms": "SELECT 1 FROM chunks WHERE id NOT IN (SELECT rowid FROM chunk_terms) LIMIT 1",
    "terms of no chunk": "SELECT 1 FROM chunk_terms WHERE rowid NOT IN (SELECT id FROM chunks) LIMIT 1",
}


def digest_of(connection: Connection, file_id: int) -> bytes:
    """Return the digest over all rows of one file."""
    return _digest(chain.from_iterable(connection.execute(query, (file_id,)) for query in _ROWS))


def put_digest(connection: Connection, file_id: int) -> None:
    """Note what the rows of a file are now."""
    connection.execute("INSERT OR REPLACE INTO digests VALUES (?, ?)", (file_id, digest_of(connection, file_id)))


def finding(connection: Connection) -> str:
    """Return what is wrong with an index, "" for nothing. Reads all of it: some seconds for 100,000 chunks."""
    for what, query in _NONE_OF.items():
        if connection.execute(query).fetchone() is not None:
            return what
    for file_id, digest in connection.execute("SELECT file_id, digest FROM digests"):
        if digest_of(connection, file_id) != digest:
            return "the rows of a file are not what was written"
    if any(key != written for key, written in _keys(connection)):
        return "a chunk is not what was written"
    for table in ("chunk_terms", "name_grams"):
        try:
            connection.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")  # noqa: S608
        except DatabaseError:
            return f"the full-text index {table} is not what it was made of"
    return ""


def _keys(connection: Connection) -> Iterator[tuple[bytes, bytes]]:
    """Yield for every chunk the key that its text has and the one that it was stored with."""
    rows = connection.execute("SELECT f.path, c.symbol, c.text, c.key FROM chunks c JOIN files f ON f.id = c.file_id")
    for path, symbol, text, key in rows:
        yield bytes.fromhex(sha256_hex(f"{path} {symbol}\n{text}")), key


def _digest(rows: Iterable[tuple[object, ...]]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for row in rows:
        digest.update(repr(row).encode("utf-8", "backslashreplace"))
    return digest.digest()
