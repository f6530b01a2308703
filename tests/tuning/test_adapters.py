from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from engine.errors import StorageError
from engine.tuning.adapters import AdapterCache, CachedAdapter, adapter_key
from engine.tuning.examples import QuestionAnswer, document
from tests.tuning.conftest import RECIPE, function

STEPS = ((document(function(1)),), (QuestionAnswer("q", "a"),))
HELD_OUT = (document(function(2)), document(function(3)))


def _key(seed: int = 0, repository: str = "one") -> str:
    return adapter_key("model", STEPS, HELD_OUT, dataclasses.replace(RECIPE, seed=seed), repository)


def _entry(key: str, *, kept: bool = True, repository: str = "one") -> CachedAdapter:
    return CachedAdapter(key, repository, "model", kept, "The loss fell.", 2, 2.0, 1.5, 0.7)


def _put(cache: AdapterCache, entry: CachedAdapter, content: bytes = b"weights") -> CachedAdapter:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return cache.put(entry, write)


def test_the_key_is_exact() -> None:
    keys = {
        _key(),
        _key(seed=1),
        _key(repository="two"),
        adapter_key("other model", STEPS, HELD_OUT, RECIPE, "one"),
        adapter_key("model", STEPS[:1], HELD_OUT, RECIPE, "one"),
        adapter_key("model", STEPS[::-1], HELD_OUT, RECIPE, "one"),
        adapter_key("model", STEPS, HELD_OUT[:1], RECIPE, "one"),
        adapter_key("model", (STEPS[0] + STEPS[1],), HELD_OUT, RECIPE, "one"),
        adapter_key("model", (*STEPS, (HELD_OUT[0],)), HELD_OUT[1:], RECIPE, "one"),
    }
    assert len(keys) == 9
    assert _key() == _key() == adapter_key("model", STEPS, HELD_OUT, RECIPE, "one")


def test_put_and_get(tmp_path: Path) -> None:
    cache = AdapterCache(tmp_path)
    assert cache.get(_key()) is None
    stored = _put(cache, _entry(_key()))
    assert cache.get(_key()) == stored
    assert cache.path(_key()).read_bytes() == b"weights"
    dropped = _put(cache, _entry(_key(1), kept=False))
    assert cache.get(_key(1)) == dropped
    assert not cache.path(_key(1)).exists()
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".gguf", ".json", ".json"]


@pytest.mark.parametrize("damage", ["truncate", "lose", "json", "field"])
def test_a_damaged_entry_is_discarded(tmp_path: Path, damage: str) -> None:
    cache = AdapterCache(tmp_path)
    _put(cache, _entry(_key()))
    record = tmp_path / f"{_key()}.json"
    if damage == "truncate":
        cache.path(_key()).write_bytes(b"wei")
    elif damage == "lose":
        cache.path(_key()).unlink()
    elif damage == "json":
        record.write_text("{", encoding="utf-8")
    else:
        record.write_text("{}", encoding="utf-8")
    assert cache.get(_key()) is None
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_when_writing_fails(tmp_path: Path) -> None:
    cache = AdapterCache(tmp_path)

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise StorageError("the disk is full")

    with pytest.raises(StorageError):
        cache.put(_entry(_key()), fail)
    assert list(tmp_path.iterdir()) == []


def test_forgetting_one_repository_leaves_the_other(tmp_path: Path) -> None:
    cache = AdapterCache(tmp_path)
    _put(cache, _entry(_key(), repository="one"))
    _put(cache, _entry(_key(1), repository="one", kept=False))
    _put(cache, _entry(_key(2), repository="two"))
    (tmp_path / "speed.json").write_text("{}", encoding="utf-8")
    assert [entry.key for entry in cache.entries("two")] == [_key(2)]
    assert len(list(cache.entries())) == 3
    assert cache.forget("one") == 2
    assert [entry.key for entry in cache.entries()] == [_key(2)]
    assert (tmp_path / "speed.json").exists()


def test_the_least_recently_used_make_room(tmp_path: Path) -> None:
    cache = AdapterCache(tmp_path, limit_bytes=25)
    for number in range(2):
        _put(cache, _entry(_key(number)), b"x" * 10)
        os.utime(tmp_path / f"{_key(number)}.json", (number, number))
    assert cache.get(_key(0)) is not None  # used just now
    _put(cache, _entry(_key(2)), b"x" * 10)
    assert cache.get(_key(0)) is not None and cache.get(_key(2)) is not None
    assert cache.get(_key(1)) is None


def test_what_an_interrupted_run_left_is_cleared_but_not_while_it_may_be_written(tmp_path: Path) -> None:
    cache = AdapterCache(tmp_path)
    old, young = cache.path(_key(1)), cache.path(_key(2))
    old.write_bytes(b"half")
    os.utime(old, (0, 0))
    young.write_bytes(b"half")
    _put(cache, _entry(_key()))
    assert not old.exists() and young.exists()


def test_only_keys_name_files(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the key"):
        AdapterCache(tmp_path).get("../../outside")
