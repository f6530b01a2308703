"""Language name -> tree-sitter grammar, from the official wheels, loaded when first needed."""

from __future__ import annotations

import importlib
import re
from functools import cache

from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from engine.chunking.tables import QUERIES

__all__ = ["available", "captures", "language", "query"]

# Module and function of a wheel where they are not "tree_sitter_<name>.language".
_WHEELS = {
    "c-sharp": ("tree_sitter_c_sharp", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
}
# Limits on what a file may cost; see ``_parse``. Files of four real repositories stay below a fiftieth of each.
_BLOCK = 1 << 16  # bytes handed to the parser at a time
_MOST_BLOCKS = 1000  # handed out, repetitions included
_DEEPEST = 2000  # brackets in each other
_NO_BRACKETS = bytes(set(range(256)) - set(b"()[]{}"))
_MOST_CALLS = 30_000  # of the parser's progress hook, which it calls every few hundred steps
_MOST_CHILDREN = 3000  # of a node that holds what could not be parsed
_MOST_MATCHES = 1000  # begun and not finished at a time
# The YAML scanner (0.7.2) writes past its buffer, and crashes, from about 250 nested levels on; each takes a column.
_DEEP_YAML = re.compile(rb"^[-?: \t]{200}", re.MULTILINE)


@cache
def language(name: str) -> Language | None:
    """Return a grammar; None when there is none or its wheel cannot be used on this machine."""
    if name not in QUERIES:
        return None
    module, function = _WHEELS.get(name, (f"tree_sitter_{name}", "language"))
    try:
        return Language(getattr(importlib.import_module(module), function)())
    except (ImportError, AttributeError, ValueError):
        return None  # a missing wheel, or one built for another parser version: its files are read in windows


def available(name: str) -> bool:
    """Return whether files of this language can be parsed."""
    return language(name) is not None


@cache
def query(name: str) -> Query:
    """Return the compiled query of a language that is ``available``."""
    grammar = language(name)
    if grammar is None:
        raise KeyError(name)
    return Query(grammar, QUERIES[name])


def captures(name: str, source: bytes) -> list[dict[str, list[Node]]] | None:
    """Parse UTF-8 source and return what each match of the language's query captured.

    None when there is no grammar or the file is too far from the language; see ``_parse``.
    """
    tree = _parse(name, source)
    if tree is None:
        return None
    cursor = QueryCursor(query(name), match_limit=_MOST_MATCHES)
    found = [nodes for _, nodes in cursor.matches(tree.root_node)]
    return None if cursor.did_exceed_match_limit else found


def _parse(name: str, source: bytes) -> Tree | None:
    """Return a tree, or None when making or reading one would take too long.

    On text that is not of the language at all, lexers look ahead without end, error recovery and queries over its
    result take quadratic time: a stranger's file of 1 MB could occupy a core for an hour. The limits count work,
    not seconds, so that the same file always gives the same chunks.
    """
    grammar = language(name)
    if grammar is None or (name == "yaml" and _DEEP_YAML.search(source)) or _is_deep(source):
        return None
    calls = blocks = 0

    def too_long(_offset: int, _has_error: bool) -> bool:
        nonlocal calls
        calls += 1
        return calls > _MOST_CALLS or blocks > _MOST_BLOCKS

    def read(offset: int, _point: object) -> bytes:
        nonlocal blocks
        blocks += 1
        return source[offset : offset + _BLOCK]

    try:
        tree = Parser(grammar).parse(read, encoding="utf8", progress_callback=too_long)
    except ValueError:  # what the binding raises when the hook stopped it
        return None
    return None if _is_rubble(tree) else tree


def _is_deep(source: bytes) -> bool:
    """Return whether brackets are nested so deep that a query, which climbs from a node to the root, takes minutes."""
    depth = 0
    for bracket in source.translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"([{" else -1 if depth else 0
        if depth > _DEEPEST:
            return True
    return False


def _is_rubble(tree: Tree) -> bool:
    """Return whether some error node is so wide that querying it would take quadratic time."""
    pending = [tree.root_node]
    while pending:
        node = pending.pop()
        if not node.has_error:
            continue
        if node.child_count > _MOST_CHILDREN and node.is_error:
            return True
        pending.extend(node.children)
    return False
