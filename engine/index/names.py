"""A name that does not exist -> names that do and look like it."""

from __future__ import annotations

import difflib
import json
import sqlite3
from collections.abc import Iterable

from engine.terms import split_identifier

__all__ = ["add_names", "suggest_names"]

_PREFILTER = 150  # names that are compared letter by letter
_ALIKE = 0.62  # below this a suggestion confuses more than it helps
_LONGEST = 80  # characters of a name that are compared


def _squeezed(name: str) -> str:
    return "".join(split_identifier(name))


def _grams(name: str) -> list[str]:
    """Return the letter trigrams of a name without case and punctuation (its beginning marked), and its parts."""
    squeezed = _squeezed(name)[:_LONGEST]
    if not squeezed:
        return []
    plain = f"0{squeezed}"
    grams = {plain[at : at + 3] for at in range(max(1, len(plain) - 2))}
    parts = {f"p0{part}" for part in split_identifier(name[:_LONGEST])}
    return sorted(grams | parts)


def add_names(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    """Make names findable by their spelling; those already known are left alone."""
    for name in names:
        cursor = connection.execute("INSERT OR IGNORE INTO names (name) VALUES (?)", (name,))
        if cursor.rowcount:
            connection.execute(
                "INSERT INTO name_grams (rowid, grams) VALUES (?, ?)", (cursor.lastrowid, " ".join(_grams(name)))
            )


def _likeness(wanted: str, name: str) -> float:
    a, b = _squeezed(wanted)[:_LONGEST], _squeezed(name)[:_LONGEST]
    spelling = difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()
    ours, theirs = set(split_identifier(wanted)), set(split_identifier(name))
    shared = len(ours & theirs)
    parts = 2 * shared / (len(ours) + len(theirs)) if shared > 1 else 0.0
    return max(spelling, 0.98 * parts)


def suggest_names(connection: sqlite3.Connection, name: str, limit: int) -> list[str]:
    """Return existing symbols and files spelled most like ``name``, best first.

    Case, underscores and the order of an identifier's parts count little; a dotted name is compared with
    qualified names as well as by its last part, a path with paths as well as by its file name.
    """
    last = name.replace("/", ".").rsplit(".", 1)[-1] if "/" not in name else name.rsplit("/", 1)[-1]
    grams = " OR ".join(f'"{gram}"' for gram in _grams(name[-_LONGEST:]))
    if not grams:
        return []
    rows = connection.execute(
        "SELECT names.name FROM name_grams JOIN names ON names.id = name_grams.rowid "
        "WHERE name_grams MATCH ? ORDER BY rank LIMIT ?",
        (grams, _PREFILTER),
    )
    scored: list[tuple[float, str]] = []
    for (known,) in rows:
        plain = known.rsplit("/", 1)[-1] if "/" in known else known
        likeness = _likeness(name, known)
        if (name, known) != (last, plain):
            likeness = max(likeness, _likeness(last, plain) - (0.02 if name != last else 0.0))
        if likeness >= _ALIKE and known != name:
            scored.append((-likeness, known))
    scored.sort(key=lambda each: (each[0], len(each[1]), each[1]))
    existing = _existing(connection, [known for _, known in scored])
    found: list[str] = []
    for _, known in scored:
        # "Flask.run" says no more than "run" to somebody who asked for "runn".
        repeated = "." not in name and any(known.endswith("." + each) for each in found)
        if known in existing and not repeated:
            found.append(known)
        if len(found) == limit:
            break
    return found


def _existing(connection: sqlite3.Connection, names: list[str]) -> set[str]:
    rows = connection.execute(
        "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM symbols WHERE name = value) "
        "OR EXISTS (SELECT 1 FROM symbols WHERE qualified = value) OR EXISTS (SELECT 1 FROM files WHERE path = value)",
        (json.dumps(names),),
    )
    return {name for (name,) in rows}
