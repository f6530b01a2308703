"""Text -> the same text with what must not leave the machine taken out, line by line, so that citations stay right.

Three kinds of things are taken out: secrets (the maintained detectors of detect-secrets, and rules of our own for what
those do not know), what tells who the user is (home folders, login and machine names), and what the user's own
patterns match. Each span is replaced by ``<redacted:kind>``; no line is added or removed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.checking.secrets import find_secrets
from engine.verdicts import RedactedSpan

__all__ = ["Identity", "Redacted", "Redactor", "own_identity"]

_Span = tuple[int, int, str]  # first character, one after the last, kind

# Names that say nothing about anybody.
_ANYBODY = frozenset(
    "root admin user users username name you me someone anyone nobody test tester testing guest ubuntu debian ec2-user "
    "centos fedora vagrant runner runneradmin circleci travis gitlab jenkins builder build ci docker node app www "
    "www-data postgres mysql redis nginx git home default public shared sidetune code dev developer demo example "
    "foo bar localhost local work data server main host".split()
)
_HOME = re.compile(
    r"(?<![\w.])(?:/home/|/Users/|/export/home/|/var/home/"
    r"|[A-Za-z]:(?:\\\\?|/)(?:Users|Documents and Settings)(?:\\\\?|/))"
    r"(?P<name>[^\s/\\\"'`<>|:*?,;(){}\[\]$%]+)"
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What would tell who the user is."""

    home: str
    names: tuple[str, ...]  # login, machine and full name; those that say nothing left out


def own_identity() -> Identity:
    """Return the identity of who runs this process."""
    import getpass
    import platform
    from pathlib import Path

    home = str(Path.home())
    names = {Path(home).name, platform.node().partition(".")[0]}
    try:
        login = getpass.getuser()
    except (KeyError, OSError, ImportError):
        login = ""
    names |= {login, _full_name(login)}
    kept = {each for each in names if len(each) >= 3 and each.lower() not in _ANYBODY and not each.isdigit()}
    return Identity("" if home in {"/", "/root"} else home, tuple(sorted(kept, key=len, reverse=True)))


def _full_name(login: str) -> str:
    try:
        import pwd
    except ImportError:  # Windows
        return ""
    try:
        return pwd.getpwnam(login).pw_gecos.partition(",")[0].strip()
    except KeyError:
        return ""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text as it may be sent."""

    text: str
    spans: tuple[RedactedSpan, ...]
    _moves: tuple[tuple[int, int, int, int], ...]  # (start, end) as sent, (start, end) in the original

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return where characters start..end of the sent text are in the original; a replaced span counts whole."""
        return self._back(start, first=True), self._back(end, first=False)

    def _back(self, at: int, *, first: bool) -> int:
        index = bisect_right(self._moves, (at, -1 if first else 1 << 60, 0, 0)) - 1
        if first and index + 1 < len(self._moves) and self._moves[index + 1][0] == at:
            return self._moves[index + 1][2]
        if index < 0:
            return at
        sent_start, sent_end, start, end = self._moves[index]
        if sent_start < at < sent_end:
            return start if first else end
        if at == sent_start:
            return start
        return at - sent_end + end


class Redactor:
    """Takes out what must not leave this machine."""

    def __init__(self, patterns: Sequence[str] = (), identity: Identity | None = None) -> None:
        """Take the user's own patterns, regular expressions that are known to compile."""
        self._patterns = [re.compile(pattern) for pattern in patterns]
        self._identity = identity if identity is not None else own_identity()
        names = "|".join(map(re.escape, self._identity.names))
        self._names = re.compile(rf"(?<![^\W_])(?:{names})(?![^\W_])", re.IGNORECASE) if names else None

    def redact(self, text: str, path: str = "") -> Redacted:
        """Return the text without what must not be sent; ``path`` tells detectors what language it is in."""
        spans = [*self._own(text), *find_secrets(text, path), *self._personal(text)]
        return _replaced(text, _merged(spans))

    def _own(self, text: str) -> Iterator[_Span]:
        for pattern in self._patterns:
            for match in pattern.finditer(text):
                if match.end() > match.start():
                    yield match.start(), match.end(), "your-pattern"

    def _personal(self, text: str) -> Iterator[_Span]:
        home = self._identity.home
        if home:
            for variant in {home, home.replace("\\", "\\\\"), home.replace("\\", "/")}:
                for match in re.finditer(rf"{re.escape(variant)}(?![\w.-])", text):
                    yield match.start(), match.end(), "home-path"
        for match in _HOME.finditer(text):
            if match["name"].lower() not in _ANYBODY:
                yield match.start(), match.end(), "home-path"
        if self._names is not None:
            for match in self._names.finditer(text):
                yield match.start(), match.end(), "user-name"


def _merged(spans: Sequence[_Span]) -> list[_Span]:
    """Return the spans in order without overlaps; of two that overlap the earlier, then longer one gives the kind."""
    merged: list[_Span] = []
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if merged and start < merged[-1][1]:
            before = merged[-1]
            merged[-1] = (before[0], max(before[1], end), before[2])
        else:
            merged.append((start, end, kind))
    return merged


def _replaced(text: str, spans: Sequence[_Span]) -> Redacted:
    pieces: list[str] = []
    moves: list[tuple[int, int, int, int]] = []
    shown: list[RedactedSpan] = []
    at = length = 0
    line, line_start = 1, 0  # of the sent text
    for whole_start, whole_end, kind in spans:
        for start, end in _by_line(text, whole_start, whole_end):
            before = text[at:start]
            pieces.append(before)
            length += len(before)
            if newlines := before.count("\n"):
                line += newlines
                line_start = length - (len(before) - before.rfind("\n") - 1)
            mark = f"<redacted:{kind}>"
            pieces.append(mark)
            moves.append((length, length + len(mark), start, end))
            shown.append(RedactedSpan(line, length - line_start, length - line_start + len(mark), kind))
            length += len(mark)
            at = end
    pieces.append(text[at:])
    return Redacted("".join(pieces), tuple(shown), tuple(moves))


def _by_line(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a span, line by line, without line ends."""
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        if stop > start:
            yield start, stop
        start = stop + 1
