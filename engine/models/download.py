"""One file from a hub to the disk: resumed where it was cut off, and never under its name before its hash is right."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from engine.errors import Cancelled, ModelError, StorageError
from engine.models.hub import Hub, HubFile, Revision
from engine.types import CancelToken

__all__ = ["check_room", "fetch", "part_of"]

_LOG = logging.getLogger(__name__)
_ATTEMPTS = 5  # in a row that bring nothing
_FIRST_PAUSE, _LAST_PAUSE = 0.2, 5.0  # seconds before the next attempt
_BLOCK = 1 << 20
_MARGIN = 256 << 20  # bytes that are left to everybody else


def part_of(target: Path) -> Path:
    """Return the file that holds what has come of ``target`` so far."""
    return target.with_name(f".{target.name}.part")


def check_room(folder: Path, needed: int) -> None:
    """Raise StorageError when ``needed`` more bytes do not fit onto the disk of ``folder``."""
    free = shutil.disk_usage(folder).free
    if needed + _MARGIN > free:
        raise StorageError(
            f"there is not enough room on the disk of {folder}: {_gigabytes(needed)} are needed and "
            f"{_gigabytes(free)} are free; make room, or set SIDETUNE_HOME to a folder on another disk"
        )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"


class _Digest:
    """The hash that the hub announced, over what has come so far."""

    def __init__(self, file: HubFile) -> None:
        self._expected = file.sha256 or file.blob
        self.sha256 = hashlib.sha256()
        # Git's own name of a file; not a protection, but all that the hub says about small files.
        self._blob = None if file.sha256 else hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)

    def update(self, data: bytes) -> None:
        self.sha256.update(data)
        if self._blob is not None:
            self._blob.update(data)

    @property
    def is_right(self) -> bool:
        found = self._blob if self._blob is not None else self.sha256
        return not self._expected or found.hexdigest() == self._expected


def fetch(
    hub: Hub,
    revision: Revision,
    file: HubFile,
    target: Path,
    *,
    took: Callable[[int], None] | None = None,
    cancel: CancelToken | None = None,
) -> str:
    """Bring ``file`` to ``target`` and return its SHA-256; what is there already in part is kept and continued.

    ``took`` hears how many of its bytes are there, again and again. Raises Cancelled when ``cancel`` is set (the part
    stays, for later), ModelError when the hub cannot be reached or sends other bytes than it announced, and
    StorageError when the disk is full or cannot be written.
    """
    part = part_of(target)
    try:
        sha256 = _fetch(hub, revision, file, part, took or (lambda _: None), cancel)
        part.replace(target)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageError(
                f"the disk is full: {file.name} was fetched in part and is continued once there is room"
            ) from error
        raise StorageError(f"cannot write {part}: {error.strerror or error}") from error
    return sha256


def _fetch(
    hub: Hub,
    revision: Revision,
    file: HubFile,
    part: Path,
    took: Callable[[int], None],
    cancel: CancelToken | None,
) -> str:
    part.touch()
    with part.open("r+b") as out:
        length = os.fstat(out.fileno()).st_size
        if length > file.size:
            out.truncate(0)
            length = 0
        digest, done = _Digest(file), 0
        while done < length:  # what came before is hashed again: it may have been damaged meanwhile
            _check(cancel)
            block = out.read(min(_BLOCK, length - done))
            digest.update(block)
            done += len(block)
        took(done)
        failures, why = 0, ""
        while done < file.size:
            if failures == _ATTEMPTS:
                raise ModelError(
                    f"the connection to {hub.endpoint} was lost at {done:,} of {file.size:,} bytes of {file.name} "
                    f"({why}); install it again to continue from there"
                )
            if failures:
                _rest(min(_LAST_PAUSE, _FIRST_PAUSE * 2 ** (failures - 1)), cancel)
            before = done
            try:
                with hub.stream(revision.repository, revision.commit, file.name, done) as (begins, pieces):
                    if begins != done:  # the hub starts anew
                        out.seek(0)
                        out.truncate()
                        digest, done, before = _Digest(file), 0, 0
                    for piece in pieces:
                        _check(cancel)
                        out.write(piece)
                        digest.update(piece)
                        done += len(piece)
                        took(done)
                        if done > file.size:
                            break
            except ConnectionError as error:
                why = str(error)
            else:
                why = "it ended early"
            failures = 0 if done > before else failures + 1
            if done < file.size:
                _LOG.info("%s was cut off at %d of %d bytes: %s", file.name, done, file.size, why)
        out.flush()
        os.fsync(out.fileno())
    if done != file.size or not digest.is_right:
        part.unlink(missing_ok=True)
        raise ModelError(
            f"{hub.endpoint} sent other bytes for {revision.repository}/{file.name} than it announced; "
            "they were thrown away, so install it again"
        )
    return digest.sha256.hexdigest()


def _check(cancel: CancelToken | None) -> None:
    if cancel is not None and cancel.is_set():
        raise Cancelled("Stopped while downloading.")


def _rest(seconds: float, cancel: CancelToken | None) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        _check(cancel)
        time.sleep(min(0.05, left))
