"""Each intention of the user reaches the engine once, and each reply changes what is shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.session import Session
from app.state import State, Topic
from engine.config import Settings
from engine.errors import UsageError
from engine.events import Failure
from engine.types import Confidence, Focus
from engine.wire import Conversation, Conversations, ExcerptText, PastTurn, PastTurns, Problem, Repository, Stopped
from tests.app.scripted import (
    ANSWER,
    CONVERSATIONS,
    SELECTED,
    STARTED,
    STATUS,
    STEPS,
    TUNED,
    ScriptedEngine,
    open_session,
)


@pytest.fixture
def engine(folder: Path) -> ScriptedEngine:
    return ScriptedEngine(folder)


@pytest.fixture
def session(engine: ScriptedEngine) -> Session:
    return open_session(engine)


def test_opening_asks_for_all_that_a_window_shows(session: Session, engine: ScriptedEngine) -> None:
    state = session.state
    assert state.repository == Repository("shop-1", str(engine.root), "shop")
    assert (state.index, state.opening) == (STATUS, "")
    assert (state.files.indexed[0], state.files.left_out) == ("README.md", {".env": "secret: looks like keys"})
    assert state.estimate is not None
    assert state.model is not None
    assert engine.indexes[-1].of == "shop-1"


def test_a_folder_asked_for_before_the_engine_is_ready_is_opened_then(engine: ScriptedEngine) -> None:
    session = Session(State(), engine, lambda *_: None)
    session.open(engine.root)
    assert engine.calls == []
    assert session.state.opening == str(engine.root)
    session.engine_ready()
    assert [each.message.path for each in engine.named("open")] == [str(engine.root)]


def test_of_two_folders_asked_for_the_second_is_shown(engine: ScriptedEngine, tmp_path: Path) -> None:
    engine.replies["open"] = None
    session = Session(State(), engine, lambda *_: None)
    session.engine_ready()
    session.open(tmp_path / "first")
    session.open(tmp_path / "second")
    assert [each.aborted for each in engine.named("open")] == [True, False]


def test_a_folder_that_cannot_be_opened_is_said_and_nothing_else_changes(
    session: Session, engine: ScriptedEngine
) -> None:
    before = session.state.repository
    engine.replies["open"] = Problem("RepositoryError", "there is no folder /nowhere")
    session.open("/nowhere")
    assert session.state.notice == "there is no folder /nowhere"
    assert (session.state.repository, session.state.opening) == (before, "")


def test_another_repository_begins_with_nothing_of_the_last(session: Session, engine: ScriptedEngine) -> None:
    session.ask("Why?")
    session.add_about(Focus("README.md"))
    first = engine.indexes[-1]
    engine.replies["open"] = Repository("other-2", str(engine.root.parent), "other")
    session.open(engine.root.parent)
    state = session.state
    assert (state.turns, state.about, state.index, state.thread) == ([], (), None, None)
    assert first.closed
    engine.index(STATUS)  # of the first one, late
    assert state.index is None


def test_a_question_goes_with_effort_and_what_it_is_about(session: Session, engine: ScriptedEngine) -> None:
    session.set_effort("deep")
    session.add_about(Focus("src/shop/orders.py", 3, 9))
    session.exclude(Focus("README.md"))
    assert session.ask("  Why?\n")
    asked = engine.named("ask")[0].message
    assert (asked.question, asked.effort, asked.thread) == ("Why?", "deep", None)
    assert asked.about == (Focus("src/shop/orders.py", 3, 9),)
    assert asked.exclude == (Focus("README.md"),)
    assert engine.asks[0].of == asked.id


def test_an_answer_comes_and_the_next_question_continues_the_conversation(
    session: Session, engine: ScriptedEngine
) -> None:
    session.ask("Why?")
    before = len(engine.named("estimate"))
    engine.replies["conversations"] = CONVERSATIONS
    engine.tell(STARTED, SELECTED, *STEPS, TUNED, ANSWER)
    state = session.state
    assert (state.turns[0].phase, state.thread) == ("done", "thread-1")
    assert len(engine.named("estimate")) == before + 1
    assert state.conversations == CONVERSATIONS.conversations
    session.ask("And then?")
    assert engine.named("ask")[1].message.thread == "thread-1"
    assert engine.named("ask")[1].message.id != engine.named("ask")[0].message.id


@pytest.mark.parametrize("question", ["", "  \n "])
def test_nothing_is_not_asked(session: Session, engine: ScriptedEngine, question: str) -> None:
    assert not session.ask(question)
    assert engine.named("ask") == []


def test_one_question_at_a_time(session: Session, engine: ScriptedEngine) -> None:
    assert session.ask("First?")
    assert not session.ask("Second?")
    assert not session.ask_again(session.state.turns[0], "deep")
    assert len(engine.named("ask")) == 1


def test_asking_again_keeps_what_the_question_was_about(session: Session, engine: ScriptedEngine) -> None:
    session.add_about(Focus("README.md"))
    session.ask("Why?")
    engine.tell(STARTED, SELECTED, TUNED, ANSWER)
    session.remove_about(Focus("README.md"))
    assert session.ask_again(session.state.turns[0], "instant")
    again = engine.named("ask")[1].message
    assert (again.question, again.effort, again.about) == ("Why?", "instant", (Focus("README.md"),))
    assert session.state.turns[1].again


def test_stopping_is_no_error_and_a_late_answer_changes_nothing(session: Session, engine: ScriptedEngine) -> None:
    session.ask("Why?")
    engine.tell(STARTED, SELECTED)
    session.stop()
    turn = session.state.turns[0]
    assert (turn.phase, turn.failure, session.state.notice) == ("stopped", "", "")
    assert engine.asks[0].closed
    assert [each.message.id for each in engine.named("cancel")] == [turn.id]
    engine.tell(ANSWER)
    assert turn.phase == "stopped"
    assert session.can_ask


def test_a_question_stopped_before_it_was_accepted_is_not_followed(session: Session, engine: ScriptedEngine) -> None:
    engine.replies["ask"] = None
    session.ask("Why?")
    session.stop()
    engine.named("ask")[0].succeed(None)
    assert engine.asks == []


def test_skipping_is_asked_once(session: Session, engine: ScriptedEngine) -> None:
    session.skip()
    session.ask("Why?")
    engine.tell(STARTED, SELECTED, *STEPS[:2])
    session.skip()
    session.skip()
    assert len(engine.named("skip")) == 1
    assert session.state.turns[0].skipping


@pytest.mark.parametrize("problem", [Problem("UsageError", "the question is too long"), None])
def test_a_failure_ends_in_its_turn(session: Session, engine: ScriptedEngine, problem: Problem | None) -> None:
    if problem is not None:
        engine.replies["ask"] = problem
        session.ask("Why?")
    else:
        session.ask("Why?")
        engine.tell(STARTED, Failure("generate", "The model could not write."))
    turn = session.state.turns[0]
    assert turn.phase == "failed"
    assert turn.failure == (problem.message if problem is not None else "The model could not write.")
    assert session.state.notice == ""
    assert session.can_ask


def test_a_stream_that_ends_early_fails_the_turn(session: Session, engine: ScriptedEngine) -> None:
    session.ask("Why?")
    engine.tell(STARTED)
    engine.asks[0].on_end(None)
    assert session.state.turns[0].failure.endswith("ask again.")


def test_an_end_after_the_answer_changes_nothing(session: Session, engine: ScriptedEngine) -> None:
    session.ask("Why?")
    engine.tell(STARTED, SELECTED, TUNED, ANSWER)
    engine.asks[0].on_end(None)
    assert session.state.turns[0].phase == "done"


def test_a_lost_engine_fails_the_question_and_comes_back_to_the_same_place(
    session: Session, engine: ScriptedEngine
) -> None:
    session.ask("First?")
    engine.tell(STARTED, SELECTED, TUNED, ANSWER)
    session.ask("Second?")
    session.engine_lost("The engine was killed; it is being started again.")
    state = session.state
    assert (state.engine.phase, state.engine.sentence) == (
        "restarting", "The engine was killed; it is being started again.",
    )  # fmt: skip
    assert state.turns[1].failure == "The engine stopped while it answered; ask again."
    assert not session.ask("Third?")
    assert engine.indexes[-1].closed
    session.engine_ready()
    assert [each.phase for each in state.turns] == ["done", "failed"]
    assert (state.thread, state.engine.phase, len(engine.indexes)) == ("thread-1", "running", 2)
    assert session.ask_again(state.turns[1])


def test_a_question_asked_while_the_repository_is_opened_again_waits_for_it(
    session: Session, engine: ScriptedEngine
) -> None:
    session.engine_lost("Gone.")
    reply = engine.replies["open"]
    engine.replies["open"] = None
    session.engine_ready()
    session.ask("Why?")
    assert engine.named("ask") == []
    engine.named("open")[-1].succeed(reply)
    assert [each.message.question for each in engine.named("ask")] == ["Why?"]


def test_a_problem_of_the_connection_is_not_said_twice(session: Session, engine: ScriptedEngine) -> None:
    engine.replies["conversations"] = Problem("EngineLost", "The engine stopped before it answered; try again.")
    session.refresh_conversations()
    assert session.state.notice == ""
    engine.replies["conversations"] = Problem("DamagedError", "The conversations cannot be read.")
    session.refresh_conversations()
    assert session.state.notice == "The conversations cannot be read."


def test_what_the_question_is_about_and_what_is_left_out_exclude_each_other(session: Session) -> None:
    focus = Focus("README.md", 1, 4)
    session.exclude(focus)
    session.add_about(focus)
    session.add_about(focus)
    assert (session.state.about, session.state.exclude) == ((focus,), ())
    session.exclude(focus)
    assert (session.state.about, session.state.exclude) == ((), (focus,))
    session.remove_exclude(focus)
    assert session.state.exclude == ()


def test_lines_widen_to_their_file_once(session: Session) -> None:
    for focus in (Focus("a.py", 1, 4), Focus("b.py"), Focus("a.py", 8, 9)):
        session.add_about(focus)
    session.widen_about(Focus("a.py", 8, 9))
    session.widen_about(Focus("a.py", 1, 4))
    assert session.state.about == (Focus("a.py"), Focus("b.py"))


def test_conversations_are_opened_renamed_and_deleted(session: Session, engine: ScriptedEngine) -> None:
    past = PastTurn("Why?", "So.", (), "balanced", "tuned", Confidence("says", 0.9), "2026-01-01T00:00:00Z")
    conversation = Conversation("thread-9", "Why?", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", 1)
    engine.replies["conversation"] = PastTurns(conversation, (past,))
    session.open_conversation("thread-9")
    assert [(turn.question, turn.text) for turn in session.state.turns] == [("Why?", "So.")]
    session.ask("And?")
    assert engine.named("ask")[0].message.thread == "thread-9"
    session.rename_conversation("thread-9", "  ")
    assert engine.named("rename-conversation") == []
    session.rename_conversation("thread-9", " Because ")
    assert engine.named("rename-conversation")[0].message.title == "Because"
    engine.replies["conversations"] = Conversations(())
    session.delete_conversation("thread-9")
    assert (session.state.thread, session.state.turns) == (None, [])
    assert engine.named("delete-conversation")[0].message.thread == "thread-9"


def test_settings_are_saved_and_the_effort_of_the_window_follows_only_a_change(
    session: Session, engine: ScriptedEngine
) -> None:
    session.set_effort("instant")
    session.save_settings(Settings(threads=2))
    assert (session.state.settings.threads, session.state.effort) == (2, "instant")
    session.save_settings(Settings(effort="deep"))
    assert session.state.effort == "deep"
    engine.replies["write-settings"] = Problem("StorageError", "The settings cannot be written.")
    session.save_settings(Settings(effort="instant"))
    assert (session.state.settings.effort, session.state.notice) == ("deep", "The settings cannot be written.")


def test_the_listing_is_read_again_when_files_came_or_went(session: Session, engine: ScriptedEngine) -> None:
    before = len(engine.named("files"))
    engine.index(replace(STATUS, chunks=1600))
    assert len(engine.named("files")) == before
    engine.index(replace(STATUS, files=13))
    engine.index(replace(STATUS, files=13, stage="embedding"))
    engine.index(replace(STATUS, files=13))
    assert len(engine.named("files")) == before + 2


def test_files_open_in_the_editor_and_nothing_outside_of_the_repository_does(engine: ScriptedEngine) -> None:
    opened: list[tuple[Path, int]] = []
    session = open_session(engine, opened)
    session.open_file("src/shop/orders.py", 17)
    assert opened == [(engine.root / "src/shop/orders.py", 17)]
    (engine.root / "out").symlink_to(engine.root.parent)
    for path in ("../secret.txt", "/etc/passwd", "out/secret.txt", "src/\0.py"):
        session.open_file(path)
        assert session.state.notice.endswith("is not a file of shop")
        session.notify("")
    assert len(opened) == 1


def test_an_editor_that_fails_is_a_notice(engine: ScriptedEngine) -> None:
    def fails(_file: Path, _line: int) -> None:
        raise UsageError("no editor was found on this machine")

    session = Session(State(), engine, fails)
    session.engine_ready()
    session.open(engine.root)
    session.open_file("README.md")
    assert session.state.notice == "no editor was found on this machine"


def test_an_excerpt_that_cannot_be_had_is_none(session: Session, engine: ScriptedEngine) -> None:
    engine.replies["excerpt"] = Problem("UsageError", "not indexed")
    got: list[ExcerptText] = []
    session.excerpt("README.md", 1, 4, got.append)
    assert [each.text for each in got] == [None]
    assert session.state.notice == ""


def test_after_closing_nobody_is_told_anything(session: Session, engine: ScriptedEngine) -> None:
    session.ask("Why?")
    engine.replies["conversations"] = None
    session.refresh_conversations()
    session.close()
    session.close()
    heard: list[Topic] = []
    for topic in ("turn", "conversations", "index", "notice"):
        session.state.subscribe(topic, lambda each=topic: heard.append(each))  # type: ignore[misc]
    engine.named("conversations")[-1].succeed(CONVERSATIONS)
    engine.index(replace(STATUS, chunks=1))
    engine.tell(Stopped())
    assert heard == []
    assert len(engine.named("cancel")) == 1
