"""The repositories that are open: an assistant and a live index each, one model for all of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path

from engine import paths
from engine.assistant import Assistant
from engine.config import Settings, save_settings
from engine.embedding.encoders import Encoders
from engine.errors import RepositoryError
from engine.live import LiveIndex
from engine.loaded import LoadedModel

__all__ = ["Opened", "Repositories"]


@dataclass(frozen=True, slots=True)
class Opened:
    """An open repository."""

    assistant: Assistant
    live: LiveIndex

    def close(self) -> None:
        """Stop indexing, then close the databases."""
        self.live.stop()
        self.assistant.close()


class Repositories:
    """Opens repositories and keeps them; safe for several threads."""

    def __init__(self, settings: Settings) -> None:
        self._lock = threading.Lock()
        self._opened: dict[str, Opened] = {}
        self._settings = settings
        self._loaded = LoadedModel(settings)
        self._encoders = Encoders(threads=settings.worker_threads)
        self._closed = False

    @property
    def settings(self) -> Settings:
        """Return the settings for the next question."""
        return self._settings

    def open(self, path: str) -> Opened:
        """Return the open repository in the folder ``path``, which is opened if need be.

        Raises RepositoryError for what is no readable folder, StorageError when our own folder cannot be used.
        """
        root = paths.resolve_repository(path)
        try:
            str(root).encode()
        except UnicodeEncodeError as error:
            raise RepositoryError("the name of this folder is not valid UTF-8; rename it") from error
        with self._lock:
            key = _key(root)
            if key not in self._opened:
                if self._closed:
                    raise RepositoryError("the engine is stopping")
                assistant = Assistant(root, self._settings, self._loaded, self._encoders)
                opened = Opened(assistant, LiveIndex(assistant))
                opened.live.start()
                self._opened[key] = opened
            return self._opened[key]

    def get(self, key: str) -> Opened:
        """Return an open repository; RepositoryError for one that is not open."""
        opened = self._opened.get(key)
        if opened is None:
            raise RepositoryError(f"there is no open repository {key!r}; open its folder first")
        return opened

    def save(self, settings: Settings) -> None:
        """Write the settings file; UsageError, ModelError or StorageError, and nothing has changed then."""
        if settings.model != self._settings.model:
            from engine.models.catalogue import find
            from engine.models.install import install_model

            install_model(settings.model)
            entry = find(settings.model)
            if entry is not None and entry.folder is not None:  # a path that holds wherever we are started
                settings = replace(settings, model=str(entry.folder))
        save_settings(paths.settings_file(), settings)
        self._settings = settings

    def configure(self) -> None:
        """Let all assistants answer by the settings of now. Waits for the end of a question that is being answered."""
        with self._lock:
            before = self._loaded
            if not before.serves(self._settings):
                self._loaded = LoadedModel(self._settings)
            for opened in self._opened.values():
                opened.assistant.configure(self._settings, self._loaded)
            if self._loaded is not before:
                before.close()

    def close(self) -> None:
        """Stop and close everything; harmless when called twice."""
        with self._lock:
            self._closed = True
            opened, self._opened = list(self._opened.values()), {}
        for each in opened:
            each.close()
        self._loaded.close()


def _key(root: Path) -> str:
    return paths.repository_directory(root).name
