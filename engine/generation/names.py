"""The names in a sentence: what its writer takes to be a symbol, a file or a bit of code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from engine.generation.naming import words_in_naming_position

__all__ = ["Name", "NameKind", "is_file_name", "names_in", "words_in"]

NameKind = Literal["symbol", "file", "option", "word", "code"]

_FILE_ENDINGS = frozenset(
    "py pyi pyx toml ini cfg md rst txt yaml yml ipynb rs go java kt kts swift scala lua sql sh bash bat ps1 rb php cs "
    "cpp cc cxx hpp hh ts tsx jsx mjs vue proto lock".split()
)
# These end file names and attributes alike: `app.json`, `response.text`, `config.h`.
_AMBIGUOUS_ENDINGS = frozenset("json html css js c h xml csv log env conf jinja jinja2 mako map".split())
_SPECIAL_FILES = frozenset("makefile dockerfile license readme changelog contributing jenkinsfile gemfile".split())

_URL = re.compile(r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*+://\S+|\bwww\.\S+|(?<!\S)[^\s@]++@[^\s@]+\.\w+")
_TICKED = re.compile(r"`++([^`\n]++)`++")
_PATH = re.compile(r"(?<![\w./-])[\w./-]++")
_DOTTED = r"[^\W\d]\w*(?:(?:\.|::)[^\W\d]\w*)+"
_SYMBOL = re.compile(rf"(?<![\w./@$-])@?({_DOTTED}|[^\W\d]\w*)(\((?!\s*s\b))?")
_CODE_NAME = re.compile(
    rf"[@.]?(?:(?:async\s+)?(?:def|class|func|function|fn|struct|interface|trait|enum|type|import)\s+)?({_DOTTED}|[^\W\d]\w*)"
    r"\s*(\(.*\))?[:;]?"
)
_ABBREVIATION = re.compile(r"(?:e\.g|i\.e|a\.k\.a|etc|vs|cf|p\.s)\.?", re.IGNORECASE)
_SNAKE = re.compile(r"_*[^\W_]+(?:_+[^\W_]+)+_*|_+[^\W_]\w*|[^\W_]\w*__")
_CAMEL = re.compile(r"[A-Za-z]?[a-z0-9]+[A-Z]\w*|[A-Z]{2,}[a-z]\w*|[A-Z][a-z0-9]+[A-Z]\w*")
_PLURAL_ACRONYM = re.compile(r"[A-Z]{2,}s?\d*")
_OPTION = re.compile(r"(?<![\w-])--(?P<option>[A-Za-z][\w-]*[\w])(?:=\S*)?")
_DECORATOR = re.compile(r"(?<![\w@./-])@([^\W\d]\w{2,})(?![\w/.@-])")
_DOMAIN_ENDINGS = frozenset("com org net io dev".split())


@dataclass(frozen=True, slots=True)
class Name:
    """Something named in a text, as written but for decoration; ``quoted`` when it stood in backticks.

    An *option* has its dashes, a *word* is a plain one that stands where a name is expected, *code* is no name.
    """

    text: str
    kind: NameKind
    quoted: bool = False
    sure: bool = False  # of a word: nothing but a name can stand there


def is_file_name(text: str) -> bool:
    """Return whether the text is the name or path of a file rather than anything else."""
    last = text.rsplit("/", 1)[-1]
    stem, dot, ending = last.rpartition(".")
    if not re.fullmatch(r"[\w./@+-]+", text):
        return False
    if last.lower() in _SPECIAL_FILES:
        return "/" in text
    if ending.lower() in _FILE_ENDINGS:
        return bool(dot) and (bool(stem) or "/" in text)
    known = ending.lower() in _AMBIGUOUS_ENDINGS or (text.count("/") > 1 and re.fullmatch(r"[a-z]{2,4}", ending))
    return bool(dot) and "/" in text and bool(known) and bool(stem)


def _of_code(code: str) -> list[Name]:
    """Return what a bit of text in backticks names; a test's id names a file and a symbol."""
    plain = code.strip()
    file, colons, inside = plain.partition("::")
    if is_file_name(file):
        names = [Name(file.removeprefix("./"), "file", True)]
        return names + (_of_code(inside) if colons else [])
    option = _OPTION.fullmatch(plain)
    if option:
        return [Name(f"--{option['option']}", "option", True)]
    match = _CODE_NAME.fullmatch(plain)
    if match:
        return [Name(match.group(1).replace("::", "."), "symbol", True)]
    return [Name(plain, "code", True)]


def _is_prose(word: str, called: bool) -> bool:
    """Return whether an undecorated word is no more than a word."""
    if "." in word:
        parts = word.split(".")
        sentence = len(parts) == 2 and parts[1][:1].isupper() and parts[0].islower() and len(parts[1]) > 1
        host = parts[-1] in _DOMAIN_ENDINGS and all(part.islower() for part in parts)
        return bool(_ABBREVIATION.fullmatch(word)) or (sentence and not called) or host
    if called:
        return len(word) < 2
    if _SNAKE.fullmatch(word):
        return False
    return not _CAMEL.fullmatch(word) or bool(_PLURAL_ACRONYM.fullmatch(word))


def names_in(text: str) -> tuple[Name, ...]:
    """Return the names in a text, in order, each once.

    Backticks make anything a name. Elsewhere a name is what looks like one: a file with its ending, an option with
    its dashes, a dotted name, a call, a decorator, snake_case or CamelCase. Plain words, acronyms, addresses and
    numbers are none.
    """
    return _in_order(_read(text)[0])


def words_in(text: str) -> tuple[Name, ...]:
    """Return the plain words that stand where a name is expected, in order, each once; kind *word*.

    What ``names_in`` finds is not among them.
    """
    found = words_in_naming_position(_read(text)[1])
    return _in_order([(each.start, Name(each.word, "word", sure=each.sure)) for each in found])


def _in_order(found: list[tuple[int, Name]]) -> tuple[Name, ...]:
    """Return each name once, at its first place; sure if it is so anywhere."""
    first: dict[str, Name] = {}
    for _, name in sorted(found, key=lambda each: each[0]):
        if name.sure or name.text not in first:
            first[name.text] = name
    return tuple(first.values())


def _read(text: str) -> tuple[list[tuple[int, Name]], str]:
    """Return the names in a text with their places, and the text with them and addresses blanked out."""
    found: list[tuple[int, Name]] = []

    def blank(match: re.Match[str]) -> str:
        return "·" * len(match.group())

    def take_code(match: re.Match[str]) -> str:
        found.extend((match.start(), name) for name in _of_code(match.group(1)))
        return blank(match)

    def take_path(match: re.Match[str]) -> str:
        path = match.group().rstrip("./-")
        if not is_file_name(path):
            return match.group()
        found.append((match.start(), Name(path.removeprefix("./"), "file")))
        return blank(match)

    def take_option(match: re.Match[str]) -> str:
        found.append((match.start(), Name(f"--{match['option']}", "option")))
        return blank(match)

    def take_symbol(match: re.Match[str]) -> str:
        word = match.group(1).replace("::", ".")
        if _is_prose(word, match.group(2) is not None):
            return match.group()
        found.append((match.start(), Name(word, "symbol")))
        return blank(match)

    def take_decorator(match: re.Match[str]) -> str:
        found.append((match.start(), Name(match.group(1), "symbol")))
        return blank(match)

    steps = ((_TICKED, take_code), (_URL, blank), (_OPTION, take_option), (_PATH, take_path))
    rest = text
    for pattern, take in (*steps, (_SYMBOL, take_symbol), (_DECORATOR, take_decorator)):
        rest = pattern.sub(take, rest)
    return found, rest
