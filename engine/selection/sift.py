"""SIFT: choose the points that leave the least uncertainty about the question.

Hübotter, Bongni, Hakimi, Krause: "Efficiently Learning at Test-Time: Active Fine-Tuning of LLMs"
(2024, arXiv 2410.08020). The model's answer at a target q is a linear-Gaussian surrogate with kernel k
and observation noise λ. Having observed X, what is left of its variance is

    σ²(q|X) = k(q,q) − k_Xᵀ (K_X + λI)⁻¹ k_X,

and observing x as well takes off k(q,x|X)² / (k(x,x|X) + λ). Each step takes the largest such gain. A
point may be observed again: another noisy observation of the same value, another gradient step.

Nothing is ever inverted and no K x K matrix updated. With the scaled conditional columns
v_t = k(x_t, ·|X_<t) / √(k(x_t,x_t|X_<t) + λ), the rows of an incremental Cholesky factor,
k(a,b|X) = k(a,b) − Σ_t v_t(a) v_t(b). A step needs one new column, and keeps only the variances (K,)
of the candidates and their covariances (m, K) with the targets.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["SiftResult", "sift", "sift_gram"]

Array = npt.NDArray[Any]
Doubles = npt.NDArray[np.float64]


SINGLE_FROM = 1e-3  # λ, as a share of the largest variance, below which float32 could miss a gain by more than 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class SiftResult:
    """What was picked, in order; n picks.

    ``gains[t]`` is what pick t took off the variance, so ``variance[t + 1] == variance[t] - gains[t]``;
    both are means over the m targets, in the kernel's units (1 = all there is to know when k(q,q) = 1).
    """

    indices: npt.NDArray[np.int64]  # (n,) into the candidates; repeated where a point was picked again
    gains: Doubles  # (n,)
    variance: Doubles  # (n + 1,), starting before the first pick


def sift_gram(
    k_qq: Array,
    k_qc: Array,
    k_cc: Array,
    budget: int,
    *,
    noise: float,
    reselect: bool,
    alpha: float | None = None,
    first: Sequence[int] = (),
    costs: Array | None = None,
    capacity: float = math.inf,
    thrift: float = 0.0,
) -> SiftResult:
    """Pick up to ``budget`` candidates for m targets, given all kernel values.

    ``k_qq`` (m, m), ``k_qc`` (m, K) and ``k_cc`` (K, K, symmetric) are kernel values of targets and
    candidates; ``noise`` is λ > 0 in the kernel's units. With ``reselect`` a candidate may be picked
    more than once. ``alpha`` stops after n ≥ 1 picks as soon as σ_n > 1 / (α n), σ_n being the square
    root of the variance that is left: n picks are worth it only while they bring the deviation below that
    hyperbola. α is in one over (deviation times picks); larger stops earlier, None never does. ``first``
    are candidates that are picked before any choice is made, whatever their gain; they count towards the
    budget, so that a full list of them gives the gains of an order that someone else chose.

    ``costs`` (K,) are positive, in tokens or characters, and all picks together may cost ``capacity``: of the
    candidates that still fit the best is picked, until none does. ``thrift`` divides each gain by its cost to that
    power before they are compared: 0 asks for the most informative pick, 1 for the most information a token.

    Takes O(K n) a pick. Raises ValueError for shapes that do not fit, values that are not finite, and a
    budget that is negative or, without ``reselect``, above K, and candidates in ``first`` that do not exist,
    repeat without ``reselect``, or exceed the budget, and costs that are not positive.
    """
    k_qq, k_qc, k_cc = np.asarray(k_qq), np.asarray(k_qc), np.asarray(k_cc)
    if k_qc.ndim != 2 or k_qq.shape != (k_qc.shape[0],) * 2 or k_cc.shape != (k_qc.shape[1],) * 2:
        raise ValueError(
            f"kernel shapes do not fit: targets {k_qq.shape}, targets by candidates {k_qc.shape}, "
            f"candidates {k_cc.shape}"
        )
    purse = None if costs is None else _Purse(np.asarray(costs, dtype=np.float64), capacity, thrift)
    search = _Search(budget, noise, reselect, alpha, tuple(first), purse)
    search.check(targets=k_qc.shape[0], candidates=k_qc.shape[1])
    for name, values in (("targets", k_qq), ("targets by candidates", k_qc), ("candidates", k_cc)):
        if not np.isfinite(values).all():
            raise ValueError(f"the kernel of {name} holds values that are not finite")

    factor = np.empty((budget, k_cc.shape[0]))  # rows v_t
    count = 0

    def observe(index: int, known: Doubles) -> tuple[Array, Doubles]:
        nonlocal count
        v = np.subtract(k_cc[index], factor[:count, index] @ factor[:count], out=factor[count])
        scale = 1.0 / math.sqrt(v[index] + noise)
        v *= scale
        count += 1
        return v, known * scale

    return search.run(np.array(k_qq.diagonal()), k_qc, np.array(k_cc.diagonal()), observe)


def sift(
    targets: Array,
    candidates: Array,
    budget: int,
    *,
    noise: float = 0.01,
    reselect: bool = True,
    alpha: float | None = None,
) -> SiftResult:
    """Pick up to ``budget`` candidates for m targets under the kernel k(x, y) = x·y.

    ``targets`` (m, d) and ``candidates`` (K, d) are used as they are: unit rows give k(x,x) = 1. The
    other arguments, the result and the errors are those of ``sift_gram``. Takes O(K d) a pick and no
    memory that grows with K times the budget, so K = 100,000 is fine: a pick's column is Φ u, u being the
    chosen row made conditional on the earlier picks. Candidates in float32 are not widened unless λ is tiny:
    float32 decides which gain is the largest (ties are within about 1e-7), float64 says how large it is.
    """
    targets, rows = np.asarray(targets, dtype=np.float64), np.asarray(candidates)
    if targets.ndim != 2 or rows.ndim != 2 or targets.shape[1] != rows.shape[1]:
        raise ValueError(f"vector shapes do not fit: targets {targets.shape}, candidates {rows.shape}")
    search = _Search(budget, noise, reselect, alpha)
    search.check(targets=targets.shape[0], candidates=rows.shape[0])
    variance, diagonal = np.einsum("ij,ij->i", targets, targets), np.einsum("ij,ij->i", rows, rows)
    if not (np.isfinite(diagonal).all() and np.isfinite(variance).all()):  # a bad row makes its square bad
        raise ValueError("the vectors hold values that are not finite")
    if rows.dtype != np.float32 or noise < SINGLE_FROM * diagonal.max():
        rows = rows.astype(np.float64)
        diagonal = np.einsum("ij,ij->i", rows, rows)

    if 3 * len(rows) <= 2 * rows.shape[1]:  # all inner products at once are the cheaper way
        wide = targets.astype(rows.dtype)
        return sift_gram(
            targets @ targets.T, wide @ rows.T, rows @ rows.T, budget, noise=noise, reselect=reselect, alpha=alpha
        )
    basis = np.empty((budget, rows.shape[1]))  # rows u_t, with v_t = Φ u_t
    column = np.empty(len(rows), dtype=rows.dtype)
    count = 0

    def observe(index: int, _: Doubles) -> tuple[Array, Doubles]:
        nonlocal count
        row, earlier, u = rows[index].astype(np.float64), basis[:count], basis[count]
        np.subtract(row, (earlier @ row) @ earlier, out=u)
        u *= 1.0 / np.sqrt(float(u @ row) + noise)
        count += 1
        return np.matmul(rows, u.astype(rows.dtype), out=column), targets @ u

    return search.run(variance, targets.astype(rows.dtype) @ rows.T, diagonal, observe)


@dataclass(frozen=True, slots=True, eq=False)
class _Purse:
    costs: Doubles  # (K,)
    capacity: float
    thrift: float

    def check(self, candidates: int) -> None:
        if self.costs.shape != (candidates,) or not (np.isfinite(self.costs) & (self.costs > 0)).all():
            raise ValueError(f"there must be a positive cost for each of the {candidates} candidates")
        if not self.thrift >= 0:
            raise ValueError(f"the thrift must not be negative, got {self.thrift}")


@dataclass(frozen=True, slots=True)
class _Search:
    budget: int
    noise: float
    reselect: bool
    alpha: float | None
    first: tuple[int, ...] = ()
    purse: _Purse | None = None

    def check(self, *, targets: int, candidates: int) -> None:
        if targets == 0 or candidates == 0:
            raise ValueError(f"there is nothing to select from: {targets} targets, {candidates} candidates")
        if self.budget < 0:
            raise ValueError(f"the budget must not be negative, got {self.budget}")
        if not self.reselect and self.budget > candidates:
            raise ValueError(
                f"the budget {self.budget} exceeds the {candidates} candidates, and none may be picked twice"
            )
        if not (np.isfinite(self.noise) and self.noise > 0):
            raise ValueError(f"the noise must be positive, got {self.noise}")
        if self.alpha is not None and not self.alpha > 0:
            raise ValueError(f"alpha must be positive, got {self.alpha}")
        if not all(0 <= index < candidates for index in self.first):
            raise ValueError(f"a first pick must be one of the {candidates} candidates")
        if len(self.first) > self.budget or (not self.reselect and len(set(self.first)) < len(self.first)):
            raise ValueError(f"the {len(self.first)} first picks exceed the budget or repeat")
        if self.purse is not None:
            self.purse.check(candidates)

    def run(
        self,
        variance: Array,  # (m,) of the targets
        covariance: Array,  # (m, K) of targets and candidates
        diagonal: Array,  # (K,) variance of the candidates
        observe: Callable[[int, Doubles], tuple[Array, Doubles]],
    ) -> SiftResult:
        """Pick greedily. ``observe`` is told each pick x and k(q,x|X) and returns x's conditional column in two parts.

        They are v (K,) for the candidates and w (m,) for the targets, k(x, ·|X) / √(k(x,x|X) + λ), X being
        the picks it was told before.
        """
        indices, gains = np.empty(self.budget, dtype=np.int64), np.empty(self.budget)
        left = np.empty(self.budget + 1)
        left[0] = variance.mean()
        cross = np.array(covariance, dtype=np.float64, order="C")
        denominator = diagonal + np.float64(self.noise)
        gain, product = np.empty_like(denominator), np.empty_like(denominator)
        lone = cross[0] if len(cross) == 1 else None  # one target, the common case, needs no sums
        spent, count = 0.0, 0
        while count < self.budget:
            if count < len(self.first):
                best = self.first[count]
            else:
                if lone is not None:
                    np.multiply(lone, lone, out=gain)
                else:
                    np.einsum("ij,ij->j", cross, cross, out=gain)
                gain /= denominator
                best = self._best(gain, indices[:count], spent)
                if best < 0:
                    break
            if self.purse is not None:
                spent += self.purse.costs[best]
            v, w = observe(best, cross[:, best])
            np.multiply(v, v, out=product)
            denominator -= product
            if lone is not None:
                np.multiply(v, w[0], out=product)
                lone -= product
            else:
                cross -= np.outer(w, v)
            indices[count], gains[count] = best, w @ w / len(w)
            left[count + 1] = left[count] - gains[count]
            count += 1
            if self.alpha is not None and count >= len(self.first):
                deviation = float(np.sqrt(max(left[count], 0.0)))
                if deviation > 1.0 / (self.alpha * count):
                    break
        return SiftResult(indices[:count], gains[:count], left[: count + 1])

    def _best(self, gain: Doubles, taken: npt.NDArray[np.int64], spent: float) -> int:
        """Return the candidate to pick, -1 when none fits; ``gain`` is used up."""
        if not self.reselect:
            gain[taken] = -1.0
        if (purse := self.purse) is None:
            return int(gain.argmax())
        if purse.thrift:
            gain *= purse.costs**-purse.thrift
        gain[purse.costs > purse.capacity - spent] = -1.0
        best = int(gain.argmax())
        return best if gain[best] >= 0 else -1
