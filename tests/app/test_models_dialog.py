"""The dialog with the models, driven as users drive it; the engine's half is scripted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.dialogs.models import ModelsDialog
from app.dialogs.settings import SettingsDialog
from app.models import progress_words, size_words, state_words
from app.preferences import PreferencesFile
from app.session import Session
from app.state import EngineState
from engine.config import Settings
from engine.wire import LIST_MODELS, ModelRow, Models, Problem
from tests.app.scripted import ScriptedEngine, open_session

WAIT = 60_000  # milliseconds
GB = 1_000_000_000

BUNDLED = ModelRow(
    "bundled", "Sidetune's own small model", "The small model.", "Apache-2.0", "Any computer.", "installed", True,
    "learns", "It fits any machine.", 0, 0, True,
)  # fmt: skip
CODER = ModelRow(
    "coder", "Coder 0.5B", "Trained on code.", "Apache-2.0", "A laptop.", "available", False, "learns",
    "It answers in 1.3 GB and learns in 6.3 GB.", 988_000_000, 675_000_000, True,
)  # fmt: skip
LARGE = replace(
    CODER,
    name="large",
    title="Large 4B",
    fits="too large",
    fit="It takes 6.2 GB, and this machine has 4.0 GB.",
)


class Shop:
    """The dialog and the engine behind it."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.engine = ScriptedEngine(folder)
        self.show(BUNDLED, CODER, LARGE)
        self.session: Session = open_session(self.engine)
        self.dialog = ModelsDialog(self.session.state, self.session)
        qtbot.addWidget(self.dialog)
        self.dialog.show()

    def show(self, *rows: ModelRow) -> None:
        """Let the engine tell this list from now on."""
        found = Models(rows, 50 * GB)
        for name in ("models", "install-model", "pause-model", "remove-model"):
            self.engine.replies[name] = found

    def buttons(self, name: str) -> set[str]:
        return {each for each, button in self.dialog.rows[name].buttons.items() if not button.isHidden()}

    def press(self, name: str, button: str) -> None:
        QTest.mouseClick(self.dialog.rows[name].buttons[button], Qt.MouseButton.LeftButton)

    def asked(self, call: str) -> list[object]:
        return [each.message for each in self.engine.calls if each.call == call]


@pytest.fixture
def shop(qtbot: QtBot, folder: Path) -> Shop:
    return Shop(qtbot, folder)


def test_each_model_says_what_it_takes_and_whether_it_fits(shop: Shop) -> None:
    assert list(shop.dialog.rows) == ["bundled", "coder", "large"]
    assert shop.dialog.rows["bundled"].state.text() == "answers now" and shop.buttons("bundled") == set()
    coder = shop.dialog.rows["coder"]
    assert coder.state.text() == "1.0 GB"
    assert "answers in 1.3 GB and learns in 6.3 GB" in coder.fit.text() and "Apache-2.0" in coder.about.text()
    assert shop.buttons("coder") == {"Install", "Only answers"}
    assert coder.buttons["Only answers"].text() == "Only answers, 0.7 GB"
    assert shop.dialog.rows["large"].fit.property("role") == "warning" != coder.fit.property("role")
    assert shop.dialog.free.text() == "50.0 GB free on the disk"


def test_installing_shows_its_progress_until_it_is_there(qtbot: QtBot, shop: Shop) -> None:
    moving = replace(CODER, state="downloading", done=247 * 10**6, total=988 * 10**6, seconds_left=240.0)
    shop.show(BUNDLED, moving, LARGE)
    shop.press("coder", "Install")
    assert [each.name for each in shop.asked("install-model")] == ["coder"]  # type: ignore[attr-defined]
    row = shop.dialog.rows["coder"]
    assert row.moving.text() == "0.2 GB of 1.0 GB, about 4 min left"
    assert row.progress.value() == 250 and not row.progress.isHidden()
    assert shop.buttons("coder") == {"Pause", "Cancel"}
    shop.show(BUNDLED, replace(CODER, state="preparing"), LARGE)
    qtbot.waitUntil(lambda: row.moving.text().startswith("Checking and converting"), timeout=WAIT)
    assert shop.buttons("coder") == set()
    shop.show(BUNDLED, replace(CODER, state="installed"), LARGE)
    qtbot.waitUntil(lambda: shop.buttons("coder") == {"Use", "Remove"}, timeout=WAIT)
    assert row.progress.isHidden() and row.moving.isHidden()
    lists = len(shop.asked(LIST_MODELS.name))
    qtbot.wait(1200)
    assert len(shop.asked(LIST_MODELS.name)) == lists  # nothing moves, so nobody asks


def test_pausing_going_on_and_cancelling(shop: Shop) -> None:
    shop.show(BUNDLED, replace(CODER, state="downloading", done=1, total=4))
    shop.press("coder", "Only answers")
    assert shop.asked("install-model")[0].answers_only  # type: ignore[attr-defined]
    shop.show(BUNDLED, replace(CODER, state="paused", done=2 * GB, total=4 * GB))
    shop.press("coder", "Pause")
    assert shop.dialog.rows["coder"].moving.text() == "2.0 GB of 4.0 GB"
    assert shop.buttons("coder") == {"Continue", "Cancel"}
    assert list(shop.dialog.rows) == ["bundled", "coder"]  # what is gone is gone
    shop.press("coder", "Continue")
    assert len(shop.asked("install-model")) == 2
    shop.show(BUNDLED, CODER)
    shop.press("coder", "Cancel")
    assert [each.name for each in shop.asked("remove-model")] == ["coder"]  # type: ignore[attr-defined]
    assert shop.buttons("coder") == {"Install", "Only answers"}


def test_using_a_model_is_a_setting(shop: Shop) -> None:
    shop.show(BUNDLED, replace(CODER, state="installed"))
    shop.dialog.refresh()
    shop.show(replace(BUNDLED, used=False), replace(CODER, state="installed", used=True))
    shop.press("coder", "Use")
    assert shop.asked("write-settings") == [replace(Settings(), model="coder")]
    assert shop.dialog.rows["coder"].state.text() == "answers now" and shop.buttons("coder") == set()
    assert shop.buttons("bundled") == {"Use"}


def test_what_went_wrong_is_one_sentence(shop: Shop) -> None:
    shop.show(BUNDLED, replace(CODER, state="failed", problem="The disk is full."))
    shop.dialog.refresh()
    assert shop.dialog.rows["coder"].problem.text() == "The disk is full."
    assert shop.buttons("coder") == {"Install", "Remove"}
    del shop.engine.replies["install-model"]
    shop.press("coder", "Install")
    shop.engine.calls[-1].fail(Problem("UsageError", "the engine is stopping"))
    assert shop.dialog.problem.text() == "the engine is stopping" and not shop.dialog.problem.isHidden()


def test_without_an_engine_nothing_can_be_done(shop: Shop) -> None:
    shop.session.state.engine = EngineState("restarting", "It is being started again.")
    shop.session.state.changed("engine")
    assert not shop.dialog.rows["coder"].isEnabled()
    lists = len(shop.asked(LIST_MODELS.name))
    shop.dialog.refresh()
    assert len(shop.asked(LIST_MODELS.name)) == lists


def test_a_narrow_dialog_cuts_nothing_off(shop: Shop) -> None:
    shop.dialog.resize(380, 400)
    QApplication.processEvents()
    width = shop.dialog.rows["coder"].width()
    shown = [each for each in shop.dialog.rows["coder"].findChildren(QPushButton) if each.isVisible()]
    assert width < 380 and len(shown) == 2 and all(each.geometry().right() <= width for each in shown)


def test_it_is_opened_from_the_settings(qtbot: QtBot, folder: Path) -> None:
    engine = ScriptedEngine(folder)
    engine.replies["models"] = Models((BUNDLED,), GB)
    session = open_session(engine)
    settings = SettingsDialog(session.state, session, PreferencesFile())
    qtbot.addWidget(settings)
    settings.show()
    QTest.mouseClick(settings.models, Qt.MouseButton.LeftButton)
    opened = settings.findChild(ModelsDialog)
    assert isinstance(opened, ModelsDialog) and list(opened.rows) == ["bundled"]
    opened.close()
    settings.reject()


def test_words() -> None:
    assert [size_words(size) for size in (0, 10, 5_000_000, 988_000_000)] == ["", "1 MB", "5 MB", "1.0 GB"]
    assert progress_words(replace(CODER, state="downloading")) == "Asking the hub…"
    assert progress_words(replace(CODER, state="downloading", done=0, total=GB, seconds_left=12.0)) == (
        "0 MB of 1.0 GB, about 12 s left"
    )
    assert progress_words(CODER) == "" and state_words(replace(CODER, state="failed")) == "not installed"
