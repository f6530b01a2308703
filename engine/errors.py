"""The exception tree.

SidetuneError
├── UsageError            the caller asked for something that makes no sense (exit status 2)
├── RepositoryError       the folder is missing, unreadable or not a folder
├── StorageError          our own files cannot be read or written (disk full, permission)
│   ├── DamagedError      a file of ours is not what was written
│   └── BusyError         another process holds the writer's lock
├── ModelError            a model is missing, truncated or of an unknown architecture
├── TuningError           an adapter could not be trained; the untuned answer still stands
├── GenerationError       the model could not write
├── CheckError            a hosted model did not check the draft, which stays as it is
└── Cancelled             the user stopped it; never shown as an error
"""

from __future__ import annotations

__all__ = [
    "BusyError",
    "Cancelled",
    "CheckError",
    "DamagedError",
    "GenerationError",
    "ModelError",
    "RepositoryError",
    "SidetuneError",
    "StorageError",
    "TuningError",
    "UsageError",
]


class SidetuneError(Exception):
    """Root of everything Sidetune raises on purpose; ``str()`` is one clear sentence for the user."""


class UsageError(SidetuneError):
    """The request itself is wrong (a bad option, an empty question)."""


class RepositoryError(SidetuneError):
    """The repository cannot be read: missing, not a folder, no permission."""


class StorageError(SidetuneError):
    """Sidetune's own storage cannot be read or written."""


class DamagedError(StorageError):
    """A stored file is truncated or altered."""


class BusyError(StorageError):
    """Another process is writing to this repository's index."""


class ModelError(SidetuneError):
    """A model's files are missing, damaged or of an architecture we do not know."""


class TuningError(SidetuneError):
    """Training the adapter failed; the answer is given untuned."""


class GenerationError(SidetuneError):
    """The model could not produce text."""


class CheckError(SidetuneError):
    """A draft was not checked: not allowed, not reached, not understood. The draft stays."""


class Cancelled(SidetuneError):  # noqa: N818 - it is no error
    """The user stopped the work."""
