"""What a question takes for granted: every name in it is looked up before anything is generated."""

from __future__ import annotations

import builtins
import keyword
import re
import string
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from engine.generation.names import Name, is_file_name, names_in, words_in
from engine.generation.naming import is_description
from engine.types import MissingName, SymbolTable

__all__ = ["check"]

_MOST = 5  # a question that names more than this wrongly is not about this repository

# Spelled like symbols, but products, formats and ways of writing.
_WELL_KNOWN = frozenset(
    "github gitlab bitbucket javascript typescript coffeescript pypi macos ios ipados tvos oauth oauth2 websocket "
    "websockets openapi graphql youtube mysql postgresql sqlite mariadb mongodb numpy scipy pytorch tensorflow fastapi "
    "cpython pypy latex nodejs asyncio ipv4 ipv6 devops linkedin stackoverflow powershell webassembly opengl opencl "
    "llama openai chatgpt dockerhub readthedocs intellij pycharm vscode webstorm airflow restful http2 "
    "camelcase pascalcase snake_case kebab_case utf_8 utf8 x86_64 amd64 arm64".split()
)
_PLACEHOLDER = re.compile(
    r"(?:my|your|foo|bar|baz|qux|spam|example|some)(?:_.*|[A-Z].*|\d*)|(?:My|Your|Foo|Bar|Example)\w*"
)
_SHORTEST_SLIP = 5  # letters; a shorter word is a slip away from too many
_BUILTINS = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | frozenset(keyword.softkwlist)
_TYPE_METHODS = frozenset(
    name
    for kind in (str, bytes, int, float, dict, list, set, tuple, BaseException)
    for name in dir(kind)
    if not name.startswith("_")
)
_LIBRARIES = frozenset("np pd plt tf nn sns jnp torch".split())  # somebody else's, by their usual short names
_VARIABLES = frozenset("app request response client obj instance config".split())  # as whoever asks would call them
_CONVENTIONS = frozenset("self cls args kwargs super this null undefined nil true false".split())


def _is_common(part: str) -> bool:
    """Return whether everybody knows the name: the language's own, the standard library's modules, conventions."""
    return (
        part in _BUILTINS
        or part in _CONVENTIONS
        or part in _LIBRARIES
        or part.lower() in _WELL_KNOWN
        or (part.startswith("__") and part.endswith("__"))
    )


@lru_cache(maxsize=4)
def _places(files: tuple[str, ...]) -> frozenset[str]:
    """Return every folder name, file name and module name of the repository, and its module paths, dotted."""
    found: set[str] = set()
    for path in files:
        parts = PurePosixPath(path).parts
        found.update(parts)
        found.add(PurePosixPath(path).stem)
        dotted = [*parts[:-1], PurePosixPath(path).stem]
        if dotted[-1] == "__init__":
            dotted.pop()
        found.update(".".join(dotted[start:]) for start in range(len(dotted)))
        found.update(".".join(dotted[start:-1]) for start in range(len(dotted) - 1))
    return frozenset(found)


def _spellings(part: str) -> list[str]:
    """Return the name, and the singular in case it was written in the plural ("the TypeErrors")."""
    return [part, part[:-1]] if part.endswith("s") and len(part) > 3 and not part.islower() else [part]


def _symbol_exists(name: str, table: SymbolTable, occurs: Callable[[str], bool] | None) -> bool:
    parts = [part for part in name.split(".") if part not in {"self", "cls"}]
    last = parts[-1] if parts else "self"
    if len(parts) > 1 and last not in _TYPE_METHODS and not _owner_exists(parts[0], table, occurs):
        return False
    if any(map(_is_common, _spellings(last))) or parts[0] in sys.stdlib_module_names or _PLACEHOLDER.fullmatch(last):
        return True
    if len(parts) > 1 and (last in _TYPE_METHODS or _is_common(parts[0])):
        return True
    return any(_stands(spelling, table, occurs) for spelling in _spellings(last)) or _stands(name, table, None)


def _stands(name: str, table: SymbolTable, occurs: Callable[[str], bool] | None) -> bool:
    """Return whether there is a definition, a folder, a file or a module of this name, or the text occurs."""
    places = _places(tuple(table.files()))
    return name in places or bool(table.definitions(name)) or (occurs is not None and occurs(name))


def _owner_exists(owner: str, table: SymbolTable, occurs: Callable[[str], bool] | None) -> bool:
    """Return whether what stands before the first dot is known here, or everywhere."""
    if occurs is None or _is_common(owner) or _PLACEHOLDER.fullmatch(owner) or owner in _VARIABLES:
        return True
    return owner in sys.stdlib_module_names or _stands(owner, table, occurs)


def _file_exists(name: str, table: SymbolTable, occurs: Callable[[str], bool] | None) -> bool:
    """Return whether there is such a file; a bare name that the text mentions is a file of somebody else's."""
    plain = name.strip("/")
    while plain.startswith("../"):
        plain = plain[3:]
    files = table.files()
    if any(path == plain or path.endswith("/" + plain) for path in files):
        return True
    folder, _, last = plain.rpartition("/")
    if not is_file_name(last) and not any(path.endswith(PurePosixPath(last).suffix) for path in files):
        return True  # of a kind that is not indexed, pictures for one
    if _PLACEHOLDER.fullmatch(PurePosixPath(last).stem):
        return True
    if plain.startswith(".") and not any(path.startswith(folder + "/") for path in files):
        return True  # hidden files are often left out of the index on purpose
    return "/" not in plain and occurs is not None and occurs(plain)


def _option_exists(name: str, occurs: Callable[[str], bool] | None) -> bool:
    """Return whether an option, with its dashes, stands anywhere: also as what a parser makes of it, `no_header`."""
    plain = name.lstrip("-")
    if occurs is None or plain in {"help", "version"}:
        return True
    turned = [f"--{plain[3:]}", f"--[no-]{plain[3:]}"] if plain.startswith("no-") else []
    return any(map(occurs, (name, *turned, *_hyphenations(plain))))


def _hyphenations(name: str) -> list[str]:
    """Return the ways in which a name with hyphens is written in code."""
    return list(dict.fromkeys([name, name.replace("-", "_"), name.replace("-", "")]))


def _slips(word: str) -> Iterator[str]:
    """Yield what was meant if a finger slipped once: two letters swapped, one too many, one too few."""
    for at in range(len(word)):
        yield word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]
        yield word[:at] + word[at + 1 :]
        yield from (f"{word[:at]}{letter}{word[at:]}" for letter in string.ascii_lowercase)


def _word_exists(
    name: Name, table: SymbolTable, occurs: Callable[[str], bool] | None, ordinary: Callable[[str], bool] | None
) -> bool:
    """Return whether a plain word in a naming position may be no name, or is one that exists."""
    word = name.text
    if occurs is None or _is_common(word):
        return True
    if is_description(word, sure=name.sure, ordinary=ordinary or (lambda _: True)):
        return True
    if word in sys.stdlib_module_names or _PLACEHOLDER.fullmatch(word):
        return True
    if not name.sure and ordinary and len(word) >= _SHORTEST_SLIP and any(map(ordinary, _slips(word))):
        return True
    spellings = _hyphenations(word)
    if word.endswith("s"):
        spellings.append(word[:-1])
    return any(_stands(spelling, table, occurs) for spelling in spellings)


def _missing(
    name: Name, table: SymbolTable, occurs: Callable[[str], bool] | None, ordinary: Callable[[str], bool] | None
) -> bool:
    match name.kind:
        case "symbol":
            return not _symbol_exists(name.text, table, occurs)
        case "file":
            return not _file_exists(name.text, table, occurs)
        case "option":
            return not _option_exists(name.text, occurs)
        case "word":
            return not _word_exists(name, table, occurs, ordinary)
        case "code":
            return False


def check(
    question: str,
    table: SymbolTable,
    occurs: Callable[[str], bool] | None = None,
    ordinary: Callable[[str], bool] | None = None,
) -> tuple[MissingName, ...]:
    """Return what the question names and the repository does not contain, with what is spelled like it.

    ``occurs`` says whether a text (an identifier, a file name) stands anywhere in the indexed files, in
    whatever case; with it, keyword arguments, attributes, imported names and strings raise no alarm, and options
    and plain words can be looked up. ``ordinary`` says whether a lower-case word belongs to the language; without it
    every word does. What everybody knows (built-ins, standard library, dunder names, placeholders such as
    ``my_app``) raises no alarm.
    """
    found = [name for name in (*names_in(question), *words_in(question)) if _missing(name, table, occurs, ordinary)]
    return tuple(
        MissingName(name.text, "file" if name.kind == "file" else "symbol", tuple(table.suggest(name.text)))
        for name in found[:_MOST]
    )
