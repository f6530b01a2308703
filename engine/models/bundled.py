"""The small model that ships with the program, so that it works before anything is downloaded."""

from __future__ import annotations

from engine.errors import ModelError
from engine.models import InstalledModel
from engine.models.catalogue import BUNDLED
from engine.models.local import install_folder
from engine.paths import resources
from engine.types import Progress

__all__ = ["install_bundled"]


def install_bundled(progress: Progress | None = None) -> InstalledModel:
    """Return the bundled model; its GGUF is made on first use and remade when damaged.

    Raises ModelError when the shipped weights are missing or damaged, StorageError when there is no
    room for the GGUF.
    """
    folder = resources() / "base_model"
    if not folder.is_dir():
        raise ModelError("the bundled model is missing from this installation; install Sidetune again")
    return install_folder(folder, BUNDLED.name, notes=BUNDLED.notes, progress=progress)
