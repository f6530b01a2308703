"""The only composer of stages: a question goes in, events come out.

``Assistant`` is cheap to make; models are loaded when a question first needs them. ``ask`` is a
generator: the caller takes the events in its own thread, and closing the generator stops the work.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from engine.config import Settings
from engine.embedding.encoders import Encoders
from engine.errors import Cancelled, SidetuneError, TuningError, UsageError
from engine.events import (
    Answer,
    AnswerCitation,
    AskEvent,
    FactItem,
    Facts,
    Failure,
    Premise,
    PremiseItem,
    SelectedChunk,
    SelectedEvent,
    Started,
    Token,
    Tuned,
    Tuning,
)
from engine.loaded import LoadedModel
from engine.memory import EvidenceLines
from engine.stages import SILENT_ANSWER, Looked, Stages, why_untuned
from engine.types import (
    Adapter,
    CancelToken,
    Chunk,
    Citation,
    Effort,
    Evidence,
    Focus,
    MissingName,
    Progress,
    Report,
    Selected,
    Turn,
)
from engine.workspace import Forgotten, Why, forget

__all__ = ["Assistant", "Forgotten", "Why", "forget", "selected_chunk"]

_LONGEST_QUESTION = 8000  # characters; more is a pasted file, which belongs in ``about``
_HISTORY_TURNS = 3


class _Stop:
    """The caller's cancel token joined with our own, which closing the generator sets."""

    def __init__(self, outer: CancelToken | None) -> None:
        self._outer = outer
        self._own = threading.Event()

    def set(self) -> None:
        self._own.set()

    def is_set(self) -> bool:
        return self._own.is_set() or (self._outer is not None and self._outer.is_set())

    def check(self) -> None:
        if self.is_set():
            raise Cancelled("Stopped.")


@dataclass(slots=True)
class _Run:
    """One question on its way: what was asked, how to stop it, where it is and how long each stage took."""

    question: str
    effort: Effort
    about: Sequence[Focus]
    exclude: Sequence[Focus]
    stop: _Stop
    skip: CancelToken | None
    changed: Collection[str] | None = None  # files to read again first; None: whichever they are
    start: float = field(default_factory=time.perf_counter)
    stage: str = "question"
    timings: dict[str, float] = field(default_factory=dict)  # seconds by stage

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        self.stop.check()
        self.stage = stage
        start = time.perf_counter()
        try:
            yield
        finally:
            self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - start


class Assistant(Stages):
    """A workspace that also answers. One question at a time; a second one waits for the first."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        loaded: LoadedModel | None = None,
        encoders: Encoders | None = None,
    ) -> None:
        """Take a resolved folder. ``loaded`` and ``encoders`` are the process's when it opens several repositories.

        StorageError when our own folder cannot be used.
        """
        super().__init__(root, settings, loaded, encoders)
        self._asking = threading.Lock()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def configure(self, settings: Settings, loaded: LoadedModel | None = None) -> None:
        """Answer with other settings from now on; waits for the end of a question that is being answered.

        ``loaded`` is their model when it is shared; without it this assistant has its own, made anew only if it must.
        """
        with self._asking, self._loaded.lock:
            before = self._loaded
            if loaded is not None:
                self._loaded = loaded
            elif not before.serves(settings):
                self._loaded = LoadedModel(settings)
            if self._owns and self._loaded is not before:
                before.close()
            self._owns = loaded is None
            self.settings = settings

    # -- asking ---------------------------------------------------------------------------------

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Hold the assistant and its model for one question; whoever else asks waits meanwhile."""
        with self._asking, self._loaded.lock:
            yield

    def ask(
        self,
        question: str,
        *,
        effort: Effort | None = None,
        about: Sequence[Focus] = (),
        exclude: Sequence[Focus] = (),
        thread: str | None = None,
        cancel: CancelToken | None = None,
        skip: CancelToken | None = None,
        changed: Collection[str] | None = None,
    ) -> Iterator[AskEvent]:
        """Yield the events of one answer (see ``engine.events``), from ``Started`` to ``Answer`` or ``Failure``.

        ``about`` names files that the question is about, ``exclude`` what is neither read nor learned from,
        ``thread`` a conversation to continue (a new one is begun without it), ``skip`` ends tuning early and
        answers untuned. ``changed`` are the files that somebody who watches the folder saw change and that were
        not read since; without it the folder is listed, which takes a second for 30,000 files.
        Raises UsageError at once for an empty question, an unknown thread or a file that is not indexed,
        and Cancelled when ``cancel`` is set; any other failure is the last event.
        """
        asked = question.strip()
        if not asked:
            raise UsageError("the question is empty")
        if len(asked) > _LONGEST_QUESTION:
            raise UsageError(f"the question has {len(asked):,} characters; at most {_LONGEST_QUESTION:,} are read")
        with self.asking():
            run = _Run(asked, effort or self.settings.effort, about, exclude, _Stop(cancel), skip, changed)
            try:
                yield from self._answer(run, thread)
            except (Cancelled, UsageError):
                raise
            except SidetuneError as error:
                yield Failure(run.stage, str(error))
            finally:
                run.stop.set()

    def _answer(self, run: _Run, thread: str | None) -> Iterator[AskEvent]:
        history = self._history(thread)
        thread = thread or self.memory.new_thread(self.root)
        with run.timed("model"):
            estimate = self.estimate_seconds(run.effort)
        yield Started(run.question, self.root.name, run.effort, thread, estimate)
        with run.timed("index"):
            if run.changed is None:
                self.refresh(cancel=run.stop)
            else:
                self.catch_up(run.changed, cancel=run.stop)
            for focus in run.about:
                self.require_indexed(focus.path)
        looked = self.look(
            run.question,
            history=history,
            about=run.about,
            exclude=run.exclude,
            cancel=run.stop,
            timed=run.timed,
        )
        candidates, chosen, confidence, missing = looked.candidates, looked.chosen, looked.confidence, looked.missing
        premise = tuple(PremiseItem(each.name, each.kind, each.suggestions) for each in missing)
        if premise:
            yield Premise(premise)
        yield SelectedEvent(candidates.tier, tuple(map(selected_chunk, chosen)), confidence)
        with run.timed("facts"):
            facts = self.facts(run.question)
        if facts:
            yield Facts(tuple(FactItem(fact.text, tuple(map(_cited, fact.citations))) for fact in facts))
        with run.timed("tune"):
            adapter = yield from self._tune(run, looked)
        yield _tuned_event(adapter)
        if confidence.level == "silent":
            # Nothing to read: the honest sentence, not a draft made of unrelated code.
            yield Token(SILENT_ANSWER)
            text, citations = SILENT_ANSWER, tuple[AnswerCitation, ...]()
        else:
            evidence = self.still_there(looked.evidence)
            text, found = yield from self._draft(run, evidence, missing, history, adapter)
            citations = tuple(map(_cited, found))
        run.stage = "memory"
        tuned = _tuned_event(adapter)
        run.timings["total"] = time.perf_counter() - run.start
        timings = {stage: round(seconds, 4) for stage, seconds in run.timings.items()}
        turn = self.memory.add_turn(
            thread,
            run.question,
            text,
            citations=citations,
            effort=run.effort,
            adapter=adapter.state,
            confidence=confidence,
            evidence=[_evidence_lines(each.chunk) for each in chosen],
        )
        yield Answer(text, citations, confidence, premise, tuned, timings, turn)

    def _history(self, thread: str | None) -> tuple[Turn, ...]:
        if thread is None:
            return ()
        about = self.memory.thread(thread)
        if about.repository != str(self.root):
            raise UsageError(f"conversation {thread!r} is about another repository, {about.repository}")
        return tuple(Turn(each.question, each.answer) for each in self.memory.turns(thread, last=_HISTORY_TURNS))

    def _tune(self, run: _Run, looked: Looked) -> Generator[AskEvent, None, Adapter]:
        """Yield tuning events and return the adapter. A failure to tune is a reason, not the end of the answer."""

        def work(report: Progress) -> Adapter:
            return self.learn(
                looked,
                run.effort,
                about=run.about,
                exclude=run.exclude,
                progress=report,
                cancel=run.stop,
                skip=run.skip,
            )

        if untuned := why_untuned(looked, run.effort):
            return Adapter("skipped", reason=untuned)
        start = time.perf_counter()
        try:
            return (yield from _in_background(work, run.stop))
        except TuningError as error:
            return Adapter("skipped", reason=str(error), seconds=time.perf_counter() - start)

    def _draft(
        self,
        run: _Run,
        evidence: Sequence[Evidence],
        missing: Sequence[MissingName],
        history: Sequence[Turn],
        adapter: Adapter,
    ) -> Generator[AskEvent, None, tuple[str, tuple[Citation, ...]]]:
        """Yield the draft token by token and return its text and its citations, checked against the files."""
        from engine.generation.citations import settle

        with run.timed("load"):
            _ = self.writer
        start = time.perf_counter()
        with run.timed("generate"):
            draft = self.draft(
                run.question, evidence, adapter=adapter, missing=missing, history=history, cancel=run.stop
            )
            for piece in draft:
                run.timings.setdefault("first_token", time.perf_counter() - start)
                yield Token(piece)
        with run.timed("cite"):
            return settle(draft.text.strip(), draft.cited, self.reread)


def _in_background(work: Callable[[Progress], Adapter], stop: _Stop) -> Generator[AskEvent, None, Adapter]:
    """Run ``work`` in a thread, yield its reports as ``Tuning`` events, return its result or raise its error.

    If the generator is closed, ``stop`` is set and the thread is waited for, which takes one step.
    """
    reports: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
    outcome: list[Adapter] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work(reports.put))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            failure.append(error)
        finally:
            reports.put(None)

    thread = threading.Thread(target=run, name="tuning")
    thread.start()
    try:
        while (report := reports.get()) is not None:
            values = report.values
            yield Tuning(report.done, report.total, values.get("loss", 0.0), values.get("seconds_left", 0.0))
    finally:
        if not outcome and not failure:
            stop.set()
        thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


def selected_chunk(selected: Selected) -> SelectedChunk:
    """Return a chosen chunk as events show it."""
    chunk = selected.chunk
    return SelectedChunk(
        chunk.path,
        chunk.first_line,
        chunk.last_line,
        chunk.symbol,
        round(selected.score, 6),
        round(selected.gain, 6),
        round(selected.share, 6),
    )


def _evidence_lines(chunk: Chunk) -> EvidenceLines:
    return EvidenceLines(chunk.path, chunk.first_line, chunk.last_line, chunk.symbol)


def _cited(citation: Citation) -> AnswerCitation:
    return AnswerCitation(citation.path, citation.first_line, citation.last_line, citation.verified)


def _tuned_event(adapter: Adapter) -> Tuned:
    return Tuned(
        adapter.state,
        adapter.steps,
        adapter.reason,
        adapter.loss_before,
        adapter.loss_after,
        round(adapter.seconds, 4),
    )
