"""Question and evidence -> prompt, in the manner of FreshPrompt (Vu et al. 2023, arXiv 2310.03214).

Every piece of evidence shows its source, date, symbol and text; the most relevant one stands next to the
question, and so do the lines that matter most to it. A prompt is a sequence of pieces so that control tokens written
by us and text found in a repository are never confused: a file that contains ``<|end|>`` stays text.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.generation.users import asks_for_users
from engine.terms import STOP_WORDS, identifiers, terms
from engine.types import Evidence, MissingName, Turn

__all__ = [
    "CITE_TOKENS",
    "Piece",
    "chat_messages",
    "compact_prompt",
    "compact_question",
    "highlight",
    "highlights",
    "without_citations",
]

CITE_TOKENS = 16  # <|cite_1|> … <|cite_16|> exist in the bundled model's vocabulary
_SHOWN = re.compile(r" ?\[\d{1,3}\]")
_HIGHLIGHT_FROM = 6  # lines; a shorter chunk is its own highlight
_HIGHLIGHT_CHARS = 120
_HIGHLIGHTS = 4  # of the compact prompt, in all
_LONGEST_SIGNATURE = 12  # lines
_CODE = re.compile(r"`([^`]*[^\w`.][^`]*)`")  # quoted, and more than a name
_COMMENT = re.compile(r"\s*(?:#|//)")
_QUOTES = re.compile(r"\s*[rRuUbB]{0,2}(?:\"\"\"|\'\'\')")
_MOST_CALLS = 2  # lines
_DEFINED = frozenset({"function", "method", "class"})
_ALIKE = 0.84  # of two names: one is a slip of the finger away from the other (difflib's ratio)
_SHORTEST_SLIP = 5  # characters; shorter names are alike by chance

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


def highlights(question: str, evidence: Sequence[Evidence]) -> tuple[tuple[int, str], ...]:
    """Return (evidence number, line) for the lines that matter most to the question, at most four, best first.

    First come the code that the question quotes, with the comment above it; the lines in which the definitions and
    files begin that it names (a slip of the finger forgiven), and what is said of them there; then the lines that share
    most terms with the question, a term counting less the more lines have it.
    """
    told = [
        *_quoted(question, evidence),
        *_calls(question, evidence),
        *_named(question, evidence),
        *_files(question, evidence),
    ]
    best = list(dict.fromkeys(told))[:_HIGHLIGHTS]
    wanted = set(terms(question)) - STOP_WORDS
    lines = [
        (item.number, line.strip()[:_HIGHLIGHT_CHARS], wanted.intersection(terms(line)))
        for item in sorted(evidence, key=lambda each: each.number)
        for line in item.chunk.text.splitlines()
    ]
    common = Counter(term for _, _, shared in lines for term in shared)
    ranked = sorted((each for each in lines if each[2]), key=lambda each: -sum(1.0 / common[term] for term in each[2]))
    for number, line, _ in ranked:
        if len(best) >= _HIGHLIGHTS - (len(told) > 0):
            break
        if (number, line) not in best:
            best.append((number, line))
    return tuple(best)


def _quoted(question: str, evidence: Sequence[Evidence]) -> list[tuple[int, str]]:
    """Return the first line that has the code which the question quotes, and the comment right above it."""
    for quoted in _CODE.findall(question):
        for item in sorted(evidence, key=lambda each: each.number):
            lines = item.chunk.text.splitlines()
            at = next((place for place, line in enumerate(lines) if quoted in line), None)
            if at is None:
                continue
            above = [line for line in lines[max(0, at - 1) : at] if _COMMENT.match(line)]
            return [(item.number, line.strip()[:_HIGHLIGHT_CHARS]) for line in (*above, lines[at])]
    return []


def _calls(question: str, evidence: Sequence[Evidence]) -> list[tuple[int, str]]:
    """Return where the one definition is called whose users the question may ask for, not where it calls others."""
    if not asks_for_users(question):
        return []
    asked = set(identifiers(question))
    symbols = [item.chunk.symbol.rpartition(".")[2] for item in evidence if item.chunk.kind in _DEFINED]
    names = {name for name in symbols if name in asked}
    if len(names) != 1:
        return []
    [name] = names
    call = re.compile(rf"(?<!def )(?<!class )(?<!function )\b{re.escape(name)}\s*\(")
    found = [
        (item.number, line.strip()[:_HIGHLIGHT_CHARS])
        for item in sorted(evidence, key=lambda each: each.number)
        for line in item.chunk.text.splitlines()
        if item.chunk.symbol.rpartition(".")[2] != name and call.search(line)
    ]
    return found[:_MOST_CALLS]


def _named(question: str, evidence: Sequence[Evidence]) -> list[tuple[int, str]]:
    """Return where the definitions begin that the question names, the most exactly named first, and what they say."""
    asked = set(identifiers(question))
    lowered = {word.lower() for word in asked}
    found: list[tuple[float, int, tuple[str, ...]]] = []
    for item in sorted(evidence, key=lambda each: each.number):
        *owners, name = item.chunk.symbol.split(".")
        if not name or (item.chunk.kind == "section"):
            continue
        closeness = _closeness(name, asked, lowered)
        lines = item.chunk.text.splitlines()
        at = next((at for at, line in enumerate(lines) if re.search(rf"\b{re.escape(name)}\b", line)), None)
        if closeness and at is not None:
            owned = sum(owner in asked for owner in owners) / (len(owners) + 1)
            said = _docstring(lines[at:])
            shown = (lines[at], said) if said else (lines[at],)
            found.append((-closeness - owned, item.number, shown))
    return [(number, line.strip()[:_HIGHLIGHT_CHARS]) for _, number, shown in sorted(found) for line in shown]


def _docstring(lines: Sequence[str]) -> str:
    """Return the first line of what is written behind a signature, "" for nothing."""
    for at, line in enumerate(lines[:_LONGEST_SIGNATURE]):
        if line.rstrip().endswith(":"):
            return _first_words(lines[at + 1 : at + 3])
    return ""


def _first_words(lines: Sequence[str]) -> str:
    """Return the first line of a docstring that has words in it, "" where none begins."""
    if not lines or not _QUOTES.match(lines[0]):
        return ""
    return next((line for line in lines if re.search(r"\w\w", line)), "")


def _files(question: str, evidence: Sequence[Evidence]) -> list[tuple[int, str]]:
    """Return what the files that the question names begin with: their docstrings, else their definitions."""
    words = {word.strip("`'\"?,;:()").rstrip(".") for word in question.split()}
    said: list[tuple[int, str]] = []
    defined: list[tuple[int, str]] = []
    for item in sorted(evidence, key=lambda each: (each.chunk.path, each.chunk.first_line)):
        path = item.chunk.path
        if path not in words and path.rpartition("/")[2] not in words:
            continue
        lines = [line for line in item.chunk.text.splitlines() if line.strip() and not _COMMENT.match(line)]
        words_of_file = _first_words(lines[:2]) if item.chunk.kind not in _DEFINED else ""
        if words_of_file:
            said.append((item.number, words_of_file.strip()[:_HIGHLIGHT_CHARS]))
        elif item.chunk.kind in _DEFINED and lines:
            first = next((line for line in lines if not line.lstrip().startswith("@")), lines[0])
            defined.append((item.number, first.strip()[:_HIGHLIGHT_CHARS]))
    return said or defined


def _closeness(name: str, asked: set[str], lowered: set[str]) -> float:
    """Return how exactly a definition's name is among the words of the question: 1 to the letter, 0 not at all."""
    if name in asked:
        return 1.0
    plain = name.lower()
    if plain in STOP_WORDS:
        return 0.0
    if plain in lowered:
        return 0.9
    if len(plain) < _SHORTEST_SLIP:
        return 0.0
    return 0.8 if difflib.get_close_matches(plain, lowered, 1, _ALIKE) else 0.0


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

    Evidence is ordered by ascending relevance; behind it come the names that do not exist and the highlights,
    then the question. At most ``CITE_TOKENS`` pieces of evidence can be cited; a higher number is refused
    with ValueError. Earlier turns come as turns.

    The answer that the model learned to give begins each statement with the citations that bear it out, so that
    it knows where to read before it reads; ``<|nothing|>`` alone says that the evidence does not answer.
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
        pieces.append(Piece(f"{_source(item)}\n{item.chunk.text}\n"))
    pieces += compact_question(question, evidence, missing)
    return tuple(pieces)


def compact_question(
    question: str, evidence: Sequence[Evidence], missing: Sequence[MissingName] = ()
) -> tuple[Piece, ...]:
    """Return what stands behind the evidence in ``compact_prompt``: it alone depends on the question."""
    pieces: list[Piece] = []
    for name in missing:
        pieces += [Piece("<|nothing|>", True), Piece(f"There is no {name.name} here.\n")]
    for number, line in reversed(highlights(question, evidence)):
        pieces += [Piece("<|highlight|>", True), Piece(f"<|cite_{number}|>", True), Piece(f"{line}\n")]
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


def without_citations(text: str) -> str:
    """Return an earlier answer without its ``[n]``, which would point into the evidence of the new question."""
    return _SHOWN.sub("", text)
