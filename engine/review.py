"""Checking the drafts of one repository: what would be sent, sending it, what came back, what is remembered of it.

Composes the assistant, whose answers are checked, with the stages of ``engine.checking``. Nothing is sent but the bytes
of a preview that was asked for before, and each at most once unless it failed and the user starts it again.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.checking.keys import Keys
from engine.checking.parts import evidence_parts, place_in, text_parts
from engine.checking.payload import Body, body_of, draw_mark, message_text
from engine.checking.prices import cost, estimate_tokens, price_of
from engine.checking.providers import DOTS, ReplyError, Timeouts, address_of, destination_of, request_of, send
from engine.checking.redaction import Redacted, Redactor
from engine.checking.verdict import Verdict, read_verdict
from engine.errors import Cancelled, CheckError, UsageError
from engine.permission import Permission
from engine.types import CancelToken, sha256_hex
from engine.verdicts import (
    Checked,
    Checking,
    CheckPart,
    CheckPreview,
    CheckSettings,
    CheckStage,
    SourceLines,
    Usage,
)

if TYPE_CHECKING:
    from engine.assistant import Assistant
    from engine.memory import ThreadTurn

__all__ = ["Reviewer"]

_PREVIEWS_KEPT = 20
_RESULTS_EACH = 3  # chunks for each thing that was missing
_MOST_ADDED = 8  # chunks a round
_NOTHING = Usage(0, 0, 0, 0.0)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A preview and all that belongs to it."""

    settings: CheckSettings
    turn: ThreadTurn
    draft: Redacted
    parts: tuple[CheckPart, ...]
    mark: str
    body: Body
    round: int
    usage: Usage  # of the rounds before
    check: int | None  # its number, from the second round on


class Reviewer(Permission):
    """Checks drafts of an assistant's repository. Safe for several threads."""

    def __init__(self, assistant: Assistant, keys: Keys, *, timeouts: Timeouts | None = None) -> None:
        super().__init__(assistant, keys)
        self._timeouts = timeouts
        self._lock = threading.Lock()
        self._previews: OrderedDict[str, _Prepared] = OrderedDict()

    # -- what would be sent -----------------------------------------------------------------------

    def preview(self, thread: str, turn: int = 0) -> CheckPreview:
        """Return what would be sent to check an answer of a conversation, by default its last; sends nothing.

        Raises CheckError when it could not be sent (see ``CheckState.problem``), UsageError for an unknown answer.
        """
        self._keys.look_again()
        settings = self.require_ready()
        asked = self._turn(thread, turn)
        redactor = Redactor(settings.keep_out)
        draft = redactor.redact(asked.answer)
        evidence = self._evidence(settings, redactor, _numbered(asked))
        parts = (*text_parts(redactor.redact(asked.question), draft), *evidence)
        return self._prepare(settings, asked, draft, parts, round_number=1, usage=_NOTHING, check=None)

    def amend(self, preview: str, without: Sequence[str]) -> CheckPreview:
        """Return a preview without some parts (and with all others); the earlier one is gone."""
        with self._lock:
            prepared = self._previews.pop(preview, None)
        if prepared is None:
            raise UsageError("That preview is no longer there; ask for a new one.")
        unknown = set(without) - {part.id for part in prepared.parts}
        required = {part.id for part in prepared.parts if part.required}
        if unknown or required & set(without):
            raise UsageError("Only evidence that the preview shows can be left out.")
        parts = tuple(replace(part, included=not part.withheld and part.id not in without) for part in prepared.parts)
        return self._prepare(
            prepared.settings,
            prepared.turn,
            prepared.draft,
            parts,
            round_number=prepared.round,
            usage=prepared.usage,
            check=prepared.check,
            mark=prepared.mark,
        )

    def has(self, preview: str) -> bool:
        """Return whether a preview is one of this repository's that can still be sent."""
        with self._lock:
            return preview in self._previews

    def _turn(self, thread: str, turn: int) -> ThreadTurn:
        memory = self.assistant.memory
        about = memory.thread(thread)
        if about.repository != str(self.assistant.root):
            raise UsageError(f"conversation {thread!r} is about another repository, {about.repository}")
        if turn:
            found = memory.turn(turn)
            if found.thread != thread:
                raise UsageError(f"answer {turn} is not part of conversation {thread!r}")
            return found
        last = memory.turns(thread, last=1)
        if not last:
            raise UsageError(f"conversation {thread!r} has no answer yet")
        return last[0]

    def _prepare(
        self,
        settings: CheckSettings,
        turn: ThreadTurn,
        draft: Redacted,
        parts: Sequence[CheckPart],
        *,
        round_number: int,
        usage: Usage,
        check: int | None,
        mark: str = "",
    ) -> CheckPreview:
        drawn = mark or draw_mark()
        body = body_of(settings, message_text(parts, drawn))
        prepared = _Prepared(settings, turn, draft, tuple(parts), drawn, body, round_number, usage, check)
        number = secrets.token_hex(8)
        with self._lock:
            self._previews[number] = prepared
            while len(self._previews) > _PREVIEWS_KEPT:
                self._previews.popitem(last=False)
        return self._shown(number, prepared)

    def _shown(self, number: str, prepared: _Prepared) -> CheckPreview:
        settings, body = prepared.settings, prepared.body
        key, _ = self._keys.find(settings.provider, address_of(settings))
        request = request_of(settings, body.data)
        tokens = estimate_tokens(body.text)
        price = price_of(settings.provider, address_of(settings), settings.model, settings.prices)
        return CheckPreview(
            id=number,
            thread=prepared.turn.thread,
            turn=prepared.turn.id,
            provider=settings.provider,
            model=settings.model,
            url=request.url,
            headers={name: value for name, value in request.headers.items() if key is not None or DOTS not in value},
            body=body.text,
            sha256=sha256_hex(body.data),
            bytes=len(body.data),
            tokens=tokens,
            price=_rounded(cost(price, tokens, settings.answer_tokens)),
            price_source=price.source if price else f"the price of {settings.model} is not known, it can be set",
            parts=prepared.parts,
            round=prepared.round,
            redactions=sum(len(part.redactions) for part in prepared.parts if part.included),
            allowed=self.is_allowed(settings),
        )

    # -- sending ----------------------------------------------------------------------------------

    def check(
        self,
        preview: str,
        progress: Callable[[Checking], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Checked:
        """Send what a preview shows and return what came back.

        Evidence that was missing is looked for and, where checks of this repository are allowed without a preview,
        asked about again, within the rounds and the money of the settings; otherwise ``next`` of the result shows it.
        Raises CheckError with one sentence, after which the preview can be started again, and Cancelled.
        """
        checked = self._round(preview, progress, cancel)
        while (following := checked.next) is not None and following.allowed and self._affordable(following.id):
            try:
                checked = self._round(following.id, progress, cancel)
            except CheckError as error:  # what was found before stands
                return replace(checked, warnings=(*checked.warnings, f"The next round failed: {error}"))
        return checked

    def _prepared(self, preview: str) -> _Prepared:
        with self._lock:
            prepared = self._previews.get(preview)
        if prepared is None:
            raise UsageError("That preview is no longer there; look at what would be sent again.")
        return prepared

    def _affordable(self, preview: str) -> bool:
        return not self._too_dear(self._prepared(preview))

    def _round(self, preview: str, progress: Callable[[Checking], None] | None, cancel: CancelToken | None) -> Checked:
        """Send one request and keep what it found and cost; the preview is gone then."""
        prepared = self._prepared(preview)
        settings = self.require_ready()
        if settings != prepared.settings:
            raise CheckError("The settings have changed since the preview; look at what would be sent again.")
        refusal = self._too_dear(prepared)
        if refusal:
            raise CheckError(refusal)
        address = address_of(settings)
        key, _ = self._keys.find(settings.provider, address)

        reached: CheckStage = "connecting"

        def told(stage: CheckStage, characters: int) -> None:
            nonlocal reached
            reached = stage
            if progress is not None:
                progress(Checking(stage, prepared.round, characters))

        request = request_of(settings, prepared.body.data)
        try:
            reply = send(request, key, timeouts=self._timeouts, progress=told, cancel=cancel)
        except ReplyError as error:  # it was sent, so it may have cost something
            self._spend(prepared, error.input_tokens, error.output_tokens)
            raise
        except Cancelled:
            if reached == "reading":
                self._spend(prepared, None, None)
            raise
        usage = _added(prepared.usage, self._spend(prepared, reply.input_tokens, reply.output_tokens, reply.text))
        place = place_in(prepared.turn.answer, prepared.draft)
        verdict = read_verdict(reply.text, prepared.parts, place)
        with self._lock:
            self._previews.pop(preview, None)
        return self._keep(prepared, verdict, usage)

    def _keep(self, prepared: _Prepared, verdict: Verdict, usage: Usage) -> Checked:
        memory = self.assistant.memory
        sources = tuple(SourceLines(part.path, part.first_line, part.last_line) for part in prepared.parts if part.path)
        checked = Checked(
            check=prepared.check or 0,
            turn=prepared.turn.id,
            claims=verdict.claims,
            corrected=verdict.corrected,
            missing=verdict.missing,
            provider=prepared.settings.provider,
            model=prepared.settings.model,
            usage=usage,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            sources=sources,
            warnings=verdict.warnings,
        )
        if prepared.check is None:
            number = memory.add_check(prepared.turn.id, checked)
        else:
            number = prepared.check
            memory.change_check(number, checked)
        checked = replace(checked, check=number)
        return replace(checked, next=self._next(prepared, checked))

    def _next(self, prepared: _Prepared, checked: Checked) -> CheckPreview | None:
        """Return the next round with the evidence that was missing; None when there is none, or none may follow."""
        settings = prepared.settings
        if not checked.missing or prepared.round > settings.rounds:
            return None
        known = list(checked.sources)
        found: list[SourceLines] = []
        for wanted in checked.missing:
            results, _ = self.assistant.search(wanted, limit=_RESULTS_EACH)
            for each in results:
                lines = SourceLines(each.chunk.path, each.chunk.first_line, each.chunk.last_line)
                if not any(_covers(other, lines) for other in (*known, *found)):
                    found.append(lines)
        if not found:
            return None
        redactor = Redactor(settings.keep_out)
        more = self._evidence(settings, redactor, found[:_MOST_ADDED], first_number=len(known) + 1)
        parts = (*prepared.parts, *more)
        if not any(part.included for part in more):
            return None
        return self._prepare(
            settings,
            prepared.turn,
            prepared.draft,
            parts,
            round_number=prepared.round + 1,
            usage=checked.usage,
            check=checked.check,
        )

    def _too_dear(self, prepared: _Prepared) -> str:
        """Return a sentence when the money of the settings does not cover a round, "" when it does or nobody knows."""
        settings = prepared.settings
        price = price_of(settings.provider, address_of(settings), settings.model, settings.prices)
        most = cost(price, estimate_tokens(prepared.body.text), settings.answer_tokens)
        if most is None or not settings.budget:
            return ""
        before = prepared.usage.price or 0.0
        if before + most <= settings.budget:
            return ""
        spent = f" after the ${before:.3f} of the rounds before" if before else ""
        return (
            f"This request could cost up to ${most:.3f}{spent}, and a check may cost ${settings.budget:.2f}: "
            "untick some evidence or raise the budget."
        )

    def _spend(
        self, prepared: _Prepared, input_tokens: int | None, output_tokens: int | None, written: str = ""
    ) -> Usage:
        """Note what a request took, by the provider's count or else our estimate."""
        settings = prepared.settings
        into = input_tokens if input_tokens is not None else estimate_tokens(prepared.body.text)
        out = output_tokens if output_tokens is not None else estimate_tokens(written)
        price = cost(price_of(settings.provider, address_of(settings), settings.model, settings.prices), into, out)
        self.assistant.memory.add_spending(
            self.assistant.root,
            destination=destination_of(settings),
            model=settings.model,
            input_tokens=into,
            output_tokens=out,
            price=price,
        )
        return Usage(1, into, out, _rounded(price))

    def _evidence(
        self, settings: CheckSettings, redactor: Redactor, evidence: Sequence[SourceLines], *, first_number: int = 1
    ) -> tuple[CheckPart, ...]:
        left_out = self.assistant.withheld([each.path for each in evidence])
        return evidence_parts(settings, redactor, evidence, self.assistant.on_disk, left_out, first_number=first_number)


def _numbered(turn: ThreadTurn) -> tuple[SourceLines, ...]:
    """Return the evidence of an answer in the order of its numbers: what [n] cites is the n-th, the rest follows."""
    cited = [SourceLines(each.path, each.first_line, each.last_line) for each in turn.citations]
    rest = [SourceLines(each.path, each.first_line, each.last_line) for each in turn.evidence]
    return (*cited, *(each for each in rest if each not in cited))


def _covers(outer: SourceLines, inner: SourceLines) -> bool:
    return outer.path == inner.path and outer.first_line <= inner.first_line and inner.last_line <= outer.last_line


def _added(before: Usage, now: Usage) -> Usage:
    known = before.price is not None and now.price is not None
    return Usage(
        before.requests + now.requests,
        before.input_tokens + now.input_tokens,
        before.output_tokens + now.output_tokens,
        _rounded((before.price or 0.0) + (now.price or 0.0)) if known else None,
    )


def _rounded(dollars: float | None) -> float | None:
    return None if dollars is None else round(dollars, 6)
