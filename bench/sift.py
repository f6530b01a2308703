"""SIFT against ``activeft`` 0.1.1, one thread: the same picks, how many times faster.

What the peer does, read from its source: the kernel is the plain inner product of the vectors, neither
centred nor scaled; ``llambda`` is the noise variance λ; a point may be picked again; it returns minus the sum over
targets of the posterior variance (``VTL``). It conditions a full (K + m)² float32 matrix at every pick. Above 1,000
candidates it cuts them, shuffled, into batches of 1,000 and selects among the batches' selections, which is not
the greedy choice over all; ``whole`` below gives it one batch, so that the picks can be compared.
Its time is the one it reports for selection, without the faiss search before it.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.ratio import Ratio, median_seconds
from engine.selection.lazy import sift_lazy
from engine.selection.select import EVIDENCE_NOISE
from engine.selection.sift import sift

__all__ = ["THREADS", "clustered", "disagreement", "measure", "variance_left"]

THREADS = 1
NOISE = 0.01
BUDGET = 50
DIMENSIONS = 384
TIE = 2e-6  # of a unit variance: what float32 leaves undecided between two candidates

Floats = npt.NDArray[np.float32]


def clustered(size: int, *, seed: int) -> tuple[Floats, Floats]:
    """Return a target (1, d) between two of 30 clusters, and ``size`` unit vectors (K, d) around them."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(30, DIMENSIONS))
    rows = centres[rng.integers(30, size=size)] + 0.7 * rng.normal(size=(size, DIMENSIONS))
    target = centres[:1] + centres[1:2] + rng.normal(size=(1, DIMENSIONS))
    return _unit(target), _unit(rows)


def _unit(rows: npt.NDArray[np.float64]) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def disagreement(target: Floats, candidates: Floats, picks: npt.NDArray[np.int64]) -> float:
    """Return by how much the worst of these picks falls short of the best there was, in float64."""
    rows = candidates.astype(np.float64)
    q = target[0].astype(np.float64)
    cross, variance = rows @ q, np.einsum("ij,ij->i", rows, rows)
    factor = np.empty((len(picks), len(rows)))
    worst = 0.0
    for step, pick in enumerate(picks):
        gain = cross**2 / (variance + NOISE)
        worst = max(worst, float(gain.max() - gain[pick]))
        column = rows @ rows[pick] - factor[:step, pick] @ factor[:step]
        factor[step] = column / np.sqrt(variance[pick] + NOISE)
        cross = cross - factor[step] * cross[pick] / np.sqrt(variance[pick] + NOISE)
        variance = variance - factor[step] ** 2
    return worst


class _Peer:
    """The peer as its documentation says to use it: a faiss index inside a ``Retriever``."""

    def __init__(self, target: Floats, candidates: Floats, *, whole: bool = False, fast: bool = False) -> None:
        import torch

        self._peer: Any = importlib.import_module("activeft.sift")
        faiss: Any = importlib.import_module("faiss")
        torch.set_num_threads(THREADS)
        faiss.omp_set_num_threads(THREADS)
        self._index = faiss.IndexFlatIP(DIMENSIONS)
        self._index.add(candidates)
        self._target = target
        self._options: dict[str, Any] = {"llambda": NOISE, "device": torch.device("cpu"), "fast": fast}
        if whole:
            one_batch = self._peer.VTL(
                target=torch.Tensor(), noise_std=NOISE**0.5, mini_batch_size=len(candidates) + 1, subsample=False
            )
            self._options = {"acquisition_function": one_batch, "device": torch.device("cpu")}
        self.picks: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def __call__(self) -> float:
        retriever = self._peer.Retriever(self._index, **self._options)
        found = retriever.search(self._target, N=BUDGET, K=self._index.ntotal, threads=THREADS)
        self.picks = np.asarray(found[1], dtype=np.int64)
        return float(found[3].sift)


def _compare(name: str, size: int, *, rounds: int, whole: bool = False) -> Ratio:
    target, candidates = clustered(size, seed=size)
    peer = _Peer(target, candidates, whole=whole)
    picks = [np.empty(0, dtype=np.int64)]

    def ours() -> None:
        picks[0] = sift(target, candidates, BUDGET, noise=NOISE).indices

    own, other = median_seconds(ours, peer, rounds=rounds, warm=rounds > 1)
    contenders = [("sidetune", picks[0])]
    if whole or size <= 1000:
        contenders.append(("activeft", peer.picks))
        note = f"{int((picks[0] == peer.picks).sum())} of {BUDGET} picks identical, the rest ties"
    else:
        left = [variance_left(target, candidates, each) for each in (picks[0], peer.picks)]
        note = f"variance left {left[0]:.5f}, peer {left[1]:.5f}"
    for who, chosen in contenders:
        short = disagreement(target, candidates, chosen)
        if len(chosen) != BUDGET or short > TIE:
            raise AssertionError(f"{name}: {who} missed the best pick by {short:.1e}")
    return Ratio(name, own, other, must=30 if size <= 200 else 20, aim=50, note=note)


def variance_left(target: Floats, candidates: Floats, picks: npt.NDArray[np.int64]) -> float:
    """Return the posterior variance after ``picks``, by the textbook formula."""
    q, x = target[0].astype(np.float64), candidates[picks].astype(np.float64)
    return float(q @ q - (x @ q) @ np.linalg.solve(x @ x.T + NOISE * np.eye(len(x)), x @ q))


def _compare_lazy(size: int, *, noise: float) -> Ratio:
    """Time the lazy search against the eager one on small clusters: the cosines of real texts fall off quickly."""
    rng = np.random.default_rng(size)
    centres = rng.normal(size=(2000, DIMENSIONS))
    rows = _unit(centres[rng.integers(2000, size=size)] + 1.2 * rng.normal(size=(size, DIMENSIONS)))
    target = _unit(centres[:1] + rng.normal(size=(1, DIMENSIONS)))
    left = [0.0, 0.0]

    def lazily() -> None:
        left[0] = sift_lazy(target, rows, BUDGET, noise=noise, reselect=False).variance[-1]

    def eagerly() -> None:
        left[1] = sift(target, rows, BUDGET, noise=noise, reselect=False).variance[-1]

    own, other = median_seconds(lazily, eagerly, rounds=5)
    if abs(left[0] - left[1]) > TIE:
        raise AssertionError(f"the lazy search left {left[0]:.6f} of the variance, the eager one {left[1]:.6f}")
    return Ratio(f"sift lazily, K={size}, λ={noise:g}", own, other, note="against sift itself, the same picks")


def measure() -> list[Ratio]:
    """Time both at K = 200, 1,000 and 5,000; assert equal picks up to ties wherever the peer is greedy over all."""
    return [
        _compare_lazy(100_000, noise=EVIDENCE_NOISE),
        _compare("sift K=200", 200, rounds=15),
        _compare("sift K=1000", 1000, rounds=9),
        _compare("sift K=5000", 5000, rounds=3),
        _compare("sift K=5000, peer in one batch", 5000, rounds=1, whole=True),
    ]
