"""The command ``sidetune check``: settings, key and allowance, then preview, consent, sending, verdict, acceptance."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from engine.checking.keys import Keys, Secret
from engine.checking.settings import load_check_settings
from engine.errors import CheckError, UsageError
from engine.notes import Notebook
from engine.review import Reviewer
from engine.terminal.verdict import ask_yes, changed_settings, run_check, show_preview, show_state, show_verdict
from engine.verdicts import Checked, CheckPreview, CheckState

if TYPE_CHECKING:
    from engine.assistant import Assistant
    from engine.terminal.show import Terminal

__all__ = ["CheckOptions", "run_command"]

Emit = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What the command was asked for; see its help."""

    as_json: bool
    thread: str | None
    turn: int
    without: tuple[str, ...]
    only_preview: bool
    yes: bool
    allow: bool | None
    assignments: tuple[str, ...]
    key: bool
    only_status: bool


def run_command(assistant: Assistant, options: CheckOptions, terminal: Terminal, emit: Emit) -> None:
    """Do what was asked for; CheckError and UsageError with one sentence."""
    reviewer = Reviewer(assistant, Keys())
    if _arrange(reviewer, options):
        state = reviewer.state()
        if options.as_json:
            emit({"event": "state", **asdict(state)})
        else:
            show_state(terminal, state)
        return
    thread = options.thread or _last_thread(assistant)
    _provide_key(reviewer, options)
    preview = reviewer.preview(thread, options.turn)
    if options.without:
        preview = reviewer.amend(preview.id, options.without)
    if options.as_json:
        _in_json(reviewer, options, preview, terminal, emit)
    else:
        _in_words(assistant, reviewer, options, preview, terminal)


def _arrange(reviewer: Reviewer, options: CheckOptions) -> bool:
    """Change what shall be changed; return whether that was all."""
    if options.assignments:
        reviewer.configure(changed_settings(load_check_settings(), options.assignments))
    if options.key:
        reviewer.take_key(_asked_key(reviewer.state()), keep=True)
    if options.allow is not None:
        reviewer.allow(options.allow)
    return bool(options.assignments or options.key or options.allow is not None or options.only_status)


def _asked_key(state: CheckState) -> Secret:
    """Ask for a key; where a terminal can be written to it is not shown, from a pipe it is one line."""
    question = f"Key for {state.destination or 'the provider'} (empty forgets it): "
    return Secret((getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline()).strip())


def _provide_key(reviewer: Reviewer, options: CheckOptions) -> None:
    """Ask for the key at this start where only that is missing and somebody can be asked."""
    state = reviewer.state()
    if state.ready or state.key or options.as_json or not sys.stdin.isatty():
        return
    if state.problem.startswith("There is no key"):
        key = _asked_key(state)
        if key:
            reviewer.take_key(key, keep=False)


def _last_thread(assistant: Assistant) -> str:
    threads = [each for each in assistant.memory.threads(assistant.root) if each.turns]
    if not threads:
        raise UsageError("there is no answer about this repository to check yet; ask something first")
    return threads[0].id


def _in_json(reviewer: Reviewer, options: CheckOptions, preview: CheckPreview, terminal: Terminal, emit: Emit) -> None:
    """Print the preview and, where that is allowed, each event of the check."""
    emit({"event": "preview", **asdict(preview)})
    if options.only_preview:
        return
    if not (options.yes or preview.allowed):
        raise CheckError("Nothing was sent: send what the preview shows with --yes, or allow it with --allow.")

    def approved(shown: CheckPreview) -> bool:
        if shown.id != preview.id:
            emit({"event": "preview", **asdict(shown)})
        return options.yes

    checked = run_check(reviewer, terminal, preview, approved=approved, quiet=True)
    if checked is not None:
        emit({"event": "checked", **asdict(checked), "spent": reviewer.state().spent})


def _in_words(
    assistant: Assistant, reviewer: Reviewer, options: CheckOptions, preview: CheckPreview, terminal: Terminal
) -> None:
    if options.only_preview:
        show_preview(terminal, preview, body=True)
        return

    def approved(shown: CheckPreview) -> bool:
        show_preview(terminal, shown, body=True)
        return options.yes or ask_yes("Send it?")

    checked = run_check(reviewer, terminal, preview, approved=approved)
    if checked is None:
        terminal.note("Nothing was sent.")
        return
    show_verdict(terminal, assistant.root, assistant.memory.turn(checked.turn), checked, reviewer.state())
    _offer_to_keep(assistant, checked, terminal)


def _offer_to_keep(assistant: Assistant, checked: Checked, terminal: Terminal) -> None:
    if not checked.corrected:
        return
    if not sys.stdin.isatty():
        terminal.note(f"Keep the correction with `sidetune notes accept --check {checked.check}`.")
    elif ask_yes("Keep the corrected answer as a note of this repository?"):
        note = Notebook(assistant).accept_correction(checked.check)
        terminal.note(f"Kept as note {note.id}.")
