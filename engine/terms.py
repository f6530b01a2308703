"""Text -> terms: identifiers whole and split at case and underscore. Shared by BM25, TF-IDF and highlights."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["STOP_WORDS", "identifiers", "split_identifier", "terms"]

_WORD = re.compile(r"[^\W\d]\w*|\d+")
_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")

STOP_WORDS = frozenset(
    "a an and are as at be been but by can could did do does for from had has have how i if in into is it its of on or "
    "our should so such than that the their them then there these they this those to was we were what when where "
    "which while who whose why will with would you your".split()
)


def split_identifier(name: str) -> list[str]:
    """Split ``getHTTPResponse_code`` into ``["get", "http", "response", "code"]``."""
    return [part.lower() for part in _PARTS.findall(name)]


def identifiers(text: str) -> Iterator[str]:
    """Yield the words and numbers of a text as written."""
    for match in _WORD.finditer(text):
        yield match.group()


def terms(text: str) -> list[str]:
    """Return lower-cased terms in order: every word whole and, where it has several, its parts."""
    found: list[str] = []
    for word in identifiers(text):
        lowered = word.lower()
        found.append(lowered)
        parts = split_identifier(word)
        if len(parts) > 1 or (parts and parts[0] != lowered):
            found.extend(parts)
    return found
