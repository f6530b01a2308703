"""Commands that have drafts checked and that keep notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from engine.commands.shared import (
    assistant_of,
    cli,
    common,
    emit,
    new_terminal,
    print_or_show,
    repo_option,
    text_of,
)
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.notes import Notebook
    from engine.verdicts import StoredNote

__all__ = ["check", "notes"]


@cli.command()
@repo_option
@click.option("--thread", metavar="ID", help="The conversation; by default the last one about this repository.")
@click.option("--turn", type=int, default=0, help="The number of the answer; by default the last one.")
@click.option("--without", multiple=True, metavar="PART", help="A part of the evidence to leave out: evidence-2.")
@click.option("--preview", "only_preview", is_flag=True, help="Print exactly what would be sent, and send nothing.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--allow/--revoke", default=None, help="Always send checks of this repository without a preview, or not.")
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE", help="Change a setting, such as provider.")
@click.option("--key", is_flag=True, help="Ask for the provider's key and keep it in the system's keychain.")
@click.option("--status", "only_status", is_flag=True, help="Say how drafts are checked, and send nothing.")
@common
def check(repo: str, as_json: bool, **options: Any) -> None:
    """Have a hosted model check an answer, claim by claim. Off until a provider is set; shows what it sends first."""
    from engine.terminal.checking import CheckOptions, run_command

    with assistant_of(repo) as assistant:
        run_command(assistant, CheckOptions(as_json=as_json, **options), new_terminal(), emit)


@cli.group()
def notes() -> None:
    """What is remembered about a repository: accepted corrections and answers, and what you write down."""


@notes.command("list")
@repo_option
@common
def list_notes(repo: str, as_json: bool) -> None:
    """List the notes, the latest first."""
    from engine.notes import Notebook
    from engine.terminal.verdict import show_notes

    with assistant_of(repo) as assistant:
        found = Notebook(assistant).all()
        value = {"notes": [asdict(each) for each in found]}
        print_or_show(value, as_json, lambda: show_notes(new_terminal(), assistant.root, found))


@notes.command("add")
@click.argument("text")
@repo_option
@common
def add_note(text: str, repo: str, as_json: bool) -> None:
    """Write something down about a repository."""
    _one_note(repo, as_json, lambda notebook: notebook.add(text_of(text)))


@notes.command("accept")
@click.option("--check", "number", type=int, help="The correction of this check; `sidetune check` tells its number.")
@click.option("--thread", metavar="ID", help="The answer of this conversation.")
@click.option("--turn", type=int, default=0, help="The number of the answer; by default the last one.")
@repo_option
@common
def accept_note(number: int | None, thread: str | None, turn: int, repo: str, as_json: bool) -> None:
    """Keep a correction, or an answer that is right, as a note."""
    if (number is None) == (thread is None):
        raise UsageError("name either a --check or a --thread")
    if number is not None:
        _one_note(repo, as_json, lambda notebook: notebook.accept_correction(number))
    else:
        _one_note(repo, as_json, lambda notebook: notebook.accept_answer(str(thread), turn))


@notes.command("edit")
@click.argument("note", type=int)
@click.argument("text")
@repo_option
@common
def edit_note(note: int, text: str, repo: str, as_json: bool) -> None:
    """Change what a note says."""
    _one_note(repo, as_json, lambda notebook: notebook.edit(note, text_of(text)))


@notes.command("delete")
@click.argument("note", type=int)
@repo_option
@common
def delete_note(note: int, repo: str, as_json: bool) -> None:
    """Delete a note for good."""
    from engine.notes import Notebook

    with assistant_of(repo) as assistant:
        path = Notebook(assistant).delete(note)
    print_or_show({"deleted": path}, as_json, lambda: new_terminal().say(f"Note {note} is deleted."))


def _one_note(repo: str, as_json: bool, work: Callable[[Notebook], StoredNote]) -> None:
    from engine.notes import Notebook
    from engine.terminal.verdict import show_notes

    with assistant_of(repo) as assistant:
        note = work(Notebook(assistant))
        print_or_show(asdict(note), as_json, lambda: show_notes(new_terminal(), assistant.root, [note]))
