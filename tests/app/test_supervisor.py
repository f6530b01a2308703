"""The supervisor with real processes that start, end, crash, hang and never come up."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.client import EngineClient
from app.engine_log import EngineLog
from app.memory_kills import memory_kills
from app.supervisor import Patience, Supervisor
from engine import wire
from tests.app import small_engine

LONG = 60_000  # milliseconds; a condition that holds ends the wait
SOON = Patience(first_delay=0.01, longest_delay=0.02, quick_failures=3)


class Watched:
    """A supervisor and what it has said."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.supervisor = supervisor
        self.heard: list[tuple[str, str]] = []
        supervisor.ready.connect(lambda url, token: self.heard.append(("ready", f"{url} {token}")))
        supervisor.lost.connect(lambda why: self.heard.append(("lost", why)))
        supervisor.gave_up.connect(lambda why: self.heard.append(("gave up", why)))

    def count(self, signal_name: str) -> int:
        return sum(name == signal_name for name, _ in self.heard)

    def last(self, signal_name: str) -> str:
        return next(text for name, text in reversed(self.heard) if name == signal_name)


Make = Callable[..., Watched]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def make(qtbot: QtBot, home: Path) -> Iterator[Make]:
    made: list[Supervisor] = []

    def making(*mode: str, patience: Patience = SOON, command: list[str] | None = None) -> Watched:
        supervisor = Supervisor(command=command or small_engine.command(*mode), patience=patience)
        made.append(supervisor)
        return Watched(supervisor)

    yield making
    for each in made:
        each.stop()
        each.deleteLater()


def _until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=LONG)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _started(qtbot: QtBot, watched: Watched, times: int = 1) -> int:
    watched.supervisor.start()
    _until(qtbot, lambda: watched.count("ready") == times)
    pid = watched.supervisor.pid
    assert pid is not None
    return pid


# -- a good life ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["", "chatty"])
def test_an_engine_is_ready_can_be_asked_and_ends_when_told(mode: str, qtbot: QtBot, make: Make) -> None:
    watched = make(mode)
    assert watched.supervisor.pid is None
    pid = _started(qtbot, watched)
    watched.supervisor.start()  # it runs already
    answers: list[object] = []
    client = EngineClient()
    client.connect_to(*watched.last("ready").split())
    client.call(wire.HELLO, wire.Empty(), answers.append)
    _until(qtbot, lambda: answers)
    client.disconnect_from()
    client.deleteLater()
    assert answers == [wire.Hello(wire.PROTOCOL, "0", pid)]
    watched.supervisor.stop()
    watched.supervisor.stop()
    assert not _alive(pid)
    assert [name for name, _ in watched.heard] == ["ready"]
    assert _started(qtbot, watched, 2) != pid


def test_an_engine_that_does_not_want_to_end_is_ended(qtbot: QtBot, make: Make) -> None:
    watched = make("deaf", patience=replace(SOON, stop_seconds=0.1))
    pid = _started(qtbot, watched)
    watched.supervisor.stop()
    assert not _alive(pid)


def test_the_engine_runs_apart_from_the_folder_and_the_terminal_of_the_window(
    qtbot: QtBot, home: Path, make: Make
) -> None:
    pid = _started(qtbot, make())
    if sys.platform == "linux":
        assert Path(f"/proc/{pid}/cwd").readlink() == home
    if sys.platform != "win32":
        assert os.getsid(pid) == pid


# -- it goes --------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
@pytest.mark.parametrize(
    ("sent", "words"), [("SIGKILL", "killed from outside"), ("SIGSEGV", "crashed (SIGSEGV)"), ("SIGABRT", "SIGABRT")]
)
def test_an_engine_that_was_killed_is_told_of_and_started_again(
    sent: str, words: str, qtbot: QtBot, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.supervisor.memory_kills", lambda: 5)  # what else this machine does is not our concern
    watched = make()
    pid = _started(qtbot, watched)
    os.kill(pid, signal.Signals[sent])
    _until(qtbot, lambda: watched.count("ready") == 2)
    assert [name for name, _ in watched.heard] == ["ready", "lost", "ready"]
    assert words in watched.last("lost")
    assert watched.supervisor.pid != pid


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts them")
def test_an_engine_that_memory_ran_out_for_is_told_apart(
    qtbot: QtBot, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = iter([2, 3, 3])
    monkeypatch.setattr("app.supervisor.memory_kills", lambda: next(counts))
    watched = make()
    os.kill(_started(qtbot, watched), signal.SIGKILL)
    _until(qtbot, lambda: watched.count("ready") == 2)
    assert watched.last("lost") == "The system ended the engine because memory ran out."


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGSTOP")
def test_an_engine_that_hangs_is_ended_and_started_again(qtbot: QtBot, make: Make) -> None:
    watched = make(patience=replace(SOON, hang_seconds=3, start_seconds=60))
    pid = _started(qtbot, watched)
    os.kill(pid, signal.SIGSTOP)
    _until(qtbot, lambda: watched.count("ready") == 2)
    assert watched.last("lost") == "The engine did not answer for 3 seconds and was ended."
    assert not _alive(pid)


def test_an_engine_whose_server_falls_silent_hangs_too(qtbot: QtBot, make: Make) -> None:
    watched = make("silent", patience=replace(SOON, hang_seconds=2))
    _started(qtbot, watched)
    _until(qtbot, lambda: watched.count("lost"))
    assert "did not answer for 2 seconds" in watched.last("lost")


# -- it does not come up --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("status", "The engine ended with status 3: no room is [31mleft."),
        ("no key", "/nowhere/at all cannot be read"),
        pytest.param(
            "signal SIGILL",
            "crashed (SIGILL)",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="has no signals"),
        ),
    ],
)
def test_failures_in_a_row_are_given_up_and_can_be_tried_again(mode: str, words: str, qtbot: QtBot, make: Make) -> None:
    watched = make(*mode.split(maxsplit=1) if mode.startswith("signal") else [mode])
    supervisor = watched.supervisor
    supervisor.start()
    _until(qtbot, lambda: watched.count("gave up"))
    assert [name for name, _ in watched.heard] == ["lost"] * 3 + ["gave up"]
    assert words in watched.last("lost")
    assert watched.last("gave up").startswith(f"The engine failed 3 times in a row. {watched.last('lost')}")
    assert str(supervisor.log) in watched.last("gave up")
    assert watched.last("gave up").count("no room") <= 1
    assert supervisor.pid is None
    supervisor.restart()
    _until(qtbot, lambda: watched.count("gave up") == 2)
    assert watched.count("lost") == 6


def test_a_command_that_is_not_there_is_given_up(qtbot: QtBot, make: Make) -> None:
    watched = make(command=["/nowhere/at/all"])
    watched.supervisor.start()
    _until(qtbot, lambda: watched.count("gave up"))
    assert watched.last("lost").startswith("The engine cannot be started: ")


def test_an_engine_that_is_never_ready_is_given_up(qtbot: QtBot, make: Make) -> None:
    watched = make("never ready", patience=replace(SOON, start_seconds=1, hang_seconds=1))
    watched.supervisor.start()
    _until(qtbot, lambda: watched.count("gave up"))
    assert watched.last("lost") == "The engine was not ready within 1 seconds."


def test_an_engine_of_another_version_is_not_tried_twice(qtbot: QtBot, make: Make) -> None:
    watched = make("other protocol")
    watched.supervisor.start()
    _until(qtbot, lambda: watched.count("gave up"))
    assert [name for name, _ in watched.heard] == ["lost", "gave up"]
    assert "updated while it ran" in watched.last("gave up")


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_failures_far_apart_are_not_in_a_row(qtbot: QtBot, make: Make) -> None:
    watched = make(patience=replace(SOON, healthy_seconds=0.0, quick_failures=2))
    for times in range(1, 4):
        os.kill(_started(qtbot, watched, times), signal.SIGKILL)
        _until(qtbot, lambda: watched.count("lost") == times)  # noqa: B023 - waited for here
    assert watched.count("gave up") == 0


def test_restarting_a_running_engine_loses_it_first(qtbot: QtBot, make: Make) -> None:
    watched = make()
    pid = _started(qtbot, watched)
    watched.supervisor.restart()
    _until(qtbot, lambda: watched.count("ready") == 2)
    assert [name for name, _ in watched.heard] == ["ready", "lost", "ready"]
    assert not _alive(pid)


def test_stopping_while_it_waits_to_start_again_is_the_end_of_it(qtbot: QtBot, make: Make) -> None:
    watched = make("status", patience=replace(SOON, first_delay=0.5, longest_delay=0.5))
    watched.supervisor.lost.connect(lambda _: watched.supervisor.stop())
    watched.supervisor.start()
    _until(qtbot, lambda: watched.count("lost"))
    qtbot.wait(1000)
    assert watched.heard[1:] == []


# -- log and counters -----------------------------------------------------------------------------


def test_the_log_keeps_what_was_said_and_stays_small(tmp_path: Path) -> None:
    log = EngineLog(tmp_path / "log" / "engine.log", limit=100)
    assert log.last_line() == ""
    log.begin()
    log.path.write_text("the first run\n" + "x" * 300 + "\n \n")
    assert log.last_line() == "x" * 199 + "…"
    log.begin()
    assert log.last_line() == ""
    assert log.path.read_text() == ""
    with log.path.open("a") as engine:
        engine.write("the second run\n" + "y" * 100)
        engine.flush()
        log.trim()
        engine.write("goes on\n")
    assert log.path.read_text() == "goes on\n"
    assert log.last_line() == "goes on"
    assert log.path.with_name("engine.log.1").read_text().startswith("the second run")
    if sys.platform != "win32":
        assert log.path.stat().st_mode & 0o777 == 0o600


def test_memory_kills_are_read_from_both_layouts(tmp_path: Path) -> None:
    def write(path: str, text: str) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    assert memory_kills(tmp_path) is None
    write("proc/vmstat", "pgfault 7\noom_kill 1\n")
    assert memory_kills(tmp_path) == 1
    write("proc/self/cgroup", "0::/user/app\n12:cpu,memory:/box\n3:cpu:/box\n")
    write("sys/fs/cgroup/user/app/memory.events", "oom 9\noom_kill 20\noom_group_kill 3\n")
    write("sys/fs/cgroup/user/memory.events", "oom_kill 300\n")
    write("sys/fs/cgroup/memory/box/memory.oom_control", "under_oom 0\noom_kill 4000\n")
    assert memory_kills(tmp_path) == 4321
