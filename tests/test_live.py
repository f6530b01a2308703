from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import live
from engine.assistant import Assistant
from engine.config import Settings
from engine.embedding import encoder
from engine.errors import Cancelled, ModelError
from engine.index.store import Store
from engine.live import LiveIndex, lower_priority
from engine.repository.watch import Watcher
from engine.wire import IndexStatus

pytestmark = pytest.mark.timeout(400)  # a busy machine takes half a minute to load torch
PATIENCE = 100.0  # seconds; machines under load are slow


class Watched:
    """A live index on a folder of its own, and all that it told."""

    def __init__(
        self, root: Path, *, on_battery: Callable[[], bool] = lambda: False, settings: Settings | None = None
    ) -> None:
        self.root = root
        self.assistant = Assistant(root, settings or Settings())
        self.live = LiveIndex(self.assistant, retry=0.2, on_battery=on_battery)
        self.told: list[IndexStatus] = []
        self._listening = self.live.subscribed(self._note)
        self._listening.__enter__()

    def _note(self) -> None:
        self.told.append(self.live.status())

    def close(self) -> None:
        self.live.stop()
        self._listening.__exit__(None, None, None)
        self.assistant.close()

    def until(self, reached: Callable[[IndexStatus], bool]) -> IndexStatus:
        deadline = time.monotonic() + PATIENCE
        while not reached(status := self.live.status()):
            assert time.monotonic() < deadline, self.told[-5:]
            time.sleep(0.02)
        return status

    def embedding(self) -> None:
        """Wait until the better tier is being filled, which may be over by now on a fast machine."""
        self.until(lambda _: any(each.stage == "embedding" and each.watching for each in self.told))

    def ready(self) -> IndexStatus:
        return self.until(lambda status: status.stage == "ready")

    def found(self, question: str) -> set[str]:
        return {each.chunk.path for each in self.assistant.search(question)[0]}


def write_functions(root: Path, count: int) -> None:
    """Write so much that the transformer encoder is busy with it for a while."""
    for number in range(count):
        words = " ".join(f"parcel_{number}_{each} = weight * {each} + {number}" for each in range(12))
        (root / f"tariff_{number}.py").write_text(f"def tariff_{number}(weight):\n    {words.replace(' p', '; p')}\n")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    root = (tmp_path / "repository").resolve()
    root.mkdir()
    (root / "orders.py").write_text('def ship_order(order):\n    """Send an order by mail."""\n    return order\n')
    return root


@pytest.fixture
def watched(root: Path) -> Iterator[Watched]:
    watched = Watched(root)
    yield watched
    watched.close()


def test_it_fills_watches_and_tells(watched: Watched) -> None:
    assert watched.live.status().stage == "starting"
    assert not watched.live.status().answerable
    watched.live.start()
    status = watched.ready()
    assert (status.files, status.chunks, status.tier, status.problem) == (1, 1, "transformer", "")
    watched.until(lambda each: each.watching)
    (watched.root / "notes.md").write_text("# Returns\n\nWithin fourteen days.\n")
    watched.until(lambda each: each.files == 2)
    watched.ready()
    (watched.root / "orders.py").unlink()
    watched.until(lambda each: each.files == 1)
    watched.ready()
    assert watched.found("returns within days") == {"notes.md"}
    assert watched.told[-1].stage == "ready"
    assert all(0 <= each.done <= each.total for each in watched.told if each.total)


def test_what_is_left_out_is_known_as_long_as_it_is_there(watched: Watched) -> None:
    watched.live.start()
    watched.ready()
    watched.until(lambda status: status.watching)

    def left_out() -> set[str]:
        return {each.path for each in watched.assistant.listing()[1]}

    (watched.root / ".env").write_text("PASSWORD=hunter2\n")
    watched.until(lambda _: left_out() == {".env"})
    assert watched.assistant.listing()[0] == ("orders.py",)
    (watched.root / ".env").unlink()
    watched.until(lambda _: not left_out())


def test_a_file_saved_is_in_the_next_answer_even_while_much_is_being_embedded(watched: Watched) -> None:
    write_functions(watched.root, 80)
    watched.live.start()
    watched.embedding()
    for number in range(3):
        (watched.root / "orders.py").write_text(f"def redeem_coupon_{number}(code):\n    return code\n")
        with watched.live.aside():
            watched.assistant.refresh()
            assert "orders.py" in watched.found(f"redeem_coupon_{number}")
    assert watched.ready().chunks == 81


def test_nothing_is_indexed_while_a_question_goes_first(watched: Watched) -> None:
    write_functions(watched.root, 60)
    watched.live.start()
    watched.embedding()
    with watched.live.aside(), Store(watched.assistant._directory) as store:
        for _ in range(5):
            with store.writer():  # nobody else holds the lease
                time.sleep(0.05)
    watched.ready()


def test_a_question_waits_until_something_can_be_found(watched: Watched) -> None:
    never, went = threading.Event(), threading.Event()

    def ask() -> None:
        with watched.live.aside():
            went.set()

    thread = threading.Thread(target=ask)
    thread.start()
    never.set()
    with pytest.raises(Cancelled), watched.live.aside(never):
        pass
    assert not went.is_set()
    watched.live.start()
    assert went.wait(PATIENCE)
    thread.join()
    assert watched.live.status().chunks == 1


def test_pausing(watched: Watched) -> None:
    watched.live.start()
    watched.ready()
    watched.until(lambda status: status.watching)
    watched.live.pause(True)
    assert watched.live.status().stage == "paused"
    (watched.root / "notes.md").write_text("# Returns\n\nWithin fourteen days.\n")
    with watched.live.aside():
        watched.assistant.refresh()
        assert "notes.md" in watched.found("returns within days")
    assert watched.live.status().stage == "paused"
    watched.live.pause(False)
    watched.until(lambda status: status.files == 2)
    watched.ready()


class Mains:
    """Where the power comes from, as a test wants it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.battery = True
        monkeypatch.setattr(live, "_BATTERY", 0.0)
        monkeypatch.setattr(live, "_PULSE", 0.1)

    def __call__(self) -> bool:
        return self.battery


def test_on_a_battery_files_are_read_and_the_slow_part_waits(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_functions(root, 80)
    mains = Mains(monkeypatch)
    watched = Watched(root, on_battery=mains)
    try:
        watched.live.start()
        status = watched.until(lambda each: each.stage == "paused")
        assert (status.files, status.tier, status.watching) == (81, "static", True)
        assert "on battery power" in status.problem
        (root / "orders.py").write_text("def redeem_coupon(code):\n    return code\n")
        watched.until(lambda _: "orders.py" in watched.found("redeem_coupon"))
        assert watched.assistant.state().embedded["transformer"] == 0
        mains.battery = False
        watched.until(lambda _: watched.told[-1].stage == "embedding" and not watched.told[-1].problem)
    finally:
        watched.close()


def test_who_wants_all_of_it_on_a_battery_gets_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_functions(root, 80)
    watched = Watched(root, on_battery=Mains(monkeypatch))
    try:
        watched.live.start()
        watched.until(lambda each: each.stage == "paused")
        watched.live.pause(False)
        watched.until(lambda _: watched.told[-1].stage == "embedding" and not watched.told[-1].problem)
    finally:
        watched.close()


def test_a_few_chunks_are_embedded_on_a_battery_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(root, on_battery=Mains(monkeypatch))
    watched.live.start()
    try:
        assert watched.ready().problem == ""
    finally:
        watched.close()


def test_all_is_embedded_on_a_battery_where_the_settings_say_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_functions(root, 80)
    watched = Watched(root, on_battery=Mains(monkeypatch), settings=Settings(pause_on_battery=False))
    watched.live.start()
    try:
        watched.embedding()
        assert not any(each.stage == "paused" for each in watched.told)
    finally:
        watched.close()


def test_another_process_that_writes_is_followed_and_succeeded(watched: Watched, root: Path) -> None:
    other = (
        "import sys\nfrom pathlib import Path\nfrom engine.index.store import Store\n"
        "with Store(Path(sys.argv[1])).writer():\n    print('holding', flush=True)\n    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", other, str(watched.assistant._directory)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"holding\n"
        watched.live.start()
        status = watched.until(lambda each: bool(each.problem))
        assert status.stage == "reading"
        assert str(process.pid) in status.problem
        process.kill()  # its lease dies with it
    status = watched.ready()
    assert (status.files, status.problem) == (1, "")


def test_a_folder_that_goes_away_is_one_sentence_and_comes_back(watched: Watched, root: Path, tmp_path: Path) -> None:
    watched.live.start()
    watched.ready()
    watched.until(lambda status: status.watching)
    shutil.move(root, tmp_path / "away")
    status = watched.until(lambda each: each.stage == "failed")
    assert str(root) in status.problem
    assert "\n" not in status.problem
    shutil.move(tmp_path / "away", root)
    assert watched.until(lambda each: each.stage == "ready" and not each.problem).files == 1


def test_a_damaged_index_is_built_again(root: Path) -> None:
    first = Watched(root)
    first.live.start()
    first.ready()
    first.close()
    (index,) = (Path(os.environ["SIDETUNE_HOME"]) / "repositories").glob("*/index.sqlite")
    index.write_bytes(b"no database at all" * 1000)
    second = Watched(root)
    second.live.start()
    try:
        assert second.ready().files == 1
        assert second.found("ship_order") == {"orders.py"}
    finally:
        second.close()


def test_without_the_better_encoder_the_other_one_answers(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:
        raise ModelError("the encoder is missing; install Sidetune again")

    monkeypatch.setattr(encoder, "encoder_folder", missing)
    watched.live.start()
    status = watched.ready()
    assert (status.tier, status.chunks) == ("static", 1)
    assert status.problem == "the encoder is missing; install Sidetune again"
    assert watched.found("ship_order") == {"orders.py"}


def test_where_nothing_can_be_watched_that_is_said(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: Watcher) -> None:
        raise OSError(errno.EMFILE, "too many open files")

    monkeypatch.setattr(Watcher, "start", start)
    watched.live.start()
    status = watched.ready()
    assert not status.watching
    assert "every 30 s" in status.problem
    (watched.root / "orders.py").write_text("def redeem_coupon(code):\n    return code\n")
    with watched.live.aside():
        watched.assistant.refresh()
        assert "orders.py" in watched.found("redeem_coupon")


def test_a_question_does_not_wait_for_what_is_paused(watched: Watched) -> None:
    watched.live.pause(True)
    watched.live.start()
    with watched.live.aside():
        watched.assistant.refresh()
        assert watched.found("ship_order") == {"orders.py"}


def test_stopping_leaves_no_thread(root: Path) -> None:
    write_functions(root, 60)
    before = set(threading.enumerate())
    for wanted in ("starting", "embedding"):
        watched = Watched(root)
        watched.live.start()
        if wanted != "starting":
            watched.embedding()
        watched.close()
        watched.live.stop()  # harmless
    assert set(threading.enumerate()) - before == set()


def test_stopping_before_the_start_is_harmless(watched: Watched) -> None:
    watched.live.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no priority for a thread")
def test_a_thread_runs_below_the_others() -> None:
    found = []

    def run() -> None:
        before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        lower_priority(5)
        found.append((before, os.getpriority(os.PRIO_PROCESS, threading.get_native_id())))

    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [(own, min(19, own + 5))]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own
