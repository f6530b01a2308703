"""What the window remembers for itself: the editor, the theme, recent repositories, where it stood.

The engine's settings are the engine's; these are of no use to it. They are a small JSON file in Sidetune's home,
written as a whole and renamed into place; one that is damaged counts as absent: all of it can be chosen again.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from engine.errors import StorageError
from engine.paths import home, private_directory

__all__ = ["Preferences", "PreferencesFile", "Theme", "preferences_path"]

Theme = Literal["system", "light", "dark"]

_RECENT = 12  # more would be a list to search, not to choose from


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the window remembers; every field has a default."""

    editor: str = ""  # a command as ``app.desktop.editor`` reads it; empty: the one that is found
    theme: Theme = "system"
    recent: tuple[str, ...] = ()  # folders of repositories, the latest first
    geometry: str = ""  # of the last window closed: what QWidget.saveGeometry gave, in base64
    show_repository: bool = True  # the panels beside the conversation, when there is room
    show_evidence: bool = True

    def opened(self, root: str) -> Preferences:
        """Return these with ``root`` as the latest repository."""
        return replace(self, recent=(root, *(each for each in self.recent if each != root))[:_RECENT])

    def forgotten(self, root: str) -> Preferences:
        """Return these without ``root`` among the recent repositories."""
        return replace(self, recent=tuple(each for each in self.recent if each != root))


def preferences_path() -> Path:
    """Return where the window's preferences are kept."""
    return home() / "window.json"


class PreferencesFile:
    """The preferences on disk, shared by all windows of the process."""

    def __init__(self, path: Path | None = None) -> None:
        """Read the file at ``path`` (by default ``preferences_path()``)."""
        self._path = path or preferences_path()
        self._listeners: list[Callable[[], None]] = []
        self.value = self._read() or Preferences()

    def change(self, **changes: Any) -> None:
        """Set fields by name, write the file and tell who subscribed; nothing happens when nothing is different.

        What another process wrote to other fields meanwhile stays. The change holds in this process even when
        StorageError says that it could not be kept.
        """
        self.update(lambda value: replace(value, **changes))

    def update(self, changed: Callable[[Preferences], Preferences]) -> None:
        """Replace the value by what ``changed`` makes of it; otherwise as ``change``."""
        before, found = self.value, self._read()
        self.value = changed(found or before)
        try:
            if self.value != found:
                self._write(self.value)
        finally:
            if self.value != before:
                for listener in tuple(self._listeners):
                    listener()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after every change; return the function that ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def _read(self) -> Preferences | None:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return _checked(found) if isinstance(found, dict) else None

    def _write(self, value: Preferences) -> None:
        private_directory(self._path.parent)
        try:
            number, name = tempfile.mkstemp(prefix=".window-", suffix=".json", dir=self._path.parent)
            temporary = Path(name)
            try:
                with os.fdopen(number, "w", encoding="utf-8") as file:
                    json.dump(asdict(value), file, indent=1)
                temporary.replace(self._path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{self._path}: cannot be written: {error.strerror}") from error


def _checked(found: Mapping[str, object]) -> Preferences:
    """Return what of the file makes sense; each field that does not falls back to its default."""
    default = Preferences()
    values: dict[str, Any] = {}
    for field in fields(Preferences):
        value = found.get(field.name)
        if field.name == "recent":
            if isinstance(value, list):
                values["recent"] = tuple(each for each in value if isinstance(each, str))[:_RECENT]
        elif field.name == "theme":
            if value in get_args(Theme):
                values["theme"] = value
        elif type(value) is type(getattr(default, field.name)):
            values[field.name] = value
    return Preferences(**values)
