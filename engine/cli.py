"""The command line. Only ``click`` is imported until a command runs, so that ``--help`` is immediate.

Contracts for scripts: ``--json`` on every command; exit status 0 done, 2 usage, 1 anything else with one
clear line on stderr (``--debug`` for the traceback), 130 stopped with Ctrl-C, 141 output closed early.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.commands import checking, evaluate, learning, models  # noqa: F401 - they add their commands to the group
from engine.commands.shared import (
    EFFORTS,
    METHODS,
    RANKINGS,
    TIERS,
    about_option,
    assistant_of,
    cli,
    common,
    effort_option,
    emit,
    new_terminal,
    print_or_show,
    progress_of,
    read_settings,
    repo_option,
    text_of,
)
from engine.terminal.status import Failed, run

if TYPE_CHECKING:
    from engine.terminal.window import NoWindowError
    from engine.types import Effort

__all__ = ["EFFORTS", "METHODS", "RANKINGS", "TIERS", "cli", "main"]

# Threads that share one small product wait for each other: beside a compiler a question then takes up to ten times as
# long, and alone a millisecond less. Bulk work has threads of its own.
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


# -- chat -----------------------------------------------------------------------------------------


@cli.command("open", hidden=True)
@click.argument("path", required=False)
@about_option
@common
def open_window(path: str | None, about: Sequence[str], as_json: bool) -> None:
    """Open the window on a folder, or hand a file to the one that is open."""
    from engine.terminal.window import NoWindowError, show_window

    if path is not None and Path(path).is_file():
        about = [path, *about]
        path = None
    if path is None and not about and Path.cwd() not in {Path.home(), Path(Path.cwd().anchor)}:
        path = "."  # but a menu starts us in no repository: then the window opens as it was left
    try:
        shown = show_window(path, about)
    except NoWindowError as error:
        _chat_instead(error, path, about, as_json)
    else:
        if as_json:
            emit(asdict(shown))


def _chat_instead(error: NoWindowError, path: str | None, about: Sequence[str], as_json: bool) -> None:
    """Chat in the terminal about what the window was to show."""
    from engine.focus import enclosing_repository

    if not as_json:
        click.echo(f"No window can be opened here: {error}. This is the chat in the terminal.", err=True)
    if path is None and about:
        about = [str(Path(each).absolute()) for each in about]
        path = str(enclosing_repository(about[0], None)[0])
    _chat(path or ".", about, None, as_json)


@cli.command()
@click.argument("path", default=".")
@about_option
@effort_option
@common
def chat(path: str, about: Sequence[str], effort: Effort | None, as_json: bool) -> None:
    """Chat about a folder in the terminal; with a pipe, answer each of its lines."""
    _chat(path, about, effort, as_json)


def _chat(path: str, about: Sequence[str], effort: Effort | None, as_json: bool) -> None:
    from engine.terminal.session import run_chat

    with assistant_of(path) as assistant:
        failures = run_chat(assistant, about=about, effort=effort, as_json=as_json)
    if failures:
        raise Failed(f"{failures} of the lines could not be done")


@cli.command()
@click.argument("question")
@repo_option
@click.option("--file", "files", multiple=True, metavar="F[:A-B]", help="What the question is about; may be repeated.")
@effort_option
@click.option("--thread", metavar="ID", help="Continue a conversation.")
@common
def ask(
    question: str, repo: str, files: Sequence[str], effort: Effort | None, thread: str | None, as_json: bool
) -> None:
    """Answer a question from the code, with citations."""
    from engine.events import Failure, event_json
    from engine.focus import parse_focus
    from engine.terminal.answer import AnswerView
    from engine.terminal.session import author

    with assistant_of(repo) as assistant:
        about = [parse_focus(assistant.root, given) for given in files]
        if assistant.memory.notice:
            new_terminal(errors=True).say(assistant.memory.notice)
        with progress_of(quiet=as_json) as progress:
            assistant.ensure_index(progress=progress)
        events = assistant.ask(text_of(question), effort=effort, about=about, thread=thread)
        if as_json:
            for event in events:
                emit(event_json(event))
                if isinstance(event, Failure):
                    raise Failed(event.message)
            return
        terminal = new_terminal()
        with AnswerView(terminal, assistant.root) as view:
            view.show_all(events)
        if view.failure is not None:
            raise Failed(view.failure.message)
        if view.drafted:
            terminal.note(author(assistant.settings.model))


# -- the index ------------------------------------------------------------------------------------


@cli.command()
@click.argument("path", default=".")
@common
def index(path: str, as_json: bool) -> None:
    """Bring the index of a folder up to date."""
    from engine.terminal.reports import index_json, show_index

    with assistant_of(path) as assistant, progress_of(quiet=as_json) as progress:
        report = assistant.index(progress=progress)
        assistant.tidy()
        progress.close()
        print_or_show(index_json(report), as_json, lambda: show_index(new_terminal(), report))


@cli.command()
@click.argument("question")
@repo_option
@click.option("-k", "limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many results.")
@click.option("--method", type=click.Choice(METHODS), default="sift", show_default=True, help="How they are chosen.")
@common
def search(question: str, repo: str, limit: int, method: Any, as_json: bool) -> None:
    """Find the chunks that tell most about a question."""
    from engine.terminal.reports import result_json, show_results

    with assistant_of(repo) as assistant:
        with progress_of(quiet=as_json) as progress:
            assistant.ensure_index(progress=progress)
        results, confidence = assistant.search(text_of(question), limit=limit, method=method)
        value = {"results": [result_json(each) for each in results], "confidence": asdict(confidence)}
        print_or_show(value, as_json, lambda: show_results(new_terminal(), assistant.root, results, confidence))


@cli.command()
@click.argument("file")
@click.option("--repo", metavar="PATH", help="The repository it belongs to, when that is not plain from its place.")
@common
def why(file: str, repo: str | None, as_json: bool) -> None:
    """Say whether a file is indexed, or why it is not."""
    from engine.focus import enclosing_repository
    from engine.terminal.reports import show_why

    root, path = enclosing_repository(file, repo)
    with assistant_of(str(root)) as assistant:
        found = assistant.why(path)
    print_or_show(asdict(found), as_json, lambda: show_why(new_terminal(), found))


@cli.command()
@click.argument("path")
@common
def forget(path: str, as_json: bool) -> None:
    """Remove everything that was derived from a folder. The folder itself is not touched."""
    from engine.assistant import forget as forget_repository
    from engine.terminal.reports import show_forgotten

    root = Path(path).expanduser().resolve()  # it may be gone already
    forgotten = forget_repository(root)
    print_or_show(asdict(forgotten), as_json, lambda: show_forgotten(new_terminal(), root, forgotten))


# -- serving --------------------------------------------------------------------------------------


@cli.command()
@click.option("--until-stdin-closes", is_flag=True, help="End when the other end of standard input is closed.")
@common
def serve(until_stdin_closes: bool, as_json: bool) -> None:  # noqa: ARG001 - it prints nothing but JSON
    """Serve the window, or a program of yours, over loopback HTTP; docs/wire.md describes how."""
    from engine.server.run import serve as serve_engine

    serve_engine(read_settings(), until_stdin_closes=until_stdin_closes)


# -- looking --------------------------------------------------------------------------------------


@cli.command()
@click.option("--collect", is_flag=True, help="Remove what no repository uses until the limit of the settings is kept.")
@common
def space(collect: bool, as_json: bool) -> None:
    """Say what uses the disk, by repository and by kind."""
    from engine.space import collect as collect_unused
    from engine.space import survey
    from engine.terminal.reports import show_collected, show_space

    settings = read_settings()
    if collect:
        collected = collect_unused(settings)
        print_or_show(asdict(collected), as_json, lambda: show_collected(new_terminal(), collected))
        return
    found = survey(settings)
    print_or_show(asdict(found), as_json, lambda: show_space(new_terminal(), found))


@cli.command()
@click.option("--devices", is_flag=True, help="Also ask torch which accelerators it can use (takes seconds).")
@common
def doctor(devices: bool, as_json: bool) -> None:
    """Say what is installed, which device, what would be slow and how to mend it."""
    from engine.doctor import examine
    from engine.terminal.reports import show_health

    health = examine(devices=devices)
    print_or_show(asdict(health), as_json, lambda: show_health(new_terminal(), health))
    if health.broken:
        raise Failed(next(each.text for each in health.findings if each.level == "broken"))


@cli.command()
@click.option("--remove", is_flag=True, help="Take the entries away again.")
@common
def integrate(remove: bool, as_json: bool) -> None:
    """Add Sidetune to the right-click menus of the file managers that are installed."""
    import subprocess

    options = [*(["--remove"] if remove else []), *(["--json"] if as_json else [])]
    # The window's side knows file managers; the engine imports nothing of it.
    command = [sys.executable, "-P", "-m", "app.desktop.file_manager", *options]
    status = subprocess.run(command, check=False).returncode
    if status:
        raise click.exceptions.Exit(status)  # it has told why


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; errors become one line on stderr."""
    for variable in _ONE_THREAD:  # read when numpy is first imported
        os.environ.setdefault(variable, "1")
    return run(cli, list(sys.argv[1:] if arguments is None else arguments))


if __name__ == "__main__":
    sys.exit(main())
