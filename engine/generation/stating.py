"""What a statement that has begun can go on with, where the symbol graph and the lines shown leave no choice.

"`send` takes " is followed by the parameters of ``send``, "`timeout` defaults to " by a default that a parameter of
this name has, "`send` returns `" by one of the expressions that it returns; a docstring or a comment whose first words
were said is said to its end. A small model decides what is asked, of what, and where the answer begins; what stands
there it need not spell by heart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.generation.sentences import describe, first_sentence, listed
from engine.types import Chunk, Evidence, Symbol, SymbolTable

__all__ = ["Stating", "parts_of_parameter"]

_KINDS = frozenset({"function", "method", "class"})
_LEAD = re.compile(r"^[\s.,]*(?:(?:and|while)\s+)?")
_OF_PARAMETER = re.compile(r"`(?P<name>[^`]+)` (?P<verb>defaults to|is of type) (?P<rest>.*)")
_TELLS = re.compile(r"`(?P<name>[^`]+)` (?P<verb>defaults to|is of type)")
_OF_FILE = re.compile(r"`(?P<path>[^`]+)` defines (?P<rest>.*)")
_OF_SYMBOL = re.compile(
    r"`(?P<name>[^`]+)`(?: .*(?:,| and))? (?P<verb>takes|inherits from|is defined in|in|returns|raises|calls) "
    r"(?P<rest>(?:(?! (?:returns|raises) ).)*)"
)
_RETURN = re.compile(r"^\s*return\s+(?P<value>\S.*?)\s*(?:#.*)?$", re.MULTILINE)
_RAISE = re.compile(r"^\s*raise\s+(?P<name>[A-Za-z_][\w.]*)", re.MULTILINE)
_MOST_DEFINED = 6  # names of what a file defines
_LONGEST = 80  # characters of an expression, as much as may be quoted
_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_SHORTEST_COMMENT = 20  # characters
_BEGUN = 2  # words of a comment that tell it from other ways to begin
_NOTHING_TAKEN = "no arguments."
_OF_PARTS = (
    " is defined in `",
    " in `",
    " calls `",
    " raises `",
    " returns `",
)  # of a definition that begins elsewhere
_OF_PARAMETERS = (" defaults to `", " is of type `")
_OURS_ALONE = frozenset(("inherits from", "is defined in"))  # no docstring says so
_OF_MODULE = re.compile(
    r"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*[rRuU]?(?P<quote>\"\"\"|''')(?P<text>.*?)(?P=quote)", re.DOTALL
)
_PYTHON = "python"


@dataclass(frozen=True, slots=True)
class _Known:
    """A definition that begins in the evidence."""

    number: int  # of the evidence
    symbol: Symbol
    parameters: tuple[str, ...]  # as written, of a class those of its __init__; self and cls left out
    calls: tuple[str, ...]
    text: str  # its lines, as far as they are shown
    said: str  # what its docstring says it is for, "" where that is not shown
    python: bool


class Stating:
    """Knows the definitions that begin in some evidence."""

    def __init__(self, shown: Sequence[Evidence], table: SymbolTable, question: str = "") -> None:
        """Look up what begins in the evidence; a parameter that only the ``question`` names may be told of, too."""
        self._asked = frozenset(_WORD.findall(question))
        self._known = tuple(known for item in shown for known in _known(item, table))
        self._chunks = [(item.number, item.chunk) for item in shown]
        self._comments = [(item.number, said) for item in shown for said in _comments(item.chunk)]
        self._files = [(item.chunk.path, said) for item in shown if (said := _of_file(item.chunk))]

    @property
    def has_what_is_asked(self) -> bool:
        """Return whether the question names a definition that begins here together with one of its parameters."""
        return any(
            each.symbol.name in self._asked
            and parts_of_parameter(part)[0].lstrip("*") in self._asked - {each.symbol.name}
            for each in self._known
            for part in each.parameters
        )

    def following(self, text: str, numbers: Sequence[int]) -> list[str]:
        """Return the texts, one of which has to follow in a statement about these pieces of evidence; none: anything.

        ``text`` is the statement so far, ``numbers`` the evidence that it points at.
        """
        text = text[_LEAD.match(text).end() :]  # type: ignore[union-attr]
        known = [each for each in self._known if each.number in numbers]
        settled = self._settled(text, known)
        if settled or not text:
            return settled
        if not text.startswith("`"):
            comments = [said for number, said in self._comments if number in numbers]
            return _rests(text, dict.fromkeys(comments)) if text.count(" ") >= _BEGUN else []
        name, closed, rest = text[1:].partition("`")
        if not closed:
            return _rests(name, self._subjects(known, numbers))
        return _rests(rest, dict.fromkeys(self._predicates(name, known, numbers)))

    def _subjects(self, known: Sequence[_Known], numbers: Sequence[int]) -> list[str]:
        """Return what a statement can be about, its end quoted; none for anything: of other languages less is known."""
        chunks = [chunk for number, chunk in self._chunks if number in numbers]
        if not chunks or any(chunk.language != _PYTHON for chunk in chunks):
            return []
        symbols = [chunk.symbol for chunk in chunks if chunk.symbol and chunk.kind in _KINDS]
        parameters = [parts_of_parameter(part)[0].lstrip("*") for each in known for part in each.parameters]
        paths = [chunk.path for chunk in chunks]
        told = [f"{each.symbol.qualified}`:" for each in known if f"{each.symbol.qualified}`: " in each.said]
        names = [*symbols, *(each.symbol.qualified for each in known), *parameters, *paths]
        # What only the question names can be begun, and is denied where it is not there.
        return [*(f"{name}`" for name in dict.fromkeys([*names, *sorted(self._asked)])), *told]

    def _predicates(self, name: str, known: Sequence[_Known], numbers: Sequence[int]) -> Iterator[str]:
        """Yield what can be said of a definition, a parameter or a file, as far as no list or value is reached."""
        asked = _called(name, known)
        for each in asked:
            yield from _verbs(each)
            if each.said:
                yield each.said.partition("`")[2].partition("`")[2]
        own = {parts_of_parameter(part)[0].lstrip("*") for each in known for part in each.parameters}
        if name in own or (name in self._asked and not asked):
            yield from _OF_PARAMETERS
        if not asked and any(chunk.path == name for number, chunk in self._chunks if number in numbers):
            told = [said.partition("`")[2].partition("`")[2] for path, said in self._files if path == name]
            yield from told or ([" defines `"] if _defined(name, self._known) else [])
        if not asked and any(chunk.symbol == name for number, chunk in self._chunks if number in numbers):
            yield from _OF_PARTS

    def denies(self, text: str, numbers: Sequence[int]) -> bool:
        """Return whether a statement that begins to tell the default or the type of a parameter can only be wrong.

        It can when all evidence that it points at is Python and begins definitions, and a parameter of this name has
        none there, or there is no such parameter and nothing is said of one.
        """
        found = _TELLS.fullmatch(text[_LEAD.match(text).end() :].rstrip("` "))  # type: ignore[union-attr]
        if not found or not numbers:
            return False
        known = [each for each in self._known if each.number in numbers]
        if not all(each.python for each in known) or {each.number for each in known} != set(numbers):
            return False
        name = found["name"].lstrip("*")
        if any(parts_of_parameter(part)[0].lstrip("*") == name for each in known for part in each.parameters):
            return not _of_parameter(name, found["verb"], known)
        told = re.compile(rf"(?<![\w.]){re.escape(name)}\s*[:=(]|(?m:^\s*\W*{re.escape(name)}\W)")
        return not any(told.search(chunk.text) for number, chunk in self._chunks if number in numbers)

    def _settled(self, text: str, known: Sequence[_Known]) -> list[str]:
        """Return what follows of the lists, values and expressions that the graph and the lines give."""
        if found := _OF_PARAMETER.fullmatch(text):
            whole = _of_parameter(found["name"], found["verb"], known)
            return _rests(found["rest"], whole)
        if found := _OF_FILE.fullmatch(text):
            return _rests(found["rest"], _defined(found["path"], self._known)) if found["rest"] else []
        if found := _OF_SYMBOL.fullmatch(text):
            asked = _called(found["name"], known)
            verb, rest = found["verb"], found["rest"]
            if verb in ("calls", "raises"):
                names = (_calls if verb == "calls" else _raises)(asked)
                return _next_name(rest, names)
            return _rests(rest, _WHOLE[verb](asked)) if rest or verb in _OURS_ALONE else []
        return []


def _known(item: Evidence, table: SymbolTable) -> Iterator[_Known]:
    chunk = item.chunk
    lines = chunk.text.split("\n")
    for symbol in table.symbols_in(chunk.path):
        if symbol.kind not in _KINDS or not chunk.first_line <= symbol.first_line <= chunk.last_line:
            continue
        maker: Symbol | None = symbol
        if symbol.kind == "class":
            made = table.definitions(f"{symbol.qualified}.__init__")
            maker = next((each for each in made if each.path == symbol.path), None)
        parameters = [part for part in maker.parameters if part not in {"self", "cls", "/", "*"}] if maker else []
        yield _Known(
            item.number,
            symbol,
            tuple(parameters),
            tuple(dict.fromkeys(call.name for call in table.calls_in(symbol.path, symbol.qualified))),
            "\n".join(lines[symbol.first_line - chunk.first_line : symbol.last_line - chunk.first_line + 1]),
            _said(symbol.qualified, symbol.doc, chunk),
            chunk.language == _PYTHON,
        )


# -- sentences ------------------------------------------------------------------------------------


def _said(name: str, doc: str, chunk: Chunk) -> str:
    """Return a docstring's first sentence as one about ``name``, "" where the chunk does not show it."""
    sentence = first_sentence(doc)
    return describe(name, sentence) if sentence and sentence in " ".join(chunk.text.split()) else ""


def _of_file(chunk: Chunk) -> str:
    """Return what the docstring of a file says it is for, "" where the chunk does not show it."""
    doc = _OF_MODULE.match(chunk.text) if chunk.first_line == 1 and chunk.language == _PYTHON else None
    return _said(chunk.path, doc["text"], chunk) if doc else ""


def _comments(chunk: Chunk) -> Iterator[str]:
    """Yield the comments as sentences without a full stop."""
    for line in chunk.text.split("\n") if chunk.language == _PYTHON else ():
        comment = line.strip()
        if comment.startswith("# ") and len(comment) >= _SHORTEST_COMMENT:
            text = comment[2:].strip().rstrip(".")
            first = text.partition(" ")[0]
            yield text[:1].upper() + text[1:] if first.isalpha() else text


def _called(name: str, known: Iterable[_Known]) -> list[_Known]:
    """Return the definitions that a name can mean: by its whole name rather than by its last part."""
    known = list(known)
    whole = [each for each in known if each.symbol.qualified == name]
    return whole or [each for each in known if each.symbol.name == name]


def _verbs(of: _Known) -> Iterator[str]:
    """Yield how the statements begin that are true of a definition."""
    yield from (" is defined in `", " in `")
    yield from (f" takes {taken}" if taken == _NOTHING_TAKEN else " takes `" for taken in _takes([of]))
    if of.calls:
        yield " calls `"
    if of.symbol.kind == "class":
        yield " inherits from `" if _inherits([of]) else " has no base class"
        return
    if _raises([of]):
        yield " raises `"
    if not of.python or _RETURN.search(of.text):
        yield " returns `"


# -- parameters -----------------------------------------------------------------------------------


def parts_of_parameter(written: str) -> tuple[str, str, str]:
    """Return name, type and default of a Python parameter as written; "" for what it does not have."""
    depth, colon, equals = 0, -1, -1
    quote = ""
    for place, letter in enumerate(written):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif depth == 0 and letter == ":" and colon < 0 and equals < 0:
            colon = place
        elif depth == 0 and letter == "=" and equals < 0:
            equals = place
    default = written[equals + 1 :].strip() if equals >= 0 else ""
    head = written[:equals] if equals >= 0 else written
    kind = head[colon + 1 :].strip() if colon >= 0 else ""
    return (head[:colon] if colon >= 0 else head).strip(), kind, default


def _of_parameter(name: str, verb: str, known: Iterable[_Known]) -> list[str]:
    found = []
    for each in known:
        for written in each.parameters if each.python else ():
            own, kind, default = parts_of_parameter(written)
            value = default if verb == "defaults to" else kind
            if value and own.lstrip("*") == name.lstrip("*"):
                found.append(f"`{value}` in `{each.symbol.qualified}`.")
    return found


# -- definitions ----------------------------------------------------------------------------------


def _takes(asked: Iterable[_Known]) -> list[str]:
    found = []
    for each in asked:
        names = [parts_of_parameter(part)[0] for part in each.parameters] if each.python else []
        if names or (each.python and each.symbol.kind != "class"):
            found.append(f"{listed(names)}." if names else _NOTHING_TAKEN)
    return found


def _inherits(asked: Iterable[_Known]) -> list[str]:
    bases = [[base for base in each.symbol.bases if "=" not in base] for each in asked]
    return [f"{listed(each)}." for each in bases if each]


def _defined(path: str, shown: Iterable[_Known]) -> list[str]:
    outer = sorted(
        {(each.symbol.first_line, each.symbol.name) for each in shown if each.symbol.path == path and _is_outer(each)}
    )
    return [f"{listed([name for _, name in outer[:_MOST_DEFINED]])}."] if outer else []


def _is_outer(known: _Known) -> bool:
    return "." not in known.symbol.qualified


def _places(asked: Iterable[_Known]) -> list[str]:
    return [f"`{path}`." for path in dict.fromkeys(each.symbol.path for each in asked)]


def _does_that(asked: Iterable[_Known]) -> list[str]:
    return [f"`{path}` does that." for path in dict.fromkeys(each.symbol.path for each in asked)]


def _returns(asked: Iterable[_Known]) -> list[str]:
    found = [match["value"] for each in asked if each.python for match in _RETURN.finditer(each.text)]
    whole = [value for value in dict.fromkeys(found) if len(value) <= _LONGEST and "`" not in value]
    return [f"`{value}`." for value in whole] if len(whole) == len(dict.fromkeys(found)) and not _cut(whole) else []


def _cut(values: Iterable[str]) -> bool:
    """Return whether one of the expressions goes on in the next line."""
    return any(sum(map(value.count, "([{")) != sum(map(value.count, ")]}")) or value.endswith("\\") for value in values)


_WHOLE = {
    "takes": _takes,
    "inherits from": _inherits,
    "is defined in": _places,
    "in": _does_that,
    "returns": _returns,
}


def _raises(asked: Iterable[_Known]) -> list[str]:
    return [match["name"] for each in asked for match in _RAISE.finditer(each.text)]


def _calls(asked: Iterable[_Known]) -> list[str]:
    return [name for each in asked for name in each.calls]


# -- what follows ---------------------------------------------------------------------------------


def _rests(so_far: str, whole: Iterable[str]) -> list[str]:
    """Return what is left of the texts that begin as the statement goes on so far."""
    return [rest for each in whole if each.startswith(so_far) and (rest := each[len(so_far) :])]


def _next_name(so_far: str, names: Iterable[str]) -> list[str]:
    """Return what completes the name that is being quoted in a list, each name once; none outside of quotations."""
    *before, partial = so_far.split("`")
    if len(before) % 2 == 0:
        return []
    listed = set(before[1::2])
    return [
        f"{name}`"[len(partial) :] for name in dict.fromkeys(names) if name not in listed and name.startswith(partial)
    ]
