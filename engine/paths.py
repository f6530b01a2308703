"""Where things live on disk: one home for all that Sidetune writes, and the resources it ships with."""

from __future__ import annotations

import os
from pathlib import Path

from engine.errors import RepositoryError, StorageError
from engine.types import sha256_hex

__all__ = [
    "adapters_directory",
    "embeddings_file",
    "home",
    "is_known",
    "memory_file",
    "models_directory",
    "private_directory",
    "repository_directory",
    "resolve_repository",
    "resources",
    "settings_file",
]


def home() -> Path:
    """Return (and make, for the owner only) ``SIDETUNE_HOME`` or the platform's data directory."""
    configured = os.environ.get("SIDETUNE_HOME")
    if configured:
        return private_directory(Path(configured).expanduser().absolute())
    import platformdirs

    return private_directory(Path(platformdirs.user_data_dir("sidetune", appauthor=False)))


def private_directory(path: Path) -> Path:
    """Make a directory that only its owner can enter and return it; StorageError when that fails."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make the folder {path}: {error.strerror}") from error
    return path


def resources() -> Path:
    """Return the folder of shipped files, in a wheel (``engine/resources``) or a checkout (``resources``)."""
    package = Path(__file__).resolve().parent
    for candidate in (package / "resources", package.parent / "resources"):
        if candidate.is_dir():
            return candidate
    raise StorageError("the program's own resources folder is missing; install Sidetune again")


def resolve_repository(path: str | os.PathLike[str]) -> Path:
    """Return the real, absolute path of a repository folder.

    Raises RepositoryError when it is missing, not a folder or not readable.
    """
    given = Path(path).expanduser()
    try:
        real = given.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise RepositoryError(f"there is no folder {given}") from error
    if not real.is_dir():
        raise RepositoryError(f"{given} is not a folder")
    if not os.access(real, os.R_OK | os.X_OK):
        raise RepositoryError(f"the folder {given} cannot be read: permission denied")
    return real


def repository_directory(root: Path) -> Path:
    """Return (and make) the folder with everything derived from the repository at ``root`` (a resolved path)."""
    return private_directory(_repository_directory(root))


def is_known(root: Path) -> bool:
    """Return whether anything is kept about the repository at ``root`` (a resolved path)."""
    return _repository_directory(root).is_dir()


def _repository_directory(root: Path) -> Path:
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in root.name)[:40] or "root"
    return home() / "repositories" / f"{name}-{sha256_hex(os.fsencode(root))[:16]}"


def embeddings_file() -> Path:
    """Return the database of embeddings that all repositories share."""
    return home() / "embeddings.sqlite"


def adapters_directory() -> Path:
    """Return the folder of cached adapters."""
    return private_directory(home() / "adapters")


def models_directory() -> Path:
    """Return the folder of installed and converted models."""
    return private_directory(home() / "models")


def memory_file() -> Path:
    """Return the database of conversations, notes and feedback, which is never dropped."""
    return home() / "memory.sqlite"


def settings_file() -> Path:
    """Return the user's settings file (TOML)."""
    return home() / "settings.toml"
