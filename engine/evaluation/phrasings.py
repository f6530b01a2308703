"""How the questions of ``evaluate answers`` are put. The bundled model is never trained on any of these forms.

``{x}`` and ``{y}`` are definitions or files, ``{k}`` a kind of definition, ``{p}`` a parameter, ``{c}`` code, ``{d}`` a
description, ``{m}`` a package. A test holds them apart from the forms of the training data.
"""

from __future__ import annotations

import random
import re

from engine.evaluation.definitions import Definition
from engine.generation.sentences import describe

__all__ = ["FOLLOW_UPS", "FORMS", "TWO_PARTS", "UNSTATED", "forms_for", "loosely", "mistyped", "spelled", "templates"]

FORMS: dict[str, tuple[str, ...]] = {
    "where": (
        "I need to change {x}. Which file do I open?",
        "any idea in what file {x} sits?",
        "Point me to the source file of {x}.",
        "which source file has {x}?",
        "{x}: what's its file?",
    ),
    "what": (
        "What's {x} supposed to do?",
        "I keep running into {x}. What is its role?",
        "In one sentence, what is {x} responsible for?",
        "what's the point of {x}?",
        "Give me the gist of {x}.",
        "Could you say briefly what {x} is there for?",
    ),
    "how": (
        "How is {x} put together?",
        "What steps does {x} go through?",
        "How exactly does {x} get things done?",
        "Take me through the body of {x}.",
        "{x}: what happens inside, in order?",
    ),
    "why": (
        "{x} contains `{c}`. How come?",
        "I'm reading {x}: what's the `{c}` good for?",
        "Is there a reason why {x} has the line `{c}`?",
        "Could `{c}` be dropped from {x}? What was it put there for?",
        "Why do we need `{c}` inside {x}?",
    ),
    "which": (
        "I'm after the {k} with this job: {d}. What's it called?",
        "What's the name of the {k} that fits this: {d}?",
        "Does this code base have a {k} to {d}?",
        "Looking for the {k} that would {d}.",
        "Which {k} here would you reach for to {d}?",
    ),
    "arguments": (
        "What can I hand to {x}?",
        "What goes between the parentheses of {x}?",
        "which params does {x} want?",
        "What has to be supplied when calling {x}?",
        "Names of all arguments of {x}, please.",
    ),
    "default": (
        "Which value does {p} of {x} have unless I set it?",
        "What does {x} fall back to for {p}?",
        "When {p} isn't given, what does {x} assume?",
        "{x}: what's {p} when omitted?",
        "I don't want to set {p} when calling {x}. What will it be then?",
    ),
    "type": (
        "What sort of object should I give {x} as {p}?",
        "Which annotation does {p} carry in {x}?",
        "{p} in {x}: of what type must it be?",
        "As what type is {p} declared in {x}?",
        "what should {p} be an instance of when I call {x}?",
    ),
    "returns": (
        "What will {x} hand me back?",
        "What's the result of calling {x}?",
        "which expression is returned from {x}?",
        "After a call to {x}, what do I hold in my hands?",
        "{x} gives back what exactly?",
    ),
    "raises": (
        "Which exceptions does {x} throw?",
        "What should I catch when I call {x}?",
        "Does {x} raise anything, and if so what?",
        "I wrap {x} in try/except. Which exceptions go there?",
        "what errors might come up from {x}?",
    ),
    "bases": (
        "What does {x} subclass?",
        "{x} is a subclass of what?",
        "On top of which class is {x} built?",
        "What's the superclass of {x}?",
        "which parent does {x} have?",
    ),
    "callers": (
        "From where is {x} invoked?",
        "Which code relies on {x}?",
        "If I change {x}, who is affected?",
        "Who invokes {x}?",
        "Where do we make use of {x}?",
    ),
    "callees": (
        "Which other functions does {x} invoke?",
        "What gets called when {x} runs?",
        "To what does {x} delegate its work?",
        "On which functions does {x} rely?",
        "what is invoked by {x}?",
    ),
    "difference": (
        "What sets {x} apart from {y}?",
        "I mix up {x} and {y}. What does either do?",
        "There's {x} and there's {y}. What's each for?",
        "Should I use {x} or {y}? What is the distinction?",
        "in what way is {x} not the same as {y}?",
    ),
    "summary": (
        "I just opened {x}. What's it for?",
        "What would I find in {x}?",
        "What is the main thing in {x}?",
        "Sum up {x} in one sentence.",
        "what's the file {x} all about?",
    ),
}

# After one turn about the same definition.
FOLLOW_UPS: dict[str, tuple[str, ...]] = {
    "where": ("and in what file does it sit?", "Which file would I open for it?"),
    "what": ("and what's its role?", "OK. And what's it there for?"),
    "how": ("and what steps does it go through?", "How does it get that done?"),
    "arguments": ("and what can I hand to it?", "Which params does it want?"),
    "default": ("and {p}, what's that when omitted?", "What does it assume for {p} if I don't set it?"),
    "type": ("and what sort of object is {p}?", "Of what type must {p} be?"),
    "returns": ("and what will it hand me back?", "What's the result of calling it?"),
    "raises": ("and which exceptions does it throw?", "What should I catch when I call it?"),
    "bases": ("and what does it subclass?", "On top of which class is it built?"),
    "callers": ("and who invokes it?", "If I change it, who is affected?"),
    "callees": ("and which other functions does it invoke?", "What gets called when it runs?"),
    "why": ("It contains `{c}`. How come?", "and what's the `{c}` in there good for?"),
}

# The second half of a question about one definition: {first} is a question of another kind.
TWO_PARTS: dict[str, str] = {
    "where": "in what file does it sit",
    "arguments": "what can I hand to it",
    "returns": "what will it hand me back",
    "raises": "which exceptions does it throw",
    "bases": "what does it subclass",
}

# Form -> the words that would answer it: where one of them stands beside the name, the question is not asked.
UNSTATED: dict[str, str] = {
    "Who is the author of {x}?": r"author|written by|credit|copyright|contribut",
    "How many milliseconds does {x} take on average?": r"millisecond|\bms\b|benchmark|profil|fast|slow",
    "When was {x} deprecated?": r"deprecat",
    "Which customer depends on {x}?": r"customer|client|user",
    "What was the name of {x} before it was renamed?": r"renam|formerly|previous|old name|alias",
    "In what year did {x} first appear?": r"\b(?:19|20)\d\d\b|since|version|added in",
    "Which bug report made somebody write {x}?": r"issue|bug|ticket|#\d|\bgh-",
    "How many bytes of memory does {x} need?": r"memory|\bbytes?\b",
    "Who approved the last change to {x}?": r"approv|review|maintain",
    "How often is {x} called a day in production?": r"per day|production|frequen|often",
    "Which research paper is {x} based on?": r"paper|et al|arxiv|algorithm|doi",
    "On what date will {x} be dropped?": r"deprecat|remov|drop",
    "Which team looks after {x}?": r"team|maintain|owner",
    "What did {x} look like in the first release?": r"release|version|originally|histor",
    "How much of {x} is reached by the test suite?": r"coverage|pragma|cover",
}

NO_REASON = (
    "Why does {x} go through `{c}`?",
    "What made the authors put `{c}` into {x}?",
    "Why `{c}` in {x} and not something else?",
    "For what reason does {x} rely on `{c}`?",
)
FROM_ELSEWHERE = (
    "What's {x} of {m} supposed to do?",
    "How is {x}, the one that comes with {m}, put together?",
    "We import {x} from {m}. What steps does it go through?",
    "What should I catch when I call {x} of {m}?",
)
# What no repository does that is likely to be measured; asked where there is only one.
INVENTED = (
    "compute the tide table of a harbour",
    "convert a chess position into Forsyth notation",
    "estimate the crop yield of a wheat field",
    "tune a piano by stretching octaves",
    "schedule the night shifts of nurses",
    "fold a protein backbone from its residues",
    "plan the route of a snowplough",
    "grade diamonds by clarity and carat",
    "simulate the spread of a forest fire",
    "match kidney donors with recipients",
    "price an insurance policy for racehorses",
    "render sheet music from a melody",
    "dose insulin from glucose readings",
    "detect volcanic tremors in seismograms",
    "brew espresso at nine bars",
    "fill in a tax return for expatriates",
    "knit a sweater pattern to measurements",
    "track migrating geese by satellite",
    "balance the load of a freight aircraft",
    "translate hieroglyphs into Coptic",
    "referee a tennis tie-break",
    "calibrate a telescope mirror",
    "mix house paint to a swatch",
    "ferment sourdough overnight",
    "draw the family tree of a dynasty",
    "steer a submarine through a strait",
    "assay gold ore from drill cores",
    "harvest honey from beehives",
    "restring a violin bow",
    "forecast avalanches on a slope",
)

_WORD = re.compile(r"(?<![`\w{./])[a-z]{5,}(?![\w`}./(])")


def templates() -> tuple[str, ...]:
    """Return every form of a question that is used here."""
    halves = [f"{second}?" for second in TWO_PARTS.values()]
    kinds = [form for forms in (*FORMS.values(), *FOLLOW_UPS.values()) for form in forms]
    return (*kinds, *halves, *UNSTATED, *NO_REASON, *FROM_ELSEWHERE)


def spelled(definition: Definition, rng: random.Random, *, short: bool) -> str:
    """Return a definition's name in one of the ways people write it; ``short``: its last part alone would do."""
    name = definition.name if short and rng.random() < 0.5 else definition.symbol
    if name.isalpha() and name.islower():  # a plain word is no name unless it is marked as one
        return f"`{name}`" if definition.kind == "class" or rng.random() < 0.5 else f"{name}()"
    return rng.choice([f"`{name}`", name, name, name if definition.kind == "class" else f"{name}()"])


def loosely(sentence: str, rng: random.Random) -> str:
    """Return a docstring's sentence as somebody says it who has not read it: a word in eight is missing."""
    first, *words = sentence.split()
    kept = [word for word in words if len(words) < 5 or rng.random() > 0.125]
    return " ".join([first.lower() if first[1:].islower() else first, *kept])


def forms_for(kind: str, description: str = "") -> tuple[str, ...]:
    """Return the forms of a kind that a description can stand in: not every one begins with a plain verb."""
    said = describe("it", description).split(" ") if description else ["", ""]
    if kind != "which" or (said[0] == "`it`" and said[1] not in ("is", description.split(" ", maxsplit=1)[0])):
        return FORMS[kind]
    return tuple(form for form in FORMS[kind] if ": {d}" in form)


def mistyped(form: str, rng: random.Random) -> str:
    """Return a form with two neighbouring letters exchanged, or one left out, in an ordinary word."""
    words = list(_WORD.finditer(form))
    if not words:
        return form
    found = rng.choice(words)
    word = found.group()
    swaps = [at for at in range(1, len(word) - 1) if word[at] != word[at + 1]]
    if rng.random() < 0.5 and swaps:
        at = rng.choice(swaps)
        word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    else:
        at = rng.randrange(1, len(word) - 1)
        word = word[:at] + word[at + 1 :]
    return form[: found.start()] + word + form[found.end() :]
