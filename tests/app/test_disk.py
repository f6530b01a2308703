"""What the disk is used for, in the settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.dialogs.settings import SettingsDialog
from app.disk import collected_words, kinds_words, repositories_words
from app.preferences import PreferencesFile
from app.session import Session
from engine.config import Settings
from engine.usage import Collected, RepositorySpace, Space
from engine.wire import Problem
from tests.app.scripted import ScriptedEngine, open_session

SHOP = RepositorySpace(
    "shop-1", "/home/me/shop", True, 12, 1508, 6_000_000, 1_000_000, 4_000_000, 2_000_000, 0, "2026-11-21T12:00:00Z"
)
GONE = replace(SHOP, key="old-2", root="/home/me/old", exists=False, index=2_000_000)
SPACE = Space(
    "/home/me/.local/share/sidetune", 7_300_000_000, 10_000_000_000, 140_000_000, 8_000_000, 120_000_000, 30_000_000,
    12_000_000, 0, 34_000_000, 200_000, 0, (SHOP, GONE),
)  # fmt: skip


@pytest.fixture
def engine(tmp_path: Path) -> ScriptedEngine:
    return ScriptedEngine(tmp_path, replies={"space": SPACE})


@pytest.fixture
def session(engine: ScriptedEngine) -> Iterator[Session]:
    session = open_session(engine)
    yield session
    session.close()


@pytest.fixture
def dialog(qtbot: QtBot, session: Session, tmp_path: Path) -> SettingsDialog:
    made = SettingsDialog(session.state, session, PreferencesFile(tmp_path / "window.json"))
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # looked at after it closed
    qtbot.addWidget(made)
    made.show()
    return made


def test_what_is_used_is_said_by_kind_and_repository(dialog: SettingsDialog, engine: ScriptedEngine) -> None:
    assert dialog.disk.used.text() == (
        "indexes 8 MB, embeddings 0.1 GB, adapters 12 MB, models 34 MB, conversations and notes 1 MB; 7.3 GB free"
    )
    assert dialog.disk.repositories.text() == "/home/me/shop: 13 MB\n/home/me/old: 9 MB, the folder is gone"
    assert len(engine.named("space")) == 1


def test_the_limit_is_a_setting(dialog: SettingsDialog, engine: ScriptedEngine) -> None:
    assert dialog.disk.limit.value() == Settings().disk_limit_mb
    dialog.disk.limit.setValue(0)
    assert dialog.disk.limit.text() == "No limit"
    dialog.accept()
    assert [asked.message for asked in engine.named("write-settings")] == [Settings(disk_limit_mb=0)]


def test_tidying_says_what_went_and_looks_again(dialog: SettingsDialog, engine: ScriptedEngine) -> None:
    engine.replies["collect"] = Collected(120, 3, 30_000_000, 110_000_000)
    dialog.disk.tidy.click()
    assert dialog.disk.tidy.text() == "30 MB are free again."
    assert dialog.disk.tidy.isEnabled()
    assert len(engine.named("space")) == 2


def test_a_failure_is_said_and_an_answer_that_comes_too_late_is_dropped(
    qtbot: QtBot, session: Session, engine: ScriptedEngine, tmp_path: Path
) -> None:
    engine.replies["space"] = Problem("StorageError", "The disk cannot be read.")
    failed = SettingsDialog(session.state, session, PreferencesFile(tmp_path / "window.json"))
    failed.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(failed)
    assert failed.disk.used.text() == "The disk cannot be read."
    engine.replies["space"] = None
    late = SettingsDialog(session.state, session, PreferencesFile(tmp_path / "window.json"))
    assert late.disk.used.text() == "Looking…"
    late.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(late))
    engine.named("space")[-1].succeed(SPACE)


def test_words() -> None:
    nothing = replace(SPACE, indexes=0, embeddings=0, adapters=0, models=0, memory=0, repositories=())
    assert kinds_words(nothing) == "Nothing yet; 7.3 GB free"
    assert repositories_words(nothing) == ""
    many = replace(SPACE, repositories=(SHOP,) * 7)
    assert repositories_words(many).split("\n")[-1] == "and 2 more"
    assert collected_words(Collected(0, 0, 0, 5)) == "Nothing had to go: the limit is kept."
