"""Files as users name them -> repository and path, with lines."""

from __future__ import annotations

import re
from pathlib import Path

from engine.errors import UsageError
from engine.paths import is_known, resolve_repository
from engine.types import Focus

__all__ = ["enclosing_repository", "parse_focus"]

_LINES = re.compile(r"(?P<path>.+):(?P<first>\d+)(?:-(?P<last>\d+))?", re.DOTALL)


def parse_focus(root: Path, given: str) -> Focus:
    """Return the file (relative to ``root``, or to the working directory) and the lines that ``given`` names.

    Raises UsageError when there is no such file in the repository or the lines make no sense.
    """
    path = _inside(root, given)  # first, since a file's name may itself end in ":3"
    if path is not None:
        return Focus(path)
    match = _LINES.fullmatch(given)
    path = _inside(root, match["path"]) if match else None
    if match is None or path is None:
        raise UsageError(f"there is no file {given} in {root}")
    first = int(match["first"])
    last = int(match["last"] or first)
    if not 1 <= first <= last:
        raise UsageError(f"{given}: lines count from 1, and the first is not after the last")
    return Focus(path, first, last)


def _inside(root: Path, given: str) -> str | None:
    if not given or "\0" in given:
        return None
    for base in (root, Path.cwd()):
        real = (base / given).resolve()
        if real.is_file() and real.is_relative_to(root):
            return real.relative_to(root).as_posix()
    return None


def enclosing_repository(given: str, repository: str | None) -> tuple[Path, str]:
    """Return the repository that a file (which need not exist) belongs to, and its path in it.

    Without ``repository`` that is the nearest folder above the file that has been indexed or is the top of a git
    checkout, else the file's own folder. Raises RepositoryError when there is no such folder, UsageError for a
    file outside ``repository``.
    """
    if repository is not None:
        root = resolve_repository(repository)
        path = _lexically(Path(given) if Path(given).is_absolute() else root / given)
        if not path.is_relative_to(root):
            raise UsageError(f"{given} is not in {root}")
        return root, path.relative_to(root).as_posix()
    path = _lexically(Path(given).expanduser().absolute())
    for folder in path.parents:
        if (folder / ".git").exists() or is_known(folder):
            return folder, path.relative_to(folder).as_posix()
    return resolve_repository(path.parent), path.name


def _lexically(path: Path) -> Path:
    """Return the path with its folder resolved, but not what it names: a symlink is asked about as such."""
    return path.parent.resolve() / path.name
