"""The notes about a repository: what they say, what they rest on, whether that has changed; changing and deleting."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import shiboken6
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QMessageBox,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.chat.answer import AnswerView
from app.chat.textview import TextView
from app.chat.words import date_words, place
from app.controls import Disclosure, label, quiet_button
from app.dialogs.layouts import scrolling
from app.session import Session
from app.state import State
from app.theme import GRID, INSET, theme
from engine.verdicts import NoteSource, StoredNote

__all__ = ["NotesDialog"]

_SOURCES: dict[NoteSource, str] = {
    "check": "an accepted correction",
    "answer": "an accepted answer",
    "user": "written by you",
}
_NONE = "Nothing is remembered about this repository yet. Accept a correction, or press Remember under an answer."
_LINES = 9  # of a note while it is changed, before it scrolls


class NotesDialog(QDialog):
    """All notes of the repository, the latest first, each folded to its title."""

    def __init__(self, state: State, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._session = session
        self._wanted = ""
        self.rows: list[NoteRow] = []
        name = state.repository.name if state.repository is not None else ""
        self.setWindowTitle(f"Notes about {name}" if name else "Notes")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._words = label("", "muted")
        self.problem = label("", "warning")
        self.problem.hide()
        self._page = QWidget()
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(4 * GRID - INSET, 2 * GRID, 4 * GRID, 2 * GRID)
        self._column.setSpacing(2 * GRID)
        self._column.addStretch(1)
        self._area: QScrollArea = scrolling(self._page)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        foot = QVBoxLayout()
        foot.setContentsMargins(4 * GRID, 2 * GRID, 4 * GRID, 4 * GRID)
        foot.setSpacing(2 * GRID)
        foot.addWidget(self.problem)
        foot.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4 * GRID, 0, 0)
        layout.setSpacing(GRID)
        head = QHBoxLayout()
        head.setContentsMargins(4 * GRID, 0, 4 * GRID, 0)
        head.addWidget(self._words)
        layout.addLayout(head)
        layout.addWidget(self._area, 1)
        layout.addLayout(foot)
        self.setMinimumSize(380, 320)
        self.resize(480, 600)
        self.destroyed.connect(state.subscribe("notes", self._show))
        self._show()
        session.notes.refresh()

    def reveal(self, path: str) -> None:
        """Unfold the note of a path and scroll to it, as soon as the notes are there."""
        self._wanted = path
        self._find()

    # -- what is shown ----------------------------------------------------------------------------

    def _show(self) -> None:
        notes = self._state.notes
        if notes is None:
            self._words.setText("Looking…")
            return
        count = "1 note" if len(notes) == 1 else f"{len(notes)} notes"
        self._words.setText(f"{count}, found and learned from like the files" if notes else _NONE)
        before = {row.note.id: row for row in self.rows}
        for row in self.rows:
            self._column.removeWidget(row)
        self.rows = []
        for number, note in enumerate(notes):
            kept = before.pop(note.id) if note.id in before else None
            row = kept or NoteRow(note, self._session, self._delete, self._complain)
            row.show_note(note)
            self.rows.append(row)
            self._column.insertWidget(number, row)
        for row in before.values():
            row.hide()
            row.deleteLater()
        self._find()

    def _find(self) -> None:
        row = next((each for each in self.rows if self._wanted and each.note.path == self._wanted), None)
        if row is not None:
            self._wanted = ""
            row.line.setChecked(True)
            # Once the layout knows how high the notes above it are.
            QTimer.singleShot(0, self, lambda: self._scroll_to(row))
        elif self._wanted and self._state.notes is not None:
            self._complain("That note is not there any more.")

    def _scroll_to(self, row: NoteRow) -> None:
        if shiboken6.isValid(row):
            self._page.adjustSize()
            self._area.verticalScrollBar().setValue(row.mapTo(self._page, QPoint(0, 0)).y())

    # -- what is done -----------------------------------------------------------------------------

    def _delete(self, note: StoredNote) -> None:
        """Delete a note when the user means it."""
        box = QMessageBox(self)
        box.setWindowTitle("Delete the note")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Delete the note “{note.title}” for good?")
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton("Keep", QMessageBox.ButtonRole.RejectRole)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        delete.clicked.connect(lambda _: self._session.notes.delete(note, self._complain))
        box.open()

    def _complain(self, sentence: str) -> None:
        if shiboken6.isValid(self):
            self.problem.setText(sentence)
            self.problem.show()


class NoteRow(QWidget):
    """One note: its title, its day and source, and unfolded what it says and rests on."""

    def __init__(
        self,
        note: StoredNote,
        session: Session,
        delete: Callable[[StoredNote], None],
        complain: Callable[[str], None],
    ) -> None:
        super().__init__()
        self.note = note
        self._session = session
        self._on_delete = delete
        self._complain = complain
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.line = Disclosure(note.title, strong=True)
        self.line.toggled.connect(self._unfold)
        self._about = label("", "small")
        self._stale = label("", "warning")
        self._text = AnswerView("What the note says")
        self._text.file_clicked.connect(session.open_file)
        self._rests = _Rests(session)
        self.field = QPlainTextEdit()
        self.field.setAccessibleName("What the note says, to be changed")
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(_LINES * self.field.fontMetrics().lineSpacing() + 4 * GRID)
        what = "Change what the note says; it then rests on the lines as they are now"
        self.edit = quiet_button("Edit", what, self._edit)
        self.delete = quiet_button("Delete…", "Delete the note for good", self._delete)
        self.keep = quiet_button("Keep", "Keep what is written here", self._keep)
        self.cancel = quiet_button("Cancel", "Leave the note as it was", lambda: self._show(editing=False))
        row = QHBoxLayout()
        row.setSpacing(GRID)
        for button in (self.keep, self.cancel, self.edit, self.delete):
            row.addWidget(button)
        row.addStretch(1)
        self._inside = QWidget()
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(GRID)
        within = QHBoxLayout()
        within.setContentsMargins(INSET, 0, 0, 0)
        within.addWidget(self._rests)
        inside.addWidget(self._text)
        inside.addWidget(self.field)
        inside.addLayout(within)
        inside.addLayout(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for words in (self.line, self._about, self._stale, self._inside):
            layout.addWidget(words)
        for words in (self._about, self._stale):
            words.setContentsMargins(INSET, 0, 0, 0)
        self._show(editing=False)
        self._unfold(False)

    def show_note(self, note: StoredNote) -> None:
        """Show the note as it is now; what is being written stays."""
        self.note = note
        self.line.setText(note.title)
        edited = f", changed {date_words(note.updated)}" if date_words(note.updated) != date_words(note.created) else ""
        self._about.setText(f"{date_words(note.created)}{edited} · {_SOURCES[note.source]}")
        changed = ", ".join(map(place, note.changed))
        self._stale.setText(f"Stale: {changed or 'what it rests on'} changed since")
        self._stale.setVisible(note.stale)
        self._text.show_text(note.text, (), complete=True)
        self._rests.show_note(note)

    def _show(self, *, editing: bool) -> None:
        reading: tuple[QWidget, ...] = (self._text, self.edit, self.delete)
        writing: tuple[QWidget, ...] = (self.field, self.keep, self.cancel)
        for part in reading:
            part.setVisible(not editing)
        for part in writing:
            part.setVisible(editing)

    def _unfold(self, unfolded: bool) -> None:
        self._inside.setVisible(unfolded)

    def _edit(self) -> None:
        self.field.setPlainText(self.note.text)
        self._show(editing=True)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep(self) -> None:
        if not (text := self.field.toPlainText().strip()):
            return

        def kept() -> None:
            if shiboken6.isValid(self):
                self._show(editing=False)

        self._session.notes.edit(self.note, text, kept, self._complain)

    def _delete(self) -> None:
        self._on_delete(self.note)


class _Rests(TextView):
    """What a note rests on, as links, and where it is from."""

    def __init__(self, session: Session) -> None:
        super().__init__("What the note rests on")
        self._note: StoredNote | None = None
        self.anchorClicked.connect(lambda url: self._open(session, int(url.path())))
        theme().changed.connect(self._render)

    def show_note(self, note: StoredNote) -> None:
        """Show what another note rests on."""
        self._note = note
        self._render()

    def _open(self, session: Session, number: int) -> None:
        if self._note is not None:
            lines = self._note.citations[number]
            session.open_file(lines.path, lines.first_line)

    def _render(self) -> None:
        if (note := self._note) is None:
            return
        colours = theme().colours
        links = [
            f'<a href="sidetune-place:{number}" style="color:{colours.accent}; text-decoration:none">'
            f"{escape(place(each), quote=False)}</a>"
            for number, each in enumerate(note.citations)
        ]
        rests = f"Rests on {', '.join(links)}. " if links else ""
        self.show_html(f'<p style="margin:0; color:{colours.muted}">{rests}{escape(note.origin, quote=False)}</p>')
