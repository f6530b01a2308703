"""The stages of an answer one by one: look at the repository, learn from it, write.

Whoever composes them holds the model for one question; ``Assistant.ask`` and the evaluation of answers do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.config import Settings
from engine.embedding.encoders import Encoders
from engine.loaded import LoadedModel
from engine.types import (
    SILENT_ANSWER,
    Adapter,
    CancelToken,
    Candidates,
    Confidence,
    Effort,
    Evidence,
    Focus,
    MissingName,
    Progress,
    Selected,
    Turn,
)
from engine.workspace import Workspace

if TYPE_CHECKING:
    from engine.generation.answer import Draft, Writer
    from engine.models import InstalledModel
    from engine.tuning.lora import Tuner

__all__ = ["SILENT_ANSWER", "Looked", "Stages", "why_untuned"]

Timed = Callable[[str], AbstractContextManager[None]]


def _untimed(_: str) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at the repository says about a question, before anything is learned or written."""

    candidates: Candidates
    chosen: tuple[Selected, ...]  # to read
    confidence: Confidence
    missing: tuple[MissingName, ...]  # what the question names and the repository does not contain

    @property
    def evidence(self) -> list[Evidence]:
        """Return what was chosen, numbered by relevance."""
        return [Evidence(number, each.chunk) for number, each in enumerate(self.chosen, start=1)]


class Stages(Workspace):
    """A workspace with the model that learns and writes, loaded when it is first needed."""

    def __init__(
        self, root: Path, settings: Settings, loaded: LoadedModel | None = None, encoders: Encoders | None = None
    ) -> None:
        """Take a resolved folder. ``loaded`` and ``encoders`` are the process's when it opens several repositories.

        StorageError when our own folder cannot be used.
        """
        super().__init__(root, settings, encoders)
        self._owns = loaded is None
        self._loaded = loaded or LoadedModel(settings)

    def close(self) -> None:
        """Free the models and close the databases; harmless when called twice."""
        if self._owns:
            self._loaded.close()
        super().close()

    # -- parts made when first needed -----------------------------------------------------------

    @property
    def model(self) -> InstalledModel:
        """Return the model of the settings, installed if need be; ModelError when that fails."""
        return self._loaded.model

    @property
    def tuner(self) -> Tuner:
        """Return the tuner of the model; its weights are loaded by its first use."""
        return self._loaded.tuner

    @property
    def writer(self) -> Writer:
        """Return the loaded model that writes; ModelError when it cannot be loaded."""
        return self._loaded.writer

    # -- stages ---------------------------------------------------------------------------------

    def estimate_seconds(self, effort: Effort) -> float:
        """Return the seconds that tuning will add to an answer at this effort."""
        if effort == "instant":
            return 0.0
        from engine.tuning.tune import estimate_seconds

        return estimate_seconds(effort, self.model, prepared=self.tuner.prepared)

    def look(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        about: Sequence[Focus] = (),
        exclude: Sequence[Focus] = (),
        cancel: CancelToken | None = None,
        timed: Timed = _untimed,
    ) -> Looked:
        """Return what the repository says about a question; what is chosen of it stands in its file now.

        What the question names is read in any case.

        ``timed`` is entered for each of the stages retrieve, select and premise. Raises ModelError and StorageError.
        """
        from engine.generation.named import named_places

        wanted = _in_context(question, history)
        paths = [focus.path for focus in about]
        confidence = Confidence("silent", 0.0)

        def find() -> tuple[Candidates, tuple[Selected, ...]]:
            nonlocal confidence
            with timed("retrieve"):
                named = named_places(wanted, self.table)
                within = dict.fromkeys([*paths, *(place.path for place in named)])
                candidates = self.candidates(wanted, paths=tuple(within), exclude=exclude)
            with timed("select"):
                pins = (*about, *named)
                chosen, confidence = self.evidence(candidates, about=pins, context=self.model.context)
            return candidates, chosen

        candidates, chosen = self.as_on_disk(find, paths=paths, cancel=cancel)
        with timed("premise"):
            missing = self.missing_names(question)
        if missing:
            from engine.selection.confidence import assess

            confidence = assess(candidates, missing)
        return Looked(candidates, chosen, confidence, missing)

    def learn(
        self,
        looked: Looked,
        effort: Effort,
        *,
        about: Sequence[Focus] = (),
        exclude: Sequence[Focus] = (),
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
        skip: CancelToken | None = None,
    ) -> Adapter:
        """Return the adapter for a question, or the reason why there is none; raises as ``tune`` does.

        It answers the question only if ``why_untuned`` has nothing to say.
        """
        from engine.tuning.facts import symbol_facts
        from engine.tuning.recipe import steps_for
        from engine.tuning.tune import tune

        examples = self.examples(looked.candidates, steps_for(effort), about=about, exclude=exclude)
        return tune(
            self.tuner,
            examples,
            looked.candidates.chunks,
            symbol_facts(self.table, [each.chunk for each in examples]),
            effort=effort,
            repository=self.key,
            progress=progress,
            cancel=cancel,
            skip=skip,
        )

    def draft(
        self,
        question: str,
        evidence: Sequence[Evidence],
        *,
        adapter: Adapter | None = None,
        missing: Sequence[MissingName] = (),
        history: Sequence[Turn] = (),
        cancel: CancelToken | None = None,
    ) -> Draft:
        """Return the draft of an answer, written while it is iterated over; raises as ``Writer.write`` does."""
        return self.writer.write(
            question,
            evidence,
            adapter=Path(adapter.path) if adapter is not None and adapter.path else None,
            missing=missing,
            history=history,
            table=self.table,
            max_tokens=self.settings.answer_tokens,
            cancel=cancel,
        )


def why_untuned(looked: Looked, effort: Effort) -> str:
    """Return in a sentence why nothing is learned for a question, "" when it is."""
    if effort == "instant":
        return "Instant answers are not tuned."
    if looked.confidence.level == "silent":
        return "There is nothing here to learn about this question."
    if looked.missing:
        return "The question names what is not here, which learning cannot change."
    return ""


def _in_context(question: str, history: Sequence[Turn]) -> str:
    """Return what to search for: a follow-up is read together with the question before it."""
    return f"{question}\n{history[-1].question}" if history else question
