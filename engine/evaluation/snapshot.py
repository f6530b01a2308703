"""A revision of a repository, indexed beside the living one and asked in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from engine import paths
from engine.chunking import CHUNKER_VERSION, parse
from engine.embedding.cache import EmbeddingCache
from engine.embedding.encoder import TransformerEncoder
from engine.embedding.static import StaticEncoder
from engine.errors import ModelError
from engine.index.retriever import Retriever
from engine.index.store import Store
from engine.index.updater import Updater
from engine.index.vectors import VectorCache, VectorIndex
from engine.types import CancelToken, Candidates, Chunk, Encoder, Floats, ParsedFile, Progress, SourceFile, Tier

__all__ = ["DEFINITIONS", "WINDOWS", "Chunking", "Snapshot", "open_snapshot"]

_WINDOW_LINES = 40


@dataclass(frozen=True, slots=True)
class Chunking:
    """A way to cut files, under the name that its chunks are kept by."""

    name: str
    version: str
    parse: Callable[[SourceFile], ParsedFile]


def _windows(source: SourceFile) -> ParsedFile:
    lines = source.text.split("\n")
    if lines[-1] == "":
        lines.pop()
    starts = range(0, len(lines), _WINDOW_LINES)
    texts = [(start, lines[start : start + _WINDOW_LINES]) for start in starts]
    chunks = tuple(
        Chunk(source.path, start + 1, start + len(part), "\n".join(part), "block", source.language)
        for start, part in texts
        if any(line.strip() for line in part)
    )
    return ParsedFile(source.path, chunks, parsed=False)


DEFINITIONS = Chunking("", CHUNKER_VERSION, parse)  # what the program does
WINDOWS = Chunking("-windows", f"windows-{_WINDOW_LINES}", _windows)  # the obvious baseline: 40 lines a chunk


@dataclass(frozen=True)
class Snapshot:
    """What was there, and how to find it."""

    chunks: tuple[Chunk, ...]
    retriever: Retriever

    @cached_property
    def _by_path(self) -> dict[str, list[Chunk]]:
        found: dict[str, list[Chunk]] = {}
        for chunk in self.chunks:
            found.setdefault(chunk.path, []).append(chunk)
        return found

    def chunks_in(self, path: str) -> list[Chunk]:
        """Return the chunks of one file."""
        return self._by_path.get(path, [])

    def retrieve(self, question: str) -> Candidates:
        """Return the candidates that a question asked at that revision would have had."""
        return self.retriever.retrieve(question)


class _BorrowingCache:
    """A cache of embeddings that writes to its own file and also reads from another, so that little is embedded anew.

    What the past holds and the present does not must not get into the shared cache, where nothing would ever
    name it again.
    """

    def __init__(self, own: VectorCache, other: VectorCache) -> None:
        self._own, self._other = own, other

    def get(self, encoder: str, chunker: str, keys: Sequence[bytes], dimensions: int) -> tuple[list[int], Floats]:
        positions, vectors = self._own.get(encoder, chunker, keys, dimensions)
        missing = sorted(set(range(len(keys))) - set(positions))
        found, borrowed = self._other.get(encoder, chunker, [keys[position] for position in missing], dimensions)
        return [*positions, *(missing[place] for place in found)], np.concatenate([vectors, borrowed])

    def version(self) -> object:
        return self._own.version(), self._other.version()

    def put(self, encoder: str, chunker: str, keys: Sequence[bytes], vectors: Floats) -> Floats:
        return self._own.put(encoder, chunker, keys, vectors)


@contextmanager
def open_snapshot(
    root: Path,
    revision: str,
    sources: Sequence[SourceFile],
    *,
    threads: int,
    tier: Tier = "transformer",
    chunking: Chunking = DEFINITIONS,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> Iterator[Snapshot]:
    """Index the files of a revision (a full commit id) up to a tier and yield what can be asked about them.

    ``encoder`` stands in for the tier's own. Index and embeddings are kept with what else is derived from the
    repository, so an interrupted run goes on where it was, and ``forget`` removes them. Raises ModelError,
    StorageError, and Cancelled when ``cancel`` is set.
    """
    folder = paths.private_directory(paths.repository_directory(root) / f"at-{revision[:12]}{chunking.name}")
    with ExitStack() as stack:
        store = stack.enter_context(Store(folder))
        tiers = []
        if tier != "lexical":
            own = stack.enter_context(EmbeddingCache(folder / "embeddings.sqlite"))
            cache = _BorrowingCache(own, stack.enter_context(EmbeddingCache(paths.embeddings_file())))
            if encoder is None:
                encoder = StaticEncoder() if tier == "static" else TransformerEncoder(threads=threads)
            tiers.append(VectorIndex(tier, store, cache, encoder, chunker=chunking.version))
        updater = Updater(store, tiers, parse=chunking.parse, chunker=chunking.version, threads=threads)
        report = updater.update(sources, progress=progress, cancel=cancel)
        if report.problem:  # a measurement must not quietly be one of another tier
            raise ModelError(report.problem)
        yield Snapshot(tuple(store.all_chunks()), Retriever(store, tiers))
