"""A target as the model reads it: what stands before it is given, the rest of the function is measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.evaluation.targets import Target
from engine.tuning.examples import Encoded, ExampleEncoder
from engine.types import Chunk

__all__ = ["Reading", "evidence_chars", "question_of", "read_target"]

_QUESTION_LINES = 8  # before the signature
_CHARS_A_TOKEN = 3.2  # of code


@dataclass(frozen=True, slots=True)
class Reading:
    """A target without and with evidence before it; the learned tokens are those measured."""

    alone: Encoded
    informed: Encoded
    size: int  # bytes measured

    def bits_per_byte(self, nats_a_token: float) -> float:
        """Return a mean loss over the measured tokens as bits per UTF-8 byte."""
        return nats_a_token * int(self.alone.learned.sum()) / math.log(2) / self.size


def question_of(target: Target) -> str:
    """Return what to search for: the path, the signature and the lines just before it; nothing that is measured."""
    head = target.whole[: len(target.whole) - len(target.text)]
    before = target.before[: len(target.before) - len(head)].rstrip().splitlines()[-_QUESTION_LINES:]
    return "\n".join([f"{target.path} {target.symbol}", target.signature, *before])


def evidence_chars(context: int) -> int:
    """Return how many characters of evidence fit before a target in a context of so many tokens."""
    return int(context * 3 // 8 * _CHARS_A_TOKEN)


def read_target(encoder: ExampleEncoder, context: int, target: Target, evidence: Sequence[Chunk]) -> Reading:
    """Encode a target. Of the context a quarter is for the file before it, three eighths each for evidence and text."""
    text = target.text
    while len(tokens := encoder.tokens(text)) > context * 3 // 8:
        text = text[: max(1, len(text) * (context * 3 // 8) // len(tokens) - 1)]
    path = [*encoder.document_start, *encoder.tokens(f"{target.path}\n")]
    given = [*path, *encoder.tokens(target.before)[-(context // 4 - len(path)) :]]
    shown: list[int] = []
    for chunk in evidence:  # most relevant first, so that it ends up next to the file
        each = [*encoder.document_start, *encoder.tokens(f"{chunk.path}\n{chunk.text}\n")]
        if len(shown) + len(each) <= context * 3 // 8:
            shown = [*each, *shown]
    return Reading(_measured(given, tokens), _measured([*shown, *given], tokens), len(text.encode()))


def _measured(given: Sequence[int], tokens: Sequence[int]) -> Encoded:
    learned = np.zeros(len(given) + len(tokens), dtype=np.bool_)
    learned[len(given) :] = True
    return Encoded(np.array([*given, *tokens], dtype=np.int64), learned)
