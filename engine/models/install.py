"""A model's name in the settings -> an installed model."""

from __future__ import annotations

from engine.errors import ModelError
from engine.models import InstalledModel, catalogue
from engine.models.bundled import install_bundled
from engine.models.local import install_folder, install_gguf
from engine.models.store import folder_of, read_installation
from engine.types import Progress

__all__ = ["install_model"]


def install_model(name: str, progress: Progress | None = None) -> InstalledModel:
    """Return the model called ``name`` in the catalogue, or the one in the folder or GGUF ``name``, ready to use.

    Nothing is downloaded: ``engine.models.store.download`` does that. Raises ModelError for a name that is neither,
    for a model of the catalogue that is not on this machine and for files that are missing or damaged.
    """
    entry = catalogue.find(name)
    if entry is None:
        known = ", ".join(each.name for each in catalogue.CATALOGUE)
        raise ModelError(f"there is no model {name!r}: give the path of a model folder or a GGUF, or one of {known}")
    if entry.installable:
        return _installed(entry, progress)
    if entry.folder is None:
        return install_bundled(progress)
    install = install_folder if entry.folder.is_dir() else install_gguf
    return install(entry.folder, entry.name, notes=entry.notes, progress=progress)


def _installed(entry: catalogue.CatalogueEntry, progress: Progress | None) -> InstalledModel:
    found = read_installation(entry.name)
    if found is None:
        raise ModelError(
            f"the model {entry.name} is not on this machine; `sidetune models install {entry.name}` gets it"
        )
    if not found.complete:
        raise ModelError(
            f"the model {entry.name} is not whole yet; `sidetune models install {entry.name}` goes on with it"
        )
    folder = folder_of(entry.name)
    if found.gguf:
        return install_gguf(folder / found.gguf, entry.name, notes=entry.notes, progress=progress)
    return install_folder(folder, entry.name, notes=entry.notes, progress=progress)
