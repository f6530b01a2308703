"""Commands that measure how good evidence, confidence and learning are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.commands.shared import (
    ARMS,
    EFFORTS,
    METHODS,
    RANKINGS,
    TIERS,
    assistant_of,
    cli,
    common,
    new_terminal,
    print_figures,
    print_or_show,
    progress_of,
    read_settings,
    repo_option,
)
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.assistant import Assistant
    from engine.evaluation.evidence import Question
    from engine.evaluation.metrics import EvaluationResult
    from engine.terminal.show import ProgressLines
    from engine.types import Selected

__all__ = ["evaluate"]

F = TypeVar("F", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path)
_EVIDENCE = 100  # results: more than fit in the largest budget that is measured


@cli.group()
def evaluate() -> None:
    """Measure how good evidence and learning are on a repository."""


@evaluate.command()
@click.option("--questions", required=True, type=click.Path(path_type=Path), help="A JSON object a line.")
@repo_option
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice(METHODS),
    help="How evidence is chosen (default: sift); more than one are compared, the first with each of the others.",
)
@common
def evidence(questions: Path, repo: str, methods: Sequence[Any], as_json: bool) -> None:
    """How much of the known evidence do the first results hold?"""
    from engine.evaluation.evidence import evaluate_evidence, load_questions
    from engine.evaluation.metrics import compare
    from engine.terminal.reports import show_comparison

    loaded = load_questions(questions)
    with assistant_of(repo) as assistant, progress_of(quiet=as_json) as progress:
        assistant.index(progress=progress)

        def measure(method: Any) -> EvaluationResult:
            def search(question: str) -> Sequence[Selected]:
                return assistant.search(question, limit=_EVIDENCE, method=method)[0]

            return evaluate_evidence(loaded, search, progress)

        results = {method: measure(method) for method in dict.fromkeys(methods or ("sift",))}
    if len(results) == 1:
        print_figures(next(iter(results.values())), as_json)
    else:
        compared = compare(results)
        print_or_show(compared.as_json(), as_json, lambda: show_comparison(new_terminal(), compared))


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
            assistant = stack.enter_context(assistant_of(repo))
            questions[assistant.root.name] = load_questions(given)
            assistants[assistant.root.name] = assistant
            assistant.index(progress=progress)
        yield questions, assistants


@evaluate.command("settings")
@_asked_of
@common
def evidence_settings(repos: Sequence[str], lists: Sequence[Path], as_json: bool) -> None:
    """Which settings choose evidence best, chosen on the other repositories and measured on each?"""
    from engine.evaluation.settings import choose_settings
    from engine.terminal.reports import show_settings

    with progress_of(quiet=as_json) as progress, _questions_of(repos, lists, progress) as (questions, assistants):
        retrieve = {name: assistant.candidates for name, assistant in assistants.items()}
        finish = {name: assistant.whole for name, assistant in assistants.items()}
        report = choose_settings(questions, retrieve, finish, progress=progress)
    print_or_show(report.as_json(), as_json, lambda: show_settings(new_terminal(), report))


@evaluate.command()
@_asked_of
@common
def selectors(repos: Sequence[str], lists: Sequence[Path], as_json: bool) -> None:
    """What is each part of the selection worth, and what would others choose from the same candidates?"""
    from engine.evaluation.selectors import evaluate_selectors
    from engine.terminal.reports import show_selectors

    with progress_of(quiet=as_json) as progress, _questions_of(repos, lists, progress) as (questions, assistants):
        retrieve = {name: assistant.candidates for name, assistant in assistants.items()}
        report = evaluate_selectors(questions, retrieve, progress=progress)
    print_or_show(report.as_json(), as_json, lambda: show_selectors(new_terminal(), report))


@evaluate.command()
@repo_option
@click.option("--since", required=True, metavar="REV", help="The index is taken here; the commits after it are asked.")
@click.option("--until", default="HEAD", show_default=True, metavar="REV", help="The last commit that is asked.")
@click.option("--method", "methods", multiple=True, type=click.Choice(RANKINGS), help="May be repeated; default: all.")
@click.option("--count", type=click.IntRange(1, 10_000), default=200, show_default=True, help="How many commits.")
@click.option("--tier", type=click.Choice(TIERS), default="transformer", show_default=True, help="Which vectors.")
@common
def localisation(
    repo: str, since: str, until: str, methods: Sequence[Any], count: int, tier: Any, as_json: bool
) -> None:
    """Do a commit's subject and the index before it lead to the files that the commit changed?"""
    from engine import paths
    from engine.evaluation.localisation import localisation_of_repository
    from engine.terminal.reports import show_comparison

    with progress_of(quiet=as_json) as progress:
        found = localisation_of_repository(
            paths.resolve_repository(repo),
            since,
            until=until,
            methods=methods or list[Any](RANKINGS),
            limit=count,
            tier=tier,
            threads=read_settings().worker_threads,
            progress=progress,
        )

    def show() -> None:
        left_out = ", ".join(f"{number:,} {reason}" for reason, number in found.left_out.items())
        terminal = new_terminal()
        show_comparison(terminal, found.result)
        terminal.note(
            f"{found.files:,} files at {found.revision[:12]}, {found.tier} tier; left out: {left_out or 'none'}"
        )

    print_or_show(found.as_json(), as_json, show)


@evaluate.command()
@click.option("--repo", "repos", multiple=True, required=True, metavar="PATH", help="At least two.")
@click.option("--questions", "lists", multiple=True, required=True, metavar="FILE", help="One a --repo, or `commits`.")
@click.option("--tier", type=click.Choice(TIERS), default="transformer", show_default=True, help="Which vectors.")
@click.option("--count", type=click.IntRange(2, 10_000), default=200, show_default=True, help="Questions a repository.")
@click.option("--fit", "table", type=click.Path(path_type=Path), metavar="FILE", help="Write what fits best into FILE.")
@common
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
    with ExitStack() as stack, progress_of(quiet=as_json) as progress:
        started = time.perf_counter()
        questions, looks = {}, {}
        for repo, given in zip(repos, lists, strict=True):
            assistant = stack.enter_context(assistant_of(repo))
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
    print_figures(result, as_json)


@evaluate.command()
@repo_option
@click.option("--questions", type=click.Path(path_type=Path), help="Real questions, for false alarms and more names.")
@click.option("--count", type=click.IntRange(1, 10_000), default=300, show_default=True, help="How many are generated.")
@common
def premises(repo: str, questions: Path | None, count: int, as_json: bool) -> None:
    """Is a question noticed that names what does not exist, and no other?"""
    from engine.embedding.words import is_frequent_word
    from engine.evaluation.evidence import load_questions
    from engine.evaluation.premises import Vocabulary, evaluate_premises, false_premises, with_names_replaced

    real = [each.question for each in load_questions(questions)] if questions is not None else []
    with assistant_of(repo) as assistant, progress_of(quiet=as_json) as progress:
        assistant.ensure_index(progress=progress)
        vocabulary = Vocabulary(assistant.table, assistant.texts())
        false = (*false_premises(vocabulary, count), *with_names_replaced(real, vocabulary, is_frequent_word))
        result = evaluate_premises(false, real, assistant.missing_names, progress)
    print_figures(result, as_json)


@evaluate.command()
@repo_option
@click.option("--count", type=click.IntRange(1, 100), default=5, show_default=True, help="How many questions.")
@common
def latency(repo: str, count: int, as_json: bool) -> None:
    """How many seconds does an answer take here, by stage and effort?"""
    from engine.evaluation.latency import evaluate_latency, questions_about

    with assistant_of(repo) as assistant, progress_of(quiet=as_json) as progress:
        assistant.index(progress=progress)
        result = evaluate_latency(assistant, questions_about(assistant.table, count), progress=progress)
    print_figures(result, as_json)


def _chosen(given: str, known: Sequence[str], what: str) -> tuple[str, ...]:
    """Return the names of a list parted by commas, all for none; UsageError for a name that is not known."""
    names = tuple(dict.fromkeys(each.strip() for each in given.split(",") if each.strip()))
    strange = [each for each in names if each not in known]
    if strange:
        raise UsageError(f"there is no {what} {strange[0]!r}; known are {', '.join(known)}")
    return names or tuple(known)


@evaluate.command()
@click.option("--repo", "repos", multiple=True, required=True, metavar="PATH", help="May be repeated.")
@click.option("--count", type=click.IntRange(1, 1000), default=20, show_default=True, help="Questions a kind and repo.")
@click.option("--tuned", type=click.IntRange(0, 1000), default=2, show_default=True, help="Of them, learned for.")
@click.option("--kinds", default="", metavar="K,K", help="Kinds of questions, parted by commas (default: all).")
@click.option("--arms", default="", metavar="A,A", help=f"Of {', '.join(ARMS)} (default: all).")
@click.option("--effort", type=click.Choice(EFFORTS[1:]), default="balanced", show_default=True, help="Of learning.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which questions are asked.")
@click.option("--tier", type=click.Choice(TIERS[:2]), default="transformer", show_default=True, help="Which vectors.")
@click.option("--examples", type=_FILE, metavar="FILE", help="Takes every question and answer, and what to go on from.")
@click.option("--calibrate", is_flag=True, help="Find the probability of a refusal above which to refuse.")
@click.option("--found-only", is_flag=True, help="Find it on questions whose answer was retrieved.")
@click.option("--calibration", type=_FILE, metavar="FILE", help="Write that into FILE, as it stands beside weights.")
@common
def answers(
    repos: Sequence[str],
    count: int,
    tuned: int,
    kinds: str,
    arms: str,
    effort: Any,
    seed: int,
    tier: Any,
    examples: Path | None,
    calibrate: bool,
    found_only: bool,
    calibration: Path | None,
    as_json: bool,
) -> None:
    """Does the model answer generated questions about the code, and refuse those that nothing answers?"""
    from contextlib import ExitStack

    from engine import paths
    from engine.assistant import Assistant
    from engine.embedding.encoders import Encoders
    from engine.evaluation.answers import Plan, evaluate_answers
    from engine.evaluation.asking import ASKED
    from engine.evaluation.refusals import calibrate as threshold_of
    from engine.loaded import LoadedModel
    from engine.terminal.reports import show_answers

    chosen_arms, chosen_kinds = _chosen(arms, ARMS, "arm"), _chosen(kinds, ASKED, "kind of question")
    plan = Plan(count, tuned, chosen_arms, effort, seed, chosen_kinds, tier)
    settings = read_settings()
    with ExitStack() as stack, progress_of(quiet=as_json) as progress:
        loaded, encoders = LoadedModel(settings), Encoders(threads=settings.worker_threads)
        stack.callback(loaded.close)
        roots = dict.fromkeys(map(paths.resolve_repository, repos))
        opened = [stack.enter_context(Assistant(root, settings, loaded, encoders)) for root in roots]
        for assistant in opened:
            assistant.index(progress=progress, tier=plan.tier)
        result, rows = evaluate_answers(opened, plan, examples, progress)
    threshold = threshold_of(rows, found_only=found_only) if calibrate or calibration else None
    if threshold is not None and calibration is not None:
        threshold.write(calibration)
    value = result.as_json() | ({"calibration": threshold.as_json()} if threshold else {})
    print_or_show(value, as_json, lambda: show_answers(new_terminal(), result, threshold))
