"""What a check would send, in full, before it is sent: the parts, the request itself, its size and its price."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from urllib.parse import urlsplit

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QResizeEvent, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import (
    QBoxLayout,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.chat.textview import TextView
from app.chat.verdict import cost_words
from app.chat.words import dollars, size_words
from app.controls import CheckBox, Disclosure, ElidedLabel, label, tip
from app.dialogs.layouts import scrolling
from app.session import Session
from app.state import TurnState
from app.theme import GRID, INSET, set_role, theme
from engine.verdicts import CheckPart, CheckPreview, RedactedSpan

__all__ = ["CheckPreviewDialog"]

_WIDE = 780  # pixels from which the request stands beside the parts
_INDENT = 6 * GRID + 2 + INSET  # pixels to the text beside a tick box
_REDACTED = re.compile(r"<redacted:(?!kind>)[^<>\n]{1,80}>")  # the instructions say "<redacted:kind>"
_GONE = "The engine was started again, so this can no longer be sent; close this and look again."


class CheckPreviewDialog(QDialog):
    """Shows a preview; Send sends the bytes that are shown and no others.

    Unticking a part asks for the preview anew, and until it is there nothing can be sent.
    """

    def __init__(self, turn: TurnState, preview: CheckPreview, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preview = preview
        self._turn = turn
        self._session = session
        self._asked: tuple[str, ...] | None = None  # what is left out of the preview that is under way
        self._gone = False
        self.setWindowTitle("What would be sent" if preview.round == 1 else f"What round {preview.round} would send")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._facts = label("", "muted")
        self._so_far = label("", "small")
        self.parts = [_Part(part, self._amend) for part in preview.parts]
        self.request = _Request()
        self.allow = CheckBox("Always allow for this repository")
        self.problem = label("", "warning")
        self.problem.hide()
        self._both = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._build()
        state = session.state
        self.destroyed.connect(state.subscribe("checks", self._show_so_far))
        self.destroyed.connect(state.subscribe("engine", self._engine_changed))
        self._show()
        self._show_so_far()

    # -- what is shown ----------------------------------------------------------------------------

    def _build(self) -> None:
        host = urlsplit(self.preview.url).netloc
        head = QVBoxLayout()
        head.setContentsMargins(5 * GRID, 5 * GRID, 5 * GRID, 3 * GRID)
        head.setSpacing(GRID)
        head.addWidget(label(f"This goes to {host} when you send it", "strong"))
        head.addWidget(self._facts)
        head.addWidget(self._so_far)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(head)
        self._both.setContentsMargins(5 * GRID, 0, 5 * GRID, 0)
        self._both.setSpacing(0)
        self._both.addWidget(self._list(), 3)
        self._both.addWidget(self._whole(), 2)
        outer.addLayout(self._both, 1)
        outer.addLayout(self._foot(host))
        self.setMinimumSize(380, 420)
        self.resize(1040 if self._wide_parent() else 440, 700)

    def _wide_parent(self) -> bool:
        parent = self.parentWidget()
        return parent is not None and parent.window().width() >= _WIDE

    def _list(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 3 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        for part in self.parts:
            column.addWidget(part)
        column.addStretch(1)
        return scrolling(page)

    def _whole(self) -> QWidget:
        area = QWidget()
        column = QVBoxLayout(area)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        self._line = QFrame()
        self._line.setFixedHeight(1)
        self._line.setStyleSheet(f"background: {theme().colours.line}")
        column.addWidget(self._line)
        column.addWidget(label("The request, byte for byte", "small"))
        column.addWidget(self.request, 1)
        return area

    def _foot(self, host: str) -> QVBoxLayout:
        self.allow.setChecked(self.preview.allowed)
        what = f"Checks of this repository by {host} are sent without showing this first; the settings take it back"
        self.allow.setToolTip(tip(what))
        self.allow.setAccessibleDescription(what)
        buttons = QDialogButtonBox()
        self.send = buttons.addButton("Send", QDialogButtonBox.ButtonRole.AcceptRole)
        set_role(self.send, "primary")
        self.cancel = buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        # Enter by mistake sends nothing.
        self.send.setAutoDefault(False)
        self.cancel.setDefault(True)
        self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        foot = QVBoxLayout()
        foot.setContentsMargins(5 * GRID, 3 * GRID, 5 * GRID, 4 * GRID)
        foot.setSpacing(2 * GRID)
        foot.addWidget(self.problem)
        foot.addWidget(self.allow)
        foot.addWidget(buttons)
        return foot

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Put the request beside the parts where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._both.setDirection(direction)
        self._both.setSpacing(3 * GRID if wide else 0)
        self._line.setVisible(not wide)

    def _show(self) -> None:
        preview = self.preview
        price = f"at most {dollars(preview.price)}" if preview.price is not None else "price not known"
        words = f"{preview.model} · {size_words(preview.bytes)} · about {preview.tokens:,} tokens · {price}"
        if preview.redactions:
            words += f" · {preview.redactions} {'place' if preview.redactions == 1 else 'places'} redacted"
        self._facts.setText(words)
        self._facts.setToolTip(tip(f"Price: {preview.price_source}"))
        for row, part in zip(self.parts, preview.parts, strict=True):
            row.show_part(part)
        self.request.show_preview(preview)
        self._enable()

    def _show_so_far(self) -> None:
        state = self._session.state.checks
        words = cost_words(state) if state is not None else ""
        if self.preview.price is None:
            unknown = f"{self.preview.price_source[:1].upper()}{self.preview.price_source[1:]}"
            words = ". ".join(filter(None, (unknown, words)))
        self._so_far.setText(words)
        self._so_far.setVisible(bool(words))

    def _engine_changed(self) -> None:
        if self._session.state.engine.phase != "running":
            self._gone = True
            self._complain(_GONE)

    def _enable(self) -> None:
        free = self._asked is None and not self._gone
        self.send.setEnabled(free)
        for row in self.parts:
            row.setEnabled(not self._gone)

    # -- what is done -----------------------------------------------------------------------------

    def accept(self) -> None:
        """Send what is shown."""
        if not self.send.isEnabled():
            return
        if self.allow.isChecked() != self.preview.allowed:
            self._session.checks.allow(self.allow.isChecked())
        self._session.checks.send(self._turn, self.preview)
        super().accept()

    def _amend(self) -> None:
        """Ask for the preview without what is unticked; what is changed meanwhile is asked for next."""
        if self._asked is not None or self._gone:
            return
        without = tuple(row.part.id for row in self.parts if row.left_out)
        self._asked = without
        self._enable()
        self._session.checks.amend(self.preview, without, self._amended, self._not_amended)

    def _amended(self, preview: CheckPreview) -> None:
        if not shiboken6.isValid(self):
            return
        asked, self._asked = self._asked, None
        self.preview = preview
        if asked != tuple(row.part.id for row in self.parts if row.left_out):
            self._amend()
            return
        self._show()

    def _not_amended(self, sentence: str) -> None:
        if shiboken6.isValid(self):
            self._asked = None
            self._gone = True
            self._complain(sentence)

    def _complain(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.show()
        self._enable()


class _Part(QWidget):
    """A part of what would be sent: whether it is, and its text with what was redacted marked."""

    def __init__(self, part: CheckPart, changed: Callable[[], None]) -> None:
        super().__init__()
        self.part = part
        self.tick = CheckBox()
        self.tick.setChecked(part.included)
        self.tick.setEnabled(not part.required and not part.withheld)
        self.tick.setAccessibleName(f"Send {part.title}")
        self.tick.setToolTip(tip("A check needs this" if part.required else part.withheld or f"Send {part.title}"))
        self.tick.clicked.connect(lambda _: changed())
        self._line = Disclosure(part.title)
        self._line.setToolTip(tip(part.title))
        self._count = label("", "small", wrap=False)
        self._withheld = label(part.withheld, "small")
        self._withheld.setContentsMargins(_INDENT, 0, 0, GRID)
        self._withheld.setVisible(bool(part.withheld))
        self.text = TextView(f"{part.title}, as it would be sent")
        self._line.setVisible(not part.withheld)
        title = ElidedLabel(part.title, "muted")
        title.setVisible(bool(part.withheld))
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.tick)
        row.addSpacing(INSET if part.withheld else 0)  # which the other title has within
        row.addWidget(self._line)
        row.addWidget(title)
        row.addStretch(1)
        row.addWidget(self._count)
        within = QHBoxLayout()
        within.setContentsMargins(_INDENT, 0, 0, GRID)
        within.addWidget(self.text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(self._withheld)
        layout.addLayout(within)
        self._line.toggled.connect(self._unfold)
        self._line.setChecked(not part.withheld and (part.required or bool(part.redactions)))
        self._unfold(self._line.isChecked())
        theme().changed.connect(self._render)

    @property
    def left_out(self) -> bool:
        """Return whether the user unticked the part."""
        return not self.part.required and not self.part.withheld and not self.tick.isChecked()

    def show_part(self, part: CheckPart) -> None:
        """Show the part as it would be sent now."""
        self.part = part
        count = len(part.redactions) if part.included else 0
        self._count.setText(f"{count} redacted" if count else "")
        self._render()

    def _unfold(self, unfolded: bool) -> None:
        self.text.setVisible(unfolded)
        if unfolded:
            self._render()

    def _render(self) -> None:
        if not self.text.isHidden():
            colours = theme().colours
            colour = colours.text if self.part.included else colours.muted
            self.text.show_html(
                f'<table width="100%" cellspacing="0" cellpadding="6"><tr><td bgcolor="{colours.code}">'
                f'<pre style="white-space:pre-wrap; margin:0; color:{colour}; '
                f"font-family:'{theme().fixed_font().family()}'\">{_html(self.part)}</pre></td></tr></table>"
            )


def _html(part: CheckPart) -> str:
    """Return the text of a part with its redactions marked; lines that have numbers in a file show them."""
    by_line: dict[int, list[RedactedSpan]] = {}
    for span in part.redactions:
        by_line.setdefault(span.line, []).append(span)
    colours = theme().colours
    lines = []
    for number, line in enumerate(part.text.split("\n"), start=1):
        pieces, end = [], 0
        for span in sorted(by_line.get(number, ()), key=lambda each: each.start):
            pieces.append(escape(line[end : span.start], quote=False))
            shown = escape(line[span.start : span.end], quote=False)
            pieces.append(f'<span style="background-color:{colours.selection}; color:{colours.warning}">{shown}</span>')
            end = span.end
        pieces.append(escape(line[end:], quote=False))
        lines.append("".join(pieces))
    return "\n".join(lines)


class _Request(QPlainTextEdit):
    """The whole request, to be read and copied."""

    def __init__(self) -> None:
        super().__init__()
        self._preview: CheckPreview | None = None
        self.setReadOnly(True)
        self.setAccessibleName("The request, byte for byte")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.setTabChangesFocus(True)
        self.setMinimumHeight(120)
        theme().changed.connect(self._render)

    def show_preview(self, preview: CheckPreview) -> None:
        """Show the request of a preview."""
        self._preview = preview
        self._render()

    def _render(self) -> None:
        if (preview := self._preview) is None:
            return
        self.setFont(theme().fixed_font())
        head = "".join(f"{name}: {value}\n" for name, value in preview.headers.items())
        self.setPlainText(f"POST {preview.url}\n{head}\n{preview.body}")
        self.setToolTip(tip(f"SHA-256 of the body: {preview.sha256}"))
        marks = []
        for found in _REDACTED.finditer(self.toPlainText()):
            mark = QTextEdit.ExtraSelection()
            look = QTextCharFormat()
            look.setBackground(QColor(theme().colours.selection))
            look.setForeground(QColor(theme().colours.warning))
            cursor = QTextCursor(self.document())
            cursor.setPosition(found.start())
            cursor.setPosition(found.end(), QTextCursor.MoveMode.KeepAnchor)
            mark.format, mark.cursor = look, cursor
            marks.append(mark)
        self.setExtraSelections(marks)
