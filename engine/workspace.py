"""One repository with its index: what can be found in it, without any model that writes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine import paths, space
from engine.embedding.cache import EmbeddingCache
from engine.errors import BusyError, DamagedError, UsageError
from engine.index.store import FILE_NAME, Store
from engine.indexing import Why
from engine.on_disk import OnDisk
from engine.types import (
    Candidates,
    Chunk,
    Confidence,
    Fact,
    Focus,
    MissingName,
    Selected,
    Tier,
)

if TYPE_CHECKING:
    from engine.selection.select import Method

__all__ = ["Forgotten", "Why", "Workspace", "forget"]

_CANDIDATES = 200
_CHARS_A_TOKEN = 3.2  # of code, on the safe side; the prompt is fitted to the token afterwards
_LARGEST_EVIDENCE = 16_000  # characters; more costs seconds to read and buries the answer
_MOST_EVIDENCE = 16  # pieces; what the bundled model has citation tokens for
_PROMPT_TOKENS = 150  # question, sources and control tokens
_TO_CHECK_ON = 8  # chunks that nothing is learned from: what the gate looks at
_OCCURRENCES = 50  # chunks in which a text is looked for letter by letter


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What ``forget`` removed."""

    index: bool
    embeddings: int
    adapters: int


class Workspace(OnDisk):
    """A repository and its index. Usable from several threads; one of them may index while others search."""

    # -- finding --------------------------------------------------------------------------------

    def candidates(
        self, question: str, *, paths: Sequence[str] = (), exclude: Sequence[Focus] = (), tier: Tier | None = None
    ) -> Candidates:
        """Return the candidates for a question from the best tier that is ready, and the chunks of ``paths``.

        ``tier`` asks for that one, ready or not. What overlaps ``exclude`` is not among them, in whatever file it was
        asked for.
        """
        from engine.selection.select import without

        return without(self._retriever.retrieve(question, _CANDIDATES, paths=paths, tier=tier), exclude)

    def search(
        self, question: str, *, limit: int = 10, method: Method = "sift", paths: Sequence[str] = ()
    ) -> tuple[tuple[Selected, ...], Confidence]:
        """Return up to ``limit`` chunks, best first, and how much the repository says about the question."""
        from engine.selection.confidence import assess
        from engine.selection.select import select_evidence

        if not question.strip():
            raise UsageError("the question is empty")

        def find() -> tuple[Candidates, tuple[Selected, ...]]:
            candidates = self.candidates(question, paths=paths)
            found = select_evidence(candidates, method=method, limit=limit)
            return candidates, self.whole(found) if method == "sift" else found

        candidates, chosen = self.as_on_disk(find)
        return chosen, assess(candidates, self.missing_names(question))

    def evidence(
        self, candidates: Candidates, *, about: Sequence[Focus], context: int
    ) -> tuple[tuple[Selected, ...], Confidence]:
        """Return what to read for an answer by a model with ``context`` tokens, and the confidence."""
        from engine.selection.confidence import assess
        from engine.selection.select import select_evidence

        room = (context - _PROMPT_TOKENS - min(self.settings.answer_tokens, context // 4)) * _CHARS_A_TOKEN
        budget = self.settings.evidence_chars or int(min(room, _LARGEST_EVIDENCE))
        budget = max(budget, 1)
        chosen = select_evidence(candidates, limit=_MOST_EVIDENCE, budget_chars=budget, pins=about)
        return self.whole(chosen, budget), assess(candidates)

    def whole(self, chosen: Sequence[Selected], budget: int | None = None) -> tuple[Selected, ...]:
        """Return what was chosen with the best of it grown to whole definitions, within ``budget`` characters."""
        from engine.selection.spans import complete_definitions

        return complete_definitions(chosen, self._chunks_in, budget_chars=budget)

    def _chunks_in(self, path: str) -> Sequence[Chunk]:
        return list(self._store.chunks_in(path).values())

    def examples(
        self, candidates: Candidates, steps: int, *, about: Sequence[Focus] = (), exclude: Sequence[Focus] = ()
    ) -> tuple[Selected, ...]:
        """Return what to take ``steps`` gradient steps on: chunks in their surroundings, without what is excluded.

        Where so little is here that their surroundings would leave nothing to check the learning on, chunks alone.
        """
        from engine.selection.select import select_examples
        from engine.selection.surroundings import in_surroundings, outside

        chosen = select_examples(candidates, steps, pins=about)
        wide = in_surroundings(chosen, self._chunks_in, exclusions=exclude)
        return wide if len(outside(candidates.chunks, wide)) >= _TO_CHECK_ON else chosen

    def missing_names(self, question: str) -> tuple[MissingName, ...]:
        """Return what the question names and the repository does not contain."""
        from engine.embedding.words import is_frequent_word
        from engine.generation.premise import check

        return check(question, self._store, self.occurs, is_frequent_word)

    def facts(self, question: str) -> tuple[Fact, ...]:
        """Return what the symbol graph answers by itself."""
        from engine.generation.lookup import answer_facts

        return answer_facts(question, self._store)

    def occurs(self, text: str) -> bool:
        """Return whether a text stands anywhere in the indexed files, in whatever case."""
        from engine.index.lexical import match_phrase, match_terms
        from engine.terms import terms

        wanted, words = text.lower(), terms(text)
        with self._store.snapshot() as connection:
            # In the same words one after the other, or else as a part of longer ones.
            for labels in (
                match_phrase(connection, words, _OCCURRENCES),
                [label for label, _ in match_terms(connection, words, _OCCURRENCES)],
            ):
                if any(wanted in chunk.text.lower() for chunk in self._store.chunks(labels).values()):
                    return True
        return False

    def texts(self) -> Iterator[str]:
        """Yield the text of every chunk."""
        return (chunk.text for chunk in self._store.all_chunks())


def forget(root: Path) -> Forgotten:
    """Remove everything derived from the repository at ``root``, which itself is not touched and may be gone.

    Embeddings that another repository uses as well are kept. Conversations are not derived and stay.
    """
    from engine.tuning.tune import forget_adapters

    directory = paths.repository_directory(root)
    existed = (directory / FILE_NAME).exists()
    removed = 0
    if existed:
        try:
            with Store(directory, read_only=True) as store:
                keys = store.keys()
        except DamagedError:
            keys = set()
        with EmbeddingCache(paths.embeddings_file()) as cache:
            try:  # whatever no other repository uses: of what it held before, nobody knows where it came from
                removed = cache.retain(lambda: space.keys_of_others(directory))
            except BusyError:  # another one is being indexed, and may be about to use what nobody seems to use
                removed = cache.discard(keys - space.keys_of_others(directory))
            cache.compact()
    shutil.rmtree(directory)
    damaged = paths.embeddings_file().with_name(paths.embeddings_file().name + ".damaged")
    damaged.unlink(missing_ok=True)
    return Forgotten(existed, removed, forget_adapters(directory.name))
