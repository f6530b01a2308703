"""The user's settings: few, frozen, read once and passed down."""

from __future__ import annotations

import json
import os
import re
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast, get_args

from engine.errors import StorageError, UsageError
from engine.types import Effort

__all__ = ["Settings", "default_threads", "load_settings", "save_settings"]


def default_threads() -> int:
    """Return how many threads to compute with: the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user can set; every field has a default that works offline on any machine."""

    effort: Effort = "balanced"
    model: str = "bundled"  # a catalogue name, or the path of a model folder
    threads: int = 0  # 0: all cores this process may use
    evidence_chars: int = 0  # 0: what the model's context allows
    answer_tokens: int = 200
    offline: bool = False  # nothing leaves this machine, whatever else is set
    hub: str = ""  # the address of a hub of models that is asked instead of huggingface.co
    proxy: str = ""  # for the download of models; empty: as HTTPS_PROXY says
    pause_on_battery: bool = True  # on a battery the slow part of indexing waits; everything is found all the same
    disk_limit_mb: int = 10_000  # of indexes, embeddings and adapters; beyond it the unused ones go. 0: no limit

    @property
    def worker_threads(self) -> int:
        """Return the number of compute threads, never below one."""
        return self.threads if self.threads > 0 else default_threads()


def _checked(values: Mapping[str, Any], source: str) -> Settings:
    known = {field.name: field for field in fields(Settings)}
    for name, value in values.items():
        if name not in known:
            raise UsageError(f"{source}: there is no setting {name!r}; known are {', '.join(sorted(known))}")
        if name in {"effort", "model", "hub", "proxy"}:
            if not isinstance(value, str):
                raise UsageError(f"{source}: {name} must be text")
        elif name in {"offline", "pause_on_battery"}:
            if not isinstance(value, bool):
                raise UsageError(f"{source}: {name} must be true or false")
        elif not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise UsageError(f"{source}: {name} must be a whole number that is not negative")
    effort = values.get("effort", "balanced")
    if effort not in get_args(Effort):
        raise UsageError(f"{source}: effort must be one of {', '.join(get_args(Effort))}")
    return Settings(**cast("dict[str, Any]", dict(values)))


def load_settings(path: Path) -> Settings:
    """Read the settings file; a missing one gives the defaults.

    Raises UsageError for a file that is not TOML or holds an unknown or wrongly typed setting.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from error
    return _checked(values, str(path))


def save_settings(path: Path, settings: Settings) -> None:
    """Write what differs from the settings file at ``path``; its other lines and comments stay.

    Readers see the old file or the new one, never a part. Raises UsageError when the file or a setting is not valid,
    StorageError when it cannot be written; nothing is changed then.
    """
    wanted = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    _checked(wanted, "settings")
    before = load_settings(path)
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}") from error
    for name, value in wanted.items():
        if value != getattr(before, name):
            text = _with_line(text, name, value)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        load_settings(temporary)
        temporary.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _with_line(text: str, name: str, value: str | int) -> str:
    # A JSON string is a TOML basic string, but for DEL; non-ASCII stays as it is.
    written = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    line = f"{name} = {written}"
    pattern = re.compile(rf"^[ \t]*{re.escape(name)}[ \t]*=.*$", re.MULTILINE)
    # A new one goes first: there are no tables among the settings, but a comment may end without a newline.
    return pattern.sub(lambda _: line, text, count=1) if pattern.search(text) else f"{line}\n{text}"
