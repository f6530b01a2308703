"""One repository's index on disk: files, chunks, symbols, terms. One process writes, others read.

The writer holds a lease that lies in the same database: every writing transaction renews it and fails with
BusyError once another process has taken over, which it may when the holder's process is gone or has not
written for ``LEASE_SECONDS``. Chunk ids are the labels of the vector index and are never given out twice;
what is deleted leaves its label in ``tombstones``.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import NoReturn

from engine.database import Database
from engine.errors import BusyError, DamagedError
from engine.index import integrity, lexical
from engine.index.names import add_names
from engine.index.schema import SCHEMA, VERSION
from engine.index.symbols import SymbolQueries
from engine.leases import LEASE_SECONDS, holds, own_mark
from engine.types import Chunk, Commit, ParsedFile, SkippedFile, SourceFile, sha256_hex

__all__ = ["LEASE_SECONDS", "FileStamp", "Revision", "Store"]

_TOMBSTONES_KEPT = 100_000  # a reader that is further behind starts over
FILE_NAME = "index.sqlite"

_CHUNK = (
    "SELECT c.id, f.path, c.first_line, c.last_line, c.text, c.kind, c.language, c.symbol, c.signature, f.commit_date, "
    "c.key FROM chunks c JOIN files f ON f.id = c.file_id "
)


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells whether a file changed since it was indexed."""

    sha256: str
    size: int
    mtime_ns: int
    chunker: str
    date: str  # of its last commit


@dataclass(frozen=True, slots=True)
class Revision:
    """A state of the index: ``identity`` of its build, ``number`` of writing transactions since."""

    identity: str
    number: int


class Store(SymbolQueries):
    """The index of one repository, in ``directory``. Every method raises StorageError and its subclasses.

    After DamagedError the store is empty and usable: the caller indexes again.
    """

    def __init__(self, directory: Path, *, read_only: bool = False) -> None:
        self.directory = directory
        self._token: str | None = None
        database = Database(
            directory / FILE_NAME,
            SCHEMA,
            VERSION,
            what="the index of this repository",
            read_only=read_only,
            sealed=True,
            check=integrity.finding,
        )
        super().__init__(database)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; harmless when called twice."""
        self._database.close()

    @property
    def read_only(self) -> bool:
        """Return whether this store was opened for reading only."""
        return self._database.read_only

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Yield a connection on which everything read belongs to one state of the index."""
        with self._database.read() as connection:
            yield connection

    def condemn(self, finding: str) -> NoReturn:
        """Put an empty index in the place of one whose contents contradict themselves, and raise DamagedError."""
        self._database.set_aside()
        raise DamagedError(f"the index of this repository was damaged and has to be built again ({finding})")

    # -- the writer's lease ---------------------------------------------------------------------

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Hold the right to write; BusyError names the process that holds it."""
        token = secrets.token_hex(16)
        with self._database.write() as connection:
            row = connection.execute("SELECT token, pid, host, heartbeat FROM writer").fetchone()
            if row is not None and holds(row[1], row[2], row[3]):
                raise BusyError(f"another process (number {row[1]}) is indexing this repository")
            connection.execute(
                "INSERT OR REPLACE INTO writer VALUES (1, ?, ?, ?, ?)",
                (token, *own_mark()),
            )
        self._token = token
        try:
            yield
        finally:
            self._token = None
            with self._database.write() as connection:
                connection.execute("DELETE FROM writer WHERE token = ?", (token,))

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._database.write() as connection:
            renewed = connection.execute("UPDATE writer SET heartbeat = ? WHERE token = ?", (time.time(), self._token))
            if renewed.rowcount == 0:
                raise BusyError("another process has taken over the index of this repository")
            connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'revision'")
            yield connection

    def renew(self) -> None:
        """Keep the lease through work that writes nothing here; BusyError when it is lost."""
        with self._database.write() as connection:
            renewed = connection.execute("UPDATE writer SET heartbeat = ? WHERE token = ?", (time.time(), self._token))
            if renewed.rowcount == 0:
                raise BusyError("another process has taken over the index of this repository")

    # -- writing --------------------------------------------------------------------------------

    def replace_file(self, source: SourceFile, parsed: ParsedFile, chunker: str) -> None:
        """Put a parsed file in the place of what was known of its path, in one transaction.

        A chunk whose path, symbol and text are unchanged keeps its id, though its lines may have moved.
        """
        with self._write() as connection:
            file_id = _put_file(connection, source, parsed, chunker)
            _put_chunks(connection, file_id, parsed.chunks)
            _put_symbols(connection, file_id, parsed)
            integrity.put_digest(connection, file_id)
            connection.execute("DELETE FROM skipped WHERE path = ?", (source.path,))

    def touch_file(self, source: SourceFile) -> None:
        """Note size, time and commit of a file whose contents are as they were indexed."""
        commit = _commit(source)
        with self._write() as connection:
            rows = connection.execute(
                "UPDATE files SET size = ?, mtime_ns = ?, commit_sha = ?, commit_date = ?, commit_author = ?, "
                "commit_subject = ? WHERE path = ? RETURNING id",
                (source.size, source.mtime_ns, *commit, source.path),
            ).fetchall()
            for (file_id,) in rows:
                integrity.put_digest(connection, file_id)

    def remove_files(self, paths: Iterable[str]) -> None:
        """Forget files and all that was derived from them, each in its own transaction."""
        for path in paths:
            with self._write() as connection:
                row = connection.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchone()
                if row is not None:
                    _put_chunks(connection, row[0], ())
                    for table in ("symbols", "uses", "digests"):
                        connection.execute(f"DELETE FROM {table} WHERE file_id = ?", row)  # noqa: S608
                    connection.execute("DELETE FROM files WHERE id = ?", row)

    def note_skipped(self, skipped: Sequence[SkippedFile], *, complete: bool, gone: Iterable[str] = ()) -> None:
        """Keep why files are not indexed; with ``complete`` these are all there are. ``gone`` are no more."""
        with self._write() as connection:
            if complete:
                connection.execute("DELETE FROM skipped")
            connection.executemany("DELETE FROM skipped WHERE path = ?", [(path,) for path in gone])
            connection.executemany(
                "INSERT OR REPLACE INTO skipped VALUES (?, ?, ?)",
                [(each.path, each.reason, each.detail) for each in skipped],
            )

    def note_graph(self, encoder: str, file: str, sha256: str, count: int) -> None:
        """Record which graph file belongs to an encoder, and forget the oldest tombstones."""
        with self._write() as connection:
            connection.execute("INSERT OR REPLACE INTO graphs VALUES (?, ?, ?, ?)", (encoder, file, sha256, count))
            last = connection.execute("SELECT coalesce(max(seq), 0) FROM tombstones").fetchone()[0]
            if last > _TOMBSTONES_KEPT:  # whoever has not read these yet starts over
                connection.execute("DELETE FROM tombstones WHERE seq <= ?", (last - _TOMBSTONES_KEPT,))
                connection.execute("INSERT OR REPLACE INTO meta VALUES ('pruned', ?)", (last - _TOMBSTONES_KEPT,))

    # -- reading --------------------------------------------------------------------------------

    def revision(self) -> Revision:
        """Return the state that the next read will see."""
        with self._database.read() as connection:
            return read_revision(connection)

    def stamps(self, paths: Iterable[str] | None = None) -> dict[str, FileStamp]:
        """Return what is known of every indexed file, or of those among ``paths``, by path."""
        some = "" if paths is None else " WHERE path IN (SELECT value FROM json_each(?))"
        values = () if paths is None else (json.dumps(list(paths)),)
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT path, sha256, size, mtime_ns, chunker, commit_date FROM files{some}",  # noqa: S608
                values,
            )
            return {path: FileStamp(*rest) for path, *rest in rows}

    def commits(self, paths: Iterable[str]) -> dict[str, Commit]:
        """Return the last commit, as of their indexing, of the indexed files among ``paths`` that have one."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT path, commit_sha, commit_date, commit_author, commit_subject FROM files "
                "WHERE commit_sha <> '' AND path IN (SELECT value FROM json_each(?))",
                (json.dumps(list(paths)),),
            )
            return {path: Commit(*rest) for path, *rest in rows}

    def counts(self) -> tuple[int, int]:
        """Return the numbers of files and chunks."""
        with self._database.read() as connection:
            row = connection.execute("SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM chunks)").fetchone()
        return int(row[0]), int(row[1])

    def skipped(self, path: str) -> SkippedFile | None:
        """Return why a file is not indexed, None when nothing is known against it."""
        with self._database.read() as connection:
            row = connection.execute("SELECT path, reason, detail FROM skipped WHERE path = ?", (path,)).fetchone()
        return SkippedFile(*row) if row else None

    def all_skipped(self) -> tuple[SkippedFile, ...]:
        """Return every file and folder that is not indexed, by path."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT path, reason, detail FROM skipped ORDER BY path").fetchall()
        return tuple(SkippedFile(*row) for row in rows)

    def skipped_reasons(self) -> dict[str, int]:
        """Return how many files are not indexed for each reason, by falling number."""
        with self._database.read() as connection:
            return dict(connection.execute("SELECT reason, count(*) n FROM skipped GROUP BY 1 ORDER BY n DESC, 1"))

    def has_file(self, path: str) -> bool:
        """Return whether a path is indexed."""
        with self._database.read() as connection:
            return connection.execute("SELECT 1 FROM files WHERE path = ?", (path,)).fetchone() is not None

    def chunks(self, ids: Iterable[int]) -> dict[int, Chunk]:
        """Return the chunks that exist among the ids; DamagedError when a text is not what was written."""
        with self._database.read() as connection:
            rows = connection.execute(
                f"{_CHUNK} WHERE c.id IN (SELECT value FROM json_each(?))",  # noqa: S608 - a constant
                (json.dumps(list(ids)),),
            ).fetchall()
        found = {row[0]: Chunk(*row[1:10]) for row in rows}
        for row in rows:
            if chunk_key(found[row[0]]) != row[10]:
                self.condemn("a chunk is not what was written")
        return found

    def chunks_in(self, path: str) -> dict[int, Chunk]:
        """Return the chunks of one file by id, in line order."""
        with self._database.read() as connection:
            rows = connection.execute(_CHUNK + "WHERE f.path = ? ORDER BY c.first_line, c.id", (path,)).fetchall()
        return {row[0]: Chunk(*row[1:10]) for row in rows}

    def all_chunks(self) -> Iterator[Chunk]:
        """Yield every chunk, by path and line; the files are those of the moment this is called."""
        for path in self.files():
            yield from self.chunks_in(path).values()

    def keys(self) -> set[bytes]:
        """Return the embedding keys of all chunks, which is what a repository has in the shared cache."""
        with self._database.read() as connection:
            return {key for (key,) in connection.execute("SELECT DISTINCT key FROM chunks")}

    def embedding_texts(self, ids: Iterable[int]) -> Mapping[int, str]:
        """Return the text that is embedded for each of the chunks."""
        return {label: chunk.embedding_text for label, chunk in self.chunks(ids).items()}


def read_revision(connection: Connection) -> Revision:
    """Return the state that this connection's transaction sees."""
    values = dict(connection.execute("SELECT key, value FROM meta"))
    return Revision(str(values["identity"]), int(values["revision"]))


def chunk_key(chunk: Chunk) -> bytes:
    """Return the key under which a chunk's embedding is cached: the SHA-256 of its embedding text."""
    return bytes.fromhex(sha256_hex(chunk.embedding_text))


def _commit(source: SourceFile) -> tuple[str, str, str, str]:
    commit = source.commit
    return (commit.sha, commit.date, commit.author, commit.subject) if commit else ("", "", "", "")


def _put_file(connection: Connection, source: SourceFile, parsed: ParsedFile, chunker: str) -> int:
    values = (source.sha256, source.size, source.mtime_ns, source.language, chunker, parsed.parsed, *_commit(source))
    row = connection.execute(
        "INSERT INTO files (path, sha256, size, mtime_ns, language, chunker, parsed, commit_sha, commit_date, "
        "commit_author, commit_subject) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET "
        "sha256 = excluded.sha256, size = excluded.size, mtime_ns = excluded.mtime_ns, language = excluded.language, "
        "chunker = excluded.chunker, parsed = excluded.parsed, commit_sha = excluded.commit_sha, "
        "commit_date = excluded.commit_date, commit_author = excluded.commit_author, "
        "commit_subject = excluded.commit_subject RETURNING id",
        (source.path, *values),
    ).fetchall()
    return int(row[0][0])


def _put_chunks(connection: Connection, file_id: int, chunks: Sequence[Chunk]) -> None:
    known: dict[bytes, list[int]] = defaultdict(list)
    for label, key in connection.execute("SELECT id, key FROM chunks WHERE file_id = ? ORDER BY id DESC", (file_id,)):
        known[key].append(label)
    for chunk in chunks:
        key = chunk_key(chunk)
        values = (chunk.first_line, chunk.last_line, chunk.kind, chunk.language, chunk.signature)
        if known.get(key):
            connection.execute(
                "UPDATE chunks SET first_line = ?, last_line = ?, kind = ?, language = ?, signature = ? WHERE id = ?",
                (*values, known[key].pop()),
            )
            continue
        label = connection.execute(
            "INSERT INTO chunks (file_id, first_line, last_line, kind, language, signature, symbol, text, key) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (file_id, *values, chunk.symbol, chunk.text, key),
        ).lastrowid
        connection.execute(
            "INSERT INTO chunk_terms (rowid, path, symbol, body) VALUES (?, ?, ?, ?)", (label, *lexical.prepared(chunk))
        )
    gone = [(label,) for labels in known.values() for label in labels]
    connection.executemany("DELETE FROM chunk_terms WHERE rowid = ?", gone)
    connection.executemany("DELETE FROM chunks WHERE id = ?", gone)
    connection.executemany("INSERT INTO tombstones (chunk_id) VALUES (?)", gone)


def _put_symbols(connection: Connection, file_id: int, parsed: ParsedFile) -> None:
    for table in ("symbols", "uses"):
        connection.execute(f"DELETE FROM {table} WHERE file_id = ?", (file_id,))  # noqa: S608
    connection.executemany(
        "INSERT INTO symbols (file_id, name, qualified, kind, first_line, last_line, signature, doc, parameters, "
        "bases) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                file_id,
                symbol.name,
                symbol.qualified,
                symbol.kind,
                symbol.first_line,
                symbol.last_line,
                symbol.signature,
                symbol.doc,
                json.dumps(symbol.parameters),
                json.dumps(symbol.bases),
            )
            for symbol in parsed.symbols
        ],
    )
    connection.executemany(
        "INSERT INTO uses (file_id, kind, name, line, scope, target) VALUES (?, ?, ?, ?, ?, ?)",
        [(file_id, use.kind, use.name, use.line, use.scope, use.target) for use in parsed.references],
    )
    names = {name for symbol in parsed.symbols for name in (symbol.name, symbol.qualified)} - {""}
    add_names(connection, sorted(names | {parsed.path}))
