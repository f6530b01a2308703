from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.config import Settings
from engine.loaded import LoadedModel
from engine.types import Chunk, Evidence
from tests.models.tiny import tiny_model

EVIDENCE = [Evidence(1, Chunk("a.py", 1, 1, "def f(): pass", "function", "python", "f"))]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    return Settings(model=str(tiny_model(tmp_path / "tiny")), threads=1)


@pytest.fixture
def loaded(settings: Settings) -> Iterator[LoadedModel]:
    loaded = LoadedModel(settings, idle=0.05)
    yield loaded
    loaded.close()


def _eventually(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_is_not_used_is_let_go_and_comes_back(loaded: LoadedModel) -> None:
    assert loaded._writer is None
    with loaded.lock:
        loaded.tuner.prepare()
        first = "".join(loaded.writer.write("What is f?", EVIDENCE, max_tokens=4))
        time.sleep(0.2)  # far longer than the idle time: but it is in use
        assert loaded.is_loaded
    _eventually(lambda: not loaded.is_loaded)
    with loaded.lock:
        assert "".join(loaded.writer.write("What is f?", EVIDENCE, max_tokens=4)) == first
        assert not loaded.tuner.prepared
    _eventually(lambda: not loaded.is_loaded)


def test_nothing_runs_on_for_a_model_that_was_closed(settings: Settings) -> None:
    loaded = LoadedModel(settings, idle=1000)
    with loaded.lock:
        assert loaded.writer is not None
    assert any(thread.name == "idle model" for thread in threading.enumerate())
    loaded.close()
    _eventually(lambda: not any(thread.name == "idle model" for thread in threading.enumerate()))
    with loaded.lock:
        pass
    assert not any(thread.name == "idle model" for thread in threading.enumerate())
    loaded.close()
