"""All windows of the process: one a repository, and one engine for all of them."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from app.client import EngineClient
from app.desktop.editor import open_in_editor
from app.preferences import PreferencesFile
from app.request import Request
from app.session import Session
from app.state import State
from app.supervisor import Supervisor
from app.window import MainWindow
from engine.errors import SidetuneError
from engine.paths import resolve_repository
from engine.types import Focus

__all__ = ["Windows"]


class Windows(QObject):
    """Makes the windows, finds the one that is asked for, and tells all of them how the engine does."""

    def __init__(self, supervisor: Supervisor, preferences: PreferencesFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._supervisor = supervisor
        self._preferences = preferences
        self._client = EngineClient(self)
        self._windows: list[MainWindow] = []  # the one that was shown last comes last
        self._given_up = ""  # why there is no engine and none is coming
        supervisor.ready.connect(self._engine_ready)
        supervisor.lost.connect(self._engine_lost)
        supervisor.gave_up.connect(self._engine_gave_up)

    @property
    def windows(self) -> tuple[MainWindow, ...]:
        """Return the windows that are open."""
        return tuple(self._windows)

    def show(self, request: Request, activation: str = "") -> MainWindow:
        """Show what is asked for in front of the user and return its window.

        ``activation`` is the desktop's permission to come to the front, as it was given to who asks.
        """
        root = request.root or self._as_left()
        window = self._showing(root) or self._empty() or self._new()
        if root and window.state.opening != root and _root(window) != root:
            window.session.open(root)
        if activation:
            os.environ["XDG_ACTIVATION_TOKEN"] = activation  # Qt takes it out again when it has used it
        _to_front(window)
        self._windows.remove(window)
        self._windows.append(window)
        if request.about:
            _ask_about(window, root, request.about)
        return window

    def close(self) -> None:
        """Close all windows."""
        for window in self.windows:
            window.close()

    # -- which window -----------------------------------------------------------------------------

    def _as_left(self) -> str:
        """Return what to show when nothing is named: the latest window's repository, else the latest one's."""
        if self._windows:
            return _root(self._windows[-1])
        latest = next(iter(self._preferences.value.recent), "")
        return latest if latest and Path(latest).is_dir() else ""

    def _showing(self, root: str) -> MainWindow | None:
        return next((each for each in reversed(self._windows) if _root(each) == root), None)

    def _empty(self) -> MainWindow | None:
        return next((each for each in reversed(self._windows) if not _root(each)), None)

    def _new(self) -> MainWindow:
        session = Session(State(), self._client, self._open_in_editor)
        window = MainWindow(session, self._preferences)
        window.open_requested.connect(partial(self._open_from, window))
        window.restart_requested.connect(self._restart)
        window.closed.connect(partial(self._closed, window))
        self._windows.append(window)
        if self._client.is_connected:
            session.engine_ready()
        elif self._given_up:
            session.engine_gave_up(self._given_up)
        else:
            session.engine_starting()
        return window

    def _open_from(self, window: MainWindow, folder: str) -> None:
        """Open a folder that the user chose in a window: there if it is empty, else in a window of its own."""
        try:
            root = str(resolve_repository(folder))
        except SidetuneError as error:
            window.session.notify(str(error))
            return
        self.show(Request(root))

    def _closed(self, window: MainWindow) -> None:
        if window in self._windows:
            self._windows.remove(window)

    def _open_in_editor(self, file: Path, line: int) -> None:
        open_in_editor(file, line, self._preferences.value.editor or None)

    # -- the engine -------------------------------------------------------------------------------

    def _engine_ready(self, url: str, token: str) -> None:
        self._given_up = ""
        self._client.connect_to(url, token)
        for window in self.windows:
            window.session.engine_ready()

    def _engine_lost(self, sentence: str) -> None:
        for window in self.windows:
            window.session.engine_lost(sentence)  # before the client: what it waits for has a reason then
        self._client.disconnect_from()

    def _engine_gave_up(self, sentence: str) -> None:
        self._given_up = sentence
        for window in self.windows:
            window.session.engine_gave_up(sentence)

    def _restart(self) -> None:
        self._given_up = ""
        for window in self.windows:
            window.session.engine_starting()
        self._supervisor.restart()


def _root(window: MainWindow) -> str:
    """Return the folder that a window shows or is about to show, empty for none."""
    state = window.state
    return state.opening or (state.repository.root if state.repository is not None else "")


def _to_front(window: MainWindow) -> None:
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
    QApplication.alert(window)  # for desktops that let no window raise itself


def _ask_about(window: MainWindow, root: str, about: tuple[Focus, ...]) -> None:
    """Make the next question of a window be about files, as soon as their repository is open."""
    state, session = window.state, window.session

    def add_if_open() -> bool:
        if state.repository is None or state.repository.root != root or state.opening:
            return not state.opening  # it could not be opened, or the user went elsewhere
        for focus in about:
            session.add_about(focus)
        return True

    def changed() -> None:
        if add_if_open():
            unsubscribe()

    if state.opening or not add_if_open():
        unsubscribe = state.subscribe("repository", changed)
