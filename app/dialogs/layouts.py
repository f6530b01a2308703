"""What dialogs and pages are laid out with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

from app.controls import label, tip
from app.theme import GRID, theme

__all__ = ["add_row", "combo", "form", "hint", "money", "row", "scrolling", "spin"]


def scrolling(page: QWidget) -> QScrollArea:
    """Return an area that scrolls ``page`` down where there is no room, instead of squeezing it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(page)
    page.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    return area


def form(area: QWidget) -> QFormLayout:
    """Give ``area`` a column of names, as wide in every form of a dialog, with a column of fields."""
    made = QFormLayout(area)
    made.setContentsMargins(0, 0, 0, 0)
    made.setHorizontalSpacing(4 * GRID)
    made.setVerticalSpacing(2 * GRID)
    made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    made.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    return made


def add_row(to: QFormLayout, name: str, field: QWidget) -> None:
    """Add a named field to a form; an empty name puts it below the one before."""
    title = QLabel(name)
    title.setMinimumWidth(title.fontMetrics().horizontalAdvance("Longest answer") + GRID)
    title.setBuddy(field)
    to.addRow(title, field)


def hint(text: str) -> QLabel:
    """Return a sentence about the field above it, as wide as there is room."""
    made = label(text, "small")
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return made


def row(first: QWidget, *others: QWidget, widen: bool) -> QWidget:
    """Return widgets side by side; the first takes what is left of the width if ``widen``, else nobody does."""
    made = QWidget()
    layout = QHBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2 * GRID)
    layout.addWidget(first, 1 if widen else 0)
    for widget in others:
        layout.addWidget(widget)
    if not widen:
        layout.addStretch(1)
    return made


def combo(name: str, entries: Sequence[tuple[str, str]] = ()) -> QComboBox:
    """Return a choice among (text, data) pairs that a narrow window may cut short."""
    made = _Combo()
    made.setAccessibleName(name)
    made.setToolTip(tip(name))
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(12)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    for text, data in entries:
        made.addItem(text, data)
    return made


def spin(name: str, least: int, most: int, step: int = 1, zero: str = "") -> QSpinBox:
    """Return a field for a whole number; ``zero`` is shown instead of the least one."""
    made = _Spin()
    made.setAccessibleName(name)
    made.setToolTip(tip(name))
    made.setRange(least, most)
    made.setSingleStep(step)
    made.setGroupSeparatorShown(True)
    made.setSpecialValueText(zero)
    return made


def money(name: str, most: float, zero: str, *, step: float = 0.05, decimals: int = 2) -> QDoubleSpinBox:
    """Return a field for dollars; ``zero`` is shown instead of none."""
    made = _Money()
    made.setAccessibleName(name)
    made.setToolTip(tip(name))
    made.setDecimals(decimals)
    made.setRange(0, most)
    made.setSingleStep(step)
    made.setPrefix("$")
    made.setSpecialValueText(zero)
    return made


class _Combo(QComboBox):
    """A choice that the wheel changes only once it is the one being worked on: else the page scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Pass the wheel on without the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint it with a frame that can be seen."""
        super().paintEvent(event)
        _frame(self)


class _Spin(QSpinBox):
    """A number that the wheel changes only once it is the one being worked on: else the page scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Pass the wheel on without the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint it with a frame that can be seen."""
        super().paintEvent(event)
        _frame(self)


class _Money(QDoubleSpinBox):
    """Dollars that the wheel changes only once they are worked on: else the page scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Pass the wheel on without the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint it with a frame that can be seen."""
        super().paintEvent(event)
        _frame(self)


def _frame(widget: QWidget) -> None:
    """Draw the frame that the style draws too dark to be seen on dark; with the focus it draws its own."""
    if theme().dark and not widget.hasFocus():
        painter = QPainter(widget)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme().colours.frame), 1))
        painter.drawRoundedRect(QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        painter.end()
