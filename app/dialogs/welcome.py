"""What a window shows while no repository is open: what this is, and the ways to open one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.controls import ElidedLabel, IconButton, label, tip
from app.dialogs.folder import choose_folder
from app.dialogs.layouts import scrolling
from app.preferences import PreferencesFile
from app.theme import GRID, set_role, theme
from engine.errors import StorageError

__all__ = ["Welcome", "dropped_folder"]

_WHAT = (
    "Sidetune answers questions about the code in a folder. For each question it reads what tells most, learns from "
    "that for a few seconds, and then answers with the lines that the answer rests on."
)
_PRIVACY = "Everything stays on this machine. Your files are only read, and nothing is sent anywhere."
_WIDTH = 110 * GRID  # of the column of text: lines of some seventy letters


def dropped_folder(data: QMimeData) -> str | None:
    """Return the first local folder of what is being dragged, None when there is none."""
    paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    return next((path for path in paths if Path(path).is_dir()), None)


class Welcome(QWidget):
    """A page that asks for a folder. ``chosen`` carries the path: picked, dropped, or one of the recent ones."""

    chosen = Signal(str)

    def __init__(self, preferences: PreferencesFile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._dragged = False
        self.recent: list[QPushButton] = []
        set_role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self.setAccessibleName("Welcome")

        self.choose = QPushButton("Choose a folder…")
        set_role(self.choose, "primary")
        self.choose.setDefault(True)
        self.choose.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.choose.clicked.connect(self._choose)
        self._recent_title = label("Recent", "strong")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)

        page = QWidget()
        centred = QHBoxLayout(page)
        centred.setContentsMargins(0, 0, 0, 0)
        centred.addWidget(self._column())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(page))
        self.destroyed.connect(preferences.subscribe(self._show_recent))
        theme().changed.connect(self.update)
        self._show_recent()

    def _column(self) -> QWidget:
        column = QWidget()
        column.setMaximumWidth(_WIDTH)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(6 * GRID, 6 * GRID, 6 * GRID, 6 * GRID)
        inner.setSpacing(4 * GRID)
        inner.addStretch(1)
        inner.addWidget(label("Sidetune", "title"))
        inner.addWidget(label(_WHAT))
        inner.addWidget(label(_PRIVACY, "muted"))
        ways = QHBoxLayout()
        ways.setSpacing(3 * GRID)
        ways.addWidget(self.choose)
        ways.addWidget(label("or drop one here", "muted", wrap=False), 1)
        inner.addLayout(ways)
        inner.addSpacing(2 * GRID)
        inner.addWidget(self._recent_title)
        inner.addLayout(self._recent)
        inner.addStretch(2)
        return column

    def _show_recent(self) -> None:
        while (item := self._recent.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.recent = []
        roots = self._preferences.value.recent
        self._recent_title.setVisible(bool(roots))
        for root in roots:
            row = _Recent(root)
            row.open.clicked.connect(lambda _, root=root: self.chosen.emit(root))
            row.forgotten.connect(lambda root=root: self._forget(root))
            self.recent.append(row.open)
            self._recent.addWidget(row)

    def _forget(self, root: str) -> None:
        with suppress(StorageError):  # where it cannot be kept, it is off the list until the window closes
            self._preferences.update(lambda value: value.forgotten(root))

    def _choose(self) -> None:
        recent = self._preferences.value.recent
        start = str(Path(recent[0]).parent) if recent else str(Path.home())
        choose_folder(self, "Choose the folder of a repository", start, self.chosen.emit)

    # -- dragging ---------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take folders, and show that they are taken."""
        if dropped_folder(event.mimeData()) is not None:
            event.acceptProposedAction()
            self._show_dragged(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802 - Qt's name
        """Show that nothing would be dropped any more."""
        self._show_dragged(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Open what was dropped."""
        self._show_dragged(False)
        folder = dropped_folder(event.mimeData())
        if folder is not None:
            event.acceptProposedAction()
            self.chosen.emit(folder)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Frame the page while a folder is dragged over it."""
        super().paintEvent(event)
        if self._dragged:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme().colours.accent), 2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(self.rect().adjusted(6, 6, -6, -6), 6, 6)
            painter.end()

    def _show_dragged(self, dragged: bool) -> None:
        self._dragged = dragged
        self.update()


class _Recent(QWidget):
    """A folder that was open before: its name, its place, and a way to forget it."""

    forgotten = Signal()

    def __init__(self, root: str) -> None:
        super().__init__()
        folder = Path(root)
        self.open = QPushButton()
        set_role(self.open, "quiet")
        self.open.setAutoDefault(False)
        self.open.setCursor(Qt.CursorShape.PointingHandCursor)
        self.open.setToolTip(tip(root))
        self.open.setAccessibleName(f"Open {root}")
        self.open.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        words = QHBoxLayout(self.open)
        words.setContentsMargins(GRID, 0, GRID, 0)
        words.setSpacing(2 * GRID)
        name = ElidedLabel(folder.name or root, "strong")
        place = ElidedLabel(_short(folder.parent), "muted")
        for each in (name, place):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        words.addWidget(name)
        words.addWidget(place, 1)
        self.open.setMinimumHeight(name.sizeHint().height() + 3 * GRID)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.open, 1)
        row.addWidget(IconButton("close", f"Take {root} off this list", self.forgotten.emit))


def _short(folder: Path) -> str:
    """Return a folder's path with the user's home as a tilde."""
    home = Path.home()
    return str(Path("~") / folder.relative_to(home)) if folder.is_relative_to(home) else str(folder)
