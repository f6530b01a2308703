"""The files of a repository as a tree that Qt can show: lazy, since there may be a hundred thousand of them.

The listing is sorted, so everything below a folder stands in one run of it; a folder's entries are found, by bisection,
when somebody looks into it. All of a folder's rows are made then: Qt's tree asks for more of them only at the top.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from app.controls import tip
from app.theme import theme
from engine.wire import Listing

__all__ = ["FileTree", "left_out", "matching", "paths_of"]

_MOST = 2000  # rows of one folder: Qt's tree asks a question a row, and nobody reads on to the end of so many
_Index = QModelIndex | QPersistentModelIndex


def left_out(why: str) -> str:
    """Return the words for something that is not indexed."""
    return f"Not indexed, {why}"


def paths_of(listing: Listing) -> list[str]:
    """Return all paths of a listing, sorted, what is left out included."""
    return sorted([*listing.indexed, *sorted(listing.left_out)])  # two sorted runs: merged in one pass


def matching(paths: Sequence[str], words: str) -> Sequence[str]:
    """Return the paths that contain every one of the words, whatever their case."""
    for term in words.lower().split():  # the first one leaves few for the others
        paths = [path for path in paths if term in path.lower()]
    return paths


@dataclass(slots=True, eq=False)
class _Node:
    """A file, or a folder with the run ``first`` to ``last`` of the listing that lies in it."""

    path: str  # of a folder with the slash at its end; "" of the root, and of the row that stands for those too many
    name: str
    parent: _Node | None
    row: int = 0
    why: str = ""  # it is left out; of a folder: all of it
    first: int = 0
    last: int = 0
    folder: bool = False
    children: list[_Node] | None = None  # once somebody looked


class FileTree(QAbstractItemModel):
    """A tree of listed files: folders first, then by name. What is left out is greyed and says why."""

    PathRole = Qt.ItemDataRole.UserRole  # str; a folder's ends with a slash
    WhyRole = Qt.ItemDataRole.UserRole + 1  # str: why it is left out, empty when it is not

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths: Sequence[str] = ()
        self._why: Mapping[str, str] = {}
        self._root = _Node("", "", None, folder=True)

    def show(self, paths: Sequence[str], why: Mapping[str, str]) -> None:
        """Show these paths, which are sorted, instead of those before; ``why`` has those that are left out."""
        self.beginResetModel()
        self._paths, self._why = paths, why
        self._root = _Node("", "", None, last=len(paths), folder=True)
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
        return node.folder and node.last - node.first > bool(node.why)

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
                return QColor(theme().colours.muted) if node.why or not node.path else None
            case Qt.ItemDataRole.ToolTipRole:
                return tip(left_out(node.why) if node.why else node.path)
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return left_out(node.why) if node.why else node.path
            case FileTree.PathRole:
                return node.path
            case FileTree.WhyRole:
                return node.why
        return None

    # -- nodes ------------------------------------------------------------------------------------

    def _node(self, index: _Index) -> _Node:
        return index.internalPointer() if index.isValid() else self._root

    def _at(self, node: _Node) -> QModelIndex:
        return QModelIndex() if node.parent is None else self.createIndex(node.row, 0, node)

    def _scan(self, node: _Node) -> Iterator[_Node]:
        paths, start, at = self._paths, len(node.path), node.first
        while at < node.last:
            path = paths[at]
            slash = path.find("/", start)
            if slash < 0:
                if len(path) > start:
                    yield _Node(path, path[start:], node, why=self._why.get(path, ""))
                at += 1
                continue
            folder = path[: slash + 1]
            end = bisect_left(paths, path[:slash] + "0", at, node.last)  # "0" is the character after "/"
            why = self._why.get(folder, "")
            yield _Node(folder, path[start:slash], node, why=why, first=at, last=end, folder=True)
            at = end
