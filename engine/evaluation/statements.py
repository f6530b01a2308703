"""Definition -> the right answer to a question about it, in the words that the bundled model is taught.

A statement knows the lines that it is read from. Two that draw on different places are joined by whoever asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.evaluation.definitions import Definition, Line, Module
from engine.generation.sentences import describe, listed

__all__ = [
    "KINDS",
    "LOOKUPS",
    "SENTENCES",
    "Statement",
    "Visible",
    "caller",
    "module_statement",
    "quoted",
    "statement",
]

LOOKUPS = ("where", "arguments", "default", "type", "returns", "raises", "bases", "callers", "callees")
SENTENCES = ("what", "how", "why", "which", "difference", "summary")  # what the symbol graph cannot answer
KINDS = (*LOOKUPS, *SENTENCES)
_MOST_LISTED = 6
_MOST_STEPS = 3

Visible = Callable[[int], bool]  # whether a line of the definition's file can be read


@dataclass(frozen=True, slots=True)
class Statement:
    """A right answer without its citation and without its full stop."""

    kind: str
    subject: str  # what is asked about: a qualified name, or a path
    text: str
    path: str
    spans: tuple[tuple[int, int], ...]  # the lines that it is read from, 1-based and inclusive
    values: tuple[str, ...] = ()  # what has to be quoted for it to be right; none for a sentence
    detail: str = ""  # the parameter or the line of code that is asked about


def _everything(_: int) -> bool:
    return True


def _read(
    definition: Definition, kind: str, text: str, spans: Sequence[tuple[int, int]], values: Sequence[str] = ()
) -> Statement:
    return Statement(kind, definition.symbol, text, definition.path, tuple(spans), tuple(values))


def _signature(each: Definition) -> tuple[int, int]:
    return each.name_line, each.signature_last


def _lines(*found: Line) -> list[tuple[int, int]]:
    return [(each.line, each.line) for each in found]


def _where(each: Definition) -> Statement | None:
    text = f"`{each.symbol}` is defined in `{each.path}`"
    return _read(each, "where", text, [(each.name_line, each.name_line)], [each.path])


def _what(each: Definition) -> Statement | None:
    if each.sentence is None:
        return None
    return _read(each, "what", describe(each.symbol, each.sentence.text), _lines(each.sentence))


def _which(each: Definition) -> Statement | None:
    if each.sentence is None or not 4 <= len(each.sentence.text.split()) <= 18:
        return None
    text = f"`{each.symbol}` in `{each.path}` does that"
    return _read(each, "which", text, _lines(each.sentence), [each.symbol, each.path])


def _how(each: Definition, visible: Visible) -> Statement | None:
    calls = [one for one in each.calls if visible(one.line)][:_MOST_STEPS]
    raises = [one for one in each.raises if visible(one.line) and one.text not in {call.text for call in calls}][:1]
    returns = [each.returns] if each.returns and visible(each.returns.line) else []
    calls = [one for one in calls if one.text not in {error.text.rpartition(".")[2] for error in each.raises}]
    parts = [f"calls {listed([one.text for one in calls])}"] if calls else []
    parts += [f"raises `{one.text}`" for one in raises]
    parts += [f"returns `{one.text}`" for one in returns]
    if len(parts) < 2 or each.kind == "class":
        return None
    text = f"`{each.symbol}` {', '.join(parts[:-1])} and {parts[-1]}"
    found = [*calls, *raises, *returns]
    return _read(each, "how", text, _lines(*found), [one.text for one in found])


def _why(each: Definition, visible: Visible, detail: str) -> Statement | None:
    found = [one for one in each.reasons if visible(one.line) and visible(one.line + 1) and detail in ("", one.code)]
    if not found:
        return None
    reason = found[0]
    first = reason.text.split()[0]
    said = reason.text[0].upper() + reason.text[1:] if first.isalpha() else reason.text  # a name keeps its spelling
    span = (reason.line, reason.line + 1)
    return Statement("why", each.symbol, said, each.path, (span,), detail=reason.code)


def _arguments(each: Definition) -> Statement | None:
    if each.kind == "class" or len(each.parameters) > 8:
        return None
    names = [one.name for one in each.parameters]
    text = f"`{each.symbol}` takes {listed(names) if names else 'no arguments'}"
    return _read(each, "arguments", text, [_signature(each)], names)


def _of_parameter(each: Definition, kind: str, detail: str) -> Statement | None:
    for one in each.parameters:
        value = one.default if kind == "default" else one.type
        if value and detail in ("", one.name):
            text = f"`{one.name}` defaults to `{value}` in `{each.symbol}`"
            if kind == "type":
                text = f"`{one.name}` is of type `{value}` in `{each.symbol}`"
            return Statement(kind, each.symbol, text, each.path, (_signature(each),), (value,), one.name)
    return None


def _returns(each: Definition, visible: Visible) -> Statement | None:
    if each.returns is None or not visible(each.returns.line):
        return None
    text = f"`{each.symbol}` returns `{each.returns.text}`"
    return _read(each, "returns", text, _lines(each.returns), [each.returns.text])


def _raises(each: Definition, visible: Visible) -> Statement | None:
    found = [one for one in each.raises if visible(one.line)]
    if not 1 <= len(found) <= _MOST_LISTED:
        return None
    names = [one.text for one in found]
    return _read(each, "raises", f"`{each.symbol}` raises {listed(names)}", _lines(*found), names)


def _bases(each: Definition) -> Statement | None:
    if each.kind != "class":
        return None
    text = f"inherits from {listed(each.bases)}" if each.bases else "has no base class"
    return _read(each, "bases", f"`{each.symbol}` {text}", [_signature(each)], each.bases)


def _callees(each: Definition, visible: Visible) -> Statement | None:
    found = [one for one in each.calls if visible(one.line)]
    if not 1 <= len(found) <= _MOST_LISTED:
        return None
    names = [one.text for one in found]
    return _read(each, "callees", f"`{each.symbol}` calls {listed(names)}", _lines(*found), names)


_PLAIN: dict[str, Callable[[Definition], Statement | None]] = {
    "where": _where,
    "what": _what,
    "which": _which,
    "arguments": _arguments,
    "bases": _bases,
}
_FROM_THE_BODY: dict[str, Callable[[Definition, Visible], Statement | None]] = {
    "how": _how,
    "returns": _returns,
    "raises": _raises,
    "callees": _callees,
}


def statement(kind: str, of: Definition, visible: Visible = _everything, detail: str = "") -> Statement | None:
    """Return the right answer to a question of this kind, None where the text has none.

    ``visible`` restricts it to lines that can be read; ``detail`` chooses the parameter (default, type) or the line
    of code (why), else it is the first. callers, difference and summary are not about one definition: see ``caller``,
    ``describe`` and ``module_statement``. KeyError for those and for unknown kinds.
    """
    if kind in _PLAIN:
        return _PLAIN[kind](of)
    if kind == "why":
        return _why(of, visible, detail)
    if kind in ("default", "type"):
        return _of_parameter(of, kind, detail)
    return _FROM_THE_BODY[kind](of, visible)


def caller(scope: str, called: str, path: str, line: int) -> Statement:
    """Return that the definition ``scope`` calls ``called`` (its last part) in a line of a file."""
    return Statement("callers", called, f"`{scope}` calls `{called}`", path, ((line, line),), (scope,))


def module_statement(of: Module, visible: Visible = _everything) -> Statement | None:
    """Return what a file is about: its docstring's first sentence, else what it defines; None for neither."""
    if of.sentence is not None and visible(of.sentence.line):
        return Statement("summary", of.path, describe(of.path, of.sentence.text), of.path, tuple(_lines(of.sentence)))
    found = [one for one in of.names if visible(one.line)][:_MOST_LISTED]
    if len(found) < 2:
        return None
    names = [one.text for one in found]
    text = f"`{of.path}` defines {listed(names)}"
    return Statement("summary", of.path, text, of.path, tuple(_lines(*found)), tuple(names))


_TICKED = re.compile(r"`([^`]+)`")


def quoted(text: str) -> tuple[str, ...]:
    """Return what stands between backticks, in order."""
    return tuple(_TICKED.findall(text))
