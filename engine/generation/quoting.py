"""What a small model puts in backticks is copied from what it was shown, letter by letter.

A model of a few million parameters knows which kind of name belongs in a place but misspells it. While it
is between backticks, only tokens that continue some run of the evidence or the question are left to choose
from, and a quotation begins and ends where a word does. Everything outside backticks stays free. (Constrained
decoding over a vocabulary trie, as in De Cao et al. 2021, "Autoregressive Entity Retrieval", arXiv 2010.00904.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.types import Floats

__all__ = ["Quoting", "Vocabulary"]

_TICK = ord("`")
_LONGEST = 80  # bytes of one quotation; then it ends where the next word does


class Vocabulary:
    """The tokens of a model as bytes, in a trie. ``control`` tokens are no text and never inside a quotation."""

    def __init__(self, tokens: Sequence[bytes], control: Sequence[bool]) -> None:
        self.tokens = tuple(tokens)
        self.control = np.asarray(control, dtype=np.bool_)  # (V,)
        self.ticked = [n for n, token in enumerate(tokens) if _TICK in token and not control[n]]
        self.trie: _Node = _Node({}, [])
        for number, token in enumerate(tokens):
            if not token or control[number]:
                continue
            node = self.trie
            for byte in token:
                node = node.children.setdefault(byte, _Node({}, []))
            node.ends.append(number)


@dataclass(slots=True)
class _Node:
    children: dict[int, _Node]
    ends: list[int]  # tokens that end here


@dataclass(frozen=True, slots=True)
class _State:
    """Where the draft stands: outside (``at`` is None), or after some bytes of a quotation.

    ``at`` are the places in the text where what was quoted so far could go on.
    """

    at: tuple[int, ...] | None = None
    length: int = 0  # bytes quoted so far
    ticks: int = 1  # that opened it: `x` or ``x``
    closing: bool = False  # the first of two closing backticks was written


_OUTSIDE = _State()


class Quoting:
    """Follows one draft. ``texts`` are what may be quoted, each on its own."""

    def __init__(self, texts: Sequence[str], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._text = ("\n" + "\n".join(texts) + "\n").encode("utf-8", "replace")
        self._starts = tuple(place for place in range(1, len(self._text)) if self._begins(place))
        self._opened = _State(self._starts)
        self._first: npt.NDArray[np.int64] | None = None  # what may follow an opening backtick
        self._state = _OUTSIDE
        wrong = [number for number in vocabulary.ticked if self._after(_OUTSIDE, vocabulary.tokens[number]) is None]
        self._never = np.asarray(wrong, dtype=np.int64)  # tokens that begin a quotation of something else

    def restrict(self, logits: Floats) -> None:
        """Set the logits (V,) of tokens that cannot follow to -inf, in place."""
        if self._state.at is None:
            logits[self._never] = -np.inf
            return
        allowed = self._allowed()
        if len(allowed):
            kept = logits[allowed].copy()
            logits[:] = -np.inf
            logits[allowed] = kept

    def accept(self, token: int) -> None:
        """Take note of the token that was chosen."""
        self._state = self._after(self._state, self._vocabulary.tokens[token]) or _OUTSIDE

    # -- the text -----------------------------------------------------------------------------

    def _is_word(self, place: int) -> bool:
        byte = self._text[place]
        return byte == 0x5F or byte >= 0x80 or chr(byte).isalnum()

    def _breaks(self, place: int) -> bool:
        """Return whether no word goes through the place between two bytes."""
        return not (self._is_word(place - 1) and self._is_word(place))

    def _ends(self, place: int) -> bool:
        return self._breaks(place) and not chr(self._text[place - 1]).isspace()

    def _begins(self, place: int) -> bool:
        byte = self._text[place]
        return byte != _TICK and not chr(byte).isspace() and self._breaks(place)

    # -- the automaton ------------------------------------------------------------------------

    def _step(self, state: _State, byte: int) -> _State | None:
        """Return the state after one more byte, None when it cannot follow."""
        if state.at is None:
            return self._opened if byte == _TICK else _OUTSIDE
        if byte == _TICK:
            return self._ticked(state, state.at)
        if state.closing or byte == 0x0A:
            return None
        following = tuple(
            place + 1
            for place in state.at
            if self._text[place] == byte and (state.length < _LONGEST or not self._ends(place))
        )
        return _State(following, state.length + 1, state.ticks) if following else None

    def _ticked(self, state: _State, at: tuple[int, ...]) -> _State | None:
        """Return the state after one more backtick inside a quotation: a second one opens it, others close it."""
        if state.closing:
            return _OUTSIDE
        if state.length == 0:
            return _State(at, ticks=2) if state.ticks == 1 else None
        if not any(map(self._ends, at)):
            return None
        return _OUTSIDE if state.ticks == 1 else _State(at, state.length, 2, closing=True)

    def _after(self, state: _State, token: bytes) -> _State | None:
        following: _State | None = state
        for byte in token:
            if following is None:
                return None
            following = self._step(following, byte)
        return following

    def _branches(self, state: _State, bytes_wanted: Iterable[int]) -> Iterator[tuple[int, _State]]:
        """Yield (byte, state after it) for those of the wanted bytes that can follow."""
        wanted = set(bytes_wanted)
        if state.at is not None and not state.closing:
            # One look at each place instead of one a byte: right after the backtick there are thousands.
            wanted &= {self._text[place] for place in state.at} | {_TICK}
        for byte in wanted:
            following = self._step(state, byte)
            if following is not None:
                yield byte, following

    def _allowed(self) -> npt.NDArray[np.int64]:
        """Return the tokens that can follow inside a quotation."""
        if self._state is self._opened and self._first is not None:
            return self._first
        found: list[int] = []
        waiting = [(self._vocabulary.trie, self._state)]
        while waiting:
            node, state = waiting.pop()
            found.extend(node.ends)
            for byte, following in self._branches(state, node.children):
                waiting.append((node.children[byte], following))
        allowed = np.asarray(found, dtype=np.int64)
        if self._state is self._opened:
            self._first = allowed
        return allowed
