"""Selected chunks and facts -> token ids to take gradient steps on.

What is trained on is first a value (``Document``, ``QuestionAnswer``), from which the adapter's cache
key is made without loading a tokenizer, and then ids, made once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ModelError
from engine.models import PromptStyle
from engine.tuning.recipe import Recipe
from engine.tuning.unrelated import UNRELATED
from engine.types import Chunk, Selected

__all__ = [
    "Document",
    "Encoded",
    "Example",
    "ExampleEncoder",
    "QuestionAnswer",
    "document",
    "gate_document",
    "plan_steps",
    "unrelated_documents",
]


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a chunk, in the form in which a model reads files."""

    path: str
    text: str
    path_learned: bool = True  # False: the path is given, and only the text counts


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """A fact as a question and its answer, without any document in front; only the answer is learned."""

    question: str
    answer: str  # without the full stop at its end


Example = Document | QuestionAnswer


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """The tokens of an example; T of them."""

    ids: npt.NDArray[np.int64]  # (T,)
    learned: npt.NDArray[np.bool_]  # (T,): whether the token is a target of the loss; the first never is


def document(chunk: Chunk) -> Document:
    """Return the training example of a chunk."""
    return Document(chunk.path, chunk.text)


def gate_document(chunk: Chunk) -> Document:
    """Return a chunk as the gate looks at it: candidates share folders, and a better guess of those is no gain."""
    return Document(chunk.path, chunk.text, path_learned=False)


def plan_steps(
    selected: Sequence[Selected], facts: Sequence[tuple[str, str]], steps: int, recipe: Recipe
) -> tuple[tuple[Example, ...], ...]:
    """Return the gradient steps in order, each the examples of one batch.

    A selected chunk is one step, the most informative first; chunks picked more than once come again in
    further rounds. At most ``steps`` chunk steps are planned, fewer when less was selected: a small
    selection means that more steps were not expected to help. Facts are put between them, several a step.
    """
    ranked = sorted(selected, key=lambda each: -each.gain)
    rounds = max((each.picks for each in ranked), default=0)
    chunks = [each.chunk for number in range(rounds) for each in ranked if each.picks > number][:steps]
    size = recipe.facts_a_step
    pairs = [QuestionAnswer(question, answer) for question, answer in facts]
    batches = [tuple(pairs[at : at + size]) for at in range(0, len(pairs), size)] if recipe.fact_every else []
    planned: list[tuple[Example, ...]] = []
    for number, chunk in enumerate(chunks, start=1):
        planned.append((document(chunk),))
        if batches and number % recipe.fact_every == 0:
            planned.append(batches.pop(0))
    return tuple(planned)


def unrelated_documents() -> dict[str, tuple[Document, ...]]:
    """Return, by kind, what the gate looks at to see whether learning harmed everything else."""
    return {
        kind: tuple(Document(path, text, path_learned=False) for path, text in texts)
        for kind, texts in UNRELATED.items()
    }


class ExampleEncoder:
    """A model's tokenizer, set so that control tokens inside repository text stay text."""

    def __init__(self, folder: Path, style: PromptStyle) -> None:
        """Load ``tokenizer.json`` of a model folder; ModelError when it is missing or damaged."""
        from tokenizers import Tokenizer

        try:
            self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # the library raises bare Exception for every kind of bad file
            raise ModelError(f"the tokenizer in {folder} cannot be read: {error}") from error
        self._tokenizer.no_truncation()
        self._tokenizer.encode_special_tokens = True
        self._style = style
        self._chatml = self._tokenizer.token_to_id("<|im_start|>") is not None

    def encode(self, example: Example, max_tokens: int) -> Encoded:
        """Return the tokens of an example, the first ``max_tokens`` of them."""
        parts = self._document(example) if isinstance(example, Document) else self._question_answer(example)
        ids = np.array([number for part, _ in parts for number in part][:max_tokens], dtype=np.int64)
        learned = np.array([flag for part, flag in parts for _ in part][:max_tokens], dtype=np.bool_)
        learned[:1] = False  # nothing predicts the first token
        return Encoded(ids, learned)

    @property
    def document_start(self) -> list[int]:
        """Return the tokens in front of every document."""
        return self._control("<|file_sep|>") if self._style == "compact" else []

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of a text in which nothing is a control token."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def _control(self, *tokens: str) -> list[int]:
        ids = [self._tokenizer.token_to_id(token) for token in tokens]
        if None in ids:
            raise ModelError(f"the model's tokenizer has no {tokens[ids.index(None)]} token")
        return ids

    def _document(self, example: Document) -> list[tuple[list[int], bool]]:
        # No end-of-text token: a chunk is seldom the end of its file, and the model must not learn to stop there.
        # Path and text are encoded apart, as they were when the bundled model was trained.
        path, text = self.tokens(f"{example.path}\n"), self.tokens(example.text)
        return [(self.document_start, False), (path, example.path_learned), (text, True)]

    def _question_answer(self, example: QuestionAnswer) -> list[tuple[list[int], bool]]:
        question, answer = self.tokens(example.question), self.tokens(example.answer)
        if self._style == "compact":
            # It cites before it states, so the full stop and the end are parts of the answer.
            before = [*self._control("<|user|>", "<|question|>"), *question, *self._control("<|end|>", "<|assistant|>")]
            return [(before, False), ([*answer, *self.tokens("."), *self._control("<|end|>")], True)]
        # Other models cite behind a statement: they must not learn that nothing follows.
        if self._chatml:
            start, end, newline = self._control("<|im_start|>"), self._control("<|im_end|>"), self.tokens("\n")
            asked = [*start, *self.tokens("user\n"), *question, *end, *newline]
            return [([*asked, *start, *self.tokens("assistant\n")], False), (answer, True), (end, False)]
        before = self.tokens(f"Question: {example.question}\nAnswer:")
        return [(before, False), (self.tokens(f" {example.answer}"), True)]
