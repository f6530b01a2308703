"""Is a question noticed that takes something for granted which does not exist?

False premises are made in pairs with their true twins: a question about a symbol, a file or an option that exists, and
the same question with another name in its place that stands nowhere in the repository. The false names are invented
words, parts of other names put together anew, and slips of the finger, in the shape of the name that they replace.

``caught`` is the share of false premises whose name is reported, ``caught.KIND`` that of one kind;
``false_alarms.generated`` is the share of true twins about which anything is reported, ``false_alarms.questions`` that
of real questions.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from engine.errors import Cancelled, UsageError
from engine.evaluation.metrics import EvaluationResult, summarise
from engine.terms import split_identifier
from engine.types import CancelToken, MissingName, Progress, Report, Symbol, SymbolTable

__all__ = ["PremiseQuestion", "Vocabulary", "evaluate_premises", "false_premises", "with_names_replaced"]

Check = Callable[[str], Sequence[MissingName]]

_TEMPLATES = {
    "function": (
        "What does `{}` return when nothing is found?",
        "Who calls {}()?",
        "Where is {} defined?",
        "How does the {} function deal with errors?",
        "What does the function {} do with its arguments?",
        "What does {} do?",
    ),
    "method": (
        "What does {} return?",
        "When is `{}` called during shutdown?",
        "Why does {}() have to be overridden?",
        "How does {} work?",
    ),
    "class": (
        "How is the {} class created in tests?",
        "Which classes inherit from {}?",
        "What does `{}` keep in memory?",
        "Where is {} instantiated, and by whom?",
    ),
    "constant": ("What is {} set to by default?", "Where is the constant {} used?", "Can `{}` be changed at run time?"),
    "file": ("What is in {}?", "Which functions does `{}` define?", "Why does {} import so many modules?"),
    "option": (
        "What does {} do?",
        "When should I use the `{}` option?",
        "Does {} have an effect together with a configuration file?",
    ),
    "bare option": (
        "What does the {} option do?",
        "Is the {} flag on by default?",
        "Where is the option {} read?",
        "How do I turn off the {} setting?",
    ),
    "parameter": ("What does the {} parameter mean?", "What is the `{}` argument for?", "Which values may {} have?"),
}
_SHORTEST = 4  # characters of a name that is asked about
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9]+(?:-[a-z0-9]+)*(?![\w-])")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TRIES = 50
_ONSETS = "b br d dr f fl fr g gl gr j k kl kr l m n p pl pr qu r s sk sl sn sp st str t tr v w z zw".split()
_NUCLEI = "a e i o u".split()
_CODAS = "b ck d ft g lb ld lk m mp n nd nk p rb rk rm rp rt st x zz".split()


@dataclass(frozen=True, slots=True)
class PremiseQuestion:
    """A question with a name that does not exist, and the question that it was made of."""

    kind: str
    question: str
    name: str  # the false one
    twin: str


class Vocabulary:
    """What stands in a repository: its names, and whether a text occurs anywhere in it."""

    def __init__(self, table: SymbolTable, texts: Iterable[str]) -> None:
        """Read all names of ``table``; ``texts`` are those of all chunks."""
        self.files = tuple(table.files())
        self.symbols = tuple(symbol for path in self.files for symbol in table.symbols_in(path))
        self.names = frozenset(symbol.name for symbol in self.symbols)
        self._text = "\n".join((*self.files, *texts)).lower()
        self.options = tuple(sorted(set(_OPTION.findall(self._text))))
        self.parts = tuple(
            sorted({part for name in self.names for part in split_identifier(name) if len(part) > 2 and part.isalpha()})
        )

    def holds(self, text: str) -> bool:
        """Return whether the text stands anywhere, in whatever case, hyphens and underscores being the same."""
        lowered = text.lower()
        return any(each in self._text for each in {lowered, lowered.replace("-", "_"), lowered.replace("_", "-")})


def false_premises(vocabulary: Vocabulary, count: int, *, seed: int = 0) -> tuple[PremiseQuestion, ...]:
    """Return up to ``count`` false premises about every kind of name in turn; the same seed gives the same ones."""
    rng = random.Random(seed)  # noqa: S311 - a sample, no secret
    pools = {kind: names for kind, names in _existing(vocabulary).items() if names}
    found: list[PremiseQuestion] = []
    for number in range(count if pools else 0):
        kind = list(pools)[number % len(pools)]
        true = rng.choice(pools[kind])
        false = _false_name(true, vocabulary, rng, file=kind == "file")
        if false is not None:
            template = rng.choice(_TEMPLATES[kind])
            found.append(PremiseQuestion(kind, template.format(false), false, template.format(true)))
    return tuple(found)


def _existing(vocabulary: Vocabulary) -> dict[str, list[str]]:
    """Return the names that can be asked about, by kind."""

    def of(*kinds: str) -> Iterator[Symbol]:
        return (each for each in vocabulary.symbols if each.kind in kinds and _askable(each.name))

    parameters = {
        match.group()
        for each in of("function", "method")
        for parameter in each.parameters
        if (match := _WORD.match(parameter)) and _askable(match.group())
    }
    pools = {
        "function": {each.name for each in of("function")},
        "method": {each.qualified for each in of("method") if each.qualified.count(".") == 1},
        "class": {each.name for each in of("class")},
        "constant": {each.name for each in of("variable") if each.name.isupper() and "_" in each.name},
        "file": {
            path for path in vocabulary.files if PurePosixPath(path).suffix and _askable(PurePosixPath(path).stem)
        },
        "option": set(vocabulary.options),
        "bare option": {option[2:] for option in vocabulary.options},
        "parameter": parameters,
    }
    return {kind: sorted(names) for kind, names in pools.items()}


def _askable(name: str) -> bool:
    return len(name) >= _SHORTEST and not (name.startswith("__") and name.endswith("__"))


def with_names_replaced(
    questions: Iterable[str], vocabulary: Vocabulary, is_word: Callable[[str], bool], *, seed: int = 0
) -> tuple[PremiseQuestion, ...]:
    """Return every question that spells the name of a symbol, once for each such name, with a false one in its place.

    A lower-case word of the language (``is_word``) is taken for a name only when it is in backticks or called.
    """
    rng = random.Random(seed)  # noqa: S311 - a sample, no secret
    found: list[PremiseQuestion] = []
    for question in questions:
        spelled = dict.fromkeys(match.group() for match in _WORD.finditer(question))
        for name in spelled:
            if name not in vocabulary.names or not _askable(name) or not _is_meant(name, question, is_word):
                continue
            false = _false_name(name, vocabulary, rng)
            if false is not None:
                changed = re.sub(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", false, question)
                found.append(PremiseQuestion("question", changed, false, question))
    return tuple(found)


def _is_meant(name: str, question: str, is_word: Callable[[str], bool]) -> bool:
    if "_" in name or any(character.isupper() for character in name[1:]):
        return True
    whole = rf"(?<!\w){re.escape(name)}(?!\w)"
    in_code = any(re.search(whole, code) for code in re.findall(r"`([^`\n]+)`", question))
    return in_code or not is_word(name.lower()) or re.search(rf"{whole}\(", question) is not None


# -- names that do not exist ----------------------------------------------------------------------


def _false_name(true: str, vocabulary: Vocabulary, rng: random.Random, *, file: bool = False) -> str | None:
    """Return a name in the shape of ``true`` whose changed part stands nowhere; None when none was found."""
    head, changed, tail = _changeable(true, file=file)
    makers = [_invented, _recombined, _slipped]
    for _ in range(_TRIES):
        made = rng.choice(makers)(changed, vocabulary, rng)
        if made != changed and len(made) >= _SHORTEST and not vocabulary.holds(made):
            return head + made + tail
    return None


def _changeable(name: str, *, file: bool) -> tuple[str, str, str]:
    """Return what stays before, what is replaced, and what stays after; a file keeps its folder, a method its class."""
    if name.startswith("--"):
        return "--", name[2:], ""
    if file:
        path = PurePosixPath(name)
        return name[: len(name) - len(path.name)], path.stem, path.suffix
    owner, dot, last = name.rpartition(".")
    plain = last.lstrip("_")
    return owner + dot + last[: len(last) - len(plain)], plain, ""


def _shaped(parts: Sequence[str], like: str) -> str:
    """Return words put together the way ``like`` is."""
    if "_" in like:
        joined = "_".join(parts)
        return joined.upper() if like.isupper() else joined
    if "-" in like:
        return "-".join(parts)
    if like[:1].isupper():
        return "".join(part.capitalize() for part in parts)
    if any(character.isupper() for character in like):
        return parts[0] + "".join(part.capitalize() for part in parts[1:])
    return "".join(parts)


def _invented(like: str, _: Vocabulary, rng: random.Random) -> str:
    words = len(split_identifier(like))
    return _shaped([_invented_word(rng) for _ in range(max(1, min(words, 3)))], like)


def _invented_word(rng: random.Random) -> str:
    syllables = [rng.choice(_ONSETS) + rng.choice(_NUCLEI) + rng.choice(_CODAS) for _ in range(rng.choice((1, 2)))]
    return "".join(syllables) + rng.choice(("ate", "le", "o", "y", "ix"))


def _recombined(like: str, vocabulary: Vocabulary, rng: random.Random) -> str:
    parts = split_identifier(like)
    if len(parts) < 2 or not vocabulary.parts:
        return like
    parts[rng.randrange(len(parts))] = rng.choice(vocabulary.parts)
    return _shaped(parts, like)


def _slipped(like: str, _: Vocabulary, rng: random.Random) -> str:
    """Return the name with two neighbouring letters exchanged, or one left out."""
    at = rng.randrange(1, max(2, len(like) - 1))
    if rng.random() < 0.5:
        return like[:at] + like[at + 1 :]
    return like[:at] + like[at + 1 : at + 2] + like[at] + like[at + 2 :]


# -- measuring ------------------------------------------------------------------------------------


def evaluate_premises(
    premises: Sequence[PremiseQuestion],
    questions: Sequence[str],
    check: Check,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> EvaluationResult:
    """Ask ``check`` about every false premise and its twin, and about real ``questions``, which may be none.

    ``n`` is the number of false premises. Raises UsageError when there are none, Cancelled when ``cancel`` is set
    between two questions, and whatever ``check`` raises.
    """
    if not premises:
        raise UsageError("there is no name here to ask about: nothing was parsed")
    started = time.perf_counter()
    reported: dict[str, frozenset[str]] = {}
    asked = [*dict.fromkeys((*(each.question for each in premises), *(each.twin for each in premises), *questions))]
    for number, question in enumerate(asked):
        if cancel is not None and cancel.is_set():
            raise Cancelled(f"stopped after {number} of {len(asked)} questions")
        reported[question] = frozenset(each.name for each in check(question))
        if progress is not None:
            progress(Report("evaluate", number + 1, len(asked), question))
    samples: dict[str, list[float]] = {"caught": []}
    for each in premises:
        caught = float(any(each.name in name for name in reported[each.question]))
        samples["caught"].append(caught)
        samples.setdefault(f"caught.{each.kind}", []).append(caught)
    generated = dict.fromkeys(each.twin for each in premises if each.kind != "question")
    samples["false_alarms.generated"] = [float(bool(reported[twin])) for twin in generated]
    samples["false_alarms.questions"] = [float(bool(reported[question])) for question in dict.fromkeys(questions)]
    return summarise(
        {name: values for name, values in samples.items() if values}, len(premises), time.perf_counter() - started
    )
