"""Which window shows what is asked for, and what all of them learn of the engine: real windows, a small real engine."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.preferences import PreferencesFile
from app.request import Request
from app.supervisor import Patience, Supervisor
from app.window import MainWindow
from app.windows import Windows
from engine.types import Focus
from tests.app import small_engine

LONG = 60_000  # milliseconds; a condition that holds ends the wait
ABOUT = (Focus("a.py", 3, 9), Focus("größer 'x'.py"))


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    found = [tmp_path / name for name in ("one", "two")]
    for root in found:
        root.mkdir()
    return [str(root.resolve()) for root in found]


@pytest.fixture
def supervisor(qtbot: QtBot, roots: list[str]) -> Iterator[Supervisor]:
    patience = Patience(first_delay=0.01, longest_delay=0.02, quick_failures=2)
    found = Supervisor(command=small_engine.command(), patience=patience)
    yield found
    found.stop()
    found.deleteLater()


@pytest.fixture
def windows(qtbot: QtBot, supervisor: Supervisor) -> Iterator[Windows]:
    found = Windows(supervisor, PreferencesFile())
    yield found
    found.close()
    found._client.disconnect_from()
    found.deleteLater()


def _until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=LONG)


def _root(window: MainWindow) -> str | None:
    return window.state.repository.root if window.state.repository is not None else None


def _open(windows: Windows) -> list[MainWindow]:
    return list(windows.windows)


def test_each_repository_has_one_window(
    qtbot: QtBot, windows: Windows, supervisor: Supervisor, roots: list[str]
) -> None:
    empty = windows.show(Request())
    assert empty.isVisible()
    first = windows.show(Request(roots[0], ABOUT))
    assert first is empty  # which showed nothing
    assert windows.show(Request(roots[0])) is first  # also before there is an engine
    second = windows.show(Request(roots[1]))
    assert second is not first
    supervisor.start()
    _until(qtbot, lambda: [_root(each) for each in windows.windows] == roots)
    assert first.state.about == ABOUT
    assert second.state.about == ()
    assert windows.show(Request(roots[0], ABOUT[:1])) is first
    assert first.state.about == ABOUT
    assert _open(windows) == [second, first]
    assert windows.show(Request()) is first  # the one that was shown last
    second.open_requested.emit(roots[0])
    second.open_requested.emit(str(Path(roots[0], "gone")))
    assert _open(windows) == [second, first]
    assert "gone" in second.state.notice
    first.close()
    assert _open(windows) == [second]
    second.close()
    assert _open(windows) == []
    again = windows.show(Request())
    _until(qtbot, lambda: _root(again) == PreferencesFile().value.recent[0])


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_every_window_learns_how_the_engine_does(
    qtbot: QtBot, windows: Windows, supervisor: Supervisor, roots: list[str]
) -> None:
    shown = [windows.show(Request(root)) for root in roots]
    supervisor.start()
    phases: list[list[str]] = [[], []]
    for window, seen in zip(shown, phases, strict=True):
        window.state.subscribe("engine", lambda window=window, seen=seen: seen.append(window.state.engine.phase))  # type: ignore[misc]
    for times in (1, 2):
        _until(qtbot, lambda: all(_root(each) and not each.state.opening for each in shown))
        _until(qtbot, lambda: all(each.state.engine.phase == "running" for each in shown))
        assert supervisor.pid is not None
        os.kill(supervisor.pid, signal.SIGKILL)
        _until(qtbot, lambda: all(each.count("restarting") == times for each in phases))  # noqa: B023 - waited for
    expected = ["running", "restarting", "running", "restarting", "stopped"]
    _until(qtbot, lambda: phases == [expected, expected])
    assert "2 times in a row" in shown[0].state.engine.sentence
    late = windows.show(Request(str(Path(roots[0]).parent)))
    assert late.state.engine.phase == "stopped"
    shown[0].restart_requested.emit()
    _until(qtbot, lambda: all(each.state.engine.phase == "running" for each in (*shown, late)))
    _until(qtbot, lambda: _root(late) == str(Path(roots[0]).parent))


def test_what_could_not_be_opened_is_not_asked_about(
    qtbot: QtBot, windows: Windows, supervisor: Supervisor, roots: list[str]
) -> None:
    window = windows.show(Request(roots[0], ABOUT))
    window.session.open(roots[1])  # the user goes elsewhere before it is open
    supervisor.start()
    _until(qtbot, lambda: _root(window) == roots[1])
    assert window.state.about == ()
