"""The grammar of the bundled model's answers, held to token by token.

``<|nothing|>`` alone refuses; any other answer is made of statements, each behind the citations that bear it out.
With evidence the first token decides where to look, or that there is no use in looking. How sure the model has to be
to refuse is measured (``sidetune evaluate answers``) and stands beside its weights, in ``answering.json``.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import ModelError
from engine.generation.pointing import Pointing
from engine.generation.prompt import CITE_TOKENS, Piece, compact_prompt
from engine.generation.quoting import Quoting
from engine.generation.spellings import printed
from engine.generation.stating import Stating
from engine.generation.vocabulary import WORDS, Mask, Vocabulary
from engine.types import SILENT_ANSWER, Evidence, Floats, MissingName

__all__ = ["CITATIONS", "Answering", "Controls", "copied_from", "read_refuse_above", "spoken"]

CALIBRATION = "answering.json"
CITATIONS = tuple(Piece(f"<|cite_{number}|>", special=True) for number in range(1, CITE_TOKENS + 1))
_REFUSE_ABOVE = 0.5  # where nothing was measured
_LOOP = 12  # tokens that go on as those before them did: a small model that does so never finds out of it
_LONGEST_TURN = 20  # tokens, of which a loop is made
_JOINT = re.compile(r",?(?: (?:and ?|or ?)?)?")  # of a list
_NAMED = re.compile(r"`([^`]+)`")
_ANOTHER = re.compile(rf"(?:, ?(?:and |or )?| (?:and|or) ){_NAMED.pattern}")
_OF_A_PARAMETER = re.compile(r"[.,]?\s*`[^`]+`(?: (?:d\w*(?: t?o? ?)?|i\w?(?: o?f?(?: t\w* ?)?)?)?)?`?")
_MEMBER = re.compile(r"^([ \t]+)(?:async[ \t]+)?(?:def|class|fn|func|function)[ \t]+(\w+)", re.MULTILINE)


def read_refuse_above(folder: Path) -> float:
    """Return the probability of ``<|nothing|>`` above which the model in a folder refuses; 0.5 where none was measured.

    Raises ModelError when ``answering.json`` is there and is not what it should be.
    """
    path = folder / CALIBRATION
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return _REFUSE_ABOVE
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read; install the model again") from error
    value = found.get("refuse_above", _REFUSE_ABOVE) if isinstance(found, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ModelError(f"refuse_above in {path} has to be a number from 0 to 1")
    return float(value)


def copied_from(question: str, shown: Sequence[Evidence], missing: Sequence[MissingName]) -> list[str]:
    """Return the texts that the names in an answer may come from.

    They are the question and the evidence with its sources; where a class is shown whole, the qualified names of its
    members, too, which stand nowhere in it, and Python's values as Python prints them. The highlights are left out:
    they may be cut in the middle of a name.
    """
    sources = [piece.text for piece in compact_prompt("", shown, missing=missing) if not piece.special]
    members = [name for item in shown for name in _members(item)]
    values = [value for item in shown if item.chunk.language == "python" for value in printed(item.chunk.text)]
    return [*sources, *members, *values, question]


def _members(item: Evidence) -> list[str]:
    """Return the qualified names of what is defined directly in a class."""
    if item.chunk.kind != "class" or not item.chunk.symbol:
        return []
    inside = item.chunk.text.partition("\n")[2]
    found = [(len(match.group(1).expandtabs()), match.group(2)) for match in _MEMBER.finditer(inside)]
    own = min((depth for depth, _ in found), default=0)
    return [f"{item.chunk.symbol}.{name}" for depth, name in found if depth == own]


@dataclass(frozen=True, slots=True)
class Controls:
    """The control tokens of which answers are made."""

    cites: tuple[int, ...]  # <|cite_1|> …
    nothing: int
    ends: tuple[int, ...]


class Answering:
    """Guides one answer (see ``llama.Guide``). ``refusal`` is the probability of refusing, once it is known.

    ``shown`` pieces of evidence can be cited. ``free`` allows an answer to begin without a citation, which one that
    has no evidence does in any case. ``names`` returns what holds names to the evidence of these numbers, to all of it
    for none: what a statement names stands where it points. None leaves names free. ``stating`` knows what a statement
    can go on with; ``about`` are the numbers of the only evidence that can be cited, None for all.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        controls: Controls,
        names: Callable[[tuple[int, ...]], Quoting] | None,
        *,
        shown: int,
        free: bool,
        refuse_above: float,
        stating: Stating | None = None,
        about: Sequence[int] | None = None,
    ) -> None:
        self.refusal: float | None = None
        self._vocabulary = vocabulary
        self._controls = controls
        self._names = names
        self._quoting: Quoting | None = None  # of the statement under way, made when its first word is chosen
        self._numbers: tuple[int, ...] = ()  # of the evidence that it points to
        self._cites = controls.cites[:shown] if about is None else tuple(controls.cites[each - 1] for each in about)
        self._free = free or not shown
        self._stating = stating
        self._refuse_above = refuse_above
        self._begun = False
        self._citing: set[int] = set()  # the citations that the statement under way began with
        self._worded = False  # it says something
        self._said: list[int] = []  # its tokens
        self._copying = False  # of what the graph knows: whatever is quoted there is right, however it is spelled

    @property
    def looping(self) -> bool:
        """Return whether the statement under way turns in circles."""
        return _loops(self._said)

    @property
    def denied(self) -> bool:
        """Return whether the statement under way can only be wrong: nothing that it points at has such a parameter."""
        return self._stating is not None and self._stating.denies(*self._statement())

    @property
    def resting(self) -> bool:
        """Return whether what was written is whole: no name and no quotation is under way."""
        return self._quoting is None or self._quoting.resting

    def restrict(self, logits: Floats) -> None:
        """Set the logits (V,) of tokens that cannot follow to -inf, in place."""
        if not self._begun:
            mask = self._first(logits)
        elif (only := self._settled(logits)) is not None:
            self._copying = True
            logits[~only] = -np.inf
            return
        else:
            mask = self._texts()
            if self.resting and (self._worded or self._citing):
                mask[[token for token in self._cites if token not in self._citing]] = True
            if self.resting and self._worded:
                mask[list(self._controls.ends)] = True
        if not mask.any():  # there are vocabularies that cannot spell everything
            mask[list(self._controls.ends)] = True
        logits[~mask] = -np.inf

    def accept(self, token: int) -> None:
        """Take note of the token that was chosen."""
        self._begun = True
        if token in self._controls.cites:
            self._citing = {token} if self._worded or not self._citing else self._citing | {token}
            self._numbers = tuple(sorted(map(self._controls.cites.index, self._citing)))
            self._quoting = None
            self._worded = False
            self._said.clear()
        else:
            self._said.append(token)
            if self._copying:
                self._copying, self._quoting = False, None  # it ends outside of quotations
            if self._quoting is not None:
                self._quoting.accept(token)
            self._worded = self._worded or not WORDS.isdisjoint(self._vocabulary.tokens[token])
            self._citing = self._citing if not self._worded else set()

    def _statement(self) -> tuple[str, list[int]]:
        """Return what is said of the statement under way, and the evidence that it points at."""
        text = b"".join(self._vocabulary.tokens[token] for token in self._said).decode("utf-8", "ignore")
        return text, [place + 1 for place in self._numbers]

    def _settled(self, logits: Floats) -> Mask | None:
        """Return what can follow (V,) where the statement so far leaves no choice, None where it does.

        Of a text that begins with a colon or a space the logit (V,) is that of its first word as well, in place: a
        small model that knows what comes forgets what goes before it.
        """
        if self._stating is None or not self._said:
            return None
        texts = self._stating.following(*self._statement())
        for each in texts:
            bare = each.lstrip(": ")
            if bare and bare != each:
                own = np.flatnonzero(self._vocabulary.along([each]))
                alike = self._vocabulary.along([bare, f" {bare}"])
                if len(own) and alike.any():
                    longest = max(own, key=lambda token: len(self._vocabulary.tokens[token]))
                    logits[longest] = max(logits[longest], logits[alike].max())
        mask = self._vocabulary.along(texts) if texts else None
        return mask if mask is not None and mask.any() else None

    def _texts(self) -> Mask:
        if self._quoting is None and self._names is not None:
            self._quoting = self._names(tuple(place + 1 for place in self._numbers))
        return ~self._vocabulary.control if self._quoting is None else self._quoting.allowed()

    def _first(self, logits: Floats) -> Mask:
        """Return what an answer can begin with: either a refusal or anything else, as the model is sure of it."""
        mask = self._texts() if self._free else np.zeros(len(self._vocabulary.tokens), np.bool_)
        nothing = self._controls.nothing
        mask[list(self._cites)] = True
        mask[nothing] = True
        among = logits[mask].astype(np.float64)
        self.refusal = float(np.exp(logits[nothing] - among.max()) / np.exp(among - among.max()).sum())
        if self.refusal > self._refuse_above:
            mask[:] = False
        mask[nothing] = self.refusal > self._refuse_above
        return mask


def _loops(tokens: Sequence[int]) -> bool:
    """Return whether the end of a sequence is the same turn at least twice over."""
    for turn in range(1, _LONGEST_TURN + 1):
        length = max(2 * turn, _LOOP)
        if len(tokens) >= length and tokens[-length:-turn] == tokens[turn - length :]:
            return True
    return False


def spoken(
    tokens: Generator[int, None, None], answering: Answering, vocabulary: Vocabulary, controls: Controls
) -> Generator[str, None, None]:
    """Yield what the user sees of an answer while its tokens come; ``[n]`` are numbers of the evidence.

    A name is shown when it is whole, so that an answer that is stopped never ends in half of one. Ends where the
    answer begins to repeat itself. One that came to nothing reads like a refusal. Closes ``tokens``.
    """
    pointing = Pointing()
    listed: set[str] = set()  # names in the statement under way
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    numbers = {token: number for number, token in enumerate(controls.cites, start=1)}
    text, silent, begins = "", True, True
    with closing(tokens):
        for token in tokens:
            if token == controls.nothing:
                yield SILENT_ANSWER
                return
            if token in numbers:
                ready = pointing.say(text) + pointing.cite(numbers[token])
                text = ""
                listed.clear()
                begins = True
            else:
                text += decoder.decode(vocabulary.tokens[token])
                if answering.looping:
                    text = "."
                    break
                if begins and _OF_A_PARAMETER.fullmatch(text):  # it may be, and may have to be taken back
                    if not answering.denied:
                        continue
                    text = ""
                    break
                if not answering.resting or _JOINT.fullmatch(text) or text.count("`") % 2:
                    continue
                again = _ANOTHER.fullmatch(text)
                if again and again.group(1) in listed:
                    text = "."
                    break
                listed.update(_NAMED.findall(text))
                ready, text, begins = pointing.say(text), "", False
            if ready:
                silent = False
                yield ready
            if pointing.repeats:
                break
    last = pointing.say(text) + pointing.finish() if answering.resting else pointing.finish()
    if last or silent:
        yield last or SILENT_ANSWER
