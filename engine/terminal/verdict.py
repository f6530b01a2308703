"""Checking a draft from the terminal: what would be sent, a question whether to send it, verdicts beside claims."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.style import Style
from rich.text import Text

from engine.errors import CheckError, UsageError
from engine.terminal.show import Terminal, location
from engine.terminal.text import safe, safe_line
from engine.verdicts import Checked, Checking, CheckPreview, CheckSettings, CheckState, StoredNote, Usage

if TYPE_CHECKING:
    from engine.memory import ThreadTurn
    from engine.review import Reviewer

__all__ = ["changed_settings", "money", "run_check", "show_notes", "show_preview", "show_state", "show_verdict"]

_DIM = Style(dim=True)
_BOLD = Style(bold=True)
_MARKS = {"supported": ("✓", "green"), "contradicted": ("✗", "red"), "undecided": ("?", "yellow")}
_STAGES = {"connecting": "connecting", "waiting": "waiting for the hosted model", "reading": "reading the verdict"}
_SETTABLE: dict[str, Callable[[str], Any]] = {
    "provider": str,
    "model": str,
    "address": str,
    "rounds": int,
    "budget": float,
    "answer_tokens": int,
    "structured": lambda value: {"true": True, "yes": True, "false": False, "no": False}[value.lower()],
}


def money(dollars: float | None) -> str:
    """Return dollars as people say them."""
    if dollars is None:
        return "unknown price"
    return f"${dollars:.2f}" if dollars >= 1 else f"${dollars:.4f}".rstrip("0").rstrip(".") if dollars else "$0"


def changed_settings(settings: CheckSettings, assignments: Sequence[str]) -> CheckSettings:
    """Return the settings with NAME=VALUE applied; UsageError for an unknown name or a value that is none."""
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals or name not in _SETTABLE:
            raise UsageError(f"write NAME=VALUE with one of {', '.join(_SETTABLE)}, not {assignment!r}")
        try:
            values[name] = _SETTABLE[name](value.strip())
        except (ValueError, KeyError) as error:
            raise UsageError(f"{value!r} is no value for {name}") from error
    if values.get("provider") == "off":
        values["provider"] = ""
    if values.get("provider", "") not in {"", "anthropic", "openai", "compatible"}:
        raise UsageError("the provider is one of anthropic, openai, compatible and off")
    return replace(settings, **values)


def show_state(terminal: Terminal, state: CheckState) -> None:
    """Say how drafts are checked, and what is missing if they are not."""
    settings = state.settings
    if settings.provider:
        model = safe_line(settings.model) or "no model"
        terminal.say(f"Drafts are checked by {model} at {safe_line(state.destination) or 'no address yet'}.")
        where = {"keychain": f"in {state.keychain}", "environment": f"in {state.key_name}", "session": "given just now"}
        terminal.note(f"The key is {where.get(state.key, 'missing')}.")
        limit = f"{money(settings.budget)} a check" if settings.budget else "no limit of money"
        rounds = "1 further round" if settings.rounds == 1 else f"{settings.rounds} further rounds"
        terminal.note(f"At most {rounds} and {limit}.")
        terminal.note("Sent without a preview." if state.allowed else "Each request is shown first.")
    unknown = f", and {state.unpriced} requests of unknown price" if state.unpriced else ""
    terminal.note(f"Spent on this repository so far: {money(state.spent)}{unknown}.")
    if state.problem:
        terminal.say(Text(safe_line(state.problem), style=Style(color="yellow")))


def show_preview(terminal: Terminal, preview: CheckPreview, *, body: bool) -> None:
    """Show what would be sent: the parts to read, and with ``body`` the exact request as it travels."""
    again = f" (round {preview.round})" if preview.round > 1 else ""
    terminal.say(Text(f"This would be sent to {safe_line(preview.url)}{again}", style=_BOLD))
    for part in preview.parts:
        title = safe_line(part.title) if not part.path else f"{part.id}: {safe_line(part.title)}"
        if not part.included:
            terminal.say(f"  - {title}: ", safe(part.withheld) or "left out", style=_DIM)
            continue
        marked = f", {len(part.redactions)} redacted" if part.redactions else ""
        terminal.say(f"  + {title} ({len(part.text):,} characters{marked})")
    if body:
        terminal.say("")
        for name, value in preview.headers.items():
            terminal.say(f"{name}: {safe_line(value)}", style=_DIM)
        terminal.say("")
        terminal.print(_marked(safe(preview.body)), soft_wrap=True)
        terminal.say("")
    redactions = f", {preview.redactions} spans redacted" if preview.redactions else ""
    terminal.note(f"{preview.bytes:,} bytes, about {preview.tokens:,} tokens{redactions}, SHA-256 {preview.sha256}")
    price = f"at most {money(preview.price)}" if preview.price is not None else "Price unknown"
    terminal.note(f"{price[0].upper()}{price[1:]} ({safe_line(preview.price_source)}).")


def _marked(text: str) -> Text:
    shown = Text(text)
    shown.highlight_regex(r"<redacted:[a-z0-9-]+>", Style(color="yellow", bold=True))
    return shown


def run_check(
    reviewer: Reviewer,
    terminal: Terminal,
    preview: CheckPreview,
    *,
    approved: Callable[[CheckPreview], bool],
    quiet: bool = False,
) -> Checked | None:
    """Send what a preview shows, and each further round that is approved; None when the first is not.

    Raises CheckError with one sentence; nothing is sent a second time.
    """
    checked: Checked | None = None
    following: CheckPreview | None = preview
    while following is not None and (following.allowed or approved(following)):
        checked = _send(reviewer, terminal, following, quiet=quiet)
        following = checked.next
    return checked


def _send(reviewer: Reviewer, terminal: Terminal, preview: CheckPreview, *, quiet: bool) -> Checked:
    if quiet or not terminal.is_terminal:
        return reviewer.check(preview.id)
    with terminal.status(Text(_STAGES["connecting"], style=_DIM), spinner="dots", spinner_style="dim") as status:

        def told(event: Checking) -> None:
            read = f" · {event.characters:,} characters" if event.characters else ""
            status.update(Text(f"{_STAGES[event.stage]}{read}", style=_DIM))

        return reviewer.check(preview.id, told)


def show_verdict(terminal: Terminal, root: Path, turn: ThreadTurn, checked: Checked, state: CheckState) -> None:
    """Show the draft's claims, each beside its verdict, and what else came back."""
    terminal.say(Text(safe_line(turn.question), style=_BOLD))
    for claim in checked.claims:
        mark, colour = _MARKS[claim.verdict]
        stray = "" if claim.start >= 0 else " (not in the draft word by word)"
        terminal.say(Text(f" {mark} ", style=Style(color=colour, bold=True)), safe_line(claim.text), stray)
        terminal.say("   ", Text(f"{claim.verdict}: {safe_line(claim.reason)}", style=_DIM))
        for lines in claim.lines:
            terminal.say("   ", location(root, lines), style=_DIM)
    if checked.corrected:
        terminal.say("")
        terminal.say(Text("Corrected answer", style=_BOLD))
        terminal.print(Text(safe(checked.corrected)))
        for number, lines in enumerate(checked.sources, start=1):
            if f"[{number}]" in checked.corrected:
                terminal.say(f"  [{number}] ", location(root, lines), style=_DIM)
    if checked.missing:
        terminal.note(f"Missing to decide the rest: {safe_line('; '.join(checked.missing))}.")
    for warning in checked.warnings:
        terminal.note(warning)
    terminal.note(f"Checked by {safe_line(checked.model)}: {_usage_words(checked.usage)}.")
    terminal.note(f"Spent on this repository so far: {money(state.spent)}.")


def _usage_words(usage: Usage) -> str:
    requests = f"{usage.requests} request{'s' if usage.requests != 1 else ''}"
    tokens = f"{usage.input_tokens:,} tokens read and {usage.output_tokens:,} written"
    return f"{requests}, {tokens}, {money(usage.price)}"


def show_notes(terminal: Terminal, root: Path, notes: Sequence[StoredNote]) -> None:
    """Show what is remembered about a repository."""
    if not notes:
        terminal.note("Nothing is remembered about this repository yet.")
    for note in notes:
        terminal.say(Text(f"{note.id:>3} ", style=_DIM), Text(safe_line(note.title), style=_BOLD))
        for line in safe(note.text).split("\n"):
            terminal.say("    ", line)
        stale = " Stale: lines that it rests on have changed." if note.stale else ""
        terminal.say("    ", Text(f"{safe_line(note.origin)} {note.updated[:10]}.{stale}", style=_DIM))
        for lines in note.citations:
            terminal.say("    ", location(root, lines), style=_DIM)


def ask_yes(question: str) -> bool:
    """Ask on the terminal; anything but a yes is a no. CheckError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise CheckError(
            "Nothing was sent: what would be sent has to be seen first. Look at it with --preview and send it with "
            "--yes, or allow checks of this repository with --allow."
        )
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False
