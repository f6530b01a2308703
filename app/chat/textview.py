"""Text that can be selected and whose links can be followed, as high as it is long; it never loads anything."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QResizeEvent, QTextOption, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser

from app.theme import set_role

__all__ = ["TextView"]


class TextView(QTextBrowser):
    """Shows HTML of ``app.chat.markdown`` or plain text; ``anchorClicked`` tells of links, none is followed here."""

    def __init__(self, name: str) -> None:
        super().__init__()
        set_role(self, "bare")
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)

    def show_html(self, html: str) -> None:
        """Show other HTML; links can be reached with the tabulator when there are any."""
        self.setHtml(html)
        # Without links there is nothing for the keyboard to do here but to be passed by.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if "<a href" in html else Qt.FocusPolicy.ClickFocus)
        self._fit()

    def show_plain(self, text: str) -> None:
        """Show text as it is."""
        self.setPlainText(text)
        self._fit()

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: N802, ARG002 - Qt's signature
        """Load nothing, whatever the text asks for."""
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Be as high as the text is at the new width."""
        super().resizeEvent(event)
        self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leave scrolling to the conversation."""
        event.ignore()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of the text at the present width."""
        return QSize(240, self._height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same height: text is never cut."""
        return QSize(0, self._height())

    def _height(self) -> int:
        return max(1, math.ceil(self.document().size().height()))

    def _fit(self) -> None:
        self.document().setTextWidth(self.viewport().width())
        if self.height() != self._height():
            self.setFixedHeight(self._height())
