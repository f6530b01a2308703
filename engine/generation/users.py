"""Who uses a definition: whether that is what a question asks for."""

from __future__ import annotations

import re

__all__ = ["asks_for_users"]

_USES = re.compile(
    r"\b(?:calls|called|callers?|call sites?|invokes|invoked|invocations?|uses|used|users?|usages?|make use of|"
    r"references?|referenced|(?:rel(?:y|ies)|depends?) (?:up)?on|affected|breaks?|triggers|triggered)\b",
    re.IGNORECASE,
)
# "does it call", "is called by it", "used when it runs": what is named there is who uses, and not what is used.
_USED_BY_IT = re.compile(
    r"\b(?:called|invoked|used|triggered) (?:by|when|within|inside)\b|"
    r"\b(?:does|do|did|can|will|would)\s+(?!I\b|we\b|you\b|any|some|people\b|the code\b|this\b)[^?]{1,60}?\s"
    r"(?:call|use|invoke|trigger|(?:rely|depend) (?:up)?on)\b",
    re.IGNORECASE,
)


def asks_for_users(question: str) -> bool:
    """Return whether a question may be about who uses what it names, not about what that uses."""
    return _USES.search(question) is not None and _USED_BY_IT.search(question) is None
