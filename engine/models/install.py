"""A model's name in the settings -> an installed model."""

from __future__ import annotations

from engine.errors import ModelError
from engine.models import InstalledModel
from engine.models.bundled import install_bundled
from engine.models.catalogue import CATALOGUE, find
from engine.models.local import install_folder
from engine.types import Progress

__all__ = ["install_model"]


def install_model(name: str, progress: Progress | None = None) -> InstalledModel:
    """Return the model called ``name`` in the catalogue, or the one in the folder ``name``, ready to use.

    Raises ModelError for a name that is neither and for files that are missing or damaged.
    """
    entry = find(name)
    if entry is None:
        known = ", ".join(each.name for each in CATALOGUE)
        raise ModelError(f"there is no model {name!r}: give the path of a model folder, or one of {known}")
    if entry.folder is None:
        return install_bundled(progress)
    return install_folder(entry.folder, entry.name, notes=entry.notes, progress=progress)
