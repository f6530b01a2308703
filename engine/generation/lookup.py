"""Questions that the symbol graph answers by itself: where is, who calls, what does it take, what is it made of.

An intent is recognised by the shape of the question around a name that exists; without such a name, or
in any other shape, there is no fact. Statements are read off the graph, never generated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from engine.languages import is_test
from engine.terms import STOP_WORDS
from engine.types import Citation, Fact, Reference, Symbol, SymbolTable

__all__ = ["answer_facts"]

_LISTED = 6  # places or names in one statement
_READ = 2000  # characters of the question; who asks for a fact does so early on
_TOLD = 3  # definitions of one name that are told one by one; of more, the places are listed

# -- shapes of questions --------------------------------------------------------------------------

_KINDS = (
    "function|method|class|decorator|fixture|constant|variable|symbol|module|exception|error|type|struct|interface|trait|"
    "enum|helper|property|attribute|file|hook"
)
_NAME = r"(?<![\w./:-])`?[@.]?(?P<name>\w[\w./:-]*+)(?:\([^()]*\))?`?"
_X = rf"(?:(?:the|a|an|this|that|your|its)\s+)?(?:(?:{_KINDS})\s+)?{_NAME}(?:\s+(?:{_KINDS}))?"
_END = r"(?=\s*(?:[?.!;,]|$)|\s+(?:in|within|inside|and|for|from|here|exactly|itself|directly|anywhere|right)\b)"
_WHAT = r"\b(?:what|which)(?:\s+(?!does|do|is|are|calls?|uses?)\w+){0,3}?"
_WHO = r"\b(?:who|what|which)(?:\s+(?!does|do|is)\w+){0,4}?"
_ARGUMENTS = r"(?:keyword\s+|positional\s+)?(?:arguments?|args|parameters?|params|options|inputs|kwargs)"
_FOUND = (
    r"(?:actually\s+|originally\s+)?"
    r"(?:defined|declared|implemented|located|situated|found|lives?|resides?|comes?\s+from)"
)
_CALLED = r"(?:being\s+|actually\s+)?(?:called|used|invoked|referenced|instantiated|created|constructed)"
_MEMBERS = r"(?:functions|classes|symbols|definitions|methods|members|contents?|attributes)"
_POSSESSIVE = r"(?:['’]s?)\s+"

_SHAPES: dict[str, tuple[str, ...]] = {
    "bases": (
        rf"{_WHAT}\s+(?:does|do)\s+{_X}\s+(?:inherit|derive|extend|subclass|descend)",
        rf"\b(?:(?:base|parent|super)[\s-]?(?:class(?:es)?|types?)|superclass(?:es)?|bases|ancestors|parents?)"
        rf"\s+(?:of|for)\s+{_X}{_END}",
        rf"{_NAME}{_POSSESSIVE}(?:base|parent|super)[\s-]?class(?:es)?",
        rf"{_WHAT}\s+is\s+{_X}\s+(?:derived|inherited|subclassed)\s+from",
        rf"{_WHAT}\s+is\s+{_X}\s+a\s+(?:subclass|child)\s+of",
    ),
    "subclasses": (
        rf"{_WHO}\s+(?:inherits?|derives?|descends?)\s+(?:directly\s+)?from\s+{_X}{_END}",
        rf"{_WHO}\s+(?:extends?|subclass(?:es)?|implements?)\s+{_X}{_END}",
        rf"\b(?:sub-?classes|child\s+classes|children|derived\s+classes|descendants)\s+(?:of|for)\s+{_X}{_END}",
        rf"{_NAME}{_POSSESSIVE}(?:sub-?classes|children)",
        rf"{_WHAT}\s+(?:sub-?classes|child\s+classes|children)\s+(?:does|do)\s+{_X}\s+have",
        rf"{_WHAT}\s+(?:is|are)\s+(?:derived|inherited|subclassed)\s+from\s+{_X}{_END}",
    ),
    "callees": (
        rf"{_WHAT}\s+(?:does|do)\s+{_X}\s+(?:call|invoke|use|depend\s+on){_END}",
        rf"{_WHAT}\s+(?:is|are|gets?)\s+(?:called|invoked|used)\s+(?:by|in|inside|from|within)\s+{_X}{_END}",
        rf"\bcallees\s+of\s+{_X}{_END}",
    ),
    "callers": (
        rf"{_WHO}\s+(?:calls?|calling|invokes?|uses?|references?)\s+{_X}{_END}",
        rf"\bwhere\s+(?:else\s+)?(?:is|are|does|do|gets?)\s+{_X}\s+(?:get\s+)?{_CALLED}",
        rf"\b(?:callers|usages?|uses|call\s?sites|invocations|calls)\s+(?:of|to)\s+{_X}{_END}",
        rf"{_NAME}{_POSSESSIVE}(?:callers|usages|call\s?sites)",
        rf"{_WHO}\s+is\s+{_X}\s+(?:called|used|invoked)\s+(?:by|from|in)",
        rf"\b(?:is|are)\s+{_X}\s+(?:called|used|invoked)\s+(?:anywhere|somewhere|at\s+all)",
    ),
    "arguments": (
        rf"{_WHAT}\s+{_ARGUMENTS}\s+(?:does|do|can|must|should|will)\s+{_X}\s+"
        r"(?:take|accept|have|expect|need|require|receive|support)",
        rf"\bhow\s+many\s+{_ARGUMENTS}\s+(?:does|do)\s+{_X}\s+(?:take|accept|have|expect|need)",
        rf"{_WHAT}\s+(?:{_ARGUMENTS}\s+)?(?:can|do|should|must|may)\s+(?:i|we|you|one|be)\s+(?:pass|passed|give|given)"
        rf"\s+(?:in)?to\s+{_X}{_END}",
        rf"{_WHAT}\s+{_ARGUMENTS}\s+(?:is|are)\s+(?:there\s+)?(?:accepted\s+by|taken\s+by|passed\s+to|for|of|in)\s+{_X}{_END}",
        rf"\bwhat\s+(?:does|do)\s+{_X}\s+(?:take|accept|expect){_END}",
        rf"\b(?:signature|{_ARGUMENTS}|(?:parameter|argument)\s+list)\s+(?:of|for|to)\s+{_X}{_END}",
        rf"{_NAME}{_POSSESSIVE}(?:signature|{_ARGUMENTS})",
        rf"\bhow\s+(?:do|can|should|would)\s+(?:i|we|you|one)\s+(?:call|invoke)\s+{_X}{_END}",
    ),
    "contents": (
        rf"{_WHAT}\s+(?:is|are|['’]s)\s+(?:there\s+)?(?:defined\s+|declared\s+|implemented\s+)?(?:in|inside)\s+{_X}{_END}",
        rf"\bwhat['’]s\s+(?:defined\s+)?(?:in|inside)\s+{_X}{_END}",
        rf"{_WHAT}\s+(?:does|do)\s+{_X}\s+(?:contain|define|export|declare)",
        rf"\b{_MEMBERS}\s+(?:does|do)\s+{_X}\s+have",
        rf"\b{_MEMBERS}(?:\s+and\s+{_MEMBERS})?\s+(?:are\s+)?(?:defined\s+)?(?:in|of|inside|from)\s+{_X}{_END}",
        rf"\b(?:outline|overview|contents)\s+of\s+{_X}{_END}",
        rf"{_NAME}{_POSSESSIVE}{_MEMBERS}",
    ),
    "where": (
        rf"\bwhere(?:['’]s|(?:\s+exactly)?\s+(?:is|are|does|do|can\s+(?:i|we|one)\s+find|do\s+(?:i|we)\s+find))\s+"
        rf"{_X}(?:{_END}|\s+{_FOUND})",
        rf"\b(?:which|what)\s+(?:source\s+)?(?:files?|modules?|paths?|lines?|places?)\s+(?:is|are|does|do|defines?|contains?|"
        rf"has|have|holds?|implements?|declares?)\s+{_X}(?:{_END}|\s+{_FOUND})",
        rf"\b(?:find|locate|show(?:\s+me)?|open|go\s+to|jump\s+to)\s+(?:where|(?:the\s+)?(?:definition|source|implementation|"
        rf"declaration|code)\s+(?:of|for))\s+{_X}(?:{_END}|\s+is\b)",
        rf"\b(?:definition|implementation|declaration|location)\s+of\s+{_X}{_END}",
        rf"^\W*(?:please\s+)?(?:find|locate)\s+{_X}{_END}",  # told to; "how does it find X" asks for something else
    ),
}
_INTENTS = tuple(
    (intent, tuple(re.compile(shape, re.IGNORECASE) for shape in shapes)) for intent, shapes in _SHAPES.items()
)


def _asked(question: str, exists: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Yield (intent, name) for what the question asks about names that exist, a leading underscore forgotten or not."""
    taken: set[tuple[str, str]] = set()
    for intent, shapes in _INTENTS:
        for shape in shapes:
            for match in shape.finditer(question):
                written = match.group("name").rstrip("./:").replace("::", ".")
                if written.lower() in STOP_WORDS:
                    continue
                name = next((each for each in (written, f"_{written}") if exists(each)), None)
                if name is not None and (intent, name) not in taken:
                    taken.add((intent, name))
                    yield intent, name


# -- statements -----------------------------------------------------------------------------------


def _definitions(table: SymbolTable, name: str) -> list[Symbol]:
    """Return the code called ``name``, outer before inner; what tests define only where nothing else does."""
    found = [each for each in table.definitions(name) if each.kind not in {"section", "module"}]
    ours = [each for each in found if not is_test(each.path)]
    return sorted(ours or found, key=lambda each: (each.qualified.count("."), each.path, each.first_line))


def _files(table: SymbolTable, name: str) -> list[str]:
    plain = name.strip("/")
    return [path for path in table.files() if path == plain or path.endswith("/" + plain)]


def _span(symbol: Symbol) -> Citation:
    return Citation(symbol.path, symbol.first_line, symbol.last_line, verified=True)


def _line(reference: Reference) -> Citation:
    return Citation(reference.path, reference.line, reference.line, verified=True)


def _place(path: str, first: int, last: int = 0) -> str:
    return f"{path}:{first}-{last}" if last > first else f"{path}:{first}"


def _joined(parts: Sequence[str], total: int = 0) -> str:
    """Return "a, b and c", or "a, b and 7 more" when only some of ``total`` are given."""
    more = max(0, total - len(parts))
    if more:
        return f"{', '.join(parts)} and {more} more"
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _quoted(names: Iterable[str]) -> list[str]:
    return [f"`{name}`" for name in dict.fromkeys(names)]


def _where(table: SymbolTable, name: str) -> Iterator[Fact]:
    found = _definitions(table, name)
    if not found:
        for path in _files(table, name)[:_TOLD]:
            yield Fact(f"`{name}` is the file {path}.", (Citation(path, 1, 1, verified=True),))
    elif len(found) <= _TOLD:
        for each in found:
            place = _place(each.path, each.first_line, each.last_line)
            yield Fact(f"`{each.qualified}` is a {each.kind} defined in {place}.", (_span(each),))
    else:
        listed = found[:_LISTED]
        places = _joined([f"`{each.qualified}` in {_place(each.path, each.first_line)}" for each in listed], len(found))
        text = f"`{name}` is defined in {len(found)} places: {places}."
        yield Fact(text, tuple(_span(each) for each in listed))


def _callers(table: SymbolTable, name: str) -> Iterator[Fact]:
    found = _definitions(table, name)
    if not found:
        return
    calls = sorted(table.callers(name.rsplit(".", 1)[-1]), key=lambda each: is_test(each.path))
    by_scope: dict[tuple[str, str], Reference] = {}
    for call in calls:
        by_scope.setdefault((call.path, call.scope), call)
    listed = list(by_scope.values())[:_LISTED]
    # The graph knows names, not types: where a name has several owners, no one of them can be claimed.
    what = f"`{found[0].qualified}`" if len(found) == 1 else f"Something called `{found[0].name}`"
    if not listed:
        yield Fact(f"Nothing in the indexed files calls {what[0].lower()}{what[1:]}.", tuple(map(_span, found[:_TOLD])))
        return
    places = []
    for call in listed:
        place = _place(call.path, call.line)
        places.append(f"`{call.scope}` ({place})" if call.scope else f"the top level of {place}")
    yield Fact(f"{what} is called by {_joined(places, len(by_scope))}.", tuple(map(_line, listed)))


def _callees(table: SymbolTable, name: str) -> Iterator[Fact]:
    for each in [found for found in _definitions(table, name) if found.kind in {"function", "method"}][:_TOLD]:
        calls = table.calls_in(each.path, each.qualified)
        ours = _quoted(call.name for call in calls if _definitions(table, call.name))
        others = [called for called in _quoted(call.name for call in calls) if called not in ours]
        names = ours + others
        if names:
            yield Fact(f"`{each.qualified}` calls {_joined(names[:_LISTED], len(names))}.", (_span(each),))
        else:
            yield Fact(f"`{each.qualified}` calls nothing.", (_span(each),))


def _arguments(table: SymbolTable, name: str) -> Iterator[Fact]:
    for each in _definitions(table, name)[:_TOLD]:
        found = each
        if each.kind == "class":
            makers = [made for made in table.definitions(f"{each.qualified}.__init__") if made.path == each.path]
            if not makers:
                continue
            found = makers[0]
        elif each.kind not in {"function", "method"}:
            continue
        taken = [part for part in found.parameters if part not in {"self", "cls", "/", "*"}]
        what = _joined([f"`{part}`" for part in taken]) if taken else "no arguments"
        yield Fact(f"`{each.qualified}` takes {what}.", (_span(found),))


def _bases(table: SymbolTable, name: str) -> Iterator[Fact]:
    for each in [found for found in _definitions(table, name) if found.kind == "class"][:_TOLD]:
        bases = [base for base in each.bases if "=" not in base]
        what = f"inherits from {_joined(_quoted(bases))}" if bases else "has no base class"
        yield Fact(f"`{each.qualified}` {what}.", (_span(each),))


def _subclasses(table: SymbolTable, name: str) -> Iterator[Fact]:
    found = [each for each in _definitions(table, name) if each.kind == "class"]
    children = sorted(table.subclasses(name.rsplit(".", 1)[-1]), key=lambda each: is_test(each.path))
    if children:
        listed = children[:_LISTED]
        names = [f"`{child.scope}` ({_place(child.path, child.line)})" for child in listed]
        verb = "inherits" if len(children) == 1 else "inherit"
        text = f"{_joined(names, len(children))} {verb} from `{name}`."
        yield Fact(text, tuple(map(_line, listed)))
    elif found:
        yield Fact(f"No class in the indexed files inherits from `{name}`.", tuple(map(_span, found[:_TOLD])))


def _contents(table: SymbolTable, name: str) -> Iterator[Fact]:
    for path in _files(table, name)[:_TOLD]:
        outer = [each for each in table.symbols_in(path) if "." not in each.qualified or each.kind == "section"]
        yield from _members(path, f"{path} contains", outer)
    for each in [found for found in _definitions(table, name) if found.kind == "class"][:_TOLD]:
        inner = [
            member
            for member in table.symbols_in(each.path)
            if member.qualified.rpartition(".")[0] == each.qualified
            and each.first_line <= member.first_line <= each.last_line
        ]
        yield from _members(each.path, f"`{each.qualified}` contains", inner)


def _members(path: str, opening: str, members: Sequence[Symbol]) -> Iterator[Fact]:
    if members:
        listed = sorted(members, key=lambda each: each.kind == "variable")[:_LISTED]
        names = [f"the {each.kind} `{each.name}` ({_place(path, each.first_line)})" for each in listed]
        yield Fact(f"{opening} {_joined(names, len(members))}.", tuple(map(_span, listed)))


_ANSWERS: dict[str, Callable[[SymbolTable, str], Iterator[Fact]]] = {
    "where": _where,
    "callers": _callers,
    "callees": _callees,
    "arguments": _arguments,
    "bases": _bases,
    "subclasses": _subclasses,
    "contents": _contents,
}


def answer_facts(question: str, table: SymbolTable, limit: int = 6) -> tuple[Fact, ...]:
    """Return what the symbol graph says by itself in answer to the question, at most ``limit`` statements.

    Empty when the question asks for something else or names nothing that exists.
    """

    def exists(name: str) -> bool:
        return bool(_definitions(table, name) or _files(table, name) or table.subclasses(name))

    facts: dict[str, Fact] = {}
    for intent, name in _asked(question[:_READ], exists):
        for fact in _ANSWERS[intent](table, name):
            facts.setdefault(fact.text, fact)
    return tuple(facts.values())[:limit]
