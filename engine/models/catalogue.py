"""What models exist: the bundled one, and any folder on this machine in the layout of Hugging Face."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["BUNDLED", "CATALOGUE", "CatalogueEntry", "find"]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model that can be named in the settings."""

    name: str
    title: str
    notes: str
    folder: Path | None = None  # None: ships with the program


BUNDLED = CatalogueEntry(
    name="bundled",
    title="Sidetune's own small model",
    notes=(
        "This is the small model that comes with Sidetune: eight million parameters, trained for an hour and a half on "
        "permissively licensed Python code. It needs no download and writes in seconds on any computer. It is good "
        "for short pointers into the code; names it quotes are copied from the evidence, what it says about them is "
        "often wrong. Rely on the evidence, the checked citations and the facts shown beside it, and choose a larger "
        "model's folder for answers in prose."
    ),
)
CATALOGUE: tuple[CatalogueEntry, ...] = (BUNDLED,)


def find(name: str) -> CatalogueEntry | None:
    """Return the entry called ``name``, or one for the folder that ``name`` is the path of; None for neither."""
    for entry in CATALOGUE:
        if entry.name == name:
            return entry
    folder = Path(name).expanduser()
    if folder.is_dir():
        notes = f"A model folder on this machine: {folder}"
        return CatalogueEntry(name=folder.name, title=folder.name, notes=notes, folder=folder.absolute())
    return None
