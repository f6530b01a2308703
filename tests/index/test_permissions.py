"""A home that can be read and not written: another user's, a read-only medium."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.embedding.cache import EmbeddingCache
from engine.embedding.static import StaticEncoder
from engine.errors import StorageError
from engine.index.store import Store
from tests.index.small import CHUNKS, Bench, CountingEncoder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permissions there are of another kind")
_NOBODY = 65534


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Take away the right to write below ``root``; the superuser, whom that does not stop, becomes nobody."""
    everything = [root, *root.rglob("*")]
    for path in everything:
        path.chmod(0o555 if path.is_dir() else 0o444)
    superuser = os.geteuid() == 0
    if superuser:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if superuser:
            os.seteuid(0)
        for path in everything:
            path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.mark.parametrize("state", ["closed", "damaged", "crashed", "crashed, log without its index"])
def test_a_home_that_cannot_be_written(open_folder: Path, encoder: StaticEncoder, state: str) -> None:
    made = open_folder / "made"
    cache = EmbeddingCache(made / "embeddings.sqlite")
    bench = Bench(made / "index", cache, CountingEncoder(encoder, "static"), CountingEncoder(encoder, "best"))
    bench.update()
    expected = bench.retriever.retrieve("dumps").ids
    home = open_folder / "crashed"
    shutil.copytree(made, home)  # the last transactions are still in the write-ahead logs
    bench.close()
    cache.close()
    if state in {"closed", "damaged"}:
        home = made
    elif "without" in state:
        for path in home.rglob("*-shm"):
            path.unlink()
    if state == "damaged":
        for path in (home / "index" / "index.sqlite", home / "embeddings.sqlite"):
            path.write_bytes(path.read_bytes()[:5000])
    with locked(home):
        if state == "damaged":  # and cannot be set aside
            for read_only, sentence in ((False, "cannot be read or written"), (True, "was damaged")):
                with pytest.raises(StorageError, match=sentence):
                    Store(home / "index", read_only=read_only)
                with pytest.raises(StorageError, match=sentence):
                    EmbeddingCache(home / "embeddings.sqlite", read_only=read_only)
            return
        if "without" in state:  # never a part of the data as if it were all
            with pytest.raises(StorageError, match="was not closed"):
                Store(home / "index", read_only=True)
            return
        with pytest.raises(StorageError, match="cannot be read or written"), Store(home / "index") as store:
            store.writer().__enter__()
        with EmbeddingCache(home / "embeddings.sqlite", read_only=True) as frozen:
            reader = Bench(home / "index", frozen, bench.static, bench.best, read_only=True)
            assert reader.store.counts() == (4, CHUNKS)
            assert reader.retriever.retrieve("dumps").ids == expected
            reader.close()
