"""What the bundled model writes -> what the user reads: each statement with its citations behind it.

The model names the evidence before it states what stands there; a reader wants it the other way round. So the
citations of the statement under way wait for its end: ``[2] `a` calls `x`.`` is shown as ```a` calls `x` [2].``
"""

from __future__ import annotations

import re

__all__ = ["Pointing"]

_SENTENCE_END = re.compile(r"(?<=[.!?])(?=\s)")
_HELD = re.compile(r"\.?\s*$")
_AROUND = " \t\n.,;"  # of a statement: no part of what it says
_FINAL = (".", "!", "?", ":")
_NEW_SENTENCE = re.compile(r"\S")
_NEW_WORD = re.compile(r"[\w`(]")


class Pointing:
    """Follows one draft: ``cite`` and ``say`` as the model writes, ``finish`` at its end; each returns what to show.

    ``repeats`` tells that the model has begun to say again what it has said, word by word and of the same evidence:
    the second time is never shown, and nothing that comes after it should be.
    """

    def __init__(self) -> None:
        self.repeats = False
        self._marks: list[int] = []  # of the statement under way
        self._marking = False  # nothing was written behind them yet
        self._worded = False  # the statement under way says something
        self._said: dict[tuple[int, ...], set[str]] = {}  # citations -> sentences that they were given for
        self._sentence = ""
        self._waiting = ""  # the end of the sentence, as long as it may be one that was said before
        self._held = ""  # a full stop and the space behind it, before which citations may have to go
        self._last = ""  # the last character shown
        self._gap: re.Pattern[str] | None = None  # what needs a space before it, behind the statement before

    def cite(self, number: int) -> str:
        """Begin a statement that evidence ``number`` bears out, or add the number to one that has just begun."""
        if self._marking:
            if number not in self._marks:
                self._marks.append(number)
            return ""
        ready = self._ended()
        if not self.repeats:
            ready += self._pointed()
            self._marks, self._marking, self._worded = [number], True, False
        return ready

    def say(self, text: str) -> str:
        """Go on with the statement; the text may come cut anywhere, and is never read for citations."""
        ready = ""
        for part in _SENTENCE_END.split(text):
            if self._sentence.endswith((".", "!", "?")) and part[:1].isspace():
                ready += self._ended()
            if self.repeats or not part:
                continue
            self._marking = False
            self._sentence += part
            self._waiting += part
            so_far = self._sentence.strip(_AROUND)
            if not any(said.startswith(so_far) for said in self._said.get(tuple(self._marks), ())):
                ready += self._released()
        return ready

    def finish(self) -> str:
        """End the draft. One that was stopped because it repeated itself gets a full stop."""
        ready = (self._ended() + self._pointed()).rstrip()
        self._last = ready[-1:] or self._last
        if self.repeats and self._last and not self._last.endswith(_FINAL):
            ready += "."
        return ready

    def _ended(self) -> str:
        """End a sentence: show what was kept back of it, unless all of it has been said before."""
        sentence, self._sentence = self._sentence.strip(_AROUND), ""
        said = self._said.setdefault(tuple(self._marks), set())
        if sentence in said:
            self.repeats = True
            self._waiting = ""
        if sentence:
            said.add(sentence)
        return self._released()

    def _released(self) -> str:
        text, self._waiting = self._waiting, ""
        if text and self._gap:
            text = f" {text}" if self._gap.match(text) else text
            self._gap = None
        self._worded = self._worded or re.search(r"\w", text) is not None
        text = self._held + text
        at = _HELD.search(text)
        cut = at.start() if at else len(text)
        before = text[cut - 1 : cut] or self._last
        if before == "." and text[cut : cut + 1] == ".":
            cut += 1  # of an ellipsis, no full stop
        self._held = text[cut:]
        self._last = text[cut - 1 : cut] or self._last
        return text[:cut]

    def _pointed(self) -> str:
        """End a statement: its citations, then what they had to come before."""
        marks = "".join(f"[{number}]" for number in self._marks) if self._worded else ""
        ready = (f" {marks}" if marks else "") + self._held
        self._held = ""
        self._last = ready[-1:] or self._last
        if self._last and not self._last.isspace():
            self._gap = _NEW_SENTENCE if self._last in _FINAL else _NEW_WORD
        return ready
