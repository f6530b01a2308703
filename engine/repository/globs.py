"""Lines of an ignore file -> matchers, byte for byte as git reads them (``dir.c`` and ``wildmatch.c``).

Names are handled as bytes, as git does: ``?`` is one byte. No pattern takes more than (parts of the pattern) x (parts
of the path) steps, so that a stranger's ``.gitignore`` cannot stall a scan.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Glob", "byte_text", "glob"]

_LONGEST = 4096  # bytes of a pattern: no path is longer, and what is made to be long takes minutes to compile
_ANY_DEPTH = None  # the part "**"
_NEVER = "(?!)"
_LITERAL = re.compile(r"[^*?\[\\]*[^*?\[\\/](?=\*\*)")
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": " \\t\\n\\v\\f\\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


def byte_text(path: str) -> str:
    """Return a path with one character for each of its bytes."""
    return path if path.isascii() else os.fsencode(path).decode("ascii", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Glob:
    """One compiled line."""

    negated: bool
    folders_only: bool
    name: re.Pattern[str] | None  # for a pattern without a slash: matched against the last part of a path
    parts: tuple[re.Pattern[str] | None, ...]  # for others: the parts of the path below the ignore file
    prefix: str = ""  # what must come before them, as plain text

    def matches(self, parts: Sequence[str], *, folder: bool) -> bool:
        """Return whether a path, as the ``byte_text`` of its parts below the ignore file, is meant."""
        if self.folders_only and not folder:
            return False
        if self.name is not None:
            return self.name.fullmatch(parts[-1]) is not None
        if self.prefix:
            path = "/".join(parts)
            if not path.startswith(self.prefix):
                return False
            parts = path[len(self.prefix) :].split("/")
        return _match_parts(self.parts, parts)


def _match_parts(pattern: Sequence[re.Pattern[str] | None], parts: Sequence[str]) -> bool:
    """Match parts with "**" as the wildcard: on a mismatch only the latest "**" takes one more part."""
    at = part = 0
    retry_at, retry_part = -1, 0
    while part < len(parts):
        wanted = pattern[at] if at < len(pattern) else None
        if at < len(pattern) and wanted is _ANY_DEPTH:
            if at == len(pattern) - 1:
                return True  # at the end it takes all there is, at least one part
            retry_at, retry_part = at, part
            at += 1
        elif wanted is not None and wanted.fullmatch(parts[part]):
            at += 1
            part += 1
        elif retry_at >= 0:
            retry_part += 1
            at, part = retry_at + 1, retry_part
        else:
            return False
    return at == len(pattern)


def glob(line: str, *, ignore_case: bool = False) -> Glob | None:
    """Compile one line of an ignore file (without its newline); None for blank lines, comments and nonsense."""
    text = _trimmed(byte_text(line))
    if not text or text.startswith("#") or len(text) > _LONGEST:
        return None
    negated = text.startswith("!")
    text = text[negated:]
    folders_only = text.endswith("/")
    text = text.removesuffix("/")
    if not text:
        return None
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    anchored = "/" in text
    text = text.removeprefix("/")
    # Git compares what comes before the first wildcard by itself, so that "**" right behind it spans folders.
    literal = _LITERAL.match(text) if anchored else None
    prefix = literal[0] if literal and not ignore_case else ""
    parts = _translate(text[len(prefix) :])
    if parts is None:
        return None
    if not anchored:
        return Glob(negated, folders_only, re.compile(parts[0] or ".*", flags), ())
    compiled = tuple(_ANY_DEPTH if part is None else re.compile(part, flags) for part in parts)
    return Glob(negated, folders_only, None, compiled, prefix)


def _trimmed(text: str) -> str:
    """Drop trailing spaces that no backslash keeps."""
    end = len(text)
    while end and text[end - 1] == " ":
        backslashes = len(text[: end - 1]) - len(text[: end - 1].rstrip("\\"))
        if backslashes % 2:
            break
        end -= 1
    return text[:end]


def _translate(text: str) -> list[str | None] | None:
    """Return a regular expression a part, None for "**"; None altogether when the pattern can match nothing."""
    parts: list[str | None] = []
    runs: list[list[str]] = [[]]  # the current part between its stars
    stars_only = True
    at = 0
    while at <= len(text):
        character = text[at : at + 1]
        escaped = character == "\\" and text[at + 1 : at + 2] == "/"
        if escaped:
            at += 1
            character = "/"
        if character in {"", "/"}:
            alone = stars_only and len(runs) > 2  # two stars or more and nothing else
            if alone and escaped:
                parts.append(".*")  # "**\\/" takes at least one folder where "**/" may take none
            parts.append(None if alone else _joined(runs))
            runs, stars_only = [[]], True
        elif character == "*":
            runs.append([])
        else:
            stars_only = False
            if character == "[":
                found = _bracket(text, at)
                if found is None:
                    return None
                expression, at = found
                runs[-1].append(expression)
                continue
            if character == "\\":
                at += 1
                character = text[at : at + 1]
                if not character:
                    return None
            elif character == "?":
                runs[-1].append(".")
                at += 1
                continue
            runs[-1].append(re.escape(character))
        at += 1
    return parts


def _joined(runs: list[list[str]]) -> str:
    """Join what stands between stars; only the last star may be tried again, which is enough and keeps it linear."""
    texts = ["".join(run) for run in runs]
    if len(texts) == 1:
        return texts[0]
    middle = "".join(f"(?>.*?{text})" for text in texts[1:-1] if text)
    return f"{texts[0]}{middle}.*{texts[-1]}"


def _bracket(text: str, start: int) -> tuple[str, int] | None:  # noqa: PLR0912
    """Translate the set that opens at ``start`` and return the index behind it; None when it is never closed."""
    # One pass over the grammar of wildmatch.c; split up it would hand its state around.
    at = start + 1
    inverted = text[at : at + 1] in {"!", "^"}
    at += inverted
    first, members = at, []
    previous = ""  # what a "-" would begin a range with
    while True:
        character = text[at : at + 1]
        if not character:
            return None
        if character == "]" and at > first:
            break
        if character == "[" and text[at + 1 : at + 2] == ":":
            end = text.find("]", at + 2)
            name = text[at + 2 : end - 1] if end > 0 and text[end - 1] == ":" else ""
            if end < 0 or (name and name not in _CLASSES):
                return None
            if name:
                members.append(_CLASSES[name])
                previous, at = "", end + 1
                continue
        if character == "-" and previous and text[at + 1 : at + 2] not in {"", "]"}:
            at += 1
            if text[at] == "\\":
                at += 1
                if at >= len(text):
                    return None
            if previous <= text[at]:
                members.append(f"{_member(previous)}-{_member(text[at])}")
            previous = ""
        else:
            if character == "\\":
                at += 1
                character = text[at : at + 1]
                if not character:
                    return None
            members.append(_member(character))
            previous = character
        at += 1
    if not members:
        return ("[^/]" if inverted else _NEVER), at + 1
    return (f"(?!/)[^{''.join(members)}]" if inverted else f"(?!/)[{''.join(members)}]"), at + 1


def _member(character: str) -> str:
    return "\\" + character if character in "\\]^-[&~|" else character
