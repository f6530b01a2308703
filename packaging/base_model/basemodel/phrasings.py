"""How a question is put: the forms that the model is trained on. Those that it is measured with are others.

``{x}`` is a definition, ``{p}`` a parameter, ``{c}`` a line of code, ``{d}`` a description, ``{y}`` another definition,
``{m}`` a package. Of ``[a|b|c]`` one is said, which makes some eighty thousand: a model that saw a hundred took every
other for a question that it did not know.
"""

from __future__ import annotations

import random
import re
from functools import lru_cache

from basemodel.forms import places, plain, purposes, reasons, relations, results, signatures
from engine.generation.sentences import is_verb

__all__ = [
    "FOLLOW_UPS",
    "FORMS",
    "FROM_A_PACKAGE",
    "UNSTATED",
    "chosen",
    "describe_loosely",
    "forms_of_description",
    "roughen",
    "spelled",
]

_PARTS = (plain.FORMS, places.FORMS, purposes.FORMS, reasons.FORMS, results.FORMS, signatures.FORMS, relations.FORMS)
FORMS: dict[str, tuple[str, ...]] = {
    kind: tuple(form for part in _PARTS for form in part.get(kind, ())) for kind in plain.FORMS
}
FOLLOW_UPS: dict[str, tuple[str, ...]] = {
    kind: (*plain.FOLLOW_UPS.get(kind, ()), *forms) for kind, forms in relations.FOLLOW_UPS.items()
}
UNSTATED = (*plain.UNSTATED, *relations.UNSTATED)
FROM_A_PACKAGE = (  # a name that another package defines
    "{x} [of|from|in|out of] [|the package |the library |the module ]{m}",
    "{x} ([from|of|in] {m})",
    "{m}'s {x}",
    "{x}, which [is imported from|belongs to|is part of|is in] {m}[|,]",
)

_FIRST_WORDS = frozenset("What Which Where How Who Why When Explain Describe Compare Show Tell Give List Find".split())
_SYNONYMS = {
    "return": ("get", "give back"), "create": ("make", "build"), "compute": ("calculate", "work out"),
    "remove": ("delete", "take away"), "get": ("fetch", "return"), "check": ("test", "verify"),
    "convert": ("turn", "transform"), "find": ("look for", "locate"), "read": ("load",), "write": ("store", "save"),
    "determine": ("find out",), "generate": ("produce", "make"), "set": ("change",), "add": ("insert", "put in"),
    "update": ("change", "refresh"), "parse": ("read",), "build": ("create", "construct"), "apply": ("use",),
    "whether": ("if",), "given": ("certain",), "list": ("sequence",), "object": ("instance",),
}  # fmt: skip


_OF_ANYTHING = re.compile(r"(?:^|: |[\"'“(]){d}")  # a description fits there that is no order


@lru_cache(maxsize=1)
def _forms_of_anything() -> tuple[str, ...]:
    return tuple(form for form in FORMS["which"] if _OF_ANYTHING.search(form))


def forms_of_description(description: str) -> tuple[str, ...]:
    """Return the forms of *which* that a description fits in: only one that is an order stands behind "to"."""
    return FORMS["which"] if is_verb(description.partition(" ")[0].lower()) else _forms_of_anything()


_CHOICE = re.compile(r"\[([^\]]*)\]")


def chosen(form: str, rng: random.Random) -> str:
    """Return a form with one of each ``[a|b|c]``."""
    return _CHOICE.sub(lambda match: rng.choice(match.group(1).split("|")), form)


def spelled(symbol: str, kind: str, rng: random.Random, *, whole: bool) -> str:
    """Return a definition's name in one of the ways people write it; ``whole``: not by its last part alone."""
    last = symbol.rpartition(".")[2]
    name = symbol if whole or rng.random() < 0.5 else last
    call = "" if kind == "class" else "()"
    return rng.choice([f"`{name}`", name, name, f"`{name}{call}`", f"{name}{call}", f"the {kind} {name}"])


def describe_loosely(sentence: str, rng: random.Random) -> str:
    """Return a docstring's sentence as somebody would put it who has not read it: words missing, others replaced."""
    words = sentence.split()
    first = words[0]
    if first[1:].islower() or len(first) == 1:
        words[0] = first.lower()
    kept = []
    for word in words:
        if len(words) > 5 and rng.random() < 0.14:
            continue
        others = _SYNONYMS.get(word)
        kept.append(rng.choice(others) if others and rng.random() < 0.4 else word)
    return " ".join(kept)


_PLAIN_WORD = re.compile(r"(?<![`\w./])[a-z]{5,}(?![\w`./(])")


def roughen(question: str, rng: random.Random) -> str:
    """Return the question as it is typed in a hurry, now and then: no capital, no mark, letters swapped, an opening."""
    draw = rng.random()
    if draw < 0.2 and question.split(" ", 1)[0] in _FIRST_WORDS:
        question = question[0].lower() + question[1:]
    if draw < 0.08 or draw > 0.95:
        question = question.rstrip("?.")
    if 0.12 <= draw < 0.2:
        question = rng.choice(relations.OPENINGS) + question
    if 0.2 <= draw < 0.34:
        words = list(_PLAIN_WORD.finditer(question))
        if words:
            found = rng.choice(words)
            slipped = _slip(found.group(), rng)
            question = f"{question[: found.start()]}{slipped}{question[found.end() :]}"
    return question


def _slip(word: str, rng: random.Random) -> str:
    """Return a word of at least five letters with two of them swapped, one left out or one typed twice."""
    at = rng.randrange(1, len(word) - 2)
    slips = (f"{word[at + 1]}{word[at]}{word[at + 2 :]}", word[at + 1 :], f"{word[at]}{word[at:]}")
    return word[:at] + rng.choices(slips, (2, 1, 1))[0]
