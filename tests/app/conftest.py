"""Every test of the window leaves nothing running: no thread, no timer, no top-level widget, no process."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the window remembers out of the user's home."""
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(autouse=True)
def _nothing_leaks() -> Iterator[None]:
    """Fail the test that leaves a thread, a running timer or a top-level widget behind."""
    threads = set(threading.enumerate())
    before = _alive()
    yield
    assert set(threading.enumerate()) <= threads, f"threads left: {set(threading.enumerate()) - threads}"
    left = _alive() - before
    assert not left, f"left behind: {sorted(left)}"


def _alive() -> set[str]:
    """Name the top-level widgets and the running timers without a parent that is one of Qt's own."""
    application = QCoreApplication.instance()
    if application is None:
        return set()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    widgets = QApplication.topLevelWidgets() if isinstance(application, QApplication) else []
    names = {f"{type(each).__name__} {id(each)}" for each in widgets if _is_ours(each)}
    timers = [each for each in application.findChildren(QTimer) if each.isActive()]
    return names | {f"timer {id(each)} of {type(each.parent()).__name__}" for each in timers}


def _is_ours(widget: QWidget) -> bool:
    """Return whether a top-level widget is one of the program, not a tip or a menu that Qt keeps for itself."""
    return type(widget).__module__.startswith("app.") or bool(widget.isVisible())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that looks like the repository of ``tests.app.scripted``."""
    from tests.app.scripted import FILE_NAMES

    root = tmp_path / "shop"
    for name in FILE_NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("line\n" * 40, encoding="utf-8")
    return root
