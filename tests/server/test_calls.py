from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import __version__, wire
from engine.config import Settings, load_settings
from engine.events import Answer, Failure, SelectedEvent, Started, Token, Tuned, Tuning
from engine.types import Focus
from engine.wire import Stopped
from tests.server.conftest import PATIENCE, ROOT, EngineProcess, Refused, Start, make_shop, ready

pytestmark = pytest.mark.timeout(400)  # a busy machine takes half a minute to load torch


@pytest.fixture(scope="module")
def repository(engine: EngineProcess, shop: Path) -> str:
    return engine.opened(shop)


def test_hello(engine: EngineProcess) -> None:
    hello = engine.call(wire.HELLO, wire.Empty())
    assert hello == wire.Hello(wire.PROTOCOL, __version__, engine.process.pid)
    assert engine.ready["protocol"] == wire.PROTOCOL


def test_a_repository_is_opened_once_and_is_the_same_by_another_path(engine: EngineProcess, shop: Path) -> None:
    opened = engine.call(wire.OPEN, wire.OpenRepository(str(shop)))
    assert (opened.root, opened.name) == (str(shop), "shop")
    assert engine.call(wire.OPEN, wire.OpenRepository(f"{shop}/src/..")) == opened
    assert engine.call(wire.STATE, wire.RepositoryRef(opened.id)).repository == opened.id


def test_what_is_no_folder_is_one_sentence(engine: EngineProcess, shop: Path) -> None:
    for wrong in (shop / "gone", shop / "notes.md"):
        with pytest.raises(Refused, match=r"404 RepositoryError: .*folder") as refused:
            engine.call(wire.OPEN, wire.OpenRepository(str(wrong)))
        assert "\n" not in refused.value.problem.message
    with pytest.raises(Refused, match="no open repository"):
        engine.call(wire.STATE, wire.RepositoryRef("elsewhere-123"))


def test_the_way_to_ready_is_told(engine: EngineProcess, tmp_path: Path) -> None:
    root = make_shop(tmp_path / "new", functions=20)
    told = engine.until(engine.open(root), ready)
    assert told[-1].tier == "transformer"
    assert (told[-1].files, told[-1].watching, told[-1].answerable) == (3, True, True)
    assert told[-1].chunks >= 20
    assert (told[-1].done, told[-1].total, told[-1].file, told[-1].problem) == (0, 0, "", "")
    assert all(status.done <= status.total for status in told if status.total)
    assert {status.stage for status in told} <= {"starting", "reading", "embedding", "ready"}


def test_listing_and_reasons(engine: EngineProcess, repository: str) -> None:
    listing = engine.call(wire.FILES, wire.RepositoryRef(repository))
    assert listing.indexed == ("notes.md", "src/orders.py", "src/tariffs_0.py")
    assert listing.left_out[".env"].startswith("secret")
    assert engine.call(wire.WHY, wire.WhyFile(repository, "notes.md")).indexed
    why = engine.call(wire.WHY, wire.WhyFile(repository, ".env"))
    assert (why.indexed, why.reason) == (False, "secret")


def test_search(engine: EngineProcess, repository: str) -> None:
    found = engine.call(wire.SEARCH, wire.Search(repository, "send an order by mail", limit=2))
    assert found.results[0].symbol == "ship_order"
    assert len(found.results) == 2
    with pytest.raises(Refused, match="400 UsageError: the question is empty"):
        engine.call(wire.SEARCH, wire.Search(repository, "  "))


def test_excerpts_come_from_the_disk(engine: EngineProcess, repository: str) -> None:
    excerpt = engine.call(wire.EXCERPT, wire.Excerpt(repository, "src/orders.py", 4, 5))
    assert excerpt == wire.ExcerptText('class Order:\n    """What one customer buys at once."""', "python")
    for path, first, last in (("src/gone.py", 1, 2), ("src/orders.py", 10, 10_000), (".env", 1, 1)):
        assert engine.call(wire.EXCERPT, wire.Excerpt(repository, path, first, last)).text is None
    for path, first, last in (("../home/settings.toml", 1, 1), ("/etc/passwd", 1, 1), ("notes.md", 3, 2)):
        with pytest.raises(Refused, match="400 UsageError"):
            engine.call(wire.EXCERPT, wire.Excerpt(repository, path, first, last))


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_nothing_is_read_through_a_link(engine: EngineProcess, tmp_path: Path) -> None:
    root = make_shop(tmp_path / "linked").resolve()
    repository = engine.opened(root)
    outside = tmp_path / "outside"
    shutil.move(root / "src", outside)
    (root / "src").symlink_to(outside)
    assert engine.call(wire.EXCERPT, wire.Excerpt(repository, "src/orders.py", 1, 1)).text is None
    (root / "notes.md").unlink()
    (root / "notes.md").symlink_to(outside / "orders.py")
    assert engine.call(wire.EXCERPT, wire.Excerpt(repository, "notes.md", 1, 1)).text is None


def test_estimates_grow_with_effort(engine: EngineProcess, repository: str) -> None:
    estimate = engine.call(wire.ESTIMATE, wire.RepositoryRef(repository))
    assert 0 == estimate.instant < estimate.balanced < estimate.deep


def test_a_question_is_answered_and_remembered(engine: EngineProcess, repository: str) -> None:
    events = engine.ask(repository, "answered")
    assert [type(event) for event in events[:2]] == [Started, SelectedEvent]
    assert {Tuning, Tuned, Token} <= {type(event) for event in events}
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert "".join(event.text for event in events if isinstance(event, Token)).strip() == answer.text
    assert isinstance(events[0], Started)
    thread = events[0].thread
    follow_up = engine.ask(repository, "follow-up", "And who calls it?", effort="instant", thread=thread)
    assert isinstance(follow_up[-1], Answer)

    kept = engine.call(wire.LIST_CONVERSATIONS, wire.RepositoryRef(repository)).conversations
    assert [(each.id, each.title, each.turns) for each in kept if each.id == thread] == [
        (thread, "What does ship_order do?", 2)
    ]
    past = engine.call(wire.READ_CONVERSATION, wire.ConversationRef(thread))
    assert [turn.question for turn in past.turns] == ["What does ship_order do?", "And who calls it?"]
    assert past.turns[0].answer == answer.text
    assert past.turns[0].citations == answer.citations
    engine.call(wire.RENAME_CONVERSATION, wire.RenameConversation(thread, "Shipping"))
    assert engine.call(wire.READ_CONVERSATION, wire.ConversationRef(thread)).conversation.title == "Shipping"
    engine.call(wire.DELETE_CONVERSATION, wire.ConversationRef(thread))
    with pytest.raises(Refused, match="there is no conversation"):
        engine.call(wire.READ_CONVERSATION, wire.ConversationRef(thread))


def test_what_a_question_is_about_and_what_it_leaves_out(engine: EngineProcess, repository: str) -> None:
    def paths(ask: str, **more: Any) -> set[str]:
        events = engine.ask(repository, ask, effort="instant", **more)
        return {chunk.path for event in events if isinstance(event, SelectedEvent) for chunk in event.chunks}

    assert "src/orders.py" in paths("whole")
    assert "src/orders.py" not in paths("without", exclude=(Focus("src/orders.py"),))
    assert "notes.md" in paths("about", about=(Focus("notes.md"),))
    (failure,) = engine.ask(repository, "wrong", about=(Focus("gone.py"),))[1:]
    assert isinstance(failure, Failure)
    assert "gone.py is not indexed" in failure.message


def test_a_repeated_call_asks_once(engine: EngineProcess, repository: str) -> None:
    first = engine.ask(repository, "once", effort="instant")
    again = engine.ask(repository, "once", effort="instant")
    assert again == first
    with pytest.raises(Refused, match="400 UsageError: the id of a question"):
        engine.start(repository, "../odd")
    with pytest.raises(Refused, match="404 RepositoryError"):
        engine.start("elsewhere", "nowhere")


def test_a_reader_that_was_cut_off_gets_the_rest(engine: EngineProcess, repository: str) -> None:
    path = engine.start(repository, "cut")
    stream = engine.lines(path)
    begun = [next(stream) for _ in range(2)]
    stream.close()
    rest = list(engine.lines(path, after=2))
    whole = begun + rest
    assert [number for number, _ in whole] == list(range(1, len(whole) + 1))
    assert list(engine.lines(path)) == whole
    assert list(engine.lines(path, after=len(whole))) == []
    assert isinstance(wire.event_from_json(whole[-1][1]), Answer)
    with pytest.raises(Refused, match="there is no question"):
        next(engine.lines(wire.ask_stream("never")))


def test_questions_are_stopped_and_tuning_is_skipped(engine: EngineProcess, repository: str) -> None:
    running = engine.start(repository, "running", "Where is the total of an order computed?", effort="deep")
    waiting = engine.start(repository, "waiting")
    skipped = engine.start(repository, "skipped", "Who wrote the notes about returns?", effort="deep")
    engine.call(wire.SKIP, wire.AskRef("skipped"))
    engine.call(wire.CANCEL, wire.AskRef("waiting"))
    assert [wire.event_from_json(data) for _, data in engine.lines(waiting)] == [Stopped()]
    first = next(engine.lines(running))
    assert isinstance(wire.event_from_json(first[1]), Started)
    engine.call(wire.CANCEL, wire.AskRef("running"))
    assert isinstance(wire.event_from_json(list(engine.lines(running))[-1][1]), Stopped)
    events = [wire.event_from_json(data) for _, data in engine.lines(skipped)]
    assert [event.state for event in events if isinstance(event, Tuned)] == ["skipped"]
    assert isinstance(events[-1], Answer)
    engine.call(wire.CANCEL, wire.AskRef("skipped"))  # harmless now
    assert isinstance(wire.event_from_json(list(engine.lines(skipped))[-1][1]), Answer)


def test_pausing(engine: EngineProcess, repository: str, shop: Path) -> None:
    assert engine.call(wire.PAUSE, wire.Pause(repository, paused=True)).stage == "paused"
    new = shop / "src" / "coupons.py"
    new.write_text('def redeem_coupon(code):\n    """Take the value of a coupon off an order."""\n    return code\n')
    try:
        # Paused or not, a question sees what was saved before it was asked.
        events = engine.ask(repository, "coupons", "What does redeem_coupon do?", effort="instant")
        chosen = [chunk.path for event in events if isinstance(event, SelectedEvent) for chunk in event.chunks]
        assert "src/coupons.py" in chosen
    finally:
        new.unlink()
        engine.call(wire.PAUSE, wire.Pause(repository, paused=False))
    engine.until(repository, lambda status: status.stage == "ready" and status.files == 3)


def test_the_settings_are_written_and_used(engine: EngineProcess, repository: str) -> None:
    before = engine.call(wire.READ_SETTINGS, wire.Empty())
    file = engine.token_file.parent.parent / "settings.toml"
    assert before == load_settings(file)
    assert engine.call(wire.MODEL, wire.Empty()).name == "tiny"
    changed = replace(before, effort="instant", answer_tokens=3)
    assert engine.call(wire.WRITE_SETTINGS, changed) == changed == load_settings(file)
    events = engine.ask(repository, "short")
    assert isinstance(events[0], Started)
    assert events[0].effort == "instant"
    assert sum(isinstance(event, Token) for event in events) <= 3
    for wrong in (replace(before, model="gone"), replace(before, threads=-1)):
        with pytest.raises(Refused):
            engine.call(wire.WRITE_SETTINGS, wrong)
    assert engine.call(wire.READ_SETTINGS, wire.Empty()) == changed
    assert engine.call(wire.WRITE_SETTINGS, replace(before, model="bundled")).model == "bundled"
    assert engine.call(wire.MODEL, wire.Empty()).notes.startswith("This is the small model")
    assert isinstance(engine.ask(repository, "bundled", effort="instant")[-1], Answer)
    engine.call(wire.WRITE_SETTINGS, before)


def test_a_model_folder_is_kept_by_its_whole_path(start: Start, model: Path, tmp_path: Path) -> None:
    engine = start()
    settings = engine.call(wire.READ_SETTINGS, wire.Empty())
    shutil.copytree(model, tmp_path / "mine")  # the engine runs in tmp_path
    written = engine.call(wire.WRITE_SETTINGS, replace(settings, model="mine"))
    assert written.model == str(tmp_path / "mine")
    assert engine.call(wire.MODEL, wire.Empty()).name == "mine"


def test_every_call_is_served(engine: EngineProcess) -> None:
    for call in wire.CALLS:
        if call is not wire.WRITE_SETTINGS:  # an empty object is whole settings
            with engine.answer("POST", call.path, b"{}") as answer:
                assert answer.status in {200, 400}, call.name
    assert Settings() == wire.decode(b"{}", Settings)


def test_two_engines_share_a_repository(start: Start, tmp_path: Path) -> None:
    one, two = start(), start()
    root = make_shop(tmp_path / "shop", functions=100).resolve()
    first, second = one.open(root), two.open(root)
    assert first == second
    one.process.kill()  # whatever it is doing
    told = two.until(second, ready)[-1]
    assert (told.files, told.tier, told.problem) == (7, "transformer", "")
    three = start()
    assert three.opened(root) == second
    for engine in (two, three):
        found = engine.call(wire.SEARCH, wire.Search(second, "send an order by mail", limit=1))
        assert found.results[0].symbol == "ship_order"
    (root / "src" / "coupons.py").write_text("def redeem_coupon(code):\n    return code\n")
    for engine in (two, three):
        status = engine.until(second, lambda each: each.files == 8)[-1]
        assert status.stage != "failed"
        engine.until(second, ready)


def test_a_port_and_a_token_for_each_start(engine: EngineProcess) -> None:
    assert engine.address.hostname == "127.0.0.1"
    assert len(engine.token) >= 43  # 256 bits in base64
    if sys.platform != "win32":
        assert engine.token_file.stat().st_mode & 0o777 == 0o600
        assert engine.token_file.parent.stat().st_mode & 0o777 == 0o700


def test_settings_that_cannot_be_read_are_one_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text("effort = 3")
    command = [sys.executable, "-P", "-m", "engine.cli", "serve"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SIDETUNE_HOME": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "effort must be text" in done.stderr


def _ended(process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return process.returncode == 0


@pytest.mark.parametrize("busy", [False, True])
def test_it_ends_with_its_stdin(start: Start, tmp_path: Path, busy: bool) -> None:
    engine = start("--until-stdin-closes")
    if busy:
        repository = engine.open(make_shop(tmp_path / "shop", functions=100))
        next(engine.lines(engine.start(repository, "last", effort="deep")))
    assert engine.process.stdin is not None
    engine.process.stdin.close()
    assert _ended(engine.process)
    if not busy:
        assert not engine.token_file.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals end a process there without asking")
def test_a_signal_ends_it_in_order(start: Start, tmp_path: Path) -> None:
    engine = start()
    repository = engine.opened(make_shop(tmp_path / "shop"))
    stream = engine.lines(wire.index_stream(repository))
    next(stream)
    engine.process.terminate()
    assert _ended(engine.process)
    assert not engine.token_file.exists()
    assert list(stream) == []
