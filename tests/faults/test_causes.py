"""The disk is full, a right is lost, several processes are at it: a clear state that ends with its cause."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE
from typing import TYPE_CHECKING, cast

import pytest

from engine.live import LiveIndex
from engine.wire import IndexStatus
from tests.faults.checks import answers, contradictions, differences, opened
from tests.faults.instrumented import embedded_again
from tests.faults.repository import change, write_repository

if TYPE_CHECKING:
    from engine.assistant import Assistant

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(sys.platform == "win32", reason="file systems and users there are of another kind"),
]
ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 100.0  # seconds; machines under load are slow
_NOBODY = 65534


def _until(live: LiveIndex, reached: Callable[[IndexStatus], bool]) -> IndexStatus:
    end = time.monotonic() + _PATIENCE
    while not reached(status := live.status()):
        assert time.monotonic() < end, status
        time.sleep(0.05)
    return status


def _fill(folder: Path) -> Path:
    """Take all the room there is."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return ballast


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 24 MB, where one may be made."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only the superuser of Linux can make a small file system to fill")
    folder = Path(tempfile.mkdtemp(prefix="sidetune-small-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


def test_a_full_disk_is_one_sentence_and_indexing_goes_on_when_there_is_room(small_disk: Path, tmp_path: Path) -> None:
    home, root = small_disk / "home", (tmp_path / "repository").resolve()
    write_repository(root, random.Random(1), 8)
    with opened(home, root, tmp_path / "log") as workspace:
        with LiveIndex(cast("Assistant", workspace), retry=0.1, on_battery=lambda: False) as live:
            _until(live, lambda each: each.stage == "ready")
            ballast = _fill(small_disk)
            write_repository(root, random.Random(2), 40)
            status = _until(live, lambda each: each.stage == "failed")
            assert "disk is full" in status.problem or "No space left" in status.problem
            assert "\n" not in status.problem
            assert workspace.search("cancel an order")[0]  # what is indexed is still found
            ballast.unlink()
            status = _until(live, lambda each: each.stage == "ready" and each.files == 48)
            assert status.problem == ""
        assert contradictions(workspace) == []


_LOSES_ITS_RIGHTS = """
import json, os, sys, time
from pathlib import Path
from engine.live import LiveIndex
from tests.faults.checks import opened

home, root = Path(sys.argv[1]), Path(sys.argv[2])
os.environ["HOME"] = str(home)

def until(reached):
    end = time.monotonic() + float(sys.argv[3])
    while not reached(status := live.status()):
        assert time.monotonic() < end, status
        time.sleep(0.05)
    return status

with opened(home, root) as workspace, LiveIndex(workspace, retry=0.1, on_battery=lambda: False) as live:
    until(lambda each: each.stage == "ready" and each.watching)
    if os.geteuid() == 0:
        for path in (home, *home.rglob("*")):
            os.chown(path, 65534, 65534)
        os.seteuid(65534)  # of the process: all its threads
    root.chmod(0)
    print(json.dumps(until(lambda each: each.stage == "failed").problem))
    root.chmod(0o755)
    status = until(lambda each: each.stage == "ready" and not each.problem)
    print(json.dumps([status.files, status.watching]))
"""


def test_a_folder_that_may_not_be_read_any_more_is_one_sentence_until_it_may() -> None:
    folder = Path(tempfile.mkdtemp()).resolve()  # pytest's own folders are closed to others
    try:
        folder.chmod(0o755)
        home, root = folder / "home", folder / "repository"
        home.mkdir()
        write_repository(root, random.Random(1), 3)
        if os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, _NOBODY, _NOBODY)
        done = subprocess.run(
            [sys.executable, "-c", _LOSES_ITS_RIGHTS, str(home), str(root), str(_PATIENCE)],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, timeout=3 * _PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        problem, after = map(json.loads, done.stdout.splitlines())
        assert "cannot be read: Permission denied" in problem
        assert "\n" not in problem
        assert after == [3, True]
    finally:
        shutil.rmtree(folder)


def test_two_windows_and_a_command_at_once_do_no_damage_and_no_work_twice(tmp_path: Path) -> None:
    home, root = tmp_path / "home", (tmp_path / "repository").resolve()
    rng = random.Random(4)
    write_repository(root, rng, 20)
    program = [sys.executable, "-m", "tests.faults.together"]
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen([*program, kind, str(home), str(root)], cwd=ROOT, stdin=PIPE, stderr=PIPE, text=True)
            )
            for kind in ("window", "window", "command")
        ]
        try:
            for _ in range(4):
                time.sleep(1.0)  # they are at it
                change(root, rng)
            (root / "last.py").write_text("def the_very_last():\n    return 1\n")
            for process in started:
                _, complaint = process.communicate("all is written\n", timeout=_PATIENCE)
                assert process.returncode == 0, complaint
        finally:
            for process in started:
                process.kill()
    with opened(home, root) as workspace:
        assert contradictions(workspace) == []
        assert workspace.index().embedded == 0
        ours = answers(workspace)
    again, stored, _ = embedded_again(home.with_suffix(".log"))
    assert stored > 400
    assert sum(again.values()) <= 4  # what two were at in the very same moment
    with opened(tmp_path / "anew", root) as workspace:
        workspace.index()
        assert differences(ours, answers(workspace)) == []
