"""Corpus files -> definitions with what can be asked about them, read out of Python's syntax tree."""

from __future__ import annotations

import ast
import itertools
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from engine.types import Chunk, ChunkKind

__all__ = ["Definition", "definitions"]

_REASON = re.compile(r"\b(because|since|so that|otherwise|to avoid|to prevent|in order to|needed|ensure)\b")
_BUILTINS = frozenset(
    "len isinstance str int float bool list dict set tuple range print super getattr setattr hasattr enumerate zip "
    "max min sum any all sorted type repr ValueError TypeError KeyError RuntimeError NotImplementedError map iter "
    "next append items keys values join format get pop update extend split copy reshape astype array".split()
)

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, method or class, with the facts about it that its own text shows."""

    chunk: Chunk
    name: str
    sentence: str = ""  # first sentence of the docstring, one line, no full stop
    parameters: tuple[str, ...] = ()  # names, self and cls left out
    defaults: tuple[tuple[str, str], ...] = ()
    bases: tuple[str, ...] = ()
    returns: str = ""
    raises: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()  # last parts of the names it calls, in order
    reasons: tuple[tuple[str, str], ...] = ()  # (line of code, the comment that explains it)


def _sentence(node: ast.AST) -> str:
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    doc = (ast.get_docstring(node) or "").strip().split("\n\n")[0]
    doc = " ".join(doc.split())
    found = re.match(r"(.{12,160}?)(\.(?:\s|$)|$)", doc)
    text = found.group(1) if found else ""
    return text if text.isascii() and "::" not in text and ">>>" not in text and text[:1].isalpha() else ""


def _cut(lines: list[str], first: int, last: int, chars: int) -> tuple[str, int]:
    """Return the text of lines first..last (1-based), cut like a chunk, and the last line kept."""
    size, end = 0, first
    for number in range(first, last + 1):
        size += len(lines[number - 1]) + 1
        if size > chars and number > first:
            break
        end = number
    return "\n".join(lines[first - 1 : end]), end


def _function_facts(node: _Function) -> dict[str, object]:
    spec = node.args
    plain = [*spec.posonlyargs, *spec.args]
    names = [each.arg for each in plain if each.arg not in ("self", "cls")]
    pairs = list(zip(reversed(plain), reversed(spec.defaults), strict=False))
    pairs += [(a, d) for a, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if d is not None]
    names += [f"*{spec.vararg.arg}"] if spec.vararg else []
    names += [each.arg for each in spec.kwonlyargs]
    names += [f"**{spec.kwarg.arg}"] if spec.kwarg else []
    defaults = [(a.arg, ast.unparse(d)) for a, d in pairs]
    return {
        "parameters": tuple(names),
        "defaults": tuple((a, d) for a, d in defaults if len(d) <= 30),
        "returns": _returned(node),
    }


def _returned(node: _Function) -> str:
    values = [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
    texts = {ast.unparse(each) for each in values}
    if len(texts) != 1:
        return ""
    text = texts.pop()
    return text if len(text) <= 60 else ""


def _inside(node: ast.AST, text: str) -> dict[str, object]:
    """Return what a body raises and calls, as far as the kept text shows it."""
    raises: list[str] = []
    calls: list[str] = []
    for each in ast.walk(node):
        if isinstance(each, ast.Raise) and each.exc is not None:
            what = each.exc.func if isinstance(each.exc, ast.Call) else each.exc
            name = ast.unparse(what)
            if name[:1].isupper() and f"raise {name}" in text:
                raises.append(name)
        elif isinstance(each, ast.Call):
            name = ast.unparse(each.func).rpartition(".")[2]
            if name.isidentifier() and name not in _BUILTINS and f"{name}(" in text:
                calls.append(name)
    return {"raises": tuple(dict.fromkeys(raises)), "calls": tuple(dict.fromkeys(calls))}


def _reasons(text: str) -> tuple[tuple[str, str], ...]:
    lines = text.split("\n")
    found = []
    for comment, code in itertools.pairwise(lines):
        said, done = comment.strip(), code.strip()
        fits = 20 <= len(said) <= 140 and 8 <= len(done) <= 70
        if said.startswith("# ") and fits and done[0].isalpha() and _REASON.search(said):
            found.append((done, said[2:].strip().rstrip(".")))
    return tuple(found)


def _walk(body: list[ast.stmt], prefix: str) -> Iterator[tuple[_Function | ast.ClassDef, str, ChunkKind]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield node, f"{prefix}{node.name}", "class"
            yield from _walk(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, f"{prefix}{node.name}", "method" if prefix else "function"


def _class_end(node: ast.ClassDef) -> int:
    """Return the last line of a class's header: what stands before its first method."""
    inner = [
        min([each.lineno, *(d.lineno for d in each.decorator_list)])
        for each in node.body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    return min(inner) - 1 if inner else (node.end_lineno or node.lineno)


def definitions(path: str, text: str, date: str = "", chars: int = 700) -> list[Definition]:
    """Return the definitions of a Python file, each cut at ``chars``; none when it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return []
    lines = text.split("\n")
    found = []
    for node, symbol, kind in _walk(tree.body, ""):
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        last = _class_end(node) if isinstance(node, ast.ClassDef) else (node.end_lineno or first)
        shown, end = _cut(lines, first, max(first, last), chars)
        shown = shown.rstrip()
        facts = _inside(node, shown)
        if isinstance(node, ast.ClassDef):
            facts["bases"] = tuple(ast.unparse(each) for each in node.bases)
            facts["calls"] = ()
        else:
            facts |= _function_facts(node)
        if str(facts.get("returns", "")) not in shown:
            facts["returns"] = ""
        sentence = _sentence(node)
        end = first + shown.count("\n")
        chunk = Chunk(path, first, end, shown, kind, "python", symbol, "", date)
        found.append(
            Definition(
                chunk, node.name, sentence if sentence and sentence.split()[-1] in shown else "",
                reasons=_reasons(shown), **facts,  # type: ignore[arg-type]
            )
        )  # fmt: skip
    return found
