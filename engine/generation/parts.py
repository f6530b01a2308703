"""A question that asks two things -> two questions: a small model answers the one that it understands best."""

from __future__ import annotations

import re

from engine.generation.names import names_in

__all__ = ["in_full", "parts_of"]

_ASKS = r"(?:(?:in|from|to|on|with|at|by|of)\s+)?(?:what|which|where|who|whom|how|why)\b"
_BETWEEN = re.compile(rf"(?:\?|;|,)?\s+(?:and|also)\s+(?={_ASKS})|[?;]\s+(?={_ASKS})", re.IGNORECASE)
_IS_ASKED = re.compile(
    rf"\b{_ASKS}|^\W*(?:explain|describe|show|list|name|names|tell|give|find|locate|point|summari[sz]e|walk|take|open)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:its|it|that one|this one)\b", re.IGNORECASE)


def in_full(question: str, name: str) -> str:
    """Return a question with ``name`` for the "it" or "its" that comes before any name of its own."""
    pronoun = _PRONOUN.search(question)
    if pronoun is None or names_in(question[: pronoun.start()]):
        return question
    meant = f"{name}'s" if pronoun.group().lower() == "its" else name
    return f"{question[: pronoun.start()]}{meant}{question[pronoun.end() :]}"


def parts_of(question: str) -> tuple[str, ...]:
    """Return the two questions that are asked in one, each complete by itself, or the question alone.

    What the second one calls "it" is what the first one names. A question is left as it is when its first half asks
    for nothing or names nothing, or its second half is about nothing.
    """
    for between in _BETWEEN.finditer(question):
        first, second = question[: between.start()], question[between.end() :]
        named = names_in(first)
        if not named or not _IS_ASKED.search(first):
            continue
        if not names_in(second):
            meant = in_full(second, named[-1].text)
            if meant == second:
                continue
            second = meant
        return f"{first.rstrip(' ,?.;')}?", second
    return (question,)
