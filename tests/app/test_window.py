"""The window as a whole: what is beside what at which width, its keys, its menu, its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QLabel, QMenu, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.dialogs.settings import SettingsDialog
from app.header import index_words
from app.preferences import PreferencesFile
from app.session import Session
from app.state import State
from app.theme import theme
from app.window import MainWindow
from engine.types import Focus
from engine.wire import IndexStatus
from tests.app.leaks import alive, left_since
from tests.app.scripted import ANSWER, CONVERSATIONS, SELECTED, STARTED, STATUS, TUNED, ScriptedEngine, open_session

WAIT = 60_000  # milliseconds


@pytest.fixture
def engine(folder: Path) -> ScriptedEngine:
    return ScriptedEngine(folder, replies={"conversations": CONVERSATIONS})


@pytest.fixture
def preferences() -> PreferencesFile:
    return PreferencesFile()


@pytest.fixture
def window(qtbot: QtBot, engine: ScriptedEngine, preferences: PreferencesFile) -> Iterator[MainWindow]:
    made = MainWindow(open_session(engine), preferences)
    made.resize(420, 700)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=WAIT)
    ended: list[int] = []
    made.destroyed.connect(lambda: ended.append(1))
    yield made
    if not ended:
        made.close()
        qtbot.waitUntil(lambda: bool(ended), timeout=WAIT)


def close(qtbot: QtBot, window: MainWindow, how: Callable[[], object] | None = None) -> None:
    """Close a window and wait until it is gone."""
    ended: list[int] = []
    window.destroyed.connect(lambda: ended.append(1))
    (how or window.close)()
    qtbot.waitUntil(lambda: bool(ended), timeout=WAIT)


def resize(qtbot: QtBot, window: MainWindow, width: int) -> None:
    window.resize(width, 700)
    qtbot.waitUntil(lambda: window.width() == width, timeout=WAIT)


def shown(window: MainWindow) -> tuple[bool, bool, bool]:
    """Return whether files, conversation and evidence can be seen."""
    return window.files.isVisible(), window.transcript.isVisible(), window.evidence.isVisible()


def texts(widget: QWidget) -> str:
    return "\n".join(each.text() for each in widget.findChildren(QLabel) if each.isVisible())


def test_panels_stand_beside_the_conversation_where_there_is_room(qtbot: QtBot, window: MainWindow) -> None:
    for width, beside in ((420, False), (899, False), (900, True), (1600, True), (380, False)):
        resize(qtbot, window, width)
        assert shown(window) == (beside, True, beside), width
        assert window.header.files.isVisible() is beside
        assert window.minimumSizeHint().width() <= width
    assert window.minimumWidth() == 380


def test_panels_are_hidden_for_good_in_a_wide_window(
    qtbot: QtBot, window: MainWindow, preferences: PreferencesFile
) -> None:
    resize(qtbot, window, 1200)
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert shown(window) == (False, True, True)
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert shown(window) == (False, True, False)
    assert PreferencesFile().value.show_repository is False
    window.header.files_toggled.emit()
    assert shown(window) == (True, True, False)


def test_panels_take_the_place_of_the_conversation_in_a_narrow_window(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert shown(window) == (True, False, False)
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert shown(window) == (False, False, True)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert shown(window) == (False, True, False)
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    window.session.add_about(Focus("README.md"))
    assert shown(window) == (False, True, False)


def test_without_a_repository_there_is_a_welcome(qtbot: QtBot, preferences: PreferencesFile, folder: Path) -> None:
    engine = ScriptedEngine(folder)
    session = Session(State(), engine, lambda *_: None)
    window = MainWindow(session, preferences)
    window.show()
    session.engine_ready()
    assert window.welcome.isVisible()
    with qtbot.waitSignal(window.open_requested, timeout=WAIT) as signal:
        window.welcome.chosen.emit(str(folder))
    assert signal.args == [str(folder)]
    session.open(folder)
    assert not window.welcome.isVisible()
    assert window.windowTitle() == "shop — Sidetune"
    assert preferences.value.recent == (str(folder),)
    close(qtbot, window)


def test_a_folder_that_cannot_be_opened_leads_back_to_the_welcome(window: MainWindow, engine: ScriptedEngine) -> None:
    assert window.transcript.isVisible()
    window.session.notify("there is no folder /nowhere")
    assert window.notice_strip.words.text() == "there is no folder /nowhere"
    assert window.notice_strip.isVisible()
    next(each for each in window.notice_strip.children() if hasattr(each, "click")).click()
    assert not window.notice_strip.isVisible()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (STATUS, "1,508 chunks · live"),
        (replace(STATUS, watching=False), "1,508 chunks"),
        (replace(STATUS, stage="starting"), "getting ready"),
        (replace(STATUS, stage="reading", done=120, total=1900, seconds_left=4.2), "reading 120 of 1,900 · 4 s left"),
        (replace(STATUS, stage="reading"), "reading"),
        (replace(STATUS, stage="embedding", done=1, total=3, seconds_left=400), "indexing 33 % · 7 min left"),
        (replace(STATUS, stage="paused", done=1, total=4), "paused at 25 %"),
        (replace(STATUS, stage="paused"), "paused"),
        (replace(STATUS, stage="failed", problem="The disk is full."), "index failed"),
    ],
)
def test_the_index_is_put_into_words(status: IndexStatus, words: str, engine: ScriptedEngine) -> None:
    session = open_session(engine)
    engine.index(status)
    assert index_words(session.state) == words


def test_indexing_can_be_paused_while_there_is_something_to_do(window: MainWindow, engine: ScriptedEngine) -> None:
    assert not window.header.pause.isVisible()
    working = replace(STATUS, stage="embedding", done=10, total=100, file="src/shop/orders.py", rate=40)
    engine.index(working)
    assert "src/shop/orders.py" in window.header.words.toolTip()
    engine.replies["pause"] = replace(working, stage="paused")
    window.header.pause.click()
    assert engine.named("pause")[-1].message.paused
    assert window.header.pause.accessibleName() == "Go on with indexing"
    window.header.pause.click()
    assert not engine.named("pause")[-1].message.paused


def test_a_lost_engine_is_said_and_an_engine_that_gave_up_can_be_tried_again(
    qtbot: QtBot, window: MainWindow, engine: ScriptedEngine
) -> None:
    window.session.engine_lost("The engine crashed.")
    assert window.engine_strip.words.text() == "The engine crashed."
    assert index_words(window.state) == "starting again"
    again = window.engine_strip.findChildren(QPushButton)[0]
    assert not again.isVisible()
    window.session.engine_gave_up("The engine crashed five times.")
    assert again.isVisible()
    with qtbot.waitSignal(window.restart_requested, timeout=WAIT):
        again.click()
    window.session.engine_ready()
    assert not window.engine_strip.isVisible()
    assert index_words(window.state) == "1,508 chunks · live"


def test_why_an_index_failed_is_said_until_it_works(window: MainWindow, engine: ScriptedEngine) -> None:
    engine.index(replace(STATUS, stage="failed", problem="The disk is full."))
    assert window.engine_strip.words.text() == "The disk is full."
    assert window.engine_strip.isVisible()
    engine.index()
    assert not window.engine_strip.isVisible()


def test_keys(qtbot: QtBot, window: MainWindow, engine: ScriptedEngine) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    window.header.settings.setFocus()
    QTest.keyClick(window, Qt.Key.Key_L, control)
    assert window.composer.field.hasFocus()
    QTest.keyClicks(window.composer.field, "Why?")
    QTest.keyClick(window.composer.field, Qt.Key.Key_Return)
    engine.tell(STARTED)
    QTest.keyClick(window.composer.field, Qt.Key.Key_Escape)
    assert window.state.turns[0].phase == "stopped"
    QTest.keyClick(window.composer.field, Qt.Key.Key_N, control)
    assert window.state.turns == []
    QTest.keyClick(window, Qt.Key.Key_Comma, control)
    dialog = window.findChild(SettingsDialog)
    assert dialog is not None
    assert dialog.isVisible()
    dialog.reject()
    close(qtbot, window, lambda: QTest.keyClick(window, Qt.Key.Key_W, control))


def test_the_keyboard_reaches_all_that_is_shown(qtbot: QtBot, window: MainWindow, engine: ScriptedEngine) -> None:
    window.session.ask("Why?")
    engine.tell(STARTED, SELECTED, TUNED, ANSWER)
    window.transcript.flush()
    qtbot.waitUntil(lambda: "the repository says this" in texts(window), timeout=WAIT)
    window.composer.field.setFocus()
    reached: list[str] = []
    for _ in range(60):
        focus = window.focusWidget()
        assert focus is not None
        name = focus.accessibleName() or getattr(focus, "text", lambda: "")()
        if reached and name == reached[0]:
            break
        reached.append(name)
        window.focusNextPrevChild(True)
    for name in ("Question", "Effort: Balanced", "Repository shop", "Settings (Ctrl+,)", "4 sources", "Copy", "Deeper"):
        assert name in reached, reached
    assert all(reached)


def test_the_menu_offers_conversations_and_recent_repositories(
    qtbot: QtBot, window: MainWindow, preferences: PreferencesFile, engine: ScriptedEngine
) -> None:
    preferences.update(lambda value: value.opened("/home/somebody/R&D").opened(str(engine.root)))
    window.session.ask("Why?")
    engine.tell(STARTED, SELECTED, TUNED, ANSWER)
    window.header.menu.aboutToShow.emit()
    actions = {each.text().split("\t")[0]: each for each in window.header.menu.actions() if each.text()}
    assert {"New conversation", "Conversations", "Open a repository…", "R&&D", "Settings…"} <= set(actions)
    assert "shop" not in actions
    with qtbot.waitSignal(window.open_requested, timeout=WAIT) as signal:
        actions["R&&D"].trigger()
    assert signal.args == ["/home/somebody/R&D"]
    submenu = actions["Conversations"].menu()
    assert isinstance(submenu, QMenu)
    conversations = {each.text(): each for each in submenu.actions()}
    assert conversations["How is the total of an order made?"].isChecked()
    conversations["Where is stock reserved?"].trigger()
    assert engine.named("conversation")[-1].message.thread == "thread-0"


def test_a_conversation_is_renamed_and_deleted_when_the_user_means_it(
    qtbot: QtBot, window: MainWindow, engine: ScriptedEngine
) -> None:
    conversation = CONVERSATIONS.conversations[0]
    window.rename_conversation(conversation)
    dialog = window.findChild(QInputDialog)
    assert dialog is not None
    dialog.setTextValue("Totals")
    dialog.accept()
    assert engine.named("rename-conversation")[0].message.title == "Totals"
    for name, deleted in (("Keep", 0), ("Delete", 1)):
        window.delete_conversation(conversation)
        box = window.findChildren(QMessageBox)[-1]
        assert conversation.title in box.text()
        next(each for each in box.buttons() if each.text() == name).click()
        assert len(engine.named("delete-conversation")) == deleted
        qtbot.waitUntil(lambda: not window.findChildren(QMessageBox), timeout=WAIT)


def test_an_address_is_shown_before_it_is_opened(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: went.append(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
    )
    address, shown_as = "https://exämple.org/<b>x</b>?q=1", "https://xn--exmple-cua.org/%3Cb%3Ex%3C/b%3E?q=1"
    for name, opened in (("Stay here", []), ("Open in the browser", [shown_as])):
        window.transcript.address_clicked.emit(address)
        box = window.findChildren(QMessageBox)[-1]
        assert box.informativeText() == shown_as
        assert box.textFormat() == Qt.TextFormat.PlainText
        next(each for each in box.buttons() if each.text() == name).click()
        assert went == opened
        qtbot.waitUntil(lambda: not window.findChildren(QMessageBox), timeout=WAIT)


def test_folders_and_files_can_be_dropped(qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path) -> None:
    def drop(path: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        none = Qt.KeyboardModifier.NoModifier
        window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none))

    drop(folder / "src/shop/orders.py")
    assert window.state.about == (Focus("src/shop/orders.py"),)
    (tmp_path / "else.txt").write_text("x")
    drop(tmp_path / "else.txt")
    assert window.state.notice == "else.txt is not in the repository that is open"
    with qtbot.waitSignal(window.open_requested, timeout=WAIT) as signal:
        drop(tmp_path)
    assert signal.args == [str(tmp_path)]


def test_the_theme_follows_the_preference(window: MainWindow, preferences: PreferencesFile) -> None:
    try:
        for choice, dark in (("dark", True), ("light", False)):
            preferences.change(theme=choice)
            assert theme().dark is dark
            colour = window.grab().toImage().pixelColor(QPoint(210, 350))
            assert (colour.lightness() < 60) is dark
    finally:
        preferences.change(theme="system")


def test_a_closed_window_stops_its_question_and_remembers_where_it_stood(
    qtbot: QtBot, window: MainWindow, engine: ScriptedEngine
) -> None:
    resize(qtbot, window, 640)
    window.session.ask("Why?")
    engine.tell(STARTED)
    with qtbot.waitSignal(window.closed, timeout=WAIT):
        close(qtbot, window)
    assert len(engine.named("cancel")) == 1
    assert engine.indexes[-1].closed
    again = MainWindow(open_session(engine), PreferencesFile())
    again.show()
    assert again.width() == 640
    close(qtbot, again)


def test_nothing_of_a_closed_window_stays_subscribed(
    qtbot: QtBot, engine: ScriptedEngine, preferences: PreferencesFile
) -> None:
    session = open_session(engine)
    before = alive()
    window = MainWindow(session, preferences)
    window.show()
    assert alive() > before  # what the fixture of every test looks for is found
    session.ask("Why?")
    engine.tell(STARTED, SELECTED, TUNED, ANSWER)
    window.transcript.flush()
    window.transcript.messages[0].unfold(evidence=True, learning=True)
    close(qtbot, window)
    assert left_since(before) == set()
    left = {topic: listeners for topic, listeners in session.state._listeners.items() if listeners}
    assert left == {}
    assert preferences._listeners == []
