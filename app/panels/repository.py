"""The files of the repository beside the conversation: find one, ask about it, see what is left out and why."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QLabel, QLineEdit, QMenu, QTreeView, QVBoxLayout, QWidget

from app.panels.files import FileTree, left_out, matching, paths_of
from app.session import Session
from app.state import State
from app.theme import GRID, set_role, theme
from engine.types import Focus
from engine.wire import Listing, WhyReply

__all__ = ["RepositoryPanel"]

_UNFOLDED = 300  # files found by the filter that are shown without their folders being clicked open
_PAUSE = 80  # milliseconds after the last key before the filter is applied


class RepositoryPanel(QWidget):
    """The tree of ``state.files`` with a filter above and a sentence about what is left out below."""

    def __init__(self, state: State, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._session = session
        self._open_folders: set[str] = set()
        self._found = 0
        self._listed = Listing()
        self._paths: list[str] = []
        set_role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Files of the repository")

        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Find a file")
        self.filter.setAccessibleName("Find a file by words of its path")
        self.filter.setClearButtonEnabled(True)
        self.tree = _Tree()
        self.model = FileTree(self)
        self.tree.setModel(self.model)
        self.note = QLabel()
        set_role(self.note, "small")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setAccessibleName("About the files")

        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 0, 2 * GRID)
        layout.setSpacing(2 * GRID)
        above = QVBoxLayout()
        above.setContentsMargins(0, 0, 2 * GRID, 0)
        above.addWidget(self.filter)
        layout.addLayout(above)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.note)

        self._filtering = QTimer(self)
        self._filtering.setSingleShot(True)
        self._filtering.setInterval(_PAUSE)
        self._filtering.timeout.connect(self._show)
        self.filter.textChanged.connect(self._filtering.start)
        self.filter.returnPressed.connect(self._to_first)
        self.tree.expanded.connect(lambda index: self._remember(index, True))
        self.tree.collapsed.connect(lambda index: self._remember(index, False))
        self.tree.asked.connect(self._use)
        self.tree.customContextMenuRequested.connect(self._show_menu)
        self.tree.selectionModel().currentChanged.connect(self._say)
        theme().changed.connect(self._recolour)
        for topic in ("files", "repository"):
            self.destroyed.connect(state.subscribe(topic, self._files_changed))
        self._files_changed()

    def focus_filter(self) -> None:
        """Put the cursor into the filter, its text selected."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    # -- what is shown ----------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Show what was listed while nobody looked."""
        super().showEvent(event)
        self._files_changed()

    def _files_changed(self) -> None:
        if not self.isVisible():
            return  # in a narrow window the files are hidden most of the time
        if self._state.files != self._listed:  # the same ones are listed again after every saved file
            if not self._paths:
                self._open_folders.clear()
            self._listed = self._state.files
            self._paths = paths_of(self._listed)
            self._show()
        else:
            self._say()

    def _show(self) -> None:
        """Show what the filter leaves, with the same folders open and the same row chosen as before."""
        self._filtering.stop()
        words = self.filter.text()
        chosen = self.tree.currentIndex().data(FileTree.PathRole)
        scrolled = self.tree.verticalScrollBar().value()
        found = matching(self._paths, words)
        self.model.show(found, self._listed.left_out)
        self._found = len(found)
        self.tree.setUpdatesEnabled(False)
        self.tree.blockSignals(True)  # unfolding what the filter found is not the user's doing
        if words.strip():
            if len(found) <= _UNFOLDED:
                self.tree.expandAll()
        else:
            for path in sorted(self._open_folders):
                self.tree.setExpanded(self.model.find(path), True)
        self.tree.blockSignals(False)
        self.tree.setUpdatesEnabled(True)
        if chosen and (index := self.model.find(chosen)).isValid():
            self.tree.setCurrentIndex(index)
        self.tree.verticalScrollBar().setValue(scrolled)
        self._say()

    def _say(self) -> None:
        """Say below the tree why the chosen row is left out, or how many files there are."""
        why = self.tree.currentIndex().data(FileTree.WhyRole)
        indexed, left = len(self._listed.indexed), len(self._listed.left_out)
        if why:
            text = left_out(why)
        elif not self._paths:
            text = "" if self._state.repository is None else "The files are being read."
        elif self.filter.text().strip():
            text = f"{self._found:,} of {indexed + left:,} found" if self._found else "No path contains these words."
        else:
            text = f"{indexed:,} files indexed, {left:,} left out"
        self.note.setText(text)

    def _recolour(self) -> None:
        self.tree.viewport().update()

    def _remember(self, index: QModelIndex, is_open: bool) -> None:
        path = index.data(FileTree.PathRole)
        if is_open:
            self._open_folders.add(path)
        else:
            self._open_folders.discard(path)

    def _to_first(self) -> None:
        """Go from the filter to the first file that it found."""
        self._show()
        index = self.model.index(0, 0)
        while index.isValid() and self.model.rowCount(index):
            index = self.model.index(0, 0, index)
        self.tree.setCurrentIndex(index)
        self.tree.setFocus(Qt.FocusReason.TabFocusReason)

    # -- what is done -----------------------------------------------------------------------------

    def _use(self, index: QModelIndex) -> None:
        """Ask about an indexed file; of one that is left out the sentence below tells the reason."""
        path: str = index.data(FileTree.PathRole)
        if path and not path.endswith("/") and not index.data(FileTree.WhyRole):
            self._session.add_about(Focus(path))

    def menu_for(self, index: QModelIndex) -> QMenu:
        """Return the menu of a row."""
        menu = QMenu(self)
        path: str = index.data(FileTree.PathRole)
        why: str = index.data(FileTree.WhyRole)
        if not path:  # the row that stands for those too many
            return menu
        if not why and not path.endswith("/"):
            menu.addAction("Ask about this file", lambda: self._session.add_about(Focus(path)))
            menu.addAction("Leave out of the answers", lambda: self._session.exclude(Focus(path)))
        if not path.endswith("/"):
            menu.addAction("Open in editor", lambda: self._session.open_file(path))
        if why:
            menu.addAction("Why is this not indexed?", lambda: self._session.why(path.rstrip("/"), self._explain))
        if path.endswith("/") and self.model.hasChildren(index):
            is_open = self.tree.isExpanded(index)
            menu.addAction("Close" if is_open else "Open", lambda: self.tree.setExpanded(index, not is_open))
        return menu

    def _show_menu(self, point: QPoint) -> None:
        index = self.tree.indexAt(point)
        if index.isValid() and not (menu := self.menu_for(index)).isEmpty():
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.tree.viewport().mapToGlobal(point))

    def _explain(self, reply: WhyReply) -> None:
        if reply.indexed:
            self.note.setText(f"{reply.path} is indexed now.")
        else:
            why = f"{reply.reason}: {reply.detail}" if reply.detail else reply.reason
            self.note.setText(f"{reply.path} is not indexed, {why}")


class _Tree(QTreeView):
    """The tree: Enter or a double click on a file asks about it."""

    asked = Signal(QModelIndex)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Files")
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)  # a hundred thousand rows are laid out without being measured
        self.setIndentation(4 * GRID)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show which row the keys would move from."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason and not self.selectionModel().hasSelection():
            self.setCurrentIndex(self.currentIndex() if self.currentIndex().isValid() else self.model().index(0, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Ask about the current file on Enter; a folder opens or closes."""
        index = self.currentIndex()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and index.isValid():
            if self.model().hasChildren(index):
                self.setExpanded(index, not self.isExpanded(index))
            else:
                self.asked.emit(index)
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Ask about the file under the pointer."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and not self.model().hasChildren(index) and event.button() == Qt.MouseButton.LeftButton:
            self.asked.emit(index)
            return
        super().mouseDoubleClickEvent(event)
