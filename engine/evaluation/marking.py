"""Is an answer right? What ``exact``, ``overlap``, ``citation_precision`` and ``refused`` mean.

*exact*, for lookups (where, arguments, default, type, returns, raises, bases, callers, callees), two-part questions and
which: the set of values that the answer quotes in backticks is that of the right answer. Order and repetition do not
matter; ``f()`` is ``f``, ``*args`` is ``args``, an expression is what Python reads in it, a string with its quotes is
the string. Quoting the names that the question asked about is neither right nor wrong, and so is quoting a built-in
beside what a function calls, a caller in a test beside the others, or the file beside what *which* asks for. Where
nothing has to be quoted ("takes no arguments"), and for sentences (what, how, why, difference, summary): the words of
the answer are those of the right one, case, punctuation, citations and the subject's name in front left out; what sets
two definitions apart may begin with either.

*overlap*: F1 of the words, counted, of the answer and the right one, citations and the names asked about left out.

*citation_precision*: the share of the cited spans that hold a place which the right answer is read from.

*refused*: the answer is "The repository does not say.", which it also is when retrieval is silent, or it begins with
"There is no". No refusal is exact.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence

from engine.evaluation.asking import Gold
from engine.evaluation.statements import LOOKUPS, quoted
from engine.types import Citation, Fact

__all__ = ["VALUED", "canonical", "cites", "holds", "is_exact", "is_refusal", "of_facts", "overlap", "words"]

VALUED = frozenset({*LOOKUPS, "which", "two_part"})
_CITATION = re.compile(r" ?\[\d{1,3}(?:, ?\d{1,3})*\]")
_HALVES = re.compile(r",? while |\.\s")
_WORD = re.compile(r"\w+")
_REFUSALS = ("the repository does not say", "there is no ")


def is_refusal(text: str) -> bool:
    """Return whether an answer says that there is nothing to say."""
    return " ".join(_CITATION.sub("", text).casefold().split()).startswith(_REFUSALS)


def canonical(value: str) -> str:
    """Return one spelling of all that mean the same value."""
    text = value.strip().lstrip("*")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = ast.parse(text, mode="eval")
        if isinstance(read.body, ast.Constant) and isinstance(read.body.value, str):
            return canonical(read.body.value)
        text = ast.unparse(read)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        text = "".join(text.split())
    return text.removesuffix("()")


def words(text: str) -> list[str]:
    """Return the words of an answer in order, case folded, without punctuation and citations."""
    return _WORD.findall(_CITATION.sub(" ", text).casefold())


def _without_subject(found: list[str], names: Iterable[str]) -> list[str]:
    """Return words without the name that they begin with, the longest one first."""
    for name in sorted(names, key=len, reverse=True):
        parts = words(name)
        if parts and found[: len(parts)] == parts:
            return found[len(parts) :]
    return found


def is_exact(kind: str, text: str, gold: Gold) -> bool:
    """Return whether an answer to a question of a kind is right to the letter."""
    if is_refusal(text):
        return False
    if kind in VALUED and gold.values:
        return _are_exact({canonical(value) for value in quoted(text)}, gold)
    if kind == "difference":
        return _halves(text) == _halves(gold.text)
    return _without_subject(words(text), gold.about) == _without_subject(words(gold.text), gold.about)


def _halves(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(words(half)) for half in _HALVES.split(_CITATION.sub("", text)) if words(half))


def _are_exact(said: set[str], gold: Gold) -> bool:
    wanted = {canonical(value) for value in gold.values}
    free = {canonical(value) for value in (*gold.optional, *gold.about)} - wanted
    return said - free == wanted


def overlap(text: str, gold: Gold) -> float:
    """Return the F1 of the words of an answer, 0 for a refusal."""
    if is_refusal(text):
        return 0.0
    said, wanted = (Counter(words(_unnamed(each, gold.about))) for each in (text, gold.text))
    shared = (said & wanted).total()
    total = said.total() + wanted.total()
    return 2 * shared / total if total else 1.0


def _unnamed(text: str, names: Sequence[str]) -> str:
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text)
    return text


def cites(citations: Sequence[Citation], gold: Gold) -> float:
    """Return which share of the citations holds a place that the right answer is read from; NaN for no citation."""
    if not citations:
        return float("nan")
    held = [
        any(
            path == each.path and each.first_line <= first and last <= each.last_line
            for path, first, last in gold.spans
        )
        for each in citations
    ]
    return sum(held) / len(held)


def holds(shown: Iterable[tuple[str, int, int]], gold: Gold) -> bool:
    """Return whether all lines that the right answer is read from are among the spans (path, first, last) shown."""
    lines = {(path, line) for path, first, last in shown for line in range(first, last + 1)}
    return all((path, line) in lines for path, first, last in gold.spans for line in range(first, last + 1))


def of_facts(kind: str, facts: Sequence[Fact], gold: Gold) -> bool:
    """Return whether what the symbol graph says by itself is exact; it words its facts differently."""
    if not facts or kind not in VALUED:
        return False
    said = {value for fact in facts for value in quoted(fact.text)}
    if kind == "where":
        said |= {citation.path for fact in facts for citation in fact.citations}
    if kind in ("arguments", "two_part"):  # written with their types and defaults
        said = {re.split(r"[:=]", value, maxsplit=1)[0] for value in said}
    if not gold.values:
        return any(is_exact(kind, fact.text, gold) for fact in facts)
    return _are_exact({canonical(value) for value in said}, gold)
