"""Where secrets stand in a text: the detectors of detect-secrets, and rules of our own beside them.

A secret that is missed has left the machine, and a line of code that is blotted out costs the check little: rules lean
to the side of taking out. What keeps ordinary code readable is that a random-looking word must look random.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

__all__ = ["find_secrets"]

_Span = tuple[int, int, str]

_LONGEST_LINE = 20_000  # characters; a longer one is data, and each detector would read it again and again

# Kinds with a form of their own that the detectors do not know, or know only inside quotes.
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(form))
    for kind, form in (
        ("aws-key", r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AGPA|AIDA|AROA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])"),
        ("github-token", r"(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{40,})"),
        ("gitlab-token", r"(?<!\w)gl(?:pat|dt|rt|cbt|ptt|ft|soat)-[\w-]{20,}"),
        ("slack-token", r"(?<!\w)xox[abeprs]-[A-Za-z0-9-]{10,}"),
        (
            "webhook",
            r"https://(?:hooks\.slack\.com/(?:services|workflows)|discord(?:app)?\.com/api/webhooks)/[\w/-]{20,}",
        ),
        ("google-key", r"(?<!\w)AIza[\w-]{35}"),
        ("google-secret", r"(?<!\w)(?:GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,})"),
        ("api-key", r"(?<!\w)sk-(?:ant-|proj-|or-|svcacct-)?[\w-]{20,}"),
        ("stripe-key", r"(?<!\w)(?:[spr]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,}"),
        ("sendgrid-key", r"(?<!\w)SG\.[\w-]{16,}\.[\w-]{16,}"),
        ("npm-token", r"(?<!\w)npm_[A-Za-z0-9]{30,}"),
        ("pypi-token", r"(?<!\w)pypi-[\w-]{40,}"),
        ("huggingface-token", r"(?<!\w)hf_[A-Za-z0-9]{30,}"),
        ("jwt", r"(?<!\w)eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*"),
        ("azure-key", r"(?i)(?<=AccountKey=)[A-Za-z0-9+/]{40,}={0,2}"),
        ("age-key", r"AGE-SECRET-KEY-1[A-Z0-9]{50,}"),
    )
)
_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINE = re.compile(
    r"[^\n]{0,12}?[A-Za-z0-9+/=]{16,}[^\n]{0,8}(?:\n|\Z)|[ \t\"'+\\n]*(?:\n|\Z)|[A-Z][\w-]+: [^\n]*(?:\n|\Z)"
)
_LONGEST_KEY = 20_000  # characters
_BASE64_LINES = re.compile(r"(?:^[ \t]*[\"']?[A-Za-z0-9+/]{60,76}={0,2}(?:\\n)?[\"']?[ \t]*$\n?){2,}", re.MULTILINE)
_URL_PASSWORD = re.compile(r"(?P<head>[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@\"'<>]*:)(?P<secret>[^\s@/\"'<>{}$]+)(?=@)")
_AUTHORIZATION = re.compile(r"(?i)\b(?:bearer|basic|token)\s+(?P<secret>[A-Za-z0-9+/=._~-]{16,})")

# NAME = "value", NAME: value, "name": "value", --name value, <name>value</name>
_NAMED = re.compile(
    r"(?i)(?P<name>[\w.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|auth[_-]?key"
    r"|signing[_-]?key|encryption[_-]?key|master[_-]?key|account[_-]?key|client[_-]?key|credentials?|connection[_-]?string)[\w.-]*)"
    r"(?P<join>[\"']?\]?\s*(?::=|=>|=|:|>)\s*|[\"']?\s*,\s*(?=[\"'])|\s+(?=[\"'])|[\"']\s+value\s*=\s*)"
    r"(?P<quote>[\"'`]?)(?P<secret>[^\s\"'`,;<>(){}\[\]]{6,})"
)
_WORD = re.compile(r"(?<![A-Za-z0-9+/_=.-])[A-Za-z0-9+/_=.-]{20,}")
_PLAIN = re.compile(r"[A-Za-z]+(?:[_.\-/ :+][A-Za-z]+)*[_.:/]?\d{0,2}|[\d.]+")  # words: a name, an option, a version
_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]+")
_HEX = re.compile(r"[0-9a-fA-F-]+")
_PLACEHOLDER = re.compile(
    r"(?i)^(?:x+|\*+|\.+|-+|_+|changeme|change[_-]?me|password\d*|passwd|secret|example|none|null|true|false|undefined|default|"
    r"your[_-].*|my[_-]?(?:password|secret|token|key)|test(?:ing)?[_-]?\w*|dummy\w*|fake\w*|placeholder|redacted|todo|<.*>|\$.*|%.*|env.*)$"
)


def find_secrets(text: str, path: str = "") -> Iterator[_Span]:
    """Yield first character, one after the last, and kind of what looks like a secret; spans may overlap."""
    for match in _KEY_BEGIN.finditer(text):
        yield match.start(), _end_of_key(text, match.end()), "private-key"
    for match in _BASE64_LINES.finditer(text):
        if _entropy(match.group()) > 4.5:
            yield match.start(), match.end(), "key-material"
    for kind, form in _FORMS:
        for match in form.finditer(text):
            yield match.start(), match.end(), kind
    for match in _URL_PASSWORD.finditer(text):
        if not _PLACEHOLDER.match(match["secret"]):
            yield match.start("secret"), match.end("secret"), "password"
    at = 0
    for line in text.split("\n"):
        if len(line) <= _LONGEST_LINE:
            for start, end, kind in _in_line(line, path):
                yield at + start, at + end, kind
        elif any(_looks_random(word.group()) for word in _WORD.finditer(line)):
            yield at, at + len(line), "long-line"
        at += len(line) + 1


def _end_of_key(text: str, start: int) -> int:
    """Return where a private key ends whose first line ends at ``start``: its last line, or the last like one."""
    end = _KEY_END.search(text, start, start + _LONGEST_KEY)
    other = _KEY_BEGIN.search(text, start, start + _LONGEST_KEY)
    if end is not None and (other is None or end.start() < other.start()) and _is_key(text[start : end.start()]):
        return end.end()
    at = text.find("\n", start) + 1
    if at == 0 or text[start:at].strip("\"'`,;)+\\n \t\n"):
        return start  # it is only talked about
    while (line := _KEY_LINE.match(text, at)) is not None and line.end() > at:
        at = line.end()
    return at


def _is_key(text: str) -> bool:
    """Return whether most of what stands between the ends of a key is what keys are made of."""
    letters = sum(len(each) for each in re.findall(r"[A-Za-z0-9+/=]{16,}", text))
    return letters > 0.5 * len(text)


def _in_line(line: str, path: str) -> Iterator[_Span]:
    for match in _AUTHORIZATION.finditer(line):
        if _is_varied(match["secret"]):
            yield match.start("secret"), match.end("secret"), "authorization"
    for match in _NAMED.finditer(line):
        secret = match["secret"]
        if _is_value(secret, quoted=bool(match["quote"])):
            yield match.start("secret"), match.end("secret"), "secret"
    for match in _WORD.finditer(line):
        if _looks_random(match.group()):
            yield match.start(), match.end(), "random-text"
    if len(line) >= 12:
        yield from _detected(line, path)


def _is_value(value: str, *, quoted: bool) -> bool:
    """Return whether what a telling name is given is a secret itself and no name, call, type or placeholder."""
    if _PLACEHOLDER.match(value):
        return False
    if quoted:
        return _PLAIN.fullmatch(value) is None
    return _is_varied(value) and _entropy(value) > 2.3


def _is_name(value: str) -> bool:
    """Return whether a text is made of words: an identifier, a path, a dotted name, an option."""
    parts = [part for part in re.split(r"[-_./:\\]+", value) if part]
    return all(
        re.fullmatch(r"[A-Z]?[a-z]{2,}(?:[A-Z][a-z]+)*\d{0,2}|[A-Z]{2,}\d{0,2}|[a-z]|\d{1,4}", part) for part in parts
    )


def _is_varied(value: str) -> bool:
    return _classes(value) >= 2 and any(each.isdigit() for each in value) and not _is_name(value)


def _classes(value: str) -> int:
    return (
        any(each.islower() for each in value)
        + any(each.isupper() for each in value)
        + any(each.isdigit() for each in value)
        + any(not each.isalnum() for each in value)
    )


def _looks_random(word: str) -> bool:
    """Return whether a long word looks drawn rather than written."""
    word = word.strip("=.-/")
    if len(word) < 20:
        return False
    if _HEX.fullmatch(word):
        digits = sum(each.isdigit() for each in word)
        return len(word) >= 32 and 0.3 < digits / len(word) < 0.9 and _entropy(word) > 3.0
    if len(word) >= 24 and _BASE64.fullmatch(word) and _classes(word) >= 3 and _changes(word) > 0.4:
        return True
    # The longest stretch without a separator is what was drawn: paths, dotted names and dashes are written.
    drawn = max(re.split(r"[^A-Za-z0-9]+", word), key=len)
    if len(drawn) < 16 or not any(each.isdigit() for each in drawn):
        return False
    return _changes(drawn) > 0.28 and _entropy(drawn) > 3.4


def _changes(word: str) -> float:
    """Return how often the class of character (lower, upper, digit) changes from one to the next, 0..1."""
    classes = ["d" if each.isdigit() else "u" if each.isupper() else "l" if each.islower() else "o" for each in word]
    return sum(one != other for one, other in itertools.pairwise(classes)) / max(1, len(word) - 1)


def _entropy(text: str) -> float:
    """Return Shannon's entropy of the characters, in bits."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values()) if text else 0.0


@lru_cache(maxsize=1)
def _detectors() -> tuple[Any, ...]:
    """Return the detectors of detect-secrets that look for a form: its public addresses are no secrets."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.plugins.base import RegexBasedDetector
    from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString

    kinds: Any = get_mapping_from_secret_type_to_class().values()
    unwanted = {"IPPublicDetector", "KeywordDetector"}
    found = [each() for each in kinds if issubclass(each, RegexBasedDetector) and each.__name__ not in unwanted]
    return (*found, Base64HighEntropyString(limit=4.5))


def _detected(line: str, path: str) -> Iterator[_Span]:
    for detector in _detectors():
        for found in detector.analyze_line(filename=path or "text", line=line, line_number=1):
            secret = found.secret_value
            if not secret or len(secret) < 6:
                continue
            kind = "-".join(re.findall(r"[a-z0-9]+", str(found.type).lower()))[:30]
            start = line.find(secret)
            while start >= 0:
                yield start, start + len(secret), kind
                start = line.find(secret, start + len(secret))
