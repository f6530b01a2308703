"""The process that shows windows, from its start to the last window's end."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier
from PySide6.QtWidgets import QApplication

from app.desktop.single_instance import Reply, SingleInstance
from app.preferences import PreferencesFile
from app.request import Request, from_message
from app.supervisor import Supervisor
from app.theme import theme
from app.windows import Windows
from engine import __version__, paths

__all__ = ["Application"]


class Application:
    """Qt's application, the windows, the engine and the door for other processes; nothing runs before ``run``."""

    def __init__(self) -> None:
        # The first argument becomes the windows' class, by which desktops find the entry in their menu.
        self._qt = QApplication(["sidetune"])
        self._qt.setApplicationName("sidetune")
        self._qt.setApplicationDisplayName("Sidetune")
        self._qt.setApplicationVersion(__version__)
        self._qt.setDesktopFileName("sidetune")
        self.supervisor = Supervisor()
        self.windows = Windows(self.supervisor, PreferencesFile())
        self._instance = SingleInstance(self._take)

    def claim(self, message: Mapping[str, Any]) -> Reply | None:
        """Become the process that shows windows; otherwise as ``SingleInstance.claim``."""
        return self._instance.claim(message)

    def run(self, requests: Sequence[Request], shown: Callable[[], None]) -> int:
        """Show windows until the last one is closed; ``shown`` is called when the first are there."""
        os.chdir(paths.home())  # the folder that we were started in may be unmounted or removed one day
        self.supervisor.start()  # first: it takes longer than the windows do
        stopping = _Signals()
        self._qt.setWindowIcon(theme().icon("sidetune"))
        try:
            for request in requests:
                self.windows.show(request)
            shown()
            return self._qt.exec()
        finally:
            self._instance.close()
            self.windows.close()
            stopping.close()
            self.supervisor.stop()

    def _take(self, message: Mapping[str, Any]) -> None:
        requests, activation = from_message(message)
        for request in requests:
            self.windows.show(request, activation)


class _Signals(QObject):
    """Quits the application on SIGTERM and Ctrl-C, which Python hears of only while Python code runs."""

    def __init__(self) -> None:
        super().__init__()
        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)
        self._before_fd = signal.set_wakeup_fd(self._write.fileno())
        self._before = {each: signal.signal(each, lambda *_: None) for each in (signal.SIGINT, signal.SIGTERM)}
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._quit)

    def close(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        for each, handler in self._before.items():
            signal.signal(each, handler)
        signal.set_wakeup_fd(self._before_fd)
        self._read.close()
        self._write.close()

    def _quit(self) -> None:
        self._read.recv(100)
        QCoreApplication.quit()
