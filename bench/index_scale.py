"""Search at 10,000 and 100,000 chunks through the real store, graph and retriever: latency, recall, disk, memory.

Texts are made up, vectors are drawn near 200 centres. A process of its own opens what was written, as after a restart.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.generated import function, is_quick, own_home
from bench.index_update import Drawn
from bench.row import Row, percentile

if TYPE_CHECKING:
    from engine.embedding.cache import EmbeddingCache
    from engine.index.store import Store
    from engine.index.vectors import VectorIndex
    from engine.types import Floats, Tier

__all__ = ["THREADS", "measure"]

THREADS = 0
_CHUNKER = "bench"
_FILE = 50  # chunks a file
_QUESTIONS = 60
_TIER: Tier = "static"


class Questions:
    """An encoder of questions: a vector drawn by the text."""

    id = "bench-drawn"
    dimensions = 384

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one row a text."""
        return np.concatenate([Drawn(self.dimensions, seed=0).draw(1 + len(text) % 7)[-1:] for text in texts])


def measure() -> list[Row]:
    """Build, then measure in another process."""
    rows: list[Row] = []
    for size in (1_000, 3_000) if is_quick() else (10_000, 100_000):
        with own_home() as folder:
            seconds = _build(folder, size)
            figures = _opened(folder)
            disk = {kind: _bytes(folder, kind) for kind in ("index.sqlite", "embeddings.sqlite", "*.hnsw")}
        name = f"{size:,} chunks"
        thousands = size / 1_000
        kinds = ", ".join(f"{kind} {value / thousands / 1e6:.2f}" for kind, value in disk.items() if value)
        rows += [
            Row(f"{name}: written, graph built", seconds, "s", note=f"{os.cpu_count()} cores"),
            Row(f"{name}: opened, first search", figures["open"], "s", note="restart, in a new process"),
            Row(f"{name}: vectors, median", figures["vectors50"] * 1e3, "ms", note="k = 200"),
            Row(f"{name}: question, median", figures["question50"] * 1e3, "ms", note="words and vectors, k = 200"),
            Row(f"{name}: question, 95 %", figures["question95"] * 1e3, "ms"),
            Row(f"{name}: recall@200", figures["recall"], "", must=0.97, more=True, note="against exact search"),
            Row(f"{name}: disk", sum(disk.values()) / thousands / 1e6, "MB/1,000 chunks", note=kinds),
            Row(
                f"{name}: memory",
                figures["memory"] / thousands / 1e6,
                "MB/1,000 chunks",
                note="one tier, after questions",
            ),
        ]
    return rows


def _files(size: int) -> Iterator[tuple[str, list[str]]]:
    rng = random.Random(size)
    for number in range(size // _FILE):
        yield f"package_{number}/module.py", [function(rng, f"task_{number}_{each}") for each in range(_FILE)]


def _build(folder: Path, size: int) -> float:
    from engine.embedding.cache import EmbeddingCache
    from engine.index.store import Store, chunk_key
    from engine.index.updater import Updater
    from engine.types import Chunk, ParsedFile, SourceFile, sha256_hex

    drawn = Drawn(Questions.dimensions, seed=1)

    def parse(source: SourceFile) -> ParsedFile:
        lines, chunks = 1, []
        for text in source.text.split("\n\n\n"):
            last = lines + text.count("\n")
            chunks.append(Chunk(source.path, lines, last, text, "function", "python", text[4 : text.index("(")]))
            lines = last + 3
        cache.put(Questions.id, _CHUNKER, [chunk_key(each) for each in chunks], drawn.draw(len(chunks)))
        return ParsedFile(source.path, tuple(chunks))

    start = time.perf_counter()
    with Store(folder / "index") as store, EmbeddingCache(folder / "embeddings.sqlite") as cache:
        tier = _tier(store, cache)
        sources = (
            SourceFile(
                path, text := "\n\n\n".join(each.rstrip("\n") for each in parts), sha256_hex(text), "python", 1, 1
            )
            for path, parts in _files(size)
        )
        Updater(store, [tier], parse=parse, chunker=_CHUNKER, threads=os.cpu_count() or 1).update(sources)
        assert store.counts()[1] == size
    return time.perf_counter() - start


def _tier(store: Store, cache: EmbeddingCache) -> VectorIndex:
    from engine.index.vectors import EXACT_UP_TO, VectorIndex

    exact = 1_500 if is_quick() else EXACT_UP_TO
    return VectorIndex(_TIER, store, cache, Questions(), chunker=_CHUNKER, exact_up_to=exact)


def _opened(folder: Path) -> dict[str, float]:
    """Measure in a new process what ``_build`` left."""
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-P", "-c", f"import bench.{Path(__file__).stem} as b; b.report({str(folder)!r})"]
    done = subprocess.run(
        command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, stdout=subprocess.PIPE, text=True, check=True
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def report(folder: str) -> None:
    """Open the index in ``folder``, ask, and print the figures."""
    from engine.embedding.cache import EmbeddingCache
    from engine.index.retriever import Retriever
    from engine.index.store import Store

    rng = random.Random(7)
    with Store(Path(folder) / "index", read_only=True) as warm:  # libraries are loaded, statements are known
        warm.counts()
    before = _resident()
    start = time.perf_counter()
    with Store(Path(folder) / "index") as store, EmbeddingCache(Path(folder) / "embeddings.sqlite") as cache:
        tier = _tier(store, cache)
        retriever = Retriever(store, [tier])
        retriever.retrieve("Where is the first invoice of a customer split?")
        opened = time.perf_counter() - start
        seconds: list[float] = []
        for _ in range(_QUESTIONS):
            words = function(rng, "asked").split('"""')[1]
            asked = time.perf_counter()
            assert len(retriever.retrieve(f"How does one {words}").ids) == 200
            seconds.append(time.perf_counter() - asked)
        memory = _resident() - before
        figures = _recall(tier, store)
    figures |= {
        "open": opened,
        "question50": percentile(seconds, 0.5),
        "question95": percentile(seconds, 0.95),
        "memory": float(memory),
    }
    print(json.dumps(figures))


def _recall(tier: VectorIndex, store: Store) -> dict[str, float]:
    with store.snapshot() as connection:
        labels = [label for (label,) in connection.execute("SELECT id FROM chunks ORDER BY id")]
    positions, vectors = tier.vectors(labels)
    assert len(positions) == len(labels)
    hits, seconds = 0, []
    for question in Drawn(Questions.dimensions, seed=1).draw(50):
        start = time.perf_counter()
        found = {label for label, _ in tier.search(question, 200)}
        seconds.append(time.perf_counter() - start)
        exact = np.argpartition(-(vectors @ question), 199)[:200]
        hits += len(found & {labels[at] for at in exact.tolist()})
    return {"recall": hits / (50 * 200), "vectors50": percentile(seconds, 0.5)}


def _resident() -> int:
    """Return the bytes of memory that this process has."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(each for each in status.read_text().splitlines() if each.startswith("VmRSS"))
        return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _bytes(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.rglob(pattern))
