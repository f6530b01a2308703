"""Checking a draft, as the session does it: what is asked of the engine, and what the state says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.session import Session
from app.state import CheckRun, TurnState
from engine.config import Settings
from engine.events import Failure
from engine.verdicts import Checked, Checking, CheckPreview, CheckState, StoredNote
from engine.wire import PastTurn, PastTurns, Problem, Repository, Stopped
from tests.app.checks import CHECKED, NOTES, PREVIEW, SETTINGS, STATE, check_replies
from tests.app.scripted import ANSWER, CONVERSATIONS, SELECTED, STARTED, TEXT, TUNED, ScriptedEngine, open_session


@pytest.fixture
def engine(folder: Path) -> ScriptedEngine:
    return ScriptedEngine(folder, replies=check_replies())


@pytest.fixture
def session(engine: ScriptedEngine) -> Session:
    return open_session(engine)


def answered(session: Session, engine: ScriptedEngine) -> TurnState:
    """Return a turn with an answer that is kept under the number 7."""
    session.ask("How is the total of an order made?")
    engine.tell(STARTED, SELECTED, TUNED, replace(ANSWER, turn=7))
    return session.state.turns[-1]


def found(turn: TurnState) -> tuple[CheckRun | None, Checked | None]:
    return turn.check, turn.checked


def notes(session: Session) -> tuple[StoredNote, ...] | None:
    return session.state.notes


def test_whether_drafts_can_be_checked_is_asked_with_the_repository(session: Session, engine: ScriptedEngine) -> None:
    assert session.state.checks == STATE
    assert [each.message.repository for each in engine.named("check-state")] == ["shop-1"]


def test_a_preview_names_the_answer_and_sends_nothing(session: Session, engine: ScriptedEngine) -> None:
    turn = answered(session, engine)
    shown: list[CheckPreview] = []
    session.checks.preview(turn, shown.append)
    asked = engine.named("preview-check")[0].message
    assert (asked.repository, asked.thread, asked.turn) == ("shop-1", "thread-1", 7)
    assert shown == [PREVIEW]
    assert turn.check is None
    assert engine.named("check") == []


def test_an_answer_of_an_earlier_day_is_checked_under_its_number(session: Session, engine: ScriptedEngine) -> None:
    past = PastTurn("Why?", TEXT, (), "instant", "", None, "2026-01-01T00:00:00Z", turn=4, checked=CHECKED)
    engine.replies["conversation"] = PastTurns(CONVERSATIONS.conversations[1], (past,))
    session.open_conversation("thread-0")
    turn = session.state.turns[0]
    assert (turn.number, turn.checked) == (4, CHECKED)
    session.checks.preview(turn, lambda _: None)
    asked = engine.named("preview-check")[0].message
    assert (asked.thread, asked.turn) == ("thread-0", 4)


def test_an_answer_that_is_not_kept_cannot_be_checked(session: Session, engine: ScriptedEngine) -> None:
    session.ask("Why?")
    engine.tell(STARTED, SELECTED, TUNED, ANSWER)
    session.checks.preview(session.state.turns[-1], lambda _: pytest.fail("there is no answer 0"))
    assert engine.named("preview-check") == []


def test_a_check_from_sending_to_its_verdict(session: Session, engine: ScriptedEngine) -> None:
    turn = answered(session, engine)
    session.checks.send(turn, PREVIEW)
    started = engine.named("check")[0].message
    assert (started.preview, engine.asks[-1].of) == ("p1", started.id)
    assert turn.check is not None
    engine.tell(Checking("reading", 1, 120))
    assert (turn.check.stage, turn.check.characters) == ("reading", 120)
    assert not session.checks.can_preview(turn)
    session.checks.send(turn, PREVIEW)  # of no effect while one is on its way
    engine.tell(CHECKED)
    assert found(turn) == (None, CHECKED)
    assert len(engine.named("check")) == 1
    assert len(engine.named("check-state")) == 2  # the price so far
    assert session.checks.can_preview(turn)


def test_a_failed_check_is_sent_again_only_when_the_user_says_so(session: Session, engine: ScriptedEngine) -> None:
    turn = answered(session, engine)
    session.checks.send(turn, PREVIEW)
    engine.tell(Failure("check", "The provider is busy (429); it asks to wait 20 seconds."))
    assert turn.check is not None
    assert turn.check.failure == "The provider is busy (429); it asks to wait 20 seconds."
    assert (turn.text, turn.phase) == (TEXT, "done")
    assert len(engine.named("check")) == 1
    session.checks.send_again(turn)
    first, second = (each.message for each in engine.named("check"))
    assert (first.preview, second.preview) == ("p1", "p1")
    assert first.id != second.id
    engine.tell(CHECKED)
    assert turn.checked == CHECKED


def test_a_check_that_cannot_be_started_says_why(session: Session, engine: ScriptedEngine) -> None:
    turn = answered(session, engine)
    engine.replies["check"] = Problem("UsageError", "That preview is no longer there.")
    session.checks.send(turn, PREVIEW)
    assert turn.check is not None
    assert turn.check.failure == "That preview is no longer there."
    session.checks.dismiss(turn)
    assert found(turn) == (None, None)


def test_a_stopped_check_shows_no_error(session: Session, engine: ScriptedEngine) -> None:
    turn = answered(session, engine)
    session.checks.send(turn, PREVIEW)
    sent = engine.named("check")[0].message.id
    session.checks.stop(turn)
    assert [each.message.id for each in engine.named("cancel")] == [sent]
    assert engine.asks[-1].closed
    engine.tell(Stopped())  # late
    assert (turn.check, turn.checked) == (None, None)


def test_what_was_found_survives_a_second_check_that_fails(session: Session, engine: ScriptedEngine) -> None:
    turn = answered(session, engine)
    session.checks.send(turn, PREVIEW)
    engine.tell(replace(CHECKED, next=replace(PREVIEW, id="p2", round=2)))
    assert turn.checked is not None
    following = turn.checked.next
    assert following is not None
    session.checks.send(turn, following)
    assert engine.named("check")[-1].message.preview == "p2"
    assert turn.checked == CHECKED  # its next round is used up
    engine.tell(Failure("check", "There is no network."))
    assert turn.checked == CHECKED


def test_a_check_goes_on_while_the_conversation_is_opened_anew(session: Session, engine: ScriptedEngine) -> None:
    turn = answered(session, engine)
    session.checks.send(turn, PREVIEW)
    past = PastTurn("Why?", TEXT, (), "instant", "", None, "2026-01-01T00:00:00Z", turn=7)
    engine.replies["conversation"] = PastTurns(CONVERSATIONS.conversations[0], (past,))
    session.open_conversation("thread-1")
    engine.tell(CHECKED)
    assert session.state.turns[0] is not turn
    assert session.state.turns[0].checked == CHECKED


def test_with_the_engine_the_previews_are_gone(session: Session, engine: ScriptedEngine) -> None:
    turn = answered(session, engine)
    session.checks.send(turn, PREVIEW)
    session.engine_lost("The engine crashed and is being started again.")
    assert turn.check is not None
    assert "paid for" in turn.check.failure
    assert session.state.checks is None
    session.checks.send_again(turn)
    assert len(engine.named("check")) == 1
    session.engine_ready()
    assert session.state.checks == STATE


def test_another_repository_stops_checks_and_forgets_their_state(session: Session, engine: ScriptedEngine) -> None:
    turn = answered(session, engine)
    session.checks.send(turn, PREVIEW)
    session.notes.refresh()
    assert notes(session) == NOTES.notes
    engine.replies["open"] = Repository("other-2", str(engine.root.parent), "other")
    session.open(engine.root.parent)
    assert engine.named("cancel")[-1].message.id == engine.named("check")[0].message.id
    assert notes(session) is None
    assert engine.named("check-state")[-1].message.repository == "other-2"


def test_closing_the_window_stops_its_checks(session: Session, engine: ScriptedEngine) -> None:
    turn = answered(session, engine)
    session.checks.send(turn, PREVIEW)
    session.close()
    assert len(engine.named("cancel")) == 1


def test_settings_then_key_then_allowance(session: Session, engine: ScriptedEngine) -> None:
    saved: list[CheckState] = []
    engine.replies["allow-checks"] = replace(STATE, allowed=True)
    session.checks.save(SETTINGS, key="sk-1", keep=False, allowed=True, on_saved=saved.append, on_problem=pytest.fail)
    names = [each.call for each in engine.calls if each.call in {"write-check-settings", "check-key", "allow-checks"}]
    assert names == ["write-check-settings", "check-key", "allow-checks"]
    given = engine.named("check-key")[0].message
    assert (given.key, given.keep) == ("sk-1", False)
    assert "sk-1" not in repr(given)
    assert saved == [replace(STATE, allowed=True)]
    assert session.state.checks == saved[0]


def test_settings_that_are_refused_give_no_key_away(session: Session, engine: ScriptedEngine) -> None:
    engine.replies["write-check-settings"] = Problem("UsageError", "the address must begin with https://")
    said: list[str] = []
    session.checks.save(
        SETTINGS,
        key="sk-1",
        keep=True,
        allowed=False,
        on_saved=lambda _: pytest.fail("refused"),
        on_problem=said.append,
    )
    assert said == ["the address must begin with https://"]
    assert engine.named("check-key") == []


def test_an_accepted_correction_becomes_a_note(session: Session, engine: ScriptedEngine) -> None:
    turn = answered(session, engine)
    session.notes.refresh()
    session.state.notes = ()
    session.checks.send(turn, PREVIEW)
    engine.tell(CHECKED)
    session.checks.accept(turn, "As I say.")
    kept = engine.named("accept-correction")[0].message
    assert (kept.repository, kept.check, kept.text) == ("shop-1", 3, "As I say.")
    assert turn.checked is not None
    assert turn.checked.accepted
    assert notes(session) == (NOTES.notes[0],)


def test_the_switch_is_a_setting_and_what_it_means_is_asked_again(session: Session, engine: ScriptedEngine) -> None:
    session.set_offline(True)
    assert engine.named("write-settings")[-1].message == Settings(offline=True)
    assert session.state.settings.offline
    assert len(engine.named("check-state")) == 2
    session.set_offline(True)
    assert len(engine.named("write-settings")) == 1
