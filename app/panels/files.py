"""The files of a repository as a tree that Qt can show: lazy, since there may be a hundred thousand of them.

The listing is sorted, so everything below a folder stands in one run of it; a folder's entries are found, by bisection,
when somebody looks into it. All of a folder's rows are made then: Qt's tree asks for more of them only at the top.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from app.theme import theme
from engine.wire import ListedFile

__all__ = ["FileTree", "left_out", "matching"]

_MOST = 2000  # rows of one folder: Qt's tree asks a question a row, and nobody reads on to the end of so many
_Index = QModelIndex | QPersistentModelIndex


def left_out(reason: str, detail: str) -> str:
    """Return the words for why something is not indexed."""
    return f"Not indexed, {reason}: {detail}" if detail else f"Not indexed: {reason}"


def matching(files: Sequence[ListedFile], words: str) -> tuple[ListedFile, ...]:
    """Return the files whose path contains every one of the words, whatever their case."""
    terms = words.lower().split()
    found = files
    for term in terms:  # the first one leaves few for the others
        found = [file for file in found if term in file.path.lower()]
    return tuple(found)


@dataclass(slots=True, eq=False)
class _Node:
    """A file, or a folder with the run ``first`` to ``last`` of the listing that lies in it."""

    path: str  # of a folder with the slash at its end; "" of the root, and of the row that stands for those too many
    name: str
    parent: _Node | None
    row: int = 0
    file: ListedFile | None = None  # of a folder: the entry that says that all of it is left out
    first: int = 0
    last: int = 0
    folder: bool = False
    children: list[_Node] | None = None  # once somebody looked


class FileTree(QAbstractItemModel):
    """A tree of listed files: folders first, then by name. What is left out is greyed and says why."""

    PathRole = Qt.ItemDataRole.UserRole  # str; a folder's ends with a slash
    FileRole = Qt.ItemDataRole.UserRole + 1  # ListedFile; None for a folder that is not left out as a whole

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files: tuple[ListedFile, ...] = ()
        self._paths: list[str] = []
        self._root = _Node("", "", None, folder=True)

    def show(self, files: Iterable[ListedFile]) -> None:
        """Show these files instead of those before."""
        self.beginResetModel()
        self._files = tuple(sorted(files, key=lambda file: file.path))
        self._paths = [file.path for file in self._files]
        self._root = _Node("", "", None, last=len(self._files), folder=True)
        self.endResetModel()

    def find(self, path: str) -> QModelIndex:
        """Return where a path is, making rows up to it; invalid when it is not shown."""
        node = self._root
        while True:
            below = path[len(node.path) :]
            name, slash, rest = below.partition("/")
            self.fetchMore(self._at(node))
            found = (each for each in node.children or () if each.name == name and each.folder == bool(slash))
            entry = next(found, None)
            if entry is None:
                return QModelIndex()
            if not rest:
                return self._at(entry)
            node = entry

    # -- Qt's questions ---------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: _Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Return the index of a row that was made."""
        children = self._node(parent).children or ()
        return self.createIndex(row, 0, children[row]) if column == 0 and 0 <= row < len(children) else QModelIndex()

    def parent(self, index: _Index) -> QModelIndex:  # type: ignore[override]  # Qt overloads the name
        """Return the folder that an index is in."""
        parent = self._node(index).parent
        return QModelIndex() if parent is None else self._at(parent)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Return how many rows a folder has: none until somebody looked."""
        return len(self._node(parent).children or ())

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: ARG002, B008, N802
        """Return 1."""
        return 1

    def hasChildren(self, parent: _Index = QModelIndex()) -> bool:  # noqa: B008, N802
        """Return whether a folder holds anything, without looking into it."""
        node = self._node(parent)
        # One that is left out as a whole stands for itself in the listing and holds nothing that is listed.
        return node.folder and node.last - node.first > (node.file is not None)

    def canFetchMore(self, parent: _Index) -> bool:  # noqa: N802
        """Return whether nobody looked into a folder so far."""
        return self._node(parent).children is None and self.hasChildren(parent)

    def fetchMore(self, parent: _Index) -> None:  # noqa: N802
        """Look into a folder: make its rows."""
        if not self.canFetchMore(parent):
            return
        node = self._node(parent)
        found = sorted(self._scan(node), key=lambda each: (not each.folder, each.name.casefold(), each.name))
        if len(found) > _MOST:
            more = len(found) - _MOST
            found = [*found[:_MOST], _Node("", f"… and {more:,} more, which the filter above finds", node)]
        for row, entry in enumerate(found):
            entry.row = row
        self.beginInsertRows(self._at(node), 0, len(found) - 1)
        node.children = found
        self.endInsertRows()

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: PLR0911
        """Return what is shown of a row."""
        if not index.isValid():
            return None
        node = self._node(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return node.name.encode("utf-8", "replace").decode()  # a lone surrogate cannot be drawn
            case Qt.ItemDataRole.DecorationRole:
                return theme().icon("folder" if node.folder else "file") if node.path else None
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(theme().colours.muted) if _stands_back(node) else None
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleDescriptionRole:
                return left_out(node.file.reason, node.file.detail) if node.file and node.file.reason else node.path
            case FileTree.PathRole:
                return node.path
            case FileTree.FileRole:
                return node.file
        return None

    # -- nodes ------------------------------------------------------------------------------------

    def _node(self, index: _Index) -> _Node:
        return index.internalPointer() if index.isValid() else self._root

    def _at(self, node: _Node) -> QModelIndex:
        return QModelIndex() if node.parent is None else self.createIndex(node.row, 0, node)

    def _scan(self, node: _Node) -> Iterable[_Node]:
        paths, start, at = self._paths, len(node.path), node.first
        while at < node.last:
            path = paths[at]
            slash = path.find("/", start)
            if slash < 0:
                if len(path) > start:
                    yield _Node(path, path[start:], node, file=self._files[at])
                at += 1
                continue
            folder = path[: slash + 1]
            end = bisect_left(paths, path[:slash] + "0", at, node.last)  # "0" is the character after "/"
            whole = self._files[at] if path == folder else None
            yield _Node(folder, path[start:slash], node, file=whole, first=at, last=end, folder=True)
            at = end


def _stands_back(node: _Node) -> bool:
    return not node.path or (node.file is not None and bool(node.file.reason))
