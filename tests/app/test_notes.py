"""The notes of a repository: made under an answer, listed, changed, deleted, and opened where they are cited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QMessageBox
from pytestqt.qtbot import QtBot

from app.chat.textview import TextView
from app.chat.words import note_words, place
from app.dialogs.notes import NotesDialog
from app.notebook import is_note
from app.preferences import PreferencesFile
from app.window import MainWindow
from engine.events import AnswerCitation, SelectedChunk
from engine.verdicts import StoredNote
from engine.wire import Notes, Problem
from tests.app.checks import NOTES, check_replies
from tests.app.scripted import ANSWER, CITATIONS, SELECTED, STARTED, TUNED, ScriptedEngine, open_session
from tests.app.test_chat import button, words

WAIT = 60_000  # milliseconds
STALE, FRESH = NOTES.notes


@pytest.fixture
def opened() -> list[tuple[Path, int]]:
    return []


@pytest.fixture
def engine(folder: Path) -> ScriptedEngine:
    return ScriptedEngine(folder, replies=check_replies())


@pytest.fixture
def window(qtbot: QtBot, engine: ScriptedEngine, opened: list[tuple[Path, int]]) -> Iterator[MainWindow]:
    made = MainWindow(open_session(engine, opened), PreferencesFile())
    made.resize(420, 700)
    made.show()
    ended: list[int] = []
    made.destroyed.connect(lambda: ended.append(1))
    yield made
    made.close()
    qtbot.waitUntil(lambda: bool(ended), timeout=WAIT)


@pytest.fixture
def dialog(window: MainWindow) -> NotesDialog:
    window.show_notes()
    return window.findChildren(NotesDialog)[0]


def click(widget: QAbstractButton) -> None:
    assert widget.isEnabled()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def answer(window: MainWindow, engine: ScriptedEngine) -> None:
    """Ask, and be answered from a file and a note."""
    chunk = SelectedChunk(STALE.path, 1, 4, "", 0.9, 0.4, 0.4)
    cited = (*CITATIONS[:2], AnswerCitation(STALE.path, 1, 4, True))
    window.session.ask("How is the total of an order made?")
    engine.tell(STARTED, replace(SELECTED, chunks=(chunk, *SELECTED.chunks)), TUNED)
    engine.tell(replace(ANSWER, citations=cited, turn=7))
    window.transcript.flush()


def test_only_what_the_engine_names_so_is_a_note() -> None:
    assert is_note(STALE.path)
    for path in ("notes/todo.md", "notes/2026-11-21-todo.md", "src/notes/2026-11-21-a~1", "notes/2026-11-21-a~1/b"):
        assert not is_note(path)
    assert note_words(STALE.path) == "note “how is the total of an order made”"
    assert note_words("notes/2026-11-21-~4") == "note"
    assert place(AnswerCitation(STALE.path, 1, 4, True)) == note_words(STALE.path)


def test_notes_show_day_source_and_what_changed(dialog: NotesDialog, opened: list[tuple[Path, int]]) -> None:
    shown = words(dialog)
    for each in (
        "2 notes", "How is the total of an order made?", "21 November 2026 · an accepted correction",
        "Stale: src/shop/money.py:4–6 changed since", "2 November 2026, changed 20 November 2026 · an accepted answer",
    ):  # fmt: skip
        assert each in shown
    assert "rounded half to even" not in shown  # folded
    first, second = dialog.rows
    first.line.setChecked(True)
    assert "rounded half to even" in words(dialog)
    assert "Corrected by claude-sonnet-4-5 and accepted by the user." in words(first)
    assert "Stale" not in words(second)
    rests = next(each for each in first.findChildren(TextView) if "Rests on" in each.toPlainText())
    rests.anchorClicked.emit(QUrl("sidetune-place:1"))
    assert (opened[0][0].name, opened[0][1]) == ("money.py", 4)


def test_a_note_is_changed_and_no_longer_stale(dialog: NotesDialog, engine: ScriptedEngine) -> None:
    row = dialog.rows[0]
    row.line.setChecked(True)
    click(row.edit)
    assert row.field.toPlainText() == STALE.text
    click(row.cancel)
    click(row.edit)
    row.field.setPlainText("Half to even.")
    engine.replies["edit-note"] = Problem("StorageError", "The disk is full.")
    click(row.keep)
    assert "The disk is full." in words(dialog)
    assert row.field.isVisible()
    engine.replies["edit-note"] = replace(STALE, text="Half to even.", stale=False, changed=())
    click(row.keep)
    sent = engine.named("edit-note")[-1].message
    assert (sent.repository, sent.note, sent.text) == ("shop-1", 3, "Half to even.")
    assert "Half to even." in words(row)
    assert "Stale" not in words(row)
    assert dialog.rows[0] is row  # still unfolded where it was
    assert not row.field.isVisible()


def test_a_note_is_deleted_when_the_user_means_it(dialog: NotesDialog, engine: ScriptedEngine) -> None:
    row = dialog.rows[0]
    row.line.setChecked(True)
    for choice, deleted in (("Keep", False), ("Delete", True)):
        click(row.delete)
        box = next(each for each in dialog.findChildren(QMessageBox) if each.isVisible())
        assert STALE.title in box.text()
        click(next(each for each in box.buttons() if each.text() == choice))
        assert bool(engine.named("delete-note")) is deleted
    assert engine.named("delete-note")[0].message.note == 3
    assert [each.note for each in dialog.rows] == [FRESH]


def test_without_notes_it_says_how_one_is_made(window: MainWindow, engine: ScriptedEngine) -> None:
    engine.replies["notes"] = Notes(())
    window.show_notes()
    (dialog,) = window.findChildren(NotesDialog)
    assert "press Remember under an answer" in words(dialog)


def test_an_answer_is_remembered_once(window: MainWindow, engine: ScriptedEngine) -> None:
    answer(window, engine)
    message = window.transcript.messages[-1]
    click(button(message, "Remember"))
    window.transcript.flush()
    sent = engine.named("accept-answer")[0].message
    assert (sent.repository, sent.thread, sent.turn) == ("shop-1", "thread-1", 7)
    assert not button(message, "Remembered").isEnabled()


def test_a_note_in_the_evidence_opens_as_a_note(
    window: MainWindow, engine: ScriptedEngine, opened: list[tuple[Path, int]]
) -> None:
    answer(window, engine)
    message = window.transcript.messages[-1]
    message.unfold(evidence=True)
    row = message.evidence_rows[0]
    assert row.open.accessibleName() == "Open note “how is the total of an order made”"
    assert row.open.toolTip() == "Open the note"
    click(row.open)
    (dialog,) = window.findChildren(NotesDialog)
    assert [each.line.isChecked() for each in dialog.rows] == [True, False]
    assert opened == []


def test_a_citation_of_a_note_opens_it_where_the_notes_are_open_already(
    window: MainWindow, engine: ScriptedEngine, dialog: NotesDialog
) -> None:
    answer(window, engine)
    view = next(
        each for each in window.transcript.messages[-1].findChildren(TextView) if "adds up" in each.toPlainText()
    )
    view.anchorClicked.emit(QUrl("sidetune-cite:3"))
    assert window.findChildren(NotesDialog) == [dialog]
    assert dialog.rows[0].line.isChecked()


def test_a_note_that_is_gone_is_said(window: MainWindow, engine: ScriptedEngine, dialog: NotesDialog) -> None:
    window.session.open_file("notes/2026-01-01-gone~99", 1)
    assert "not there any more" in words(dialog)


@pytest.mark.parametrize("width", [380, 480])
def test_long_notes_fit(qtbot: QtBot, window: MainWindow, engine: ScriptedEngine, width: int) -> None:
    long: StoredNote = replace(STALE, title="Why " + "very " * 40 + "long?", text="word " * 200 + "x" * 300)
    engine.replies["notes"] = Notes((long,))
    window.show_notes(long.path)
    (dialog,) = window.findChildren(NotesDialog)
    dialog.resize(width, 500)
    qtbot.waitUntil(lambda: dialog.width() == width, timeout=WAIT)
    for part in (dialog.rows[0], dialog.rows[0].line, dialog.rows[0].edit):
        assert part.mapTo(dialog, part.rect().topRight()).x() <= width
