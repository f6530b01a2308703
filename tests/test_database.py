from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.database import Database
from engine.errors import StorageError

SCHEMA = ("CREATE TABLE t (x INTEGER)", "INSERT INTO t VALUES (1)")


def opened(path: Path, *, read_only: bool = False) -> Database:
    return Database(path / "d.sqlite", SCHEMA, 3, what="the test's data", read_only=read_only)


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


def test_a_closed_one_says_so(tmp_path: Path) -> None:
    database = opened(tmp_path)
    database.close()
    database.close()
    with pytest.raises(StorageError, match="the test's data is closed"):
        values(database)
    frozen = opened(tmp_path, read_only=True)
    assert values(frozen) == [1]
    frozen.close()
