"""Question, evidence and an adapter -> a draft, written token by token."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import GenerationError
from engine.generation.answering import CITATIONS, Answering, Controls, copied_from, read_refuse_above, spoken
from engine.generation.chat import ChatTemplate
from engine.generation.citations import Numbering
from engine.generation.llama import Llama
from engine.generation.names import names_in
from engine.generation.parts import in_full, parts_of
from engine.generation.prompt import CITE_TOKENS, Piece, chat_messages, compact_prompt, without_citations
from engine.generation.quoting import Quoting
from engine.generation.stating import Stating
from engine.generation.vocabulary import Vocabulary
from engine.models import InstalledModel
from engine.types import SILENT_ANSWER, CancelToken, Evidence, MissingName, SymbolTable, Turn

__all__ = ["Draft", "Writer"]

_CONTEXT_LIMIT = 8192  # tokens; beyond it the KV cache costs more memory than more evidence is worth
_ANSWER_SHARE = 4  # an answer takes at most a quarter of the context
_HISTORY_SHARE = 8  # and earlier turns an eighth
# Who asks about a parameter that is there gets an answer unless the model is surer than not; of one that is not there
# the answer is taken back in any case.
_ASKED_AND_THERE = 0.5
_REST = "The repository does not say the rest."
_FEWEST_LINES = 4  # of a trimmed chunk; fewer say nothing


@dataclass(slots=True)
class Tally:
    """How many tokens were written so far."""

    tokens: int = 0


class Draft(Iterator[str]):
    """The pieces of one draft as they are written. ``[n]`` in them is ``cited[n - 1]``.

    Close it to stop early; a draft that was begun and neither finished nor closed holds the model.
    """

    def __init__(
        self,
        pieces: Generator[str, None, None],
        shown: Sequence[Evidence],
        prompt_tokens: int,
        tally: Tally,
        answering: Sequence[Answering] = (),
    ) -> None:
        self._pieces = pieces
        self._numbering = Numbering(shown)
        self._tally = tally
        self._answering = answering  # one for each part of the question
        self._done = False
        self.shown = tuple(shown)  # the evidence that fitted into the prompt, by relevance
        self.prompt_tokens = prompt_tokens
        self.text = ""
        self.seconds = 0.0  # that the model took so far, reading the prompt included
        self.first_seconds: float | None = None  # of them until there was something to show

    @property
    def tokens(self) -> int:
        """Return how many tokens the model has written so far, citations included, the one that ended it not."""
        return self._tally.tokens

    @property
    def refusal(self) -> float | None:
        """Return the probability with which the bundled model would have refused; None for others, or too early.

        Of a question in two parts it is the lower one: what is answered in part is no refusal.
        """
        return min((each.refusal for each in self._answering if each.refusal is not None), default=None)

    @property
    def cited(self) -> tuple[Evidence, ...]:
        """Return the evidence cited so far, numbered as the text shows it."""
        return self._numbering.cited

    def __next__(self) -> str:
        while not self._done:
            start = time.perf_counter()
            written = next(self._pieces, None)
            self.seconds += time.perf_counter() - start
            if written is None:
                self._done = True
            ready = self._numbering.flush() if written is None else self._numbering.feed(written)
            ready = ready if self.text else ready.lstrip()
            if ready:
                if self.first_seconds is None:
                    self.first_seconds = self.seconds
                self.text += ready
                return ready
        raise StopIteration

    def close(self) -> None:
        """Stop writing and let the model go; harmless when called twice."""
        self._done = True
        self._pieces.close()


class Writer:
    """A loaded model that writes drafts. ModelError when its files cannot be loaded."""

    def __init__(self, model: InstalledModel, *, threads: int) -> None:
        self.model = model
        self._template = ChatTemplate(model.weights) if model.style == "chat" else None
        self._refuse_above = read_refuse_above(model.weights) if self._template is None else 1.0
        self._spelling: tuple[Vocabulary, Controls] | None = None
        self.llama = Llama(model.gguf, context=min(model.context, _CONTEXT_LIMIT), threads=threads)

    def close(self) -> None:
        """Free the model; harmless when called twice."""
        self.llama.close()

    def write(
        self,
        question: str,
        evidence: Sequence[Evidence],
        *,
        adapter: Path | None = None,
        missing: Sequence[MissingName] = (),
        history: Sequence[Turn] = (),
        table: SymbolTable | None = None,
        max_tokens: int = 200,
        temperature: float = 0.0,
        cancel: CancelToken | None = None,
    ) -> Draft:
        """Return the draft of an answer, which is written while it is iterated over.

        ``table`` knows the definitions in the evidence: what their signatures say is then not left to a small model.
        Evidence is ranked by its numbers, which may have gaps. What does not fit into the context is left out:
        the oldest turns, then the least relevant evidence, of which the last one shown may be cut at a line's
        end. Raises GenerationError when the question alone does not fit; iterating raises it when the model
        fails, and Cancelled when ``cancel`` is set.
        """
        room = max(1, min(max_tokens, self.llama.context // _ANSWER_SHARE))
        tokens, shown = self._fit(question, evidence, missing, history, self.llama.context - room)
        tally = Tally()

        def sampled(prompt: list[int], guide: Answering | None) -> Generator[int, None, None]:
            found = self.llama.sample(
                prompt, adapter=adapter, max_tokens=room, guide=guide, temperature=temperature, cancel=cancel
            )
            return _counted(found, tally)

        if self._template is not None:
            return Draft(self.llama.texts(sampled(tokens, None)), shown, len(tokens), tally)
        earlier = names_in(history[-1].question) if history else ()
        whole = in_full(question, earlier[-1].text) if earlier else question
        parts = parts_of(whole) if not missing else (whole,)
        prompts = [tokens]
        if parts != (question,):
            for part in parts:  # one may be longer than the question: what it has no room for, none may cite
                _, shown = self._fit(part, shown, missing, history, self.llama.context - room)
            prompts = [self._fit(part, shown, missing, history, self.llama.context - room)[0] for part in parts]
        answering = [self._answering(part, shown, missing, table) for part in parts]
        pieces = [
            spoken(sampled(prompt, guide), guide, *self._spelt())
            for prompt, guide in zip(prompts, answering, strict=True)
        ]
        return Draft(_one_after_the_other(pieces), shown, len(tokens), tally, answering)

    def _spelt(self) -> tuple[Vocabulary, Controls]:
        """Return the vocabulary of a model with compact prompts, and its control tokens."""
        if self._spelling is None:
            tokens, control = self.llama.pieces()
            ends = tuple(self.llama.ends())
            for end in ends:
                control[end] = True
            [nothing] = self.llama.tokenize([Piece("<|nothing|>", special=True)])
            controls = Controls(tuple(self.llama.tokenize(CITATIONS)), nothing, ends)
            self._spelling = Vocabulary(tokens, control), controls
        return self._spelling

    def _answering(
        self,
        question: str,
        shown: Sequence[Evidence],
        missing: Sequence[MissingName],
        table: SymbolTable | None = None,
    ) -> Answering:
        """Return what holds a small model to the grammar of answers and to names that it was shown.

        Without evidence its names come from what an adapter has learned, and nothing here could tell right from wrong.
        """
        vocabulary, controls = self._spelt()

        def names(numbers: tuple[int, ...]) -> Quoting:
            pointed = [item for item in shown if not numbers or item.number in numbers]
            return Quoting(copied_from(question, pointed, missing), vocabulary)

        stating = Stating(shown, table, question) if table is not None and shown else None
        there = stating is not None and stating.has_what_is_asked
        return Answering(
            vocabulary,
            controls,
            names if shown else None,
            shown=len(shown),
            free=bool(missing),
            refuse_above=max(self._refuse_above, _ASKED_AND_THERE) if there else self._refuse_above,
            stating=stating,
            about=_of_files(question, shown),
        )

    # -- the prompt ---------------------------------------------------------------------------

    def _pieces(
        self, question: str, evidence: Sequence[Evidence], missing: Sequence[MissingName], history: Sequence[Turn]
    ) -> tuple[Piece, ...]:
        if self._template is None:
            return compact_prompt(question, evidence, missing=missing, history=history)
        plain = [Turn(turn.question, without_citations(turn.answer)) for turn in history]
        return self._template.pieces(chat_messages(question, evidence, missing=missing, history=plain))

    def _fit(
        self,
        question: str,
        evidence: Sequence[Evidence],
        missing: Sequence[MissingName],
        history: Sequence[Turn],
        room: int,
    ) -> tuple[list[int], list[Evidence]]:
        """Return the tokens of the largest prompt that takes at most ``room``, and the evidence in it."""
        by_relevance = sorted(evidence, key=lambda item: item.number)
        ranked = [Evidence(number, item.chunk) for number, item in enumerate(by_relevance, start=1)]
        if self._template is None:
            ranked = ranked[:CITE_TOKENS]

        lengths: dict[Piece, int] = {}  # the same pieces come again in every prompt that is tried

        def count(items: Sequence[Evidence], turns: Sequence[Turn]) -> int:
            pieces = self._pieces(question, items, missing, turns)
            for piece in pieces:
                if piece not in lengths:
                    lengths[piece] = self.llama.count([piece])
            return sum(lengths[piece] for piece in pieces)

        alone = count([], ())
        if alone > room:
            raise GenerationError(
                f"the question takes {alone:,} tokens and this model can read {room:,}; please shorten it"
            )
        turns = list(history)
        while turns and count([], turns) - alone > min(room - alone, self.llama.context // _HISTORY_SHARE):
            turns.pop(0)

        def fits(items: Sequence[Evidence]) -> bool:
            return count(items, turns) <= room

        whole = _largest(len(ranked), lambda count: fits(ranked[:count]))
        shown = ranked[:whole]
        if whole < len(ranked):
            following = ranked[whole]
            lines = following.chunk.text.splitlines()
            kept = _largest(len(lines), lambda count: fits([*shown, _first_lines(following, lines, count)]))
            if kept >= min(_FEWEST_LINES, len(lines)) and kept:
                shown = [*shown, _first_lines(following, lines, kept)]
        return self.llama.tokenize(self._pieces(question, shown, missing, turns)), shown


def _of_files(question: str, shown: Sequence[Evidence]) -> list[int] | None:
    """Return the numbers of what is shown of the files that a question is about, None when it names anything else."""
    names = names_in(question)
    if any(name.kind != "file" for name in names):
        return None
    paths = [item.chunk.path for item in shown]
    named = {path for path in paths for name in names if path == name.text or path.endswith(f"/{name.text}")}
    return [number for number, path in enumerate(paths, start=1) if path in named] or None


def _one_after_the_other(answers: Sequence[Generator[str, None, None]]) -> Generator[str, None, None]:
    """Yield the answers to the parts of a question as one text; what refuses every part refuses once."""
    refused = 0
    with ExitStack() as stack:
        for each in answers:
            stack.enter_context(closing(each))
        for number, each in enumerate(answers):
            first = next(each, SILENT_ANSWER)
            if first == SILENT_ANSWER:
                refused += 1
                each.close()  # it lets the model go
                continue
            yield f" {first}" if number > refused else first
            yield from each
    if refused:
        yield SILENT_ANSWER if refused == len(answers) else f" {_REST}"


def _counted(tokens: Generator[int, None, None], tally: Tally) -> Generator[int, None, None]:
    with closing(tokens):
        for token in tokens:
            tally.tokens += 1
            yield token


def _largest(most: int, fits: Callable[[int], bool]) -> int:
    """Return the largest count up to ``most`` that fits, given that fewer fit whenever more do; 0 when none does."""
    if fits(most):
        return most
    low, high = 0, most  # low fits (or is 0), high does not
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle):
            low = middle
        else:
            high = middle
    return low


def _first_lines(item: Evidence, lines: Sequence[str], count: int) -> Evidence:
    """Return the evidence with only the first ``count`` lines of its chunk."""
    chunk = item.chunk
    last = chunk.first_line + count - 1 if count < len(lines) else chunk.last_line
    return Evidence(item.number, replace(chunk, text="\n".join(lines[:count]), last_line=max(chunk.first_line, last)))
