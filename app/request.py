"""What Sidetune is asked to show: out of a command line, and from one process to the other."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import UsageError
from engine.focus import enclosing_repository, parse_focus
from engine.paths import resolve_repository
from engine.types import Focus

__all__ = ["Request", "from_message", "parse_requests", "to_message"]


@dataclass(frozen=True, slots=True)
class Request:
    """A repository to show, and what the next question there is about."""

    root: str = ""  # resolved; empty: the window as it was left
    about: tuple[Focus, ...] = ()


def parse_requests(path: str | None, about: Sequence[str]) -> list[Request]:
    """Return what a command line asks for: one request a repository.

    ``path`` is a folder, or a file, which counts as one of ``about``. Files are ``FILE[:A-B]``; without a folder
    they belong to the repository around them. Raises UsageError for a file that is not there and for names that
    are not Unicode, RepositoryError for a folder that cannot be read.
    """
    if path is not None and Path(path).expanduser().is_file():
        return parse_requests(None, [path, *about])
    if path is not None:
        root = resolve_repository(path)
        return [_request(root, [parse_focus(root, given) for given in about])]
    if not about:
        return [Request()]
    found: dict[Path, list[Focus]] = {}
    for given in about:
        absolute = str(Path(given).expanduser().absolute()) if given else given
        root, _ = enclosing_repository(absolute, None)
        found.setdefault(root, []).append(parse_focus(root, absolute))
    return [_request(root, focus) for root, focus in found.items()]


def to_message(requests: Sequence[Request], environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return what is handed over: the requests and the desktop's permission to come to the front."""
    tokens = [environment.get(name, "") for name in ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID")]
    return {"requests": [asdict(each) for each in requests], "activation": next(filter(None, tokens), "")}


def from_message(message: Mapping[str, Any]) -> tuple[list[Request], str]:
    """Return the requests and the permission of a message; UsageError when it is none."""
    try:
        return msgspec.convert(message["requests"], list[Request]), msgspec.convert(message["activation"], str)
    except (KeyError, msgspec.ValidationError) as error:
        raise UsageError(
            "the Sidetune that is running is of another version; close its windows and try again"
        ) from error


def _request(root: Path, about: Sequence[Focus]) -> Request:
    for name in (str(root), *(focus.path for focus in about)):
        if not name.isprintable() and any("\ud800" <= c <= "\udfff" for c in name):
            raise UsageError(f"the name {os.fsencode(name)!r} is not Unicode; Sidetune can only show names that are")
    return Request(str(root), tuple(dict.fromkeys(about)))
