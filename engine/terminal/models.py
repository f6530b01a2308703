"""Models as the commands show them."""

from __future__ import annotations

from collections.abc import Iterable

from rich.style import Style
from rich.text import Text

from engine.errors import SidetuneError, UsageError
from engine.models import catalogue
from engine.models.catalogue import CatalogueEntry
from engine.models.store import read_installation
from engine.terminal.reports import size_words
from engine.terminal.show import Terminal
from engine.terminal.text import safe_line
from engine.tuning.fit import fit_of

__all__ = ["entry_of", "model_json", "show_models"]

_BOLD = Style(bold=True)


def entry_of(name: str) -> CatalogueEntry:
    """Return a model that can be installed and removed; UsageError for any other name."""
    names = [each.name for each in catalogue.CATALOGUE if each.installable]
    if name not in names:
        raise UsageError(f"there is no model {name!r} to install or remove; there are {', '.join(names)}")
    return next(each for each in catalogue.CATALOGUE if each.name == name)


def _state(entry: CatalogueEntry) -> str:
    """Return "installed", "in part", "damaged" or ""."""
    if not entry.installable:
        return "installed"
    try:
        found = read_installation(entry.name)
    except SidetuneError:
        return "damaged"
    return "" if found is None else "installed" if found.complete else "in part"


def model_json(entry: CatalogueEntry, used: CatalogueEntry | None) -> dict[str, object]:
    """Return one model as ``models list --json`` prints it; sizes are bytes, 0 where they are not known."""
    fit = fit_of(entry)
    return {
        "name": entry.name,
        "title": entry.title,
        "folder": str(entry.folder) if entry.folder else None,
        "used": entry == used,
        "notes": entry.notes,
        "licence": entry.licence,
        "state": _state(entry) or "available",
        "download_bytes": entry.download_bytes(answers_only=False),
        "answers_only_bytes": entry.download_bytes(answers_only=True),
        "answer_memory": fit.answer_bytes,
        "tune_memory": fit.tune_bytes,
        "least_tune_memory": fit.least_tune_bytes,
        "fits": fit.level,
        "fit": fit.words,
        "suits": entry.suits,
    }


def show_models(terminal: Terminal, entries: Iterable[CatalogueEntry], used: CatalogueEntry | None) -> None:
    """Show the models that can be named, which of them answers, and what each takes."""
    for entry in entries:
        name = str(entry.folder) if entry.folder else entry.name
        state = _state(entry) if entry.installable else ""
        size = entry.download_bytes(answers_only=False)
        about = [safe_line(entry.title), entry.licence, state or (f"{size_words(size)} to fetch" if size else "")]
        terminal.say(
            Text(f"{'●' if entry == used else ' '} {safe_line(name)}", style=_BOLD),
            "  " + " · ".join(filter(None, about)),
        )
        terminal.note(entry.notes)
        if entry.installable:
            terminal.note(fit_of(entry).words)
