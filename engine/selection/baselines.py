"""What SIFT is measured against: rankings by similarity, marginal relevance, convex reconstruction, and chance.

Each chooses an order of candidates by its own lights; the result is a ``SiftResult`` all the same, with the
gains that this order has under the kernel, so that methods can be compared and shown alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.selection.kernel import Gram
from engine.selection.sift import SiftResult, sift_gram

__all__ = ["convex_reconstruction", "in_order", "marginal_relevance", "nearest", "random_order"]

Array = npt.NDArray[Any]


def in_order(gram: Gram, order: Array, *, noise: float) -> SiftResult:
    """Return the gains of picking ``order`` (n,), distinct candidates, under the kernel and noise λ.

    Given the retriever's own order this is *hybrid* ranking. Raises ValueError for an index that
    does not exist or repeats.
    """
    picks = [int(index) for index in order]
    return sift_gram(gram.qq, gram.qc, gram.cc, len(picks), noise=noise, reselect=False, first=picks)


def nearest(gram: Gram, budget: int, *, noise: float) -> SiftResult:
    """Rank by similarity to the question, k(q,x), ties in the given order."""
    return in_order(gram, np.argsort(-gram.qc[0], kind="stable")[:budget], noise=noise)


def random_order(gram: Gram, budget: int, *, noise: float, seed: int) -> SiftResult:
    """Choose blindly, the same way for the same seed."""
    order = np.random.default_rng(seed).permutation(gram.qc.shape[1])[:budget]
    return in_order(gram, order, noise=noise)


def marginal_relevance(gram: Gram, budget: int, *, noise: float, relevance: float = 0.7) -> SiftResult:
    """Pick by ``relevance`` · k(q,x) − (1 − ``relevance``) · max k(x, picked).

    Carbonell and Goldstein: "The Use of MMR" (SIGIR 1998).
    """
    closest = np.zeros(gram.qc.shape[1])
    order: list[int] = []
    for _ in range(min(budget, closest.size)):
        value = relevance * gram.qc[0] - (1 - relevance) * closest
        value[order] = -np.inf
        order.append(int(value.argmax()))
        np.maximum(closest, gram.cc[order[-1]], out=closest)
    return in_order(gram, np.array(order, dtype=np.int64), noise=noise)


def convex_reconstruction(gram: Gram, budget: int, *, noise: float, steps: int = 200) -> SiftResult:
    """Pick by weight in the convex combination of candidates closest to the question, then by k(q,x).

    The idea of HullFT (2026, arXiv 2605.30337): minimise ‖φ(q) − Σ w_x φ(x)‖² over the simplex, here by ``steps`` of
    Frank and Wolfe (1956) with exact line search. Few candidates have any weight, so ranking fills the budget up.
    """
    asked, between = gram.qc[0], gram.cc
    weights = np.zeros(asked.size)
    if asked.size:
        weights[int(asked.argmax())] = 1.0
    for _ in range(steps):
        gradient = between @ weights - asked
        direction = -weights
        direction[int(gradient.argmin())] += 1.0
        slope, curvature = float(gradient @ direction), float(direction @ between @ direction)
        if slope > -1e-9 or curvature <= 0:
            break
        weights += min(1.0, -slope / curvature) * direction
    order = np.lexsort((-asked, -np.where(weights > 1e-6, weights, 0.0)))
    return in_order(gram, order[:budget], noise=noise)
