"""What the commands share: their group, options that several take, and how they print.

Only ``click`` is imported until a command runs, so that ``--help`` is immediate.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine import __version__
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.assistant import Assistant
    from engine.config import Settings
    from engine.evaluation.metrics import EvaluationResult
    from engine.terminal.show import ProgressLines, Terminal

__all__ = [
    "ARMS",
    "EFFORTS",
    "METHODS",
    "RANKINGS",
    "TIERS",
    "about_option",
    "assistant_of",
    "cli",
    "common",
    "effort_option",
    "emit",
    "new_terminal",
    "print_figures",
    "print_or_show",
    "progress_of",
    "read_settings",
    "repo_option",
    "text_of",
]

F = TypeVar("F", bound=Callable[..., Any])

# Written out, since the types they come from import numpy; a test holds them to those.
EFFORTS = ("instant", "balanced", "deep")
METHODS = ("sift", "nearest", "hybrid")
RANKINGS = ("sift", "hybrid", "nearest", "windows")
TIERS = ("transformer", "static", "lexical")
ARMS = ("neither", "evidence", "tuning", "both")


class _Group(click.Group):
    """A group whose first argument may be a folder: ``sidetune PATH``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = args[0] if args else "."
        if first not in self.commands and first not in {"--help", "-h", "--version"}:
            if not first.startswith("-") and Path(first).name == first and not Path(first).exists():
                raise UsageError(f"there is no command and no folder {first!r}; `sidetune --help` lists the commands")
            args = ["open", *args]
        return super().parse_args(ctx, args)


def common(function: F) -> F:
    """Add the options that every command takes."""
    function = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")(function)
    # Looked for in the arguments by ``main``, since an error may come before any command runs.
    return click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")(function)


repo_option = click.option(
    "--repo", default=".", show_default=True, metavar="PATH", help="The folder of the repository."
)
effort_option = click.option("--effort", type=click.Choice(EFFORTS), help="How much to learn for the question.")
about_option = click.option("--about", multiple=True, metavar="FILE[:A-B]", help="What the questions are about.")


@click.group(
    cls=_Group, context_settings={"help_option_names": ["-h", "--help"]}, subcommand_metavar="[PATH | COMMAND]"
)
@click.version_option(__version__, prog_name="sidetune")
def cli() -> None:
    """Ask questions about the code in a folder. Everything stays on this machine.

    `sidetune PATH` opens the chat on a folder.
    """


def read_settings() -> Settings:
    """Return the user's settings; from here on nothing leaves the machine if they say so."""
    from engine import paths
    from engine.config import load_settings
    from engine.network import set_offline

    settings = load_settings(paths.settings_file())
    set_offline(settings.offline)
    return settings


@contextmanager
def assistant_of(repository: str) -> Iterator[Assistant]:
    """Yield the assistant of a repository; UsageError and RepositoryError for what is none."""
    from engine import paths
    from engine.assistant import Assistant

    if not repository:
        raise UsageError("the path of the repository is empty")
    with Assistant(paths.resolve_repository(repository), read_settings()) as assistant:
        yield assistant


def new_terminal(*, errors: bool = False) -> Terminal:
    """Return what shows text on standard output, or on standard error."""
    from engine.terminal.show import Terminal

    return Terminal(sys.stderr if errors else sys.stdout)


def progress_of(*, quiet: bool) -> ProgressLines:
    """Return what shows progress on standard error, unless it is to be quiet."""
    from engine.terminal.show import ProgressLines

    return ProgressLines(new_terminal(errors=True), quiet=quiet)


def text_of(argument: str) -> str:
    """Return an argument as text; bytes that are no UTF-8 become replacement characters."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def emit(value: dict[str, Any]) -> None:
    """Print one line of JSON."""
    # ASCII only: no control character of a terminal and no undecodable file name can reach the output raw.
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def print_or_show(value: dict[str, Any], as_json: bool, show: Callable[[], None]) -> None:
    """Print a command's result as JSON, or show it."""
    if as_json:
        emit(value)
    else:
        show()


def print_figures(result: EvaluationResult, as_json: bool) -> None:
    """Print or show an evaluation's figures."""
    from engine.terminal.reports import show_figures

    print_or_show(result.as_json(), as_json, lambda: show_figures(new_terminal(), result))
