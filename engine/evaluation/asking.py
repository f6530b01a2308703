"""The code of a repository -> questions whose right answers its syntax trees tell.

Every kind is asked in forms that the bundled model was not trained on, in fixed shares: plainly, with a slip of the
finger in an ordinary word, and after an earlier turn about the same definition. The same code and the same seed give
the same questions, and a larger count only adds to them.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath

from engine.evaluation.definitions import Definition, Module, Parameter, definitions, module
from engine.evaluation.phrasings import FOLLOW_UPS, FORMS, TWO_PARTS, forms_for, loosely, mistyped, spelled
from engine.evaluation.statements import KINDS, Statement, caller, module_statement, statement
from engine.languages import is_test
from engine.terms import terms
from engine.types import SymbolTable, Turn

__all__ = ["ASKED", "AnswerQuestion", "Asker", "Code", "Gold", "manner"]

ASKED = (*KINDS, "two_part")
_MANNERS = ("plain",) * 14 + ("typo",) * 3 + ("follow_up",) * 3  # of twenty questions of a kind
_MOST_CALLERS = 3
_NONES = 0.25  # of the definitions all of whose defaults are None: it is what anybody would guess
_MOST_NAMES = 6  # that a summary lists
_CONSTRUCTED = frozenset({"arguments", "default", "type"})  # of a class: what its __init__ takes


@dataclass(frozen=True, slots=True)
class Gold:
    """The right answer to a question."""

    text: str
    spans: tuple[tuple[str, int, int], ...]  # path and lines that it is read from
    values: tuple[str, ...] = ()  # what has to be quoted
    optional: tuple[str, ...] = ()  # what may be quoted as well
    about: tuple[str, ...] = ()  # what the question names: quoting it again is neither right nor wrong


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """A question to the model; ``gold`` is None where the repository does not answer it."""

    kind: str  # one of ASKED, or "unanswerable"
    question: str
    gold: Gold | None = None
    manner: str = "plain"  # or "typo", "follow_up"
    sort: str = ""  # of an unanswerable one
    history: tuple[Turn, ...] = ()


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


class Code:
    """The files of a repository as questions are made of them."""

    def __init__(self, name: str, files: Mapping[str, str], table: SymbolTable) -> None:
        """Take the repository's name, {path: text} of its indexed files, and its symbol graph."""
        self.name = name
        self.files = files
        self.table = table
        self.definitions = tuple(each for path in sorted(self.python) for each in definitions(path, files[path]))
        self._symbols = Counter(each.symbol for each in self.definitions)
        self._makers = {
            (each.path, each.symbol.removesuffix(".__init__")): each
            for each in self.definitions
            if each.name == "__init__"
        }

    @property
    def python(self) -> list[str]:
        """Return the paths of the Python files."""
        return [path for path in self.files if path.endswith(".py")]

    @cached_property
    def subjects(self) -> tuple[Definition, ...]:
        """Return what can be asked about: code of the repository itself, under a name that means one thing."""
        return tuple(
            each
            for each in self.definitions
            if not is_test(each.path)
            and self._symbols[each.symbol] == 1
            and not any(_is_dunder(part) for part in each.symbol.split("."))
        )

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """Return the Python files that are no tests."""
        found = (module(path, self.files[path]) for path in sorted(self.python) if not is_test(path))
        return tuple(each for each in found if each is not None)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Return every term that stands anywhere."""
        return frozenset(term for path, text in self.files.items() for term in terms(f"{path}\n{text}"))

    def is_unique(self, name: str) -> bool:
        """Return whether the last part of a name is that of one definition only, in whatever language."""
        return len({(each.path, each.first_line) for each in self.table.definitions(name)}) == 1

    def source(self, definition: Definition) -> str:
        """Return a definition's lines (of a class those before its first method)."""
        lines = self.files[definition.path].split("\n")
        return "\n".join(lines[definition.first_line - 1 : definition.last_line])

    def maker(self, definition: Definition) -> Definition | None:
        """Return what takes the arguments of a definition, under its name: for a class its __init__, None for none."""
        if definition.kind != "class":
            return definition
        found = self._makers.get((definition.path, definition.symbol))
        return None if found is None else replace(found, symbol=definition.symbol)


def manner(number: int, rng: random.Random, order: list[str]) -> str:
    """Return in which manner the n-th question of a kind is put; ``order`` is filled when it is empty or used up."""
    place = number % len(_MANNERS)
    if place == 0:
        order[:] = rng.sample(_MANNERS, len(_MANNERS))
    return order[place]


class Asker:
    """Puts questions of every kind about one repository."""

    def __init__(self, code: Code, seed: int) -> None:
        """Take the code; ``seed`` decides which definitions are asked about and how."""
        self._code = code
        self._seed = seed

    def ask(self, kind: str, count: int) -> list[AnswerQuestion]:
        """Return up to ``count`` questions of a kind (one of ASKED); fewer where the code has no more."""
        rng = random.Random(f"{self._seed} {self._code.name} {kind}")  # noqa: S311 - a sample, no secret
        several: dict[str, Callable[[random.Random], Iterator[AnswerQuestion]]] = {
            "difference": self._differences,
            "summary": self._summaries,
            "two_part": self._two_parts,
        }
        made = several[kind](rng) if kind in several else self._of_one(kind, rng)
        found: dict[str, AnswerQuestion] = {}
        for each in made:
            found.setdefault(each.question if not each.history else f"{each.history} {each.question}", each)
            if len(found) == count:
                break
        return list(found.values())

    # -- about one definition -------------------------------------------------------------------

    def _of_one(self, kind: str, rng: random.Random) -> Iterator[AnswerQuestion]:
        order: list[str] = []
        asked = 0
        sentences = Counter(each.sentence.text for each in self._code.subjects if each.sentence)
        for subject in rng.sample(self._code.subjects, len(self._code.subjects)):
            if kind == "which" and (subject.sentence is None or sentences[subject.sentence.text] > 1):
                continue
            told = self._told(kind, subject, rng)
            if not told:
                continue
            how = manner(asked, rng, order)
            yield self._question(kind, subject, told, how, rng)
            asked += 1

    def _told(self, kind: str, subject: Definition, rng: random.Random) -> tuple[Statement, ...]:
        """Return the right answer of a kind about a definition, none where the code does not tell it."""
        if kind == "callers":
            return self._callers(subject)
        of = self._code.maker(subject) if kind in _CONSTRUCTED else subject
        if of is None:
            return ()
        detail = ""
        if kind in ("default", "type"):
            has = [one.name for one in of.parameters if _says(one, kind)]
            if not has and kind == "default" and rng.random() < _NONES:
                has = [one.name for one in of.parameters if one.default]
            if not has:
                return ()
            detail = rng.choice(has)
        if kind == "why" and of.reasons:
            detail = rng.choice(of.reasons).code
        found = statement(kind, of, detail=detail)
        return () if found is None else (found,)

    def _callers(self, subject: Definition) -> tuple[Statement, ...]:
        """Return one statement a caller outside tests; none where they are many, or the name alone may mean others."""
        if not _is_distinctive(subject.name) or not self._code.is_unique(subject.name):
            return ()
        calls = [each for each in self._code.table.callers(subject.name) if not is_test(each.path)]
        by_scope: dict[str, Statement] = {}
        for each in calls:
            if not each.scope:
                return ()  # a call at a file's top level is made by nobody
            if each.scope != subject.symbol:
                by_scope.setdefault(each.scope, caller(each.scope, subject.name, each.path, each.line))
        return tuple(by_scope.values()) if len(by_scope) <= _MOST_CALLERS else ()

    def _question(
        self, kind: str, subject: Definition, told: Sequence[Statement], how: str, rng: random.Random
    ) -> AnswerQuestion:
        short = self._code.is_unique(subject.name)
        detail = told[0].detail.lstrip("*")
        values = {
            "x": spelled(subject, rng, short=short),
            "k": subject.kind,
            "c": told[0].detail,
            "p": rng.choice([detail, f"`{detail}`", f"the parameter {detail}"]),
            "d": loosely(subject.sentence.text, rng) if subject.sentence else "",
        }
        gold = self._gold(kind, subject, told)
        before = self._before(kind, subject, values["x"], rng) if how == "follow_up" else ()
        if before:
            form = rng.choice(FOLLOW_UPS[kind])
        else:
            form = rng.choice(forms_for(kind, values["d"]))
            how = "plain" if how == "follow_up" else how
        if how == "typo":
            form = mistyped(form, rng)
        return AnswerQuestion(kind, form.format(**values), gold, how, history=before)

    def _before(self, kind: str, subject: Definition, name: str, rng: random.Random) -> tuple[Turn, ...]:
        """Return an earlier turn about a definition, none where this kind is not asked in such a way."""
        if kind not in FOLLOW_UPS:
            return ()
        for first in ("what", "where"):
            said = statement(first, subject) if first != kind else None
            if said is not None:
                return (Turn(rng.choice(FORMS[first]).format(x=name), f"{said.text} [1]."),)
        return ()

    def _gold(self, kind: str, subject: Definition, told: Sequence[Statement]) -> Gold:
        values = tuple(dict.fromkeys(value for each in told for value in each.values))
        about: tuple[str, ...] = (subject.symbol, subject.name, *(each.detail for each in told if each.detail))
        optional: tuple[str, ...] = ()
        if kind == "which":
            values, optional, about = (subject.symbol,), (subject.path,), ()
        elif kind == "arguments":
            optional = ("self", "cls")
        elif kind == "callers":
            calls = self._code.table.callers(subject.name)
            optional = tuple({each.scope for each in calls if is_test(each.path)} | {subject.symbol})
        elif kind == "callees":
            # Built-ins are left out of the right answer; who names them is not wrong.
            calls = self._code.table.calls_in(subject.path, subject.symbol)
            optional = tuple(dict.fromkeys(each.name for each in calls if each.name not in values))
        joint = ", and " if kind == "callers" else ". "
        return Gold(joint.join(each.text for each in told), _spans(told), values, optional, about)

    # -- about several --------------------------------------------------------------------------

    def _two_parts(self, rng: random.Random) -> Iterator[AnswerQuestion]:
        for subject in rng.sample(self._code.subjects, len(self._code.subjects)):
            each_told = {kind: self._told(kind, subject, rng) for kind in TWO_PARTS}
            told = {kind: found for kind, found in each_told.items() if found and found[0].values}
            if len(told) < 2:
                continue
            first, second = rng.sample(list(told), 2)
            both = (*told[first], *told[second])
            name = spelled(subject, rng, short=self._code.is_unique(subject.name))
            question = f"{rng.choice(FORMS[first]).format(x=name).rstrip('?.')}, and {TWO_PARTS[second]}?"
            gold = self._gold("two_part", subject, both)
            yield AnswerQuestion("two_part", question, replace(gold, optional=("self", "cls")))

    def _differences(self, rng: random.Random) -> Iterator[AnswerQuestion]:
        """Ask about pairs of one kind that stand near each other: in one class, else in one file."""
        near: dict[tuple[str, str, bool], list[Definition]] = defaultdict(list)
        for each in self._code.subjects:
            if each.sentence:
                near[each.path, each.symbol.rpartition(".")[0], each.kind == "class"].append(each)
        groups = [group for group in near.values() if len(group) > 1]
        for group in rng.sample(groups, len(groups)):
            first, second = rng.sample(group, 2)
            told = [found for each in (first, second) if (found := statement("what", each)) is not None]
            x, y = (spelled(each, rng, short=self._code.is_unique(each.name)) for each in (first, second))
            about = (first.symbol, first.name, second.symbol, second.name)
            gold = Gold(", while ".join(each.text for each in told), _spans(told), about=about)
            yield AnswerQuestion("difference", rng.choice(FORMS["difference"]).format(x=x, y=y), gold)

    def _summaries(self, rng: random.Random) -> Iterator[AnswerQuestion]:
        names = Counter(PurePosixPath(path).name for path in self._code.files)
        for each in rng.sample(self._code.modules, len(self._code.modules)):
            said = module_statement(each)
            if said is None or (each.sentence is None and len(each.names) > _MOST_NAMES):
                continue
            last = PurePosixPath(each.path).name
            name = last if names[last] == 1 and rng.random() < 0.5 else rng.choice([each.path, f"`{each.path}`"])
            gold = Gold(said.text, _spans([said]), about=(each.path, last))
            yield AnswerQuestion("summary", rng.choice(FORMS["summary"]).format(x=name), gold)


def _says(parameter: Parameter, kind: str) -> bool:
    """Return whether a parameter's type is written, or a default that is not what everybody would guess."""
    return bool(parameter.type) if kind == "type" else parameter.default not in ("", "None")


def _is_distinctive(name: str) -> bool:
    """Return whether a name has several words, so that nobody else's method is called the same by chance."""
    return "_" in name.strip("_") or len(re.findall(r"[A-Z][a-z]", name)) > 1


def _spans(told: Sequence[Statement]) -> tuple[tuple[str, int, int], ...]:
    return tuple(dict.fromkeys((each.path, first, last) for each in told for first, last in each.spans))
