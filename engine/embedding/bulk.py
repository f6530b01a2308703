"""Many texts on all cores: every worker takes some of the texts and computes them alone.

Sharing each multiplication among the cores would make them wait for each other some hundred times a text, which on a
busy machine costs several times the work itself, and would leave them little time in their own caches.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from engine.embedding.choice import Choice, Model, choose
from engine.embedding.light import LightBert
from engine.embedding.packed import Arithmetic, PackedBert
from engine.types import Floats

__all__ = ["BulkBert"]

_SHARE = 256  # tokens that are worth another worker


class BulkBert:
    """A loaded encoder for ``threads`` cores. Any thread may call ``encode``.

    Workers live as long as a call: starting them takes a fraction of a millisecond, nothing is left to close, and they
    have the priority of the thread that calls, low for the index and normal for a question.
    """

    def __init__(
        self,
        folder: Path,
        sample: Sequence[Sequence[int]],
        *,
        threads: int,
        arithmetic: Arithmetic | None = None,
    ) -> None:
        """Load the weights of ``folder``, which must have been verified.

        ``arithmetic`` None: the one that suits this machine, tested with the token ids of the texts in ``sample`` when
        that is not known yet. Raises OSError, ValueError, KeyError or RuntimeError when the weights cannot be read.
        """
        self._threads = max(1, threads)
        self.choice: Choice | None = None
        with _workers(1) as worker:
            if arithmetic is None:
                self.choice = worker.submit(choose, folder, sample).result()
                if self.choice.arithmetic == "numpy":
                    self._model: Model = _OneByOne(LightBert(folder))
                    return
                arithmetic = self.choice.arithmetic
            self._model = worker.submit(PackedBert, folder, arithmetic).result()

    def encode(self, texts: Sequence[Sequence[int]]) -> Floats:
        """Return the mean over tokens of the last layer at unit length, (n, d), for the token ids of n texts."""
        parts = [texts[start:stop] for start, stop in _shares([len(ids) for ids in texts], self._threads)]
        with _workers(len(parts)) as workers:
            return np.concatenate(list(workers.map(self._model.encode, parts)))


class _OneByOne:
    """The reference, where torch cannot be used."""

    def __init__(self, light: LightBert) -> None:
        self._light = light

    def encode(self, texts: Sequence[Sequence[int]]) -> Floats:
        return np.stack([self._light.encode(ids) for ids in texts])


def _workers(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="encoder", initializer=_compute_alone)


_SETTING = threading.Lock()


def _compute_alone() -> None:
    """Keep torch from starting helpers for this thread; other threads keep their number.

    Without torch there is nothing to keep: the encoder then runs on numpy.
    """
    try:
        import torch
    except (ImportError, OSError):
        return
    with _SETTING:
        threads = torch.get_num_threads()  # also lets torch set this thread up, which would undo what follows
        if threads > 1:
            torch.set_num_threads(1)
            # Beside the number of this thread torch has now changed the one that threads to come will start with. It is
            # put back from a thread of its own, whose number does not matter.
            restoring = threading.Thread(target=torch.set_num_threads, args=(threads,))
            restoring.start()
            restoring.join()


def _shares(lengths: Sequence[int], threads: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of texts with about as many tokens each: one for each thread, fewer when there is little."""
    total = sum(lengths)
    count = max(1, min(threads, total // _SHARE, len(lengths)))
    start = done = number = 0
    for position, length in enumerate(lengths):
        done += length
        number_now = done * count // max(1, total)
        if number_now > number or position == len(lengths) - 1:
            yield start, position + 1
            start, number = position + 1, number_now
