"""One set of evidence -> several questions about it, each with the answer that the evidence gives, or none.

Evidence is what the engine's own retrieval and selection showed for a first question. Further questions are put about
whatever else is in it, so that one reading of the evidence teaches many answers. Everything is drawn from one seeded
generator.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from basemodel.phrasings import (
    FOLLOW_UPS,
    FORMS,
    FROM_A_PACKAGE,
    UNSTATED,
    chosen,
    describe_loosely,
    forms_of_description,
    roughen,
    spelled,
)
from engine.evaluation.definitions import Definition, Module
from engine.evaluation.statements import Statement, caller, module_statement, statement
from engine.generation.prompt import Piece, compact_question
from engine.types import Evidence, MissingName, Turn

__all__ = ["Asked", "Corner", "Interview", "QuestionAnswer", "asked_of", "cited_answer"]

REFUSAL = (Piece("<|nothing|>", True),)
UNANSWERABLE_SHARE = 0.2
MISSING_SHARE = 0.03
JOINED_SHARE = 0.1
# How often each kind is tried; many definitions have no docstring, base or reason, so the shares come out otherwise.
_WEIGHTS = {
    "where": 1.5, "what": 4.0, "how": 4.0, "why": 9.0, "which": 4.0, "arguments": 2.0, "default": 4.5, "type": 4.0,
    "bases": 3.5, "returns": 3.0, "raises": 7.0, "callees": 3.5, "callers": 4.0, "difference": 4.0, "summary": 9.0,
}  # fmt: skip
_CONSTRUCTED = frozenset({"arguments", "default", "type"})  # of a class: what its __init__ takes
_TRIES = 12
_LOOKED_AT = 8  # definitions, before another kind is tried
_MOST_CALLERS = 3
_MOST_CITED = 3
_IMPORT = re.compile(r"(?m)^[ \t]*from[ \t]+([A-Za-z_][\w.]*)[ \t]+import[ \t]+\(?([\w ,]+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its right answer as statements, none where nothing here answers it."""

    kind: str
    question: str
    statements: tuple[Statement, ...] = ()
    missing: tuple[MissingName, ...] = ()
    joint: str = ". "  # what stands between two statements


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """What stands behind the evidence: the question's part of the engine's prompt, and the answer."""

    kind: str
    prompt: tuple[Piece, ...]
    answer: tuple[Piece, ...]


@dataclass(slots=True)
class Corner:
    """The part of a repository that definitions are known of."""

    definitions: Mapping[str, Sequence[Definition]]  # by path
    modules: Mapping[str, Module]
    strangers: Sequence[Definition] = ()  # of other repositories: what is asked of them is not answered here
    by_name: dict[str, list[Definition]] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()  # the names that parameters have here

    def __post_init__(self) -> None:
        """Sort the definitions by their last names."""
        for each in self.all():
            self.by_name.setdefault(each.name, []).append(each)
        names = {one.name.lstrip("*") for each in self.all() for one in each.parameters}
        self.parameters = tuple(sorted(names))

    def all(self) -> Iterator[Definition]:
        """Yield every definition."""
        for found in self.definitions.values():
            yield from found

    def maker(self, each: Definition) -> Definition | None:
        """Return what takes the arguments of a definition, under its name: of a class its __init__, None for none."""
        if each.kind != "class":
            return each
        for one in self.by_name.get("__init__", ()):
            if one.path == each.path and one.symbol == f"{each.symbol}.__init__":
                return replace(one, symbol=each.symbol)
        return None


def asked_of(
    kind: str, each: Definition, rng: random.Random, statement_of: Statement, *, whole: bool, follow_up: bool = False
) -> str:
    """Return a question of a kind about a definition, in one of its forms."""
    values = {"x": spelled(each.symbol, each.kind, rng, whole=whole), "k": each.kind, "c": statement_of.detail}
    if kind in ("default", "type"):
        values["p"] = rng.choice(
            [statement_of.detail, f"`{statement_of.detail}`", f"the parameter {statement_of.detail}"]
        )
    if follow_up:
        return chosen(rng.choice(FOLLOW_UPS[kind]), rng).format(**values)
    if kind == "which" and each.sentence is not None:
        values["d"] = describe_loosely(each.sentence.text, rng)
        return chosen(rng.choice(forms_of_description(values["d"])), rng).format(**values)
    return chosen(rng.choice(FORMS[kind]), rng).format(**values)


class Interview:
    """Asks about one set of evidence."""

    def __init__(
        self, evidence: Sequence[Evidence], corner: Corner, rng: random.Random, *, about: Definition | None = None
    ) -> None:
        """Take the evidence; ``about`` is what an earlier turn was about, so that a question may say "it"."""
        self.evidence = sorted(evidence, key=lambda each: each.number)
        self.corner = corner
        self.rng = rng
        self.about = about
        self._lines = {
            (each.chunk.path, line)
            for each in evidence
            for line in range(each.chunk.first_line, each.chunk.last_line + 1)
        }
        self._text = "\n".join(each.chunk.text for each in evidence)
        paths = dict.fromkeys(each.chunk.path for each in self.evidence)
        self.shown = [
            each
            for path in paths
            for each in corner.definitions.get(path, ())
            if self.sees(path, each.name_line) and (not each.name.startswith("__") or each.name == "__init__")
        ]
        self.paths = list(paths)
        names = [each.name for each in self.shown]
        self._unique = {name for name in names if names.count(name) == 1}

    def sees(self, path: str, line: int) -> bool:
        """Return whether a line of a file is in the evidence."""
        return (path, line) in self._lines

    # -- questions ----------------------------------------------------------------------------

    def ask(self) -> Asked | None:
        """Return a question of a kind drawn at random, None when a dozen tries found none."""
        draw = self.rng.random()
        if draw < UNANSWERABLE_SHARE:
            return self.unanswerable()
        if draw < UNANSWERABLE_SHARE + MISSING_SHARE:
            return self._missing()
        if draw < UNANSWERABLE_SHARE + MISSING_SHARE + JOINED_SHARE:
            return self._joined()
        kinds, weights = list(_WEIGHTS), list(_WEIGHTS.values())
        for _ in range(_TRIES):
            kind = self.rng.choices(kinds, weights)[0]
            found = self.of_kind(kind)
            if found is not None:
                return found
        return None

    def of_kind(self, kind: str, each: Definition | None = None) -> Asked | None:
        """Return a question of a kind, about ``each`` or whatever there is."""
        if kind == "callers":
            return self._callers(each.name if each else "")
        if kind in ("difference", "summary"):
            return self.difference() if kind == "difference" else self.summary()
        tried = [each] if each else self.rng.sample(self.shown, min(len(self.shown), _LOOKED_AT))
        for one in tried:
            right = None if kind == "which" and one.name == "__init__" else self.right(kind, one)
            if right is None and kind == "what":
                right = self.right("how", one)  # nobody wrote down what it is for
            if right is not None:
                follow_up = one is self.about and kind in FOLLOW_UPS
                question = asked_of(kind, one, self.rng, right, whole=one.name not in self._unique, follow_up=follow_up)
                return Asked(kind, roughen(question, self.rng), (right,))
        return None

    def right(self, kind: str, each: Definition) -> Statement | None:
        """Return the right answer as far as it can be read in the evidence, None where it cannot."""
        of = self.corner.maker(each) if kind in _CONSTRUCTED else each
        if of is None:
            return None
        detail = ""
        if kind in ("default", "type"):
            has = [one.name for one in of.parameters if (one.default if kind == "default" else one.type)]
            detail = self.rng.choice(has) if has else ""
        if kind == "why" and of.reasons:
            detail = self.rng.choice(of.reasons).code
        found = statement(kind, of, lambda line: self.sees(of.path, line), detail)
        if found is None or not all(self.sees(found.path, line) for span in found.spans for line in span):
            return None
        return found

    def _callers(self, called: str = "") -> Asked | None:
        """Ask who calls ``called``, or whatever is called here by few."""
        calls: dict[str, list[Statement]] = {}
        for each in self.shown:
            if each.kind == "class":
                continue
            for call in each.calls:
                if self.sees(each.path, call.line):
                    calls.setdefault(call.text, []).append(caller(each.symbol, call.text, each.path, call.line))
        fitting = {name: said for name, said in calls.items() if len(said) <= _MOST_CALLERS and len(name) > 3}
        known = [name for name in fitting if name in self.corner.by_name]
        several = [name for name in known if len(fitting[name]) > 1]
        pool = several if several and self.rng.random() < 0.5 else known or list(fitting)
        if called:
            pool = [called] if called in fitting else []
        if not pool:
            return None
        name = self.rng.choice(pool)
        meant = self.corner.by_name.get(name, ())
        symbol, kind = (meant[0].symbol, meant[0].kind) if len(meant) == 1 else (name, "function")
        form = self._form(FORMS["callers"])
        if called and self.about is not None and self.about.name == called:
            form = self._form(FOLLOW_UPS["callers"])
        x = spelled(symbol, kind, self.rng, whole=False)
        said = sorted(fitting[name], key=lambda each: self._numbers(each)[:1])
        return Asked("callers", roughen(form.format(x=x), self.rng), tuple(said), joint=", and ")

    def difference(self, pair: Sequence[Definition] = ()) -> Asked | None:
        """Return what sets two definitions apart, those of ``pair`` or two that stand near each other, if any do."""
        told = [each for each in self.shown if each.sentence and self.sees(each.path, each.sentence.line)]
        if not pair:
            first = self.rng.choice(told) if len(told) > 1 else None
            near = [each for each in told if first and each is not first and _are_near(each, first)]
            others = near or [each for each in told if each is not first]
            pair = (first, self.rng.choice(others)) if first and others else ()
        said = [self.right("what", each) for each in pair if each in told]
        if len(said) < 2 or said[0] is None or said[1] is None or pair[0].symbol == pair[1].symbol:
            return None
        x, y = (spelled(each.symbol, each.kind, self.rng, whole=each.name not in self._unique) for each in pair)
        question = self._form(FORMS["difference"]).format(x=x, y=y)
        return Asked("difference", roughen(question, self.rng), (said[0], said[1]), joint=", while ")

    def summary(self, path: str = "") -> Asked | None:
        """Return what a file is about, ``path`` or any that tells it here."""
        for of in [path] if path else self.rng.sample(self.paths, len(self.paths)):
            module = self.corner.modules.get(of)
            said = module_statement(module, lambda line, of=of: self.sees(of, line)) if module else None  # type: ignore[misc]
            if said is None:
                continue
            last = of.rpartition("/")[2]
            x = self.rng.choice([of, of, f"`{of}`", *([last, last] if last != "__init__.py" else [])])
            return Asked("summary", roughen(self._form(FORMS["summary"]).format(x=x), self.rng), (said,))
        return None

    def _joined(self) -> Asked | None:
        for _ in range(_TRIES):
            if not self.shown:
                return None
            each = self.rng.choice(self.shown)
            pair = self.rng.sample(["where", "what", "arguments", "returns", "raises", "bases"], 2)
            said = [self.right(kind, each) for kind in pair]
            if said[0] is None or said[1] is None:
                continue
            first = asked_of(pair[0], each, self.rng, said[0], whole=each.name not in self._unique).rstrip("?.")
            second = self._form(FOLLOW_UPS[pair[1]]).rstrip("?.")
            second = second[0].lower() + second[1:]
            joint = " " if second.startswith("and ") else " and "
            return Asked("joined", f"{first}{joint}{second}?", (said[0], said[1]))
        return None

    def _form(self, forms: Sequence[str]) -> str:
        return chosen(self.rng.choice(forms), self.rng)

    # -- questions that nothing here answers ----------------------------------------------------

    def unanswerable(self) -> Asked | None:
        """Return a question that the evidence does not answer, of one of several sorts."""
        sorts = [self._elsewhere, self._imported, self._unstated, self._groundless, self._without, self._strange]
        for _ in range(_TRIES):
            question = self.rng.choices(sorts, (5, 2, 2, 3, 4, 4))[0]()
            if question:
                return Asked("unanswerable", roughen(question, self.rng))
        return None

    def _elsewhere(self) -> str:
        """Ask about a definition that is not in the evidence, more often than not one that is named there."""
        named = [call.text for each in self.shown for call in each.calls if self.sees(each.path, call.line)]
        shown = {each.name for each in self.shown}
        named = [name for name in named if name not in shown]
        if named and self.rng.random() < 0.6:
            name = self.rng.choice(named)
            known = self.corner.by_name.get(name, [])
            kind, symbol = (known[0].kind, name) if known else ("function", name)
            asked = [
                "where",
                "what",
                "arguments",
                "returns",
                "raises",
                "how",
                "bases" if name[:1].isupper() else "what",
            ]
            x = spelled(symbol, kind, self.rng, whole=True)
            return self._form(FORMS[self.rng.choice(asked)]).format(x=x)
        every = self.rng.choice(list(self.corner.definitions))
        each = self.rng.choice(self.corner.definitions[every])
        if each in self.shown or each.name in shown or each.name.startswith("__") or each.name in self._text:
            return ""
        about = self.rng.choice(list(_WEIGHTS)[:-3])
        right = statement(about, each)
        return asked_of(about, each, self.rng, right, whole=self.rng.random() < 0.5) if right else ""

    def _unstated(self) -> str:
        if not self.shown:
            return ""
        each = self.rng.choice(self.shown)
        x = spelled(each.symbol, each.kind, self.rng, whole=each.name not in self._unique)
        return self._form(UNSTATED).format(x=x)

    def _groundless(self) -> str:
        """Ask for a reason that nothing gives."""
        found = [each for each in self.shown if each.calls and not each.reasons and each.name != "__init__"]
        if not found:
            return ""
        each = self.rng.choice(found)
        x = spelled(each.symbol, each.kind, self.rng, whole=each.name not in self._unique)
        return self._form(FORMS["reason"]).format(x=x, c=self.rng.choice(each.calls).text)

    def _without(self) -> str:
        """Ask for the default or the type of a parameter that has none, or that is another one's."""
        asked = self.rng.choice(self.shown) if self.shown else None
        each = self.corner.maker(asked) if asked else None
        if asked is None or each is None or not self.sees(each.path, each.signature_last):
            return ""
        kind = self.rng.choice(["default", "type"])
        own = {one.name.lstrip("*") for one in each.parameters}
        bare = [one.name for one in each.parameters if not (one.default if kind == "default" else one.type)]
        others = [one.name for other in self.shown for one in other.parameters]
        draw = self.rng.random()
        names = (
            bare if draw < 0.35 else others if draw < 0.65 else self.rng.choices(self.corner.parameters or ("",), k=4)
        )
        names = [name for name in (one.lstrip("*") for one in names) if draw < 0.35 or name not in own]
        # A docstring may say what the signature does not.
        names = [name for name in names if name and not re.search(rf"(?m)^\W*{re.escape(name)}\W*:", self._text)]
        if not names:
            return ""
        p = self.rng.choice(names)
        x = spelled(asked.symbol, asked.kind, self.rng, whole=asked.name not in self._unique)
        return self._form(FORMS[kind]).format(x=x, p=self.rng.choice([p, f"`{p}`", f"the parameter {p}"]))

    def _imported(self) -> str:
        """Ask about what another package defines, which is only used here."""
        found = [
            (package.partition(".")[0], name)
            for package, names in _IMPORT.findall(self._text)
            for name in re.findall(r"\w+", names)
            if name not in self.corner.by_name and len(name) > 2 and name not in ("import", "as")
        ]
        package = ""
        if found and self.rng.random() < 0.7:
            package, name = self.rng.choice(found)
        else:
            called = {call.text for each in self.shown for call in each.calls if self.sees(each.path, call.line)}
            called = {name for name in called if name not in self.corner.by_name and len(name) > 3}
            if not called:
                return ""
            name = self.rng.choice(sorted(called))
        kind = self.rng.choice(["where", "what", "arguments", "returns", "raises", "how", "default", "type"])
        x = spelled(name, "class" if name[:1].isupper() else "function", self.rng, whole=True)
        if package and self.rng.random() < 0.8:
            x = self._form(FROM_A_PACKAGE).format(x=x, m=package)
        return self._form(FORMS[kind]).format(x=x, p=self.rng.choice(self.corner.parameters or ("name",)))

    def _strange(self) -> str:
        """Ask which part does what only another repository does."""
        told = [each for each in self.corner.strangers if each.sentence and len(each.sentence.text.split()) >= 4]
        if not told:
            return ""
        each = self.rng.choice(told)
        assert each.sentence is not None
        d = describe_loosely(each.sentence.text, self.rng)
        return self._form(forms_of_description(d)).format(k=each.kind, d=d)

    def _missing(self) -> Asked | None:
        """Ask about a name that the engine found to be nowhere in the repository."""
        if not self.corner.strangers:
            return None
        each = self.rng.choice(self.corner.strangers)
        if each.name in self.corner.by_name or each.name in self._text:
            return None
        kind = self.rng.choice(["where", "what", "arguments", "returns", "raises"])
        name = self.rng.choice([each.symbol, each.name])
        question = self._form(FORMS[kind]).format(x=self.rng.choice([name, f"`{name}`"]))
        said = Statement("missing", name, f"There is no `{name}` in this repository", "", ())
        return Asked("missing", roughen(question, self.rng), (said,), (MissingName(name, "symbol"),))

    # -- rendering ------------------------------------------------------------------------------

    def _numbers(self, said: Statement) -> list[int]:
        wanted = {(said.path, line) for first, last in said.spans for line in (first, last)}
        return [
            each.number
            for each in self.evidence
            if any(
                each.chunk.path == path and each.chunk.first_line <= line <= each.chunk.last_line
                for path, line in wanted
            )
        ]

    def written(self, asked: Asked) -> QuestionAnswer:
        """Return the question's part of the prompt and the answer, each statement after what bears it out."""
        prompt = compact_question(asked.question, self.evidence, asked.missing)
        parts = [(each.text, self._numbers(each)[:_MOST_CITED]) for each in asked.statements]
        return QuestionAnswer(asked.kind, prompt, cited_answer(parts, asked.joint))

    def history(self) -> tuple[Turn, ...]:
        """Return an earlier turn about something that is shown, as the user saw it; it becomes what "it" means."""
        for _ in range(_TRIES):
            if not self.shown:
                break
            each = self.rng.choice(self.shown)
            kind = self.rng.choice(["where", "what", "arguments"])
            said = self.right(kind, each)
            if said is not None:
                question = asked_of(kind, each, self.rng, said, whole=True)
                self.about = each
                return (Turn(question, f"{said.text} [1]."),)
        return ()


def cited_answer(parts: Sequence[tuple[str, Sequence[int]]], joint: str) -> tuple[Piece, ...]:
    """Return statements, each behind the numbers of the evidence that bears it out; nothing to state is a refusal."""
    if not parts:
        return REFUSAL
    pieces: list[Piece] = []
    for place, (text, numbers) in enumerate(parts):
        if place and joint == ". ":
            pieces.append(Piece("."))
        pieces += [Piece(f"<|cite_{number}|>", True) for number in numbers]
        pieces.append(Piece(f"{joint.lstrip('.') if place else ''}{text}"))
    return (*pieces, Piece("."))


def _are_near(each: Definition, other: Definition) -> bool:
    """Return whether two definitions are of one kind and stand in one class, else in one file."""
    same = each.path == other.path and (each.kind == "class") == (other.kind == "class")
    return same and each.symbol.rpartition(".")[0] == other.symbol.rpartition(".")[0]
