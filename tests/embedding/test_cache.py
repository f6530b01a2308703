from __future__ import annotations

import hashlib
import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest

from engine.embedding.cache import EmbeddingCache
from engine.errors import StorageError
from engine.types import Floats


def keys(count: int, start: int = 0) -> list[bytes]:
    return [hashlib.sha256(str(number).encode()).digest() for number in range(start, start + count)]


def unit(count: int, seed: int = 0, d: int = 16) -> Floats:
    vectors = np.random.default_rng(seed).standard_normal((count, d), dtype=np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_vectors_come_back_nearly_as_they_were_and_exactly_as_promised(tmp_path: Path) -> None:
    vectors = unit(20)
    with EmbeddingCache(tmp_path / "e.sqlite") as cache:
        promised = cache.put("enc", "1", keys(20), vectors)
    with EmbeddingCache(tmp_path / "e.sqlite") as cache:
        positions, found = cache.get("enc", "1", [*keys(5, start=100), *keys(20)[::-1]], 16)
        assert cache.count("enc", "1") == 20
    assert positions == list(range(5, 25))
    np.testing.assert_array_equal(found, promised[::-1])
    np.testing.assert_allclose(found, vectors[::-1], atol=5e-4)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_encoders_and_chunkers_do_not_mix(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "e.sqlite") as cache:
        cache.put("enc", "1", keys(3), unit(3))
        for encoder, chunker, dimensions in (("other", "1", 16), ("enc", "2", 16), ("enc", "1", 8)):
            positions, found = cache.get(encoder, chunker, keys(3), dimensions)
            assert positions == []
            assert found.shape == (0, dimensions)


def test_discarded_vectors_leave_no_trace_on_disk(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "e.sqlite") as cache:
        cache.put("enc", "1", keys(3), unit(3))
        cache.put("enc", "2", keys(2), unit(2))
        assert cache.discard(keys(2)) == 4
        assert cache.discard(keys(2)) == 0
        assert cache.get("enc", "1", keys(3), 16)[0] == [2]
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert keys(3)[2] in data
    assert keys(3)[0] not in data


def test_a_flipped_bit_makes_one_vector_missing(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    with EmbeddingCache(path) as cache:
        stored = cache.put("enc", "1", keys(3), unit(3))
    blob = np.asarray(unit(3)[1], dtype="<f2").tobytes()
    data = path.read_bytes()
    assert blob in data
    path.write_bytes(data.replace(blob, bytes([blob[0] ^ 1]) + blob[1:]))
    with EmbeddingCache(path) as cache:
        positions, found = cache.get("enc", "1", keys(3), 16)
    assert positions == [0, 2]
    np.testing.assert_array_equal(found, stored[[0, 2]])


def test_no_vector_passes_for_another_texts_or_another_encoders(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "e.sqlite") as cache:
        cache.put("enc", "1", keys(3), unit(3))
        cache.put("other", "1", keys(3, start=3), unit(3, seed=1))
    first, second, third = keys(3)
    with sqlite3.connect(tmp_path / "e.sqlite") as raw:
        whole = raw.execute("SELECT vector, crc FROM embeddings WHERE key = ?", (first,)).fetchone()
        raw.execute("UPDATE embeddings SET vector = ?, crc = ? WHERE key = ?", (*whole, second))
        raw.execute("UPDATE embeddings SET space = 3 - space WHERE key IN (?, ?)", (third, keys(1, start=3)[0]))
    raw.close()
    with EmbeddingCache(tmp_path / "e.sqlite") as cache:
        assert cache.get("enc", "1", [*keys(3), *keys(3, start=3)], 16)[0] == [0]
        assert cache.get("other", "1", [*keys(3), *keys(3, start=3)], 16)[0] == [4, 5]
        assert cache.copy({b"new": second, b"newer": first}) == 1
        assert cache.get("enc", "1", [b"new", b"newer"], 16)[0] == [1]


@pytest.mark.parametrize("damage", ["truncated", "garbled", "not a database", "empty"])
def test_a_damaged_cache_is_set_aside(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "e.sqlite"
    with EmbeddingCache(path) as cache:
        cache.put("enc", "1", keys(500), unit(500))
    data = path.read_bytes()
    path.write_bytes(
        {
            "truncated": data[: len(data) // 2],
            "garbled": data[:4096] + bytes(byte ^ 0x5A for byte in data[4096:]),
            "not a database": b"hello\n" * 1000,
            "empty": b"",
        }[damage]
    )
    with EmbeddingCache(path) as cache:
        assert cache.get("enc", "1", keys(500), 16)[0] == []
        cache.put("enc", "1", keys(5), unit(5))
        assert cache.get("enc", "1", keys(5), 16)[0] == [0, 1, 2, 3, 4]


def test_read_only_cache_stores_nothing(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    with EmbeddingCache(path) as cache:
        stored = cache.put("enc", "1", keys(3), unit(3))
    with EmbeddingCache(path, read_only=True) as cache:
        np.testing.assert_array_equal(cache.put("enc", "1", keys(3), unit(3)), stored)
        cache.put("enc", "1", keys(3, start=3), unit(3))
        assert cache.count("enc", "1") == 3
        with pytest.raises(StorageError, match="reading only"):
            cache.discard(keys(3))
    with pytest.raises(StorageError, match="there is no"):
        EmbeddingCache(tmp_path / "absent.sqlite", read_only=True)


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "e.sqlite") as cache:
        cache.put("enc", "1", keys(3), unit(3))
        with cache._database.read() as connection:
            connection.execute("PRAGMA max_page_count = 12")
        with pytest.raises(StorageError, match="disk is full"):
            cache.put("enc", "1", keys(5000), unit(5000))
        assert cache.count("enc", "1") == 3


def test_several_threads_and_connections_write_at_once(tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def write(number: int) -> None:
        try:
            with EmbeddingCache(tmp_path / "e.sqlite") as own:
                for start in range(0, 50, 10):
                    target = shared if start % 20 else own
                    target.put("enc", str(number), keys(10, start), unit(10, seed=start))
        except BaseException as error:  # noqa: BLE001 - shown by the assertion
            errors.append(error)

    with EmbeddingCache(tmp_path / "e.sqlite") as shared:
        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert [shared.count("enc", str(number)) for number in range(4)] == [50] * 4


def test_a_lock_that_is_never_released_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.database._BUSY_SECONDS", 0.05)
    with EmbeddingCache(tmp_path / "e.sqlite") as cache:
        other = sqlite3.connect(tmp_path / "e.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="keeps the cache of embeddings locked"):
            cache.put("enc", "1", keys(1), unit(1))
        assert cache.get("enc", "1", keys(1), 16)[0] == []
        other.close()
        cache.put("enc", "1", keys(1), unit(1))
