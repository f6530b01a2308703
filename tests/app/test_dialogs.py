"""The first page and the settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLineEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from app.dialogs.folder import choose_folder
from app.dialogs.settings import SettingsDialog
from app.dialogs.welcome import Welcome, dropped_folder
from app.preferences import Preferences, PreferencesFile
from app.session import Session
from app.state import EngineState
from app.theme import theme
from engine.config import Settings
from tests.app.scripted import ScriptedEngine, open_session

WAIT = 60_000  # milliseconds


@pytest.fixture
def preferences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PreferencesFile:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    return PreferencesFile()


# -- welcome --------------------------------------------------------------------------------------


@pytest.fixture
def welcome(qtbot: QtBot, preferences: PreferencesFile) -> Welcome:
    page = Welcome(preferences)
    qtbot.addWidget(page)
    page.resize(420, 640)
    page.show()
    return page


def chosen(page: Welcome) -> list[str]:
    found: list[str] = []
    page.chosen.connect(found.append)
    return found


def test_recent_folders_are_offered_as_they_come_and_go(welcome: Welcome, preferences: PreferencesFile) -> None:
    assert welcome.recent == []
    preferences.change(recent=("/a/flask", "/b & c/<b>dj</b>"))
    assert [each.accessibleName() for each in welcome.recent] == ["Open /a/flask", "Open /b & c/<b>dj</b>"]
    found = chosen(welcome)
    QTest.mouseClick(welcome.recent[1], Qt.MouseButton.LeftButton)
    assert found == ["/b & c/<b>dj</b>"]
    QTest.keyClick(welcome.recent[0], Qt.Key.Key_Space)
    assert found[1:] == ["/a/flask"]


def test_a_recent_folder_can_be_taken_off_the_list(welcome: Welcome, preferences: PreferencesFile) -> None:
    preferences.change(recent=("/a", "/b"))
    row = welcome.recent[0].parentWidget()
    assert row is not None
    row.forgotten.emit()  # type: ignore[attr-defined]
    assert preferences.value.recent == ("/b",)
    assert len(welcome.recent) == 1
    assert PreferencesFile().value.recent == ("/b",)


@pytest.mark.parametrize("root", ["/home/" + "deep/" * 80 + "name", "/home/" + "name" * 80])
def test_a_long_name_does_not_widen_the_page(
    qtbot: QtBot, welcome: Welcome, preferences: PreferencesFile, root: str
) -> None:
    preferences.change(recent=(root,))
    row = welcome.recent[0].parentWidget()
    assert row is not None
    qtbot.waitUntil(lambda: 100 < row.mapTo(welcome, row.rect().topRight()).x() <= 420, timeout=WAIT)


def dragged(*paths: Path | str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) if isinstance(path, Path) else QUrl(path) for path in paths])
    return data


def test_a_folder_that_is_dropped_opens(welcome: Welcome, tmp_path: Path) -> None:
    folder = tmp_path / "my #1 repo?"
    folder.mkdir()
    found = chosen(welcome)
    data = dragged(folder)
    enter = QDragEnterEvent(
        QPoint(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    before = welcome.grab().toImage()
    QApplication.sendEvent(welcome, enter)
    assert enter.isAccepted()
    assert welcome.grab().toImage() != before  # a frame says that it can be dropped
    drop = QDropEvent(
        QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(welcome, drop)
    assert found == [str(folder)]
    assert welcome.grab().toImage() == before


def test_only_a_local_folder_can_be_dropped(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("")
    assert dropped_folder(dragged(file, tmp_path / "gone", "https://a.example/b")) is None
    assert dropped_folder(dragged(file, tmp_path)) == str(tmp_path)
    assert dropped_folder(QMimeData()) is None


def test_choosing_a_folder_blocks_nothing(qtbot: QtBot, welcome: Welcome, tmp_path: Path) -> None:
    found: list[str] = []
    dialog = choose_folder(welcome, "Choose", str(tmp_path), found.append)
    assert dialog.fileMode() == QFileDialog.FileMode.Directory
    assert found == []
    dialog.fileSelected.emit(str(tmp_path))
    assert found == [str(tmp_path)]
    dialog.close()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog), timeout=WAIT)


def test_the_button_asks_for_a_folder(qtbot: QtBot, welcome: Welcome, tmp_path: Path) -> None:
    found = chosen(welcome)
    QTest.mouseClick(welcome.choose, Qt.MouseButton.LeftButton)
    dialog = welcome.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path))
    dialog.close()
    assert found == [str(tmp_path)]


# -- settings -------------------------------------------------------------------------------------


@pytest.fixture
def engine(tmp_path: Path) -> ScriptedEngine:
    return ScriptedEngine(tmp_path)


@pytest.fixture
def session(engine: ScriptedEngine) -> Iterator[Session]:
    session = open_session(engine)
    yield session
    session.close()
    theme().choose("system")


@pytest.fixture
def dialog(qtbot: QtBot, session: Session, preferences: PreferencesFile) -> SettingsDialog:
    made = SettingsDialog(session.state, session, preferences)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # looked at after it closed
    qtbot.addWidget(made)
    made.show()
    return made


def saved(engine: ScriptedEngine) -> list[Settings]:
    return [asked.message for asked in engine.named("write-settings")]


def test_what_is_chosen_is_saved(
    dialog: SettingsDialog, engine: ScriptedEngine, preferences: PreferencesFile, tmp_path: Path
) -> None:
    dialog.effort.setCurrentIndex(dialog.effort.findData("deep"))
    dialog.model.setCurrentIndex(dialog.model.findData(""))
    dialog.folder.setText(str(tmp_path))
    dialog.threads.setValue(3)
    dialog.evidence.setValue(9000)
    dialog.answer.setValue(300)
    dialog.editor.setText("  sh --line {line} {file} ")
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert saved(engine) == [Settings("deep", str(tmp_path), 3, 9000, 300)]
    assert preferences.value == Preferences(editor="sh --line {line} {file}", theme="dark")
    assert theme().dark
    assert not dialog.isVisible()


def test_nothing_is_saved_when_nothing_changed(dialog: SettingsDialog, engine: ScriptedEngine) -> None:
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert saved(engine) == []


def test_cancel_changes_nothing(dialog: SettingsDialog, engine: ScriptedEngine, preferences: PreferencesFile) -> None:
    dialog.threads.setValue(3)
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert saved(engine) == []
    assert preferences.value == Preferences()
    assert not theme().dark


@pytest.mark.parametrize(
    ("folder", "sentence"), [("/no/such/model", "There is no folder /no/such/model."), ("", "Choose")]
)
def test_a_model_without_its_folder_is_not_saved(
    dialog: SettingsDialog, engine: ScriptedEngine, folder: str, sentence: str
) -> None:
    assert not dialog.folder.isVisible()
    dialog.model.setCurrentIndex(dialog.model.findData(""))
    assert dialog.folder.isVisible()
    dialog.folder.setText(folder)
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert saved(engine) == []
    assert dialog.isVisible()
    assert sentence in dialog.problem.text()


@pytest.mark.parametrize(
    ("command", "sentence"), [("no-such-editor", "was not found"), ("nvim", "needs a terminal"), ("'x", "not closed")]
)
def test_an_editor_that_cannot_be_started_is_not_saved(
    dialog: SettingsDialog, preferences: PreferencesFile, command: str, sentence: str
) -> None:
    dialog.editor.setText(command)
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    assert sentence in dialog.problem.text()
    assert preferences.value == Preferences()


def test_settings_made_elsewhere_are_kept(
    qtbot: QtBot, session: Session, engine: ScriptedEngine, preferences: PreferencesFile
) -> None:
    session.state.settings = Settings("instant", "/models/mine", 2, 5000, 123)
    dialog = SettingsDialog(session.state, session, preferences)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    assert dialog.folder.text() == "/models/mine"
    assert dialog.model.currentData() == ""
    assert (dialog.threads.value(), dialog.evidence.value(), dialog.answer.value()) == (2, 5000, 123)
    dialog.model.setCurrentIndex(dialog.model.findData("bundled"))
    dialog.accept()
    assert saved(engine) == [Settings("instant", "bundled", 2, 5000, 123)]


def test_a_model_of_the_catalogue_keeps_its_name(
    qtbot: QtBot, session: Session, engine: ScriptedEngine, preferences: PreferencesFile
) -> None:
    session.state.settings = Settings(model="another-7b")
    dialog = SettingsDialog(session.state, session, preferences)
    qtbot.addWidget(dialog)
    assert dialog.model.currentText() == "another-7b"
    dialog.effort.setCurrentIndex(0)
    dialog.accept()
    assert saved(engine)[0].model == "another-7b"


def test_what_the_engine_says_meanwhile_is_shown_until_something_is_typed(
    dialog: SettingsDialog, session: Session
) -> None:
    session.state.settings = Settings(threads=7)
    session.state.changed("settings")
    assert dialog.threads.value() == 7
    dialog.threads.setValue(5)
    session.state.settings = Settings(threads=9)
    session.state.changed("settings")
    assert dialog.threads.value() == 5


def test_without_an_engine_the_window_still_has_settings(
    dialog: SettingsDialog, session: Session, engine: ScriptedEngine, preferences: PreferencesFile
) -> None:
    session.state.engine = EngineState("restarting", "")
    session.state.changed("engine")
    assert not dialog.threads.isEnabled()
    dialog.editor.setText("sh")
    dialog.accept()
    assert saved(engine) == []
    assert preferences.value.editor == "sh"


def test_preferences_that_cannot_be_kept_are_a_sentence(
    qtbot: QtBot, session: Session, tmp_path: Path, preferences: PreferencesFile
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    dialog = SettingsDialog(session.state, session, PreferencesFile(blocked / "window.json"))
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.editor.setText("sh")
    dialog.accept()
    assert dialog.isVisible()
    assert "cannot" in dialog.problem.text()


def test_the_wheel_scrolls_the_page_and_changes_nothing(dialog: SettingsDialog) -> None:
    dialog.editor.setFocus()
    for field in (dialog.threads, dialog.effort):
        before = field.value() if isinstance(field, QSpinBox) else field.currentIndex()
        at = QPointF(field.rect().center())
        wheel = QWheelEvent(
            at, field.mapToGlobal(at), QPoint(0, 0), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(field, wheel)
        assert (field.value() if isinstance(field, QSpinBox) else field.currentIndex()) == before


def test_every_field_has_a_name(dialog: SettingsDialog) -> None:
    fields: list[QWidget] = [
        *dialog.findChildren(QComboBox), *dialog.findChildren(QSpinBox), dialog.editor, dialog.folder,
    ]  # fmt: skip
    assert len(fields) == 9
    for field in fields:
        assert field.accessibleName(), field
    assert all(each.accessibleName() or each.parent() in fields for each in dialog.findChildren(QLineEdit))


def test_it_fits_into_a_narrow_window(dialog: SettingsDialog) -> None:
    dialog.resize(380, 400)
    QApplication.processEvents()
    for field in (dialog.effort, dialog.model, dialog.editor, dialog.threads):
        right = field.mapTo(dialog, field.rect().topRight()).x()
        assert right <= 380, field.accessibleName()


def test_a_dialog_that_was_closed_is_gone(qtbot: QtBot, session: Session, preferences: PreferencesFile) -> None:
    dialog = SettingsDialog(session.state, session, preferences)
    dialog.open()
    dialog.reject()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog), timeout=WAIT)
    session.state.changed("settings")  # would raise that the C++ object is deleted
    session.state.changed("engine")
