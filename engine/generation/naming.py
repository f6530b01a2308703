"""Plain words that a sentence uses as names: "the frobnicate option", "a fixture called db", "who calls frobnicate".

Nothing in such a word tells that it is a name; only its place does. So it is only a hint, and the caller asks whether
the word is an ordinary one before it takes it for a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.terms import STOP_WORDS

__all__ = ["Position", "is_description", "words_in_naming_position"]


@dataclass(frozen=True, slots=True)
class Position:
    """A word where a name is expected. ``sure`` when an ordinary word would be a name there, too."""

    word: str
    start: int
    sure: bool


# Of these, "the X KIND" is said of one thing by its name ("the verbose flag"); of the others also of what it is like.
_NAMED = "option|flag|switch|fixture|setting|command|subcommand|marker|environment variable|env var"
_KINDS = (
    f"{_NAMED}|function|method|class|decorator|constant|variable|module|package|exception|parameter|argument|keyword|"
    "attribute|property|field|hook|plugin|script|struct|trait|interface|enum|macro|helper|file"
)
_CLASSES = "class|exception|struct|trait|interface|enum"
_BETWEEN = (
    r"(?:(?:command[- ]line|cli|config(?:uration)?|environment|env|keyword|query|helper|utility|class|instance|static|"
    r"python|pytest|test|private|public|boolean|string)\s+)?"
)
_QUOTE = r"[\"'“”‘’]?"
_LEFT = r"(?<![\w./@·-])"
_WORD = r"(?P<word>[A-Za-z][a-z0-9]*(?:-[a-z0-9]+)+|[A-Za-z][a-z0-9]{2,}|[A-Z][A-Z0-9]{4,})"
_X = rf"{_LEFT}{_QUOTE}{_WORD}{_QUOTE}(?![\w/(·-]|\.\w)"
_END = r"(?=\s*(?:[?,;:)]|\.?\s*$))"
_PASSIVE = (
    "defined|implemented|declared|located|called|used|set|registered|imported|instantiated|created|raised|read|parsed|"
    "loaded|stored|invoked|overridden|caught|handled|documented|tested|initialized|initialised"
)
_ACTIVE = (
    "do|work|return|returns|take|accept|mean|handle|call|raise|expect|need|get|use|behave|have|be|throw|inherit|contain|"
    "import|define|happen|exist|depend|fail|store|hold|yield|read|write"
)
_PLACES = tuple(
    re.compile(place, re.IGNORECASE)
    for place in (
        # "the frobnicate option", "pytest's frobnicate fixture"
        rf"{_LEFT}{_QUOTE}{_WORD}{_QUOTE}\s+{_BETWEEN}(?P<kind>{_KINDS})(?![\w-])",
        # "an option called frobnicate", "the method frobnicate", but not "the method frobnicates"
        rf"\b(?:{_KINDS})s?,?\s+(?:is\s+)?(?:called|named)\s+{_X}",
        rf"\b(?:the|an?|this|that|its?|of|in|is|are|and|or|with|by)\s+{_BETWEEN}(?:{_KINDS})\s+{_X}"
        rf"(?:{_END}|(?=\s+(?:{_ACTIVE}|{_PASSIVE}|is|are|was|has|in|of|from|on|by)\b))",
        rf"\b(?:do|does|did|can|could|should|will|may|must|would)\s+(?:the\s+)?{_X}\s+(?:{_ACTIVE})\b",
        r"\b(?:who|what|which\s+\w+)\s+(?:calls?|invokes?|uses|imports?|overrides?|inherits?\s+from|extends?|subclass(?:es)?)"
        rf"\s+(?:the\s+)?{_X}{_END}",
        rf"\b(?:where|when|how|why|what)\s+(?:is|are)\s+(?:the\s+)?{_X}\s+(?:\w+ly\s+)?(?:{_PASSIVE})\b",
        r"\b(?:callers|definition|implementation|signature|arguments|parameters|usages?|subclasses)\s+of\s+(?:the\s+)?"
        rf"{_X}(?:{_END}|(?=\s+\w))",
    )
)
_WITH_CAPITALS = {1, 2, 5}  # elsewhere they are abbreviations: HTTP methods, JSON files
_NAMING = re.compile(rf"(?:{_NAMED})", re.IGNORECASE)
_CLASS = re.compile(rf"(?:{_CLASSES})", re.IGNORECASE)

_ENDING = re.compile(
    r"(?:ed|ing|able|ible|al|ive|ous|ful|less|ic|ary|ory|ant|ent|ly|est|ier|ness|ship|ish|ward|wide|like|only|ation|tion|"
    r"sion|ment|ity|ism|ance|ence|ency|ancy|ology|graphy)$"
)
_VERBAL = re.compile(r"(?:ed|ing|able|ible|ly|ous|ive|ful|less)$")  # so rarely a name's that the stem says no more
# Compounds that end so describe: command-line, built-in, read-only, thread-safe, so-called, user-defined.
_COMPOUND = frozenset(
    "line in only level party called known defined related specific wide based side safe free like aware time".split()
)
# Words of all programmers that the vocabulary of the language lacks, and what is said of any kind of thing.
_TRADE = frozenset(
    "recursive verbose boolean wildcard callable iterable reusable fallback retry timeout debug parser tokenizer "
    "validator getter setter initializer serializer decorator middleware callback wrapper helper handler builder "
    "loader factory mixin subclass superclass async sync static generic abstract concrete virtual inline nested inner "
    "outer lambda closure iterator generator coroutine constructor destructor finalizer singleton adapter proxy facade "
    "observer visitor mock stub dummy fake sample demo template config metadata schema namespace enum struct tuple "
    "dict hash bytes unicode ascii regex glob json yaml toml html css csv xml sql http https url uri api cli gui tcp "
    "udp ssh ssl tls dns python java rust ruby golang kotlin swift scala bash shell makefile dockerfile readme "
    "changelog linux windows unix posix ansi macos docker kubernetes git svn subcommand plugin addon webhook endpoint "
    "frontend backend runtime compile lint linter formatter debugger profiler logger logging traceback stacktrace "
    "stdin stdout stderr temp tmp util utils misc main init setup teardown cleanup startup shutdown login logout "
    "signup admin auth oauth env argv args kwargs varargs param params arg bool int str float char long short null "
    "none undefined new old same other another second third whole single double multiple various certain right wrong "
    "actual own such very sort kind type dedupe upsert batch bulk chunk dataset dataframe numpy pandas tensor sparse "
    "dense obsolete mandatory legacy modern vanilla pseudo raw cooked lazy eager greedy idempotent mutable immutable "
    "hashable picklable monkeypatch docstring codebase filesystem refactor polymorphic memoize".split()
)


def is_description(word: str, *, sure: bool, ordinary: Callable[[str], bool]) -> bool:
    """Return whether a word in a naming position says what something is like rather than what it is called.

    ``ordinary`` tells the words of the language, lower case. Where the position is ``sure``, they are names unless
    their ending is that of an adjective or a participle.
    """
    lowered = word.lower()
    *before, last = lowered.split("-")
    if last in _COMPOUND and before:
        return True
    if before:  # "the skip-existing option" names one, "a long-running function" does not
        return not sure and is_description(last, sure=False, ordinary=ordinary)
    if lowered in _TRADE or word[1:].isupper():
        return lowered in _TRADE
    ending = _ENDING.search(lowered) if len(lowered) > 5 else None
    if not sure:
        return ordinary(lowered) or (ending is not None and word.islower())
    if ending is None or _VERBAL.search(lowered):
        return ending is not None
    stem = lowered[: ending.start()]
    return any(map(ordinary, (lowered, stem, f"{stem}e", stem[:-1])))


def words_in_naming_position(text: str) -> Iterator[Position]:
    """Yield the plain words (lower case or capitalised, hyphens inside) that stand where a name is expected.

    A word may come several times. Names that look like names are left to ``names_in``.
    """
    for number, pattern in enumerate(_PLACES):
        for match in pattern.finditer(text):
            word, start = match.group("word"), match.start("word")
            kind = match.groupdict().get("kind") or ""
            if word.lower() in STOP_WORDS or (word[1:].isupper() and number not in _WITH_CAPITALS):
                continue
            capitalised = word[0].isupper() and bool(text[:start].strip())
            sure = bool(_CLASS.fullmatch(kind)) if capitalised else bool(_NAMING.fullmatch(kind))
            yield Position(word, start, sure)
