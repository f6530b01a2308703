"""The conversation from its first question to the last, kept at its end while an answer is being written."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.chat.message import MessageWidget
from app.controls import label, quiet_button
from app.session import Session
from app.state import State, TurnState
from app.theme import GRID, INSET, set_role, theme

__all__ = ["COLUMN", "Transcript"]

COLUMN = 760  # pixels; longer lines are hard to read
_REFRESH = 33  # milliseconds: the screen is changed at most about thirty times a second
_EARLIER = 5  # conversations offered where a new one begins
_AT_END = 8  # pixels from the end that still count as there


class Transcript(QScrollArea):
    """Shows ``state.turns``; the signals are those of its messages."""

    address_clicked = Signal(str)
    reworded = Signal(str)
    check_wanted = Signal(object, bool)
    preview_wanted = Signal(object, object)
    check_settings_wanted = Signal()

    def __init__(self, state: State, session: Session) -> None:
        super().__init__()
        self._state = state
        self._session = session
        self._changed: set[str] = set()
        self._follow = True
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Conversation")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.messages: list[MessageWidget] = []
        self._column = QWidget()
        self._column.setMaximumWidth(COLUMN)
        self._column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._page = QWidget()
        set_role(self._page, "page")
        self._rows = QVBoxLayout(self._column)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._introduction = _Introduction(state, session)
        self._rows.addWidget(self._introduction)
        self._rows.addStretch(1)
        around = QVBoxLayout(self._page)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self._column, 1, Qt.AlignmentFlag.AlignHCenter)
        self.setWidget(self._page)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.flush)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._keep_at_end)
        bar.valueChanged.connect(self._note_position)
        theme().changed.connect(self._introduction.refresh)
        self.destroyed.connect(state.subscribe("turns", self._show_turns))
        self.destroyed.connect(state.subscribe("turn", self._turn_changed))
        for topic in ("repository", "conversations", "index"):
            self.destroyed.connect(state.subscribe(topic, self._introduction.refresh))
        self.destroyed.connect(state.subscribe("settings", self._settings_changed))
        self.destroyed.connect(state.subscribe("checks", self._checks_changed))
        self.destroyed.connect(state.subscribe("engine", self._checks_changed))
        self._show_turns()

    def flush(self) -> None:
        """Bring what changed since the last time to the screen."""
        self._timer.stop()
        changed, self._changed = self._changed, set()
        for message in self.messages:
            if message.turn.id in changed:
                message.refresh()

    def scroll_by_page(self, pages: float) -> None:
        """Scroll down (or, negative, up) by some of the height that is seen."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + round(pages * self.viewport().height()))

    def scroll_to(self, message: MessageWidget) -> None:
        """Scroll so that a message begins at the top."""
        self._follow = False
        self.verticalScrollBar().setValue(message.mapTo(self._page, QPoint(0, 0)).y())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the column as wide as there is room, up to what can be read well."""
        super().resizeEvent(event)
        self._column.setFixedWidth(min(COLUMN, self.viewport().width()))

    def _show_turns(self) -> None:
        """Add what was added; begin anew when it is another conversation."""
        turns = self._state.turns
        shown = [message.turn for message in self.messages]
        if [id(turn) for turn in turns[: len(shown)]] != [id(turn) for turn in shown]:
            for message in self.messages:
                self._rows.removeWidget(message)
                message.hide()
                message.deleteLater()
            self.messages = []
        for turn in turns[len(self.messages) :]:
            self._add(turn)
        self._introduction.setVisible(not turns)
        self._introduction.refresh()
        self._follow = True
        self._keep_at_end()

    def _add(self, turn: TurnState) -> None:
        message = MessageWidget(turn, self._state, self._session)
        message.address_clicked.connect(self.address_clicked)
        message.reworded.connect(self.reworded)
        message.check_wanted.connect(self.check_wanted)
        message.preview_wanted.connect(self.preview_wanted)
        message.check_settings_wanted.connect(self.check_settings_wanted)
        message.unfolded.connect(self._stay)
        self._rows.insertWidget(self._rows.count() - 1, message)
        self.messages.append(message)

    def _turn_changed(self) -> None:
        if (turn := self._state.changed_turn) is not None:
            self._changed.add(turn.id)
            if not self._timer.isActive():
                self._timer.start()

    def _settings_changed(self) -> None:
        for message in self.messages:
            message.refresh_note()

    def _checks_changed(self) -> None:
        for message in self.messages:
            message.refresh_checks()

    def _keep_at_end(self) -> None:
        if self._follow:
            bar = self.verticalScrollBar()
            bar.setValue(bar.maximum())

    def _stay(self) -> None:
        self._follow = self._state.running is not None and self._follow

    def _note_position(self, value: int) -> None:
        """Follow the answer only while the reader is at its end."""
        self._follow = value >= self.verticalScrollBar().maximum() - _AT_END


class _Introduction(QWidget):
    """What stands where nothing was asked yet: what can be done here, and earlier conversations."""

    def __init__(self, state: State, session: Session) -> None:
        super().__init__()
        self._state = state
        self._session = session
        self._title = label("", "title")
        self._words = label("", "muted")
        self._earlier = QWidget()
        self._list = QVBoxLayout(self._earlier)
        self._list.setContentsMargins(0, 4 * GRID, 0, 0)
        self._list.setSpacing(GRID)
        self._listed: list[tuple[str, str]] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID - INSET, 6 * GRID, 4 * GRID, 4 * GRID)
        for words in (self._title, self._words):
            words.setContentsMargins(INSET, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._title)
        layout.addWidget(self._words)
        layout.addWidget(self._earlier)

    def refresh(self) -> None:
        """Show the repository's name and its latest conversations."""
        repository, index = self._state.repository, self._state.index
        if repository is None:
            opening = self._state.opening.rstrip("/").rsplit("/", 1)[-1]
            self._title.setText(f"Opening {opening}" if opening else "")
            self._words.setText("")
        else:
            self._title.setText(repository.name)
            answerable = index is not None and index.answerable
            self._words.setText(
                "Ask where something is, what calls it, how it works. Answers cite the lines that they rest on; "
                "a citation opens in your editor."
                if answerable
                else "The files are being read. You can ask as soon as there is something to find; no file is changed."
            )
        self._show_earlier()

    def _show_earlier(self) -> None:
        latest = [(each.id, each.title) for each in self._state.conversations[:_EARLIER]]
        if latest == self._listed:
            return
        self._listed = latest
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if latest:
            earlier = label("Earlier", "small")
            earlier.setContentsMargins(INSET, 0, 0, 0)
            self._list.addWidget(earlier)
        for thread, title in latest:
            shown = title if len(title) <= 60 else title[:59] + "…"
            button = quiet_button(
                shown.replace("&", "&&"), "Open this conversation", partial(self._session.open_conversation, thread)
            )
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            self._list.addWidget(button)
