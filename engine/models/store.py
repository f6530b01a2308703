"""Models that were installed from a hub: their folders, and the record of what exactly was fetched.

``models/<name>/sidetune.json`` pins the revision from the first byte on, so that a download that was paused goes on
with the same files, and holds the SHA-256 of every file once it has come.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

from engine.errors import BusyError, ModelError, StorageError
from engine.models.catalogue import CatalogueEntry, Source
from engine.models.download import check_room, fetch, part_of
from engine.models.files import replacing
from engine.models.hub import Hub, HubFile, Network, Revision
from engine.paths import models_directory, private_directory
from engine.types import CancelToken, Progress, Report

__all__ = ["Installation", "current_commit", "download", "folder_of", "read_installation", "remove"]

_RECORD = "sidetune.json"


@dataclass(frozen=True, slots=True)
class Installation:
    """What of a model is on this machine."""

    name: str
    repository: str
    commit: str
    endpoint: str
    files: dict[str, int]  # name -> bytes, everything that belongs to it
    sha256: dict[str, str] = field(default_factory=dict)  # of those that have come whole

    @property
    def complete(self) -> bool:
        """Return whether every file has come."""
        return set(self.sha256) == set(self.files)

    @property
    def total(self) -> int:
        """Return the bytes of all files."""
        return sum(self.files.values())

    @property
    def gguf(self) -> str:
        """Return the name of its GGUF, empty when it was installed as weights."""
        return next((name for name in self.files if name.endswith(".gguf")), "")

    @property
    def done(self) -> int:
        """Return how many bytes are there, whole files and parts."""
        folder = folder_of(self.name)
        found = 0
        for name, size in self.files.items():
            part = part_of(folder / name)
            found += size if name in self.sha256 else min(size, part.stat().st_size) if part.is_file() else 0
        return found


def folder_of(name: str) -> Path:
    """Return the folder of a model of the catalogue, which need not exist."""
    return models_directory() / name


def read_installation(name: str) -> Installation | None:
    """Return what is on this machine of a model, None when nothing is.

    Raises ModelError when files that had come are gone or have another size.
    """
    folder = folder_of(name)
    try:
        raw = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        found = Installation(**{each.name: raw[each.name] for each in fields(Installation)})
        sizes = {name: int(size) for name, size in found.files.items()}
        found = replace(found, files=sizes, sha256={key: str(value) for key, value in found.sha256.items()})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"the record of the model {name} is damaged; remove the model and install it again") from error
    for each in found.sha256:
        path = folder / each
        if not path.is_file() or path.stat().st_size != found.files.get(each):
            raise ModelError(f"{path} is missing or was changed; remove the model and install it again")
    return found


def _write(found: Installation) -> None:
    with replacing(folder_of(found.name) / _RECORD) as temporary:
        temporary.write_text(json.dumps(asdict(found), indent=1), encoding="utf-8")


def remove(name: str) -> int:
    """Remove what was installed of a model and what was made of it; return the bytes that became free.

    Raises BusyError while it is being installed, StorageError when it cannot be removed.
    """
    folder = folder_of(name)
    freed = 0
    try:
        if folder.is_dir():
            with _alone(name):
                freed += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
                shutil.rmtree(folder)
        for path in models_directory().glob(f"{name}-*"):  # the GGUF that was converted from it
            if path.suffix in {".gguf", ".json"} and path.is_file():
                freed += path.stat().st_size
                path.unlink()
        (models_directory() / f".{name}.lock").unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"cannot remove {folder}: {error.strerror or error}") from error
    return freed


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Hold the model against other processes; BusyError when another one installs it."""
    from filelock import FileLock, Timeout

    lock = FileLock(models_directory() / f".{name}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyError(f"another Sidetune is installing {name}") from error
    try:
        yield
    finally:
        lock.release()


def current_commit(entry: CatalogueEntry, network: Network) -> str:
    """Return the newest commit that the hub has of what is installed; ModelError when it cannot be asked."""
    found = read_installation(entry.name)
    source = entry.gguf if found is not None and found.gguf else entry.weights or entry.gguf
    assert source is not None
    return Hub(network).revision(source.repository).commit


def download(
    entry: CatalogueEntry,
    *,
    answers_only: bool = False,
    network: Network | None = None,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
    update: bool = False,
) -> Installation:
    """Fetch a model of the catalogue, or what is missing of it; returns at once when it is whole.

    ``answers_only`` fetches the publisher's GGUF instead of the weights: less to fetch, but it cannot be tuned. A
    revision that was begun is kept to; ``update`` takes the newest instead. Raises Cancelled when ``cancel`` is set
    (call again to go on), ModelError for a hub that cannot be reached, has other files or has moved, BusyError while
    another process does the same, StorageError when there is no room.
    """
    source = _source(entry, answers_only)
    private_directory(folder_of(entry.name))
    hub = Hub(network or Network())
    with _alone(entry.name):
        found = read_installation(entry.name)
        whole = found is not None and found.complete and not update
        if found is not None and whole and (answers_only or found.repository == source.repository):
            return found  # weights answer as well
        revision, wanted, found = _plan(hub, source, entry.name, found, update)
        _write(found)
        folder = folder_of(entry.name)
        check_room(folder, found.total - found.done)
        report = progress or (lambda _: None)
        for file in wanted:
            if file.name in found.sha256:
                continue
            before = sum(found.files[name] for name in found.sha256)
            total = found.total

            def took(done: int, file: HubFile = file, before: int = before, total: int = total) -> None:
                report(Report("download", before + done, total, file.name))

            sha256 = fetch(hub, revision, file, folder / file.name, took=took, cancel=cancel)
            found = replace(found, sha256={**found.sha256, file.name: sha256})
            _write(found)
    return found


def _source(entry: CatalogueEntry, answers_only: bool) -> Source:
    source = entry.gguf if answers_only or entry.weights is None else entry.weights
    if source is None:
        what = "GGUF of its own" if entry.installable else "files to fetch"
        raise ModelError(f"the model {entry.name} has no {what}")
    return source


def _plan(
    hub: Hub, source: Source, name: str, found: Installation | None, update: bool
) -> tuple[Revision, tuple[HubFile, ...], Installation]:
    """Return the revision, its files that are needed, and the record with what of them has come already."""
    begun = found is not None and found.repository == source.repository and not update
    pin = "" if update else source.revision
    revision = hub.revision(source.repository, found.commit if found is not None and begun else pin)
    pinned = {file.name: file for file in source.files}
    if any(each.endswith(".gguf") for each in pinned):
        wanted: tuple[HubFile, ...] = tuple(revision.file(each) for each in pinned)
    else:
        wanted = revision.weights_files()
    for file in wanted:
        known = pinned.get(file.name)
        if known is None or update:
            continue
        if (known.sha256 and file.sha256 != known.sha256) or (known.size and file.size != known.size):
            raise ModelError(
                f"{hub.endpoint} announces another {file.name} than the one that Sidetune knows for {source.repository}"
            )
    record = Installation(
        name, source.repository, revision.commit, hub.endpoint, {each.name: each.size for each in wanted}
    )
    kept = {} if found is None or found.commit != revision.commit else found.sha256
    if found is not None and found.commit != revision.commit:
        for path in folder_of(name).iterdir():  # parts and files of other contents
            if path.name != _RECORD:
                path.unlink()
    return revision, wanted, replace(record, sha256={each: kept[each] for each in kept if each in record.files})
