"""``[n]`` in what a model writes -> spans of the repository, each checked against what stands there.

The model is shown evidence numbered by relevance and cites those numbers. The user sees ``[n]`` as the
n-th citation of the answer: ``Numbering`` renames while the text streams, ``settle`` checks at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from engine.generation.names import Name, names_in
from engine.generation.spellings import printed
from engine.terms import STOP_WORDS, identifiers, terms
from engine.types import Chunk, Citation, Evidence

__all__ = ["Numbering", "settle"]

Reread = Callable[[str, int, int], str | None]

_CITATION = re.compile(r"( ?)\[(\d{1,3}(?:, ?\d{1,3})*)\]")
_UNFINISHED = re.compile(r" ?(?:\[[\d, ]{0,16})?$")
_ENOUGH = 0.5  # of a statement's content terms, where it has no names
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_FILLER = frozenset("also there here see used uses use called calls call defined returns return".split())


def _in_code(before: str) -> bool:
    """Return whether what follows ``before`` stands inside inline code or a code block, where ``[0]`` is an index."""
    if before.count("```") % 2:
        return True
    opened = ""
    for ticks in re.findall(r"`+", before.rsplit("\n", 1)[-1].replace("```", "")):
        if opened in ("", ticks):
            opened = "" if opened else ticks
    return bool(opened)


class Numbering:
    """Renames the citations of one answer by first appearance, while it is being written.

    ``cited`` holds the evidence in the new order: ``[n]`` in the text that came out is ``cited[n - 1]``.
    A number that points to no evidence is dropped. Text may come cut anywhere.
    """

    def __init__(self, evidence: Sequence[Evidence], *, gone: Collection[int] = ()) -> None:
        """Take the evidence that can be cited; ``gone`` are numbers of evidence that no longer exists."""
        self._evidence = {item.number: item for item in evidence}
        self._gone = frozenset(gone)
        self._order: dict[int, int] = {}  # evidence number -> number shown
        self._held = ""
        self._shown = ""  # what was let out so far

    @property
    def cited(self) -> tuple[Evidence, ...]:
        """Return the evidence that was cited, numbered as the text shows it."""
        return tuple(Evidence(shown, self._evidence[number].chunk) for number, shown in self._order.items())

    def feed(self, text: str) -> str:
        """Return what can be shown after ``text``; what may become a citation is held back."""
        self._held += text
        at = _UNFINISHED.search(self._held)
        cut = at.start() if at else len(self._held)
        ready, self._held = self._held[:cut], self._held[cut:]
        return self._renamed(ready)

    def flush(self) -> str:
        """Return what was held back; call it once, at the end."""
        ready, self._held = self._held, ""
        return self._renamed(ready)

    def _renamed(self, text: str) -> str:
        start = 0
        before = len(self._shown)
        for match in _CITATION.finditer(text):
            self._shown += text[start : match.start()]
            start = match.end()
            self._shown += self._rename(match)
        self._shown += text[start:]
        return self._shown[before:]

    def _rename(self, match: re.Match[str]) -> str:
        """Return what to show for one ``[n]`` or ``[n, m]``."""
        numbers = [int(each) for each in match.group(2).split(",")]
        known = [number for number in numbers if number in self._evidence]
        attached = not match.group(1) and re.search(r"[\w)]$", self._shown) is not None
        if _in_code(self._shown) or (attached and not known and not self._gone.intersection(numbers)):
            return match.group()  # an index, not a citation
        marks = dict.fromkeys(f"[{self._number(number)}]" for number in known)
        return match.group(1) + "".join(marks) if marks else ""

    def _number(self, number: int) -> int:
        return self._order.setdefault(number, len(self._order) + 1)


def settle(text: str, cited: Sequence[Evidence], reread: Reread) -> tuple[str, tuple[Citation, ...]]:
    """Return the final text and its citations: ``[n]`` is the n-th, and every span exists.

    ``cited`` numbers the evidence as ``text`` does (``Numbering.cited``). ``reread`` returns the lines
    first..last of a file as they are now, None when they are not there: such a citation is dropped. A
    citation is verified when each statement that carries it names only what stands in its span or, naming
    nothing, shares half of its content terms with it.
    """
    sources: dict[int, str] = {}
    kept: list[Evidence] = []
    for item in cited:
        source = reread(item.chunk.path, item.chunk.first_line, item.chunk.last_line)
        if source is not None:
            sources[item.number] = source
            kept.append(item)
    numbering = Numbering(kept, gone={item.number for item in cited} - set(sources))
    final = numbering.feed(text) + numbering.flush()
    statements = _statements(final)
    found = []
    for shown in numbering.cited:
        source = next(sources[item.number] for item in kept if item.chunk is shown.chunk)
        said = statements.get(shown.number, [])
        verified = bool(said) and all(_is_borne_out(each, shown.chunk, source) for each in said)
        chunk = shown.chunk
        found.append(Citation(chunk.path, chunk.first_line, chunk.last_line, verified, shown.number))
    return final, tuple(found)


def _statements(text: str) -> dict[int, list[str]]:
    """Return, for each number, the statements that carry it: the words of its sentence since the last citation.

    A citation that follows other citations, or a full stop, belongs to the statement before them.
    """
    found: dict[int, list[str]] = {}
    statement = ""
    for sentence in _SENTENCE_END.split(text):
        start = 0
        for match in _CITATION.finditer(sentence):
            words = sentence[start : match.start()].strip(" ,;.")
            start = match.end()
            if re.search(r"\w", words):
                statement = words
            for number in match.group(2).split(","):
                found.setdefault(int(number), []).append(statement)
        if re.search(r"\w", sentence[start:]):
            statement = sentence[start:].strip(" ,;.")
    return found


def _is_borne_out(statement: str, chunk: Chunk, source: str) -> bool:
    """Return whether what the statement names, or talks about, stands in the span, its path or its symbol."""
    named = names_in(statement)
    if named:
        place = _Place(chunk, source)
        return all(map(place.has, named)) and place.relates(statement)
    context = f"{source}\n{chunk.path}\n{chunk.symbol}"
    wanted = {_stem(term) for term in terms(statement)} - STOP_WORDS - _FILLER
    shared = wanted & {_stem(term) for term in terms(context)}
    return len(shared) >= 2 and len(shared) >= _ENOUGH * len(wanted)


class _Place:
    """A span as it is now, and what can be said of it."""

    def __init__(self, chunk: Chunk, source: str) -> None:
        self._path = chunk.path
        self._source = source
        self._head = f"{chunk.signature}\n{source}"
        self._text = f"{self._head}\n{chunk.symbol}"
        self._is_python = chunk.language == "python"
        self._owners = set(identifiers(f"{chunk.symbol}\n{chunk.path}"))
        self._present = set(identifiers(self._text)) | self._owners

    def has(self, name: Name) -> bool:
        """Return whether the name stands here, or is that of the span's file."""
        if name.kind == "file":
            return self._path == name.text or self._path.endswith(f"/{name.text}") or name.text in self._source
        parts = [part for part in identifiers(name.text) if part not in {"self", "cls"}]
        if name.kind == "code" or not parts:
            code = "".join(name.text.split())
            return code in "".join(self._text.split()) or (self._is_python and code in self._printed())
        *owners, last = parts
        return last in self._present and (self._owners.issuperset(owners) or ".".join(parts) in self._text)

    def _printed(self) -> set[str]:
        return {"".join(value.split()) for value in printed(self._source)}

    def relates(self, statement: str) -> bool:
        """Return whether what the statement says of two names in one of a few plain forms can be read here."""
        for relation, holds in _RELATIONS:
            match = re.search(rf"`([^`]+)` (?:{relation}) (.*)", statement)
            if match is None:
                continue
            subject = match.group(1).rsplit(".", 1)[-1].rstrip("()")
            objects = [each.strip("*") for each in re.findall(r"`([^`]+)`", match.group(2))]
            return all(each != subject and holds(subject, each, self._head) for each in objects)
        return True


def _inherits(subject: str, base: str, text: str) -> bool:
    lines = [line for line in text.splitlines() if re.search(rf"\b{re.escape(subject)}\b", line)]
    return any(re.search(rf"(?<!\w){re.escape(base)}(?!\w)", line) for line in lines)


def _calls(_: str, called: str, text: str) -> bool:
    name = called.rsplit(".", 1)[-1].rstrip("()")
    uses = len(re.findall(rf"\b{re.escape(name)}\s*\(", text))
    return uses > len(re.findall(rf"\b(?:def|function|func|fn)\s+{re.escape(name)}\s*\(", text))


def _takes(subject: str, parameter: str, text: str) -> bool:
    name = next(identifiers(parameter), parameter)
    heads = re.findall(rf"\b{re.escape(subject)}\b[^(\n]*\(((?:[^()]|\([^()]*\))*)\)", text)
    return any(name in identifiers(head) for head in heads)


def _raises(_: str, error: str, text: str) -> bool:
    return re.search(rf"\b(?:raise|throw|raises)\b.*\b{re.escape(error.rsplit('.', 1)[-1])}\b", text) is not None


_RELATIONS: tuple[tuple[str, Callable[[str, str, str], bool]], ...] = (
    (r"inherits? from|extends?|is derived from|is a subclass of", _inherits),
    (r"calls?|invokes?", _calls),
    (r"takes?|accepts?", _takes),
    (r"raises?|throws?", _raises),
)


def _stem(term: str) -> str:
    """Return a term without the commonest English endings; crude, but the same on both sides."""
    for ending in ("ing", "ed", "es", "s"):
        if term.endswith(ending) and len(term) - len(ending) >= 3:
            return term[: -len(ending)]
    return term
