from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import BusyError, DamagedError, StorageError
from engine.index.schema import VERSION
from engine.index.store import LEASE_SECONDS, Store
from engine.types import Chunk, ParsedFile, Reference, SkippedFile
from tests.index.small import CHUNKER, COMMIT, FILES, files, parse, source


@pytest.fixture
def filled(tmp_path: Path) -> Store:
    store = Store(tmp_path / "index")
    fill(store)
    return store


def fill(store: Store) -> None:
    with store.writer():
        for each in files():
            assert not isinstance(each, SkippedFile)
            store.replace_file(each, parse(each), CHUNKER)


def test_chunks_come_back_as_they_were(filled: Store) -> None:
    with filled:
        for path, text in FILES.items():
            assert tuple(filled.chunks_in(path).values()) == parse(source(path, text)).chunks
        assert filled.counts() == (4, sum(len(parse(source(*each)).chunks) for each in FILES.items()))
        assert {chunk.date for chunk in filled.all_chunks()} == {COMMIT.date}
        assert filled.files() == sorted(FILES)


def test_unchanged_chunks_keep_their_label_and_no_label_is_used_twice(filled: Store) -> None:
    with filled:
        before = filled.chunks_in("src/json.py")
        text = "# moved down\n\n" + FILES["src/json.py"].replace("decode(text)", "parse(text)")
        with filled.writer():
            filled.replace_file(source("src/json.py", text), parse(source("src/json.py", text)), CHUNKER)
        after = filled.chunks_in("src/json.py")
        by_symbol = {chunk.symbol: (label, chunk) for label, chunk in after.items()}
        old = {chunk.symbol: (label, chunk) for label, chunk in before.items()}
        assert by_symbol["dumps"][0] == old["dumps"][0]
        assert by_symbol["dumps"][1].first_line == old["dumps"][1].first_line + 2
        assert by_symbol["loads"][0] > max(label for path in FILES for label in before)
        with filled.writer():
            filled.remove_files(["src/json.py"])
            filled.replace_file(source("src/json.py", text), parse(source("src/json.py", text)), CHUNKER)
        assert min(filled.chunks_in("src/json.py")) > max(after)


def test_two_chunks_with_the_same_text_are_two_chunks(tmp_path: Path) -> None:
    twin = [Chunk("a.py", line, line, "pass", "block", "python") for line in (1, 3)]
    with Store(tmp_path) as store, store.writer():
        for _ in range(2):
            store.replace_file(source("a.py", "pass\n\npass"), ParsedFile("a.py", tuple(twin)), CHUNKER)
            assert [chunk.first_line for chunk in store.chunks_in("a.py").values()] == [1, 3]


def test_a_removed_file_leaves_nothing_behind(filled: Store) -> None:
    with filled:
        with filled.writer():
            filled.remove_files(sorted(FILES))
        with filled.snapshot() as connection:
            for table in ("files", "chunks", "symbols", "uses", "chunk_terms", "vocabulary"):
                assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_symbol_table(filled: Store) -> None:
    with filled:
        assert [symbol.qualified for symbol in filled.definitions("run")] == ["Flask.run"]
        assert filled.definitions("Flask.run") == filled.definitions("run")
        assert filled.definitions("RUN") == []
        assert filled.definitions("Flask")[0].bases == ("Scaffold",)
        assert [use.scope for use in filled.subclasses("Scaffold")] == ["Flask"]
        assert [(use.path, use.scope, use.line) for use in filled.callers("serve")] == [("src/app.py", "Flask.run", 3)]
        assert [use.name for use in filled.calls_in("src/app.py", "find_error_handler")] == ["lookup"]
        assert [symbol.name for symbol in filled.symbols_in("src/json.py")] == ["dumps", "loads"]


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ("find_eror_handler", "find_error_handler"),
        ("findErrorHandler", "find_error_handler"),
        ("FIND_ERROR_HANDLER", "find_error_handler"),
        ("error_handler_find", "find_error_handler"),
        ("dump", "dumps"),
        ("Flask.rum", "Flask.run"),
        ("Flsk", "Flask"),
        ("src/jsn.py", "src/json.py"),
        ("app.py", "src/app.py"),
        ("REDME.md", "README.md"),
    ],
)
def test_suggestions(filled: Store, wanted: str, first: str) -> None:
    with filled:
        assert filled.suggest(wanted)[0] == first


def test_no_suggestion_is_better_than_a_bad_one(filled: Store) -> None:
    with filled:
        assert filled.suggest("frobnicate") == []
        assert filled.suggest('"*') == []
        with filled.writer():
            filled.remove_files(["src/json.py"])
        assert filled.suggest("dump") == []


def test_skipped_files_say_why(filled: Store) -> None:
    with filled:
        with filled.writer():
            filled.note_skipped(
                [SkippedFile("a.bin", "binary"), SkippedFile(".env", "secret", "by name")], complete=True
            )
            filled.note_skipped([SkippedFile("b.bin", "binary")], complete=False)
        assert filled.skipped(".env") == SkippedFile(".env", "secret", "by name")
        assert filled.skipped("src/app.py") is None
        assert filled.skipped_reasons() == {"binary": 2, "secret": 1}


def test_text_of_any_kind_survives(tmp_path: Path) -> None:
    text = 'naïve = "日本語 \U0001f600 \x00 \x1b"\n'
    with Store(tmp_path) as store, store.writer():
        store.replace_file(source("ü/日本.py", text), parse(source("ü/日本.py", text)), CHUNKER)
        assert next(store.all_chunks()).text == text.rstrip("\n")


# -- one writer -------------------------------------------------------------------------------------


def test_writing_needs_the_lease(filled: Store) -> None:
    with filled, pytest.raises(BusyError):
        filled.remove_files(["README.md"])


def test_a_second_writer_is_refused_and_may_read(filled: Store) -> None:
    with filled, Store(filled.directory) as other:
        with filled.writer():
            with pytest.raises(BusyError, match=str(os.getpid())), other.writer():
                pass
            assert other.counts() == filled.counts()
        with other.writer():
            other.remove_files(["README.md"])
        assert "README.md" not in filled.files()


def test_a_lapsed_lease_is_taken_over_and_the_old_holder_stops(filled: Store) -> None:
    with filled, Store(filled.directory) as other, filled.writer():
        with sqlite3.connect(filled.directory / "index.sqlite") as direct:
            direct.execute("UPDATE writer SET heartbeat = heartbeat - ?", (LEASE_SECONDS + 1,))
        direct.close()
        with other.writer():
            with pytest.raises(BusyError, match="taken over"):
                filled.remove_files(["README.md"])
            with pytest.raises(BusyError, match="taken over"):
                filled.renew()
        assert "README.md" in filled.files()


def test_a_dead_writer_is_replaced_at_once(filled: Store) -> None:
    with filled, filled.writer(), Store(filled.directory) as other:
        with sqlite3.connect(filled.directory / "index.sqlite") as direct:
            direct.execute("UPDATE writer SET pid = ?", (2**22 + 1,))  # larger than any process number
        direct.close()
        with other.writer():
            other.remove_files(["README.md"])


def test_a_file_is_indexed_whole_or_not_at_all(filled: Store) -> None:
    changed = source("src/json.py", "def dump(value):\n    pass\n")
    unnamed = Reference("call", None, "src/json.py", 1)  # type: ignore[arg-type]
    with filled:
        before = filled.chunks_in("src/json.py"), filled.symbols_in("src/json.py")
        with pytest.raises(sqlite3.IntegrityError), filled.writer():
            filled.replace_file(changed, replace(parse(changed), references=(unnamed,)), CHUNKER)
        assert (filled.chunks_in("src/json.py"), filled.symbols_in("src/json.py")) == before


# -- faults -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [0, 100, 5000, -4096])
def test_a_truncated_index_is_set_aside_and_built_again(filled: Store, keep: int) -> None:
    filled.close()
    path = filled.directory / "index.sqlite"
    data = path.read_bytes()
    path.write_bytes(data[:keep])
    with Store(filled.directory) as store:
        assert store.counts() == (0, 0)
        fill(store)
        assert store.counts()[0] == 4
    assert keep == 0 or path.with_name("index.sqlite.damaged").exists()


@pytest.mark.parametrize("start", [0, 1000, 20_000])
def test_a_garbled_index_is_never_a_crash(filled: Store, start: int) -> None:
    filled.close()
    path = filled.directory / "index.sqlite"
    data = bytearray(path.read_bytes())
    for at in range(start, min(len(data), start + 60_000), 3):
        data[at] ^= 0x5A
    path.write_bytes(bytes(data))
    with Store(filled.directory) as store:
        assert store.counts() == (0, 0)
        fill(store)
        assert store.counts()[0] == 4


def test_a_flipped_letter_in_a_chunk_is_noticed(filled: Store) -> None:
    filled.close()
    path = filled.directory / "index.sqlite"
    data = path.read_bytes()
    assert b"return encode(value)" in data
    path.write_bytes(data.replace(b"return encode(value)", b"return encore(value)"))
    with Store(filled.directory) as store:
        assert store.counts() == (0, 0)


def test_a_flipped_letter_is_noticed_while_the_index_is_open(filled: Store) -> None:
    with filled:
        labels = list(filled.chunks_in("src/json.py"))
        with sqlite3.connect(filled.directory / "index.sqlite") as direct:
            direct.execute("UPDATE chunks SET text = replace(text, 'encode', 'encore')")
        direct.close()
        with pytest.raises(DamagedError):
            filled.chunks(labels)
        assert filled.counts() == (0, 0)


def test_another_version_is_set_aside(filled: Store) -> None:
    filled.close()
    direct = sqlite3.connect(filled.directory / "index.sqlite")
    direct.execute(f"PRAGMA user_version = {VERSION + 1}")
    direct.close()
    with pytest.raises(DamagedError, match="another version"):
        Store(filled.directory, read_only=True)
    with Store(filled.directory) as store:
        assert store.counts() == (0, 0)


def test_damage_while_open_is_one_sentence_and_an_empty_index(filled: Store) -> None:
    with filled:
        before = filled.revision()
        with sqlite3.connect(filled.directory / "index.sqlite") as direct:
            direct.execute("UPDATE meta SET value = value + 1 WHERE key = 'revision'")
        direct.close()
        with sqlite3.connect(filled.directory / "index.sqlite") as direct:
            direct.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        direct.close()
        with (filled.directory / "index.sqlite").open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 40_000)
        with pytest.raises(DamagedError, match="has to be built again"):
            filled.files()
        assert filled.revision().identity != before.identity
        fill(filled)
        assert filled.counts()[0] == 4


def test_a_missing_index_cannot_be_read_only(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no"):
        Store(tmp_path, read_only=True)


def test_a_read_only_store_reads_and_never_writes(filled: Store) -> None:
    filled.close()
    with Store(filled.directory, read_only=True) as store:
        assert store.counts()[0] == 4
        with pytest.raises(StorageError, match="reading only"), store.writer():
            pass


def test_a_full_disk_is_one_sentence_and_loses_nothing(filled: Store) -> None:
    big = source("big.py", "\n\n".join(f"def f{n}():\n    return g{n}()" for n in range(2000)))
    with filled:
        with filled.snapshot() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 20}")
        with pytest.raises(StorageError, match="disk is full"), filled.writer():
            filled.replace_file(big, parse(big), CHUNKER)
        assert filled.files() == sorted(FILES)
        with filled.writer():
            filled.remove_files(["README.md"])


def test_a_path_that_cannot_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot make the folder"):
        Store(tmp_path / "file" / "index")
