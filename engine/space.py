"""What uses the disk, and what of it goes when it becomes too much: first what no repository uses, oldest first.

An index cannot be collected, only forgotten with its repository; vectors and adapters can, since they are made again
when they are needed. Vectors that an index names are never touched.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine import paths
from engine.config import Settings
from engine.embedding.cache import EmbeddingCache
from engine.errors import BusyError, DamagedError, SidetuneError, StorageError
from engine.index.store import FILE_NAME, Store
from engine.tuning.adapters import AdapterCache
from engine.usage import Collected, RepositorySpace, Space

__all__ = ["collect", "keys_of_others", "note_root", "repositories", "survey", "tidy"]

_LOG = logging.getLogger(__name__)
_ROOT_FILE = "root"  # in a repository's folder: where the repository lies
_JUST_USED = 3600.0  # seconds in which an adapter is not collected: an answer may be using it
_EVERY = 24 * 3600.0  # seconds between two collections that nothing calls for
_EVERY_WHEN_FULL = 600.0


def survey(settings: Settings) -> Space:
    """Return what uses the disk; StorageError when our own folder cannot be read."""
    home = paths.home()
    adapters = list(AdapterCache(paths.adapters_directory()).sizes())
    used: set[bytes] = set()
    found: list[RepositorySpace] = []
    with EmbeddingCache(paths.embeddings_file()) as cache:
        for folder in repositories():
            contents = _contents(folder)
            used |= contents.keys
            own = sum(size for _, repository, size, _ in adapters if repository == folder.name)
            found.append(_repository(folder, contents, cache.bytes_of(contents.keys), own))
        unused = cache.all_bytes() - cache.bytes_of(used)
    known = {each.key for each in found}
    by_name = {entry.name: _size(entry) for entry in sorted(home.iterdir())}
    embeddings = _sum(by_name, paths.embeddings_file().name)
    indexes = by_name.pop("repositories", 0)
    taken = by_name.pop("adapters", 0)
    return Space(
        home=str(home),
        free=shutil.disk_usage(home).free,
        limit=_limit(settings),
        derived=embeddings + indexes + taken,
        indexes=indexes,
        embeddings=embeddings,
        unused_embeddings=unused,
        adapters=taken,
        unused_adapters=sum(size for _, repository, size, _ in adapters if repository not in known),
        models=by_name.pop("models", 0),
        memory=_sum(by_name, paths.memory_file().name),
        other=sum(by_name.values()),
        repositories=tuple(sorted(found, key=lambda each: (-each.total, each.root))),
    )


def collect(settings: Settings, *, now: float | None = None) -> Collected:
    """Remove vectors and adapters, those that nobody uses and were used longest ago first, down to the limit.

    With no limit nothing is removed; what is unused is noted all the same, so that its age is known when there is
    one. Nothing is removed while anybody indexes. ``now`` stands in for the clock. Raises StorageError.
    """
    now = time.time() if now is None else now
    before, limit = _derived(), _limit(settings)
    over = before - limit if limit else 0
    cache = AdapterCache(paths.adapters_directory())
    freed, adapters = _collect_adapters(cache, over, now, unused_only=True)
    problem, embeddings = "", 0
    try:
        with EmbeddingCache(paths.embeddings_file()) as vectors:
            embeddings = vectors.collect(_named, lambda _: over - freed, now)
            if embeddings:
                vectors.compact()
    except BusyError as error:
        problem = str(error)
    else:
        more = _collect_adapters(cache, _derived() - limit if limit else 0, now, unused_only=False)
        adapters += more[1]
    left = _derived()
    if limit and left > limit and not problem:
        problem = "what is left is in use; `sidetune forget PATH` removes what is kept about a repository"
    return Collected(embeddings, adapters, max(0, before - left), left, problem)


def tidy(settings: Settings, cache: EmbeddingCache) -> None:
    """Collect if that is due: once a day, or soon when the limit is exceeded. What goes wrong is logged."""
    try:
        since = time.time() - cache.collected()
        limit = _limit(settings)
        if since > _EVERY or (since > _EVERY_WHEN_FULL and limit and _derived() > limit):
            done = collect(settings)
            _LOG.info("removed %d embeddings and %d adapters. %s", done.embeddings, done.adapters, done.problem)
    except (SidetuneError, OSError) as error:
        _LOG.info("the disk could not be tidied: %s", error)


def note_root(folder: Path, root: Path) -> None:
    """Write into a repository's folder where the repository lies; without that it is only nameless."""
    note = folder / _ROOT_FILE
    try:
        if not note.exists():
            note.write_bytes(os.fsencode(root))
    except OSError as error:
        _LOG.info("%s cannot be written: %s", note, error.strerror)


def repositories() -> Iterator[Path]:
    """Yield the folder of every repository of which anything is kept."""
    home = paths.home() / "repositories"
    if home.is_dir():
        yield from sorted(folder for folder in home.iterdir() if folder.is_dir())


def keys_of_others(directory: Path) -> set[bytes]:
    """Return the embedding keys that the indexes of all other repositories name, as far as these can be read."""
    keys: set[bytes] = set()
    for folder in repositories():
        if folder != directory:
            keys |= _contents(folder).keys
    return keys


# -- parts ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Contents:
    files: int
    chunks: int
    keys: set[bytes]


def _contents(folder: Path) -> _Contents:
    """Return what an index holds: nothing where there is none or a damaged one, which is to be built again anyway."""
    try:
        with Store(folder, read_only=True) as store:
            return _Contents(*store.counts(), store.keys())
    except DamagedError:
        return _Contents(0, 0, set())
    except StorageError:
        if (folder / FILE_NAME).exists():
            raise
        return _Contents(0, 0, set())


def _named() -> set[bytes]:
    return set().union(*(_contents(folder).keys for folder in repositories()))


def _repository(folder: Path, contents: _Contents, embeddings: int, adapters: int) -> RepositorySpace:
    index = graph = snapshots = 0
    written = folder.stat().st_mtime
    for entry in folder.iterdir():
        if entry.is_dir() or ".damaged" in entry.name:
            snapshots += _size(entry)
        elif entry.suffix == ".hnsw":
            graph += _size(entry)
        else:
            index += _size(entry)
            written = max(written, _modified(entry))
    root = _root_of(folder)
    return RepositorySpace(
        key=folder.name,
        root=str(root) if root else "",
        exists=root is not None and root.is_dir(),
        files=contents.files,
        chunks=contents.chunks,
        index=index,
        graph=graph,
        embeddings=embeddings,
        adapters=adapters,
        snapshots=snapshots,
        used=datetime.fromtimestamp(written, UTC).isoformat(timespec="seconds"),
    )


def _root_of(folder: Path) -> Path | None:
    try:
        return Path(os.fsdecode((folder / _ROOT_FILE).read_bytes()))
    except OSError:
        return None


def _collect_adapters(cache: AdapterCache, over: int, now: float, *, unused_only: bool) -> tuple[int, int]:
    """Remove the adapters used longest ago until ``over`` bytes are free; return the bytes and how many."""
    known = {folder.name for folder in repositories()}
    freed = count = 0
    for key, repository, size, used in sorted(cache.sizes(), key=lambda entry: entry[3]):
        if freed >= over:
            break
        if now - used > _JUST_USED and not (unused_only and repository in known):
            cache.remove(key)
            freed, count = freed + size, count + 1
    return freed, count


def _limit(settings: Settings) -> int:
    return settings.disk_limit_mb * 1_000_000


def _derived() -> int:
    home = paths.home()
    name = paths.embeddings_file().name
    return sum(
        _size(entry)
        for entry in home.iterdir()
        if entry.name in {"repositories", "adapters"} or entry.name.startswith(name)
    )


def _sum(sizes: dict[str, int], name: str) -> int:
    """Take a file and its companions out of ``sizes`` and return what they take together."""
    return sum(sizes.pop(each) for each in list(sizes) if each.startswith(name))


def _size(path: Path) -> int:
    if not path.is_dir() or path.is_symlink():
        return _file_size(path)
    return sum(_file_size(Path(folder, name)) for folder, _, files in os.walk(path) for name in files)


def _file_size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0  # another process removed it meanwhile


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
