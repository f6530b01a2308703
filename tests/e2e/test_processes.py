"""What is left when a process is killed: of the engine at its work, of the window, and with two of each on one folder.

The real window process, the real engine process and the bundled model, on a repository with traps in it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.e2e.conftest import Program
from tests.e2e.window import OFFSCREEN, Window

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL"),
    pytest.mark.timeout(600),
]


Open = Callable[..., Window]


@pytest.fixture
def shop(fresh: Program) -> Iterator[Program]:
    """The sample repository, large enough that reading and embedding it can be interrupted."""
    for number in range(24):
        text = "\n\n".join(
            f"def handle_case_{number}_{part}(order, stock):\n"
            f'    """Handle case {part} of the orders of branch {number}."""\n'
            f"    return order.total({number}) + stock.level({part})\n"
            for part in range(4)
        )
        (fresh.repository / f"branch_{number}.py").write_text(text)
    (fresh.home / "settings.toml").write_text("answer_tokens = 400\n")
    yield fresh
    for added in fresh.repository.glob("branch_*.py"):
        added.unlink()


@pytest.fixture
def open_window(shop: Program) -> Iterator[Open]:
    opened: list[Window] = []

    def opening(*arguments: str) -> Window:
        opened.append(Window(shop, *arguments, screen=OFFSCREEN))
        return opened[-1]

    yield opening
    for window in opened:
        if window.process.poll() is None:
            window.process.kill()
        window.finish()


def _gone(pid: int, within: float) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if _state(pid) == "Z":  # nobody has asked yet how it ended
            return True
        time.sleep(0.02)
    return False


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except OSError:
        return ""


def _check_storage(program: Program) -> None:
    """Every database is sound, and the index says what a new one of the same folder says."""
    databases = sorted(program.home.rglob("*.sqlite"))
    assert len(databases) >= 3
    for database in databases:
        connection = sqlite3.connect(database)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], database
        connection.close()
    anew = program.at_home(program.home.with_name("another home"))
    anew.home.mkdir()
    shutil.copy(program.home / "embeddings.sqlite", anew.home)  # which was looked at, and would take long to make anew
    assert _chunks(program) == _chunks(anew)


def _chunks(program: Program) -> int:
    return int(program.json("index", str(program.repository))["chunks"])


def test_an_engine_killed_at_its_work_costs_an_answer_and_nothing_else(shop: Program, open_window: Open) -> None:
    window = open_window("--kill", "opening")
    window.until(lambda seen: seen.get("killed") == "opening")
    window.until(lambda seen: seen["engine"] == "restarting")
    window.do("kill", when="indexing")
    first = window.until(lambda seen: seen.get("killed") == "indexing")
    window.until(lambda seen: seen["engine"] == "restarting")
    # Of the first few chunks there is nothing to learn: whoever asks them is answered untuned.
    again = window.until(lambda seen: seen["engine"] == "running" and seen["stage"] == "ready")
    assert again["pid"] != first["pid"]
    turns = 0
    for moment, effort in (("tuning", "deep"), ("writing", "instant")):
        window.do("kill", when=moment)
        window.ask(effort)
        turns += 1
        killed = window.until(lambda seen, moment=moment: seen.get("killed") == moment)  # type: ignore[misc]
        lost = window.until(lambda seen, turns=turns: (seen["turns"], seen["turn"]) == (turns, "failed"))  # type: ignore[misc]
        assert lost["failure"] == "The engine stopped while it answered; ask again."
        assert "killed" in lost["sentence"] or "memory" in lost["sentence"]
        ready = window.until(
            lambda seen: seen["engine"] == "running" and seen["repository"] and seen["stage"] == "ready"
        )
        assert ready["pid"] != killed["pid"]
        window.ask(effort)
        turns += 1
        assert window.answered(turns)["answer"]
    window.until(lambda seen: seen["stage"] == "ready" and seen["tier"] == "transformer")
    window.end()
    _check_storage(shop)


@pytest.mark.parametrize("moment", ["indexing", "tuning", "idle"])
def test_a_killed_window_leaves_no_engine(moment: str, shop: Program, open_window: Open) -> None:
    window = open_window()
    seen = window.until(lambda seen: seen["pid"] and seen["answerable"])
    if moment == "tuning":
        window.until(lambda seen: seen["stage"] == "ready")
        window.ask("deep")
        window.until(lambda seen: seen["turn"] == "tuning")
    elif moment == "idle":
        window.until(lambda seen: seen["stage"] == "ready" and seen["tier"] == "transformer")
    window.process.kill()
    assert _gone(seen["pid"], within=2)
    window.finish()
    after = open_window()  # neither a socket nor a lock of the dead is in its way
    after.until(lambda seen: seen["answerable"])
    after.ask("instant")
    assert after.answered(1)["answer"]
    after.end()


def test_two_windows_and_two_engines_on_one_folder_do_each_other_no_harm(shop: Program, open_window: Open) -> None:
    windows = [open_window(), open_window("--apart")]
    for window in windows:
        window.until(lambda seen: seen["answerable"])
    assert windows[0].seen[-1]["pid"] != windows[1].seen[-1]["pid"]
    for window, effort in zip(windows, ("balanced", "instant"), strict=True):
        window.ask(effort)
    (shop.repository / "news.py").write_text("def announce_opening_hours():\n    return 'nine to five'\n")
    try:
        for window in windows:
            assert window.answered(1)["answer"]
        for window in windows:
            window.until(lambda seen: seen["stage"] == "ready" and seen["tier"] == "transformer")
        for window in windows:
            window.ask("instant", "What does announce_opening_hours return?")
            assert "news.py" in window.answered(2)["evidence"]
        windows[0].process.kill()  # whoever writes the index: the other one goes on
        windows[0].finish()
        windows[1].ask("instant")
        assert windows[1].answered(3)["answer"]
        windows[1].end()
        _check_storage(shop)
    finally:
        (shop.repository / "news.py").unlink()


# -- the command line -----------------------------------------------------------------------------


@pytest.fixture
def on_screen(fresh: Program) -> Iterator[Program]:
    """The program where windows can be shown; those that a test opened are closed at its end."""
    environment = {**fresh.environment, "QT_QPA_PLATFORM": "offscreen"}
    program = Program(fresh.repository, fresh.home, environment)
    yield program
    for pid in _windows(program):
        os.kill(pid, signal.SIGTERM)
        assert _gone(pid, within=60)


def _windows(program: Program) -> Sequence[int]:
    """Return the processes of the window that run with this home."""
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _runs_window(entry, program.home) and _state(int(entry.name)) != "Z"
    ]


def _runs_window(entry: Path, home: Path) -> bool:
    try:
        words = (entry / "cmdline").read_bytes().split(b"\0")
        variables = (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"app" in words and f"SIDETUNE_HOME={home}".encode() in variables


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_the_command_opens_one_window_process_and_hands_the_rest_to_it(on_screen: Program) -> None:
    first = on_screen.json(".")
    assert not first["handed_over"]
    assert list(_windows(on_screen)) == [first["pid"]]
    odd = next(each.name for each in on_screen.repository.iterdir() if each.name.startswith("odd\n"))
    for about in (odd, f"{odd}:1-2", "src/shop/orders.py:3"):
        assert on_screen.json("--about", about) == {"pid": first["pid"], "handed_over": True}
    status, line = on_screen.fails("--about", "src/shop/nothing.py")
    assert (status, "nothing.py" in line) == (2, True)
    assert list(_windows(on_screen)) == [first["pid"]]
    log = (on_screen.home / "log" / "window.log").read_text()
    assert "Traceback" not in log


def test_where_there_is_no_display_the_chat_opens_and_says_why(fresh: Program) -> None:
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {name: value for name, value in fresh.environment.items() if name not in hidden}
    for more, words in (({}, "there is no display"), ({"QT_QPA_PLATFORM": "nonsense"}, "nonsense")):
        program = Program(fresh.repository, fresh.home, {**environment, **more})
        done = program.run(*(["--about", "src/shop/orders.py:2-3"] if more else ["."]))
        assert done.returncode == 0, done.stderr
        assert done.stderr.startswith("No window can be opened here: ")
        assert words in done.stderr
        assert "chat in the terminal" in done.stderr
        assert str(fresh.repository) in done.stdout
