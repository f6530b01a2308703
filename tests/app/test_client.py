"""The client against a real process that answers, fails, drops connections and disappears."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtNetwork import QNetworkReply
from pytestqt.qtbot import QtBot

from app.client import LOST, MISUNDERSTOOD, EngineClient
from engine import wire
from engine.events import Failure
from engine.wire import ExcerptText, IndexStatus, Problem, Stopped, StreamEvent
from tests.app import small_engine

LONG = 60_000  # milliseconds; a condition that holds ends the wait


@dataclass
class Engine:
    """A running process and how to reach it."""

    process: subprocess.Popen[bytes]
    url: str
    token: str


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    environment = {**os.environ, "SIDETUNE_HOME": str(tmp_path)}
    with subprocess.Popen(
        small_engine.command(), env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        ready = json.loads(process.stdout.readline())
        yield Engine(process, ready["url"], Path(ready["token_file"]).read_text())
        process.stdin.close()


@pytest.fixture
def client(qtbot: QtBot, engine: Engine) -> Iterator[EngineClient]:
    found = EngineClient()
    found.connect_to(engine.url, engine.token)
    yield found
    found.disconnect_from()
    found.deleteLater()


@dataclass
class Heard:
    """What callbacks were called with."""

    answers: list[object] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    events: list[StreamEvent] = field(default_factory=list)
    ends: list[Problem | None] = field(default_factory=list)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def _excerpt(path: str) -> wire.Excerpt:
    return wire.Excerpt("repo", path, 1, 2)


def _until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=LONG)


# -- calls ----------------------------------------------------------------------------------------


def test_a_call_is_answered_later_and_says_who_asks(qtbot: QtBot, client: EngineClient, heard: Heard) -> None:
    client.call(wire.HELLO, wire.Empty(), heard.answers.append, heard.problems.append)
    client.call(wire.EXCERPT, _excerpt("headers"), heard.answers.append, heard.problems.append)
    assert heard.answers == []
    _until(qtbot, lambda: len(heard.answers) == 2)
    hello, excerpt = sorted(heard.answers, key=lambda each: type(each).__name__, reverse=True)
    assert isinstance(hello, wire.Hello)
    assert isinstance(excerpt, ExcerptText)
    headers = {name.lower(): value for name, value in json.loads(excerpt.text or "").items()}
    assert headers["sidetune-protocol"] == str(wire.PROTOCOL)
    assert headers["content-type"] == "application/json"
    assert headers["host"].startswith("127.0.0.1:")
    assert not {"origin", "cookie", "referer"} & set(headers)
    assert heard.problems == []


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("garbage", MISUNDERSTOOD, "does not understand"),
        ("no reason", MISUNDERSTOOD, "status 500"),
        ("moved", MISUNDERSTOOD, "status 307"),  # the key is not carried to another place
        ("caf\udce9", "UsageError", "not valid Unicode"),
    ],
)
def test_what_is_no_answer_is_a_problem(
    path: str, kind: str, words: str, qtbot: QtBot, client: EngineClient, heard: Heard
) -> None:
    client.call(wire.EXCERPT, _excerpt(path), heard.answers.append, heard.problems.append)
    assert heard.problems == []
    _until(qtbot, lambda: heard.problems)
    assert (heard.problems[0].kind, heard.answers) == (kind, [])
    assert words in heard.problems[0].message


def test_the_engine_s_own_sentence_arrives(qtbot: QtBot, client: EngineClient, heard: Heard) -> None:
    client.call(wire.FILES, wire.RepositoryRef("repo"), heard.answers.append, heard.problems.append)
    _until(qtbot, lambda: heard.problems)
    assert heard.problems == [Problem("UsageError", "There is no /v1/files here.")]


def test_an_aborted_call_calls_nobody(qtbot: QtBot, client: EngineClient, heard: Heard) -> None:
    unanswered = client.call(wire.EXCERPT, _excerpt("never"), heard.answers.append, heard.problems.append)
    at_once = client.call(wire.EXCERPT, _excerpt("at once"), heard.answers.append, heard.problems.append)
    at_once.abort()
    client.call(wire.EXCERPT, _excerpt("after"), heard.answers.append, heard.problems.append)
    _until(qtbot, lambda: heard.answers)
    unanswered.abort()
    unanswered.abort()
    client.disconnect_from()
    client.call(wire.EXCERPT, _excerpt("nobody there"), heard.answers.append, heard.problems.append).abort()
    client.call(wire.EXCERPT, _excerpt("nobody there"), heard.answers.append, heard.problems.append)
    _until(qtbot, lambda: heard.problems)
    assert heard.answers == [ExcerptText("after", "text")]
    assert [each.kind for each in heard.problems] == [LOST]


def test_many_streams_leave_room_for_calls(qtbot: QtBot, client: EngineClient, heard: Heard) -> None:
    statuses: list[IndexStatus] = []
    streams = [client.follow_index("quiet", statuses.append) for _ in range(20)]
    _until(qtbot, lambda: len(statuses) == 20)
    client.call(wire.EXCERPT, _excerpt("room"), heard.answers.append, heard.problems.append)
    _until(qtbot, lambda: heard.answers)
    for each in streams:
        each.close()


def test_a_callback_that_raises_is_heard_of_and_nothing_else_is_lost(
    qtbot: QtBot, client: EngineClient, heard: Heard
) -> None:
    def event_then_raise(event: StreamEvent) -> None:
        heard.events.append(event)
        raise ZeroDivisionError("of the callback")

    def answer_then_raise(_: object) -> None:
        raise ZeroDivisionError("of the callback")

    with qtbot.captureExceptions() as raised:
        client.call(wire.HELLO, wire.Empty(), answer_then_raise)
        client.follow_ask("plain", event_then_raise, heard.ends.append)
        _until(qtbot, lambda: heard.ends and len(raised) == 1 + len(small_engine.EVENTS))
    assert {each[0] for each in raised} == {ZeroDivisionError}
    assert tuple(heard.events) == small_engine.EVENTS
    client.follow_ask("silent", lambda _: None, answer_then_raise)
    client.call(wire.EXCERPT, _excerpt("never"), heard.answers.append, heard.problems.append)
    client.call(wire.EXCERPT, _excerpt("never"), heard.answers.append, answer_then_raise)
    client.call(wire.EXCERPT, _excerpt("never"), heard.answers.append, heard.problems.append)
    with pytest.raises(ZeroDivisionError), qtbot.waitSignal(client.disconnected, timeout=LONG):
        client.disconnect_from()
    assert [each.kind for each in heard.problems] == [LOST, LOST]


def test_a_call_is_made_again_when_its_connection_fails(qtbot: QtBot, client: EngineClient, heard: Heard) -> None:
    client.call(wire.EXCERPT, _excerpt("third time"), heard.answers.append, heard.problems.append)
    _until(qtbot, lambda: heard.answers)
    assert heard.answers == [ExcerptText("3", "text")]
    assert heard.problems == []


# -- streams --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["plain", "dropping"])
def test_a_question_is_followed_to_its_end_across_dropped_connections(
    name: str, qtbot: QtBot, client: EngineClient, heard: Heard
) -> None:
    client.follow_ask(name, heard.events.append, heard.ends.append)
    _until(qtbot, lambda: heard.ends)
    assert heard.ends == [None]
    assert tuple(heard.events) == small_engine.EVENTS


@pytest.mark.parametrize(
    ("name", "last"), [("failing", Failure("generate", "The model fell over.")), ("stopped", Stopped())]
)
def test_a_failure_and_a_stop_end_a_question_too(
    name: str, last: StreamEvent, qtbot: QtBot, client: EngineClient, heard: Heard
) -> None:
    client.follow_ask(name, heard.events.append, heard.ends.append)
    _until(qtbot, lambda: heard.ends)
    assert (heard.events, heard.ends) == ([last], [None])


@pytest.mark.parametrize(("name", "kind"), [("unknown", "UsageError"), ("garbled", MISUNDERSTOOD)])
def test_a_stream_that_cannot_be_had_ends_with_the_reason(
    name: str, kind: str, qtbot: QtBot, client: EngineClient, heard: Heard
) -> None:
    client.follow_ask(name, heard.events.append, heard.ends.append)
    _until(qtbot, lambda: heard.ends)
    assert [each and each.kind for each in heard.ends] == [kind]
    assert heard.events == []


def test_the_index_is_followed_until_closed(qtbot: QtBot, client: EngineClient, heard: Heard) -> None:
    statuses: list[IndexStatus] = []
    following = client.follow_index("repo", statuses.append, heard.problems.append)
    _until(qtbot, lambda: len(statuses) >= 3)  # each came over a connection of its own
    following.close()
    following.close()
    count = len(statuses)
    client.call(wire.EXCERPT, _excerpt("later"), heard.answers.append)
    _until(qtbot, lambda: heard.answers)
    assert [each.done for each in statuses] == list(range(1, count + 1))
    assert heard.problems == []


def test_a_closed_stream_says_nothing_even_when_closed_by_its_own_callback(
    qtbot: QtBot, client: EngineClient, heard: Heard
) -> None:
    def close(event: StreamEvent) -> None:
        heard.events.append(event)
        following.close()

    following = client.follow_ask("plain", close, heard.ends.append)
    _until(qtbot, lambda: heard.events)
    client.call(wire.EXCERPT, _excerpt("later"), heard.answers.append)
    _until(qtbot, lambda: heard.answers)
    client.disconnect_from()
    assert (len(heard.events), heard.ends) == (1, [])


# -- the engine goes ------------------------------------------------------------------------------


def test_all_that_waits_is_told_when_the_engine_is_lost(
    qtbot: QtBot, engine: Engine, client: EngineClient, heard: Heard
) -> None:
    client.follow_ask("silent", heard.events.append, heard.ends.append)
    client.follow_index("quiet", lambda _: heard.answers.append("status"), heard.problems.append)
    client.call(wire.EXCERPT, _excerpt("never"), heard.answers.append)  # nobody wants to know how it failed
    _until(qtbot, lambda: heard.events and heard.answers)
    engine.process.kill()
    engine.process.wait()
    client.call(wire.EXCERPT, _excerpt("too late"), heard.answers.append, heard.problems.append)
    qtbot.wait(500)  # a connection that fails proves nothing: all is asked for again while the engine may be there
    assert (heard.ends, heard.problems) == ([], [])
    with qtbot.waitSignal(client.disconnected, timeout=LONG):
        client.disconnect_from()
    assert [each and each.kind for each in heard.ends] == [LOST]
    assert [each.kind for each in heard.problems] == [LOST, LOST]
    assert heard.answers == ["status"]
    assert not client.is_connected
    client.follow_ask("plain", heard.events.append, heard.ends.append)
    _until(qtbot, lambda: len(heard.ends) == 2)
    assert heard.ends[1] == Problem(LOST, "The engine is not running.")


def test_what_has_just_failed_is_let_go_without_a_complaint(
    qtbot: QtBot, engine: Engine, client: EngineClient, heard: Heard
) -> None:
    client.call(wire.EXCERPT, _excerpt("never"), heard.answers.append, heard.problems.append)
    (reply,) = client.findChildren(QNetworkReply)
    # Between a reply's failure and its end Qt may well turn to the process that has ended.
    reply.errorOccurred.connect(lambda _: client.disconnect_from())
    with qtbot.waitSignals([client.disconnected, reply.destroyed], timeout=LONG):
        engine.process.kill()
    assert [each.kind for each in heard.problems] == [LOST]


def test_another_engine_takes_over(qtbot: QtBot, engine: Engine, client: EngineClient, heard: Heard) -> None:
    client.follow_ask("silent", heard.events.append, heard.ends.append)
    _until(qtbot, lambda: heard.events)
    with qtbot.waitSignals([client.disconnected, client.connected], order="strict", timeout=LONG):
        client.connect_to(engine.url + "/", engine.token)
    assert [each and each.kind for each in heard.ends] == [LOST]
    client.call(wire.HELLO, wire.Empty(), heard.answers.append)
    _until(qtbot, lambda: heard.answers)
