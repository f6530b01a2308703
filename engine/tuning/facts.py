"""Facts read out of the symbol graph, in both directions, as question and answer.

A model that learns "A calls B" does not thereby learn "B is called by A" (the reversal curse: Berglund
et al. 2023, arXiv 2309.12288), so every relation is asked from both of its ends: *forward* from the definition that
states it, *reversed* from what the statement is about. Questions and answers are worded as the bundled model was
taught to word them, and an answer is one statement or several without the full stop at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from engine.types import Chunk, Reference, Symbol, SymbolTable

__all__ = ["DIRECTIONS", "Direction", "SymbolFact", "facts_about", "symbol_facts"]

Direction = Literal["forward", "reversed"]
DIRECTIONS: tuple[Direction, ...] = ("forward", "reversed")

_NAMES_LISTED = 6  # in one answer
_STATEMENTS = 3
_CODE = frozenset({"function", "method", "class"})
_PARAMETER = re.compile(r"\s*[:=]")  # behind a parameter's name: its type or its default
_RECEIVERS = frozenset({"self", "cls", "&self", "&mut self"})
_ITSELF = frozenset({"self.", "cls.", "this.", "self->", "this->", "self::", "Self::"})


@dataclass(frozen=True, slots=True)
class SymbolFact:
    """A statement of the symbol graph as a question and its answer."""

    relation: str  # defined, takes, calls or inherits
    direction: Direction
    question: str
    answer: str


def symbol_facts(table: SymbolTable, chunks: Sequence[Chunk], limit: int = 40) -> list[tuple[str, str]]:
    """Return (question, answer) pairs about the symbols of ``chunks``, at most ``limit``: what is trained on."""
    return [(each.question, each.answer) for each in facts_about(table, chunks, limit)]


def facts_about(table: SymbolTable, chunks: Sequence[Chunk], limit: int = 40) -> list[SymbolFact]:
    """Return the facts about the symbols of ``chunks``, at most ``limit``.

    The order follows the chunks, so that a cut keeps the facts of the most informative ones; within a
    chunk the two directions of a relation stand side by side. No question comes twice, and the same input gives the
    same facts.
    """
    found: dict[str, SymbolFact] = {}
    files: set[str] = set()
    for chunk in chunks:
        for symbol in _symbols_of(table, chunk):
            for fact in _about(table, symbol):
                found.setdefault(fact.question, fact)
        if chunk.path not in files:
            files.add(chunk.path)
            for fact in _contents(table, chunk.path):
                found.setdefault(fact.question, fact)
        if len(found) >= limit:
            break
    return list(found.values())[:limit]


def _symbols_of(table: SymbolTable, chunk: Chunk) -> list[Symbol]:
    if not chunk.symbol:
        return []
    found = [each for each in table.definitions(chunk.symbol) if each.path == chunk.path]
    inside = [each for each in found if each.first_line <= chunk.last_line and each.last_line >= chunk.first_line]
    code = [each for each in inside if each.kind in _CODE]
    return code[:1]


def _about(table: SymbolTable, symbol: Symbol) -> Iterator[SymbolFact]:
    name = symbol.qualified
    yield SymbolFact("defined", "forward", f"Where is `{name}` defined?", f"`{name}` is defined in `{symbol.path}`")
    if symbol.kind == "class":
        yield from _inheritance(table, symbol)
    else:
        yield from _parameters(symbol)
        yield from _calls(table, symbol)


def _parameters(symbol: Symbol) -> Iterator[SymbolFact]:
    names = [_PARAMETER.split(each, maxsplit=1)[0] for each in symbol.parameters]
    if names and symbol.kind == "method" and names[0] in _RECEIVERS:
        names = names[1:]
    if not names:
        return
    takes = f"`{symbol.qualified}` takes {_listed(names)}"
    yield SymbolFact("takes", "forward", f"What arguments does `{symbol.qualified}` take?", takes)
    if len(names) > 1:
        kind = "method" if symbol.kind == "method" else "function"
        yield SymbolFact("takes", "reversed", f"Which {kind} in `{symbol.path}` takes {_listed(names)}?", takes)


def _calls(table: SymbolTable, symbol: Symbol) -> Iterator[SymbolFact]:
    calls = table.calls_in(symbol.path, symbol.qualified)
    called = {each.qualified: each for each in (_called(table, call) for call in calls) if each is not None}
    if called:
        said = f"`{symbol.qualified}` calls {_listed(list(called))}"
        yield SymbolFact("calls", "forward", f"What does `{symbol.qualified}` call?", said)
    for each in (*list(called.values())[:_NAMES_LISTED], symbol):
        callers = [call.scope for call in table.callers(each.name) if call.scope and _called(table, call) == each]
        question, statement = f"What calls `{each.qualified}`?", f"calls `{each.qualified}`"
        yield from _said_of_each("calls", question, _distinct(callers), statement)


def _called(table: SymbolTable, call: Reference) -> Symbol | None:
    """Return the definition that a call means, None where the text alone does not say.

    ``f()`` means the only ``f`` that is no method, ``self.m()`` the method of the class around it, and
    ``module.f()`` or ``Class.m()`` what has that name there. ``request.get()`` may be anybody's ``get``.
    """
    before, _, _ = call.target.rpartition(call.name)
    owner = before.rstrip(".:->").rpartition(".")[2]
    found = [each for each in table.definitions(call.name) if each.kind in _CODE and each.name == call.name]
    if before in _ITSELF:
        qualified = f"{call.scope.rpartition('.')[0]}.{call.name}"
        found = [each for each in found if each.path == call.path and each.qualified == qualified]
    elif not before:
        found = [each for each in found if each.kind != "method"]
    else:
        found = [each for each in found if owner == _home(each)]
    return found[0] if len(found) == 1 else None


def _home(symbol: Symbol) -> str:
    """Return what stands before the dot when a definition is called from outside: its class, else its module."""
    *outer, _ = symbol.qualified.split(".")
    return outer[-1] if outer else PurePosixPath(symbol.path).stem


def _inheritance(table: SymbolTable, symbol: Symbol) -> Iterator[SymbolFact]:
    if symbol.bases:
        question = f"What does `{symbol.qualified}` inherit from?"
        said = f"`{symbol.qualified}` inherits from {_listed(symbol.bases)}"
        yield SymbolFact("inherits", "forward", question, said)
    for base in (*symbol.bases[:_NAMES_LISTED], symbol.name):
        name = base.rsplit(".", 1)[-1]
        children = _scopes(table.subclasses(name))
        question = f"Which classes inherit from `{name}`?"
        yield from _said_of_each("inherits", question, children, f"inherits from `{name}`")


def _contents(table: SymbolTable, path: str) -> Iterator[SymbolFact]:
    code = [each for each in table.symbols_in(path) if each.kind != "section"]
    outer = _distinct(each.qualified for each in code if "." not in each.qualified)
    if outer:
        said = f"`{path}` defines {_listed(outer)}"
        yield SymbolFact("defined", "reversed", f"What is defined in `{path}`?", said)


def _scopes(references: Iterable[Reference]) -> list[str]:
    return _distinct(each.scope for each in references if each.scope)


def _said_of_each(relation: str, question: str, names: Sequence[str], what: str) -> Iterator[SymbolFact]:
    """Yield the question with one statement a name, as an answer that cites each of them has it; nothing for none."""
    if names:
        said = ", and ".join(f"`{name}` {what}" for name in names[:_STATEMENTS])
        yield SymbolFact(relation, "reversed", question, said)


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names[:_NAMES_LISTED]]
    more = len(names) - len(quoted)
    if more:
        return f"{', '.join(quoted)} and {more} more"
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
