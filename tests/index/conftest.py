from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.embedding.cache import EmbeddingCache
from engine.embedding.static import StaticEncoder
from tests.index.small import Bench, CountingEncoder


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("SIDETUNE_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> StaticEncoder:
    """The real static encoder, loaded once: its weights are verified against a home of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIDETUNE_HOME", str(tmp_path_factory.mktemp("home")))
        loaded = StaticEncoder()
        loaded.load()
    return loaded


@pytest.fixture
def bench(tmp_path: Path, encoder: StaticEncoder) -> Iterator[Bench]:
    with EmbeddingCache(tmp_path / "embeddings.sqlite") as cache:
        made = Bench(tmp_path / "index", cache, CountingEncoder(encoder, "static"), CountingEncoder(encoder, "best"))
        yield made
        made.close()
