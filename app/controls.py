"""Small controls that several parts of the window are made of; each looks after its own colours."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QEvent, QMargins, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimerEvent
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QLabel,
    QLayout,
    QLayoutItem,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.theme import GRID, INSET, Role, set_role, theme

__all__ = [
    "CheckBox",
    "Disclosure",
    "ElidedLabel",
    "FlowLayout",
    "IconButton",
    "Pulse",
    "Switch",
    "label",
    "quiet_button",
    "tip",
]


_SWITCH = QSize(24, 13)  # as it is painted
_BOX = 14  # pixels of the box of a CheckBox


def tip(text: str) -> str:
    """Return a text for ``setToolTip`` that is shown as it is: names of files are never taken for HTML."""
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>' if "<" in text else text


def label(text: str, role: Role | None = None, *, wrap: bool = True) -> QLabel:
    """Return a label of plain text; what is in it is never taken for HTML."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role is not None:
        set_role(made, role)
    return made


def quiet_button(text: str, what: str, on_click: Callable[[], object]) -> QPushButton:
    """Return a button that is only its text until the pointer or the keyboard is on it; ``what`` it does is its tip."""
    made = QPushButton(text)
    set_role(made, "quiet")
    made.setToolTip(tip(what))
    made.setAccessibleDescription(what)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the caret where one writes
    made.setAutoDefault(False)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.clicked.connect(lambda _: on_click())
    return made


class IconButton(QToolButton):
    """A button that is only an icon; ``name`` is what it is called by screen readers and its tip."""

    def __init__(self, icon: str, name: str, on_click: Callable[[], object], *, colour: str = "muted") -> None:
        super().__init__()
        self._icon, self._colour = icon, colour
        self.setIconSize(QSize(16, 16))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_as(icon, name)
        self.clicked.connect(lambda _: on_click())
        theme().changed.connect(self._colour_again)

    def show_as(self, icon: str, name: str) -> None:
        """Become another button: another icon and another name."""
        self._icon = icon
        self.setAccessibleName(name)
        self.setToolTip(tip(name))
        self._colour_again()

    def _colour_again(self) -> None:
        self.setIcon(theme().icon(self._icon, getattr(theme().colours, self._colour)))


class ElidedLabel(QLabel):
    """One line that ends in an ellipsis where there is no room; the tip has all of it."""

    def __init__(self, text: str = "", role: Role | None = None) -> None:
        super().__init__()
        self._full = text
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if role is not None:
            set_role(self, role)
        self.set_full_text(text)

    def set_full_text(self, text: str, more: str = "") -> None:
        """Show another text; the tip is ``more``, by default the text itself."""
        self._full = text
        self.setToolTip(tip(more or text))
        self.setAccessibleName(text)
        self._elide()
        self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room that the whole text takes."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._full) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for a few letters."""
        return QSize(min(self.sizeHint().width(), self.fontMetrics().averageCharWidth() * 6), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Cut the text anew."""
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Cut the text anew when the font is another."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, max(0, self.width()))
        if shown != self.text():
            self.setText(shown)


class Disclosure(QAbstractButton):
    """A line of text with a chevron that says whether what is behind it is unfolded; checked means unfolded."""

    def __init__(self, text: str, *, strong: bool = False) -> None:
        super().__init__()
        self._strong = strong
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setText(text)
        self.toggled.connect(self._say)
        theme().changed.connect(self.update)
        self._say()

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Show another text."""
        super().setText(text)
        self._say()
        self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for the text and the chevron."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 20 + 2 * INSET, metrics.height() + 2 * GRID)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for a few letters and the chevron."""
        return QSize(min(self.sizeHint().width(), 72), self.sizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint text, chevron and, with the focus, its ring."""
        colours = theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        active = self.underMouse() or self._strong
        painter.setPen(QColor(colours.text if active else colours.muted))
        room = self.width() - 20 - INSET
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(INSET, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, shown)
        left = INSET + min(room, self.fontMetrics().horizontalAdvance(shown)) + 3
        icon = theme().icon(
            "chevron-down" if self.isChecked() else "chevron-right", colours.text if active else colours.muted
        )
        icon.paint(painter, QRect(left, (self.height() - 14) // 2, 14, 14))
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.drawRoundedRect(QRect(1, 1, left + 16, self.height() - 2), 4, 4)
        painter.end()

    def _say(self) -> None:
        self.setAccessibleName(self.text())
        self.setAccessibleDescription("unfolded" if self.isChecked() else "folded")


class CheckBox(QCheckBox):
    """A box to tick whose frame can be seen on light and on dark, with an optional text behind it."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for the box and the text."""
        metrics = self.fontMetrics()
        words = metrics.horizontalAdvance(self.text()) + 2 * GRID + INSET if self.text() else 0
        return QSize(_BOX + 2 * GRID + words, max(_BOX, metrics.height()) + 2 * GRID)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same: the text is not cut."""
        return self.sizeHint()

    def hitButton(self, at: QPoint) -> bool:  # noqa: N802 - Qt's name
        """Return whether a click there counts: on the text too."""
        return self.rect().contains(at)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the box, its tick, the text and, with the focus, the ring."""
        colours = theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(GRID, (self.height() - _BOX) / 2, _BOX, _BOX)
        free, ticked = self.isEnabled(), self.isChecked()
        edge = colours.accent if free and ticked else colours.muted if free else colours.frame
        painter.setPen(QPen(QColor(edge), 1))
        painter.setBrush(QColor(edge) if ticked else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        if ticked:
            painter.setPen(QPen(QColor(colours.on_accent if free else colours.text), 1.8))
            painter.drawPolyline([box.topLeft() + QPointF(*at) for at in ((3.2, 7.4), (6.0, 10.2), (10.9, 4.2))])
        painter.setPen(QColor(colours.text if free else colours.muted))
        words = QRect(_BOX + 3 * GRID, 0, self.width() - _BOX - 3 * GRID, self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)
        painter.end()


class Switch(QAbstractButton):
    """A word with a switch behind it; checked means on."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFont(theme().small_font())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the caret where one writes
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for the word and the switch."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2 * INSET + GRID + _SWITCH.width(), metrics.height() + 8)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the word, the switch and, with the focus, its ring."""
        colours = theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.isEnabled() and (self.isChecked() or self.underMouse())
        painter.setPen(QColor(colours.text if lit else colours.muted))
        room = self.width() - 2 * INSET - GRID - _SWITCH.width()
        painter.drawText(QRect(INSET, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        top = (self.height() - _SWITCH.height()) // 2
        track = QRect(QPoint(self.width() - INSET - _SWITCH.width(), top), _SWITCH)
        on = colours.accent if self.isEnabled() else colours.muted
        painter.setPen(QPen(QColor(on if self.isChecked() else colours.muted), 1))
        painter.setBrush(QColor(on) if self.isChecked() else Qt.BrushStyle.NoBrush)
        half = track.height() / 2
        painter.drawRoundedRect(QRectF(track).adjusted(0.5, 0.5, -0.5, -0.5), half, half)
        knob = QRectF(0, 0, track.height() - 6, track.height() - 6)
        knob.moveTop(track.top() + 3)
        knob.moveLeft(track.right() - knob.width() - 2 if self.isChecked() else track.left() + 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.on_accent if self.isChecked() else colours.muted))
        painter.drawEllipse(knob)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)
        painter.end()


class Pulse(QWidget):
    """A dot that breathes while something is under way; it costs nothing while it is hidden."""

    def __init__(self) -> None:
        super().__init__()
        self._tick = 0
        self._timer = 0
        self.setFixedSize(10, 10)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to breathe."""
        if not self._timer:
            self._timer = self.startTimer(80)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Stop."""
        if self._timer:
            self.killTimer(self._timer)
            self._timer = 0
        super().hideEvent(event)

    def timerEvent(self, _: QTimerEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the next moment."""
        self._tick = (self._tick + 1) % 24
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the dot, from faint to full and back in about two seconds."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(theme().colours.accent)
        colour.setAlphaF(0.3 + 0.7 * abs(12 - self._tick) / 12)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(self.rect().adjusted(1, 1, -1, -1))
        painter.end()


class FlowLayout(QLayout):
    """Widgets one after the other, in as many lines as it takes."""

    def __init__(self, distance: int = GRID) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._distance = distance
        self.setContentsMargins(QMargins())

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802 - Qt's name
        """Take an item; called by addWidget."""
        self._items.append(item)

    def count(self) -> int:
        """Return the number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        """Return an item, None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        """Remove and return an item, None beyond the last."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802 - Qt's name
        """Return that no more room than needed is wanted."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Return that narrower is higher."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Return the height of all lines at a width."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802 - Qt's name
        """Put every item where it belongs."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of one line of the widest item."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of the widest item; wider ones are squeezed."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        x, y, height = rect.x(), rect.y(), 0
        for item in self._items:
            if item.isEmpty():  # hidden
                continue
            size = item.sizeHint()
            width = min(size.width(), rect.width())
            if x > rect.x() and x + width > rect.x() + rect.width():
                x, y, height = rect.x(), y + height + self._distance, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), QSize(width, size.height())))
            x += width + self._distance
            height = max(height, size.height())
        return y + height - rect.y()
