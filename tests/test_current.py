"""A question sees files as they are now: what was chosen is hashed again, and a watcher answers for the rest."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from engine.assistant import Assistant
from engine.config import Settings
from engine.events import Answer, SelectedEvent
from engine.live import LiveIndex
from engine.repository.glance import Glance
from engine.repository.scan import Scanner
from engine.repository.watch import Batch, Watcher
from engine.types import Candidates, Chunk, Evidence, Selected

pytestmark = pytest.mark.timeout(300)
PATIENCE = 60.0

ORDERS = 'def ship_order(order):\n    """Send an order by mail."""\n    return order.parcel\n'
QUESTION = "How is an order shipped?"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    root = (tmp_path / "shop").resolve()
    root.mkdir()
    (root / "orders.py").write_text(ORDERS)
    for number in range(5):
        (root / f"tariff_{number}.py").write_text(f"def tariff_{number}(weight):\n    return weight * {number}\n")
    return root


@pytest.fixture
def assistant(root: Path) -> Iterator[Assistant]:
    with Assistant(root, Settings(effort="instant", answer_tokens=20)) as made:
        made.index(tier="static")
        yield made


def rewrite(path: Path, text: str) -> None:
    """Change a file so that neither size nor time tells."""
    status = path.stat()
    assert len(text) == status.st_size
    path.write_text(text)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def texts(found: Sequence[Selected]) -> dict[str, str]:
    return {each.chunk.path: each.chunk.text for each in found}


def test_a_file_that_changed_without_a_trace_is_read_again(assistant: Assistant, root: Path) -> None:
    assert "parcel" in texts(assistant.search(QUESTION)[0])["orders.py"]
    rewrite(root / "orders.py", ORDERS.replace("parcel", "letter"))
    assistant.refresh()  # sees nothing
    found = texts(assistant.search(QUESTION)[0])
    assert found["orders.py"] == ORDERS.replace("parcel", "letter").rstrip("\n")
    assert assistant.missing_names("What is `ship_order`?") == ()


def test_a_file_that_vanished_is_not_found(assistant: Assistant, root: Path) -> None:
    (root / "orders.py").unlink()
    assert "orders.py" not in texts(assistant.search(QUESTION)[0])
    assert not assistant.table.definitions("ship_order")


def test_what_may_be_chosen_next_is_looked_at_too(assistant: Assistant, root: Path) -> None:
    """A file that was no answer a moment ago is one now."""
    (root / "tariff_3.py").write_text("def ship_order_abroad(order):\n    return order.customs\n")
    assert texts(assistant.search("How is an order shipped abroad?", limit=1)[0]).keys() == {"tariff_3.py"}


def test_what_changes_faster_than_it_is_read_is_left_out(assistant: Assistant, root: Path) -> None:
    looks = 0

    def find() -> tuple[Candidates, tuple[Selected, ...]]:
        nonlocal looks
        looks += 1
        candidates = assistant.candidates(QUESTION)
        chosen = tuple(Selected(chunk, 1.0, 0.0, 0.0) for chunk in candidates.chunks)
        (root / "orders.py").write_text(ORDERS + f"# {looks}\n")
        return candidates, chosen

    _, chosen = assistant.as_on_disk(find)
    assert 1 < looks < 10
    assert "orders.py" not in texts(chosen)
    assert len(chosen) == 5


def test_while_another_process_indexes_what_changed_is_left_out(assistant: Assistant, root: Path) -> None:
    rewrite(root / "orders.py", ORDERS.replace("parcel", "letter"))
    with assistant._store.writer():
        assert "orders.py" not in texts(assistant.search(QUESTION)[0])
    assert "letter" in texts(assistant.search(QUESTION)[0])["orders.py"]


def test_evidence_moves_with_its_lines_and_goes_with_its_text(assistant: Assistant, root: Path) -> None:
    (chunk,) = assistant._store.chunks_in("orders.py").values()
    tariffs = [next(iter(assistant._store.chunks_in(f"tariff_{n}.py").values())) for n in range(3)]
    evidence = [Evidence(number, each) for number, each in enumerate([chunk, *tariffs], start=1)]
    (root / "orders.py").write_text("# One.\n# Two.\n" + ORDERS)
    (root / "tariff_0.py").unlink()
    rewrite(root / "tariff_1.py", (root / "tariff_1.py").read_text().replace("* 1", "+ 1"))
    found = assistant.still_there(evidence)
    assert [each.number for each in found] == [1, 4]
    moved = found[0].chunk
    assert (moved.first_line, moved.last_line, moved.text) == (3, 5, chunk.text)
    assert found[1].chunk == tariffs[2]


def test_an_answer_never_cites_what_changed_while_it_was_made(
    assistant: Assistant, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file changes when the evidence is on the screen and before the model reads it."""
    read: list[Chunk] = []
    draft = Assistant._draft

    def noting(self: Assistant, run: object, evidence: Sequence[Evidence], *rest: object) -> object:
        read.extend(each.chunk for each in evidence)
        return draft(self, run, evidence, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Assistant, "_draft", noting)
    shown: set[str] = set()
    answer: Answer | None = None
    for event in assistant.ask("What does `ship_order` return, and `tariff_2`?", effort="instant"):
        if isinstance(event, SelectedEvent):
            shown = {each.path for each in event.chunks}
            (root / "orders.py").write_text("# Moved.\n" + ORDERS)
            rewrite(root / "tariff_2.py", (root / "tariff_2.py").read_text().replace("* 2", "- 2"))
        if isinstance(event, Answer):
            answer = event
    assert shown >= {"orders.py", "tariff_2.py"}
    lines = {each.path: each.first_line for each in read}
    assert lines["orders.py"] == 2
    assert "tariff_2.py" not in lines
    assert answer is not None
    for cited in answer.citations:
        text = (root / cited.path).read_text().split("\n")[cited.first_line - 1 : cited.last_line]
        assert "\n".join(text) in {each.text for each in read}


# -- a watcher answers for the others -----------------------------------------------------------------


@pytest.fixture
def live(root: Path) -> Iterator[tuple[Assistant, LiveIndex]]:
    with Assistant(root, Settings()) as made, LiveIndex(made, retry=0.2) as live:
        until(lambda: live.status().stage == "ready" and live.status().watching)
        yield made, live


def until(reached: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def evidence_for(made: Assistant, live: LiveIndex, question: str) -> tuple[set[str], frozenset[str] | None]:
    """Return the files of the evidence of an answer, and what it was told that changed."""
    with live.aside() as changed:
        events = made.ask(question, effort="instant", changed=changed)
        for event in events:
            if isinstance(event, SelectedEvent):
                events.close()  # type: ignore[attr-defined]
                return {each.path for each in event.chunks}, changed
    pytest.fail("nothing was selected")


def test_a_question_does_not_list_the_folder_while_a_watcher_does(
    live: tuple[Assistant, LiveIndex], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, index = live
    listed: list[str] = []
    list_all = Scanner.list

    def noting(self: Scanner) -> object:
        listed.append(threading.current_thread().name)
        return list_all(self)

    monkeypatch.setattr(Scanner, "list", noting)
    assert evidence_for(made, index, QUESTION)[1] == frozenset()
    (root / "coupons.py").write_text("def redeem_coupon(code):\n    return code\n")
    told: set[str] = set()
    deadline = time.monotonic() + PATIENCE
    while "coupons.py" not in (found := evidence_for(made, index, "How is a coupon redeemed?"))[0]:
        assert time.monotonic() < deadline
        told |= found[1] or set()
    told |= found[1] or set()
    assert told <= {"coupons.py"}
    assert threading.current_thread().name not in listed
    assert made.table.definitions("redeem_coupon")


def test_what_was_saved_just_before_the_question_is_seen_before_the_watcher_tells(
    live: tuple[Assistant, LiveIndex], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, index = live
    assert index._watcher is not None
    monkeypatch.setattr(index._watcher, "dispatch", lambda event: None)  # it is late
    index.pause(True)
    for number in range(3):
        (root / "coupons.py").write_text(f"def redeem_coupon_{number}(code):\n    return code\n")
        found, changed = evidence_for(made, index, f"What does redeem_coupon_{number} do?")
        assert changed == frozenset()
        assert "coupons.py" in found
        assert made.table.definitions(f"redeem_coupon_{number}")
    (root / "coupons.py").unlink()
    (root / "new" / "deep").mkdir(parents=True)
    (root / "new" / "deep" / "vouchers.py").write_text("def redeem_voucher(code):\n    return code\n")
    found, _ = evidence_for(made, index, "What does redeem_voucher do?")
    assert "new/deep/vouchers.py" in found
    assert "coupons.py" not in made.listing()[0]


def test_a_glance_lists_only_what_changed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[str] = []
    scandir = os.scandir

    def noting(path: Path) -> object:
        listed.append(path.relative_to(root).as_posix())
        return scandir(path)

    (root / "inner").mkdir()
    (root / "inner" / "a.py").write_text("a = 1\n")
    (root / "inner" / "b.log").write_text("left out\n")
    paths = list(root.rglob("*.py"))
    monkeypatch.setattr("engine.repository.glance.os.scandir", noting)
    known = {path.relative_to(root).as_posix(): (path.stat().st_size, path.stat().st_mtime_ns) for path in paths}
    glance = Glance(root)
    assert glance.changed(known, lambda: {"inner/b.log"}) == set()
    assert sorted(listed) == [".", "inner"]
    assert glance.changed(known, lambda: {"inner/b.log"}) == set()
    assert len(listed) == 2
    (root / "inner" / "c.py").write_text("c = 1\n")
    (root / "orders.py").unlink()
    (root / "tariff_1.py").write_text("changed\n")
    for _ in range(2):  # until it is known
        assert glance.changed(known, lambda: {"inner/b.log"}) == {"inner/c.py", "orders.py", "tariff_1.py"}
    assert listed[2:].count("inner") == 2
    (root / "fresh").mkdir()
    assert glance.changed(known, lambda: {"inner/b.log"}) is None
    assert glance.changed(known, lambda: {"inner/b.log", "fresh/", "inner/c.py"}) == {"orders.py", "tariff_1.py"}


def test_what_is_not_watched_is_looked_for(live: tuple[Assistant, LiveIndex], root: Path) -> None:
    made, index = live
    assert index._watcher is not None
    index._watcher.trouble = "the limit on watches is reached"
    (root / "coupons.py").write_text("def redeem_coupon(code):\n    return code\n")
    found, changed = evidence_for(made, index, "How is a coupon redeemed?")
    assert changed is None
    assert "coupons.py" in found


def test_a_change_is_pending_from_when_it_is_seen_until_it_was_taken_in(root: Path) -> None:
    new = frozenset({"new.py"})
    batches: list[Batch] = []
    seen: list[Batch] = []
    reported, go_on = threading.Event(), threading.Event()

    def take(batch: Batch) -> None:
        batches.append(batch)
        seen.append(watcher.pending())
        reported.set()
        go_on.wait(PATIENCE)

    with Watcher(root, take, debounce=0.3) as watcher:
        assert watcher.pending() == frozenset()
        (root / "new.py").write_text("x = 1\n")
        until(watcher.pending)
        assert watcher.pending() == new
        assert reported.wait(PATIENCE)
        assert batches == seen == [new]
        assert watcher.pending() == new
        (root / ".gitignore").write_text("*.log\n")
        until(lambda: watcher.pending() is None)
        go_on.set()
        until(lambda: len(batches) == 2 and watcher.pending() == frozenset())
        assert batches[1] is None
