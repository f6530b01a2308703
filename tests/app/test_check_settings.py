"""The settings of checking: what is saved, what happens to a key, what is said when something is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QPlainTextEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from app.dialogs.check_settings import CheckSettingsDialog
from app.session import Session
from app.state import EngineState
from engine.verdicts import CheckSettings, CheckState, Price
from engine.wire import Problem
from tests.app.checks import SETTINGS, STATE, check_replies
from tests.app.scripted import ScriptedEngine, open_session
from tests.app.test_chat import words

WAIT = 60_000  # milliseconds
OFF = CheckState(
    CheckSettings(), ready=False, problem="Checking is off; choose a provider to turn it on.", keychain="KWallet",
    suggestions=STATE.suggestions,
)  # fmt: skip


@pytest.fixture
def engine(folder: Path) -> ScriptedEngine:
    return ScriptedEngine(folder, replies=check_replies())


def shown(qtbot: QtBot, engine: ScriptedEngine, state: CheckState, **replies: Any) -> CheckSettingsDialog:
    """Return the dialog as it is shown over an engine in a state."""
    engine.replies |= {"check-state": state, **{name.replace("_", "-"): each for name, each in replies.items()}}
    session = open_session(engine)
    made = CheckSettingsDialog(session.state, session)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # looked at after it closed
    qtbot.addWidget(made)
    made.show()
    return made


def choose(dialog: CheckSettingsDialog, provider: str) -> None:
    dialog.provider.setCurrentIndex(dialog.provider.findData(provider))


def save(dialog: CheckSettingsDialog) -> None:
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)


def test_off_is_one_choice_and_a_provider_shows_the_rest(qtbot: QtBot, engine: ScriptedEngine) -> None:
    dialog = shown(qtbot, engine, OFF)
    assert not dialog.key.isVisible()
    assert not dialog.budget.isVisible()
    choose(dialog, "anthropic")
    assert dialog.key.isVisible()
    assert not dialog.address.isVisible()
    assert [dialog.model.itemText(each) for each in range(dialog.model.count())] == [
        "claude-sonnet-4-5", "claude-haiku-4-5",
    ]  # fmt: skip
    assert dialog.model.currentText() == ""  # nobody is chosen for the user
    choose(dialog, "compatible")
    assert dialog.address.isVisible()
    assert dialog.budget.isVisible()


def test_what_is_entered_is_saved_with_the_key_apart(qtbot: QtBot, engine: ScriptedEngine) -> None:
    allowed = replace(STATE, allowed=True)
    dialog = shown(qtbot, engine, OFF, write_check_settings=STATE, check_key=STATE, allow_checks=allowed)
    choose(dialog, "compatible")
    dialog.address.setText(" http://127.0.0.1:8080/v1/ ")
    dialog.model.setCurrentText("qwen3-coder")
    dialog.key.setText(" sk-secret ")
    dialog.keep.setCurrentIndex(dialog.keep.findData(False))
    dialog.structured.setChecked(False)
    dialog.rounds.setValue(2)
    dialog.budget.setValue(0.5)
    dialog.longest.setValue(2000)
    dialog.price_in.setValue(0.075)
    dialog.keep_out.setPlainText("CUST-\\d+\n\n")
    dialog.keep_out_paths.setPlainText("billing/\n*.sql")
    dialog.allow.setChecked(True)
    save(dialog)
    (written,) = (each.message.settings for each in engine.named("write-check-settings"))
    assert written == CheckSettings(
        "compatible", "qwen3-coder", "http://127.0.0.1:8080/v1", 2, 0.5, 2000, False, ("CUST-\\d+",),
        ("billing/", "*.sql"), {"qwen3-coder": Price(0.075, 0.0)},
    )  # fmt: skip
    (given,) = (each.message for each in engine.named("check-key"))
    assert (given.key, given.keep) == ("sk-secret", False)
    assert engine.named("allow-checks")[0].message.allowed is True
    assert not dialog.isVisible()
    assert dialog.key.text() == ""


def test_nothing_but_what_changed_is_changed(qtbot: QtBot, engine: ScriptedEngine) -> None:
    odd = replace(SETTINGS, budget=0.123, prices={"claude-sonnet-4-5": Price(3.0, 15.0, "the invoice of March")})
    dialog = shown(qtbot, engine, replace(STATE, settings=odd))
    save(dialog)
    assert engine.named("write-check-settings")[0].message.settings == odd
    assert engine.named("check-key") == []
    assert engine.named("allow-checks") == []


def test_a_key_is_hidden_and_leaves_with_the_dialog(qtbot: QtBot, engine: ScriptedEngine) -> None:
    dialog = shown(qtbot, engine, STATE)
    assert dialog.key.echoMode() == QLineEdit.EchoMode.Password
    dialog.key.setText("sk-secret")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.key.text() == ""
    assert engine.named("check-key") == []


@pytest.mark.parametrize(
    ("state", "said", "forgettable"),
    [
        (STATE, "In the system's keychain", True),
        (replace(STATE, key="environment"), "From ANTHROPIC_API_KEY", False),
        (replace(STATE, key="session"), "Given, until the engine ends", True),
        (replace(STATE, key=""), "None yet", False),
    ],
)
def test_where_the_key_is_stands_in_its_field(
    qtbot: QtBot, engine: ScriptedEngine, state: CheckState, said: str, forgettable: bool
) -> None:
    dialog = shown(qtbot, engine, state, check_key=replace(STATE, key=""))
    assert dialog.key.placeholderText() == said
    assert dialog.forget.isVisible() is forgettable
    if forgettable:
        QTest.mouseClick(dialog.forget, Qt.MouseButton.LeftButton)
        assert engine.named("check-key")[0].message.key == ""
        assert dialog.key.placeholderText() == "None yet"
    choose(dialog, "openai")  # whose key is another
    assert dialog.key.placeholderText() == "The key for this provider"
    assert not dialog.forget.isVisible()


def test_without_a_keychain_a_key_is_kept_until_the_engine_ends(qtbot: QtBot, engine: ScriptedEngine) -> None:
    dialog = shown(qtbot, engine, replace(STATE, keychain="", key=""))
    assert [dialog.keep.itemData(each) for each in range(dialog.keep.count())] == [False]
    assert "no keychain" in words(dialog)
    assert "ANTHROPIC_API_KEY" in words(dialog)


def test_what_is_refused_is_said_and_nothing_is_lost(qtbot: QtBot, engine: ScriptedEngine) -> None:
    dialog = shown(qtbot, engine, STATE, write_check_settings=Problem("UsageError", "the pattern '(' is none"))
    dialog.keep_out.setPlainText("(")
    save(dialog)
    assert dialog.isVisible()
    assert "the pattern '(' is none" in words(dialog)
    assert dialog.keep_out.toPlainText() == "("
    assert dialog.save.isEnabled()


def test_what_is_still_missing_is_said_once(qtbot: QtBot, engine: ScriptedEngine) -> None:
    lacking = replace(STATE, ready=False, key="", problem="There is no key for api.anthropic.com; give one.")
    dialog = shown(qtbot, engine, OFF, write_check_settings=lacking)
    choose(dialog, "anthropic")
    dialog.model.setCurrentText("claude-sonnet-4-5")
    save(dialog)
    assert dialog.isVisible()
    assert "Saved. There is no key for api.anthropic.com; give one." in words(dialog)
    save(dialog)
    assert not dialog.isVisible()


def test_what_a_policy_forbids_cannot_be_set(qtbot: QtBot, engine: ScriptedEngine) -> None:
    sentence = "Checking is forbidden here: the environment sets SIDETUNE_CHECK=forbidden."
    dialog = shown(qtbot, engine, replace(OFF, problem=sentence, forbidden=sentence))
    assert sentence in words(dialog)
    assert not dialog.provider.isEnabled()
    assert not dialog.save.isEnabled()


def test_what_the_engine_says_meanwhile_is_shown_until_something_is_entered(
    qtbot: QtBot, engine: ScriptedEngine
) -> None:
    dialog = shown(qtbot, engine, STATE)
    session: Session = dialog._session
    session.state.checks = replace(STATE, settings=replace(SETTINGS, rounds=3), spent=0.5)
    session.state.changed("checks")
    assert dialog.rounds.value() == 3
    dialog.model.setCurrentText("claude-haiku-4-5")
    session.state.checks = replace(STATE, settings=replace(SETTINGS, rounds=4), spent=0.75)
    session.state.changed("checks")
    assert (dialog.rounds.value(), dialog.model.currentText()) == (3, "claude-haiku-4-5")
    assert "So far $0.75" in words(dialog)
    session.state.engine = EngineState("restarting", "")
    session.state.changed("engine")
    assert not dialog.save.isEnabled()


def test_a_dialog_that_was_closed_hears_of_nothing(qtbot: QtBot, engine: ScriptedEngine) -> None:
    engine.replies |= {"write-check-settings": None}
    session = open_session(engine)
    dialog = CheckSettingsDialog(session.state, session)
    dialog.open()
    dialog.save.click()
    (asked,) = engine.named("write-check-settings")
    dialog.reject()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog), timeout=WAIT)
    asked.succeed(STATE)
    session.state.changed("engine")


@pytest.mark.parametrize("width", [380, 480, 900])
def test_every_field_has_a_name_and_fits(qtbot: QtBot, engine: ScriptedEngine, width: int) -> None:
    dialog = shown(qtbot, engine, replace(STATE, settings=replace(SETTINGS, provider="compatible")))
    dialog.resize(width, 500)
    qtbot.waitUntil(lambda: dialog.width() == width, timeout=WAIT)
    kinds = (QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QLineEdit)
    fields: list[QWidget] = [each for kind in kinds for each in dialog.findChildren(kind)]
    assert len(fields) >= 11
    for field in fields:
        assert field.accessibleName() or field.parent() in fields, field
        if field.isVisible():
            assert field.mapTo(dialog, field.rect().topRight()).x() <= width, field.accessibleName()
