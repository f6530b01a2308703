from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.assistant import Assistant
from engine.config import Settings
from engine.events import Answer
from engine.loaded import LoadedModel
from engine.tuning import Tuner
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


def test_running_out_of_memory_while_learning_gives_the_untuned_answer_and_says_so(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    for number in range(12):
        text = (
            f"def order_total_{number}(order):\n    # the total of order {number}\n    return order.lines[{number}]\n"
        )
        (root / f"orders_{number}.py").write_text(text)

    def no_room(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Tuner, "_train", no_room)
    with Assistant(root, settings) as assistant:
        assistant.index(tier="static")
        events = list(assistant.ask("Where is order_total_3 computed?", effort="balanced"))
        answer = events[-1]
        assert isinstance(answer, Answer), answer
        assert answer.adapter.state == "skipped"
        assert answer.adapter.reason == "There was not enough memory to learn; the next question will try with less."
        assert not assistant.tuner.prepared
