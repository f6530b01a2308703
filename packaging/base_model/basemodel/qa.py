"""Definitions -> questions with evidence and an answer that cites it, rendered as the engine renders them.

The first version of the model must already answer in form: cite the block that says it, and say that
the repository does not say when none does. Everything is drawn from one seeded generator.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from basemodel.definitions import Definition
from engine.generation.prompt import Piece, compact_prompt, show_citations
from engine.types import Evidence, MissingName, Turn

__all__ = ["UNANSWERABLE", "Example", "examples"]

UNANSWERABLE = "The repository does not say."
UNANSWERABLE_SHARE = 0.12
MISSING_SHARE = 0.04
CALLERS_SHARE = 0.2  # of questions; asked where a caller is known
HISTORY_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class Example:
    """One question-answer document: the engine's prompt and the answer that follows it."""

    kind: str
    prompt: tuple[Piece, ...]
    answer: tuple[Piece, ...]  # citation tokens are special pieces
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question about one definition; ``answer`` has no citation yet."""

    kind: str
    question: str
    answer: str


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _spelled(each: Definition, rng: random.Random) -> str:
    """Return a definition's name in one of the ways people write it."""
    full, kind = each.chunk.symbol, each.chunk.kind
    name = full if rng.random() < 0.6 else each.name
    call = "" if kind == "class" else "()"
    return rng.choice([f"`{name}`", name, name, f"`{name}{call}`", f"{name}{call}", f"the {kind} {name}"])


def _lower(sentence: str) -> str:
    """Return a docstring's sentence as it reads in the middle of another one."""
    first = sentence.split(" ", 1)[0]
    plain = first[1:].islower() or len(first) == 1
    return sentence[0].lower() + sentence[1:] if plain else sentence


def _where(each: Definition, rng: random.Random) -> _Asked | None:
    x = _spelled(each, rng)
    forms = ["Where is {} defined?", "Which file defines {}?", "Where can I find {}?", "Where does {} live?"]
    forms += ["In which file is {}?", "where is {}", "Where is {} implemented?"]
    answer = f"`{each.chunk.symbol}` is defined in `{each.chunk.path}`"
    return _Asked("where", rng.choice(forms).format(x), answer)


def _what(each: Definition, rng: random.Random) -> _Asked | None:
    if not each.sentence:
        return None
    x = _spelled(each, rng)
    forms = ["What does {} do?", "What is {}?", "What is {} for?", "Explain {}.", "what does {} do"]
    forms += ["How does {} work?", "What is the purpose of {}?", "Describe {}."]
    if each.chunk.kind == "class":
        forms = [form for form in forms if "work" not in form]
    return _Asked("what", rng.choice(forms).format(x), f"`{each.chunk.symbol}`: {_lower(each.sentence)}")


def _arguments(each: Definition, rng: random.Random) -> _Asked | None:
    if each.chunk.kind == "class" or len(each.parameters) > 8:
        return None
    x = _spelled(each, rng)
    forms = ["What arguments does {} take?", "What parameters does {} accept?", "How do I call {}?"]
    forms += ["Which arguments can I pass to {}?", "What is the signature of {}?"]
    what = _listed(each.parameters) if each.parameters else "no arguments"
    return _Asked("arguments", rng.choice(forms).format(x), f"`{each.chunk.symbol}` takes {what}")


def _default(each: Definition, rng: random.Random) -> _Asked | None:
    if not each.defaults:
        return None
    name, value = rng.choice(each.defaults)
    x = _spelled(each, rng)
    forms = ["What is the default of {p} in {x}?", "What is {p} in {x} by default?"]
    forms += ["Which default does {x} use for {p}?"]
    question = rng.choice(forms).format(p=rng.choice([name, f"`{name}`"]), x=x)
    return _Asked("default", question, f"`{name}` defaults to `{value}` in `{each.chunk.symbol}`")


def _inherits(each: Definition, rng: random.Random) -> _Asked | None:
    if each.chunk.kind != "class" or not each.bases:
        return None
    x = _spelled(each, rng)
    forms = ["What does {} inherit from?", "What is the base class of {}?", "Which class does {} extend?"]
    forms += ["What are the bases of {}?", "Which class is {} derived from?"]
    answer = f"`{each.chunk.symbol}` inherits from {_listed(each.bases)}"
    return _Asked("inherits", rng.choice(forms).format(x), answer)


def _which(each: Definition, rng: random.Random) -> _Asked | None:
    words = _lower(each.sentence).split()
    if not 4 <= len(words) <= 16:
        return None
    kept = [word for word in words if rng.random() > 0.12]  # nobody quotes a docstring exactly
    forms = ["Which {k} is used to {d}?", "Where does the code {d}?", "How do I {d}?", "{d}: where is that done?"]
    forms += ["Which part of the code is meant to {d}?", "What is there to {d}?"]
    question = rng.choice(forms).format(k=each.chunk.kind, d=" ".join(kept))
    return _Asked("which", question, f"`{each.chunk.symbol}` in `{each.chunk.path}` does that")


def _returns(each: Definition, rng: random.Random) -> _Asked | None:
    if not each.returns:
        return None
    forms = ["What does {} return?", "What is the return value of {}?", "What do I get back from {}?"]
    answer = f"`{each.chunk.symbol}` returns `{each.returns}`"
    return _Asked("returns", rng.choice(forms).format(_spelled(each, rng)), answer)


def _raises(each: Definition, rng: random.Random) -> _Asked | None:
    if not each.raises:
        return None
    forms = ["What does {} raise?", "Which errors can {} raise?", "Which exception comes from {}?"]
    forms += ["What happens when {} fails?", "Which exceptions must I expect from {}?"]
    answer = f"`{each.chunk.symbol}` raises {_listed(each.raises)}"
    return _Asked("raises", rng.choice(forms).format(_spelled(each, rng)), answer)


def _calls(each: Definition, rng: random.Random) -> _Asked | None:
    if not 1 <= len(each.calls) <= 6:
        return None
    forms = ["What does {} call?", "Which functions does {} use?", "What is called in {}?"]
    answer = f"`{each.chunk.symbol}` calls {_listed(each.calls)}"
    return _Asked("calls", rng.choice(forms).format(_spelled(each, rng)), answer)


def _why(each: Definition, rng: random.Random) -> _Asked | None:
    if not each.reasons:
        return None
    code, reason = rng.choice(each.reasons)
    x = _spelled(each, rng)
    forms = ["Why does {x} do `{c}`?", "Why is there `{c}` in {x}?", "What is `{c}` for in {x}?"]
    return _Asked("why", rng.choice(forms).format(x=x, c=code), reason)


_Ask = Callable[[Definition, random.Random], "_Asked | None"]
_KINDS: tuple[tuple[_Ask, float], ...] = (
    (_where, 3.0),
    (_what, 4.0),
    (_arguments, 2.0),
    (_default, 1.0),
    (_inherits, 2.0),
    (_which, 4.0),
    (_returns, 1.5),
    (_raises, 1.5),
    (_calls, 1.0),
    (_why, 1.0),
)
_TRIES = 12


def _draw(pool: Sequence[Definition], rng: random.Random) -> tuple[Definition, _Asked]:
    """Return a question and the definition that answers it.

    The kind is drawn first: most definitions have no docstring, base or reason to ask about, and
    would otherwise fill the set with "where is".
    """
    ask = rng.choices([ask for ask, _ in _KINDS], [weight for _, weight in _KINDS])[0]
    for _ in range(_TRIES):
        target = rng.choice(pool)
        asked = ask(target, rng)
        if asked:
            return target, asked
    found = _where(target, rng)
    assert found is not None  # every definition is somewhere
    return target, found


def _numbered(wanted: list[Definition], others: list[Definition], rng: random.Random) -> list[Evidence]:
    """Number the evidence by relevance: the wanted blocks first more often than not, as a retriever would."""
    mixed = [*wanted, *others]
    if rng.random() < 0.45:
        rng.shuffle(mixed)
    return [Evidence(number, each.chunk) for number, each in enumerate(mixed, start=1)]


def _number_of(each: Definition, evidence: Sequence[Evidence]) -> int:
    return next(item.number for item in evidence if item.chunk is each.chunk)


def _cited(statements: Sequence[tuple[str, int]]) -> tuple[Piece, ...]:
    """Return statements, each followed by its citation token, as one sentence."""
    pieces: list[Piece] = []
    for place, (text, number) in enumerate(statements):
        pieces.append(Piece(f"{', and ' if place else ''}{text} "))
        pieces.append(Piece(f"<|cite_{number}|>", True))
    return (*pieces, Piece("."))


def _callers(target: Definition, pool: Sequence[Definition], rng: random.Random) -> list[Definition]:
    found = [each for each in pool if target.name in each.calls and each is not target]
    return rng.sample(found, min(2, len(found)))


class _Writer:
    """Makes examples about the definitions of one package."""

    def __init__(self, pool: Sequence[Definition], rng: random.Random) -> None:
        self.pool = pool
        self.rng = rng

    def others(self, avoid: Sequence[Definition]) -> list[Definition]:
        """Return one to four blocks of the package in which none of ``avoid`` is named."""
        names = {each.name for each in avoid}
        drawn = self.rng.sample(self.pool, min(len(self.pool), 8))
        kept = [each for each in drawn if not any(name in each.chunk.text for name in names)]
        return kept[: self.rng.randint(1, 4)]

    def history(self) -> tuple[Turn, ...]:
        """Return an earlier turn now and then, its citations as the user saw them."""
        if self.rng.random() >= HISTORY_SHARE:
            return ()
        _, asked = _draw(self.pool, self.rng)
        answer = "".join(piece.text for piece in _cited([(asked.answer, 1)]))
        return (Turn(asked.question, show_citations(answer)),)

    def example(self) -> Example:
        """Return one example of a kind drawn at random."""
        draw = self.rng.random()
        target, asked = _draw(self.pool, self.rng)
        if draw < UNANSWERABLE_SHARE:
            return self._unanswerable(target, asked)
        if draw < UNANSWERABLE_SHARE + MISSING_SHARE:
            return self._missing(target, asked)
        if draw < UNANSWERABLE_SHARE + MISSING_SHARE + CALLERS_SHARE:
            callers = _callers(target, self.pool, self.rng)
            if callers:
                return self._called(target, callers)
        evidence = _numbered([target], self.others([target]), self.rng)
        answer = _cited([(asked.answer, _number_of(target, evidence))])
        return self._finish(asked.kind, asked.question, evidence, answer)

    def _called(self, target: Definition, callers: list[Definition]) -> Example:
        forms = ["Who calls {}?", "What calls {}?", "Where is {} used?", "Which functions call {}?"]
        question = self.rng.choice(forms).format(_spelled(_short(target), self.rng))
        others = [each for each in self.others([target, *callers]) if target.name not in each.calls]
        evidence = _numbered(callers, others, self.rng)
        said = [(f"`{each.chunk.symbol}` calls `{target.name}`", _number_of(each, evidence)) for each in callers]
        return self._finish("callers", question, evidence, _cited(said))

    def _unanswerable(self, target: Definition, asked: _Asked) -> Example:
        evidence = _numbered([], self.others([target]), self.rng)
        return self._finish("unanswerable", asked.question, evidence, (Piece(UNANSWERABLE),))

    def _missing(self, target: Definition, asked: _Asked) -> Example:
        evidence = _numbered([], self.others([target]), self.rng)
        name = target.chunk.symbol
        prompt = compact_prompt(asked.question, evidence, missing=[MissingName(name, "symbol")])
        answer = (Piece(f"There is no `{name}` in this repository."),)
        return Example("missing", prompt, answer, tuple(evidence))

    def _finish(self, kind: str, question: str, evidence: list[Evidence], answer: tuple[Piece, ...]) -> Example:
        prompt = compact_prompt(question, evidence, history=self.history())
        return Example(kind, prompt, answer, tuple(evidence))


def _short(each: Definition) -> Definition:
    """Return the definition under its short name: callers show only that."""
    return replace(each, chunk=replace(each.chunk, symbol=each.name))


def examples(packages: Iterable[Sequence[Definition]], each: int, rng: random.Random) -> list[Example]:
    """Return up to ``each`` examples a package, shuffled; packages with under 8 definitions are left out."""
    made = []
    for pool in packages:
        known = [one for one in pool if not one.name.startswith("__") or one.name == "__init__"]
        if len(known) < 8:
            continue
        writer = _Writer(known, rng)
        made += [writer.example() for _ in range(min(each, len(known)))]
    rng.shuffle(made)
    return made
