"""The slow, obvious form of the rules of ``engine.generation.quoting``, over everything that can be copied."""

from __future__ import annotations

import re
from functools import lru_cache

from engine.generation.quoting import ACRONYMS

_PART = r"(?:[A-Z][a-z]*|[a-z]+)"
_PLAIN = re.compile(rf"{_PART}(?:-+{_PART})*")
_PLAIN_BEHIND = re.compile(rf"(?:-*{_PART}(?:-+{_PART})*)?")  # a quotation
_RUN = re.compile(r"[A-Za-z0-9_\x80-\U0010ffff./\\:@$-]+")
_WORD = re.compile(r"[A-Za-z0-9_\x80-\U0010ffff]")
_INSIDE = re.compile(r"[A-Za-z0-9_\x80-\U0010ffff]{2}")
_SPACES = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"


class Spelling:
    """What may stand in a draft about some texts."""

    def __init__(self, texts: list[str]) -> None:
        self.text = "\n" + "\n".join(texts) + "\n"
        self._quotable = _spans(self.text, "[^`\n]+", whole=True)
        self._runs = _spans("\n".join([self.text, *ACRONYMS, ""]), _RUN.pattern)
        self.can_quote = lru_cache(maxsize=100_000)(self._can_quote)
        self.can_copy = lru_cache(maxsize=100_000)(self._can_copy)

    def _can_quote(self, begun: str) -> bool:
        return any(each.startswith(begun) for each in self._quotable)

    def _can_copy(self, begun: str) -> bool:
        return any(each.startswith(begun) for each in self._runs)

    def is_right(self, draft: str) -> bool:
        """Whether a finished draft keeps to the rules."""
        return self._keeps(draft, finished=True)

    def can_begin(self, draft: str) -> bool:
        """Whether some finished draft that keeps to the rules begins like this one."""
        return self._keeps(draft, finished=False)

    def _keeps(self, draft: str, *, finished: bool) -> bool:
        rest, behind_quotation = draft, False
        while True:
            outside, tick, rest = rest.partition("`")
            if behind_quotation and tick and not outside:
                return False
            if not self._outside(outside, behind_quotation, finished=finished or bool(tick)):
                return False
            if not tick:
                return True
            double, rest = rest.startswith("`"), rest.removeprefix("`")
            quoted, closed, rest = rest.partition("`")
            if not closed:
                return not finished and (not quoted or self.can_quote(quoted))
            if quoted not in self._quotable:
                return False
            if double and not rest.startswith("`"):
                return not rest and not finished
            rest = rest.removeprefix("`") if double else rest
            behind_quotation = True

    def _outside(self, text: str, behind_quotation: bool, *, finished: bool) -> bool:
        if re.search(r"\[[0-9]", text):
            return False
        for match in _RUN.finditer(text):
            last = match.end() == len(text) and not finished
            if behind_quotation and match.start() == 0:
                plain, copied, begun = _PLAIN_BEHIND, False, False
            else:
                plain, copied = _PLAIN, match.group().rstrip(".:-") in self._runs
                begun = last and self.can_copy(match.group())
            trimmed = match.group().rstrip(".:-")
            is_plain = plain.fullmatch(trimmed) is not None
            if _WORD.search(trimmed) and not (is_plain or copied or begun):
                return False
            called = text[match.end() : match.end() + 1] == "(" and trimmed == match.group()
            if called and is_plain and _WORD.search(trimmed) and not copied:
                return False
        return True


def _spans(text: str, pattern: str, *, whole: bool = False) -> set[str]:
    """All stretches of runs of a pattern that begin and end where a word does."""
    found = set()
    for match in re.finditer(pattern, text):
        run = match.group()
        breaks = [at for at in range(len(run) + 1) if not _INSIDE.fullmatch(run[max(0, at - 1) : at + 1])]
        found |= {
            run[first:last]
            for first in breaks
            for last in breaks
            if first < last and run[first] not in _SPACES and run[last - 1] not in _SPACES
            if not (whole and _is_half(text, match.start() + first))
        }
    return found


def _is_half(text: str, at: int) -> bool:
    """Whether a quotation that begins here would be the rest of a path or of what has a joiner in it."""
    before = text[max(0, at - 2) : at]
    behind_word = _WORD.fullmatch(before[-1:]) is not None and text[at] in "./\\:@$-"
    return behind_word or (before[-1:] == "/" and _WORD.fullmatch(before[:-1]) is not None)
