"""Python files -> their definitions, with what the text itself says about each, read out of the syntax tree.

Every fact carries the line that it is read from, so that a question about it has known evidence.
"""

from __future__ import annotations

import ast
import itertools
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from engine.generation.sentences import below_title, first_sentence
from engine.types import ChunkKind

__all__ = ["Definition", "Line", "Module", "Parameter", "Reason", "definitions", "module"]

_REASON = re.compile(r"\b(because|since|so that|otherwise|to avoid|to prevent|in order to|needed|ensure)\b")
_LONGEST_VALUE = 40  # characters of a default, a type or a base that is worth asking about
_LONGEST_RETURN = 60
_BUILTINS = frozenset(
    "len isinstance str int float bool list dict set tuple range print super getattr setattr hasattr enumerate zip "
    "max min sum any all sorted type repr ValueError TypeError KeyError RuntimeError NotImplementedError map iter "
    "next append items keys values join format get pop update extend split copy reshape astype array".split()
)

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Node = _Function | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Line:
    """A name or an expression, and the line that it stands on."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter with what is written behind it; "" for nothing, or for what is too long to ask about."""

    name: str  # with its stars
    default: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """A comment that gives a reason, and the line of code behind it."""

    code: str
    text: str  # the comment, no full stop
    line: int  # of the comment; the code is on the next one


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, a method or a class."""

    path: str
    symbol: str  # qualified
    kind: ChunkKind
    first_line: int  # of the first decorator
    last_line: int  # of a class: of what stands before its first method
    name_line: int
    signature_last: int
    sentence: Line | None = None  # the first of the docstring: one line, no full stop
    parameters: tuple[Parameter, ...] = ()  # self and cls left out
    bases: tuple[str, ...] = ()
    returns: Line | None = None  # the expression, where there is only one
    raises: tuple[Line, ...] = ()
    calls: tuple[Line, ...] = ()  # last parts of the names, at their first call
    reasons: tuple[Reason, ...] = ()

    @property
    def name(self) -> str:
        """Return the last part of the qualified name."""
        return self.symbol.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Module:
    """A file."""

    path: str
    sentence: Line | None
    names: tuple[Line, ...]  # of its functions and classes, in order


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in other people's code
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _sentence(node: _Node | ast.Module) -> Line | None:
    text = first_sentence(ast.get_docstring(node) or "")
    if not text:
        return None
    first = node.body[0]
    shift = 0
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        whole = str(first.value.value)
        shift = whole[: len(whole.rstrip()) - len(below_title(whole))].count("\n")
    return Line(text, first.lineno + shift)


def _short(node: ast.expr | None, limit: int = _LONGEST_VALUE) -> str:
    text = "" if node is None else ast.unparse(node)
    return text if len(text) <= limit and "\n" not in text else ""


def _parameters(spec: ast.arguments) -> tuple[Parameter, ...]:
    plain = [*spec.posonlyargs, *spec.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(spec.defaults)) + list(spec.defaults)
    pairs: list[tuple[str, ast.arg, ast.expr | None]] = [
        ("", arg, default) for arg, default in zip(plain, defaults, strict=True) if arg.arg not in ("self", "cls")
    ]
    pairs += [("*", spec.vararg, None)] if spec.vararg else []
    pairs += [("", arg, default) for arg, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True)]
    pairs += [("**", spec.kwarg, None)] if spec.kwarg else []
    return tuple(
        Parameter(f"{stars}{arg.arg}", _short(default), _short(arg.annotation)) for stars, arg, default in pairs
    )


def _inner(node: _Node) -> Iterator[ast.AST]:
    """Yield what belongs to a definition's own body: not to a function or class inside it."""
    waiting: list[ast.AST] = list(reversed(node.body))
    while waiting:
        each = waiting.pop()
        yield each
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(reversed(list(ast.iter_child_nodes(each))))


def _returned(node: _Function) -> Line | None:
    found = [each for each in _inner(node) if isinstance(each, ast.Return) and each.value is not None]
    if len({ast.unparse(each) for each in found}) != 1:
        return None
    text = _short(found[0].value, _LONGEST_RETURN)
    return Line(text, found[0].lineno) if text and found[0].lineno == found[0].end_lineno else None


def _raised(node: _Node) -> tuple[Line, ...]:
    found: dict[str, Line] = {}
    for each in _inner(node):
        if isinstance(each, ast.Raise) and each.exc is not None:
            name = ast.unparse(each.exc.func if isinstance(each.exc, ast.Call) else each.exc)
            if name.rpartition(".")[2][:1].isupper() and name.replace(".", "").replace("_", "").isalnum():
                found.setdefault(name, Line(name, each.lineno))
    return tuple(found.values())


def _called(node: _Node) -> tuple[Line, ...]:
    found: dict[str, Line] = {}
    for each in _inner(node):
        if isinstance(each, ast.Call):
            name = ast.unparse(each.func).rpartition(".")[2]
            if name.isidentifier() and name not in _BUILTINS:
                line = each.func.end_lineno or each.lineno
                if name not in found or line < found[name].line:
                    found[name] = Line(name, line)
    return tuple(sorted(found.values(), key=lambda each: each.line))


def _reasons(lines: list[str], first: int, last: int) -> tuple[Reason, ...]:
    found = []
    numbered = list(enumerate(lines[first - 1 : last], start=first))
    for (number, comment), (_, code) in itertools.pairwise(numbered):
        said, done = comment.strip(), code.strip()
        fits = 20 <= len(said) <= 140 and 8 <= len(done) <= 70
        if said.startswith("# ") and fits and done[0].isalpha() and _REASON.search(said) and said.isascii():
            found.append(Reason(done, said[2:].strip().rstrip("."), number))
    return tuple(found)


def _walk(body: list[ast.stmt], prefix: str) -> Iterator[tuple[_Node, str, ChunkKind]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield node, f"{prefix}{node.name}", "class"
            yield from _walk(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, f"{prefix}{node.name}", "method" if prefix else "function"


def _first_line(node: _Node) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _last_line(node: _Node) -> int:
    inner = [
        _first_line(each)
        for each in node.body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    if isinstance(node, ast.ClassDef) and inner:
        return max(node.lineno, min(inner) - 1)
    return node.end_lineno or node.lineno


def _definition(path: str, lines: list[str], node: _Node, symbol: str, kind: ChunkKind) -> Definition:
    first, last = _first_line(node), _last_line(node)
    body = node.body[0]
    signature_last = body.lineno - 1 if body.lineno > node.lineno else node.lineno
    if isinstance(node, ast.ClassDef):
        bases = tuple(each for each in map(_short, node.bases) if each)
        return Definition(
            path, symbol, kind, first, last, node.lineno, signature_last, _sentence(node),
            bases=bases if len(bases) == len(node.bases) else (),
            reasons=_reasons(lines, first, last),
        )  # fmt: skip
    return Definition(
        path, symbol, kind, first, last, node.lineno, signature_last, _sentence(node),
        parameters=_parameters(node.args),
        returns=_returned(node),
        raises=_raised(node),
        calls=_called(node),
        reasons=_reasons(lines, first, last),
    )  # fmt: skip


def definitions(path: str, text: str) -> list[Definition]:
    """Return the definitions of a Python file in their order; none when it does not parse."""
    tree = _parsed(text)
    if tree is None:
        return []
    lines = text.split("\n")
    return [_definition(path, lines, node, symbol, kind) for node, symbol, kind in _walk(tree.body, "")]


def module(path: str, text: str) -> Module | None:
    """Return a Python file as a whole; None when it does not parse."""
    tree = _parsed(text)
    if tree is None:
        return None
    names = [Line(node.name, node.lineno) for node, symbol, _ in _walk(tree.body, "") if "." not in symbol]
    return Module(path, _sentence(tree), tuple(names))
