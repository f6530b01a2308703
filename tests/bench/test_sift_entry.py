"""The bench's referee, without the peer: it must see a pick that is not the best."""

from __future__ import annotations

import numpy as np
import pytest

from bench.sift import NOISE, TIE, clustered, disagreement, variance_left
from engine.selection.sift import sift


def test_the_referee_accepts_greedy_picks_and_rejects_others() -> None:
    target, candidates = clustered(300, seed=1)
    result = sift(target, candidates, 50, noise=NOISE)
    assert disagreement(target, candidates, result.indices) <= TIE
    assert variance_left(target, candidates, result.indices) == pytest.approx(result.variance[-1], abs=1e-6)
    worse = result.indices.copy()
    worse[10] = int(np.argmin(candidates @ target[0]))
    assert disagreement(target, candidates, worse) > 100 * TIE


def test_the_problem_is_the_same_for_the_same_seed_and_has_clusters() -> None:
    target, candidates = clustered(200, seed=1)
    np.testing.assert_array_equal(candidates, clustered(200, seed=1)[1])
    assert not np.array_equal(candidates, clustered(200, seed=2)[1])
    assert target.shape == (1, 384)
    np.testing.assert_allclose(np.linalg.norm(candidates, axis=1), 1, atol=1e-6)
    similar = np.sort(candidates @ candidates.T, axis=1)[:, -4:-1]  # its three closest, itself left out
    assert similar.mean() > 0.5
