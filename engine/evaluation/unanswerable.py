"""Questions that a repository does not answer, of five sorts, each checked against its text.

*unstated* asks for what code never says of itself (who wrote it, how fast it is), *unexplained* why something is
called where no comment and no docstring gives a reason, *elsewhere* for a description of what another repository does,
*no_parameter* for the default or the type of a parameter that a definition does not have, and *imported* about a
definition that is named here and stands in another package.
"""

from __future__ import annotations

import ast
import random
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import PurePosixPath

from engine.evaluation.asking import AnswerQuestion, Code, manner
from engine.evaluation.definitions import Definition
from engine.evaluation.phrasings import (
    FORMS,
    FROM_ELSEWHERE,
    INVENTED,
    NO_REASON,
    UNSTATED,
    forms_for,
    loosely,
    mistyped,
    spelled,
)
from engine.languages import is_test
from engine.terms import STOP_WORDS, terms

__all__ = ["SORTS", "Unanswerable"]

SORTS = ("unstated", "unexplained", "elsewhere", "no_parameter", "imported")
_NEAR = 12  # lines around a name in which nothing may answer
_SHORTEST = 4  # characters of a parameter or an import that is asked about
_REASONS = re.compile(r"\b(?:because|since|so that|otherwise|avoid|prevent|order to|needed|ensure|due to|reason|why)\b")
_DOCSTRING = re.compile(r"(\"\"\"|\'\'\').*?\1", re.DOTALL)
_EVERYWHERE = frozenset({"typing", "typing_extensions", "__future__"})


class Unanswerable:
    """Puts questions about one repository that it does not answer."""

    def __init__(self, code: Code, others: Sequence[Code], seed: int) -> None:
        """Take the code, that of other repositories, and what decides which questions are put."""
        self._code = code
        self._others = others
        self._seed = seed

    def ask(self, sort: str, count: int) -> list[AnswerQuestion]:
        """Return up to ``count`` questions of a sort (one of SORTS)."""
        rng = random.Random(f"{self._seed} {self._code.name} {sort}")  # noqa: S311 - a sample, no secret
        makers: dict[str, Callable[[random.Random], Iterator[tuple[str, dict[str, str]]]]] = {
            "unstated": self._unstated,
            "unexplained": self._unexplained,
            "elsewhere": self._elsewhere,
            "no_parameter": self._without_parameter,
            "imported": self._imported,
        }
        found: dict[str, AnswerQuestion] = {}
        order: list[str] = []
        for form, values in makers[sort](rng):
            if len(found) == count:
                break
            how = manner(len(found), rng, order)
            how = how if how == "typo" else "plain"
            question = (mistyped(form, rng) if how == "typo" else form).format(**values)
            found.setdefault(question, AnswerQuestion("unanswerable", question, None, how, sort))
        return list(found.values())

    def _shuffled(self, rng: random.Random) -> list[Definition]:
        return rng.sample(self._code.subjects, len(self._code.subjects))

    def _spelled(self, subject: Definition, rng: random.Random) -> str:
        return spelled(subject, rng, short=self._code.is_unique(subject.name))

    def _unstated(self, rng: random.Random) -> Iterator[tuple[str, dict[str, str]]]:
        forms = list(UNSTATED)
        for number, subject in enumerate(self._shuffled(rng)):
            form = forms[number % len(forms)]
            if not re.search(UNSTATED[form], self._around(subject), re.IGNORECASE):
                yield form, {"x": self._spelled(subject, rng)}

    def _around(self, subject: Definition) -> str:
        """Return the definition, and the lines around every place that names it."""
        whole = re.compile(rf"(?<!\w){re.escape(subject.name)}(?!\w)")
        near = [self._code.source(subject)]
        for text in self._code.files.values():
            if subject.name not in text:
                continue
            lines = text.split("\n")
            for number, line in enumerate(lines):
                if whole.search(line):
                    near.append("\n".join(lines[max(0, number - _NEAR) : number + _NEAR + 1]))
        return "\n".join(near)

    def _unexplained(self, rng: random.Random) -> Iterator[tuple[str, dict[str, str]]]:
        for subject in self._shuffled(rng):
            source = self._code.source(subject)
            if not subject.calls or "#" in source or _REASONS.search(source.lower()):
                continue
            above = self._code.files[subject.path].split("\n")[max(0, subject.first_line - 3) : subject.first_line - 1]
            if any(line.lstrip().startswith("#") for line in above):
                continue
            called = rng.choice(subject.calls).text
            if called == subject.name:
                continue
            yield rng.choice(NO_REASON), {"x": self._spelled(subject, rng), "c": called}

    def _elsewhere(self, rng: random.Random) -> Iterator[tuple[str, dict[str, str]]]:
        """Describe what the others do, then what hardly anybody does."""
        foreign = [each for other in self._others for each in other.subjects if each.sentence]
        described: list[tuple[str, str, str]] = [
            (each.name, each.kind, loosely(each.sentence.text, rng))
            for each in rng.sample(foreign, len(foreign))
            if each.sentence and len(each.sentence.text.split()) >= 4
        ]
        described += [("", "function", text) for text in rng.sample(INVENTED, len(INVENTED))]
        for name, kind, text in described:
            if name.lower() not in self._code.vocabulary and self._is_foreign(text):
                yield rng.choice(forms_for("which", text)), {"k": kind, "d": text}

    def _is_foreign(self, description: str) -> bool:
        """Return whether at least two words of a description, and half of them, stand nowhere here."""
        words = set(terms(description)) - STOP_WORDS
        unknown = [word for word in words if word not in self._code.vocabulary]
        return len(unknown) >= 2 and 2 * len(unknown) >= len(words)

    def _without_parameter(self, rng: random.Random) -> Iterator[tuple[str, dict[str, str]]]:
        names = sorted(
            {
                one.name
                for each in self._code.definitions
                for one in each.parameters
                if len(one.name) >= _SHORTEST and one.name[0].islower() and not is_test(each.path)
            }
        )
        for subject in self._shuffled(rng):
            maker = self._code.maker(subject)
            if maker is None or not maker.parameters or any("*" in one.name for one in maker.parameters):
                continue
            source = f"{self._code.source(subject)}\n{self._code.source(maker)}"
            strange = [name for name in names if name not in source]
            if strange:
                name = rng.choice(strange)
                form = rng.choice([*FORMS["default"], *FORMS["type"]])
                yield form, {"x": self._spelled(subject, rng), "p": rng.choice([name, f"`{name}`"])}

    def _imported(self, rng: random.Random) -> Iterator[tuple[str, dict[str, str]]]:
        found = self._imports
        # What other people wrote comes first: of the standard library a model may know something by heart.
        found = sorted(rng.sample(found, len(found)), key=lambda each: each[0] in sys.stdlib_module_names)
        for package, name in found:
            form = rng.choice(FROM_ELSEWHERE)
            if form.startswith("What should I catch") and name[:1].isupper():
                form = FROM_ELSEWHERE[0]
            yield form, {"x": rng.choice([name, f"`{name}`"]), "m": package}

    @cached_property
    def _imports(self) -> list[tuple[str, str]]:
        """Return (package, name) for what is imported from elsewhere and described nowhere here."""
        own = {part for path in self._code.files for part in (*PurePosixPath(path).parts, PurePosixPath(path).stem)}
        prose = self._prose()
        found: set[tuple[str, str]] = set()
        for path in self._code.python:
            if is_test(path):
                continue
            for node in _import_nodes(self._code.files[path]):
                package = (node.module or "").partition(".")[0]
                if node.level or not package or package in own or package in _EVERYWHERE:
                    continue
                found.update((package, alias.name) for alias in node.names if alias.asname in (None, alias.name))
        return sorted(
            (package, name)
            for package, name in found
            if len(name) >= _SHORTEST
            and not self._code.table.definitions(name)
            and not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", prose)
        )

    def _prose(self) -> str:
        """Return what is written for people: documents, comments and docstrings."""
        parts = [text for path, text in self._code.files.items() if not path.endswith(".py")]
        for path in self._code.python:
            text = self._code.files[path]
            parts += re.findall(r"#.*", text)
            parts += [match.group() for match in _DOCSTRING.finditer(text)]
        return "\n".join(parts)


def _import_nodes(text: str) -> list[ast.ImportFrom]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in other people's code
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
