"""Commands about the models that answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.shared import (
    cli,
    common,
    new_terminal,
    print_or_show,
    progress_of,
    read_settings,
)
from engine.terminal.status import Failed

if TYPE_CHECKING:
    pass

__all__ = ["models"]


@cli.group()
def models() -> None:
    """List the models that can answer, and choose one."""


@models.command("list")
@common
def list_models(as_json: bool) -> None:
    """List the models, what each takes and whether this machine has it."""
    from engine.models.catalogue import CATALOGUE, find
    from engine.terminal.models import model_json, show_models

    used = read_settings().model
    own = find(used)
    entries = [*CATALOGUE, *([own] if own is not None and own not in CATALOGUE else [])]
    value = {"models": [model_json(each, own) for each in entries], "used": used}
    print_or_show(value, as_json, lambda: show_models(new_terminal(), entries, own))
    if own is None:
        raise Failed(f"the settings name the model {used!r}, which is not there; choose one with `sidetune models use`")


@models.command("install")
@click.argument("name")
@click.option("--answers-only", is_flag=True, help="Only the publisher's GGUF: less to fetch, but it is never tuned.")
@click.option("--update", is_flag=True, help="Take the newest revision instead of the one that is known or was begun.")
@click.option("--hub", metavar="URL", help="Another hub than huggingface.co (a mirror).")
@click.option("--proxy", metavar="URL", help="The proxy of the download.")
@click.option("--offline", is_flag=True, help="Only see whether it is whole; fetch nothing.")
@common
def install_a_model(
    name: str, answers_only: bool, update: bool, hub: str | None, proxy: str | None, offline: bool, as_json: bool
) -> None:
    """Fetch the model NAME of `models list`. Ctrl-C pauses; the same command goes on where it stopped."""
    from engine.models.hub import Network
    from engine.models.install import install_model
    from engine.models.store import download
    from engine.terminal.models import entry_of

    settings = read_settings()
    network = Network(hub or settings.hub, proxy or settings.proxy, offline or settings.offline)
    with progress_of(quiet=as_json) as progress:
        found = download(entry_of(name), answers_only=answers_only, network=network, progress=progress, update=update)
        model = install_model(name, progress)
    value = {
        **{"name": name, "repository": found.repository, "revision": found.commit, "bytes": found.total},
        **{"sha256": found.sha256, "untunable": model.untunable},
    }
    then = f"`sidetune models use {name}` lets it answer. {model.untunable}".rstrip()
    print_or_show(
        value, as_json, lambda: new_terminal().say(f"{name} is installed, at revision {found.commit[:12]}. {then}")
    )


@models.command("remove")
@click.argument("name")
@common
def remove_model(name: str, as_json: bool) -> None:
    """Remove the model NAME from this machine."""
    from engine.models.store import remove
    from engine.terminal.models import entry_of
    from engine.terminal.reports import size_words

    if entry_of(name).name == read_settings().model:
        raise Failed(f"{name} is the model that answers; choose another one first with `sidetune models use`")
    freed = remove(name)
    print_or_show(
        {"name": name, "freed": freed}, as_json, lambda: new_terminal().say(f"{size_words(freed)} are free again.")
    )


@models.command("use")
@click.argument("name")
@common
def use_model(name: str, as_json: bool) -> None:
    """Answer with the model NAME from now on: one that `models list` shows, or a model folder."""
    from dataclasses import replace

    from engine import paths
    from engine.config import save_settings
    from engine.models.catalogue import CATALOGUE
    from engine.models.install import install_model

    with progress_of(quiet=as_json) as progress:
        model = install_model(name, progress)
    named = name in {entry.name for entry in CATALOGUE}
    chosen = name if named else str(Path(name).expanduser().absolute())
    save_settings(paths.settings_file(), replace(read_settings(), model=chosen))
    value = {"name": model.name, "architecture": model.architecture, "context": model.context, "id": model.id}
    print_or_show(value, as_json, lambda: new_terminal().say(f"{model.name} answers from now on."))
