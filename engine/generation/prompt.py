"""Question and evidence -> prompt, in the manner of FreshPrompt (Vu et al. 2023, arXiv 2310.03214).

Every piece of evidence shows its source, date, symbol, text and a highlight; the most relevant one
stands next to the question. A prompt is a sequence of pieces so that control tokens written by us
and text found in a repository are never confused: a file that contains ``<|end|>`` stays text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.terms import STOP_WORDS, terms
from engine.types import Evidence, MissingName, Turn

__all__ = [
    "CITE_TOKENS",
    "Piece",
    "chat_messages",
    "compact_prompt",
    "highlight",
    "show_citations",
    "without_citations",
]

CITE_TOKENS = 16  # <|cite_1|> … <|cite_16|> exist in the bundled model's vocabulary
_CITE = re.compile(r"<\|cite_(\d+)\|>")
_SHOWN = re.compile(r" ?\[\d{1,3}\]")
_HIGHLIGHT_FROM = 6  # lines; a shorter chunk is its own highlight
_HIGHLIGHT_CHARS = 120

SYSTEM = (
    "You answer questions about one code repository from the numbered evidence below. Answer in one to five short "
    "sentences, cite the evidence as [n] after each statement, and use only names that occur in it. Check the premise "
    "of the question first: if something it assumes does not exist, say so. If the evidence does not answer it, say: "
    "The repository does not say."
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of prompt text; ``special`` pieces hold control tokens, the rest is never parsed for them."""

    text: str
    special: bool = False


def highlight(question: str, text: str) -> str:
    """Return the line of ``text`` that shares most terms with the question, "" when none does or the text is short."""
    lines = text.splitlines()
    if len(lines) < _HIGHLIGHT_FROM:
        return ""
    wanted = set(terms(question)) - STOP_WORDS
    best, best_score = "", 0
    for line in lines:
        score = len(wanted.intersection(terms(line)))
        if score > best_score:
            best, best_score = line, score
    return best.strip()[:_HIGHLIGHT_CHARS]


def _source(item: Evidence) -> str:
    chunk = item.chunk
    parts = [f"{chunk.path}:{chunk.first_line}-{chunk.last_line}", chunk.symbol, chunk.date]
    return " ".join(part for part in parts if part)


def compact_prompt(
    question: str,
    evidence: Sequence[Evidence],
    *,
    missing: Sequence[MissingName] = (),
    history: Sequence[Turn] = (),
) -> tuple[Piece, ...]:
    """Return the prompt of the bundled model, which was trained on exactly this form.

    Evidence is ordered by ascending relevance. At most ``CITE_TOKENS`` pieces of evidence can be
    cited; a higher number is refused with ValueError. Names that do not exist are stated before the
    question, earlier turns come as turns.
    """
    pieces: list[Piece] = []
    for turn in history:
        pieces += [Piece("<|user|>", True), Piece("<|question|>", True), Piece(turn.question), Piece("<|end|>", True)]
        pieces += [Piece("<|assistant|>", True), Piece(turn.answer), Piece("<|end|>", True)]
    pieces.append(Piece("<|user|>", True))
    for item in sorted(evidence, key=lambda each: -each.number):
        if not 1 <= item.number <= CITE_TOKENS:
            raise ValueError(f"evidence number {item.number} is outside 1..{CITE_TOKENS}")
        pieces += [Piece("<|evidence|>", True), Piece(f"<|cite_{item.number}|>", True)]
        body = f"{_source(item)}\n{item.chunk.text}\n"
        line = highlight(question, item.chunk.text)
        pieces.append(Piece(f"{body}> {line}\n" if line else body))
    for name in missing:
        pieces += [Piece("<|nothing|>", True), Piece(f"There is no {name.name} here.\n")]
    pieces += [Piece("<|question|>", True), Piece(question), Piece("<|end|>", True), Piece("<|assistant|>", True)]
    return tuple(pieces)


def chat_messages(
    question: str,
    evidence: Sequence[Evidence],
    *,
    missing: Sequence[MissingName] = (),
    history: Sequence[Turn] = (),
) -> list[dict[str, str]]:
    """Return role/content messages for an instruction-tuned model with a chat template of its own."""
    messages = [{"role": "system", "content": SYSTEM}]
    for turn in history:
        messages += [{"role": "user", "content": turn.question}, {"role": "assistant", "content": turn.answer}]
    blocks = []
    for item in sorted(evidence, key=lambda each: -each.number):
        block = f"[{item.number}] {_source(item)}\n```{item.chunk.language}\n{item.chunk.text}\n```"
        line = highlight(question, item.chunk.text)
        blocks.append(f"{block}\nHighlight: {line}" if line else block)
    blocks += [f"There is no {name.name} in this repository." for name in missing]
    blocks.append(f"Check the premise, then answer from the evidence.\nQuestion: {question}")
    messages.append({"role": "user", "content": "\n\n".join(blocks)})
    return messages


def show_citations(text: str) -> str:
    """Turn the bundled model's citation tokens into the ``[n]`` that users see."""
    return _CITE.sub(r"[\1]", text)


def without_citations(text: str) -> str:
    """Return an earlier answer without its ``[n]``, which would point into the evidence of the new question."""
    return _SHOWN.sub("", text)
