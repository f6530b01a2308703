"""What a question takes for granted: every name in it is looked up before anything is generated."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from engine.generation.names import Name, names_in
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
_BUILTINS = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | frozenset(keyword.softkwlist)
_TYPE_METHODS = frozenset(
    name
    for kind in (str, bytes, int, float, dict, list, set, tuple, BaseException)
    for name in dir(kind)
    if not name.startswith("_")
)
_CONVENTIONS = frozenset("self cls args kwargs super this null undefined nil true false".split())


def _is_common(part: str) -> bool:
    """Return whether everybody knows the name: the language's own, the standard library's modules, conventions."""
    return (
        part in _BUILTINS
        or part in _CONVENTIONS
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
    if not parts:
        return True
    last = parts[-1]
    if any(map(_is_common, _spellings(last))) or parts[0] in sys.stdlib_module_names or _PLACEHOLDER.fullmatch(last):
        return True
    if len(parts) > 1 and (last in _TYPE_METHODS or _is_common(parts[0])):
        return True
    places = _places(tuple(table.files()))
    for spelling in _spellings(last):
        if table.definitions(spelling) or spelling in places:
            return True
        if occurs is not None and occurs(spelling):
            return True
    return name in places or bool(table.definitions(name))


def _file_exists(name: str, table: SymbolTable, occurs: Callable[[str], bool] | None) -> bool:
    """Return whether there is such a file; a bare name that the text mentions is a file of somebody else's."""
    plain = name.strip("/")
    while plain.startswith("../"):
        plain = plain[3:]
    files = table.files()
    if any(path == plain or path.endswith("/" + plain) for path in files):
        return True
    stem = PurePosixPath(plain).stem
    if _PLACEHOLDER.fullmatch(stem) or plain.startswith("."):
        return True  # hidden files are often left out of the index on purpose
    return "/" not in plain and occurs is not None and occurs(plain)


def _missing(names: Iterable[Name], table: SymbolTable, occurs: Callable[[str], bool] | None) -> list[MissingName]:
    found = []
    for name in names:
        if name.kind == "symbol" and not _symbol_exists(name.text, table, occurs):
            found.append(MissingName(name.text, "symbol", tuple(table.suggest(name.text))))
        elif name.kind == "file" and not _file_exists(name.text, table, occurs):
            found.append(MissingName(name.text, "file", tuple(table.suggest(name.text))))
    return found


def check(question: str, table: SymbolTable, occurs: Callable[[str], bool] | None = None) -> tuple[MissingName, ...]:
    """Return what the question names and the repository does not contain, with what is spelled like it.

    ``occurs`` says whether a text (an identifier, a file name) stands anywhere in the indexed files, in
    whatever case; with it, keyword arguments, attributes, imported names and strings raise no alarm. What
    everybody knows (built-ins, standard library, dunder names, placeholders such as ``my_app``) raises none.
    """
    return tuple(_missing(names_in(question), table, occurs)[:_MOST])
