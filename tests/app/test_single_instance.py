"""One process holds the windows: real processes hand over, die, hang and race."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.single_instance import Reply, SingleInstance, _socket_name, hand_over
from app.request import Request, from_message, parse_requests, to_message
from engine.errors import RepositoryError, UsageError
from engine.types import Focus
from tests.app.small_engine import ROOT

LONG = 60_000  # milliseconds
ODD = "with 'quotes' \"two\"\nlines größer:3-9 \udce9"

# Claims, says so, and keeps what it is given until its standard input closes.
_HOLDER = """
import json, sys, threading
sys.path.insert(0, sys.argv[1])
from PySide6.QtCore import QCoreApplication, QMetaObject, Qt
from app.desktop.single_instance import SingleInstance
application = QCoreApplication([])
short = lambda value: value if len(value) < 1000 else len(value)
take = lambda message: print(json.dumps({name: short(value) for name, value in message.items()}), flush=True)
instance = SingleInstance(take)
reply = instance.claim({"from": sys.argv[2]}, timeout=60)
print(json.dumps(reply and [reply.pid, reply.refused]), flush=True)
def wait():
    sys.stdin.read()
    QMetaObject.invokeMethod(application, "quit", Qt.ConnectionType.QueuedConnection)  # also before exec()
threading.Thread(target=wait, daemon=True).start()
application.exec()
"""


@pytest.fixture(params=["short", "long" * 20])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose socket fits beside it, and one whose path is too long for that."""
    with tempfile.TemporaryDirectory(dir=None if sys.platform == "win32" else "/tmp") as short:
        found = Path(short) / "home" if request.param == "short" else tmp_path / str(request.param)
        monkeypatch.setenv("SIDETUNE_HOME", str(found))
        yield found
        if (name := _socket_name()) is not None and not Path(name).is_relative_to(found):
            shutil.rmtree(Path(name).parent, ignore_errors=True)


Hold = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def hold(home: Path) -> Iterator[Hold]:
    """Start a process that wants to be the one."""
    started: list[subprocess.Popen[str]] = []

    def start(name: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _HOLDER, str(ROOT), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "SIDETUNE_HOME": str(home)},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None and sys.platform != "win32":
            os.kill(process.pid, signal.SIGCONT)
        process.communicate(timeout=60)


def _line(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def test_a_message_is_handed_to_the_process_that_was_first(hold: Hold) -> None:
    assert hand_over({"path": "nobody is there"}) is None
    first = hold("first")
    assert _line(first) is None  # it is the one
    message = {"path": ODD, "long": "x" * 300_000}
    assert hand_over(message, timeout=60) == Reply(first.pid, "")
    assert _line(first) == {"path": ODD, "long": 300_000}
    second = hold("second")
    assert _line(second) == [first.pid, ""]
    assert _line(first) == {"from": "second"}


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe there is gone with its process")
def test_a_process_that_was_killed_is_in_nobody_s_way(hold: Hold) -> None:
    for name in ("first", "second", "third"):
        process = hold(name)
        assert _line(process) is None
        process.kill()
        process.wait()
        assert hand_over({}) is None


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGSTOP")
def test_a_process_that_hangs_is_replaced(hold: Hold, qtbot: QtBot) -> None:
    first = hold("first")
    assert _line(first) is None
    os.kill(first.pid, signal.SIGSTOP)
    assert hand_over({}, timeout=0.2) is None
    taken: list[Mapping[str, Any]] = []
    instance = SingleInstance(taken.append)
    assert instance.claim({}, timeout=0.2) is None
    assert instance._server.isListening()
    instance.close()
    instance.deleteLater()


def test_of_many_that_start_at_once_one_is_the_one(hold: Hold) -> None:
    processes = [hold(str(number)) for number in range(4)]
    answers = [_line(process) for process in processes]
    one = processes[answers.index(None)]
    assert [answer for answer in answers if answer is not None] == [[one.pid, ""]] * 3
    others = {str(number) for number, answer in enumerate(answers) if answer is not None}
    assert {_line(one)["from"] for _ in range(3)} == others


@pytest.mark.skipif(sys.platform == "win32", reason="the server's own side is tested through a Unix socket")
def test_refusals_and_failures_reach_who_asked(home: Path, qtbot: QtBot) -> None:
    def take(message: Mapping[str, Any]) -> None:
        if "root" in message:
            raise RepositoryError("there is no folder größer")
        raise ZeroDivisionError

    instance = SingleInstance(take)
    assert instance.claim({}) is None
    name = instance._server.fullServerName()

    def ask(data: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(name)
            connection.sendall(data)
            connection.setblocking(False)
            received = bytearray()

            def heard() -> bool:
                try:
                    portion = connection.recv(1000)
                except BlockingIOError:
                    return False
                received.extend(portion)
                return not portion or received.endswith(b"}")

            qtbot.waitUntil(heard, timeout=LONG)
        return bytes(received[4:])

    assert json.loads(ask(b"\0\0\0\x0b" + b'{"root": 1}')) == {
        "pid": os.getpid(),
        "refused": "there is no folder größer",
    }
    with qtbot.captureExceptions() as raised:
        assert "its log says where" in json.loads(ask(b"\0\0\0\x02{}"))["refused"]
    assert [each[0] for each in raised] == [ZeroDivisionError]
    assert ask(b"\xff\0\0\0") == b""  # too long
    assert ask(b"\0\0\0\x02[]") == b""
    assert ask(b"\0\0\0\x02{{") == b""
    mode = Path(name).stat().st_mode | Path(name).parent.stat().st_mode
    assert mode & 0o077 == 0
    instance.close()
    instance.deleteLater()


@pytest.mark.skipif(sys.platform == "win32", reason="places of sockets on Unix")
def test_nothing_is_left_outside_the_home(home: Path, qtbot: QtBot) -> None:
    instance = SingleInstance(lambda _: None)
    assert instance.claim({}) is None
    folder = Path(instance._server.fullServerName()).parent
    assert folder.is_dir()
    instance.close()
    assert folder.exists() == folder.is_relative_to(home)
    instance.deleteLater()


@pytest.mark.skipif(sys.platform == "win32", reason="places of sockets on Unix")
@pytest.mark.parametrize("home", ["short"], indirect=True)
def test_a_folder_that_is_not_ours_is_not_used_and_one_that_is_open_to_all_is_closed(
    home: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    home.mkdir()
    (home / "run").symlink_to(tmp_path)
    instance = SingleInstance(lambda _: None)
    assert instance.claim({}) is None
    assert not instance._server.isListening()
    (home / "run").unlink()
    (home / "run").mkdir()
    (home / "run").chmod(0o755)
    assert instance.claim({}) is None
    assert instance._server.fullServerName() == str(home / "run" / "window.sock")
    assert (home / "run").stat().st_mode & 0o777 == 0o700
    instance.close()
    instance.deleteLater()


# -- what is handed over --------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    root = tmp_path / "a shop"
    (root / ".git").mkdir(parents=True)
    (root / "src").mkdir()
    names = ["a.py", "src/a.py", "b.py:3", "src/größer 'x'.py"]
    if sys.platform != "win32":
        names.append('src/"two"\nlines.py')
    for name in names:
        (root / name).write_text("x\n" * 20)
    return root.resolve()


def test_a_command_line_becomes_requests(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop / "src")
    root = str(shop)
    assert parse_requests(None, []) == [Request()]
    assert parse_requests("..", []) == [Request(root)]
    assert parse_requests(None, ["a.py:2-4"]) == [Request(root, (Focus("src/a.py", 2, 4),))]
    assert parse_requests("..", ["a.py"]) == [Request(root, (Focus("a.py"),))]  # of the repository that is named
    assert parse_requests(None, ["../b.py:3", "../b.py:3:7"]) == [
        Request(root, (Focus("b.py:3"), Focus("b.py:3", 7, 7)))
    ]
    assert parse_requests("größer 'x'.py", ["a.py"]) == [Request(root, (Focus("src/größer 'x'.py"), Focus("src/a.py")))]
    other = tmp_path / "alone.txt"
    other.write_text("x")
    assert parse_requests(None, ["a.py", str(other), "a.py"]) == [
        Request(root, (Focus("src/a.py"),)),
        Request(str(tmp_path.resolve()), (Focus("alone.txt"),)),
    ]
    if sys.platform != "win32":
        assert parse_requests(None, ['"two"\nlines.py:1-2']) == [Request(root, (Focus('src/"two"\nlines.py', 1, 2),))]


@pytest.mark.parametrize(
    ("path", "about", "error"),
    [
        ("nowhere", [], RepositoryError),
        (None, ["nowhere.py"], UsageError),
        (None, ["a.py:0-3"], UsageError),
        (None, ["a.py:9-3"], UsageError),
        (None, [""], UsageError),
        (".", ["../b.py:3"], UsageError),
    ],
)
def test_what_is_not_there_is_refused(
    path: str | None, about: list[str], error: type[Exception], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop / "src")
    with pytest.raises(error):
        parse_requests(path, about)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is text")
def test_names_that_are_no_text_are_refused(shop: Path) -> None:
    odd = shop / os.fsdecode(b"caf\xe9")
    odd.mkdir()
    with pytest.raises(UsageError, match="not Unicode"):
        parse_requests(str(odd), [])


def test_requests_survive_the_way() -> None:
    requests = [Request(), Request("/a 'b'\n", (Focus("größer"), Focus("x:1", 2, 3)))]
    message = json.loads(json.dumps(to_message(requests, {"DESKTOP_STARTUP_ID": "id"})))
    assert from_message(message) == (requests, "id")
    for wrong in ({}, {"requests": [], "activation": 3}, {"requests": [{"root": 3}], "activation": ""}):
        with pytest.raises(UsageError, match="another version"):
            from_message(wrong)
