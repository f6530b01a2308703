"""What stands beside the conversation: the files of the repository and the evidence of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QAbstractButton, QToolButton
from pytestqt.qtbot import QtBot

from app.panels.evidence import EvidenceList, EvidencePanel, place
from app.panels.files import FileTree, left_out, matching, paths_of
from app.panels.repository import RepositoryPanel
from app.session import Session
from app.theme import theme
from engine.types import Focus
from engine.wire import ExcerptText, Listing, WhyReply
from tests.app.scripted import SELECTED, STARTED, ScriptedEngine, open_session

WAIT = 60_000  # milliseconds

LISTING = Listing(
    (
        "README.md",
        "Zebra.py",
        "src-old.py",
        "src/app.py",
        "src/app/deep/one.py",
        "src/app/deep/two.py",
        "src/app0.py",
    ),
    {
        "src/logo.png": "binary",
        "node_modules/": "ignored: .gitignore:1: node_modules/",
        ".env": "secret: looks like keys",
    },
)


def tree_of(listing: Listing) -> FileTree:
    model = FileTree()
    model.show(paths_of(listing), listing.left_out)
    return model


def shape(model: FileTree, parent: QModelIndex | None = None) -> list[object]:
    """Return what a tree shows: names, and for folders a pair of the name and what is in it."""
    at = parent or QModelIndex()
    while model.canFetchMore(at):
        model.fetchMore(at)
    rows: list[object] = []
    for row in range(model.rowCount(at)):
        index = model.index(row, 0, at)
        rows.append((index.data(), shape(model, index)) if model.hasChildren(index) else index.data())
    return rows


# -- the model ------------------------------------------------------------------------------------


def test_the_tree_is_what_the_paths_say(qtbot: QtBot) -> None:
    model = tree_of(LISTING)
    assert shape(model) == [
        "node_modules",
        ("src", [("app", [("deep", ["one.py", "two.py"])]), "app.py", "app0.py", "logo.png"]),
        ".env",
        "README.md",
        "src-old.py",
        "Zebra.py",
    ]
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)


def test_nothing_is_made_before_somebody_looks(qtbot: QtBot) -> None:
    model = tree_of(LISTING)
    assert model.rowCount() == 0
    assert model.hasChildren()
    model.fetchMore(QModelIndex())
    source = model.index(1, 0)
    assert source.data() == "src"
    assert model.hasChildren(source)
    assert model.rowCount(source) == 0


@pytest.mark.parametrize("path", ["README.md", "src/app/deep/two.py", "src/app/", "node_modules/", "src/app.py"])
def test_a_path_is_found_again(qtbot: QtBot, path: str) -> None:
    model = tree_of(LISTING)
    assert model.find(path).data(FileTree.PathRole) == path


@pytest.mark.parametrize("path", ["", "gone", "src/gone.py", "README.md/", "src", "src/app/deep/one.py/x"])
def test_a_path_that_is_not_shown_is_nowhere(qtbot: QtBot, path: str) -> None:
    model = tree_of(LISTING)
    assert not model.find(path).isValid()


def test_what_is_left_out_is_grey_and_says_why(qtbot: QtBot) -> None:
    model = tree_of(LISTING)
    muted = QColor(theme().colours.muted)
    for path, reason in ((".env", "secret: looks like keys"), ("node_modules/", "ignored: .gitignore:1")):
        index = model.find(path)
        assert index.data(Qt.ItemDataRole.ForegroundRole) == muted
        assert reason in index.data(Qt.ItemDataRole.ToolTipRole)
    assert model.find("README.md").data(Qt.ItemDataRole.ForegroundRole) is None
    assert left_out("binary") == "Not indexed, binary"


def test_a_folder_with_too_many_files_points_at_the_filter(qtbot: QtBot) -> None:
    model = tree_of(Listing(tuple(f"flat/{number:06}.py" for number in range(5000))))
    flat = model.find("flat/")
    model.fetchMore(flat)
    last = model.index(model.rowCount(flat) - 1, 0, flat)
    assert model.rowCount(flat) == 2001
    assert last.data() == "… and 3,000 more, which the filter above finds"
    assert last.data(FileTree.PathRole) == ""


def test_every_word_of_the_filter_must_be_in_the_path() -> None:
    paths = paths_of(LISTING)
    assert matching(paths, "APP deep") == ["src/app/deep/one.py", "src/app/deep/two.py"]
    assert matching(paths, "  ") == paths
    assert matching(paths, "app nowhere") == []


# -- the files' panel -----------------------------------------------------------------------------


@pytest.fixture
def engine(tmp_path: Path) -> ScriptedEngine:
    return ScriptedEngine(tmp_path)


@pytest.fixture
def session(engine: ScriptedEngine) -> Iterator[Session]:
    session = open_session(engine)
    yield session
    session.close()


@pytest.fixture
def files(qtbot: QtBot, session: Session) -> RepositoryPanel:
    panel = RepositoryPanel(session.state, session)
    qtbot.addWidget(panel)
    panel.resize(280, 500)
    panel.show()
    relist(session, LISTING)
    return panel


def relist(session: Session, files: Listing) -> None:
    session.state.files = files
    session.state.changed("files")


def about(session: Session) -> list[Focus]:
    return list(session.state.about)


def excluded(session: Session) -> list[Focus]:
    return list(session.state.exclude)


def actions(panel: RepositoryPanel, path: str) -> dict[str, object]:
    menu = panel.menu_for(panel.model.find(path))
    return {action.text(): action for action in menu.actions()}


def choose(panel: RepositoryPanel, path: str, text: str) -> None:
    menu = panel.menu_for(panel.model.find(path))
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_the_panel_counts_what_is_indexed(files: RepositoryPanel) -> None:
    assert files.note.text() == "7 files indexed, 3 left out"


def test_the_filter_unfolds_what_it_finds(qtbot: QtBot, files: RepositoryPanel) -> None:
    QTest.keyClicks(files.filter, "deep")
    qtbot.waitUntil(lambda: files.note.text() == "2 of 10 found", timeout=WAIT)
    assert shape(files.model) == [("src", [("app", [("deep", ["one.py", "two.py"])])])]
    assert files.tree.isExpanded(files.model.find("src/app/deep/"))
    QTest.keyClick(files.filter, Qt.Key.Key_Return)
    assert files.tree.currentIndex().data(FileTree.PathRole) == "src/app/deep/one.py"
    assert files.tree.hasFocus()
    files.filter.setText("nothing like it")
    qtbot.waitUntil(lambda: files.note.text() == "No path contains these words.", timeout=WAIT)


def test_enter_and_double_click_ask_about_a_file(qtbot: QtBot, files: RepositoryPanel, session: Session) -> None:
    files.tree.setCurrentIndex(files.model.find("README.md"))
    QTest.keyClick(files.tree, Qt.Key.Key_Return)
    assert about(session) == [Focus("README.md")]
    files.tree.setExpanded(files.model.find("src/"), True)
    at = files.tree.visualRect(files.model.find("src/app.py")).center()
    QTest.mouseDClick(files.tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert about(session) == [Focus("README.md"), Focus("src/app.py")]


def test_enter_opens_a_folder_and_leaves_what_is_left_out_alone(
    qtbot: QtBot, files: RepositoryPanel, session: Session
) -> None:
    for path in ("src/", "node_modules/", ".env"):
        files.tree.setCurrentIndex(files.model.find(path))
        QTest.keyClick(files.tree, Qt.Key.Key_Return)
    assert files.tree.isExpanded(files.model.find("src/"))
    assert about(session) == []
    assert files.note.text() == "Not indexed, secret: looks like keys"


def test_the_tree_shows_where_the_keyboard_is(qtbot: QtBot, files: RepositoryPanel) -> None:
    files.activateWindow()
    files.filter.setFocus()
    qtbot.waitUntil(files.filter.hasFocus, timeout=WAIT)
    assert not files.tree.selectionModel().hasSelection()
    files.tree.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: files.tree.selectionModel().hasSelection(), timeout=WAIT)
    assert files.tree.selectionModel().selectedIndexes()[0].data() == "node_modules"


def test_the_menu_of_a_file_does_what_it_says(
    files: RepositoryPanel, session: Session, engine: ScriptedEngine, tmp_path: Path
) -> None:
    assert list(actions(files, "README.md")) == ["Ask about this file", "Leave out of the answers", "Open in editor"]
    choose(files, "README.md", "Ask about this file")
    choose(files, "src/app.py", "Leave out of the answers")
    assert about(session) == [Focus("README.md")]
    assert excluded(session) == [Focus("src/app.py")]
    opened: list[tuple[Path, int]] = []
    session._open_in_editor = lambda file, line: opened.append((file, line))
    choose(files, "src/app.py", "Open in editor")
    assert opened == [(tmp_path / "src/app.py", 1)]


def test_the_menu_of_what_is_left_out_asks_why(files: RepositoryPanel, engine: ScriptedEngine) -> None:
    engine.replies["why"] = lambda message: WhyReply(message.path, False, "ignored", ".gitignore:1: node_modules/")
    assert list(actions(files, "node_modules/")) == ["Why is this not indexed?"]
    assert list(actions(files, ".env")) == ["Open in editor", "Why is this not indexed?"]
    choose(files, "node_modules/", "Why is this not indexed?")
    assert engine.named("why")[0].message.path == "node_modules"
    assert files.note.text() == "node_modules is not indexed, ignored: .gitignore:1: node_modules/"
    engine.replies["why"] = lambda message: WhyReply(message.path, True, "", "")
    choose(files, ".env", "Why is this not indexed?")
    assert files.note.text() == ".env is indexed now."


def test_a_new_listing_keeps_what_was_open_and_chosen(files: RepositoryPanel, session: Session) -> None:
    for path in ("src/", "src/app/"):
        files.tree.setExpanded(files.model.find(path), True)
    files.tree.setCurrentIndex(files.model.find("src/app.py"))
    relist(session, Listing(("a_new_one.py", *LISTING.indexed), LISTING.left_out))
    assert files.tree.isExpanded(files.model.find("src/app/"))
    assert not files.tree.isExpanded(files.model.find("src/app/deep/"))
    assert files.tree.currentIndex().data(FileTree.PathRole) == "src/app.py"
    assert files.model.find("a_new_one.py").isValid()


def test_another_repository_begins_folded(files: RepositoryPanel, session: Session) -> None:
    files.tree.setExpanded(files.model.find("src/"), True)
    relist(session, Listing())
    assert files.note.text() == "The files are being read."
    relist(session, LISTING)
    assert not files.tree.isExpanded(files.model.find("src/"))


def test_the_menu_comes_up_under_the_pointer(qtbot: QtBot, files: RepositoryPanel) -> None:
    point = files.tree.visualRect(files.model.find("README.md")).center()
    files.tree.customContextMenuRequested.emit(point)
    assert len(files.findChildren(type(files.menu_for(files.model.find("README.md"))))) >= 1
    files.tree.customContextMenuRequested.emit(QPoint(10, 490))  # below the rows: nothing to say


def test_a_panel_that_is_gone_is_told_nothing(qtbot: QtBot, session: Session) -> None:
    panel = RepositoryPanel(session.state, session)
    evidence = EvidencePanel(session.state, session)
    panel.deleteLater()
    evidence.deleteLater()
    qtbot.waitUntil(lambda: not (shiboken6.isValid(panel) or shiboken6.isValid(evidence)), timeout=WAIT)
    relist(session, LISTING)  # would raise that the C++ object is deleted
    session.state.changed("shown")
    session.state.changed("about")


# -- evidence -------------------------------------------------------------------------------------


@pytest.fixture
def evidence(qtbot: QtBot, session: Session, engine: ScriptedEngine) -> EvidencePanel:
    panel = EvidencePanel(session.state, session)
    qtbot.addWidget(panel)
    panel.resize(320, 600)
    panel.show()
    assert panel.note.text() == "What an answer rests on is shown here."
    assert session.ask("How is the total of an order made?")
    assert panel.note.text() == "Being chosen…"
    engine.tell(STARTED, SELECTED)
    return panel


def test_evidence_shows_place_symbol_and_share(evidence: EvidencePanel) -> None:
    assert evidence.list is not None
    first, *others = evidence.list.rows
    assert len(others) == 3
    assert first.open.accessibleName() == "Open src/shop/orders.py:17–20 in the editor"
    assert first.symbol.text() == "Order.total"
    assert first.share.accessibleName() == "58 % of the information about the question"
    assert evidence.note.text() == "4 pieces from 3 files, each with its share of the information"


def test_the_bar_is_as_long_as_the_share(evidence: EvidencePanel) -> None:
    assert evidence.list is not None
    accent = QColor(theme().colours.accent)
    lengths = []
    for row in evidence.list.rows:
        image = row.share.grab().toImage()
        y = image.height() // 2
        lengths.append(sum(image.pixelColor(x, y) == accent for x in range(image.width())) / image.devicePixelRatio())
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] == pytest.approx(64 * 0.58, abs=3)


def test_a_click_opens_the_editor_at_the_line(
    qtbot: QtBot, evidence: EvidencePanel, session: Session, tmp_path: Path
) -> None:
    opened: list[tuple[Path, int]] = []
    session._open_in_editor = lambda file, line: opened.append((file, line))
    assert evidence.list is not None
    QTest.mouseClick(evidence.list.rows[1].open, Qt.MouseButton.LeftButton)
    assert opened == [(tmp_path / "src/shop/money.py", 4)]


def test_a_chunk_is_pinned_or_left_out_but_not_both(qtbot: QtBot, evidence: EvidencePanel, session: Session) -> None:
    assert evidence.list is not None
    row = evidence.list.rows[0]
    focus = Focus("src/shop/orders.py", 17, 20)
    QTest.mouseClick(row.pin, Qt.MouseButton.LeftButton)
    assert about(session) == [focus]
    assert row.pin.isChecked()
    QTest.mouseClick(row.exclude, Qt.MouseButton.LeftButton)
    assert about(session) == []
    assert excluded(session) == [focus]
    assert (row.pin.isChecked(), row.exclude.isChecked()) == (False, True)
    assert row.open.font().strikeOut()
    QTest.mouseClick(row.exclude, Qt.MouseButton.LeftButton)
    assert excluded(session) == []
    session.add_about(focus)  # from elsewhere, the chip's cross say
    assert row.pin.isChecked()


def test_the_code_unfolds_and_folds(
    qtbot: QtBot, evidence: EvidencePanel, engine: ScriptedEngine, session: Session
) -> None:
    assert evidence.list is not None
    row = evidence.list.rows[0]
    QTest.mouseClick(row.unfold, Qt.MouseButton.LeftButton)
    asked = engine.named("excerpt")[0].message
    assert (asked.path, asked.first_line, asked.last_line) == ("src/shop/orders.py", 17, 20)
    assert row.code is not None
    assert row.code.toPlainText() == "def total(self) -> float:\n    return 0.0"
    assert "font-weight" in row.code.toHtml()  # coloured, not only written
    assert row.code.isVisible()
    QTest.mouseClick(row.unfold, Qt.MouseButton.LeftButton)
    assert not row.code.isVisible()


def test_lines_that_are_gone_are_said_to_be(qtbot: QtBot, evidence: EvidencePanel, engine: ScriptedEngine) -> None:
    engine.replies["excerpt"] = ExcerptText(None, "")
    assert evidence.list is not None
    row = evidence.list.rows[0]
    row.unfold.click()
    assert row.code is not None
    assert "not there any more" in row.code.toPlainText()


@pytest.mark.parametrize("text", ["<img src=x>&amp;<b>bold</b>", "</pre><h1>x</h1>", "&lt;b&gt; \x07"])
def test_code_is_text_whatever_it_says(
    qtbot: QtBot, evidence: EvidencePanel, engine: ScriptedEngine, text: str
) -> None:
    engine.replies["excerpt"] = ExcerptText(text, "html")
    assert evidence.list is not None
    row = evidence.list.rows[0]
    row.unfold.click()
    assert row.code is not None
    assert row.code.toPlainText() == text


def test_a_reply_for_a_row_that_is_gone_harms_nobody(
    qtbot: QtBot, evidence: EvidencePanel, engine: ScriptedEngine, session: Session
) -> None:
    engine.replies["excerpt"] = None
    assert evidence.list is not None
    row = evidence.list.rows[0]
    row.unfold.click()
    session.new_conversation()
    qtbot.waitUntil(lambda: not shiboken6.isValid(row), timeout=WAIT)
    engine.named("excerpt")[0].succeed(ExcerptText("late", "text"))
    assert evidence.note.text() == "What an answer rests on is shown here."


def test_long_paths_keep_the_name_of_the_file(qtbot: QtBot, session: Session, evidence: EvidencePanel) -> None:
    evidence.resize(240, 600)
    assert evidence.list is not None
    button = evidence.list.rows[0].open
    qtbot.waitUntil(lambda: button.width() < 200, timeout=WAIT)
    assert button.text().startswith("a  …")
    assert button.text().endswith("17–20")


def test_the_panel_follows_the_turn_that_is_shown(evidence: EvidencePanel, session: Session) -> None:
    first = session.state.turns[0]
    session.stop()
    assert session.ask("And the stock?")
    assert evidence.note.text() == "Being chosen…"
    session.state.show(first)
    shown = evidence.list
    assert shown is not None
    assert shown.turn is first
    session.state.show(None)
    session.stop()
    assert evidence.note.text() == "There is no evidence for this answer."


def test_a_list_takes_what_comes_later(qtbot: QtBot, session: Session, evidence: EvidencePanel) -> None:
    turn = session.state.turns[0]
    found = EvidenceList(turn, session)
    qtbot.addWidget(found)
    rows = found.rows
    found.refresh()
    assert found.rows is rows  # nothing new, nothing rebuilt
    turn.chunks = turn.chunks[:2]
    found.refresh()
    assert len(found.rows) == 2


def test_every_control_has_a_name_and_takes_the_keyboard(evidence: EvidencePanel, files: RepositoryPanel) -> None:
    controls = [each for panel in (evidence, files) for each in panel.findChildren(QAbstractButton)]
    controls = [each for each in controls if each.isVisible() and each.parent() is not files.filter]
    assert len([each for each in controls if isinstance(each, QToolButton)]) >= 12
    for control in controls:
        assert control.accessibleName(), control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.accessibleName()


def test_places_are_written_as_editors_do() -> None:
    assert place("a.py", 3, 3) == "a.py:3"
    assert place("a.py", 3, 9) == "a.py:3–9"


def test_both_palettes_draw(qtbot: QtBot, evidence: EvidencePanel) -> None:
    assert evidence.list is not None
    evidence.list.rows[0].unfold.click()
    seen = set()
    for choice in ("light", "dark"):
        theme().choose("light" if choice == "light" else "dark")
        seen.add(evidence.grab().toImage().pixelColor(3, 3).name())
    theme().choose("system")
    assert len(seen) == 2
