"""Choosing a folder, without blocking the window behind the dialog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

__all__ = ["choose_folder"]


def choose_folder(parent: QWidget, title: str, start: str, on_chosen: Callable[[str], object]) -> QFileDialog:
    """Ask for a folder, beginning at ``start``; ``on_chosen`` gets its path when there is an answer."""
    dialog = QFileDialog(parent, title, start if Path(start).is_dir() else str(Path.home()))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(on_chosen)
    dialog.open()
    return dialog
