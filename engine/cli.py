"""The command line. Only ``click`` is imported until a command runs, so that ``--help`` is immediate.

Contracts for scripts: ``--json`` on every command; exit status 0 done, 2 usage, 1 anything else with one
clear line on stderr (``--debug`` for the traceback), 130 stopped with Ctrl-C, 141 output closed early.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine import __version__
from engine.errors import UsageError
from engine.terminal.status import Failed, run

if TYPE_CHECKING:
    from engine.assistant import Assistant
    from engine.config import Settings
    from engine.evaluation.evidence import Question
    from engine.evaluation.metrics import EvaluationResult
    from engine.notes import Notebook
    from engine.terminal.show import ProgressLines, Terminal
    from engine.terminal.window import NoWindowError
    from engine.types import Effort, Selected
    from engine.verdicts import StoredNote

__all__ = ["cli", "main"]

F = TypeVar("F", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path)

# Written out, since the types they come from import numpy; a test holds them to those.
EFFORTS = ("instant", "balanced", "deep")
METHODS = ("sift", "nearest", "hybrid")
RANKINGS = ("sift", "hybrid", "nearest", "windows")
TIERS = ("transformer", "static", "lexical")
_EVIDENCE = 100  # results: more than fit in the largest budget that is measured


class _Group(click.Group):
    """A group whose first argument may be a folder: ``sidetune PATH``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = args[0] if args else "."
        if first not in self.commands and first not in {"--help", "-h", "--version"}:
            if not first.startswith("-") and Path(first).name == first and not Path(first).exists():
                raise UsageError(f"there is no command and no folder {first!r}; `sidetune --help` lists the commands")
            args = ["open", *args]
        return super().parse_args(ctx, args)


def _common(function: F) -> F:
    """Add the options that every command takes."""
    function = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")(function)
    # Looked for in the arguments by ``main``, since an error may come before any command runs.
    return click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")(function)


_repo = click.option("--repo", default=".", show_default=True, metavar="PATH", help="The folder of the repository.")
_effort = click.option("--effort", type=click.Choice(EFFORTS), help="How much to learn for the question.")
_about = click.option("--about", multiple=True, metavar="FILE[:A-B]", help="What the questions are about.")


@click.group(
    cls=_Group, context_settings={"help_option_names": ["-h", "--help"]}, subcommand_metavar="[PATH | COMMAND]"
)
@click.version_option(__version__, prog_name="sidetune")
def cli() -> None:
    """Ask questions about the code in a folder. Everything stays on this machine.

    `sidetune PATH` opens the chat on a folder.
    """


# -- chat -----------------------------------------------------------------------------------------


@cli.command("open", hidden=True)
@click.argument("path", required=False)
@_about
@_common
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
            _emit(asdict(shown))


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
@_about
@_effort
@_common
def chat(path: str, about: Sequence[str], effort: Effort | None, as_json: bool) -> None:
    """Chat about a folder in the terminal; with a pipe, answer each of its lines."""
    _chat(path, about, effort, as_json)


def _chat(path: str, about: Sequence[str], effort: Effort | None, as_json: bool) -> None:
    from engine.terminal.session import run_chat

    with _assistant(path) as assistant:
        failures = run_chat(assistant, about=about, effort=effort, as_json=as_json)
    if failures:
        raise Failed(f"{failures} of the lines could not be done")


@cli.command()
@click.argument("question")
@_repo
@click.option("--file", "files", multiple=True, metavar="F[:A-B]", help="What the question is about; may be repeated.")
@_effort
@click.option("--thread", metavar="ID", help="Continue a conversation.")
@_common
def ask(
    question: str, repo: str, files: Sequence[str], effort: Effort | None, thread: str | None, as_json: bool
) -> None:
    """Answer a question from the code, with citations."""
    from engine.events import Failure, event_json
    from engine.focus import parse_focus
    from engine.terminal.answer import AnswerView
    from engine.terminal.session import author

    with _assistant(repo) as assistant:
        about = [parse_focus(assistant.root, given) for given in files]
        if assistant.memory.notice:
            _terminal(errors=True).say(assistant.memory.notice)
        with _progress(quiet=as_json) as progress:
            assistant.ensure_index(progress=progress)
        events = assistant.ask(_text(question), effort=effort, about=about, thread=thread)
        if as_json:
            for event in events:
                _emit(event_json(event))
                if isinstance(event, Failure):
                    raise Failed(event.message)
            return
        terminal = _terminal()
        with AnswerView(terminal, assistant.root) as view:
            view.show_all(events)
        if view.failure is not None:
            raise Failed(view.failure.message)
        if view.drafted:
            terminal.note(author(assistant.settings.model))


# -- the index ------------------------------------------------------------------------------------


@cli.command()
@click.argument("path", default=".")
@_common
def index(path: str, as_json: bool) -> None:
    """Bring the index of a folder up to date."""
    from engine.terminal.reports import index_json, show_index

    with _assistant(path) as assistant, _progress(quiet=as_json) as progress:
        report = assistant.index(progress=progress)
        assistant.tidy()
        progress.close()
        _print(index_json(report), as_json, lambda: show_index(_terminal(), report))


@cli.command()
@click.argument("question")
@_repo
@click.option("-k", "limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many results.")
@click.option("--method", type=click.Choice(METHODS), default="sift", show_default=True, help="How they are chosen.")
@_common
def search(question: str, repo: str, limit: int, method: Any, as_json: bool) -> None:
    """Find the chunks that tell most about a question."""
    from engine.terminal.reports import result_json, show_results

    with _assistant(repo) as assistant:
        with _progress(quiet=as_json) as progress:
            assistant.ensure_index(progress=progress)
        results, confidence = assistant.search(_text(question), limit=limit, method=method)
        value = {"results": [result_json(each) for each in results], "confidence": asdict(confidence)}
        _print(value, as_json, lambda: show_results(_terminal(), assistant.root, results, confidence))


@cli.command()
@click.argument("file")
@click.option("--repo", metavar="PATH", help="The repository it belongs to, when that is not plain from its place.")
@_common
def why(file: str, repo: str | None, as_json: bool) -> None:
    """Say whether a file is indexed, or why it is not."""
    from engine.focus import enclosing_repository
    from engine.terminal.reports import show_why

    root, path = enclosing_repository(file, repo)
    with _assistant(str(root)) as assistant:
        found = assistant.why(path)
    _print(asdict(found), as_json, lambda: show_why(_terminal(), found))


@cli.command()
@click.argument("path")
@_common
def forget(path: str, as_json: bool) -> None:
    """Remove everything that was derived from a folder. The folder itself is not touched."""
    from engine.assistant import forget as forget_repository
    from engine.terminal.reports import show_forgotten

    root = Path(path).expanduser().resolve()  # it may be gone already
    forgotten = forget_repository(root)
    _print(asdict(forgotten), as_json, lambda: show_forgotten(_terminal(), root, forgotten))


# -- checking and notes ---------------------------------------------------------------------------


@cli.command()
@_repo
@click.option("--thread", metavar="ID", help="The conversation; by default the last one about this repository.")
@click.option("--turn", type=int, default=0, help="The number of the answer; by default the last one.")
@click.option("--without", multiple=True, metavar="PART", help="A part of the evidence to leave out: evidence-2.")
@click.option("--preview", "only_preview", is_flag=True, help="Print exactly what would be sent, and send nothing.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--allow/--revoke", default=None, help="Always send checks of this repository without a preview, or not.")
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE", help="Change a setting, such as provider.")
@click.option("--key", is_flag=True, help="Ask for the provider's key and keep it in the system's keychain.")
@click.option("--status", "only_status", is_flag=True, help="Say how drafts are checked, and send nothing.")
@_common
def check(repo: str, as_json: bool, **options: Any) -> None:
    """Have a hosted model check an answer, claim by claim. Off until a provider is set; shows what it sends first."""
    from engine.terminal.checking import CheckOptions, run_command

    with _assistant(repo) as assistant:
        run_command(assistant, CheckOptions(as_json=as_json, **options), _terminal(), _emit)


@cli.group()
def notes() -> None:
    """What is remembered about a repository: accepted corrections and answers, and what you write down."""


@notes.command("list")
@_repo
@_common
def list_notes(repo: str, as_json: bool) -> None:
    """List the notes, the latest first."""
    from engine.notes import Notebook
    from engine.terminal.verdict import show_notes

    with _assistant(repo) as assistant:
        found = Notebook(assistant).all()
        value = {"notes": [asdict(each) for each in found]}
        _print(value, as_json, lambda: show_notes(_terminal(), assistant.root, found))


@notes.command("add")
@click.argument("text")
@_repo
@_common
def add_note(text: str, repo: str, as_json: bool) -> None:
    """Write something down about a repository."""
    _one_note(repo, as_json, lambda notebook: notebook.add(_text(text)))


@notes.command("accept")
@click.option("--check", "number", type=int, help="The correction of this check; `sidetune check` tells its number.")
@click.option("--thread", metavar="ID", help="The answer of this conversation.")
@click.option("--turn", type=int, default=0, help="The number of the answer; by default the last one.")
@_repo
@_common
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
@_repo
@_common
def edit_note(note: int, text: str, repo: str, as_json: bool) -> None:
    """Change what a note says."""
    _one_note(repo, as_json, lambda notebook: notebook.edit(note, _text(text)))


@notes.command("delete")
@click.argument("note", type=int)
@_repo
@_common
def delete_note(note: int, repo: str, as_json: bool) -> None:
    """Delete a note for good."""
    from engine.notes import Notebook

    with _assistant(repo) as assistant:
        path = Notebook(assistant).delete(note)
    _print({"deleted": path}, as_json, lambda: _terminal().say(f"Note {note} is deleted."))


def _one_note(repo: str, as_json: bool, work: Callable[[Notebook], StoredNote]) -> None:
    from engine.notes import Notebook
    from engine.terminal.verdict import show_notes

    with _assistant(repo) as assistant:
        note = work(Notebook(assistant))
        _print(asdict(note), as_json, lambda: show_notes(_terminal(), assistant.root, [note]))


# -- models ---------------------------------------------------------------------------------------


@cli.group()
def models() -> None:
    """List the models that can answer, and choose one."""


@models.command("list")
@_common
def list_models(as_json: bool) -> None:
    """List the models, what each takes and whether this machine has it."""
    from engine.models.catalogue import CATALOGUE, find
    from engine.terminal.models import model_json, show_models

    used = _settings().model
    own = find(used)
    entries = [*CATALOGUE, *([own] if own is not None and own not in CATALOGUE else [])]
    value = {"models": [model_json(each, own) for each in entries], "used": used}
    _print(value, as_json, lambda: show_models(_terminal(), entries, own))
    if own is None:
        raise Failed(f"the settings name the model {used!r}, which is not there; choose one with `sidetune models use`")


@models.command("install")
@click.argument("name")
@click.option("--answers-only", is_flag=True, help="Only the publisher's GGUF: less to fetch, but it is never tuned.")
@click.option("--update", is_flag=True, help="Take the newest revision instead of the one that is known or was begun.")
@click.option("--hub", metavar="URL", help="Another hub than huggingface.co (a mirror).")
@click.option("--proxy", metavar="URL", help="The proxy of the download.")
@click.option("--offline", is_flag=True, help="Only see whether it is whole; fetch nothing.")
@_common
def install_a_model(
    name: str, answers_only: bool, update: bool, hub: str | None, proxy: str | None, offline: bool, as_json: bool
) -> None:
    """Fetch the model NAME of `models list`. Ctrl-C pauses; the same command goes on where it stopped."""
    from engine.models.hub import Network
    from engine.models.install import install_model
    from engine.models.store import download
    from engine.terminal.models import entry_of

    settings = _settings()
    network = Network(hub or settings.hub, proxy or settings.proxy, offline or settings.offline)
    with _progress(quiet=as_json) as progress:
        found = download(entry_of(name), answers_only=answers_only, network=network, progress=progress, update=update)
        model = install_model(name, progress)
    value = {
        **{"name": name, "repository": found.repository, "revision": found.commit, "bytes": found.total},
        **{"sha256": found.sha256, "untunable": model.untunable},
    }
    then = f"`sidetune models use {name}` lets it answer. {model.untunable}".rstrip()
    _print(value, as_json, lambda: _terminal().say(f"{name} is installed, at revision {found.commit[:12]}. {then}"))


@models.command("remove")
@click.argument("name")
@_common
def remove_model(name: str, as_json: bool) -> None:
    """Remove the model NAME from this machine."""
    from engine.models.store import remove
    from engine.terminal.models import entry_of
    from engine.terminal.reports import size_words

    if entry_of(name).name == _settings().model:
        raise Failed(f"{name} is the model that answers; choose another one first with `sidetune models use`")
    freed = remove(name)
    _print({"name": name, "freed": freed}, as_json, lambda: _terminal().say(f"{size_words(freed)} are free again."))


@models.command("use")
@click.argument("name")
@_common
def use_model(name: str, as_json: bool) -> None:
    """Answer with the model NAME from now on: one that `models list` shows, or a model folder."""
    from dataclasses import replace

    from engine import paths
    from engine.config import save_settings
    from engine.models.catalogue import CATALOGUE
    from engine.models.install import install_model

    with _progress(quiet=as_json) as progress:
        model = install_model(name, progress)
    named = name in {entry.name for entry in CATALOGUE}
    chosen = name if named else str(Path(name).expanduser().absolute())
    save_settings(paths.settings_file(), replace(_settings(), model=chosen))
    value = {"name": model.name, "architecture": model.architecture, "context": model.context, "id": model.id}
    _print(value, as_json, lambda: _terminal().say(f"{model.name} answers from now on."))


# -- serving --------------------------------------------------------------------------------------


@cli.command()
@click.option("--until-stdin-closes", is_flag=True, help="End when the other end of standard input is closed.")
@_common
def serve(until_stdin_closes: bool, as_json: bool) -> None:  # noqa: ARG001 - it prints nothing but JSON
    """Serve the window, or a program of yours, over loopback HTTP; docs/wire.md describes how."""
    from engine.server.run import serve as serve_engine

    serve_engine(_settings(), until_stdin_closes=until_stdin_closes)


# -- measuring and looking ------------------------------------------------------------------------


@cli.group()
def evaluate() -> None:
    """Measure how good evidence and learning are on a repository."""


@evaluate.command()
@click.option("--questions", required=True, type=click.Path(path_type=Path), help="A JSON object a line.")
@_repo
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice(METHODS),
    help="How evidence is chosen (default: sift); more than one are compared, the first with each of the others.",
)
@_common
def evidence(questions: Path, repo: str, methods: Sequence[Any], as_json: bool) -> None:
    """How much of the known evidence do the first results hold?"""
    from engine.evaluation.evidence import evaluate_evidence, load_questions
    from engine.evaluation.metrics import compare
    from engine.terminal.reports import show_comparison

    loaded = load_questions(questions)
    with _assistant(repo) as assistant, _progress(quiet=as_json) as progress:
        assistant.index(progress=progress)

        def measure(method: Any) -> EvaluationResult:
            def search(question: str) -> Sequence[Selected]:
                return assistant.search(question, limit=_EVIDENCE, method=method)[0]

            return evaluate_evidence(loaded, search, progress)

        results = {method: measure(method) for method in dict.fromkeys(methods or ("sift",))}
    if len(results) == 1:
        _print_figures(next(iter(results.values())), as_json)
    else:
        compared = compare(results)
        _print(compared.as_json(), as_json, lambda: show_comparison(_terminal(), compared))


def _asked_of(function: F) -> F:
    """Give a command several repositories, each with its questions."""
    function = click.option("--questions", "lists", multiple=True, required=True, type=_FILE, help="One a --repo.")(
        function
    )
    return click.option("--repo", "repos", multiple=True, required=True, metavar="PATH")(function)


@contextmanager
def _questions_of(
    repos: Sequence[str], lists: Sequence[Path], progress: ProgressLines | None
) -> Iterator[tuple[dict[str, tuple[Question, ...]], dict[str, Assistant]]]:
    """Yield the questions of each repository, and the repositories, their index up to date."""
    from contextlib import ExitStack

    from engine.evaluation.evidence import load_questions

    if len(repos) != len(lists):
        raise UsageError(f"there are {len(repos)} --repo and {len(lists)} --questions; each repository needs its own")
    with ExitStack() as stack:
        questions, assistants = {}, {}
        for repo, given in zip(repos, lists, strict=True):
            assistant = stack.enter_context(_assistant(repo))
            questions[assistant.root.name] = load_questions(given)
            assistants[assistant.root.name] = assistant
            assistant.index(progress=progress)
        yield questions, assistants


@evaluate.command("settings")
@_asked_of
@_common
def evidence_settings(repos: Sequence[str], lists: Sequence[Path], as_json: bool) -> None:
    """Which settings choose evidence best, chosen on the other repositories and measured on each?"""
    from engine.evaluation.settings import choose_settings
    from engine.terminal.reports import show_settings

    with _progress(quiet=as_json) as progress, _questions_of(repos, lists, progress) as (questions, assistants):
        retrieve = {name: assistant.candidates for name, assistant in assistants.items()}
        finish = {name: assistant.whole for name, assistant in assistants.items()}
        report = choose_settings(questions, retrieve, finish, progress=progress)
    _print(report.as_json(), as_json, lambda: show_settings(_terminal(), report))


@evaluate.command()
@_asked_of
@_common
def selectors(repos: Sequence[str], lists: Sequence[Path], as_json: bool) -> None:
    """What is each part of the selection worth, and what would others choose from the same candidates?"""
    from engine.evaluation.selectors import evaluate_selectors
    from engine.terminal.reports import show_selectors

    with _progress(quiet=as_json) as progress, _questions_of(repos, lists, progress) as (questions, assistants):
        retrieve = {name: assistant.candidates for name, assistant in assistants.items()}
        report = evaluate_selectors(questions, retrieve, progress=progress)
    _print(report.as_json(), as_json, lambda: show_selectors(_terminal(), report))


@evaluate.command()
@_repo
@click.option("--since", required=True, metavar="REV", help="The index is taken here; the commits after it are asked.")
@click.option("--until", default="HEAD", show_default=True, metavar="REV", help="The last commit that is asked.")
@click.option("--method", "methods", multiple=True, type=click.Choice(RANKINGS), help="May be repeated; default: all.")
@click.option("--count", type=click.IntRange(1, 10_000), default=200, show_default=True, help="How many commits.")
@click.option("--tier", type=click.Choice(TIERS), default="transformer", show_default=True, help="Which vectors.")
@_common
def localisation(
    repo: str, since: str, until: str, methods: Sequence[Any], count: int, tier: Any, as_json: bool
) -> None:
    """Do a commit's subject and the index before it lead to the files that the commit changed?"""
    from engine import paths
    from engine.evaluation.localisation import localisation_of_repository
    from engine.terminal.reports import show_comparison

    with _progress(quiet=as_json) as progress:
        found = localisation_of_repository(
            paths.resolve_repository(repo),
            since,
            until=until,
            methods=methods or list[Any](RANKINGS),
            limit=count,
            tier=tier,
            threads=_settings().worker_threads,
            progress=progress,
        )

    def show() -> None:
        left_out = ", ".join(f"{number:,} {reason}" for reason, number in found.left_out.items())
        terminal = _terminal()
        show_comparison(terminal, found.result)
        terminal.note(
            f"{found.files:,} files at {found.revision[:12]}, {found.tier} tier; left out: {left_out or 'none'}"
        )

    _print(found.as_json(), as_json, show)


@evaluate.command()
@click.option("--repo", "repos", multiple=True, required=True, metavar="PATH", help="At least two.")
@click.option("--questions", "lists", multiple=True, required=True, metavar="FILE", help="One a --repo, or `commits`.")
@click.option("--tier", type=click.Choice(TIERS), default="transformer", show_default=True, help="Which vectors.")
@click.option("--count", type=click.IntRange(2, 10_000), default=200, show_default=True, help="Questions a repository.")
@click.option("--fit", "table", type=click.Path(path_type=Path), metavar="FILE", help="Write what fits best into FILE.")
@_common
def confidence(
    repos: Sequence[str], lists: Sequence[str], tier: Any, count: int, table: Path | None, as_json: bool
) -> None:
    """Does confidence tell a repository's own questions from those about another one?"""
    import time
    from contextlib import ExitStack

    from engine.evaluation.commits import recent_tasks
    from engine.evaluation.confidence import ask_all, evaluate_confidence, fit, look_at, write_calibration
    from engine.evaluation.evidence import load_questions
    from engine.selection.confidence import calibration

    if len(repos) != len(lists):
        raise UsageError(f"there are {len(repos)} --repo and {len(lists)} --questions; each repository needs its own")
    with ExitStack() as stack, _progress(quiet=as_json) as progress:
        started = time.perf_counter()
        questions, looks = {}, {}
        for repo, given in zip(repos, lists, strict=True):
            assistant = stack.enter_context(_assistant(repo))
            found = recent_tasks(assistant.root, count) if given == "commits" else load_questions(Path(given))
            questions[assistant.root.name] = [each.question for each in found[:count]]
            looks[assistant.root.name] = look_at(assistant, tier)
            assistant.index(progress=progress, tier="transformer" if tier == "transformer" else "static")
        if len(questions) < len(repos):
            raise UsageError("two of the repositories have the same name")
        asked = ask_all(questions, looks, progress)
        result = evaluate_confidence(asked, calibration(tier), time.perf_counter() - started)
        if table is not None:
            write_calibration(table, tier, fit(asked))
    _print_figures(result, as_json)


@evaluate.command()
@_repo
@click.option("--questions", type=click.Path(path_type=Path), help="Real questions, for false alarms and more names.")
@click.option("--count", type=click.IntRange(1, 10_000), default=300, show_default=True, help="How many are generated.")
@_common
def premises(repo: str, questions: Path | None, count: int, as_json: bool) -> None:
    """Is a question noticed that names what does not exist, and no other?"""
    from engine.embedding.words import is_frequent_word
    from engine.evaluation.evidence import load_questions
    from engine.evaluation.premises import Vocabulary, evaluate_premises, false_premises, with_names_replaced

    real = [each.question for each in load_questions(questions)] if questions is not None else []
    with _assistant(repo) as assistant, _progress(quiet=as_json) as progress:
        assistant.ensure_index(progress=progress)
        vocabulary = Vocabulary(assistant.table, assistant.texts())
        false = (*false_premises(vocabulary, count), *with_names_replaced(real, vocabulary, is_frequent_word))
        result = evaluate_premises(false, real, assistant.missing_names, progress)
    _print_figures(result, as_json)


@evaluate.command()
@_repo
@click.option("--since", required=True, metavar="REV", help="What was written after this revision is measured.")
@click.option("--targets", type=click.IntRange(1, 1000), default=24, show_default=True, help="How many functions.")
@_common
def perplexity(repo: str, since: str, targets: int, as_json: bool) -> None:
    """Does learning make code that was written later more likely? Bits per byte; the index is taken at REV."""
    from engine import paths
    from engine.evaluation.perplexity import perplexity_of_repository
    from engine.models.install import install_model

    settings = _settings()
    root = paths.resolve_repository(repo)
    with _progress(quiet=as_json) as progress:
        result = perplexity_of_repository(
            root,
            since,
            install_model(settings.model, progress),
            targets=targets,
            threads=settings.worker_threads,
            progress=progress,
        )
    _print_figures(result, as_json)


@evaluate.command()
@_repo
@click.option("--count", type=click.IntRange(1, 100), default=5, show_default=True, help="How many questions.")
@_common
def latency(repo: str, count: int, as_json: bool) -> None:
    """How many seconds does an answer take here, by stage and effort?"""
    from engine.evaluation.latency import evaluate_latency, questions_about

    with _assistant(repo) as assistant, _progress(quiet=as_json) as progress:
        assistant.index(progress=progress)
        result = evaluate_latency(assistant, questions_about(assistant.table, count), progress=progress)
    _print_figures(result, as_json)


@cli.command()
@click.option("--collect", is_flag=True, help="Remove what no repository uses until the limit of the settings is kept.")
@_common
def space(collect: bool, as_json: bool) -> None:
    """Say what uses the disk, by repository and by kind."""
    from engine.space import collect as collect_unused
    from engine.space import survey
    from engine.terminal.reports import show_collected, show_space

    settings = _settings()
    if collect:
        collected = collect_unused(settings)
        _print(asdict(collected), as_json, lambda: show_collected(_terminal(), collected))
        return
    found = survey(settings)
    _print(asdict(found), as_json, lambda: show_space(_terminal(), found))


@cli.command()
@click.option("--devices", is_flag=True, help="Also ask torch which accelerators it can use (takes seconds).")
@_common
def doctor(devices: bool, as_json: bool) -> None:
    """Say what is installed, which device, what would be slow and how to mend it."""
    from engine.doctor import examine
    from engine.terminal.reports import show_health

    health = examine(devices=devices)
    _print(asdict(health), as_json, lambda: show_health(_terminal(), health))
    if health.broken:
        raise Failed(next(each.text for each in health.findings if each.level == "broken"))


@cli.command()
@click.option("--remove", is_flag=True, help="Take the entries away again.")
@_common
def integrate(remove: bool, as_json: bool) -> None:
    """Add Sidetune to the right-click menus of the file managers that are installed."""
    import subprocess

    options = [*(["--remove"] if remove else []), *(["--json"] if as_json else [])]
    # The window's side knows file managers; the engine imports nothing of it.
    command = [sys.executable, "-P", "-m", "app.desktop.file_manager", *options]
    status = subprocess.run(command, check=False).returncode
    if status:
        raise click.exceptions.Exit(status)  # it has told why


# -- shared ---------------------------------------------------------------------------------------


def _settings() -> Settings:
    from engine import paths
    from engine.config import load_settings
    from engine.network import set_offline

    settings = load_settings(paths.settings_file())
    set_offline(settings.offline)
    return settings


@contextmanager
def _assistant(repository: str) -> Iterator[Assistant]:
    from engine import paths
    from engine.assistant import Assistant

    if not repository:
        raise UsageError("the path of the repository is empty")
    with Assistant(paths.resolve_repository(repository), _settings()) as assistant:
        yield assistant


def _terminal(*, errors: bool = False) -> Terminal:
    from engine.terminal.show import Terminal

    return Terminal(sys.stderr if errors else sys.stdout)


def _progress(*, quiet: bool) -> ProgressLines:
    from engine.terminal.show import ProgressLines

    return ProgressLines(_terminal(errors=True), quiet=quiet)


def _text(argument: str) -> str:
    """Return an argument as text; bytes that are no UTF-8 become replacement characters."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _emit(value: dict[str, Any]) -> None:
    # ASCII only: no control character of a terminal and no undecodable file name can reach the output raw.
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _print(value: dict[str, Any], as_json: bool, show: Callable[[], None]) -> None:
    if as_json:
        _emit(value)
    else:
        show()


def _print_figures(result: EvaluationResult, as_json: bool) -> None:
    from engine.terminal.reports import show_figures

    _print(result.as_json(), as_json, lambda: show_figures(_terminal(), result))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; errors become one line on stderr."""
    return run(cli, list(sys.argv[1:] if arguments is None else arguments))


if __name__ == "__main__":
    sys.exit(main())
