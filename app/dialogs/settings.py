"""The settings: those of the engine, which apply from the next question on, and those of the window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.controls import label
from app.desktop.editor import check_command, found_editor
from app.dialogs.disk import DiskPart
from app.dialogs.folder import choose_folder
from app.dialogs.layouts import add_row, combo, form, hint, row, scrolling, spin
from app.dialogs.models import ModelsDialog
from app.preferences import PreferencesFile, Theme
from app.session import Session
from app.state import State
from app.theme import GRID, set_role, theme
from engine.config import Settings, default_threads
from engine.errors import SidetuneError
from engine.paths import home
from engine.types import Effort

__all__ = ["SettingsDialog"]

_BUNDLED = "bundled"
_FOLDER = ""  # the data of the entry that asks for a folder
_EFFORTS: tuple[tuple[str, Effort], ...] = (
    ("Instant: answers without learning", "instant"),
    ("Balanced: learns for a few seconds", "balanced"),
    ("Deep: learns longer", "deep"),
)
_THEMES: tuple[tuple[str, Theme], ...] = (("As the desktop", "system"), ("Light", "light"), ("Dark", "dark"))


class SettingsDialog(QDialog):
    """All settings. They are saved together, through the session and the preferences, and only when they changed.

    ``checking_wanted``: the user asks for the settings of checking, which are kept apart.
    """

    checking_wanted = Signal()

    def __init__(
        self, state: State, session: Session, preferences: PreferencesFile, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._session = session
        self._preferences = preferences
        self._shown = state.settings
        self.setWindowTitle("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        self.effort = combo("How much to learn for a question", _EFFORTS)
        self.model = combo("The model that answers")
        self.folder = QLineEdit()
        self.folder.setAccessibleName("The folder of the model")
        self.folder.setPlaceholderText("A folder with a model's files, or a GGUF file")
        self.choose_model = QPushButton("Choose…")
        self.choose_model.setAccessibleName("Choose the folder of the model")
        self.choose_model.setAutoDefault(False)
        self.models = QPushButton("Get and choose models…")
        self.models.setAutoDefault(False)
        self.threads = spin("Processor threads to compute with", 0, 1024, 1, f"All ({default_threads()})")
        self.evidence = spin(
            "Characters of evidence to read for an answer", 0, 10_000_000, 1000, "As much as the model can read"
        )
        self.answer = spin("Tokens of the longest answer", 1, 100_000, 50)
        self.evidence.setSuffix(" characters")
        self.answer.setSuffix(" tokens")
        self.disk = DiskPart(session)
        self.editor = QLineEdit()
        self.editor.setAccessibleName("The command that opens your editor")
        found = found_editor()
        self.editor.setPlaceholderText(f"{found}, which was found here" if found else "The desktop's own")
        self.theme = combo("Light or dark", _THEMES)
        self.problem = label("", "warning")
        self.problem.hide()
        self._away = label("The engine is not running now, so what it does cannot be changed.", "warning")
        self._about_model = hint("")
        self._build()

        self.model.currentIndexChanged.connect(self._show_model)
        self.choose_model.clicked.connect(self._choose_model)
        self.models.clicked.connect(self._show_models)
        self.destroyed.connect(state.subscribe("settings", self._settings_changed))
        self.destroyed.connect(state.subscribe("engine", self._show_engine))
        self._fill(state.settings)
        self._show_engine()

    # -- what is shown ----------------------------------------------------------------------------

    def _build(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(5 * GRID, 5 * GRID, 5 * GRID, 2 * GRID)
        column.setSpacing(3 * GRID)
        for title, parts in (
            ("Answers", (self._away, self._answers())),
            ("Checking", (self._checking(),)),
            ("Window", (self._window(),)),
            ("Data", (self._data(), self.disk)),
        ):
            column.addWidget(label(title, "strong"))
            for part in parts:
                column.addWidget(part)
            column.addSpacing(2 * GRID)
        column.addStretch(1)
        buttons = QDialogButtonBox()
        self.save = buttons.addButton("Save", QDialogButtonBox.ButtonRole.AcceptRole)
        set_role(self.save, "primary")
        self.save.setDefault(True)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        below = QVBoxLayout()
        below.setContentsMargins(5 * GRID, 2 * GRID, 5 * GRID, 4 * GRID)
        below.setSpacing(2 * GRID)
        below.addWidget(self.problem)
        below.addWidget(buttons)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scrolling(page), 1)
        outer.addLayout(below)
        self.setMinimumSize(380, 320)
        self.resize(460, 640)

    def _answers(self) -> QWidget:
        self._engine_fields = QWidget()
        self._form = form(self._engine_fields)
        self._folder_row = row(self.folder, self.choose_model, widen=True)
        add_row(self._form, "Effort", self.effort)
        add_row(self._form, "Model", self.model)
        add_row(self._form, "", self._folder_row)
        add_row(self._form, "", self._about_model)
        add_row(self._form, "", row(self.models, widen=False))
        add_row(self._form, "Evidence", self.evidence)
        add_row(self._form, "Longest answer", self.answer)
        add_row(self._form, "Threads", self.threads)
        return self._engine_fields

    def _checking(self) -> QWidget:
        self.checking = QPushButton("Checking answers…")
        self.checking.setAutoDefault(False)
        self.checking.clicked.connect(self.checking_wanted)
        area = QWidget()
        fields = form(area)
        add_row(fields, "Hosted model", row(self.checking, widen=False))
        add_row(fields, "", hint("Off until you name a provider; what would be sent is shown first."))
        return area

    def _window(self) -> QWidget:
        area = QWidget()
        fields = form(area)
        add_row(fields, "Theme", self.theme)
        add_row(fields, "Editor", self.editor)
        add_row(fields, "", hint("A command; {file} and {line} stand for the place. Empty: the one shown."))
        return area

    def _data(self) -> QWidget:
        folder = label(str(home()))
        folder.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        folder.setAccessibleName("The folder with all that Sidetune keeps")
        folder.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)  # as high as its lines
        show = QPushButton("Show the folder")
        show.setAutoDefault(False)
        show.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(home()))))
        area = QWidget()
        fields = form(area)
        add_row(fields, "Kept in", folder)
        add_row(fields, "", row(show, widen=False))
        add_row(fields, "", hint("Indexes, conversations, settings. Your repositories are only read."))
        return area

    def _fill(self, settings: Settings) -> None:
        """Show the engine's settings and the window's."""
        self._shown = settings
        self.model.blockSignals(True)
        self.model.clear()
        self.model.addItem("The small model that comes with Sidetune", _BUNDLED)
        is_folder = settings.model != _BUNDLED and any(c in settings.model for c in "/\\")
        if settings.model != _BUNDLED and not is_folder:
            self.model.addItem(settings.model, settings.model)
        self.model.addItem("A model in a folder", _FOLDER)
        self.model.blockSignals(False)
        self.folder.setText(settings.model if is_folder else "")
        self.model.setCurrentIndex(self.model.findData(_FOLDER if is_folder else settings.model))
        self.effort.setCurrentIndex(self.effort.findData(settings.effort))
        self.threads.setValue(settings.threads)
        self.evidence.setValue(settings.evidence_chars)
        self.answer.setValue(settings.answer_tokens)
        self.disk.limit.setValue(settings.disk_limit_mb)
        preferences = self._preferences.value
        self.editor.setText(preferences.editor)
        self.theme.setCurrentIndex(self.theme.findData(preferences.theme))
        self._show_model()

    def _show_model(self) -> None:
        self._form.setRowVisible(self._folder_row, self.model.currentData() == _FOLDER)
        info = self._state.model
        used = info is not None and self._chosen_model() == self._shown.model
        self._about_model.setText(info.notes if info is not None and used else "Used from the next question on.")

    def _settings_changed(self) -> None:
        """Follow what the engine says, as long as nothing was changed here."""
        if self._state.settings != self._shown and self._entered() == self._shown:
            self._fill(self._state.settings)
        else:
            self._show_model()

    def _show_engine(self) -> None:
        running = self._state.engine.phase == "running"
        self._engine_fields.setEnabled(running)
        self._away.setVisible(not running)
        self.disk.setEnabled(running)
        if running:
            self.disk.look()

    # -- what is done -----------------------------------------------------------------------------

    def accept(self) -> None:
        """Save what changed and close; a sentence says what has to be mended first."""
        settings = self._entered()
        if self._engine_fields.isEnabled() and self.model.currentData() == _FOLDER and not _is_model(settings.model):
            self._complain(f"There is no folder {settings.model}." if settings.model else "Choose the model's folder.")
            self.folder.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        chosen: Theme = self.theme.currentData()
        editor = self.editor.text().strip()
        try:
            if editor != self._preferences.value.editor:
                check_command(editor)
        except SidetuneError as error:
            self._complain(str(error))
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        try:
            self._preferences.change(editor=editor, theme=chosen)
        except SidetuneError as error:
            self._complain(str(error))
            return
        finally:
            theme().choose(self._preferences.value.theme)
        if self._engine_fields.isEnabled() and settings != self._shown:
            self._session.save_settings(settings)
        super().accept()

    def _entered(self) -> Settings:
        """Return the engine's settings as they stand in the fields."""
        return replace(
            self._shown,
            effort=cast("Effort", self.effort.currentData()),
            model=self._chosen_model(),
            threads=self.threads.value(),
            evidence_chars=self.evidence.value(),
            answer_tokens=self.answer.value(),
            disk_limit_mb=self.disk.limit.value(),
        )

    def _chosen_model(self) -> str:
        chosen: str = self.model.currentData()
        if chosen != _FOLDER:
            return chosen
        text = self.folder.text().strip()
        return str(Path(text).expanduser()) if text else ""

    def _choose_model(self) -> None:
        choose_folder(self, "Choose the folder of a model", self.folder.text(), self.folder.setText)

    def _show_models(self) -> None:
        ModelsDialog(self._state, self._session, self).open()

    def _complain(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.show()


def _is_model(path: str) -> bool:
    """Return whether there is a folder, or a GGUF file, at an absolute path."""
    place = Path(path)
    is_file = place.suffix.lower() == ".gguf" and place.is_file()
    return bool(path) and place.is_absolute() and (place.is_dir() or is_file)
