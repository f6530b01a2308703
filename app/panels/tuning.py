"""What the model learned for one answer: one line, behind it the steps, their losses and what the gate measured."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from app.controls import Disclosure, label
from app.state import TurnState
from app.theme import GRID, INSET, theme
from engine.events import Tuned, Tuning

__all__ = ["LearningLine", "LossCurve", "learned_words"]

_PAST = {"tuned": "learned for this answer", "reused": "used what it had learned before"}


def learned_words(turn: TurnState) -> str:
    """Return the learning of a turn on one line; empty when there is nothing to say (yet)."""
    if turn.tuned is None:
        if turn.phase == "tuning" and turn.steps:
            last = turn.steps[-1]
            return f"Learning {last.step} of {last.steps}{_left(last.seconds_left)}"
        return _PAST.get(turn.adapter, "")
    return _tuned_words(turn.tuned)


def _tuned_words(tuned: Tuned) -> str:
    examples = f"{tuned.steps} example{'' if tuned.steps == 1 else 's'}"
    match tuned.state:
        case "tuned":
            return f"learned {examples} in {_seconds(tuned.seconds)} · kept"
        case "reused":
            return f"learned {examples} earlier · used again"
        case "dropped":
            return f"learned {examples} in {_seconds(tuned.seconds)} · dropped"
        case _:
            return "answered without learning"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def _left(seconds: float) -> str:
    return f" · {seconds:.0f} s left" if seconds >= 1 else ""


class LearningLine(QWidget):
    """The line and what it unfolds to. ``refresh`` after the turn changed."""

    unfolded = Signal()  # or folded again

    def __init__(self, turn: TurnState) -> None:
        super().__init__()
        self._turn = turn
        self._line = Disclosure("")
        self._line.toggled.connect(self._unfold)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Learning")
        self._bar.setFixedHeight(2)
        self._details = QWidget()
        self._curve = LossCurve()
        self._words = label("", "small")
        inside = QVBoxLayout(self._details)
        inside.setContentsMargins(INSET, 0, 0, GRID)
        inside.setSpacing(GRID)
        inside.addWidget(self._curve)
        inside.addWidget(self._words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._line)
        track = QHBoxLayout()
        track.setContentsMargins(INSET, 0, 0, 0)
        track.addWidget(self._bar)
        layout.addLayout(track)
        layout.addWidget(self._details)
        self._details.hide()
        self.refresh()

    def refresh(self) -> None:
        """Show what the turn knows by now."""
        turn = self._turn
        words = learned_words(turn)
        self.setVisible(bool(words))
        self._line.setText(words)
        learning = turn.phase == "tuning" and bool(turn.steps)
        self._bar.setVisible(learning)
        if learning:
            self._bar.setRange(0, max(1, turn.steps[-1].steps))
            self._bar.setValue(turn.steps[-1].step)
        self._curve.show_steps(turn.steps)
        self._words.setText(_detail_words(turn))

    def set_unfolded(self, unfolded: bool) -> None:
        """Show or hide steps and losses."""
        self._line.setChecked(unfolded)

    def _unfold(self, unfolded: bool) -> None:
        self.unfolded.emit()
        self._details.setVisible(unfolded)


def _detail_words(turn: TurnState) -> str:
    tuned = turn.tuned
    if tuned is None:
        return "" if turn.steps else "What was learned then was not kept in detail."
    sentences = []
    if tuned.state == "tuned" and tuned.loss_before is not None and tuned.loss_after is not None:
        sentences.append(
            f"On related code that it did not learn from, the loss went from {tuned.loss_before:.2f} to "
            f"{tuned.loss_after:.2f} nats a token."
        )
        sentences.append("That is better by more than chance, so the answer uses it.")
    elif tuned.state == "reused":
        sentences.append("The same examples were learned for an earlier question; nothing had to be learned again.")
    elif tuned.reason:
        sentences.append(tuned.reason)  # of dropping it with what was measured, of skipping it
    if tuned.state == "dropped":
        sentences.append("So the answer was written without it.")
    return " ".join(sentences)


class LossCurve(QWidget):
    """The loss of every gradient step as a thin line; hidden while there are fewer than two."""

    _HEIGHT = 56

    def __init__(self) -> None:
        super().__init__()
        self._losses: list[float] = []
        self._steps = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVisible(False)
        theme().changed.connect(self.update)

    def show_steps(self, steps: Sequence[Tuning]) -> None:
        """Show the steps taken so far; the room for those to come stays free."""
        if len(steps) == len(self._losses):
            return
        self._losses = [step.loss for step in steps]
        self._steps = max((step.steps for step in steps), default=0)
        self.setVisible(len(self._losses) > 1)
        if self._losses:
            first, last = self._losses[0], self._losses[-1]
            words = f"Loss of each of {len(steps)} steps, in nats a token, from {first:.2f} to {last:.2f}"
            self.setAccessibleName(words)
            self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a low, wide size."""
        return QSize(200, self._HEIGHT)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the line between its highest and lowest loss, which are written beside it."""
        if len(self._losses) < 2:
            return
        colours = theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().small_font())
        low, high = min(self._losses), max(self._losses)
        digits = painter.fontMetrics().horizontalAdvance("00.00") + 2 * GRID
        area = QRectF(digits, 6, min(self.width(), 420) - digits - 6, self._HEIGHT - 12)
        painter.setPen(QColor(colours.muted))
        labels = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, area.top() - 8, digits, 16), labels, f"{high:.2f}")
        painter.drawText(QRectF(0, area.bottom() - 8, digits, 16), labels, f"{low:.2f}")
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawLine(area.topLeft(), area.topRight())
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        across = area.width() / max(1, self._steps - 1)
        spread = (high - low) or 1.0
        points = [
            QPointF(area.left() + index * across, area.bottom() - (loss - low) / spread * area.height())
            for index, loss in enumerate(self._losses)
        ]
        painter.setPen(QPen(QColor(colours.accent), 1.5))
        painter.drawPolyline(QPolygonF(points))
        painter.setBrush(QColor(colours.accent))
        for point in points[-1:]:
            painter.drawEllipse(point, 2.2, 2.2)
        painter.end()
