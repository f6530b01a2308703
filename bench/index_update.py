"""A file is saved in a repository of 5,000 files that the engine has open: when is it found, when can be asked?

The clock starts when the watcher's debounce is over and stops when the index has the file's new text. Vectors of what
was there before are drawn at random and put into the cache, so that filling 5,000 files takes no minutes; what is
saved is embedded for real, and so is each question.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.generated import function, is_quick, made_repository, own_home
from bench.row import Row, percentile

if TYPE_CHECKING:
    from engine.assistant import Assistant
    from engine.live import LiveIndex
    from engine.types import Floats

__all__ = ["THREADS", "Drawn", "fill_with_drawn", "measure"]

THREADS = 0
_PATIENCE = 120.0


class Drawn:
    """Vectors near one of 200 centres, from a seed."""

    def __init__(self, dimensions: int, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)
        self._centres = self._rng.standard_normal((200, dimensions), dtype=np.float32)

    def draw(self, count: int) -> Floats:
        """Return unit vectors (count, d)."""
        noise = self._rng.standard_normal((count, self._centres.shape[1]), dtype=np.float32)
        rows = self._centres[self._rng.integers(len(self._centres), size=count)] + noise
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def fill_with_drawn(assistant: Assistant) -> None:
    """Give every chunk of both tiers a vector that means nothing."""
    for tier in (assistant._static, assistant._transformer):
        tier.refresh()
        keys = sorted(set(tier.missing.values()))
        drawn = Drawn(tier.encoder.dimensions)
        for start in range(0, len(keys), 5_000):
            part = keys[start : start + 5_000]
            assistant._cache.put(tier.encoder.id, assistant._chunker, part, drawn.draw(len(part)))
        tier.refresh()


def measure() -> list[Row]:
    """Save files one after the other, then ask."""
    from engine.assistant import Assistant
    from engine.config import Settings

    files, saves = (300, 4) if is_quick() else (5_000, 20)
    with own_home() as folder:
        root = made_repository(folder / "shop", files)
        with Assistant(root, Settings()) as assistant:
            _index_without_vectors(assistant)
            fill_with_drawn(assistant)
            found, ready = _run(assistant, root, files, saves)
    size = f"{files:,} files, {saves} times"
    return [
        Row("saved file found, median", percentile(found, 0.5), "s", note=f"after the debounce; {size}"),
        Row("saved file found, 95 %", percentile(found, 0.95), "s", aim=0.3, note="after the debounce"),
        Row("question to evidence, median", percentile(ready, 0.5), "s", note=f"in a running engine; {size}"),
        Row("question to evidence, 95 %", percentile(ready, 0.95), "s", aim=0.3, note="in a running engine"),
    ]


def _index_without_vectors(assistant: Assistant) -> None:
    from engine.chunking import CHUNKER_VERSION, parse
    from engine.index.updater import Updater
    from engine.repository.scan import scan

    Updater(assistant._store, [], parse=parse, chunker=CHUNKER_VERSION).update(scan(assistant.root))


def _run(assistant: Assistant, root: Path, files: int, saves: int) -> tuple[list[float], list[float]]:
    from engine.live import LiveIndex

    rng = random.Random(1)
    began: list[float] = []
    done: list[float] = []
    live = LiveIndex(assistant)
    take_batch, update = live._take_batch, assistant.update
    arrived = threading.Event()

    def taking(paths: frozenset[str] | None) -> None:
        began.append(time.perf_counter())
        take_batch(paths)

    def updating(paths: Sequence[str], **options: object) -> object:
        report = update(paths, **options)  # type: ignore[arg-type]
        done.append(time.perf_counter())
        arrived.set()
        return report

    live._take_batch = taking  # type: ignore[method-assign]
    assistant.update = updating  # type: ignore[method-assign, assignment]
    found: list[float] = []
    ready: list[float] = []
    with live:
        end = time.monotonic() + _PATIENCE
        while not (live.status().stage == "ready" and live.status().watching):
            assert time.monotonic() < end
            time.sleep(0.05)
        for number in range(-1, saves):
            name = f"saved_{number + 1}"
            place = rng.randrange(files)
            began.clear()
            done.clear()
            arrived.clear()
            path = root / f"package_{place // 50}" / f"module_{place}.py"
            path.write_text(path.read_text() + "\n\n" + function(rng, name))
            assert arrived.wait(_PATIENCE)
            assert assistant.table.definitions(name)
            found.append(done[0] - began[0])
            ready.append(_ask(assistant, live, f"What does {name} do?"))
    return found[1:], ready[1:]  # the first ones read the encoders' weights


def _ask(assistant: Assistant, live: LiveIndex, question: str) -> float:
    """Return the seconds from a question to the evidence for it."""
    from engine.events import SelectedEvent

    start = time.perf_counter()
    with live.aside() as changed:
        events = assistant.ask(question, effort="instant", changed=changed)
        for event in events:
            if isinstance(event, SelectedEvent):
                seconds = time.perf_counter() - start
                events.close()  # type: ignore[attr-defined]
                return seconds
    raise AssertionError("there was no evidence")
