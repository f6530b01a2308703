"""What a small model names is copied from what it was shown, letter by letter.

A model of a few million parameters knows which kind of name belongs in a place but misspells it. Two rules hold
for whatever it writes; both leave to choose from only tokens that lead to a text for which they hold. (Constrained
decoding over a vocabulary trie, as in De Cao et al. 2021, "Autoregressive Entity Retrieval", arXiv 2010.00904.)

- Between backticks stands a run of the evidence or the question that begins and ends where a word does, but does not
  begin in the middle of a path or with what joins it to the word before.
- Elsewhere everything is free that is plain English: words of ASCII letters, small but for the first, joined by
  hyphens or not, and punctuation. Any other run of letters, digits, ``_``, non-ASCII characters and the joiners
  ``./\\:@$-`` - a path, a number, camelCase, ``--option``, ``.suffix``, a word called with ``(`` - occurs in the
  evidence or the question, again from where a word begins to where one ends; ``.``, ``:`` and ``-`` behind it are
  punctuation. So do words in capitals, which name constants; a short list of acronyms is free, because code spells
  them in small letters where a sentence does not. ``[`` before a digit is never written: that is how users see
  citations. Where a quotation has ended no run goes on but for a plain ending (the s of a plural), and none begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.generation.vocabulary import CLOSED, HYPHEN, JOINERS, START, TICK, WORD, WORDS, Mask, Node, Vocabulary
from engine.types import Floats

__all__ = ["ACRONYMS", "Quoting"]

ACRONYMS = tuple(
    "API APIs ASCII CLI CPU CSS CSV DNS GPU GUI HTML HTTP HTTPS ID IDs IP JSON OK OS SQL SSL TCP TLS TOML UI URI URL "
    "URLs UTC UUID XML YAML I/O e.g i.e".split()
)
_LONGEST = 80  # bytes of one quotation; then it ends where the next word does
_NEWLINE, _OPEN_BRACKET, _OPEN_PARENTHESIS, _DASH, _SLASH = 0x0A, ord("["), ord("("), ord("-"), ord("/")
_SPACES = frozenset(b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f")
_TRAILING = frozenset(b".:-")  # behind a run these are punctuation
_UPPER, _LOWER, _DIGITS = (frozenset(each) for each in (range(0x41, 0x5B), range(0x61, 0x7B), range(0x30, 0x3A)))


class _Quoted(NamedTuple):
    """Inside a quotation. ``at`` are the places in the text where what was quoted so far could go on."""

    at: tuple[int, ...]
    length: int = 0  # bytes quoted so far
    ticks: int = 1  # that opened it: `x` or ``x``
    closing: bool = False  # the first of two closing backticks was written


class _Run(NamedTuple):
    """Outside quotations, in a run or before one. ``at`` are the places where the text could go on like the run."""

    at: tuple[int, ...]
    kind: int = START
    done: bool = True  # it may end here
    worded: bool = False  # more than joiners
    bracket: bool = False  # right behind [


_State = _Quoted | _Run
_Places = Mapping[int, Sequence[int]]  # the byte that stands there -> the places behind it
_NOWHERE: tuple[int, ...] = ()
_GLUED = _Run(_NOWHERE, HYPHEN)  # right behind a quotation: only a plain ending can follow


def _table(members: frozenset[int]) -> Mask:
    return np.asarray([byte in members for byte in range(256)], dtype=np.bool_)


_WORD_TABLE, _SPACE_TABLE, _RUN_TABLE = _table(WORDS), _table(_SPACES), _table(WORDS | JOINERS)
_JOINER_TABLE = _table(JOINERS)


class _Text:
    """What may be copied, as bytes: where a copy can begin, go on and end."""

    def __init__(self, texts: Sequence[str]) -> None:
        shown = ("\n" + "\n".join(texts) + "\n").encode("utf-8", "replace")
        self.bytes = shown + "\n".join([*ACRONYMS, ""]).encode()
        codes = np.frombuffer(self.bytes, dtype=np.uint8)  # (n,)
        word, space = _WORD_TABLE[codes], _SPACE_TABLE[codes]
        breaks = np.append(True, ~(word[1:] & word[:-1]))  # (n,) no word goes through the place before the byte
        ends = breaks & ~np.append(True, space[:-1])
        self.ends: list[bool] = [*ends.tolist(), True]
        # A quotation can go on from a place if one can end there or further on, before the line or a backtick ends it.
        stop = np.flatnonzero((codes == _NEWLINE) | (codes == TICK))
        end = np.append(np.flatnonzero(ends), len(codes))
        places = np.arange(len(codes))
        next_stop = np.append(stop, len(codes))[np.searchsorted(stop, places)]
        self.goes_on: list[bool] = [*(end[np.searchsorted(end, places)] <= next_stop).tolist(), False]
        begins = breaks & ~space & (codes != TICK)
        begins[0] = False
        # The rest of a path, or of a word with a joiner in it, is no name: `requests/api.py` of src/requests/api.py.
        behind = np.append(False, word[:-1])
        inside = np.append(False, (codes == _SLASH)[:-1] & behind[:-1])
        cut = (_JOINER_TABLE[codes] & behind) | inside
        self.quotable: tuple[int, ...] = tuple(np.flatnonzero((begins & ~cut)[: len(shown)]).tolist())
        self.runs = self._distinct(np.flatnonzero(begins & _RUN_TABLE[codes]), codes)

    def _distinct(self, begins: npt.NDArray[np.intp], codes: npt.NDArray[np.uint8]) -> tuple[int, ...]:
        """Return one place for each thing that a run can be copied from there: names come again and again."""
        gaps = np.flatnonzero(~_RUN_TABLE[codes])
        last = gaps[np.searchsorted(gaps, begins)].tolist()
        return tuple({self.bytes[first:end]: first for first, end in zip(begins.tolist(), last, strict=True)}.values())


class Quoting:
    """Follows one draft. ``texts`` are what may be copied, each on its own."""

    def __init__(self, texts: Sequence[str], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._text = _Text(texts)
        self._fresh = _Run(self._text.runs)
        self._bracket = self._fresh._replace(bracket=True)
        self._opened = _Quoted(self._text.quotable) if self._text.quotable else None
        self._state: _State = self._fresh
        self._fresh_places = self._sorted(self._fresh)
        self._opened_places = self._sorted(self._opened) if self._opened else {}
        size, inward = len(vocabulary.tokens), vocabulary.inward
        self._anything = self._walked(self._fresh, vocabulary.plain[START].copy())  # (V,) at the beginning of a run
        self._quotation = self._walked(self._opened, np.zeros(size, np.bool_)) if self._opened else None
        # (V,) behind a run that may end, by its kind; what can be copied from there comes on top.
        outward = self._anything & ~inward
        self._behind = [outward | (plain & inward) for plain in vocabulary.plain]

    @property
    def resting(self) -> bool:
        """Return whether the draft could end here: outside quotations, and behind what is whole or plain."""
        return isinstance(self._state, _Run) and self._state.done

    def allowed(self) -> Mask:
        """Return which text tokens can follow, (V,), a copy; no control token ever is."""
        state = self._state
        if isinstance(state, _Quoted):
            if state is self._opened and self._quotation is not None:
                return self._quotation.copy()
            return self._walked(state, np.zeros(len(self._vocabulary.tokens), np.bool_))
        if state.at is self._fresh.at:
            return self._anything & ~self._vocabulary.digits if state.bracket else self._anything.copy()
        if not state.done:
            return self._walked(state, np.zeros(len(self._vocabulary.tokens), np.bool_))
        mask = self._behind[state.kind].copy()
        if state.kind == WORD and not self._is_whole(state.at):
            mask &= ~self._vocabulary.calls
        if state is _GLUED:
            mask &= ~self._vocabulary.ticks
        return self._walked(state, mask)

    def restrict(self, logits: Floats) -> None:
        """Set the logits (V,) of tokens that cannot follow to -inf, in place; a control token ends the text."""
        mask = self.allowed()
        if self.resting or not mask.any():
            mask |= self._vocabulary.control
        logits[~mask] = -np.inf

    def accept(self, token: int) -> None:
        """Take note of the token that was chosen. Behind a control token a new run begins."""
        state: _State | None = self._fresh
        if not self._vocabulary.control[token]:
            state = self._state
            for byte in self._vocabulary.tokens[token]:
                state = self._step(state, byte, self._places(state, byte)) if state else None
        self._state = state or self._fresh

    # -- the text -----------------------------------------------------------------------------

    def _is_whole(self, at: Iterable[int]) -> bool:
        ends = self._text.ends
        return any(ends[place] for place in at)

    def _sorted(self, state: _State, wanted: int | None = None) -> _Places:
        """Return where the text goes on after the state, by the byte with which it does."""
        text, ends, goes_on = self._text.bytes, self._text.ends, self._text.goes_on
        found: dict[int, list[int]] = {}
        quoted = isinstance(state, _Quoted)
        long = isinstance(state, _Quoted) and state.length >= _LONGEST
        for place in state.at:
            byte = text[place]
            if wanted is not None and byte != wanted:
                continue
            if quoted and (not goes_on[place + 1] or (long and ends[place])):
                continue
            if byte in found:
                found[byte].append(place + 1)
            else:
                found[byte] = [place + 1]
        return found

    def _places(self, state: _State, byte: int) -> tuple[int, ...]:
        if state.at is self._fresh.at:
            return tuple(self._fresh_places.get(byte, _NOWHERE))
        if state is self._opened:
            return tuple(self._opened_places.get(byte, _NOWHERE))
        return tuple(self._sorted(state, byte).get(byte, _NOWHERE))

    # -- the automaton ------------------------------------------------------------------------

    def _step(self, state: _State, byte: int, at: tuple[int, ...]) -> _State | None:
        """Return the state after one more byte, None when it cannot follow; ``at``: where the text has it too."""
        if isinstance(state, _Quoted):
            if byte == TICK:
                return self._ticked(state)
            goes_on = at and not state.closing and byte != _NEWLINE
            return _Quoted(at, state.length + 1, state.ticks) if goes_on else None
        if byte in WORDS:
            return self._word(state, byte, at)
        if byte in JOINERS:
            return self._joined(state, byte, at)
        return self._between(state, byte) if state.done else None

    def _between(self, state: _Run, byte: int) -> _State | None:
        if byte == _OPEN_PARENTHESIS and state.kind == WORD and not self._is_whole(state.at):
            return None  # a call
        if byte == TICK:
            return None if state is _GLUED else self._opened
        return self._bracket if byte == _OPEN_BRACKET else self._fresh

    def _word(self, state: _Run, byte: int, at: tuple[int, ...]) -> _Run | None:
        if state.bracket and byte in _DIGITS:
            return None
        plain = state.kind != CLOSED and (byte in _LOWER or (byte in _UPPER and state.kind != WORD))
        if plain:
            return _Run(at, WORD, True, True)
        return _Run(at, CLOSED, self._is_whole(at), True) if at else None

    def _joined(self, state: _Run, byte: int, at: tuple[int, ...]) -> _Run | None:
        done = state.done if byte in _TRAILING else not state.worded or self._is_whole(at)
        if not at and not done:
            return None
        kind = HYPHEN if byte == _DASH and state.kind in (WORD, HYPHEN) else CLOSED
        return _Run(at, kind, done, state.worded)

    def _ticked(self, state: _Quoted) -> _State | None:
        """Return the state after one more backtick inside a quotation: a second one opens it, others close it."""
        if state.closing:
            return _GLUED
        if state.length == 0:
            return _Quoted(state.at, ticks=2) if state.ticks == 1 else None
        if not self._is_whole(state.at):
            return None
        return _GLUED if state.ticks == 1 else _Quoted(state.at, state.length, 2, closing=True)

    def _walked(self, state: _State, mask: Mask) -> Mask:
        """Add to the mask, in place, the tokens that can follow by being copied.

        Outside quotations the mask has what is plain throughout, so that only those branches of the trie are walked
        on which something is copied. Behind a run, tokens that begin outside it are in the mask too.
        """
        found: list[int] = []
        inside = isinstance(state, _Run) and state.at is not self._fresh.at
        waiting: list[tuple[Node, _State, bool]] = [(self._vocabulary.trie, state, False)]
        while waiting:
            node, here, copied = waiting.pop()
            places = self._everywhere(here)
            wanted = self._wanted(node, here, places, copied)
            if inside:
                wanted = [byte for byte in wanted if byte in WORDS or byte in JOINERS]
                inside = False
            for byte in wanted:
                after = self._step(here, byte, tuple(places.get(byte, _NOWHERE)))
                if after is None:
                    continue
                child = node.children[byte]
                found.extend(child.ends)
                copying = copied or _copies(here, byte, after)
                if child.children and (after.at or child.mixed or copying):
                    waiting.append((child, after, copying))
        mask[found] = True
        return mask

    @staticmethod
    def _wanted(node: Node, state: _State, places: _Places, copied: bool) -> Iterable[int]:
        """Return the bytes that are worth a step: plain words are in the mask, as long as nothing comes behind them."""
        children = node.children
        if copied and isinstance(state, _Run) and state.kind != CLOSED:
            return children
        wanted = [byte for byte in places if byte in children]
        if isinstance(state, _Run):
            wanted += [byte for byte in (node.others if state.kind == CLOSED else node.deep) if byte not in places]
        elif TICK in children and TICK not in places:
            wanted.append(TICK)
        return wanted

    def _everywhere(self, state: _State) -> _Places:
        if state.at is self._fresh.at:
            return self._fresh_places
        if state is self._opened:
            return self._opened_places
        return self._sorted(state)


def _copies(state: _State, byte: int, after: _State) -> bool:
    """Return whether the byte could follow only because the text has it."""
    if isinstance(state, _Quoted) or isinstance(after, _Quoted):
        return True
    if byte in WORDS:
        return after.kind == CLOSED
    if byte in JOINERS:
        return byte not in _TRAILING and state.worded
    return byte == _OPEN_PARENTHESIS and state.kind == WORD
