"""The models that can answer: what each takes, whether it fits this machine, and getting, using and removing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.controls import FlowLayout, label, quiet_button
from app.dialogs.layouts import scrolling
from app.models import progress_words, size_words, state_words
from app.session import Session
from app.state import State
from app.theme import GRID, set_role
from engine.wire import ModelRow, Models, Problem

__all__ = ["ModelsDialog"]

_EVERY = 500  # milliseconds between two looks while something is on its way
_FULL = 1000  # steps of a progress bar


class ModelsDialog(QDialog):
    """All models, the one that answers marked. What is done here is done at once; closing stops no download."""

    def __init__(self, state: State, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._session = session
        self.setWindowTitle("Models")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.rows: dict[str, _Row] = {}
        self.free = label("", "small")
        self.problem = label("", "warning")
        self.problem.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.setSingleShot(True)  # begun anew by each reply, so that a slow engine is not asked twice
        self._timer.timeout.connect(self.refresh)
        self._build()
        self.destroyed.connect(state.subscribe("settings", self.refresh))
        self.destroyed.connect(state.subscribe("engine", self._engine_changed))
        self._open = True
        self.refresh()

    def _build(self) -> None:
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(5 * GRID, 5 * GRID, 5 * GRID, 2 * GRID)
        self._column.setSpacing(5 * GRID)
        hint = "Models are fetched from huggingface.co, or the hub of the settings, once you say so, and only then."
        self._column.addWidget(label(hint, "small"))
        self._column.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        below = QVBoxLayout()
        below.setContentsMargins(5 * GRID, 2 * GRID, 5 * GRID, 4 * GRID)
        below.setSpacing(2 * GRID)
        below.addWidget(self.problem)
        foot = QHBoxLayout()
        foot.addWidget(self.free, 1)
        foot.addWidget(buttons)
        below.addLayout(foot)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scrolling(page), 1)
        outer.addLayout(below)
        self.setMinimumSize(380, 320)
        self.resize(460, 640)

    def done(self, result: int) -> None:
        """Close; what comes back later is not shown any more."""
        self._open = False
        self._timer.stop()
        super().done(result)

    # -- what is shown ----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list again."""
        if self._open and self._state.engine.phase == "running":
            self._session.models.refresh(self._show, self._complain)

    def _engine_changed(self) -> None:
        running = self._state.engine.phase == "running"
        for row in self.rows.values():
            row.setEnabled(running)
        if running:
            self.refresh()

    def _show(self, models: Models) -> None:
        if not self._open:
            return
        for shown in models.models:
            if shown.name not in self.rows:
                row = self.rows[shown.name] = _Row(self)
                self._column.insertWidget(self._column.count() - 1, row)
            self.rows[shown.name].show_model(shown)
        for gone in set(self.rows) - {each.name for each in models.models}:
            self.rows.pop(gone).deleteLater()
        self.free.setText(f"{size_words(models.free_bytes)} free on the disk")
        if any(each.state in {"downloading", "preparing"} for each in models.models):
            self._timer.start()

    def _complain(self, problem: Problem) -> None:
        if self._open and self._state.engine.phase == "running":
            self.problem.setText(problem.message)
            self.problem.show()
            self._timer.start()

    # -- what is done -----------------------------------------------------------------------------

    def install(self, row: ModelRow, *, answers_only: bool = False) -> None:
        """Fetch a model, or go on with it."""
        self._begin()
        self._session.models.install(row.name, self._show, self._complain, answers_only=answers_only)

    def pause(self, row: ModelRow) -> None:
        """Stop fetching a model for now."""
        self._begin()
        self._session.models.pause(row.name, self._show, self._complain)

    def remove(self, row: ModelRow) -> None:
        """Remove a model, or throw away what has come of it."""
        self._begin()
        self._session.models.remove(row.name, self._show, self._complain)

    def use(self, row: ModelRow) -> None:
        """Let a model answer from the next question on."""
        self._begin()
        self._session.save_settings(replace(self._state.settings, model=row.name))

    def _begin(self) -> None:
        self.problem.hide()


class _Row(QWidget):
    """One model."""

    def __init__(self, dialog: ModelsDialog) -> None:
        super().__init__()
        self._dialog = dialog
        self._shown: ModelRow | None = None
        self.title = label("", "strong")
        self.state = label("", "muted", wrap=False)
        self.about = label("", "small")
        self.fit = label("", "small")
        self.progress = QProgressBar()
        self.progress.setRange(0, _FULL)
        self.progress.setTextVisible(False)
        self.moving = label("", "small")
        self.problem = label("", "warning")
        self.buttons: dict[str, QPushButton] = {}
        head = QHBoxLayout()
        head.setSpacing(2 * GRID)
        head.addWidget(self.title, 1)
        head.addWidget(self.state)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(head)
        for part in (self.about, self.fit, self.progress, self.moving, self.problem):
            column.addWidget(part)
        actions = QWidget()
        flow = FlowLayout(2 * GRID)
        actions.setLayout(flow)
        for name, what, do in self._actions():
            button = self.buttons[name] = quiet_button(name, what, self._doing(do))
            flow.addWidget(button)
        column.addWidget(actions)

    def _actions(self) -> tuple[tuple[str, str, Callable[[ModelRow], None]], ...]:
        dialog = self._dialog
        return (
            ("Use", "Answer with this model from the next question on", dialog.use),
            ("Install", "Fetch its weights, which can answer and learn", dialog.install),
            (
                "Only answers",
                "Fetch less: a file that answers and cannot learn",
                lambda row: dialog.install(row, answers_only=True),
            ),
            ("Pause", "Stop for now; what has come stays", dialog.pause),
            ("Continue", "Go on where it stopped", dialog.install),
            ("Cancel", "Stop, and throw away what has come", dialog.remove),
            ("Remove", "Remove it from this machine", dialog.remove),
        )

    def _doing(self, do: Callable[[ModelRow], None]) -> Callable[[], None]:
        def click() -> None:
            if self._shown is not None:
                do(self._shown)

        return click

    def show_model(self, row: ModelRow) -> None:
        """Show how things stand with the model."""
        if row == self._shown:
            return
        self._shown = row
        self.setAccessibleName(row.title)
        self.title.setText(row.title)
        self.state.setText(state_words(row))
        set_role(self.state, "strong" if row.used else "muted")
        self.about.setText(" ".join(filter(None, (row.notes, f"Licence: {row.licence}." if row.licence else ""))))
        self.fit.setText(" ".join(filter(None, (row.fit, f"Suits: {row.suits}" if row.suits else ""))))
        set_role(self.fit, "warning" if row.fits == "too large" else "small")
        words = progress_words(row)
        self.moving.setText(words)
        self.moving.setVisible(bool(words))
        self.progress.setVisible(row.state in {"downloading", "paused", "preparing"})
        self.progress.setRange(0, 0 if row.state == "preparing" else _FULL)
        self.progress.setValue(row.done * _FULL // row.total if row.total else 0)
        self.progress.setAccessibleName(f"How far {row.title} is: {words}")
        self.problem.setText(row.problem)
        self.problem.setVisible(bool(row.problem))
        offered = _offered(row)
        for name, button in self.buttons.items():
            button.setVisible(name in offered)
            button.setAccessibleName(f"{name} {row.title}")
        only = size_words(row.answers_only_bytes)
        self.buttons["Only answers"].setText(f"Only answers, {only}" if only else "Only answers")


def _offered(row: ModelRow) -> set[str]:
    """Return the names of what can be done with a model as it is."""
    is_own = not row.licence or row.name == "bundled"  # the bundled one, or the user's own: neither fetched nor removed
    if row.state == "installed":
        return set() if row.used else {"Use"} if is_own else {"Use", "Remove"}
    by_state = {
        "available": {"Install"},
        "downloading": {"Pause", "Cancel"},
        "paused": {"Continue", "Cancel"},
        "preparing": set(),
        "failed": {"Continue", "Cancel"} if row.done else {"Install", "Remove"},
    }
    found: set[str] = set(by_state[row.state])
    if row.state == "available" and row.learns and row.answers_only_bytes:
        found.add("Only answers")
    return found
