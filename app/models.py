"""Models that can be had: each method is one intention of the user. Qt-free; who asks is told the new list."""

from __future__ import annotations

from collections.abc import Callable

from app.asking import Caller
from engine.wire import (
    INSTALL_MODEL,
    LIST_MODELS,
    PAUSE_MODEL,
    REMOVE_MODEL,
    Empty,
    InstallModel,
    ModelRef,
    ModelRow,
    Models,
    Problem,
)

__all__ = ["ModelCalls", "progress_words", "size_words", "state_words"]

OnModels = Callable[[Models], None]
OnProblem = Callable[[Problem], None]


class ModelCalls:
    """Lists, installs and removes models for one window. ``call`` makes a call as the session does."""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def refresh(self, on_models: OnModels, on_problem: OnProblem) -> None:
        """Read the list."""
        self._call(LIST_MODELS, Empty(), on_models, on_problem)

    def install(self, name: str, on_models: OnModels, on_problem: OnProblem, *, answers_only: bool = False) -> None:
        """Begin to fetch a model, or go on with it."""
        self._call(INSTALL_MODEL, InstallModel(name, answers_only), on_models, on_problem)

    def pause(self, name: str, on_models: OnModels, on_problem: OnProblem) -> None:
        """Stop fetching a model; what has come stays."""
        self._call(PAUSE_MODEL, ModelRef(name), on_models, on_problem)

    def remove(self, name: str, on_models: OnModels, on_problem: OnProblem) -> None:
        """Remove a model, or what has come of it."""
        self._call(REMOVE_MODEL, ModelRef(name), on_models, on_problem)


def size_words(size: int) -> str:
    """Return a number of bytes as people say it."""
    return f"{size / 1e9:.1f} GB" if size >= 100_000_000 else f"{max(1, round(size / 1e6))} MB" if size else ""


def state_words(row: ModelRow) -> str:
    """Return in two or three words how things stand with a model."""
    if row.used:
        return "answers now"
    words = {
        "available": size_words(row.download_bytes),
        "downloading": "downloading",
        "paused": "paused",
        "preparing": "preparing",
        "installed": "on this machine",
        "failed": "not installed",
    }
    return words[row.state]


def progress_words(row: ModelRow) -> str:
    """Return how far a download is, and how long it will take as far as that is known; empty where there is none."""
    if row.state == "preparing":
        return "Checking and converting its weights…"
    if row.state not in {"downloading", "paused"} or not row.total:
        return "Asking the hub…" if row.state == "downloading" else ""
    words = f"{size_words(row.done) or '0 MB'} of {size_words(row.total)}"
    left = row.seconds_left
    if left is None:
        return words
    return f"{words}, about {left / 60:.0f} min left" if left >= 90 else f"{words}, about {max(1, round(left))} s left"
