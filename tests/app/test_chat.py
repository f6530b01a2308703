"""The conversation and the field for questions, driven with mouse and keyboard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.chat.answer import AnswerView
from app.chat.composer import Composer
from app.chat.message import MessageWidget
from app.chat.textview import TextView
from app.chat.transcript import Transcript
from app.panels.tuning import LearningLine, LossCurve, learned_words
from app.session import Session
from app.state import TurnState
from app.theme import theme
from engine.events import Failure, Premise, PremiseItem, Token, Tuned
from engine.types import Confidence, Focus
from engine.wire import Conversations, PastTurn, StreamEvent
from tests.app.scripted import (
    ANSWER,
    CITATIONS,
    CONVERSATIONS,
    FACTS,
    MODEL_INFO,
    SELECTED,
    STARTED,
    STEPS,
    TEXT,
    TOKENS,
    TUNED,
    ScriptedEngine,
    open_session,
)

WAIT = 60_000  # milliseconds
WHOLE = (STARTED, SELECTED, FACTS, *STEPS, TUNED, *TOKENS, ANSWER)


@pytest.fixture
def opened() -> list[tuple[Path, int]]:
    return []


@pytest.fixture
def engine(folder: Path) -> ScriptedEngine:
    return ScriptedEngine(folder)


@pytest.fixture
def session(engine: ScriptedEngine, opened: list[tuple[Path, int]]) -> Session:
    return open_session(engine, opened)


@pytest.fixture
def transcript(qtbot: QtBot, session: Session) -> Transcript:
    made = Transcript(session.state, session)
    qtbot.addWidget(made)
    made.resize(420, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def composer(qtbot: QtBot, session: Session) -> Composer:
    made = Composer(session.state, session)
    qtbot.addWidget(made)
    made.resize(420, 160)
    made.show()
    made.activateWindow()
    made.field.setFocus()
    return made


def words(widget: QWidget) -> str:
    """Return all text that is shown in a widget, line by line."""
    shown = []
    for each in widget.findChildren(QWidget):
        if not each.isVisibleTo(widget):
            continue
        if isinstance(each, QLabel | QAbstractButton):
            shown.append(each.accessibleName() or each.text())
        elif isinstance(each, TextView):
            shown.append(each.toPlainText())
    return "\n".join(shown)


def button(widget: QWidget, text: str) -> QPushButton:
    """Return the button that is called so and can be seen."""
    return next(each for each in widget.findChildren(QPushButton) if each.text() == text and each.isVisibleTo(widget))


def inner(transcript: Transcript) -> int:
    """Return how wide what is scrolled is."""
    page = transcript.widget()
    assert page is not None
    return page.width()


def ask(session: Session, engine: ScriptedEngine, transcript: Transcript, *events: StreamEvent) -> MessageWidget:
    """Ask, send events and return the message with all of them shown."""
    session.ask("How is the total of an order made?")
    engine.tell(*events)
    transcript.flush()
    return transcript.messages[-1]


# -- a message --------------------------------------------------------------------------------------


def test_each_moment_of_an_answer_says_what_is_going_on(
    transcript: Transcript, session: Session, engine: ScriptedEngine
) -> None:
    message = ask(session, engine, transcript)
    assert "Waiting for the engine" in words(message)
    moments: list[tuple[tuple[StreamEvent, ...], str, str]] = [
        ((STARTED,), "Looking through 1,508 chunks", "Waiting"),
        ((SELECTED,), "Chose 4 sources", "Looking"),
        ((FACTS,), "Known from the code", "Copy"),
        (STEPS[:5], "Learning 5 of 12 · 1 s left", "Chose"),
        ((*STEPS[5:], TUNED), "Writing", "Learning 12"),
        (TOKENS[:9], "Order.total¹ adds up", "Writing"),
        ((*TOKENS[9:], ANSWER), "the repository says this", "Skip"),
    ]
    for events, shown, hidden in moments:
        engine.tell(*events)
        transcript.flush()
        assert shown in words(message)
        assert hidden not in words(message)
    for each in ("4 sources", "learned 12 examples in 1.8 s · kept", "Copy", "Deeper", "Untuned", "³ is not borne out"):
        assert each in words(message)


def test_the_premise_is_corrected_by_a_click(
    qtbot: QtBot, transcript: Transcript, session: Session, engine: ScriptedEngine
) -> None:
    session.ask("What does frobnicate do?")
    item = PremiseItem("frobnicate", "symbol", ("round_to_cents", "a<b>&c"))
    engine.tell(STARTED, Premise((item, PremiseItem("x.py", "file", ()))))
    transcript.flush()
    message = transcript.messages[0]
    assert "There is no frobnicate here; did you mean round_to_cents or a<b>&c? There is no file x.py here." in (
        words(message)
    )
    view = next(each for each in message.findChildren(TextView) if "frobnicate" in each.toPlainText())
    with qtbot.waitSignal(transcript.reworded, timeout=WAIT) as signal:
        view.anchorClicked.emit(QUrl("sidetune-name:0/1"))
    assert signal.args == ["What does a<b>&c do?"]
    engine.tell(SELECTED, TUNED, ANSWER)
    transcript.flush()
    assert "the question names what is not here" in words(message)
    assert "the repository says this" not in words(message)


def test_a_silent_repository_shows_what_is_nearest(
    transcript: Transcript, session: Session, engine: ScriptedEngine
) -> None:
    silent = Confidence("silent", 0.01)
    answer = replace(ANSWER, text="The repository does not say.", citations=(), confidence=silent)
    message = ask(session, engine, transcript, STARTED, replace(SELECTED, confidence=silent), TUNED, answer)
    assert len(message.evidence_rows) == len(SELECTED.chunks)
    assert "the repository does not say" in words(message)
    assert "4 nearest" in words(message)
    message.unfold(evidence=False)  # what the reader folds stays folded
    message.refresh()
    sources = next(each for each in message.findChildren(QAbstractButton) if "nearest" in each.text())
    assert not sources.isChecked()


def test_citations_facts_and_files_open_the_editor(
    transcript: Transcript, session: Session, engine: ScriptedEngine, opened: list[tuple[Path, int]]
) -> None:
    message = ask(session, engine, transcript, *WHOLE)
    answer = message.findChild(AnswerView)
    assert answer is not None
    settled = answer.findChildren(TextView)[0]
    settled.anchorClicked.emit(QUrl("sidetune-cite:2"))
    settled.anchorClicked.emit(QUrl("sidetune-cite:99"))
    settled.anchorClicked.emit(QUrl("sidetune-file:src/shop/stock.py#7"))
    facts = next(each for each in message.findChildren(TextView) if "is a method" in each.toPlainText())
    facts.anchorClicked.emit(QUrl("sidetune-place:0"))
    assert [(file.name, line) for file, line in opened] == [("money.py", 4), ("stock.py", 7), ("orders.py", 17)]
    settled.highlighted.emit(QUrl("sidetune-cite:3"))
    assert settled.viewport().toolTip() == "src/shop/orders.py:23–30\nnot borne out by the evidence"


def test_a_citation_can_be_reached_and_followed_with_the_keyboard(
    transcript: Transcript, session: Session, engine: ScriptedEngine, opened: list[tuple[Path, int]]
) -> None:
    message = ask(session, engine, transcript, STARTED, SELECTED, TUNED, ANSWER)
    answer = message.findChild(AnswerView)
    assert answer is not None
    view = answer.findChildren(TextView)[0]
    view.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(10):
        if opened:
            break
        QTest.keyClick(view, Qt.Key.Key_Tab)
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened[0][0].name == "orders.py"


def test_an_address_is_not_opened_but_asked_about(
    qtbot: QtBot, transcript: Transcript, session: Session, engine: ScriptedEngine, opened: list[tuple[Path, int]]
) -> None:
    message = ask(session, engine, transcript, STARTED, SELECTED, TUNED, replace(ANSWER, text="[x](https://e.org/a)"))
    answer = message.findChild(AnswerView)
    assert answer is not None
    with qtbot.waitSignal(transcript.address_clicked, timeout=WAIT) as signal:
        answer.findChildren(TextView)[0].anchorClicked.emit(QUrl("https://e.org/a"))
    assert (signal.args, opened) == (["https://e.org/a"], [])


def test_nothing_is_loaded_for_a_text(qtbot: QtBot) -> None:
    view = TextView("Text")
    qtbot.addWidget(view)
    view.show_html('<img src="file:///etc/hostname"/><p>shown</p>')
    kind = QTextDocument.ResourceType.ImageResource.value
    assert view.loadResource(kind, QUrl("file:///etc/hostname")) is None
    assert "shown" in view.toPlainText()


def test_copy_gives_text_and_citations(transcript: Transcript, session: Session, engine: ScriptedEngine) -> None:
    message = ask(session, engine, transcript, *WHOLE)
    button(message, "Copy").click()
    copied = QGuiApplication.clipboard().text()
    assert copied == TEXT + "\n\n[1] src/shop/orders.py:17–20\n[2] src/shop/money.py:4–6\n[3] src/shop/orders.py:23–30"


@pytest.mark.parametrize(("name", "effort"), [("Deeper", "deep"), ("Untuned", "instant")])
def test_an_answer_can_be_had_deeper_and_untuned(
    transcript: Transcript, session: Session, engine: ScriptedEngine, name: str, effort: str
) -> None:
    button(ask(session, engine, transcript, *WHOLE), name).click()
    assert engine.named("ask")[1].message.effort == effort
    assert "asked again" in words(transcript.messages[1])


def test_an_untuned_answer_offers_no_untuned_version(
    transcript: Transcript, session: Session, engine: ScriptedEngine
) -> None:
    skipped = Tuned("skipped", 0, "Instant answers are not tuned.", None, None, 0.0)
    message = ask(session, engine, transcript, STARTED, SELECTED, skipped, replace(ANSWER, adapter=skipped))
    assert "Untuned" not in words(message)
    assert "answered without learning" in words(message)


def test_a_failed_question_can_be_asked_again(transcript: Transcript, session: Session, engine: ScriptedEngine) -> None:
    message = ask(session, engine, transcript, STARTED, SELECTED, Failure("generate", "The model could not write."))
    assert "The model could not write." in words(message)
    assert "the repository says" not in words(message)
    button(message, "Ask again").click()
    assert len(engine.named("ask")) == 2


def test_a_stopped_question_shows_no_error(transcript: Transcript, session: Session, engine: ScriptedEngine) -> None:
    message = ask(session, engine, transcript, STARTED, SELECTED, TUNED, *TOKENS[:9])
    session.stop()
    transcript.flush()
    assert "Stopped." in words(message)
    assert "adds up" in words(message)
    assert all(each.property("role") != "warning" for each in message.findChildren(QLabel) if each.isVisible())


def test_evidence_and_learning_unfold(transcript: Transcript, session: Session, engine: ScriptedEngine) -> None:
    message = ask(session, engine, transcript, *WHOLE)
    assert "src/shop/money.py" not in words(message)
    message.unfold(evidence=True, learning=True)
    assert [row.chunk for row in message.evidence_rows] == list(SELECTED.chunks)
    assert session.state.shown is message.turn
    assert "the loss went from 2.31 to 2.05 nats a token" in words(message)
    curve = message.findChild(LossCurve)
    assert curve is not None
    assert curve.isVisibleTo(message)
    message.unfold()
    assert "nats a token" not in words(message)


def test_the_first_answer_says_what_the_model_is_good_for(
    transcript: Transcript, session: Session, engine: ScriptedEngine
) -> None:
    first = ask(session, engine, transcript, *WHOLE)
    second = ask(session, engine, transcript, *WHOLE)
    assert "a very small model wrote this" in words(first)
    assert "a very small model wrote this" not in words(second)
    next(each for each in first.findChildren(QAbstractButton) if "small model" in each.text()).click()
    assert MODEL_INFO.notes in words(first)


@pytest.mark.parametrize(
    ("tuned", "line"),
    [
        (Tuned("tuned", 1, "", 2.0, 1.9, 12.4), "learned 1 example in 12 s · kept"),
        (Tuned("dropped", 8, "It did not help.", 2.0, 2.0, 3.21), "learned 8 examples in 3.2 s · dropped"),
        (Tuned("reused", 8, "", 2.0, 1.9, 0.0), "learned 8 examples earlier · used again"),
        (Tuned("skipped", 0, "You skipped it.", None, None, 0.5), "answered without learning"),
    ],
)
def test_learning_on_one_line(qtbot: QtBot, tuned: Tuned, line: str) -> None:
    turn = TurnState("1", "Why?", phase="done", tuned=tuned)
    shown = LearningLine(turn)
    qtbot.addWidget(shown)
    shown.set_unfolded(True)
    assert learned_words(turn) == line
    if tuned.reason:
        assert tuned.reason in words(shown)


# -- the conversation -------------------------------------------------------------------------------


def test_many_tokens_are_few_changes_of_the_screen(
    qtbot: QtBot, transcript: Transcript, session: Session, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = ask(session, engine, transcript, STARTED, SELECTED, TUNED)
    refreshed: list[int] = []
    real = message.refresh

    def refresh() -> None:
        refreshed.append(1)
        real()

    monkeypatch.setattr(message, "refresh", refresh)
    for _ in range(500):
        engine.tell(Token("word "))
    assert refreshed == []  # nothing is drawn while the events come in
    qtbot.waitUntil(lambda: "word word" in words(message), timeout=WAIT)
    assert len(refreshed) <= 2


def test_the_end_is_followed_until_the_reader_scrolls_up(
    qtbot: QtBot, transcript: Transcript, session: Session, engine: ScriptedEngine
) -> None:
    ask(session, engine, transcript, STARTED, SELECTED, TUNED)
    bar = transcript.verticalScrollBar()

    def write(lines: int) -> None:
        before = bar.maximum()
        engine.tell(Token("A paragraph of some words.\n\n" * lines))
        transcript.flush()
        qtbot.waitUntil(lambda: bar.maximum() > before, timeout=WAIT)

    write(60)
    assert bar.value() == bar.maximum()
    write(10)
    assert bar.value() == bar.maximum()
    bar.setValue(100)
    write(10)
    assert bar.value() == 100
    transcript.scroll_by_page(100)
    write(10)
    assert bar.value() == bar.maximum()


def test_another_conversation_replaces_what_is_shown(
    qtbot: QtBot, transcript: Transcript, session: Session, engine: ScriptedEngine
) -> None:
    engine.replies["conversations"] = CONVERSATIONS
    ask(session, engine, transcript, *WHOLE)
    session.new_conversation()
    assert transcript.messages == []
    qtbot.waitUntil(lambda: "Where is stock reserved?" in words(transcript), timeout=WAIT)
    button(transcript, "Where is stock reserved?").click()
    assert [each.message.thread for each in engine.named("conversation")] == ["thread-0"]
    past = PastTurn("Why?", "So.", CITATIONS, "balanced", "tuned", Confidence("hints", 0.4), "2026-01-01T00:00:00Z")
    session.state.turns = [TurnState.past(past)]
    session.state.changed("turns")
    qtbot.waitUntil(lambda: "Why?" in words(transcript), timeout=WAIT)
    shown = words(transcript)
    for each in ("Why?", "So.", "the repository hints at this", "learned for this answer"):
        assert each in shown
    assert "source" not in shown


def test_titles_of_conversations_are_not_taken_for_anything_else(
    transcript: Transcript, session: Session, engine: ScriptedEngine
) -> None:
    odd = replace(CONVERSATIONS.conversations[0], title="<b>R&D</b> " + "x" * 300)
    engine.replies["conversations"] = Conversations((odd,))
    session.refresh_conversations()
    found = [each.text() for each in transcript.findChildren(QPushButton) if "R&&D" in each.text()]
    assert len(found) == 1
    assert len(found[0]) < 80
    assert inner(transcript) == transcript.viewport().width()


@pytest.mark.parametrize("width", [380, 420, 900])
def test_nothing_is_wider_than_the_window(
    qtbot: QtBot, transcript: Transcript, session: Session, engine: ScriptedEngine, width: int
) -> None:
    session.add_about(Focus(f"src/{'deep/' * 40}{'long_name' * 20}.py", 1, 99999))
    session.ask("x" * 500 + " and " + "word " * 200)
    text = (
        f"`{'x' * 400}` [{'y' * 300}](src/{'z' * 300}.py)\n\n```\n{'code ' * 200}\n```\n\n|a|b|\n|-|-|\n|{'w' * 90}|c|"
    )
    engine.tell(STARTED, SELECTED, FACTS, TUNED, replace(ANSWER, text=text))
    transcript.resize(width, 600)
    transcript.flush()
    transcript.messages[0].unfold(evidence=True, learning=True)
    qtbot.waitUntil(lambda: inner(transcript) == transcript.viewport().width(), timeout=WAIT)
    right = transcript.viewport().mapToGlobal(QPoint(transcript.viewport().width(), 0)).x()
    for each in transcript.messages[0].findChildren(QWidget):
        if each.isVisible() and each.width() > 1:
            assert each.mapToGlobal(QPoint(each.width(), 0)).x() <= right, each


def test_colours_follow_the_theme(transcript: Transcript, session: Session, engine: ScriptedEngine) -> None:
    message = ask(session, engine, transcript, *WHOLE)
    answer = message.findChild(AnswerView)
    assert answer is not None
    view = answer.findChildren(TextView)[0]
    before = theme()._choice
    try:
        for choice in ("dark", "light"):
            theme().choose(choice)
            assert theme().colours.accent in view.toHtml()
            assert view.toPlainText().startswith("Order.total")
    finally:
        theme().choose(before)


# -- the composer -----------------------------------------------------------------------------------


def test_enter_asks_and_shift_enter_is_a_new_line(composer: Composer, engine: ScriptedEngine) -> None:
    QTest.keyClicks(composer.field, "First")
    QTest.keyClick(composer.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(composer.field, "second")
    assert engine.named("ask") == []
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert [each.message.question for each in engine.named("ask")] == ["First\nsecond"]
    assert composer.field.toPlainText() == ""


def test_what_is_written_while_an_answer_comes_stays(composer: Composer, engine: ScriptedEngine) -> None:
    composer.set_text("First?")
    composer.ask()
    composer.set_text("Second?")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert composer.field.toPlainText() == "Second?"
    assert len(engine.named("ask")) == 1
    engine.tell(STARTED, SELECTED, TUNED, ANSWER)
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert [each.message.question for each in engine.named("ask")] == ["First?", "Second?"]


def test_up_in_the_empty_field_recalls_the_last_question(composer: Composer, engine: ScriptedEngine) -> None:
    QTest.keyClick(composer.field, Qt.Key.Key_Up)
    assert composer.field.toPlainText() == ""
    composer.set_text("Why?")
    composer.ask()
    QTest.keyClick(composer.field, Qt.Key.Key_Up)
    assert composer.field.toPlainText() == "Why?"


def test_the_field_grows_to_six_lines(composer: Composer) -> None:
    heights = []
    for lines in (1, 2, 6, 7, 30):
        composer.field.setPlainText("\n".join(["line"] * lines))
        heights.append(composer.field.height())
    assert heights[0] < heights[1] < heights[2] == heights[3] == heights[4]


def test_stop_and_skip_are_there_while_they_make_sense(
    composer: Composer, session: Session, engine: ScriptedEngine
) -> None:
    assert (composer.stop.isVisible(), composer.skip.isVisible(), composer.send.isVisible()) == (False, False, True)
    assert not composer.send.isEnabled()
    composer.set_text("Why?")
    assert composer.send.isEnabled()
    composer.send.click()
    assert (composer.stop.isVisible(), composer.skip.isVisible(), composer.send.isVisible()) == (True, False, False)
    engine.tell(STARTED, SELECTED, *STEPS[:3])
    assert composer.skip.isVisible()
    composer.skip.click()
    assert not composer.skip.isVisible()
    composer.stop.click()
    assert session.state.turns[0].phase == "stopped"
    assert composer.send.isVisible()


def test_chips_say_what_the_question_is_about_and_take_it_back(
    qtbot: QtBot, composer: Composer, session: Session
) -> None:
    session.add_about(Focus("src/shop/orders.py", 40, 88))
    session.exclude(Focus("README.md"))

    def chips() -> list[QAbstractButton]:
        return [
            each
            for each in composer.findChildren(QAbstractButton)
            if each.property("role") == "chip" and each.isVisibleTo(composer)
        ]

    texts = ["orders.py  ×", "lines 40–88  ×", "not README.md  ×"]
    qtbot.waitUntil(lambda: [each.text() for each in chips()] == texts, timeout=WAIT)
    assert composer.field.placeholderText() == "Ask about orders.py lines 40–88"
    chips()[1].click()
    assert session.state.about == (Focus("src/shop/orders.py"),)
    for left in (2, 1):
        qtbot.waitUntil(lambda count=left: len(chips()) == count, timeout=WAIT)  # type: ignore[misc]
        chips()[0].click()
    assert (len(session.state.about), len(session.state.exclude), len(chips())) == (0, 0, 0)


def test_a_name_is_never_taken_for_html(composer: Composer, session: Session, qtbot: QtBot) -> None:
    session.add_about(Focus("<img src=x>.py"))
    chip = next(each for each in composer.findChildren(QAbstractButton) if each.property("role") == "chip")
    assert "<img" not in chip.toolTip()
    assert "&lt;img src=x&gt;.py" in chip.toolTip()


def test_effort_is_chosen_with_its_time(composer: Composer, session: Session) -> None:
    actions = composer.effort.menu().actions()
    assert [each.text().split(":")[0] for each in actions] == ["Instant", "Balanced", "Deep"]
    assert actions[1].isChecked()
    assert actions[2].text().endswith("about 15 s")
    actions[2].trigger()
    assert session.state.effort == "deep"
    assert composer.effort.text() == "Deep ▾"


def test_every_control_has_a_name(
    composer: Composer, transcript: Transcript, session: Session, engine: ScriptedEngine
) -> None:
    session.add_about(Focus("src/shop/orders.py", 40, 88))
    ask(session, engine, transcript, *WHOLE).unfold(evidence=True, learning=True)
    for parent in (composer, transcript):
        for each in parent.findChildren(QAbstractButton):
            assert each.accessibleName() or each.text(), each
