from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from engine.chunking import parse
from engine.embedding.encoder import TransformerEncoder
from engine.repository.scan import read_source
from engine.types import SourceFile

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("SIDETUNE_HOME", str(home))
    return home


@cache
def _code() -> tuple[tuple[int, ...], ...]:
    texts = []
    for path in ("engine/embedding/static.py", "engine/selection/sift.py", "README.md", "pyproject.toml"):
        source = read_source(ROOT, path)
        assert isinstance(source, SourceFile)
        texts += [chunk.embedding_text for chunk in parse(source).chunks]
    return tuple(tuple(ids) for ids in TransformerEncoder(threads=1)._tokens(texts))


@pytest.fixture
def code() -> list[list[int]]:
    """The token ids of real chunks: code, prose and settings of this repository, of many lengths."""
    return [list(ids) for ids in _code()]
