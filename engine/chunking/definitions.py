"""Syntax tree -> definitions, nested as written, and the uses of names between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from tree_sitter import Node

from engine.chunking import heads
from engine.chunking.lines import Rows

__all__ = ["Definition", "DefinitionKind", "Outline", "Use", "outline"]

DefinitionKind = Literal[
    "function", "class", "section", "module", "scope", "object", "declaration", "variable", "attribute"
]
UseKind = Literal["call", "base", "import", "file"]

_KINDS = {
    kind: rank
    for rank, kind in enumerate(
        ["function", "class", "section", "module", "scope", "object", "declaration", "variable", "attribute"]
    )
}
_LEAVES = frozenset({"declaration", "variable", "attribute"})  # nothing is nested in them
_USES = frozenset({"call", "base", "import", "file"})
_DOTTED_SECTIONS = frozenset({"json", "toml", "yaml"})  # elsewhere a section is a sentence: "sum > adds two numbers"
_LONGEST_NAME = 120
_SLACK = 2  # bytes after a definition that a wrapper may add: ";"
_DEEPEST = 200  # definitions in each other; a hostile file has 60,000, and a qualified name is as long as its depth


@dataclass(slots=True, eq=False)
class Definition:
    """A named part of a file; rows include decorators and the comment in front."""

    kind: DefinitionKind
    name: str
    qualified: str
    first: int
    last: int
    head: int  # the row at which the definition itself begins, below its comment
    node: Node
    inner: Node | None  # the node with body and parameters, if it is another
    signature: str
    method: bool
    parent: Definition | None
    children: list[Definition] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Use:
    """A name that is called, imported or inherited from."""

    kind: UseKind
    node: Node
    receiver: Node | None
    scope: Definition | None


@dataclass(frozen=True, slots=True)
class Outline:
    """All that the stage reads out of one tree."""

    language: str
    source: bytes
    top: Sequence[Definition]
    all: Sequence[Definition]
    uses: Sequence[Use]


@dataclass(slots=True)
class _Event:
    """One capture, to be placed by its range."""

    kind: str
    node: Node
    start: int
    end: int
    captures: Mapping[str, list[Node]]

    def __lt__(self, other: _Event) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[int, int, int]:
        rank = 0 if self.kind == "outer" else 1 if self.kind in _KINDS else 2
        return self.start, -self.end, rank

    @property
    def name(self) -> Node | None:
        """The node of a definition's name."""
        return self.companion("name") if self.kind in _KINDS else None

    def companion(self, name: str) -> Node | None:
        nodes = self.captures.get(name)
        return nodes[0] if nodes else None


def outline(language: str, found: Iterable[Mapping[str, list[Node]]], source: bytes, rows: Rows) -> Outline:
    """Make definitions and uses of a file's captures; nothing recurses over the tree."""
    events: dict[tuple[int, bool], _Event] = {}
    leads: dict[int, tuple[int, int]] = {}  # last row of a comment -> its first row and column
    for captures in found:
        for kind, nodes in captures.items():
            node = nodes[0]
            if kind == "lead":
                start, end = node.start_point, node.end_point
                if _alone(source, node):
                    leads[end.row - (end.column == 0 and end.row > start.row)] = (start.row, start.column)
            elif kind in _KINDS or kind in _USES or kind == "outer":
                event = _Event(kind, node, node.start_byte, node.end_byte, captures)
                # A name that several patterns take for a definition's is what the most telling of them says.
                key = (event.name.id if event.name is not None else node.id, kind in _KINDS)
                known = events.get(key)
                if known is None or _KINDS.get(kind, 0) < _KINDS.get(known.kind, 0) or kind == "outer":
                    events[key] = event
    return _Nesting(language, source, rows, leads).place(sorted(events.values()))


def _alone(source: bytes, node: Node) -> bool:
    """Return whether nothing else stands on a node's lines."""
    before = source[source.rfind(b"\n", 0, node.start_byte) + 1 : node.start_byte]
    end = source.find(b"\n", node.end_byte - 1) if node.end_byte else 0
    after = source[node.end_byte : end if end >= 0 else len(source)]
    return not before.strip() and not after.strip()


class _Nesting:
    """Places captures in each other by their ranges, as one sweep over the file."""

    def __init__(self, language: str, source: bytes, rows: Rows, leads: Mapping[int, tuple[int, int]]) -> None:
        self._language = language
        self._separator = "." if language in _DOTTED_SECTIONS else " > "
        self._source = source
        self._rows = rows
        self._leads = leads
        self._open: list[tuple[int, Node, Definition | None]] = []  # end, node, None for a wrapper
        self._top: list[Definition] = []
        self._all: list[Definition] = []
        self._uses: list[Use] = []
        self._variables: set[str] = set()

    def place(self, events: Sequence[_Event]) -> Outline:
        for event in events:
            while self._open and self._open[-1][0] <= event.start:
                self._open.pop()
            if event.kind == "outer":
                self._open.append((event.end, event.node, None))
            elif event.kind in _USES:
                kind = cast("UseKind", event.kind)
                self._uses.append(Use(kind, event.node, event.companion("receiver"), self._scope()))
            else:
                self._define(event)
        return Outline(self._language, self._source, self._top, self._all, self._uses)

    def _scope(self) -> Definition | None:
        return next((definition for _, _, definition in reversed(self._open) if definition), None)

    def _define(self, event: _Event) -> None:
        name = event.name
        if name is None:
            return
        kind = cast("DefinitionKind", event.kind)
        scope = self._scope()
        if kind == "attribute":
            scope = scope.parent if scope else None
            if scope is None:
                return
        parts = self._parts(kind, name, event.companion("owner"))
        separator = self._separator if kind == "section" else "."
        qualified = separator.join(([scope.qualified] if scope else []) + parts)
        if kind in {"variable", "attribute", "object"}:
            if qualified in self._variables or (scope is not None and scope.kind == "function"):
                return
            self._variables.add(qualified)
        outer = self._outermost(event.node, event.end)
        first, head, last = self._extent(outer, event.node)
        definition = Definition(
            kind=kind,
            name=parts[-1],
            qualified=qualified,
            first=first,
            last=last,
            head=head,
            node=event.node,
            inner=event.companion("inner"),
            signature=self._signature(kind, event, outer),
            method=kind in {"function", "declaration"}
            and (len(parts) > 1 or (scope is not None and scope.kind in {"class", "scope"})),
            parent=scope,
        )
        (scope.children if scope else self._top).append(definition)
        self._all.append(definition)
        if kind not in _LEAVES and len(self._open) < _DEEPEST:
            self._open.append((event.end, event.node, definition))

    def _parts(self, kind: DefinitionKind, name: Node, owner: Node | None) -> list[str]:
        if kind == "section":
            return [heads.one_line(self._source, name.start_byte, name.end_byte).strip("\"'")[:_LONGEST_NAME] or "?"]
        parts = heads.name_parts(self._source, name) or ["?"]
        return heads.name_parts(self._source, owner) + parts if owner is not None else parts

    def _signature(self, kind: DefinitionKind, event: _Event, outer: Node) -> str:
        if kind in {"variable", "attribute", "object"}:
            return heads.value_signature(self._source, event.node)
        start = outer.start_byte
        if outer.type == "decorated_definition" or (self._all and self._all[-1].node.start_byte >= start):
            start = event.start  # what the wrapper begins with belongs to decorators or to an earlier name
        return heads.signature(self._source, start, event.node, event.companion("inner"))

    def _outermost(self, node: Node, end: int) -> Node:
        """Return the widest wrapper that ends where ``node`` does, up to a semicolon: one that holds nothing else."""
        for outer_end, outer, definition in reversed(self._open):
            if definition is not None or outer_end > end + _SLACK:
                break
            node = outer
        return node

    def _extent(self, outer: Node, node: Node) -> tuple[int, int, int]:
        """Return first row with the comment in front, first row without it, and last row."""
        start, end = outer.start_point, outer.end_point
        head = first = start.row
        last = end.row - (end.column == 0 and end.row > node.start_point.row)
        while first - 1 in self._leads:
            above, column = self._leads[first - 1]
            if column != start.column or above >= first:
                break
            first = above
        return first, head, min(last, len(self._rows) - 1)
