"""The symbol graph as the index holds it: an implementation of ``types.SymbolTable``."""

from __future__ import annotations

import json
from typing import Any

from engine.database import Database
from engine.index.names import suggest_names
from engine.types import Reference, Symbol

__all__ = ["SymbolQueries"]

_SYMBOL = (
    "SELECT s.name, s.qualified, s.kind, f.path, s.first_line, s.last_line, s.signature, s.doc, s.parameters, s.bases "
    "FROM symbols s JOIN files f ON f.id = s.file_id "
)
_USE = "SELECT u.kind, u.name, f.path, u.line, u.scope, u.target FROM uses u JOIN files f ON f.id = u.file_id "


def _last_part(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _symbol(*row: Any) -> Symbol:
    name, qualified, kind, path, first, last, signature, doc, parameters, bases = row
    return Symbol(
        name,
        qualified,
        kind,
        path,
        first,
        last,
        signature,
        doc,
        tuple(json.loads(parameters)),
        tuple(json.loads(bases)),
    )


class SymbolQueries:
    """What is defined where and who uses it; ``Store`` is one of these."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _symbols(self, condition: str, *values: Any) -> list[Symbol]:
        with self._database.read() as connection:
            rows = connection.execute(_SYMBOL + condition, values).fetchall()
        return [_symbol(*row) for row in rows]

    def _uses(self, condition: str, *values: Any) -> list[Reference]:
        with self._database.read() as connection:
            return [Reference(*row) for row in connection.execute(_USE + condition, values)]

    def definitions(self, name: str) -> list[Symbol]:
        """Return the symbols called ``name``: the last part, or the end of the qualified name; exact case."""
        found = self._symbols("WHERE s.name = ?1 OR s.qualified = ?1 ORDER BY f.path, s.first_line", name)
        if not found and "." in name:
            found = self._symbols("WHERE s.name = ? ORDER BY f.path, s.first_line", _last_part(name))
            found = [symbol for symbol in found if symbol.qualified.endswith("." + name)]
        return found

    def callers(self, name: str) -> list[Reference]:
        """Return the calls of ``name`` (its last part), by path and line."""
        return self._uses("WHERE u.name = ? AND u.kind = 'call' ORDER BY f.path, u.line", _last_part(name))

    def calls_in(self, path: str, qualified: str) -> list[Reference]:
        """Return the calls made inside one definition, nested definitions not included, by line."""
        return self._uses(
            "WHERE u.file_id = (SELECT id FROM files WHERE path = ?) AND u.scope = ? AND u.kind = 'call' "
            "ORDER BY u.line",
            path,
            qualified,
        )

    def subclasses(self, name: str) -> list[Reference]:
        """Return the ``inherit`` references to ``name`` (its last part); the scope is the subclass."""
        return self._uses("WHERE u.name = ? AND u.kind = 'inherit' ORDER BY f.path, u.line", _last_part(name))

    def symbols_in(self, path: str) -> list[Symbol]:
        """Return the definitions in one file, in line order."""
        return self._symbols("WHERE f.path = ? ORDER BY s.first_line, s.last_line DESC", path)

    def files(self) -> list[str]:
        """Return every indexed path, sorted."""
        with self._database.read() as connection:
            return [path for (path,) in connection.execute("SELECT path FROM files ORDER BY path")]

    def suggest(self, name: str, limit: int = 3) -> list[str]:
        """Return existing names (symbols and files) spelled most like ``name``, best first."""
        with self._database.read() as connection:
            return suggest_names(connection, name, limit)
