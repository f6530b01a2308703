"""Python code -> its short expressions as Python prints them, where that is not how they are written.

The bundled model was taught values in that form: ``'utf-8'`` where the code says ``"utf-8"``, ``(a, b)`` where it
returns ``a, b``. The names in them are those of the code, letter by letter.
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator

__all__ = ["printed"]

_LONGEST = 60  # characters of an expression
_HEAD = re.compile(r"^\s*((?:async\s+def|def|class|return|raise)\b.*)$", re.MULTILINE)


def printed(code: str) -> list[str]:
    """Return the defaults, annotations, bases, returned values and errors in a piece of Python, where it differs.

    Each comes once. Of code that does not parse, the lines that do by themselves are read.
    """
    whole = _parsed(textwrap.dedent(code))
    trees = [whole] if whole else [tree for head in _HEAD.findall(code) if (tree := _parsed_line(head))]
    found = {_unparsed(each) for tree in trees for each in _expressions(tree)}
    return sorted(
        each for each in found if len(each) <= _LONGEST and each not in code and not {"\n", "`"}.intersection(each)
    )


def _parsed(code: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in other people's code
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _unparsed(expression: ast.expr) -> str:
    try:
        return ast.unparse(expression)
    except RecursionError:  # a sum of a thousand parts
        return ""


def _parsed_line(line: str) -> ast.Module | None:
    return _parsed(line) or _parsed(f"{line.rstrip()} pass")


def _expressions(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        found: list[ast.expr | None] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            spec = node.args
            every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
            found = [*spec.defaults, *spec.kw_defaults, *(each.annotation for each in every if each)]
        elif isinstance(node, ast.ClassDef):
            found = list(node.bases)
        elif isinstance(node, ast.Return):
            found = [node.value]
        elif isinstance(node, ast.Raise):
            found = [node.exc]
        yield from (each for each in found if each is not None)
