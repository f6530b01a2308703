"""SIFT over very many candidates: the gains of most of them are bounded, not computed.

The candidates that the targets know most of form the frontier, within which SIFT goes on as ever; all that lies beyond
has one common bound. When that exceeds the best gain within, one product with all vectors says anew what the targets
know of each, and the frontier is drawn again, twice as large if it did not last. With the scaled column v_t of
pick t, its entry w_t at a target, and c_t² = k(x_t,x_t|X_<t) / (k(x_t,x_t|X_<t) + λ), Cauchy-Schwarz in the conditional
kernel gives |v_t(x)| ≤ √k(x,x) c_t, and so after T picks, s of them at the last drawing, for every x

    |k(q,x|X_T)| ≤ |k(q,x|X_s)| + √k(x,x) Σ_{s<t≤T} |w_t| c_t,      k(x,x|X_T) ≥ k(x,x) Π_{t≤T} (1 − c_t²),
    k(q,x|X_T)² ≤ σ²(q|X_T) k(x,x).

The usual lazy greedy choice (Minoux 1978) takes stale gains for bounds, which holds only where an objective is
submodular, and this one is not for every target. These bounds hold for every target. They are tight where a single pick
says little, for a λ as large as evidence is chosen with; for a tiny λ the frontier grows to all candidates.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.selection.sift import SINGLE_FROM, Array, Doubles, SiftResult

__all__ = ["Frontier", "sift_lazy"]

_START = 2048  # candidates in the first frontier
_LASTS = 3  # picks that a drawing has to last for, else the next one is twice as large
_SLACK = 2e-6  # by which rounding in float32 may move an inner product of unit vectors


class Frontier:
    """The candidates whose gains are computed, and what those of the others can be at most.

    ``targets`` (m, d) in float64, ``rows`` (K, d), noise λ, at most ``budget`` picks.
    """

    def __init__(self, targets: Doubles, rows: Array, noise: float, budget: int) -> None:
        self._targets, self._rows, self._noise = targets, rows, noise
        self._unknown = targets.copy()  # (m, d): k(q,x|X) = x · row, what the picks have not told about a target
        own = np.einsum("ij,ij->i", rows, rows)
        self._least, self._most = float(own.min()), float(own.max())
        self._basis = np.empty((budget, rows.shape[1]))  # u_t: v_t(x) = x·u_t
        self._count = self._drawn = 0  # picks, and picks at the last drawing
        self._size = max(1, _START // 2)  # the first drawing doubles it
        self.variance = np.einsum("ij,ij->i", targets, targets)  # (m,) of the targets, given the picks
        self._kept = 1.0  # Π (1 − c_t²)
        self.draw()

    def beyond(self) -> float:
        """Return what no gain beyond the frontier exceeds; below zero when there is nothing beyond."""
        if len(self.indices) == len(self._rows):
            return -1.0
        most = self._key + np.sqrt(self._most) * float(np.linalg.norm(self._moved))
        by_moves = most * most / (self._noise + self._least * self._kept)
        by_variance = float(self.variance.sum()) * self._most / (self._most + self._noise)
        return float(min(by_moves, by_variance)) / len(self._targets) * (1 + _SLACK)

    def draw(self) -> None:
        """Draw the frontier around the candidates that the targets know most of now."""
        if self._count - self._drawn < _LASTS:
            self._size *= 2
        self._drawn, self._moved = self._count, np.zeros(len(self._targets))  # Σ |w_t| c_t since then
        size, rows = min(self._size, len(self._rows)), self._rows
        cross = self._unknown.astype(rows.dtype) @ rows.T  # (m, K)
        squares = np.einsum("ij,ij->j", cross, cross)
        order = np.argpartition(-squares, size - 1) if size < len(rows) else np.arange(len(rows))
        beyond = squares[order[size:]]
        self._key = float(np.sqrt(beyond.max())) + _SLACK if beyond.size else 0.0
        self.indices = np.sort(order[:size])  # (n,) of the candidates within
        self._inside = rows[self.indices]
        columns = (self._inside @ self._basis[: self._count].T.astype(rows.dtype)).astype(np.float64)  # (n, T)
        self._cross = (self._unknown.astype(rows.dtype) @ self._inside.T).astype(np.float64)
        own = np.einsum("ij,ij->i", self._inside, self._inside).astype(np.float64)
        self._denominator = own - np.einsum("ij,ij->i", columns, columns) + self._noise

    def gains(self) -> Doubles:
        """Return (n,): the gains within, means over the targets."""
        total = np.einsum("ij,ij->j", self._cross, self._cross)
        return np.asarray(total / self._denominator / len(self._targets))

    def observe(self, at: int) -> float:
        """Take the candidate at position ``at`` of the frontier for picked and return its gain."""
        earlier = self._basis[: self._count]
        row = self._inside[at].astype(np.float64)
        u = row - (earlier @ row) @ earlier
        own = max(float(u @ row), 0.0)
        u /= np.sqrt(own + self._noise)
        v, w = (self._inside @ u.astype(self._inside.dtype)).astype(np.float64), self._targets @ u
        self._basis[self._count] = u
        self._count += 1
        self._unknown -= np.outer(w, u)
        self._cross -= np.outer(w, v)
        self._denominator -= v * v
        share = own / (own + self._noise)  # c_t²
        self._moved += np.abs(w) * np.sqrt(share)
        self._kept *= 1.0 - share
        self.variance = self.variance - w * w
        return float(w @ w) / len(w)


def sift_lazy(targets: Array, candidates: Array, budget: int, *, noise: float, reselect: bool = True) -> SiftResult:
    """Return what ``sift`` returns, up to ties, without computing gains that cannot be the largest.

    ``targets`` (m, d) and ``candidates`` (K, d). Takes O(K d) a drawing and O(n d) a pick, n being the size of the
    frontier. Raises ValueError as ``sift`` does.
    """
    targets, rows = np.asarray(targets, dtype=np.float64), np.asarray(candidates)
    if targets.ndim != 2 or rows.ndim != 2 or targets.shape[1] != rows.shape[1] or not len(targets) or not len(rows):
        raise ValueError(f"vector shapes do not fit: targets {targets.shape}, candidates {rows.shape}")
    if not (np.isfinite(noise) and noise > 0) or budget < 0 or (not reselect and budget > len(rows)):
        raise ValueError(f"the budget {budget} or the noise {noise} does not fit {len(rows)} candidates")
    squares = np.einsum("ij,ij->i", rows, rows)
    if not (np.isfinite(squares).all() and np.isfinite(targets).all()):  # a bad row makes its square bad
        raise ValueError("the vectors hold values that are not finite")
    if rows.dtype != np.float32 or noise < SINGLE_FROM * squares.max():
        rows = rows.astype(np.float64)
    frontier = Frontier(targets, rows, noise, budget)
    indices, gains = np.empty(budget, dtype=np.int64), np.empty(budget)
    left = np.empty(budget + 1)
    left[0] = frontier.variance.mean()
    for count in range(budget):
        at = _largest(frontier, indices[: 0 if reselect else count])
        indices[count], gains[count] = frontier.indices[at], frontier.observe(at)
        left[count + 1] = left[count] - gains[count]
    return SiftResult(indices, gains, left)


def _largest(frontier: Frontier, taken: npt.NDArray[np.int64]) -> int:
    """Return the position in the frontier of the largest gain there is; ``taken`` are out of question."""
    while True:
        gains = frontier.gains()
        if taken.size:
            gains[np.isin(frontier.indices, taken)] = -np.inf
        best = int(gains.argmax())
        if gains[best] >= frontier.beyond():
            return best
        frontier.draw()
