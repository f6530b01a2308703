"""What a question names -> where that begins: whoever asks about a definition or a file wants to read it.

Similarity finds what is like the question, which need not be what it names: other members of a class are as like.
"""

from __future__ import annotations

from engine.generation.names import names_in, words_in
from engine.languages import is_test
from engine.types import Focus, Symbol, SymbolTable

__all__ = ["named_places"]

_MOST = 3  # places in all
_MEANINGS = 2  # of one name; of a name with more, none is meant more than the others
_CODE = frozenset({"function", "method", "class"})


def named_places(question: str, table: SymbolTable) -> tuple[Focus, ...]:
    """Return the first lines of the definitions and files that the question names, at most three, in its order.

    A name that several things have stands for code that is no test before it stands for tests, and for nothing
    when it has more than two meanings.
    """
    found: dict[Focus, None] = {}
    for name in (*names_in(question), *(word for word in words_in(question) if word.sure)):
        if name.kind == "file":
            paths = [path for path in table.files() if path == name.text or path.endswith(f"/{name.text}")]
            places = [Focus(path, 1, 1) for path in paths]
        else:
            places = [Focus(each.path, each.first_line, each.first_line) for each in _definitions(name.text, table)]
        if len(places) <= _MEANINGS:
            found.update(dict.fromkeys(places))
    return tuple(found)[:_MOST]


def _definitions(name: str, table: SymbolTable) -> list[Symbol]:
    plain = name.removesuffix("()")
    found = [each for each in table.definitions(plain) if each.kind in _CODE]
    if "." in plain:
        found = [each for each in found if each.qualified == plain] or found
    return [each for each in found if not is_test(each.path)] or found
