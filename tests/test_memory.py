"""Conversations survive what happens to files and processes: truncation, kill -9, migrations, full disks."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BusyError, DamagedError, StorageError, UsageError
from engine.events import AnswerCitation
from engine.memory import MIGRATIONS, CitedLines, Memory, lines_hash, set_aside_files
from engine.types import Confidence

ROOT = Path(__file__).resolve().parent.parent
REPOSITORY = "/home/someone/project with spaces"


def _add_rating(connection: sqlite3.Connection) -> None:
    """A second version as a later release might bring it: a column, filled from what is there."""
    connection.execute("ALTER TABLE turn ADD COLUMN length INTEGER NOT NULL DEFAULT 0")
    connection.execute("UPDATE turn SET length = length(answer)")


def _fails_half_way(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM turn")
    connection.execute("INSERT INTO nowhere VALUES (1)")


def _version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _filled(path: Path, turns: int = 40) -> str:
    with Memory(path) as memory:
        thread = memory.new_thread(REPOSITORY)
        for number in range(turns):
            memory.add_turn(thread, f"question {number}", f"answer {number} " + "words " * 200)
    return thread


# -- what is stored comes back --------------------------------------------------------------------


def test_turns_come_back_as_they_were_added(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "memory.sqlite"
    citations = (AnswerCitation("src/a b.py", 3, 9, True), AnswerCitation("caf\udce9.txt", 1, 1, False))
    with Memory(path) as memory:
        assert memory.notice == ""
        thread = memory.new_thread(Path(REPOSITORY))
        first = memory.add_turn(
            thread, "Where is\n it?", "There [1].", citations=citations, effort="deep", adapter="tuned",
            confidence=Confidence("says", 0.75),
        )  # fmt: skip
        memory.add_turn(thread, "And then?", "Nothing.")
    with Memory(path) as memory:
        one, two = memory.turns(thread)
        assert (one.id, one.question, one.answer, one.citations) == (first, "Where is\n it?", "There [1].", citations)
        assert (one.effort, one.adapter, one.confidence) == ("deep", "tuned", Confidence("says", 0.75))
        assert (two.question, two.citations, two.confidence) == ("And then?", (), None)
        assert [turn.question for turn in memory.turns(thread, last=1)] == ["And then?"]
        (listed,) = memory.threads(REPOSITORY)
        assert (listed.id, listed.title, listed.turns, listed.updated) == (thread, "Where is it?", 2, two.created)
        assert memory.threads("/elsewhere") == ()
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0


@settings(deadline=None)
@given(question=st.text(), answer=st.text(), title=st.text())
def test_any_text_can_be_stored(
    tmp_path_factory: pytest.TempPathFactory, question: str, answer: str, title: str
) -> None:
    with Memory(tmp_path_factory.getbasetemp() / "any" / "memory.sqlite") as memory:
        thread = memory.new_thread(REPOSITORY, title=title)
        memory.add_turn(thread, question, answer)
        (turn,) = memory.turns(thread)
        assert (turn.question, turn.answer) == (question, answer)


def test_threads_are_listed_by_last_use_renamed_and_deleted(tmp_path: Path) -> None:
    with Memory(tmp_path / "memory.sqlite") as memory:
        older, newer = memory.new_thread(REPOSITORY), memory.new_thread(REPOSITORY, title="named")
        turn = memory.add_turn(older, "Why?", "Because.")
        feedback = memory.add_feedback(turn, "bad", "wrong file")
        assert [thread.id for thread in memory.threads()] == [older, newer]
        assert [(item.id, item.verdict, item.text) for item in memory.feedback(turn)] == [
            (feedback, "bad", "wrong file")
        ]
        memory.rename_thread(older, "  about errors ")
        memory.add_turn(newer, "What?", "That.")
        assert [(thread.id, thread.title) for thread in memory.threads()] == [(newer, "named"), (older, "about errors")]
        memory.delete_thread(older)
        assert memory.feedback(turn) == ()
        assert [thread.id for thread in memory.threads()] == [newer]


def test_notes_are_kept_with_their_source_and_what_they_rest_on(tmp_path: Path) -> None:
    with Memory(tmp_path / "memory.sqlite") as memory:
        whole = memory.add_note(REPOSITORY, "ask Ada first")
        cited = (CitedLines("caf\udce9.py".encode("utf-8", "replace").decode(), 4, 9, lines_hash("x = 1")),)
        memory.add_note(REPOSITORY, "slow", title="Is it fast?", source="check", origin="Ada", citations=cited)
        memory.add_note("/elsewhere", "other")
        notes = memory.notes(REPOSITORY)
        assert [(note.text, note.title, note.source, note.origin, note.citations) for note in notes] == [
            ("ask Ada first", "", "user", "", ()),
            ("slow", "Is it fast?", "check", "Ada", cited),
        ]
        memory.edit_note(notes[1].id, "fast", ())
        edited = memory.note(notes[1].id)
        assert (edited.text, edited.citations, edited.created) == ("fast", (), notes[1].created)
        assert edited.updated > notes[1].updated
        memory.delete_note(whole)
        thread = memory.new_thread(REPOSITORY)
        assert memory.forget_repository(REPOSITORY) == 2
        assert (memory.notes(REPOSITORY), len(memory.notes("/elsewhere"))) == ((), 1)
        with pytest.raises(UsageError, match="no conversation"):
            memory.turns(thread)


def test_wrong_requests_are_usage_errors_and_change_nothing(tmp_path: Path) -> None:
    with Memory(tmp_path / "memory.sqlite") as memory:
        thread = memory.new_thread(REPOSITORY, title="kept")
        for wrong in (
            lambda: memory.turns("nope"),
            lambda: memory.thread("caf\udce9"),
            lambda: memory.add_turn("nope", "q", "a"),
            lambda: memory.rename_thread("nope", "t"),
            lambda: memory.rename_thread(thread, "  "),
            lambda: memory.delete_thread("nope"),
            lambda: memory.delete_note(7),
            lambda: memory.add_note(REPOSITORY, " "),
            lambda: memory.add_feedback(7, "good"),
            lambda: memory.add_feedback(7, "splendid"),  # type: ignore[arg-type]
        ):
            with pytest.raises(UsageError) as caught:
                wrong()
            assert "\n" not in str(caught.value)
        assert [(item.id, item.title, item.turns) for item in memory.threads()] == [(thread, "kept", 0)]


def test_a_closed_memory_says_so(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.sqlite")
    memory.close()
    memory.close()
    with pytest.raises(StorageError, match="closed"):
        memory.threads()


# -- several writers ------------------------------------------------------------------------------


def test_threads_of_one_process_share_a_memory(tmp_path: Path) -> None:
    with Memory(tmp_path / "memory.sqlite") as memory:
        thread = memory.new_thread(REPOSITORY)

        def add(writer: int) -> None:
            for number in range(20):
                memory.add_turn(thread, f"{writer}/{number}", "a")

        workers = [threading.Thread(target=add, args=(writer,)) for writer in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        questions = [turn.question for turn in memory.turns(thread)]
    assert sorted(questions) == sorted(f"{writer}/{number}" for writer in range(4) for number in range(20))


_WRITER = """
import sys
from pathlib import Path
from engine.memory import Memory
path, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with Memory(path) as memory:
    assert not memory.notice, memory.notice
    thread = memory.new_thread(name)
    for number in range(count):
        memory.add_turn(thread, f"question {number}", "answer " * 500)
        print(number, flush=True)
"""


def _writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_processes_that_begin_at_once_all_keep_their_turns(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    writers = [_writer(path, f"/repository/{number}", 10) for number in range(3)]
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    with Memory(path) as memory:
        assert memory.notice == ""
        assert sorted((thread.repository, thread.turns) for thread in memory.threads()) == [
            (f"/repository/{number}", 10) for number in range(3)
        ]


def test_kill_9_while_writing_loses_no_turn_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    rng = random.Random(4)
    for attempt in range(4):
        with _writer(path, f"/repository/{attempt}", 100_000) as writer:
            assert writer.stdout is not None
            acknowledged = int(writer.stdout.readline())
            time.sleep(rng.uniform(0.0, 0.05))
            writer.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
            lines = writer.stdout.read().splitlines()
            complete = lines if not lines or lines[-1].isdigit() else lines[:-1]
            acknowledged = int(complete[-1]) if complete else acknowledged
        with Memory(path) as memory:
            assert memory.notice == ""
            (thread,) = memory.threads(f"/repository/{attempt}")
            turns = memory.turns(thread.id)
        assert [turn.question for turn in turns] == [f"question {number}" for number in range(len(turns))]
        assert len(turns) >= acknowledged + 1
        assert all(turn.answer == "answer " * 500 for turn in turns)


def test_a_writer_that_holds_the_database_too_long_is_named_as_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.memory.schema._BUSY_SECONDS", 0.05)
    path = tmp_path / "memory.sqlite"
    with Memory(path) as memory, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError, match="another process"):
            memory.new_thread(REPOSITORY)
        assert memory.threads() == ()  # reading goes on meanwhile
        other.execute("ROLLBACK")
        memory.new_thread(REPOSITORY)


# -- damage ---------------------------------------------------------------------------------------


def test_truncated_anywhere_it_opens_and_nothing_disappears_silently(tmp_path: Path) -> None:
    whole = tmp_path / "whole" / "memory.sqlite"
    thread = _filled(whole)
    content = whole.read_bytes()
    assert not Path(f"{whole}-wal").exists()  # closing wrote the log into the file
    rng = random.Random(1)
    sizes = [0, 1, 99, 100, 4095, 4096, 8192, len(content) - 1, *(rng.randrange(len(content)) for _ in range(20))]
    for number, size in enumerate(sizes):
        path = tmp_path / f"cut{number}" / "memory.sqlite"
        path.parent.mkdir()
        path.write_bytes(content[:size])
        with Memory(path) as memory:
            (aside,) = set_aside_files(path)
            assert memory.notice.count(".") >= 1
            assert "\n" not in memory.notice
            assert aside.name in memory.notice
            assert aside.read_bytes() == content[:size]
            with pytest.raises(UsageError, match="no conversation"):
                memory.turns(thread)
            memory.add_turn(memory.new_thread(REPOSITORY), "again", "yes")
        with Memory(path) as memory:
            assert memory.notice == ""
            assert len(memory.threads()) == 1


def test_scribbled_pages_are_set_aside_or_every_turn_is_there(tmp_path: Path) -> None:
    whole = tmp_path / "whole" / "memory.sqlite"
    _filled(whole)
    content = whole.read_bytes()
    rng = random.Random(2)
    set_aside = 0
    for number in range(25):
        path = tmp_path / f"scribbled{number}" / "memory.sqlite"
        path.parent.mkdir()
        start = rng.randrange(len(content) - 600)
        scribbled = content[:start] + rng.randbytes(600) + content[start + 600 :]
        path.write_bytes(scribbled)
        with Memory(path) as memory:
            if memory.notice:
                set_aside += 1
                (aside,) = set_aside_files(path)
                assert aside.read_bytes() == scribbled
            else:  # inside a text or in unused space, which no check of SQLite's can see
                assert sum(thread.turns for thread in memory.threads()) == 40
    assert set_aside > 0


def test_a_truncated_log_loses_only_its_end(tmp_path: Path) -> None:
    path = tmp_path / "live" / "memory.sqlite"
    with Memory(path) as memory:
        thread = memory.new_thread(REPOSITORY)
        for number in range(10):
            memory.add_turn(thread, f"question {number}", "answer " * 100)
        database, log = path.read_bytes(), Path(f"{path}-wal").read_bytes()
    rng = random.Random(3)
    for number in range(12):
        copy = tmp_path / f"copy{number}" / "memory.sqlite"
        copy.parent.mkdir()
        copy.write_bytes(database)
        Path(f"{copy}-wal").write_bytes(log[: rng.randrange(len(log))])
        with Memory(copy) as memory:
            assert memory.notice == ""
            for found in memory.threads():
                questions = [turn.question for turn in memory.turns(found.id)]
                assert questions == [f"question {each}" for each in range(len(questions))]


def test_a_log_without_its_database_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    Path(f"{path}-wal").write_bytes(b"the only copy")
    with Memory(path) as memory:
        assert "missing" in memory.notice
    (kept,) = tmp_path.glob("memory.damaged-*.sqlite-wal")
    assert kept.read_bytes() == b"the only copy"


@pytest.mark.parametrize("content", ["text", "database"])
def test_what_is_no_memory_of_ours_is_set_aside(tmp_path: Path, content: str) -> None:
    path = tmp_path / "memory.sqlite"
    if content == "text":
        path.write_text("shopping list\n" * 1000)
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE shopping (item TEXT)")
    before = path.read_bytes()
    with Memory(path) as memory:
        assert memory.notice
        assert memory.threads() == ()
    (aside,) = set_aside_files(path)
    assert aside.read_bytes() == before


def test_two_damaged_ones_in_one_second_keep_their_own_names(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    for content in (b"one" * 500, b"two" * 500, b"three" * 500):
        path.write_bytes(content)
        Memory(path).close()
    assert {aside.read_bytes()[:3] for aside in set_aside_files(path)} == {b"one", b"two", b"thr"}


def test_damage_found_while_open_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    thread = _filled(path)
    with Memory(path) as memory:
        path.write_bytes(path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096))
        with pytest.raises(DamagedError, match="sets it aside"):
            memory.turns(thread)
    with Memory(path) as memory:
        assert memory.notice


def test_a_damaged_lock_file_locks_nobody_out(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    thread = _filled(path, turns=1)
    (tmp_path / "memory.lock").write_bytes(b"garbage" * 1000)
    with Memory(path) as memory:
        assert len(memory.turns(thread)) == 1


# -- migrations -----------------------------------------------------------------------------------


def test_a_migration_keeps_every_row_and_leaves_a_copy_of_before(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    thread = _filled(path, turns=5)
    with Memory(path) as memory:
        before = memory.turns(thread)
    with Memory(path, migrations=[*MIGRATIONS, _add_rating]) as memory:
        assert memory.turns(thread) == before
        memory.add_turn(thread, "after", "it")
    assert _version(path) == len(MIGRATIONS) + 1
    with closing(sqlite3.connect(path)) as connection:
        lengths = [row[0] for row in connection.execute("SELECT length FROM turn ORDER BY id")]
    assert lengths == [*(len(turn.answer) for turn in before), 0]
    (backup,) = tmp_path.glob(f"memory.before-v{len(MIGRATIONS) + 1}-*.sqlite")
    assert _version(backup) == len(MIGRATIONS)
    with Memory(backup) as memory:
        assert memory.turns(thread) == before


def test_a_migration_copies_what_is_still_in_the_log(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    with Memory(path) as open_elsewhere:  # so that nothing writes the log into the file
        thread = open_elsewhere.new_thread(REPOSITORY)
        open_elsewhere.add_turn(thread, "in the log", "yes")
        with Memory(path, migrations=[*MIGRATIONS, _add_rating]) as memory:
            assert [turn.question for turn in memory.turns(thread)] == ["in the log"]
    (backup,) = tmp_path.glob(f"memory.before-v{len(MIGRATIONS) + 1}-*.sqlite")
    with Memory(backup) as memory:
        assert [turn.question for turn in memory.turns(thread)] == ["in the log"]


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    thread = _filled(path, turns=5)
    with pytest.raises(StorageError, match="nowhere"):
        Memory(path, migrations=[*MIGRATIONS, _fails_half_way])
    assert _version(path) == len(MIGRATIONS)
    with Memory(path) as memory:
        assert (memory.notice, len(memory.turns(thread))) == ("", 5)


_MIGRATOR = """
import os, signal, sys
from pathlib import Path
from engine.memory import MIGRATIONS, Memory

def killed(connection):
    connection.execute("DELETE FROM turn")
    os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

Memory(Path(sys.argv[1]), migrations=[*MIGRATIONS, killed])
"""


def test_kill_9_in_the_middle_of_a_migration_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    thread = _filled(path, turns=5)
    killed = subprocess.run([sys.executable, "-c", _MIGRATOR, str(path)], cwd=ROOT, timeout=60, check=False)
    assert killed.returncode != 0
    with Memory(path, migrations=[*MIGRATIONS, _add_rating]) as memory:
        assert memory.notice == ""
        assert len(memory.turns(thread)) == 5
    assert _version(path) == len(MIGRATIONS) + 1


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    Memory(path, migrations=[*MIGRATIONS, _add_rating]).close()
    before = path.read_bytes()
    with pytest.raises(StorageError, match="newer Sidetune"):
        Memory(path)
    assert (path.read_bytes(), set_aside_files(path)) == (before, ())


# -- the disk -------------------------------------------------------------------------------------


def test_a_full_disk_is_one_sentence_and_keeps_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    with Memory(path) as memory:
        thread = memory.new_thread(REPOSITORY)
        memory.add_turn(thread, "before", "kept")
        pages = memory._connection.execute("PRAGMA page_count").fetchone()[0]
        memory._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(StorageError, match="disk is full"):
            memory.add_turn(thread, "too long", "words " * 100_000)
        assert [turn.question for turn in memory.turns(thread)] == ["before"]
        memory._connection.execute("PRAGMA max_page_count = 1000000")
        memory.add_turn(thread, "after", "kept too")
        assert len(memory.turns(thread)) == 2


def test_a_folder_that_cannot_be_made_or_a_folder_in_its_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "memory.sqlite").mkdir()
    for path in (tmp_path / "file" / "memory.sqlite", tmp_path / "memory.sqlite"):
        with pytest.raises(StorageError) as caught:
            Memory(path)
        assert "\n" not in str(caught.value)
    assert (tmp_path / "memory.sqlite").is_dir()


def test_a_letter_changed_from_outside_is_told_once_and_nothing_is_put_away(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    with Memory(path) as memory:
        thread = memory.new_thread(tmp_path)
        memory.add_turn(thread, "What is it?", "It is a teapot.")
        assert memory.notice == ""
    with Memory(path) as memory:  # as it was
        assert memory.notice == ""
    path.write_bytes(path.read_bytes().replace(b"teapot", b"teacup"))
    with Memory(path) as memory, Memory(path) as other:
        assert "is not what it was when it was closed" in memory.notice
        assert other.notice == ""
        assert memory.turns(thread)[0].answer == "It is a teacup."
    with Memory(path) as memory:
        assert memory.notice == ""
    assert list(tmp_path.glob("*.damaged*")) == []


def test_two_that_write_and_close_in_any_order_leave_a_right_seal(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    first, second = Memory(path), Memory(path)
    thread = first.new_thread(tmp_path)
    first.close()
    second.add_turn(thread, "Q", "A")
    second.close()
    with Memory(path) as memory:
        assert memory.notice == ""
        assert len(memory.turns(thread)) == 1
