"""A sentence across the window: why something is not as it should be."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout

from app.controls import IconButton, label, quiet_button
from app.theme import GRID, set_role

__all__ = ["Strip"]


class Strip(QFrame):
    """A sentence across the window, with at most one thing to do about it; hidden without a sentence."""

    def __init__(self, action: str, what: str, on_action: object, *, on_close: object = None) -> None:
        super().__init__()
        set_role(self, "strip")
        self.words = label("")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.addWidget(self.words, 1)
        self.button = quiet_button(action, what, on_action) if callable(on_action) else None
        if self.button is not None:
            layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        if callable(on_close):
            layout.addWidget(IconButton("close", "Dismiss", on_close), 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_sentence(self, sentence: str) -> None:
        """Show a sentence, or nothing."""
        self.words.setText(sentence)
        self.setVisible(bool(sentence))

    def offer(self, offered: bool) -> None:
        """Show or hide what can be done."""
        if self.button is not None:
            self.button.setVisible(offered)
