from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.database import Database
from engine.errors import DamagedError, StorageError

SCHEMA = ("CREATE TABLE t (x INTEGER)", "INSERT INTO t VALUES (1)")


def opened(path: Path, *, read_only: bool = False, sealed: bool = False) -> Database:
    return Database(path / "d.sqlite", SCHEMA, 3, what="the test's data", read_only=read_only, sealed=sealed)


def values(database: Database) -> list[int]:
    with database.read() as connection:
        return [x for (x,) in connection.execute("SELECT x FROM t ORDER BY x")]


def test_a_transaction_is_whole_or_nothing(tmp_path: Path) -> None:
    database = opened(tmp_path)
    with database.write() as connection:
        connection.execute("INSERT INTO t VALUES (2)")
    with pytest.raises(KeyError), database.write() as connection:
        connection.execute("INSERT INTO t VALUES (3)")
        raise KeyError
    assert values(database) == [1, 2]
    database.close()


def test_one_reading_transaction_sees_one_state(tmp_path: Path) -> None:
    reader, writer = opened(tmp_path), opened(tmp_path)
    with reader.read():
        assert values(reader) == [1]
        with writer.write() as connection:
            connection.execute("INSERT INTO t VALUES (2)")
        assert values(reader) == [1]
    assert values(reader) == [1, 2]
    reader.close()
    writer.close()


def test_processes_that_start_together_create_it_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.test_database import opened, values; "
        "d = opened(Path(sys.argv[1])); print(values(d)); d.close()"
    )
    command, root = [sys.executable, "-c", code, str(tmp_path)], Path(__file__).resolve().parents[1]
    started = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate(timeout=60)[0] for process in started] == ["[1]\n"] * 4


def test_what_was_set_aside_is_kept_once(tmp_path: Path) -> None:
    database = opened(tmp_path)
    for _ in range(2):
        with database.write() as connection:
            connection.execute("INSERT INTO t VALUES (2)")
        database.set_aside()
        assert values(database) == [1]
    database.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["d.sqlite", "d.sqlite.damaged", "d.sqlite.lock"]


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be replaced there")
def test_others_let_go_of_a_damaged_one_before_it_is_replaced(tmp_path: Path) -> None:
    finder, other = opened(tmp_path), opened(tmp_path)
    with finder.write() as connection:
        connection.execute("INSERT INTO t VALUES (2)")
    assert values(other) == [1, 2]
    replacing = threading.Thread(target=finder.set_aside)
    replacing.start()
    noticed = False
    while replacing.is_alive() or not noticed:  # as a live index looks every few seconds
        try:
            values(other)
        except DamagedError:
            noticed = True
    replacing.join()
    for each in (finder, other):
        assert values(each) == [1]
    with other.write() as connection:
        connection.execute("INSERT INTO t VALUES (3)")
    assert values(finder) == [1, 3]
    other.close()
    assert values(finder) == [1, 3]
    finder.close()
    assert not (tmp_path / "d.sqlite.condemned").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_one_that_is_removed_while_open_is_begun_anew_and_its_successor_is_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    database = opened(home)
    with database.write() as connection:
        connection.execute("INSERT INTO t VALUES (2)")
    shutil.rmtree(home)
    successor = opened(home)
    with successor.write() as connection:
        connection.execute("INSERT INTO t VALUES (4)")  # lies in a log that closing the old one must not remove
    with pytest.raises(DamagedError, match="removed by another process"):
        values(database)
    assert values(database) == [1, 4]
    database.close()
    assert (home / "d.sqlite-wal").exists()
    assert values(successor) == [1, 4]
    successor.close()


def test_any_change_of_a_closed_one_is_noticed(tmp_path: Path) -> None:
    opened(tmp_path, sealed=True).close()
    path = tmp_path / "d.sqlite"
    data = path.read_bytes()
    for at in range(100, len(data), 997):  # mostly room that nobody uses: SQLite itself would not see it
        path.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
        (tmp_path / "d.sqlite.damaged").unlink(missing_ok=True)
        opened(tmp_path, sealed=True).close()
        assert (tmp_path / "d.sqlite.damaged").exists()
        data = path.read_bytes()


def test_without_a_seal_a_sound_one_is_kept(tmp_path: Path) -> None:
    first = opened(tmp_path, sealed=True)
    with first.write() as connection:
        connection.execute("INSERT INTO t VALUES (2)")
    first.close()
    seal = tmp_path / "d.sqlite.seal"
    for torn in (None, b"", b"0" * 10):  # the power failed
        seal.unlink()
        if torn is not None:
            seal.write_bytes(torn)
        again = opened(tmp_path, sealed=True)
        assert values(again) == [1, 2]
        again.close()
        if torn is None:
            assert len(seal.read_bytes()) == 64
        seal.touch()


def test_a_closed_one_says_so(tmp_path: Path) -> None:
    database = opened(tmp_path)
    database.close()
    database.close()
    with pytest.raises(StorageError, match="the test's data is closed"):
        values(database)
    frozen = opened(tmp_path, read_only=True)
    assert values(frozen) == [1]
    frozen.close()
