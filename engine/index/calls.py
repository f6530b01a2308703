"""Chunks -> which of them call which definitions: the edges of the symbol graph between chunks.

A call is known by its last name only (``run`` in ``app.run()``). It is taken for a call of the definitions of that name
in the same file if there are any, else of all others, unless these are too many to mean anything.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

__all__ = ["called_chunks"]

_MOST_DEFINITIONS = 4  # of one name; beyond, a call says nothing about which of them is meant

# The chunk that a definition begins in; ``chunk`` of a file contain all its lines and do not overlap there.
_BEGINS = "JOIN chunks d ON d.file_id = s.file_id AND s.first_line BETWEEN d.first_line AND d.last_line"
_DEFINED = "s.kind IN ('function', 'method', 'class')"


def called_chunks(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, list[int]]:
    """Return for each of the chunks ``ids`` that calls something the chunks that the called definitions begin in.

    A chunk's calls of its own definitions are left out. Raises nothing of its own; ids that do not exist call nothing.
    """
    calls = connection.execute(
        "SELECT DISTINCT c.id, c.file_id, u.name FROM json_each(?) JOIN chunks c ON c.id = value "
        "JOIN uses u ON u.file_id = c.file_id AND u.line BETWEEN c.first_line AND c.last_line WHERE u.kind = 'call' "
        "ORDER BY c.id, u.line",
        (json.dumps(list(ids)),),
    ).fetchall()
    names = {name for _, _, name in calls}
    inside = _inside(connection, {file for _, file, _ in calls}, names)
    elsewhere = _elsewhere(connection, names)
    result: dict[int, list[int]] = {}
    for caller, file, name in calls:
        called = inside.get((file, name)) or elsewhere.get(name, [])
        if len(called) <= _MOST_DEFINITIONS:
            known = result.setdefault(caller, [])
            known.extend(chunk for chunk in called if chunk != caller and chunk not in known)
    return {caller: called for caller, called in result.items() if called}


def _inside(connection: sqlite3.Connection, files: set[int], names: set[str]) -> dict[tuple[int, str], list[int]]:
    """Return the chunks of the definitions in ``files`` by file and name."""
    rows = connection.execute(
        f"SELECT DISTINCT s.file_id, s.name, d.id FROM json_each(?) JOIN symbols s ON s.file_id = value {_BEGINS} "  # noqa: S608
        f"WHERE {_DEFINED} ORDER BY d.id",
        (json.dumps(sorted(files)),),
    )
    found: dict[tuple[int, str], list[int]] = {}
    for file, name, chunk in rows:
        if name in names:
            found.setdefault((file, name), []).append(chunk)
    return found


def _elsewhere(connection: sqlite3.Connection, names: set[str]) -> dict[str, list[int]]:
    """Return the chunks of all definitions by name, of the names with few of them. A popular one is not read out."""
    rows = connection.execute(
        "SELECT value FROM json_each(?) WHERE (SELECT count(*) FROM (SELECT 1 FROM symbols s "  # noqa: S608
        f"WHERE s.name = value AND {_DEFINED} LIMIT {_MOST_DEFINITIONS + 1})) BETWEEN 1 AND {_MOST_DEFINITIONS}",
        (json.dumps(sorted(names)),),
    )
    few = [name for (name,) in rows]
    found: dict[str, list[int]] = {}
    for name, chunk in connection.execute(
        f"SELECT DISTINCT s.name, d.id FROM json_each(?) JOIN symbols s ON s.name = value {_BEGINS} "  # noqa: S608
        f"WHERE {_DEFINED} ORDER BY d.id",
        (json.dumps(few),),
    ):
        found.setdefault(name, []).append(chunk)
    return found
