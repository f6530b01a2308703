"""The user's settings: few, frozen, read once and passed down."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast, get_args

from engine.errors import UsageError
from engine.types import Effort

__all__ = ["Settings", "default_threads", "load_settings"]


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

    @property
    def worker_threads(self) -> int:
        """Return the number of compute threads, never below one."""
        return self.threads if self.threads > 0 else default_threads()


def _checked(values: Mapping[str, Any], source: str) -> Settings:
    known = {field.name: field for field in fields(Settings)}
    for name, value in values.items():
        if name not in known:
            raise UsageError(f"{source}: there is no setting {name!r}; known are {', '.join(sorted(known))}")
        if name in {"effort", "model"}:
            if not isinstance(value, str):
                raise UsageError(f"{source}: {name} must be text")
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
