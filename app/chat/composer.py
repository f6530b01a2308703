"""Where questions are written: what they are about, the text, how much is to be learned first, and stopping."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QFocusEvent, QKeyEvent, QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from app.chat.words import focus_words, lines_words
from app.controls import ElidedLabel, FlowLayout, IconButton, Switch, quiet_button, tip
from app.session import Session
from app.state import State
from app.theme import GRID, set_role
from engine.types import Effort, Focus

__all__ = ["Composer", "QuestionField"]

_LINES = 6  # the field grows to as many and scrolls from there
_EFFORTS: dict[Effort, tuple[str, str]] = {
    "instant": ("Instant", "answers at once, without learning"),
    "balanced": ("Balanced", "learns from a dozen examples first"),
    "deep": ("Deep", "learns from many examples first"),
}


class QuestionField(QPlainTextEdit):
    """A text field as high as its text. ``asked``: Enter was pressed; ``recalled``: Up in the empty field."""

    asked = Signal()
    recalled = Signal()
    paged = Signal(int)  # 1 page down, -1 up: there is nothing to page through in six lines
    focus_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "bare")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setAccessibleName("Question")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(2)
        self.viewport().setAutoFillBackground(False)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Ask on Enter; Shift+Enter is a new line; Up in the empty field recalls the last question."""
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.asked.emit()
        elif event.key() == Qt.Key.Key_Up and not self.toPlainText():
            self.recalled.emit()
        elif event.key() in {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}:
            self.paged.emit(1 if event.key() == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Tell the frame around."""
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Tell the frame around."""
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Fit again when the font is another."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._fit()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of the text."""
        return QSize(200, self._height())

    def _height(self) -> int:
        lines = min(_LINES, max(1, round(self.document().size().height())))  # a plain text document counts lines
        return lines * self.fontMetrics().lineSpacing() + 6

    def _fit(self, _: object = None) -> None:
        scrolls = round(self.document().size().height()) > _LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        if self.height() != self._height():
            self.setFixedHeight(self._height())


class Composer(QWidget):
    """The foot of the window."""

    def __init__(self, state: State, session: Session) -> None:
        super().__init__()
        self._state = state
        self._session = session
        self.field = QuestionField()
        self._chips = QWidget()
        self._flow = FlowLayout()
        self._chips.setLayout(self._flow)
        self._frame = QFrame()
        set_role(self._frame, "edit")
        self.send = IconButton("send", "Ask (Enter)", self.ask, colour="on_accent")
        set_role(self.send, "primary")
        self.stop = IconButton("stop", "Stop (Esc)", session.stop, colour="text")
        self.skip = quiet_button("Skip learning", "End the learning and answer now", session.skip)
        self.effort = QToolButton()
        self.effort.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.effort.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._menu = QMenu(self.effort)
        self.effort.setMenu(self._menu)
        self._actions = self._effort_actions()
        self._estimate = ElidedLabel(role="small")
        self.offline = Switch("Offline")
        self.offline.clicked.connect(session.set_offline)
        self._lay_out()
        self.field.asked.connect(self.ask)
        self.field.recalled.connect(self._recall)
        self.field.focus_changed.connect(self._frame_focus)
        self.field.textChanged.connect(self._refresh_buttons)
        for topic in ("repository", "engine", "turns", "turn"):
            self.destroyed.connect(state.subscribe(topic, self._refresh_buttons))
        self.destroyed.connect(state.subscribe("about", self._refresh_chips))
        self.destroyed.connect(state.subscribe("settings", self._refresh_effort))
        self.destroyed.connect(state.subscribe("settings", self._refresh_offline))
        self.destroyed.connect(state.subscribe("checks", self._refresh_offline))
        self.destroyed.connect(state.subscribe("engine", self._refresh_offline))
        self._refresh_offline()
        self._refresh_chips()
        self._refresh_effort()
        self._refresh_buttons()

    def ask(self) -> None:
        """Ask what is written; it stays where it is while nobody can be asked."""
        if self._session.ask(self.field.toPlainText()):
            self.field.clear()

    def set_text(self, text: str) -> None:
        """Write a question for the user, to be changed or asked."""
        self.field.setPlainText(text)
        self.field.moveCursor(self.field.textCursor().MoveOperation.End)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(2 * GRID, GRID + 2, GRID + 2, GRID + 2)
        line.setSpacing(GRID)
        line.addWidget(self.field, 1)
        for button in (self.skip, self.stop, self.send):
            button.setFixedHeight(28)
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        self._frame.setLayout(line)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(GRID)
        below.addWidget(self.effort)
        below.addWidget(self._estimate, 1)
        below.addWidget(self.offline)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 2 * GRID, 4 * GRID, 2 * GRID)
        layout.setSpacing(GRID + 2)
        layout.addWidget(self._chips)
        layout.addWidget(self._frame)
        layout.addLayout(below)

    def _effort_actions(self) -> dict[Effort, QAction]:
        group = QActionGroup(self)
        actions: dict[Effort, QAction] = {}
        for effort in _EFFORTS:
            action = self._menu.addAction("")
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _, each=effort: self._session.set_effort(each))
            actions[effort] = action
        return actions

    def _refresh_effort(self) -> None:
        effort, estimate = self._state.effort, self._state.estimate
        self.effort.setText(f"{_EFFORTS[effort][0]} ▾")
        self.effort.setAccessibleName(f"Effort: {_EFFORTS[effort][0]}")
        self.effort.setToolTip("How much is learned from the repository before the answer")
        for each, action in self._actions.items():
            name, words = _EFFORTS[each]
            seconds = _about(getattr(estimate, each)) if estimate is not None and each != "instant" else ""
            action.setText(f"{name}: {words}{', ' + seconds if seconds else ''}")
            action.setChecked(each == effort)
        wait = _about(getattr(estimate, effort)) if estimate is not None else ""
        self._estimate.set_full_text(wait, "The time that learning adds to the next answer")

    def _refresh_offline(self) -> None:
        wanted, checks = self._state.settings.offline, self._state.checks
        held = checks is not None and checks.offline and not wanted
        self.offline.setChecked(wanted or held)
        self.offline.setEnabled(not held and self._state.engine.phase == "running")
        if held:
            words = "The environment keeps Sidetune offline: nothing leaves this machine"
        elif wanted:
            words = "Offline: nothing leaves this machine; click to allow what you start yourself"
        elif checks is not None and checks.destination and not checks.forbidden:
            words = f"Drafts go to {checks.destination} when you have them checked; click to keep all on this machine"
        else:
            words = "Nothing is sent unless you start it, and checking drafts is off; click to rule it out"
        self.offline.setToolTip(tip(words))
        self.offline.setAccessibleDescription(words)

    def _refresh_buttons(self) -> None:
        turn = self._state.running
        self.stop.setVisible(turn is not None)
        self.skip.setVisible(turn is not None and turn.phase == "tuning" and not turn.skipping)
        self.send.setVisible(turn is None)
        self.send.setEnabled(self._session.can_ask and bool(self.field.toPlainText().strip()))
        self.field.setPlaceholderText(self._placeholder())

    def _placeholder(self) -> str:
        if self._state.repository is not None and self._state.engine.phase in {"restarting", "stopped"}:
            return "The engine is not running"
        if len(self._state.about) == 1:
            return f"Ask about {focus_words(self._state.about[0])}"
        if self._state.about:
            return f"Ask about these {len(self._state.about)}"
        return "Ask about this repository" if self._state.repository is not None else "Ask about a repository"

    def _refresh_chips(self) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        session = self._session
        for focus in self._state.about:
            name = focus.path.rsplit("/", 1)[-1]
            self._flow.addWidget(_Chip(name, f"About {focus.path}", partial(session.remove_about, focus)))
            if lines := lines_words(focus):
                what = f"About {lines} of {focus.path}; without this the whole file"
                self._flow.addWidget(_Chip(lines, what, partial(session.widen_about, focus)))
        for focus in self._state.exclude:
            what = f"Left out: {_whole(focus)}"
            self._flow.addWidget(_Chip(f"not {focus_words(focus)}", what, partial(session.remove_exclude, focus)))
        self._chips.setVisible(bool(self._state.about or self._state.exclude))
        self._chips.updateGeometry()
        self._refresh_buttons()

    def _recall(self) -> None:
        if self._state.turns:
            self.set_text(self._state.turns[-1].question)

    def _frame_focus(self, focused: bool) -> None:
        self._frame.setProperty("focused", "true" if focused else "false")
        self._frame.style().unpolish(self._frame)
        self._frame.style().polish(self._frame)


class _Chip(QToolButton):
    """Something that the next question is about, or leaves out; a click takes it away."""

    def __init__(self, text: str, what: str, on_click: Callable[[], object]) -> None:
        super().__init__()
        set_role(self, "chip")
        shown = text if len(text) <= 32 else f"{text[:15]}…{text[-16:]}"
        self.setText(f"{shown.replace('&', '&&')}  ×")
        self.setToolTip(tip(f"{what}\nClick to remove"))
        self.setAccessibleName(f"{what}. Remove")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda _: on_click())


def _about(seconds: float) -> str:
    if seconds < 0.1:
        return ""
    if seconds < 10:
        return f"about {max(1, round(seconds))} s"
    return f"about {round(seconds / 5) * 5} s" if seconds < 90 else f"about {round(seconds / 60)} min"


def _whole(focus: Focus) -> str:
    lines = lines_words(focus)
    return f"{focus.path}, {lines}" if lines else focus.path
