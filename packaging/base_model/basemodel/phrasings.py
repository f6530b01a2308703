"""How a question is put: the forms that the model is trained on. Those that it is measured with are others.

``{x}`` is a definition, ``{p}`` a parameter, ``{c}`` a line of code, ``{d}`` a description, ``{y}`` another one.
"""

from __future__ import annotations

import random
import re

__all__ = ["FOLLOW_UPS", "FORMS", "UNSTATED", "describe_loosely", "roughen", "spelled"]

FORMS: dict[str, tuple[str, ...]] = {
    "where": (
        "Where is {x} defined?", "Which file defines {x}?", "Where can I find {x}?", "Where does {x} live?",
        "In which file is {x}?", "Where is {x} implemented?", "Show me where {x} is.", "What is the location of {x}?",
        "Which module holds {x}?", "I am looking for {x}, where is it?", "Find the definition of {x}.",
        "where do I find {x}",
    ),
    "what": (
        "What does {x} do?", "What is {x}?", "What is {x} for?", "Explain {x}.", "What is the purpose of {x}?",
        "Describe {x}.", "What happens in {x}?", "Tell me about {x}.", "What is the job of {x}?",
        "Can you explain what {x} does?", "What do I need {x} for?", "Give me a short description of {x}.",
    ),
    "how": (
        "How does {x} work?", "How is {x} implemented?", "Explain how {x} works.", "What does {x} do internally?",
        "How does {x} do its job?", "Walk me through {x}.", "What are the steps of {x}?",
        "How does {x} get its result?", "What goes on inside {x}?",
    ),
    "why": (
        "Why does {x} do `{c}`?", "Why is there `{c}` in {x}?", "What is `{c}` for in {x}?",
        "What is the reason for `{c}` in {x}?", "Why is `{c}` needed in {x}?", "Why the line `{c}` in {x}?",
    ),
    "which": (
        "Which {k} is used to {d}?", "Where does the code {d}?", "How do I {d}?", "{d}: where is that done?",
        "Which part of the code is meant to {d}?", "What is there to {d}?", "Is there something to {d}?",
        "Which {k} should I use to {d}?", "I want to {d}, what do I call?", "What can {d}?",
        "Which {k} is responsible for this: {d}?",
    ),
    "arguments": (
        "What arguments does {x} take?", "What parameters does {x} accept?", "How do I call {x}?",
        "Which arguments can I pass to {x}?", "What is the signature of {x}?", "What does {x} take?",
        "List the parameters of {x}.", "What do I have to pass to {x}?", "Which inputs does {x} need?",
    ),
    "default": (
        "What is the default of {p} in {x}?", "What is {p} in {x} by default?", "Which default does {x} use for {p}?",
        "What value has {p} of {x} if I leave it out?", "What does {p} default to in {x}?",
        "If I do not pass {p} to {x}, what is used?",
    ),
    "type": (
        "What type is {p} in {x}?", "Which type does {x} expect for {p}?", "What is the type of {p} of {x}?",
        "What kind of value is {p} in {x}?", "How is {p} annotated in {x}?",
    ),
    "bases": (
        "What does {x} inherit from?", "What is the base class of {x}?", "Which class does {x} extend?",
        "What are the bases of {x}?", "Which class is {x} derived from?", "What is the parent of {x}?",
    ),
    "returns": (
        "What does {x} return?", "What is the return value of {x}?", "What do I get back from {x}?",
        "What comes out of {x}?", "Which value does {x} give back?",
    ),
    "raises": (
        "What does {x} raise?", "Which errors can {x} raise?", "Which exception comes from {x}?",
        "What happens when {x} fails?", "Which exceptions must I expect from {x}?", "Which errors do I have to catch "
        "around {x}?",
    ),
    "callees": (
        "What does {x} call?", "Which functions does {x} use?", "What is called in {x}?",
        "Which other functions does {x} call?", "What does {x} depend on?",
    ),
    "callers": (
        "Who calls {x}?", "What calls {x}?", "Where is {x} used?", "Which functions call {x}?", "Where is {x} called?",
        "What uses {x}?", "Find the callers of {x}.",
    ),
    "difference": (
        "What is the difference between {x} and {y}?", "How do {x} and {y} differ?", "Compare {x} and {y}.",
        "{x} or {y}, what is the difference?", "How is {x} different from {y}?", "When {x} and when {y}?",
    ),
    "summary": (
        "Summarise {x}.", "What is {x} about?", "What is in {x}?", "Give me an overview of {x}.",
        "What does the file {x} contain?", "Explain the file {x}.", "What is the module {x} for?",
    ),
    "reason": (  # asked where nothing gives one
        "Why does {x} call `{c}`?", "Why is `{c}` used in {x}?", "Why was `{c}` chosen in {x}?",
        "What is the reason that {x} uses `{c}`?",
    ),
}  # fmt: skip

FOLLOW_UPS: dict[str, tuple[str, ...]] = {
    "where": ("And where is it defined?", "Where is that?", "Which file is it in?", "where is it"),
    "what": ("And what does it do?", "What is it for?", "Explain it.", "what does it do"),
    "how": ("How does it work?", "And how does it do that?", "How does it work inside?"),
    "arguments": ("And what arguments does it take?", "What do I pass to it?", "Its parameters?"),
    "returns": ("And what does it return?", "What do I get back?", "What does that return?"),
    "raises": ("And what does it raise?", "Can it raise anything?", "Which errors can it raise?"),
    "bases": ("And what does it inherit from?", "What is its base class?"),
    "callees": ("And what does it call?", "What does it use?"),
}

UNSTATED = (  # what code does not say about itself
    "Who wrote {x}?", "When was {x} added?", "How fast is {x}?", "Which version introduced {x}?",
    "How many people use {x}?", "Is {x} covered by tests?", "Will {x} be removed soon?", "What does {x} cost?",
    "Which ticket led to {x}?", "Has {x} ever had a security problem?", "How much memory does {x} need?",
    "Which company asked for {x}?", "What was {x} called before?", "On which machine does {x} run in production?",
    "What is the time complexity of {x}?", "Who reviewed {x}?", "When will {x} be finished?",
)  # fmt: skip

_OPENINGS = ("Can you tell me: ", "Quick question: ", "Please: ", "Hi, ", "I wonder: ")
_FIRST_WORDS = frozenset("What Which Where How Who Why When Explain Describe Compare Show Tell Give List Find".split())
_SYNONYMS = {
    "return": ("get", "give back"), "create": ("make", "build"), "compute": ("calculate", "work out"),
    "remove": ("delete", "take away"), "get": ("fetch", "return"), "check": ("test", "verify"),
    "convert": ("turn", "transform"), "find": ("look for", "locate"), "read": ("load",), "write": ("store", "save"),
    "determine": ("find out",), "generate": ("produce", "make"), "set": ("change",), "add": ("insert", "put in"),
    "update": ("change", "refresh"), "parse": ("read",), "build": ("create", "construct"), "apply": ("use",),
    "whether": ("if",), "given": ("certain",), "list": ("sequence",), "object": ("instance",),
}  # fmt: skip


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
        question = rng.choice(_OPENINGS) + question
    if 0.2 <= draw < 0.28:
        words = list(_PLAIN_WORD.finditer(question))
        if words:
            found = rng.choice(words)
            at = found.start() + rng.randrange(1, len(found.group()) - 2)
            question = f"{question[:at]}{question[at + 1]}{question[at]}{question[at + 2 :]}"
    return question
