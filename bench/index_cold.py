"""A repository that was never seen, opened as the engine opens it: when can it be asked, when is all of it embedded?

The same live index as in the engine, on a folder of its own; then it is closed and opened again, and a copy is opened.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from bench.generated import is_quick, made_repository, named_repositories, own_home
from bench.row import Row

__all__ = ["THREADS", "measure"]

THREADS = 0
_QUESTION = "Where is the configuration read?"
_FILES = 1_600  # of the repository that is made up
_POLL = 0.005


def measure() -> list[Row]:
    """Measure every repository that was named, or one that is made up."""
    rows: list[Row] = []
    with own_home() as folder:
        roots = named_repositories() or [made_repository(folder / "generated", 60 if is_quick() else _FILES)]
        for number, root in enumerate(roots):
            rows += _repository(root, folder / f"copy{number}" / root.name)
    return rows


def _repository(root: Path, copy: Path) -> list[Row]:
    from engine.assistant import Assistant
    from engine.config import Settings
    from engine.live import LiveIndex

    def opened(place: Path, *, cold: bool) -> tuple[float, float, int, int]:
        """Return the seconds to the first evidence and to the end, the chunks, and those embedded meanwhile."""
        start = time.perf_counter()
        with Assistant(place, Settings()) as assistant:
            before = _cached()
            live = LiveIndex(assistant)
            if cold and is_quick():
                assistant.index(tier="static")
                found = assistant.search(_QUESTION)[0]
                done = first = time.perf_counter() - start
            else:
                with live:
                    with live.aside():
                        found = assistant.search(_QUESTION)[0]
                    first = time.perf_counter() - start
                    while live.status().stage != "ready" and not (is_quick() and live.status().watching):
                        time.sleep(_POLL)
                    done = time.perf_counter() - start
            assert found, f"nothing was found in {place}"
            return first, done, assistant.counts()[1], _cached() - before

    first, full, chunks, _ = opened(root, cold=True)
    again_first, again, _, embedded = opened(root, cold=False)
    shutil.copytree(root, copy, symlinks=True)
    copied_first, copied, _, copied_embedded = opened(copy, cold=False)
    name = root.name
    return [
        Row(f"{name}: first evidence", first, "s", note=f"{chunks:,} chunks, from nothing"),
        Row(f"{name}: everything embedded", full, "s", note=f"{chunks / full:,.0f} chunks/s, all stages"),
        Row(f"{name}: restart, first evidence", again_first, "s", note="the process runs, encoders are loaded"),
        Row(f"{name}: restart, up to date", again, "s"),
        Row(f"{name}: embedded by a restart", embedded, "chunks", must=0),
        Row(f"{name}: copy, first evidence", copied_first, "s"),
        Row(f"{name}: copy, up to date", copied, "s"),
        Row(f"{name}: embedded for a copy", copied_embedded, "chunks", must=0),
    ]


def _cached() -> int:
    """Return how many vectors there are, of whichever tier."""
    from engine import paths
    from engine.embedding.cache import EmbeddingCache

    with EmbeddingCache(paths.embeddings_file()) as cache:
        return cache.vectors()
