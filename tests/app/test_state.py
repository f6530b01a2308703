"""A turn takes the events of its question, and listeners hear of what they asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.state import State, TurnState
from engine.events import Failure
from engine.types import Confidence
from engine.wire import PastTurn, Stopped, StreamEvent
from tests.app.scripted import ANSWER, CITATIONS, FACTS, SELECTED, STARTED, STEPS, TEXT, TOKENS, TUNED


def test_a_turn_goes_through_the_phases_of_its_events() -> None:
    turn = TurnState("1", "Why?")
    seen = [turn.phase]
    events: list[StreamEvent] = [STARTED, SELECTED, FACTS, *STEPS, TUNED, *TOKENS, ANSWER]
    for event in events:
        turn.apply(event)
        if turn.phase != seen[-1]:
            seen.append(turn.phase)
    assert seen == ["waiting", "selecting", "tuning", "writing", "done"]
    assert (turn.text, turn.citations, turn.confidence, turn.tuned) == (TEXT, CITATIONS, SELECTED.confidence, TUNED)
    assert (turn.thread, turn.estimate_seconds, len(turn.steps)) == ("thread-1", 2.8, 12)
    assert not turn.running


def test_what_was_written_stays_when_a_turn_fails_or_is_stopped() -> None:
    ends: list[tuple[StreamEvent, str]] = [(Failure("generate", "It failed."), "failed"), (Stopped(), "stopped")]
    for event, phase in ends:
        turn = TurnState("1", "Why?")
        events: list[StreamEvent] = [STARTED, SELECTED, TUNED, *TOKENS[:3], event]
        for each in events:
            turn.apply(each)
        assert (turn.phase, turn.text) == (phase, TEXT[:21])


def test_nothing_changes_after_the_end() -> None:
    turn = TurnState("1", "Why?")
    turn.apply(Stopped())
    events: list[StreamEvent] = [STARTED, *TOKENS, ANSWER, Failure("x", "y")]
    for event in events:
        turn.apply(event)
    assert (turn.phase, turn.text, turn.failure) == ("stopped", "", "")


@pytest.mark.parametrize("effort", ["deep", "an effort of a later version"])
def test_a_past_turn_is_shown_as_it_was(effort: str) -> None:
    past = PastTurn("Why?", "So.", CITATIONS, effort, "tuned", Confidence("hints", 0.4), "2026-01-01T00:00:00Z")
    turn = TurnState.past(past)
    assert (turn.phase, turn.text, turn.citations, turn.adapter) == ("done", "So.", CITATIONS, "tuned")
    assert turn.effort == ("deep" if effort == "deep" else None)


def test_listeners_hear_their_topic_until_they_leave() -> None:
    state, heard = State(), list[str]()
    leave = state.subscribe("index", lambda: heard.append("index"))
    state.subscribe("about", lambda: heard.append("about"))
    state.changed("index")
    state.changed("about")
    leave()
    leave()
    state.changed("index")
    assert heard == ["index", "about"]


def test_a_listener_may_leave_while_it_is_told() -> None:
    state, heard = State(), list[int]()

    def once() -> None:
        heard.append(1)
        leave()

    leave = state.subscribe("turn", once)
    state.subscribe("turn", lambda: heard.append(2))
    state.changed("turn")
    state.changed("turn")
    assert heard == [1, 2, 2]


def test_the_turn_that_is_shown_is_the_chosen_one_while_it_is_there() -> None:
    state = State()
    assert state.shown not in state.turns
    first, second = TurnState("1", "a"), TurnState("2", "b")
    state.turns = [first, second]
    assert state.shown is second
    state.show(first)
    assert state.shown is first
    state.turns = [second]
    assert state.shown is second


def test_neither_state_nor_session_nor_markdown_needs_qt_or_the_engine() -> None:
    code = (
        "import sys, app.session, app.state, app.chat.markdown, app.chat.words\n"
        "heavy = {'PySide6', 'numpy', 'torch', 'engine.assistant'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
