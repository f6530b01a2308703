"""Definitions and uses -> the symbol graph: what is defined where, with which signature, and who uses it."""

from __future__ import annotations

import re

from engine.chunking import heads
from engine.chunking.definitions import Definition, Outline, Use
from engine.chunking.lines import Rows
from engine.types import Reference, ReferenceKind, Symbol, SymbolKind

__all__ = ["references", "symbols"]

_LONGEST_TARGET = 200  # bytes
_PATH_END = re.compile(r"[/\\]")
_DOTTED_END = re.compile(r"::|->|\?\.|!!\.|[.:\\]")
_WILDCARD = re.compile(r"\.(?:\{.*|_|\*)$")
_JOINTS = {"rust": "::", "php": "\\"}
_SYMBOL_KINDS: dict[str, SymbolKind] = {
    "class": "class",
    "section": "section",
    "module": "module",
    "variable": "variable",
    "object": "variable",
    "attribute": "variable",
}
_REFERENCE_KINDS: dict[str, ReferenceKind] = {"call": "call", "base": "inherit", "import": "import", "file": "import"}


def symbols(path: str, found: Outline, rows: Rows) -> tuple[Symbol, ...]:
    """Return the definitions of a file in line order."""
    bases: dict[int, list[str]] = {}
    for use in found.uses:
        if use.kind == "base" and use.scope is not None:
            bases.setdefault(id(use.scope), []).append(_target(found, use))
    return tuple(
        _symbol(path, found.source, rows, definition, tuple(bases.get(id(definition), ())))
        for definition in sorted(found.all, key=lambda each: each.first)
        if definition.kind != "scope"
    )


def _symbol(path: str, source: bytes, rows: Rows, definition: Definition, bases: tuple[str, ...]) -> Symbol:
    callable_ = definition.kind in {"function", "declaration"}
    doc = heads.docstring(source, definition.node) if definition.node.type.endswith("_definition") else ""
    if not doc and definition.first < definition.head:
        doc = heads.comment_doc(list(rows.lines[definition.first : definition.head]))
    return Symbol(
        name=definition.name,
        qualified=definition.qualified,
        kind=_SYMBOL_KINDS.get(definition.kind, "method" if definition.method else "function"),
        path=path,
        first_line=definition.first + 1,
        last_line=definition.last + 1,
        signature=definition.signature,
        doc=doc,
        parameters=heads.parameters(source, definition.node, definition.inner) if callable_ else (),
        bases=bases,
    )


def references(path: str, found: Outline) -> tuple[Reference, ...]:
    """Return the uses of names in a file in line order."""
    return tuple(_reference(path, found, use) for use in found.uses)


def _reference(path: str, found: Outline, use: Use) -> Reference:
    target = _target(found, use)
    name = _last_part(found, use, target)
    return Reference(
        kind=_REFERENCE_KINDS[use.kind],
        name=name,
        path=path,
        line=use.node.start_point.row + 1,
        scope=use.scope.qualified if use.scope else "",
        target=target,
    )


def _target(found: Outline, use: Use) -> str:
    """Return what is used as written, with what stands in front of it; only the end of what is very long."""
    source, end = found.source, use.node.end_byte
    start = max(use.node.start_byte, end - _LONGEST_TARGET)  # a chain of a thousand calls contains a thousand chains
    text = heads.one_line(source, start, end)
    if use.receiver is None:
        if use.kind == "file":
            return text.strip("<>\"'`")
        return _WILDCARD.sub("", text.removeprefix("import ")) if use.kind == "import" else text
    first = use.receiver.start_byte
    if end - first > _LONGEST_TARGET:
        return text
    if use.kind == "call":
        return heads.one_line(source, first, end)
    front = heads.one_line(source, first, use.receiver.end_byte)
    return f"{front}{text}" if front.endswith(".") else f"{front}{_JOINTS.get(found.language, '.')}{text}"


def _last_part(found: Outline, use: Use, target: str) -> str:
    if use.kind == "file":
        return _PATH_END.split(target.rstrip("/"))[-1] or target
    name = target
    if use.receiver is not None:
        end = use.node.end_byte
        name = heads.one_line(found.source, max(use.node.start_byte, end - _LONGEST_TARGET), end)
    name = _without_generics(name)
    return _DOTTED_END.split(name)[-1].strip() or name


def _without_generics(name: str) -> str:
    """Cut a closing ``[T]`` or ``<T>`` off a name."""
    while name.endswith((">", "]")) and not name.endswith("->"):
        opening = "<" if name.endswith(">") else "["
        depth = 0
        for index in range(len(name) - 1, -1, -1):
            depth += (name[index] == name[-1]) - (name[index] == opening)
            if depth == 0:
                break
        if depth or index == 0:
            break
        name = name[:index].rstrip()
    return name
