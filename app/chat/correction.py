"""The corrected answer of a check: read, accepted as it is, or changed and accepted; then it is a note."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.chat.answer import AnswerView
from app.chat.words import place
from app.controls import label, quiet_button
from app.session import Session
from app.state import TurnState
from app.theme import GRID, INSET
from engine.events import AnswerCitation
from engine.verdicts import Checked

__all__ = ["Correction"]

_LINES = 9  # of the text while it is changed, before it scrolls


class Correction(QWidget):
    """Shows ``checked.corrected``; nothing when nothing was corrected."""

    address_clicked = Signal(str)

    def __init__(self, turn: TurnState, session: Session) -> None:
        super().__init__()
        self._turn = turn
        self._session = session
        self._checked: Checked | None = None
        title = label("Corrected", "small")
        title.setContentsMargins(INSET, 0, 0, 0)
        self._view = AnswerView("Corrected answer")
        self._view.file_clicked.connect(session.open_file)
        self._view.address_clicked.connect(self.address_clicked)
        self.field = QPlainTextEdit()
        self.field.setAccessibleName("The corrected answer, to be changed")
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(_LINES * self.field.fontMetrics().lineSpacing() + 4 * GRID)
        self.accept = quiet_button(
            "Accept", "Keep this as a note of the repository, which later answers can rest on", self._accept
        )
        self.edit = quiet_button("Edit…", "Change it before it is kept", self._edit)
        self.copy = quiet_button("Copy", "Copy the corrected answer and where its citations point", self._copy)
        self.keep = quiet_button("Keep as changed", "Keep what is written here as a note", self._keep)
        self.cancel = quiet_button("Cancel", "Leave it as it was", self._leave)
        self.show_note = quiet_button("Show the notes", "The notes of this repository", lambda: session.notes.show(""))
        self._kept = label("Kept as a note.", "muted", wrap=False)
        self._kept.setContentsMargins(INSET, 0, 0, 0)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        for part in (self._kept, *self._buttons):
            row.addWidget(part)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        for part in (title, self._view, self.field):
            layout.addWidget(part)
        layout.addLayout(row)
        self._show(editing=False)

    @property
    def _buttons(self) -> tuple[QPushButton, ...]:
        return (self.accept, self.edit, self.copy, self.keep, self.cancel, self.show_note)

    def show_checked(self, checked: Checked) -> None:
        """Show the correction of a check; what is being written stays while it is of the same one."""
        same = self._checked is not None and self._checked.corrected == checked.corrected
        self._checked = checked
        citations = tuple(AnswerCitation(each.path, each.first_line, each.last_line, True) for each in checked.sources)
        self._view.show_text(checked.corrected, citations, complete=True)
        self.setVisible(bool(checked.corrected))
        self._show(editing=same and not checked.accepted and not self.field.isHidden())

    def _show(self, *, editing: bool) -> None:
        accepted = self._checked is not None and self._checked.accepted
        self._view.setVisible(not editing)
        self.field.setVisible(editing)
        for part, wanted in (
            (self._kept, accepted),
            (self.show_note, accepted),
            (self.accept, not editing and not accepted),
            (self.edit, not editing and not accepted),
            (self.copy, not editing),
            (self.keep, editing),
            (self.cancel, editing),
        ):
            part.setVisible(wanted)

    def _accept(self) -> None:
        self._session.checks.accept(self._turn)

    def _edit(self) -> None:
        if self._checked is not None:
            self.field.setPlainText(self._checked.corrected)
            self._show(editing=True)
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep(self) -> None:
        if text := self.field.toPlainText().strip():
            self._session.checks.accept(self._turn, text)

    def _leave(self) -> None:
        self._show(editing=False)

    def _copy(self) -> None:
        if (checked := self._checked) is not None:
            cited = [f"[{number}] {place(each)}" for number, each in enumerate(checked.sources, start=1)]
            QGuiApplication.clipboard().setText("\n".join([checked.corrected, *([""] if cited else []), *cited]))
            self.copy.setText("Copied")
