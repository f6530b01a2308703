"""A part of the settings: what uses the disk, how much it may be, and tidying it now."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from app.dialogs.layouts import add_row, form, hint, row, spin
from app.disk import collected_words, kinds_words, repositories_words
from app.session import Session
from engine.usage import Collected, Space
from engine.wire import Problem

__all__ = ["DiskPart"]


class DiskPart(QWidget):
    """Asks the engine what is used when it is shown first; ``limit`` is a field of the settings around it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._asked = False
        self.used = hint("Looking…")
        self.used.setAccessibleName("What the disk is used for")
        self.repositories = hint("")
        self.repositories.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.repositories.setAccessibleName("What the largest repositories use")
        self.limit = spin("Megabytes that indexes, embeddings and adapters may use", 0, 10_000_000, 1000, "No limit")
        self.limit.setSuffix(" MB")
        self.tidy = QPushButton("Keep the limit now")
        self.tidy.setAutoDefault(False)
        self.tidy.setToolTip("Removes what no repository uses any more, the longest unused first")
        self.tidy.clicked.connect(self._tidy)
        fields = form(self)
        add_row(fields, "Uses", self.used)
        add_row(fields, "", self.repositories)
        self._fields = fields
        fields.setRowVisible(self.repositories, False)
        add_row(fields, "Limit", self.limit)
        add_row(fields, "", row(self.tidy, widen=False))
        add_row(
            fields, "", hint("Of what can be made again. Models, conversations and notes are never removed for it.")
        )

    def look(self) -> None:
        """Ask what is used, once."""
        if not self._asked:
            self._asked = True
            self._session.disk.look(self._show, self._fail)

    def _show(self, space: Space) -> None:
        if not shiboken6.isValid(self):  # closed before the answer came
            return
        self.used.setText(kinds_words(space))
        words = repositories_words(space)
        self.repositories.setText(words)
        self._fields.setRowVisible(self.repositories, bool(words))
        self.tidy.setEnabled(True)

    def _fail(self, problem: Problem) -> None:
        if shiboken6.isValid(self):
            self.used.setText(problem.message)
            self.tidy.setEnabled(True)

    def _tidy(self) -> None:
        self.tidy.setEnabled(False)
        self._session.disk.collect(self._tidied, self._fail)

    def _tidied(self, collected: Collected) -> None:
        if not shiboken6.isValid(self):  # closed before the answer came
            return
        self.tidy.setText(collected_words(collected))
        self._session.disk.look(self._show, self._fail)
