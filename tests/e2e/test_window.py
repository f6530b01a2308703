"""The whole way of a user through the real window, on a display, with the real engine behind it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.recorder import Recorder
from tests.e2e.conftest import Program
from tests.e2e.window import UNDER_WAY, Window

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="drives an X display"),
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed; on Debian: apt install xvfb"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A display of our own, 1280 by 900."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as numbers:
        yield f":{numbers.readline().strip()}"
    server.terminate()
    server.wait(timeout=60)


@pytest.fixture
def window(fresh: Program, display: str, editor: Recorder) -> Iterator[Window]:
    command = f"{shlex.quote(str(editor.path))} {{file}} {{line}}"
    (fresh.home / "window.json").write_text(json.dumps({"editor": command}))
    environment = {name: value for name, value in fresh.environment.items() if name != "WAYLAND_DISPLAY"}
    program = replace(fresh, environment=environment)
    shown = Window(program, screen={"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"})
    yield shown
    if shown.process.poll() is None:
        shown.process.kill()
        shown.finish()


@pytest.fixture
def editor(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "an editor")


def _ready(window: Window) -> None:
    window.until(lambda seen: seen["stage"] == "ready" and seen["tier"] == "transformer")


def test_a_question_from_the_first_look_to_the_line_in_the_editor(
    window: Window, fresh: Program, editor: Recorder
) -> None:
    _ready(window)
    assert {"reading", "embedding"} & {seen["stage"] for seen in window.seen}  # the index was seen to fill
    window.ask("balanced", "What is the surcharge of an express order?")
    answered = window.answered(1)
    assert set(UNDER_WAY) <= {seen["turn"] for seen in window.seen}
    assert answered["adapter"] in {"tuned", "dropped"}
    assert answered["evidence"]
    window.do("click", button="open")
    ((file, line),) = editor.calls()
    assert Path(file) == fresh.repository / answered["evidence"][0]
    assert int(line) >= 1
    window.do("click", button="pin")
    pinned = window.until(lambda seen: seen["about"])
    assert pinned["about"][0][0] == answered["evidence"][0]
    window.ask("instant", "And without one?")
    followed = window.answered(2)
    assert followed["thread"] == answered["thread"]
    assert followed["evidence"][0] == answered["evidence"][0]  # what is pinned is read
    window.end()


def test_learning_is_skipped_answers_are_stopped_conversations_are_kept(window: Window) -> None:
    _ready(window)
    window.ask("deep", "How is an order delivered on the same day?")
    window.until(lambda seen: seen["turn"] == "tuning" and seen["skippable"])
    window.do("click", button="skip")
    assert window.answered(1)["adapter"] == "skipped"
    window.ask("deep", "How is the total of an order rounded?")
    window.until(lambda seen: seen["turn"] == "tuning")
    window.do("press", keys="Esc")
    stopped = window.until(lambda seen: seen["turns"] == 2 and seen["turn"] not in {"waiting", *UNDER_WAY})
    assert (stopped["turn"], stopped["failure"]) == ("stopped", "")
    window.ask("instant", "Who rounds to cents?")
    thread = window.answered(3)["thread"]
    window.until(lambda seen: seen["conversations"] == 1)
    window.do("press", keys="Ctrl+N")
    window.until(lambda seen: seen["turns"] == 0 and seen["thread"] is None)
    window.do("conversation")
    kept = window.until(lambda seen: seen["turns"] > 0)
    assert (kept["thread"], kept["turns"]) == (thread, 2)  # a stopped question has no answer to keep
    window.end()


def test_what_is_saved_or_clicked_outside_is_in_the_next_answer(window: Window, fresh: Program, display: str) -> None:
    _ready(window)
    added = fresh.repository / """it's a "new" one.py"""
    added.write_text('def wrap_parcel(paper):\n    """Wrap a parcel in paper."""\n    return paper\n')
    try:
        window.ask("instant", "What does wrap_parcel return?")
        assert added.name in window.answered(1)["evidence"]
        environment = {**fresh.environment, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        handed = replace(fresh, environment=environment).json("--about", f"{added.name}:1-2")
        assert handed == {"pid": window.process.pid, "handed_over": True}
        about = window.until(lambda seen: seen["about"])
        assert about["about"] == [[added.name, 1, 2]]
        assert about["windows"] == 1
    finally:
        added.unlink()
    window.until(lambda seen: seen["stage"] == "ready")
    window.end()
