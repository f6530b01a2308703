from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.repository import watch
from engine.repository.watch import Watcher
from tests.repository.conftest import Repo

_DEBOUNCE = 0.15
_PATIENCE = 20.0  # seconds; machines under load deliver late
_SILENCE = 1.0


class Watched:
    """A running watcher and what it said."""

    def __init__(self, root: Path) -> None:
        self.batches: queue.Queue[frozenset[str] | None] = queue.Queue()
        self.watcher = Watcher(root, self.batches.put, debounce=_DEBOUNCE)
        self.watcher.start()

    def next(self) -> frozenset[str] | None:
        return self.batches.get(timeout=_PATIENCE)

    def gathered(self, wanted: set[str]) -> set[str]:
        """Return all that is said until ``wanted`` is covered; a slow machine may cut one burst in two."""
        found: set[str] = set()
        while not wanted <= found:
            batch = self.next()
            assert batch is not None, found
            found |= batch
        return found

    def everything(self) -> None:
        """Wait until a re-scan is asked for."""
        while self.next() is not None:
            pass

    def settled(self) -> None:
        while True:
            try:
                self.batches.get(timeout=_SILENCE)
            except queue.Empty:
                return

    def silent(self) -> bool:
        time.sleep(_SILENCE)
        return self.batches.empty()


@pytest.fixture
def watched(repo: Repo) -> Iterator[Watched]:
    repo.write(".gitignore", "build/\n*.log\n")
    repo.write("src/a.py")
    repo.write("build/out.py")
    repo.write("top.py")
    threads = set(threading.enumerate())
    running = Watched(repo.root)
    yield running
    running.watcher.stop()
    assert set(threading.enumerate()) <= threads


def test_changes_are_told_by_path(repo: Repo, watched: Watched) -> None:
    repo.write("src/a.py", "y = 2\n")
    assert watched.gathered({"src/a.py"}) == {"src/a.py"}
    repo.write("new.py")
    (repo.root / "top.py").unlink()
    assert watched.gathered({"new.py", "top.py"}) == {"new.py", "top.py"}
    (repo.root / "src" / "a.py").rename(repo.root / "src" / "b.py")
    assert watched.gathered({"src/a.py", "src/b.py"}) == {"src/a.py", "src/b.py"}


def test_an_editor_s_way_of_saving_ends_at_the_file(repo: Repo, watched: Watched) -> None:
    repo.write("src/.a.py.tmp", "y = 3\n").rename(repo.root / "src" / "a.py")
    assert "src/a.py" in watched.gathered({"src/a.py"})


def test_what_is_ignored_is_not_told(repo: Repo, watched: Watched) -> None:
    repo.write("build/out.py", "z = 1\n")
    repo.write("src/debug.log")
    repo.git("add", "src/a.py")
    assert watched.silent()


def test_a_burst_is_one_batch(repo: Repo, watched: Watched) -> None:
    wanted = {f"src/{number}.py" for number in range(200)}
    for path in wanted:
        repo.write(path)
    assert watched.gathered(wanted) == wanted
    assert watched.batches.qsize() == 0


def test_the_batch_waits_while_git_is_writing(repo: Repo, watched: Watched) -> None:
    lock = repo.write(".git/index.lock", b"")
    repo.write("src/a.py", "y = 2\n")
    assert watched.silent()
    repo.write("src/b.py", "y = 2\n")
    lock.unlink()
    assert watched.gathered({"src/a.py", "src/b.py"}) == {"src/a.py", "src/b.py"}
    assert watched.silent()


def test_switching_a_branch_is_told_once(repo: Repo, watched: Watched) -> None:
    repo.commit("first")
    repo.git("switch", "--quiet", "-c", "other")
    for number in range(50):
        repo.write(f"src/{number}.py")
    repo.commit("many")
    watched.settled()
    repo.git("switch", "--quiet", "main")
    assert watched.gathered({f"src/{number}.py" for number in range(50)})
    assert watched.silent()


def test_a_new_folder_is_looked_through_and_then_watched(repo: Repo, watched: Watched) -> None:
    repo.write("lib/deep/x.py")
    watched.everything()
    watched.settled()
    repo.write("lib/deep/x.py", "y = 2\n")
    assert watched.gathered({"lib/deep/x.py"}) == {"lib/deep/x.py"}
    shutil.rmtree(repo.root / "lib")
    watched.everything()


def test_changed_ignore_rules_mean_everything(repo: Repo, watched: Watched) -> None:
    repo.write(".gitignore", "*.log\nsrc/\n")
    watched.everything()
    watched.settled()
    repo.write("src/a.py", "y = 5\n")
    assert watched.silent()
    repo.write("build/out.py", "y = 6\n")
    assert watched.gathered({"build/out.py"}) == {"build/out.py"}


def test_more_events_than_can_be_trusted_mean_everything(
    repo: Repo, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched.watcher, "_many", 50)
    for number in range(200):
        repo.write(f"src/{number}.log")  # ignored, but the queue was flooded all the same
    watched.everything()


def test_thousands_of_events_a_second_are_one_batch(repo: Repo, watched: Watched) -> None:
    """As a checkout or a package manager makes them; on a machine so slow that it pauses within, two."""
    for number in range(6000):
        (repo.root / "src" / f"{number}.py").write_bytes(b"")
    batches = [watched.next()]
    while None not in batches:
        batches.append(watched.next())
    watched.settled()
    assert len(batches) <= 2


def test_a_short_queue_of_the_system_is_trusted_less(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_length = tmp_path / "max_queued_events"
    for text, expected in (("16384\n", 2000), ("800\n", 100), ("none", 2000)):
        queue_length.write_text(text)
        monkeypatch.setattr(watch, "_QUEUE", queue_length)
        assert Watcher(repo.root, lambda batch: None)._many == expected


_LIMITED = """
import sys, time
from pathlib import Path
from engine.repository.watch import Watcher
with Watcher(Path(sys.argv[1]), lambda batch: None) as watcher:
    print(watcher.trouble)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a limit on watched folders")
@pytest.mark.parametrize(("limit", "trouble"), [("8", "limit on watched folders is reached"), ("1000", "")])
def test_folders_inside_a_watched_one_that_the_limit_leaves_out_are_noticed(
    repo: Repo, limit: str, trouble: str
) -> None:
    """The limit is lowered for a child alone, in a user namespace of its own."""
    for number in range(30):
        repo.write(f"src/folder_{number}/a.py")
    lower = f"echo {limit} > /proc/sys/user/max_inotify_watches"
    if subprocess.run(["unshare", "-U", "-r", "sh", "-c", lower], capture_output=True, check=False).returncode:
        pytest.skip("this system gives no user namespaces, so the limit cannot be lowered for a test alone")
    done = subprocess.run(
        [
            "unshare",
            "-U",
            "-r",
            "sh",
            "-c",
            f'{lower}; exec "$@"',
            "sh",
            sys.executable,
            "-c",
            _LIMITED,
            str(repo.root),
        ],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert trouble in done.stdout
    assert bool(done.stdout.strip()) == bool(trouble)


def test_an_error_of_the_listener_does_not_end_the_watch(repo: Repo, caplog: pytest.LogCaptureFixture) -> None:
    repo.write("a.py")
    told: queue.Queue[object] = queue.Queue()

    def listen(batch: frozenset[str] | None) -> None:
        told.put(batch)
        if told.qsize() == 1:
            raise ValueError("no room")

    with Watcher(repo.root, listen, debounce=_DEBOUNCE):
        repo.write("a.py", "y = 2\n")
        deadline = time.monotonic() + _PATIENCE
        while "no room" not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.02)
        repo.write("b.py", "y = 2\n")
        while told.qsize() < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
    assert told.qsize() >= 2
    assert "no room" in caplog.text


def test_the_listener_may_stop_the_watcher(repo: Repo) -> None:
    repo.write("a.py")
    done = threading.Event()

    def listen(batch: frozenset[str] | None) -> None:
        watcher.stop()
        done.set()

    watcher = Watcher(repo.root, listen, debounce=_DEBOUNCE)
    watcher.start()
    repo.write("a.py", "y = 2\n")
    assert done.wait(_PATIENCE)
    watcher.stop()
    assert not any(thread.name == "repository-watch" and thread.is_alive() for thread in threading.enumerate())


def test_stopping_at_once_and_twice(repo: Repo) -> None:
    watcher = Watcher(repo.root, lambda batch: None)
    watcher.stop()
    watcher = Watcher(repo.root, lambda batch: None)
    watcher.start()
    watcher.stop()
    watcher.stop()


def test_a_folder_that_cannot_be_watched_is_re_scanned(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("src/a.py")
    monkeypatch.setattr(watch, "_BLIND", 0.2)
    told: queue.Queue[frozenset[str] | None] = queue.Queue()
    watcher = Watcher(repo.root, told.put, debounce=_DEBOUNCE)

    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, os.strerror(28))  # the user's limit on inotify watches, which a test must not use up

    monkeypatch.setattr(watcher._observer, "schedule", full)
    watcher.start()
    try:
        assert told.get(timeout=_PATIENCE) is None
        assert told.get(timeout=_PATIENCE) is None
        assert "re-scanning: No space left" in watcher.trouble
    finally:
        watcher.stop()
