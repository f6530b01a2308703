"""Who uses a definition: whether that may be what a question asks for."""

from __future__ import annotations

import re

__all__ = ["asks_for_users"]

_VERBS = r"call|use|invoke|need|trigger|reach|reference|run|instantiate|affect|break|(?:rely|depend)(?= (?:up)?on)"
_USES = re.compile(
    r"\b(?:call(?:s|ed|er|ers|ing)?|us(?:es?|ed|ers?|ing|ages?)|invok(?:e|es|ed|ing)|reach(?:es|ed)?|references?|"
    r"trigger\w*|(?:rel(?:y|ies|ying)|depend(?:s|ing)?) (?:up)?on|affect\w*|breaks?|need(?:s|ed)?)\b",
    re.IGNORECASE,
)
# "does it call", "do they rely on": what is named there is who uses, and not what is used.
_ACTIVE = re.compile(
    rf"\b(?:does|do|did|can|will|would)\s+(?!I\b|we\b|you\b|anything\b|any\b|something\b|people\b|"
    rf"the code\b|this project\b)[^?]{{1,60}}?\s(?:{_VERBS})\b",
    re.IGNORECASE,
)


def asks_for_users(question: str) -> bool:
    """Return whether a question may be about who uses what it names, not about what that uses."""
    return _USES.search(question) is not None and _ACTIVE.search(question) is None
