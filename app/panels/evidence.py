"""The evidence of an answer: where each chunk lies, how much it told, and the code itself when unfolded.

``EvidenceList`` stands inside a message, ``EvidencePanel`` beside the conversation. A chunk can be pinned (the next
questions are about it) or left out of the next answers.
"""

from __future__ import annotations

from collections.abc import Sequence

import shiboken6
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.chat.markdown import code_html
from app.chat.words import note_words
from app.controls import ElidedLabel, tip
from app.notebook import is_note
from app.session import Session
from app.state import State, TurnState
from app.theme import GRID, set_role, theme
from engine.events import SelectedChunk
from engine.types import Focus
from engine.wire import ExcerptText

__all__ = ["EvidenceList", "EvidencePanel", "place"]

_LINES = 18  # of an excerpt that are shown before it scrolls
_GONE = "These lines are not there any more; the file has changed since."


def place(path: str, first_line: int, last_line: int) -> str:
    """Return how a span of a file is written: "a.py:3" or "a.py:3–9"; a note goes by its words."""
    if is_note(path):
        return note_words(path)
    return f"{path}:{first_line}" if first_line == last_line else f"{path}:{first_line}–{last_line}"


class EvidenceList(QWidget):
    """The chunks of ``turn.chunks``, a row each, the most telling first; ``refresh`` shows what has come since."""

    def __init__(self, turn: TurnState, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.turn = turn
        self.rows: list[EvidenceRow] = []
        self._session = session
        self._shown: tuple[SelectedChunk, ...] = ()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2 * GRID)
        self._layout.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName("Evidence")
        self.destroyed.connect(session.state.subscribe("about", self._about_changed))
        self.refresh()

    def refresh(self) -> None:
        """Show the turn's chunks as they are now; nothing happens when they are the same."""
        if self.turn.chunks == self._shown:
            return
        for row in self.rows:
            self._layout.removeWidget(row)
            row.deleteLater()
        self._shown = self.turn.chunks
        self.rows = [EvidenceRow(number, chunk, self._session) for number, chunk in enumerate(self._shown, 1)]
        for row in self.rows:
            self._layout.addWidget(row)

    def _about_changed(self) -> None:
        for row in self.rows:
            row.show_choice()


class EvidenceRow(QWidget):
    """One chunk: its number, its place, its share of what was learned, and what can be done with it."""

    def __init__(self, number: int, chunk: SelectedChunk, session: Session) -> None:
        super().__init__()
        self.chunk = chunk
        self._session = session
        self._focus = Focus(chunk.path, chunk.first_line, chunk.last_line)
        where = place(chunk.path, chunk.first_line, chunk.last_line)
        self.setAccessibleName(f"Evidence {number}: {where}")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

        self.unfold = _tool("chevron-right", f"Show the code of {where}")
        self.unfold.setCheckable(True)
        self.unfold.toggled.connect(self._unfold)
        self.open = _Place(_letter(number), where, chunk.path)
        self.open.clicked.connect(lambda: session.open_file(chunk.path, chunk.first_line))
        self.pin = _tool("pin", f"Ask about {where} from now on")
        self.pin.setCheckable(True)
        self.pin.clicked.connect(self._pin)
        self.exclude = _tool("exclude", f"Leave {where} out of the next answers")
        self.exclude.setCheckable(True)
        self.exclude.clicked.connect(self._exclude)
        self.share = _Share(chunk.share)

        above = QHBoxLayout()
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(GRID)
        above.addWidget(self.unfold)
        above.addWidget(self.open, 1)
        above.addWidget(self.pin)
        above.addWidget(self.exclude)
        below = QHBoxLayout()
        below.setContentsMargins(7 * GRID, 0, GRID, 0)
        below.setSpacing(2 * GRID)
        words = " ".join(chunk.symbol.split()) or "between definitions"
        self.symbol = ElidedLabel(words.encode("utf-8", "replace").decode(), "small")
        below.addWidget(self.symbol, 1)
        below.addWidget(self.share)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addLayout(above)
        self._layout.addLayout(below)
        self.code: _Code | None = None
        theme().changed.connect(self.show_choice)
        self.show_choice()

    def show_choice(self) -> None:
        """Show whether the chunk is pinned or left out."""
        state = self._session.state
        pinned, excluded = self._focus in state.about, self._focus in state.exclude
        for button, name, chosen in ((self.pin, "pin", pinned), (self.exclude, "exclude", excluded)):
            button.setChecked(chosen)
            button.setIcon(theme().icon(name, theme().colours.accent if chosen else None))
        self.unfold.setIcon(theme().icon("chevron-down" if self.unfold.isChecked() else "chevron-right"))
        self.open.show_as(left_out=excluded)

    def _pin(self, chosen: bool) -> None:
        if chosen:
            self._session.add_about(self._focus)
        else:
            self._session.remove_about(self._focus)

    def _exclude(self, chosen: bool) -> None:
        if chosen:
            self._session.exclude(self._focus)
        else:
            self._session.remove_exclude(self._focus)

    def _unfold(self, unfolded: bool) -> None:
        self.show_choice()
        if unfolded and self.code is None:
            self.code = _Code(place(self.chunk.path, self.chunk.first_line, self.chunk.last_line))
            self._layout.addSpacing(GRID)
            self._layout.addWidget(self.code)
        if self.code is not None:
            self.code.setVisible(unfolded)
        if unfolded:  # asked for each time: the file may have changed
            chunk = self.chunk
            self._session.excerpt(chunk.path, chunk.first_line, chunk.last_line, self._show_code)

    def _show_code(self, text: ExcerptText) -> None:
        if self.code is not None and shiboken6.isValid(self.code):
            self.code.show_excerpt(text)


class EvidencePanel(QWidget):
    """The evidence of the turn that is shown (``state.shown``), beside the conversation."""

    def __init__(self, state: State, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._session = session
        self.list: EvidenceList | None = None
        set_role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Evidence of the answer")
        self.heading = QLabel("Evidence")
        set_role(self.heading, "strong")
        self.note = QLabel()
        set_role(self.note, "small")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.viewport().setAutoFillBackground(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.heading)
        layout.addWidget(self.note)
        layout.addWidget(self._area, 1)
        layout.addStretch()  # takes the room while the area is hidden
        for topic in ("turns", "turn", "shown"):
            self.destroyed.connect(state.subscribe(topic, self._show))
        self._show()

    def _show(self) -> None:
        turn = self._state.shown
        if turn is None or not turn.chunks:
            self._area.takeWidget()
            if self.list is not None:
                self.list.deleteLater()
                self.list = None
            self._area.hide()
            self.note.setText(_nothing(turn))
            self.note.setToolTip("")
            return
        if self.list is None or self.list.turn is not turn:
            self.list = EvidenceList(turn, self._session)
            self.list.setContentsMargins(0, 0, 2 * GRID, 0)
            self._area.setWidget(self.list)  # deletes the one before
            self.list.setAutoFillBackground(False)
            self._area.show()
        self.list.refresh()
        self.note.setText(_count(turn.chunks))
        self.note.setToolTip(tip(turn.question))


def _nothing(turn: TurnState | None) -> str:
    if turn is None:
        return "What an answer rests on is shown here."
    if turn.phase in {"waiting", "selecting"}:
        return "Being chosen…"
    if turn.id == "":
        return "An earlier answer keeps its citations; ask again to see its evidence."
    return "There is no evidence for this answer."


def _count(chunks: Sequence[SelectedChunk]) -> str:
    files = len({chunk.path for chunk in chunks})
    pieces = "1 piece" if len(chunks) == 1 else f"{len(chunks)} pieces"
    return f"{pieces} from {'1 file' if files == 1 else f'{files} files'}, each with its share of the information"


def _letter(number: int) -> str:
    """Return what the n-th piece of evidence goes by: a, b, …, z, aa, …; numbers are those of citations."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("a") + rest) + name
    return name


def _tool(icon: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(theme().icon(icon))
    button.setIconSize(QSize(16, 16))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the caret where one writes
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setToolTip(tip(name))
    button.setAccessibleName(name)
    return button


class _Place(QPushButton):
    """A place in the repository that opens in the editor; where it does not fit, the folders go first."""

    def __init__(self, number: str, where: str, path: str) -> None:
        super().__init__()
        self._number = number
        self._where = where.encode("utf-8", "replace").decode()
        set_role(self, "quiet")
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setToolTip(tip("Open the note" if is_note(path) else f"Open {path} in the editor"))
        self.setAccessibleName(f"Open {self._where}" + ("" if is_note(path) else " in the editor"))
        self.show_as(left_out=False)

    def show_as(self, *, left_out: bool) -> None:
        """Show the place as one that is left out of the answers, or not."""
        colours = theme().colours
        style = f"text-align: left; color: {colours.muted if left_out else colours.text}"
        if style == self.styleSheet():
            return  # a style sheet costs more than all the rest of a row
        font = self.font()
        font.setStrikeOut(left_out)
        self.setFont(font)
        self.setStyleSheet(style)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the text to the width."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(0, self.width() - 5 * GRID)
        metrics = QFontMetrics(self.font())
        number = f"{self._number}  "
        where = metrics.elidedText(
            self._where, Qt.TextElideMode.ElideLeft, max(0, room - metrics.horizontalAdvance(number))
        )
        self.setText((number + where).replace("&", "&&"))


class _Share(QWidget):
    """A chunk's share of the total gain, 0..1, as a bar and in percent."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self._share = min(1.0, max(0.0, share))
        self.setFont(theme().small_font())
        words = f"{round(self._share * 100)} % of the information about the question"
        self.setToolTip(words)
        self.setAccessibleName(words)
        self._digits = self.fontMetrics().horizontalAdvance("100 %")
        self.setFixedSize(16 * GRID + GRID + self._digits, self.fontMetrics().height())
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Draw the bar and the number."""
        colours = theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(0, self.height() / 2 - 2, 16 * GRID, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.line))
        painter.drawRoundedRect(track, 2, 2)
        if self._share > 0:
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(QRectF(track.x(), track.y(), max(4.0, track.width() * self._share), 4), 2, 2)
        painter.setPen(QColor(colours.muted))
        number = QRectF(self.width() - self._digits, 0, self._digits, self.height())
        painter.drawText(
            number, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{round(self._share * 100)} %"
        )
        painter.end()


class _Code(QTextBrowser):
    """Lines of a file, coloured; long ones scroll sideways, many of them down."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self._excerpt: ExcerptText | None = None
        self._lines = 1
        self.setAccessibleName(f"The code of {where}")
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setLineWrapMode(QTextBrowser.LineWrapMode.NoWrap)
        self.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        theme().changed.connect(self._render)
        self._render()

    def show_excerpt(self, excerpt: ExcerptText) -> None:
        """Show the lines, or that they are gone."""
        self._excerpt = excerpt
        self._render()

    def _render(self) -> None:
        look = theme()
        font = look.fixed_font()
        self.setFont(font)
        self.document().setDefaultFont(font)
        self.document().setDocumentMargin(2 * GRID)
        self.setStyleSheet(
            f"QTextBrowser {{ background: {look.colours.code}; border-radius: 4px; }}"
            "QAbstractScrollArea::corner { background: transparent; border: none; }"
        )
        excerpt = self._excerpt
        if excerpt is None:
            text, html = "", ""
        elif excerpt.text is None:
            text, html = _GONE, f'<span style="color: {look.colours.muted}">{_GONE}</span>'
        else:
            text = excerpt.text.rstrip("\n").expandtabs(4)
            html = f'<pre style="margin: 0">{code_html(text, excerpt.language, look.dark)}</pre>'
        self.document().setHtml(html)
        self._lines = min(_LINES, text.count("\n") + 1)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Be as high as the code, and as a bar to scroll it sideways where one is needed."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        high = self._lines * QFontMetrics(self.font()).lineSpacing() + 4 * GRID
        if self.document().idealWidth() > self.viewport().width():
            high += self.horizontalScrollBar().sizeHint().height()
        if high != self.height():
            self.setFixedHeight(high)
