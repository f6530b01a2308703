"""The tokens of a model as bytes, and which of them write plain English whatever a repository says.

Text is read as runs of the bytes that names and paths are made of, with anything else between them. A run is plain
when it is an English word: letters, all small or the first one large, or several such joined by hyphens. What is
plain needs no look at a repository, so it is worked out here, once for a model (see ``quoting`` for the rest).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["CLOSED", "HYPHEN", "JOINERS", "START", "TICK", "WORD", "WORDS", "Mask", "Node", "Vocabulary"]

Mask = npt.NDArray[np.bool_]

TICK = ord("`")
# What names are made of: letters, digits, the underscore, and every byte of a character outside ASCII.
WORDS = frozenset(byte for byte in range(256) if byte >= 0x80 or byte == ord("_") or chr(byte).isalnum())
JOINERS = frozenset(b"./\\:@$-")  # these join names into paths, options, decorators and qualified names

# Where a run stands. CLOSED: it is no plain word, or no longer one; what follows has to be copied.
START, WORD, HYPHEN, CLOSED = range(4)

_PART = rb"(?:[A-Z][a-z]*|[a-z]+)"
_RUN = rb"(?:" + _PART + rb"(?:-+" + _PART + rb")*[.:\-]*|[./\\:@$\-]+)"
# A bracket right behind a word makes it a call, hence a name; backticks begin what is copied.
_BETWEEN = rb"(?:[^A-Za-z0-9_\x80-\xff./\\:@$\-`(]|(?<![A-Za-z])\()"
_REST = rb"(?:" + _BETWEEN + _RUN + rb"?)*"
_PLAIN = tuple(
    re.compile(head + _REST)
    for head in (
        _RUN + rb"?",
        rb"[a-z]*(?:-+" + _PART + rb")*[.:\-]*",
        rb"(?:-*" + _PART + rb"(?:-+" + _PART + rb")*)?[.:\-]*",
        rb"[.:\-]*",
    )
)


@dataclass(slots=True)
class Node:
    """A place in the trie of all tokens."""

    children: dict[int, Node]
    ends: list[int]  # tokens that end here
    others: tuple[int, ...] = ()  # those of the bytes that follow that are not what names are made of
    deep: tuple[int, ...] = ()  # those, and those that such a byte comes behind

    @property
    def mixed(self) -> bool:
        """Return whether something other than the bytes of names comes further down."""
        return bool(self.deep)


class Vocabulary:
    """The tokens of a model as bytes, in a trie. ``control`` tokens are no text."""

    def __init__(self, tokens: Sequence[bytes], control: Sequence[bool]) -> None:
        self.tokens = tuple(tokens)
        self.control: Mask = np.asarray(control, dtype=np.bool_)  # (V,)
        texts = [b"" if special else token for token, special in zip(tokens, control, strict=True)]
        self.inward = self._starting(texts, WORDS | JOINERS)  # (V,) what goes on a run
        self.calls = self._starting(texts, {ord("(")})
        self.ticks = self._starting(texts, {TICK})
        self.digits = self._starting(texts, set(b"0123456789"))
        # (V,) for START, WORD, HYPHEN and CLOSED: what can be written from there and is plain throughout.
        self.plain: tuple[Mask, ...] = tuple(
            np.asarray([bool(text) and pattern.fullmatch(text) is not None for text in texts], dtype=np.bool_)
            for pattern in _PLAIN
        )
        self.trie = Node({}, [])
        for number, text in enumerate(texts):
            if text:
                self._plant(number, text)

    def along(self, texts: Iterable[str]) -> Mask:
        """Return which tokens (V,) begin one of the texts, a whole text included."""
        found: list[int] = []
        for text in texts:
            node: Node | None = self.trie
            for byte in text.encode():
                node = node.children.get(byte) if node else None
                if node is None:
                    break
                found += node.ends
        mask = np.zeros(len(self.tokens), np.bool_)
        mask[found] = True
        return mask

    @staticmethod
    def _starting(texts: Sequence[bytes], first: set[int] | frozenset[int]) -> Mask:
        return np.asarray([bool(text) and text[0] in first for text in texts], dtype=np.bool_)

    def _plant(self, number: int, text: bytes) -> None:
        last = max((place for place, byte in enumerate(text) if byte not in WORDS), default=-1)
        node = self.trie
        for place, byte in enumerate(text):
            if byte not in WORDS and byte not in node.others:
                node.others += (byte,)
            if place <= last and byte not in node.deep:
                node.deep += (byte,)
            following = node.children.get(byte)
            if following is None:
                following = node.children[byte] = Node({}, [])
            node = following
        node.ends.append(number)
