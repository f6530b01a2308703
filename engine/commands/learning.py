"""Commands that measure what learning is worth: on code written later, by recipe, and on facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.commands.evaluate import evaluate
from engine.commands.shared import (
    assistant_of,
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
    from engine.models import InstalledModel
    from engine.terminal.show import ProgressLines
    from engine.types import Effort

__all__ = ["facts", "perplexity", "recipe"]

F = TypeVar("F", bound=Callable[..., Any])
# Spelled out, so that --help imports nothing; a test compares them with engine.evaluation.learners.
LEARNERS = ("sift", "sift-dense", "sift-lexical", "evidence", "nearest", "hybrid", "random")


def _written_later(function: F) -> F:
    """Give a command several repositories, each with a revision, and a file for what it has found."""
    for option in (
        click.option(
            "--effort",
            type=click.Choice(["balanced", "deep"]),
            default="balanced",
            show_default=True,
            help="Says how many steps are planned.",
        ),
        click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Keep what is measured and go on."),
        click.option("--targets", type=click.IntRange(1, 1000), default=30, show_default=True, help="A repository's."),
        click.option("--since", multiple=True, required=True, metavar="REV", help="One a --repo: the index's state."),
        click.option("--repo", "repos", multiple=True, required=True, metavar="PATH", help="May be repeated."),
    ):
        function = option(function)
    return function


def _pairs(repos: Sequence[str], since: Sequence[str]) -> list[tuple[Path, str]]:
    from engine import paths

    if len(repos) != len(since):
        raise UsageError(f"there are {len(repos)} --repo and {len(since)} --since; each repository needs its own")
    return [(paths.resolve_repository(repo), revision) for repo, revision in zip(repos, since, strict=True)]


def _model(progress: ProgressLines | None) -> InstalledModel:
    from engine.models.install import install_model

    return install_model(read_settings().model, progress)


@evaluate.command()
@_written_later
@click.option("--method", "methods", multiple=True, type=click.Choice(LEARNERS), help="Default: sift, nearest, random.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Train in another way than usual.")
@common
def perplexity(
    repos: Sequence[str],
    since: Sequence[str],
    targets: int,
    out: Path | None,
    effort: Effort,
    methods: Sequence[str],
    settings: Sequence[str],
    as_json: bool,
) -> None:
    """Does learning make code that was written later more likely? Bits per byte; the index is taken at REV."""
    from engine.evaluation.later import open_later
    from engine.evaluation.ledger import Ledger
    from engine.evaluation.perplexity import METHODS, Measure, evaluate_perplexity
    from engine.evaluation.recipes import trials_of
    from engine.terminal.learning import show_perplexity
    from engine.tuning.lora import Tuner
    from engine.tuning.recipe import recipe_for

    pairs = _pairs(repos, since)
    threads = read_settings().worker_threads
    with progress_of(quiet=as_json) as progress:
        model = _model(progress)
        measure = Measure.of(effort, tuple(dict.fromkeys(methods)) or METHODS)
        trials = trials_of(settings, recipe_for(model.parameters), measure)
        if len(trials) > 1:
            raise UsageError("more than one value of a setting is for `evaluate recipe`")
        ledger = Ledger(out)
        with open_later(pairs, targets=targets, threads=threads, progress=progress) as found:
            tuner = Tuner(model, recipe=trials[0].recipe, threads=threads)
            report = evaluate_perplexity(found, tuner, trials[0].measure, ledger=ledger, progress=progress)
    print_or_show(report.as_json(), as_json, lambda: show_perplexity(new_terminal(), report))


@evaluate.command()
@_written_later
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE[,VALUE…]", help="All values are combined.")
@common
def recipe(
    repos: Sequence[str],
    since: Sequence[str],
    targets: int,
    out: Path | None,
    effort: Effort,
    settings: Sequence[str],
    as_json: bool,
) -> None:
    """Which numbers to train with? Like perplexity, for every combination of the settings."""
    from engine.evaluation.later import open_later
    from engine.evaluation.learners import SHIPPED
    from engine.evaluation.ledger import Ledger
    from engine.evaluation.perplexity import Measure
    from engine.evaluation.recipes import evaluate_recipes
    from engine.terminal.learning import show_recipes

    pairs = _pairs(repos, since)
    threads = read_settings().worker_threads
    with progress_of(quiet=as_json) as progress:
        model = _model(progress)
        ledger = Ledger(out)
        with open_later(pairs, targets=targets, threads=threads, progress=progress) as found:
            measure = Measure.of(effort, (SHIPPED,))
            report = evaluate_recipes(
                found, model, settings, measure, threads=threads, ledger=ledger, progress=progress
            )
    print_or_show(report.as_json(), as_json, lambda: show_recipes(new_terminal(), report))


@evaluate.command()
@repo_option
@click.option("--groups", "count", type=click.IntRange(2, 1000), default=8, show_default=True, help="Of six symbols.")
@click.option("--steps", type=click.IntRange(1, 1000), default=12, show_default=True, help="Of eight facts each.")
@common
def facts(repo: str, count: int, steps: int, as_json: bool) -> None:
    """What do facts teach that are learned in one direction, or in both? Asked without any document."""
    from engine.evaluation.learned_facts import evaluate_facts, groups_of
    from engine.tuning.lora import Tuner

    with assistant_of(repo) as assistant, progress_of(quiet=as_json) as progress:
        assistant.ensure_index(progress=progress)
        tuner = Tuner(_model(progress), threads=read_settings().worker_threads)
        result = evaluate_facts(groups_of(assistant.table, count), tuner, steps=steps, progress=progress)
    print_figures(result, as_json)
