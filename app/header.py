"""The head of the window: which repository, how far its index is in words, pausing, settings."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QProgressBar, QToolButton, QVBoxLayout, QWidget

from app.controls import ElidedLabel, IconButton, label, tip
from app.session import Session
from app.state import State
from app.theme import GRID, set_role, theme
from engine.wire import IndexStatus

__all__ = ["Header", "index_details", "index_words"]

_TIERS = {
    "lexical": "words only, until the first files are embedded",
    "static": "a quick encoder; a better one is filling in",
    "transformer": "the full encoder",
}


class Header(QWidget):
    """Shows repository and index. ``menu_wanted`` before the menu of the repository is shown, to be filled."""

    menu_wanted = Signal()
    settings_wanted = Signal()
    files_toggled = Signal()
    evidence_toggled = Signal()

    def __init__(self, state: State, session: Session) -> None:
        super().__init__()
        self._state = state
        self._session = session
        self.repository = QToolButton()
        set_role(self.repository, "strong")
        self.repository.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.repository.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menu = QMenu(self.repository)
        self.menu.aboutToShow.connect(self.menu_wanted)
        self.repository.setMenu(self.menu)
        self._dot = label("", wrap=False)
        self.words = ElidedLabel(role="muted")
        self.pause = IconButton("pause", "Pause indexing", self._toggle_pause)
        self.settings = IconButton("settings", "Settings (Ctrl+,)", self.settings_wanted.emit)
        self.files = IconButton("panel-left", "Files (Ctrl+1)", self.files_toggled.emit)
        self.evidence = IconButton("panel-right", "Evidence (Ctrl+2)", self.evidence_toggled.emit)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(2)
        self._bar.setAccessibleName("Indexing")
        self._line = QFrame()
        self._line.setFixedHeight(1)
        self._lay_out()
        theme().changed.connect(self.refresh)
        for topic in ("repository", "index", "engine"):
            self.destroyed.connect(state.subscribe(topic, self.refresh))
        self.refresh()

    def refresh(self) -> None:
        """Show the present state."""
        state = self._state
        name = state.repository.name if state.repository is not None else "Sidetune"
        shown = name if len(name) <= 24 else f"{name[:23]}…"
        self.repository.setText(shown.replace("&", "&&") + " ▾")
        self.repository.setAccessibleName(f"Repository {name}")
        self.repository.setToolTip(tip(state.repository.root if state.repository is not None else "Open a repository"))
        status = state.index if state.repository is not None else None
        self._show_index(status)
        self._line.setStyleSheet(f"background: {theme().colours.line}")

    def set_wide(self, wide: bool) -> None:
        """Show the buttons for what stands beside the conversation where there is room for it."""
        self.files.setVisible(wide)
        self.evidence.setVisible(wide)

    def _show_index(self, status: IndexStatus | None) -> None:
        words = index_words(self._state)
        self.words.set_full_text(words, index_details(status) if status is not None else words)
        answers = self._state.engine.phase == "running" and status is not None and status.answerable
        self._dot.setText("●" if answers else "○")
        failed = status is not None and status.stage == "failed"
        self._dot.setStyleSheet(f"color: {theme().colours.warning if failed else theme().colours.accent}")
        self._dot.setVisible(bool(words))
        working = status is not None and status.stage in {"reading", "embedding"} and status.total > 0
        self._bar.setVisible(working)
        self._line.setVisible(not working)
        if status is not None and working:
            self._bar.setRange(0, status.total)
            self._bar.setValue(status.done)
        paused = status is not None and status.stage == "paused"
        self.pause.show_as("play" if paused else "pause", "Go on with indexing" if paused else "Pause indexing")
        # With nothing to do there is nothing to pause; a paused index can always go on.
        self.pause.setVisible(status is not None and (paused or status.stage in {"reading", "embedding"}))

    def _toggle_pause(self) -> None:
        status = self._state.index
        self._session.pause(status is None or status.stage != "paused")

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        row.setSpacing(GRID)
        row.addWidget(self.files)
        row.addWidget(self.repository)
        row.addStretch(1)
        row.addWidget(self._dot)
        row.addWidget(self.words)
        row.addWidget(self.pause)
        row.addWidget(self.settings)
        row.addWidget(self.evidence)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(self._bar)
        layout.addWidget(self._line)


def index_words(state: State) -> str:
    """Return how far the index is in a few words; empty where there is no repository."""
    status = state.index
    if state.engine.phase == "stopped":
        return "engine stopped"
    if state.engine.phase != "running":
        return "starting" if state.engine.phase == "starting" else "starting again"
    if state.repository is None:
        return "opening" if state.opening else ""
    if status is None or status.stage == "starting":
        return "getting ready"
    share = f"{100 * status.done // status.total} %" if status.total else ""
    match status.stage:
        case "reading":
            words = f"reading {status.done:,} of {status.total:,}" if status.total else "reading"
        case "embedding":
            words = f"indexing {share}".rstrip()
        case "paused":
            words = f"paused at {share}" if share and status.done < status.total else "paused"
        case "failed":
            words = "index failed"
        case _:
            words = f"{status.chunks:,} chunks" + (" · live" if status.watching else "")
    if status.stage in {"reading", "embedding"} and status.seconds_left is not None:
        words += f" · {_left(status.seconds_left)}"
    return words


def index_details(status: IndexStatus) -> str:
    """Return all there is to know about the index, a line each."""
    lines = [f"{status.files:,} files, {status.chunks:,} chunks", f"Found by {_TIERS[status.tier]}"]
    if status.stage in {"reading", "embedding"}:
        rate = f", {status.rate:,.0f} a second" if status.rate >= 1 else ""
        if status.total:
            lines.append(f"{status.done:,} of {status.total:,}{rate}")
        if status.file:
            lines.append(status.file)
    if status.stage == "ready" and status.watching:
        lines.append("A file that you save is read at once")
    if status.problem:
        lines.append(status.problem)
    return "\n".join(lines)


def _left(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s left"
    return f"{round(seconds / 60)} min left"
