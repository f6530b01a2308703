"""The tables of ``index.sqlite``. Any change here or in what they are filled with needs a new ``VERSION``."""

from __future__ import annotations

__all__ = ["SCHEMA", "VERSION"]

VERSION = 2

SCHEMA: tuple[str, ...] = (
    # identity: of this build of the index, so that nobody takes labels of an older one for its own;
    # revision: counts the writing transactions.
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
    "INSERT INTO meta VALUES ('identity', lower(hex(randomblob(16)))), ('revision', 0)",
    # The writer's lease lies beside the data, so that each writing transaction can prove that it still holds it.
    """CREATE TABLE writer (
        slot INTEGER PRIMARY KEY CHECK (slot = 1),
        token TEXT NOT NULL, pid INTEGER NOT NULL, host TEXT NOT NULL, heartbeat REAL NOT NULL
    )""",
    """CREATE TABLE files (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
        language TEXT NOT NULL, chunker TEXT NOT NULL, parsed INTEGER NOT NULL,
        commit_sha TEXT NOT NULL, commit_date TEXT NOT NULL, commit_author TEXT NOT NULL, commit_subject TEXT NOT NULL
    )""",
    # AUTOINCREMENT: the id is the label in the graph and is never given out twice. key: sha256 of embedding_text.
    """CREATE TABLE chunks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        file_id INTEGER NOT NULL REFERENCES files (id),
        first_line INTEGER NOT NULL, last_line INTEGER NOT NULL, kind TEXT NOT NULL, language TEXT NOT NULL,
        symbol TEXT NOT NULL, signature TEXT NOT NULL, text TEXT NOT NULL, key BLOB NOT NULL
    )""",
    "CREATE INDEX chunks_by_file ON chunks (file_id)",
    "CREATE TABLE tombstones (seq INTEGER PRIMARY KEY AUTOINCREMENT, chunk_id INTEGER NOT NULL)",
    # Tokens are prepared by terms.py; the tokenizer only has to keep them whole.
    """CREATE VIRTUAL TABLE chunk_terms USING fts5 (
        path, symbol, body, tokenize = "unicode61 remove_diacritics 0 tokenchars '_'"
    )""",
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab (chunk_terms, row)",
    """CREATE TABLE symbols (
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES files (id),
        name TEXT NOT NULL, qualified TEXT NOT NULL, kind TEXT NOT NULL,
        first_line INTEGER NOT NULL, last_line INTEGER NOT NULL,
        signature TEXT NOT NULL, doc TEXT NOT NULL, parameters TEXT NOT NULL, bases TEXT NOT NULL
    )""",
    "CREATE INDEX symbols_by_file ON symbols (file_id)",
    "CREATE INDEX symbols_by_name ON symbols (name)",
    "CREATE INDEX symbols_by_qualified ON symbols (qualified)",
    """CREATE TABLE uses (
        file_id INTEGER NOT NULL REFERENCES files (id),
        kind TEXT NOT NULL, name TEXT NOT NULL, line INTEGER NOT NULL, scope TEXT NOT NULL, target TEXT NOT NULL
    )""",
    "CREATE INDEX uses_by_file ON uses (file_id, scope)",
    "CREATE INDEX uses_by_name ON uses (name, kind)",
    "CREATE INDEX uses_by_line ON uses (file_id, line)",
    # Over all rows of a file (integrity.py): whether they are still what was written.
    "CREATE TABLE digests (file_id INTEGER PRIMARY KEY, digest BLOB NOT NULL)",
    # Every spelling ever indexed, by its trigrams; whether it still exists is asked when it is suggested.
    "CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE name_grams USING fts5 (grams, content = '', tokenize = 'unicode61 remove_diacritics 0')",
    "CREATE TABLE skipped (path TEXT PRIMARY KEY, reason TEXT NOT NULL, detail TEXT NOT NULL) WITHOUT ROWID",
    # Which graph file belongs to an encoder; the file itself is a cache and may be missing.
    """CREATE TABLE graphs (
        encoder TEXT PRIMARY KEY, file TEXT NOT NULL, sha256 TEXT NOT NULL, count INTEGER NOT NULL
    )""",
)
