"""Functions that were written after a revision: what a model that knows the repository should find likely."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from engine.chunking import parse
from engine.errors import UsageError
from engine.languages import language_of
from engine.repository import git
from engine.repository.contents import LARGEST, judge_content, judge_name
from engine.types import SourceFile, sha256_hex

__all__ = ["NEAR_DUPLICATE", "Target", "Texts", "new_functions", "overlap", "shingles", "sources_at"]

# Two texts are near-duplicates when they share this part of the token 5-grams of the one that has fewer.
NEAR_DUPLICATE = 0.5
_SHINGLE = 5
_TOKEN = re.compile(r"\w+|[^\w\s]")
_SHORTEST = 200  # characters of what is measured
_PER_FILE = 2  # targets, so that no file decides the result
_SAMPLE_SEED = 0


@dataclass(frozen=True, slots=True)
class Target:
    """A function written later, split where its body begins."""

    path: str
    symbol: str
    first_line: int
    before: str  # the file's text up to and including the signature
    signature: str
    text: str  # the rest of the function: what is measured
    whole: str  # signature and rest, as in the file


def shingles(text: str) -> frozenset[int]:
    """Return the hashes of a text's token 5-grams (shingling: Broder 1997); shorter texts are one shingle."""
    tokens = _TOKEN.findall(text)
    count = max(1, len(tokens) - _SHINGLE + 1)
    return frozenset(hash(tuple(tokens[at : at + _SHINGLE])) for at in range(count)) if tokens else frozenset()


def overlap(a: frozenset[int], b: frozenset[int]) -> float:
    """Return the shared part, 0..1, of the smaller of two shingle sets."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


class Texts:
    """Texts, and whether another one is a near-duplicate of any of them: found through the shingles they share."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """Take note of ``texts``."""
        self._sizes: list[int] = []
        self._holders: dict[int, list[int]] = {}  # shingle -> numbers of the texts that have it
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Take note of one text more."""
        own = shingles(text)
        for shingle in own:
            self._holders.setdefault(shingle, []).append(len(self._sizes))
        self._sizes.append(len(own))

    def hold_like(self, text: str) -> bool:
        """Return whether some text's ``overlap`` with this one is at least ``NEAR_DUPLICATE``."""
        own = shingles(text)
        shared = Counter(chain.from_iterable(self._holders.get(shingle, ()) for shingle in own))
        return any(count >= NEAR_DUPLICATE * min(len(own), self._sizes[each]) for each, count in shared.items())


def sources_at(root: Path, revision: str) -> list[SourceFile]:
    """Return the files of a revision that would be indexed (ignore files aside: git tracks them all).

    Nothing is checked out. Raises UsageError for a revision that git does not know.
    """
    found = []
    try:
        commit = git.commit_of(root, revision)
        for path, data in git.files_at(root, commit, largest=LARGEST, wanted=_is_text):
            judged = judge_content(path, data, language_of)
            if isinstance(judged, tuple):
                text, language = judged
                found.append(SourceFile(path, text, sha256_hex(data), language, len(data), 0))
    except git.GitFailed as error:
        raise UsageError(f"the files of revision {revision!r} of {root} cannot be read: {error}") from error
    return found


def _is_text(path: str) -> bool:
    return judge_name(path) is None


def new_functions(then: Sequence[SourceFile], now: Sequence[SourceFile], limit: int) -> list[Target]:
    """Return up to ``limit`` functions of ``now`` that ``then`` has nothing like.

    Left out are functions whose text occurs in ``then`` but for white space, near-duplicates of one that
    does (edited, moved, copied), and near-duplicates among themselves. The sample is the same every time and
    in random order, with at most two of a file: a smaller ``limit`` gives the first ones of a larger.
    """
    known = [each.whole for each in _functions(then)]
    exact = {_normalised(whole) for whole in known}
    old = Texts(known)
    fresh = [target for target in _functions(now) if _normalised(target.whole) not in exact]
    random.Random(_SAMPLE_SEED).shuffle(fresh)  # noqa: S311 - a sample, no secret
    chosen: list[Target] = []
    taken: Counter[str] = Counter()
    for target in fresh:
        if len(chosen) == limit:
            break
        if taken[target.path] == _PER_FILE or len(target.text.strip()) < _SHORTEST:
            continue
        if old.hold_like(target.whole):
            continue
        chosen.append(target)
        taken[target.path] += 1
        old.add(target.whole)
    return chosen


def _functions(sources: Sequence[SourceFile]) -> Iterator[Target]:
    """Yield every outermost function or method as a target."""
    for source in sources:
        lines = source.text.splitlines(keepends=True)
        end = 0
        for symbol in parse(source).symbols:
            if symbol.kind not in {"function", "method"} or symbol.first_line <= end:
                continue
            end = symbol.last_line
            whole = "".join(lines[symbol.first_line - 1 : end])
            head = _head(whole, symbol.signature)
            before = "".join(lines[: symbol.first_line - 1]) + whole[:head]
            signature, text = symbol.signature, whole[head:]
            yield Target(source.path, symbol.qualified, symbol.first_line, before, signature, text, whole)


def _head(whole: str, signature: str) -> int:
    """Return where the line ends on which the signature does; the first line's end when it is not found as given."""
    wanted, _ = _squeezed(signature)
    text, positions = _squeezed(whole)
    start = text.find(wanted) if wanted else -1
    last = positions[start + len(wanted) - 1] if start >= 0 else 0
    line_end = whole.find("\n", last)
    return len(whole) if line_end < 0 else line_end + 1


def _squeezed(text: str) -> tuple[str, list[int]]:
    """Return a text without white space and trailing commas, which signatures are written without, and positions."""
    positions = [match.start() for match in re.finditer(r"(?!,\s*\))\S", text)]
    return "".join(text[at] for at in positions), positions


def _normalised(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
