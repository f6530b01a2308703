"""What is alive in the application: top-level widgets of ours and running timers."""

from __future__ import annotations

import gc

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget


def left_since(before: set[str]) -> set[str]:
    """Name what is alive and was not before; what nobody refers to any more is collected first, which takes a while."""
    if left := alive() - before:
        gc.collect()
        left = alive() - before
    return left


def alive() -> set[str]:
    """Name each of them; what was only waiting to be deleted is deleted first."""
    application = QCoreApplication.instance()
    if application is None:
        return set()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    widgets = QApplication.topLevelWidgets() if isinstance(application, QApplication) else []
    timers = [
        each
        for each in gc.get_objects()
        if issubclass(type(each), QTimer) and shiboken6.isValid(each) and each.isActive()
    ]
    names = {f"{type(each).__name__} {id(each)}" for each in widgets if _is_ours(each)}
    return names | {f"timer {id(each)} of {type(each.parent()).__name__}" for each in timers}


def _is_ours(widget: QWidget) -> bool:
    """Return whether a top-level widget is one of the program's, not a tip or a menu that Qt keeps for itself."""
    return type(widget).__module__.startswith("app.") or widget.isVisible()
