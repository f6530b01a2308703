"""What the conversation shows of a check, and how it is started from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit
from pytestqt.qtbot import QtBot

from app.chat.markdown import ClaimMark, Look, Markdown, marked
from app.chat.message import MessageWidget
from app.chat.textview import TextView
from app.chat.words import claims_words, dollars
from app.dialogs.check_preview import CheckPreviewDialog
from app.dialogs.check_settings import CheckSettingsDialog
from app.preferences import PreferencesFile
from app.state import EngineState
from app.theme import theme
from app.window import MainWindow
from engine.config import Settings
from engine.events import Failure
from engine.verdicts import Checking
from engine.wire import StreamEvent
from tests.app.checks import CHECKED, CLAIMS, PREVIEW, STATE, check_replies
from tests.app.scripted import (
    ANSWER,
    FACTS,
    SELECTED,
    STARTED,
    TEXT,
    TUNED,
    ScriptedEngine,
    open_session,
)
from tests.app.test_chat import button, words

WAIT = 60_000  # milliseconds


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
    theme().choose("system")


@pytest.fixture
def message(window: MainWindow, engine: ScriptedEngine) -> MessageWidget:
    """An answer that can be checked."""
    window.session.ask("How is the total of an order made?")
    engine.tell(STARTED, SELECTED, FACTS, TUNED, replace(ANSWER, turn=7))
    window.transcript.flush()
    return window.transcript.messages[-1]


def tell(window: MainWindow, engine: ScriptedEngine, *events: StreamEvent) -> None:
    engine.tell(*events)
    window.transcript.flush()


def click(widget: QAbstractButton | None) -> None:
    assert widget is not None
    assert widget.isEnabled()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def preview_of(window: MainWindow) -> CheckPreviewDialog:
    return next(each for each in window.findChildren(CheckPreviewDialog) if each.isVisible())


# -- starting -----------------------------------------------------------------------------------------


def test_check_shows_what_would_be_sent_and_send_sends_it(
    window: MainWindow, message: MessageWidget, engine: ScriptedEngine
) -> None:
    click(button(message, "Check…"))
    dialog = preview_of(window)
    assert engine.named("check") == []
    for each in (
        "api.anthropic.com", "claude-sonnet-4-5", "8,312 bytes", "2,210 tokens", "at most $0.067", "1 place redacted",
        "So far $0.021",
    ):  # fmt: skip
        assert each in words(dialog)
    click(dialog.send)
    assert engine.named("check")[0].message.preview == PREVIEW.id
    assert not dialog.isVisible()
    window.transcript.flush()
    assert "Connecting to api.anthropic.com" in words(message)
    assert not button(message, "Check…").isEnabled()


def test_enter_and_escape_send_nothing(window: MainWindow, message: MessageWidget, engine: ScriptedEngine) -> None:
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        click(button(message, "Check…"))
        QTest.keyClick(preview_of(window), key)
        assert not any(each.isVisible() for each in window.findChildren(CheckPreviewDialog))
    assert engine.named("check") == []


def test_what_is_allowed_is_sent_at_once_and_can_be_looked_at(
    window: MainWindow, message: MessageWidget, engine: ScriptedEngine
) -> None:
    engine.replies |= {"check-state": replace(STATE, allowed=True), "preview-check": replace(PREVIEW, allowed=True)}
    window.session.checks.refresh()
    click(button(message, "Preview…"))
    preview_of(window).reject()
    assert engine.named("check") == []
    click(button(message, "Check"))
    assert len(engine.named("check")) == 1


@pytest.mark.parametrize("problem", ["Checking is off; choose a provider to turn it on.", "There is no key for it."])
def test_without_provider_or_key_the_settings_are_shown(
    window: MainWindow, message: MessageWidget, engine: ScriptedEngine, problem: str
) -> None:
    engine.replies["check-state"] = replace(STATE, ready=False, problem=problem)
    window.session.checks.refresh()
    click(button(message, "Check…"))
    (dialog,) = window.findChildren(CheckSettingsDialog)
    assert problem in words(dialog)
    assert engine.named("preview-check") == []
    dialog.reject()


def test_what_another_window_has_set_up_is_noticed(
    window: MainWindow, message: MessageWidget, engine: ScriptedEngine
) -> None:
    engine.replies["check-state"] = replace(STATE, ready=False, problem="Checking is off.")
    window.session.checks.refresh()
    engine.replies["check-state"] = STATE
    click(button(message, "Check…"))
    assert window.findChildren(CheckSettingsDialog) == []
    preview_of(window).reject()


def test_where_it_is_forbidden_the_button_says_so(
    window: MainWindow, message: MessageWidget, engine: ScriptedEngine
) -> None:
    sentence = "Checking is forbidden here by the policy /etc/sidetune/policy.toml."
    engine.replies["check-state"] = replace(STATE, ready=False, problem=sentence, forbidden=sentence)
    window.session.checks.refresh()
    check = button(message, "Check…")
    assert not check.isEnabled()
    assert check.toolTip() == sentence


# -- what was found -----------------------------------------------------------------------------------


def test_signs_stand_behind_the_claims_and_lead_to_the_lines(
    window: MainWindow, message: MessageWidget, engine: ScriptedEngine, opened: list[tuple[Path, int]]
) -> None:
    window.session.checks.send(message.turn, PREVIEW)
    window.transcript.flush()
    assert "Stop" in words(message)
    tell(window, engine, Checking("reading", 1, 1234))
    assert "claude-sonnet-4-5 answers · 1,234 characters" in words(message)
    tell(window, engine, CHECKED)
    shown = words(message)
    assert "value added tax ✓;" in shown
    assert "cents² ✗." in shown
    assert "VAT. ?" in shown
    assert "checked: 1 claim supported, 1 contradicted, 2 undecided" in shown
    for each in (
        "The rounding is half to even.", "src/shop/money.py:4–6", "not word by word in the answer",
        "rounded half to even²", "where VAT is set", "1 request, 2,602 tokens, $0.013", "So far $0.021",
    ):  # fmt: skip
        assert each in shown, each
    answer = next(each for each in message.findChildren(TextView) if "value added tax ✓" in each.toPlainText())
    answer.anchorClicked.emit(QUrl("sidetune-claim:1"))
    assert opened[-1][0].name == "money.py"
    assert opened[-1][1] == 4
    answer.highlighted.emit(QUrl("sidetune-claim:1"))
    assert "contradicted: The rounding is half to even." in answer.viewport().toolTip()
    details = message.check.details
    assert details is not None
    found = details.findChild(TextView)
    assert found is not None
    found.anchorClicked.emit(QUrl("sidetune-place:0"))
    assert (opened[-1][0].name, opened[-1][1]) == ("orders.py", 19)


def test_a_claim_without_lines_leads_to_what_was_found(
    window: MainWindow, message: MessageWidget, engine: ScriptedEngine
) -> None:
    window.session.checks.send(message.turn, PREVIEW)
    tell(window, engine, CHECKED)
    message.check.line.setChecked(False)
    assert "Where VAT is set" not in words(message)
    answer = next(each for each in message.findChildren(TextView) if " ✓" in each.toPlainText())
    answer.anchorClicked.emit(QUrl("sidetune-claim:2"))
    assert "Where VAT is set" in words(message)


def test_what_was_found_on_an_earlier_day_is_folded(qtbot: QtBot, window: MainWindow, message: MessageWidget) -> None:
    message.turn.checked = CHECKED
    again = MessageWidget(message.turn, window.state, window.session)
    qtbot.addWidget(again)
    assert not again.check.line.isChecked()
    assert "checked: 1 claim supported" in words(again)


def test_a_correction_is_accepted_as_it_is_or_changed(
    window: MainWindow, message: MessageWidget, engine: ScriptedEngine
) -> None:
    window.session.checks.send(message.turn, PREVIEW)
    tell(window, engine, CHECKED)
    details = message.check.details
    assert details is not None
    correction = details.correction
    click(correction.edit)
    field = correction.findChild(QPlainTextEdit)
    assert field is not None
    assert field.toPlainText() == CHECKED.corrected
    click(correction.cancel)
    click(correction.copy)
    assert QGuiApplication.clipboard().text().endswith("[2] src/shop/money.py:4–6")
    click(correction.edit)
    field.setPlainText("It is rounded half to even [2].")
    click(correction.keep)
    window.transcript.flush()
    assert engine.named("accept-correction")[0].message.text == "It is rounded half to even [2]."
    assert "Kept as a note." in words(message)
    assert not correction.accept.isVisible()


def test_the_next_round_is_shown_before_it_is_sent(
    window: MainWindow, message: MessageWidget, engine: ScriptedEngine
) -> None:
    window.session.checks.send(message.turn, PREVIEW)
    tell(window, engine, replace(CHECKED, next=replace(PREVIEW, id="p2", round=2)))
    assert len(engine.named("check")) == 1
    details = message.check.details
    assert details is not None
    assert details.next.text() == "Look at round 2, at most $0.067…"
    click(details.next)
    dialog = preview_of(window)
    assert dialog.windowTitle() == "What round 2 would send"
    click(dialog.send)
    assert engine.named("check")[-1].message.preview == "p2"


def test_a_failure_is_a_sentence_with_what_can_be_done(
    window: MainWindow, message: MessageWidget, engine: ScriptedEngine
) -> None:
    window.session.checks.send(message.turn, PREVIEW)
    tell(window, engine, Failure("check", "api.anthropic.com did not accept the key (401)."))
    assert "did not accept the key (401)" in words(message)
    assert "value added tax" in words(message)  # the draft stays
    click(button(message, "Settings…"))
    (dialog,) = window.findChildren(CheckSettingsDialog)
    dialog.reject()
    click(button(message, "Send again"))
    assert len(engine.named("check")) == 2
    tell(window, engine, CHECKED)
    assert "401" not in words(message)


def test_stop_stops(window: MainWindow, message: MessageWidget, engine: ScriptedEngine) -> None:
    window.session.checks.send(message.turn, PREVIEW)
    window.transcript.flush()
    click(button(message, "Stop"))
    window.transcript.flush()
    assert len(engine.named("cancel")) == 1
    assert "Connecting" not in words(message)
    assert button(message, "Check…").isEnabled()


# -- the preview --------------------------------------------------------------------------------------


def test_the_request_is_shown_in_full_with_redactions_marked(window: MainWindow, message: MessageWidget) -> None:
    window.show_check_preview(message.turn, PREVIEW)
    dialog = preview_of(window)
    shown = dialog.request.toPlainText()
    assert shown == f"POST {PREVIEW.url}\ncontent-type: application/json\nx-api-key: •••\n\n{PREVIEW.body}"
    assert [each.cursor.selectedText() for each in dialog.request.extraSelections()] == ["<redacted:your pattern>"]
    assert PREVIEW.sha256 in dialog.request.toolTip()
    evidence = dialog.parts[2]
    assert f"{theme().colours.selection}" in evidence.text.toHtml()
    assert "Return the sum for <redacted:your pattern>." in evidence.text.toPlainText()
    assert "Your settings keep this file here." in words(dialog)
    ticks = [(each.tick.isChecked(), each.tick.isEnabled()) for each in dialog.parts]
    assert ticks == [(True, False), (True, False), (True, True), (True, True), (False, False)]
    dialog.reject()


def test_unticking_asks_anew_and_only_the_last_answer_can_be_sent(
    window: MainWindow, message: MessageWidget, engine: ScriptedEngine
) -> None:
    engine.replies["amend-preview"] = None
    window.show_check_preview(message.turn, PREVIEW)
    dialog = preview_of(window)
    click(dialog.parts[2].tick)
    assert not dialog.send.isEnabled()
    click(dialog.parts[3].tick)  # while the first is under way
    (first,) = engine.named("amend-preview")
    assert (first.message.preview, first.message.without) == ("p1", ("evidence-1",))
    first.succeed(replace(PREVIEW, id="p2"))
    second = engine.named("amend-preview")[-1]
    assert (second.message.preview, second.message.without) == ("p2", ("evidence-1", "evidence-2"))
    assert not dialog.send.isEnabled()
    parts = tuple(replace(each, included=each.required) for each in PREVIEW.parts)
    second.succeed(replace(PREVIEW, id="p3", parts=parts, bytes=700, redactions=0))
    assert "700 bytes" in words(dialog)
    assert "redacted" not in words(dialog).replace("<redacted", "").split("The request")[0]
    click(dialog.send)
    assert engine.named("check")[0].message.preview == "p3"


def test_a_preview_that_is_gone_cannot_be_sent(
    window: MainWindow, message: MessageWidget, engine: ScriptedEngine
) -> None:
    window.show_check_preview(message.turn, PREVIEW)
    dialog = preview_of(window)
    window.state.engine = EngineState("restarting", "")
    window.state.changed("engine")
    window.state.engine = EngineState("running", "")
    window.state.changed("engine")
    assert not dialog.send.isEnabled()
    assert "can no longer be sent" in words(dialog)
    dialog.accept()
    assert engine.named("check") == []
    dialog.reject()


def test_always_allow_is_granted_with_the_sending(
    window: MainWindow, message: MessageWidget, engine: ScriptedEngine
) -> None:
    window.show_check_preview(message.turn, PREVIEW)
    dialog = preview_of(window)
    click(dialog.allow)
    assert engine.named("allow-checks") == []
    click(dialog.send)
    assert engine.named("allow-checks")[0].message.allowed is True


@pytest.mark.parametrize("width", [380, 420, 1040])
def test_the_preview_fits(qtbot: QtBot, window: MainWindow, message: MessageWidget, width: int) -> None:
    long = replace(PREVIEW.parts[2], title="src/" + "deep/" * 40 + "orders.py lines 17 to 20", text="x" * 400)
    window.show_check_preview(message.turn, replace(PREVIEW, parts=(*PREVIEW.parts[:2], long, *PREVIEW.parts[3:])))
    dialog = preview_of(window)
    dialog.resize(width, 700)
    qtbot.waitUntil(lambda: dialog.width() == width, timeout=WAIT)
    for part in dialog.parts:
        right = part.mapTo(dialog, part.rect().topRight()).x()
        assert right <= width

    def beside() -> bool:
        return dialog.request.mapTo(dialog, dialog.request.rect().topLeft()).x() > width // 3

    qtbot.waitUntil(lambda: beside() is (width > 780), timeout=WAIT)
    dialog.reject()


# -- the switch ---------------------------------------------------------------------------------------


def test_one_switch_keeps_everything_here(window: MainWindow, engine: ScriptedEngine) -> None:
    switch = window.composer.offline
    assert not switch.isChecked()
    assert "api.anthropic.com" in switch.toolTip()
    click(switch)
    assert engine.named("write-settings")[-1].message == Settings(offline=True)
    assert switch.isChecked()
    assert "nothing leaves this machine" in switch.toolTip()
    click(switch)
    assert not switch.isChecked()


def test_what_the_environment_keeps_offline_cannot_be_switched(window: MainWindow, engine: ScriptedEngine) -> None:
    engine.replies["check-state"] = replace(STATE, offline=True, ready=False, problem="Sidetune is offline.")
    window.session.checks.refresh()
    assert window.composer.offline.isChecked()
    assert not window.composer.offline.isEnabled()


# -- marks in the text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "shown"),
    [
        ("Foo", "Foo ✓ is in a.py¹."),
        ("a.py", "a.py¹ ✓."),
        ("in `a.py` [1].", "a.py¹. ✓"),
        ("```python\nx = 1\n```", "x = 1\n\n ✓"),
        ("](b.py#L3", "one b"),  # in the middle of a link there is no room for a sign
        ("---", "one b ✓"),
        ("end.", "end. ✓"),
    ],
)
def test_a_sign_never_breaks_what_it_stands_in(claim: str, shown: str) -> None:
    text = "**Foo** is in `a.py` [1].\n\n```python\nx = 1\n```\n\n- one [b](b.py#L3)\n\n---\n\nthe **end.**"
    look = Look(dark=False, text="#000", muted="#666", accent="#00f", code="#eee", line="#ccc", warning="#850")
    markdown = Markdown(look)
    markdown.cited = 1
    plain = markdown.html(text)
    markdown.claims = {0: ClaimMark("✓", "#00f")}
    html = markdown.html(marked(text, {0: text.index(claim) + len(claim)}))
    view = QPlainTextEdit()
    view.appendHtml(html)
    assert shown in view.toPlainText()
    for tag in ("<b>", "<pre", "<code", "<li", "sidetune-file:b.py#3"):
        assert html.count(tag) == plain.count(tag), tag
    view.deleteLater()


def test_words_for_what_was_found() -> None:
    assert claims_words(()) == "no claims found"
    assert claims_words(CLAIMS[1:3]) == "1 claim contradicted, 1 undecided"
    assert [dollars(each) for each in (0, 0.00001, 0.0042, 0.0666, 1.5)] == [
        "$0", "less than $0.0001", "$0.0042", "$0.067", "$1.50",
    ]  # fmt: skip
    assert TEXT[CLAIMS[0].start : CLAIMS[0].end] == CLAIMS[0].text
