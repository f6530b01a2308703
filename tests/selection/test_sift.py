"""SIFT against the textbook: the formula with an explicit inverse, evaluated for every candidate."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.selection.sift import SiftResult, sift, sift_gram

Doubles = npt.NDArray[np.float64]
TOLERANCE = 1e-6


def textbook_variance(k_qq: Doubles, k_qc: Doubles, k_cc: Doubles, picks: list[int], noise: float) -> float:
    """Return the mean over targets of k(q,q) - k_X^T (K_X + λI)^-1 k_X."""
    if not picks:
        return float(np.diag(k_qq).mean())
    inverse = np.linalg.inv(k_cc[np.ix_(picks, picks)] + noise * np.eye(len(picks)))
    k_x = k_qc[:, picks]
    return float(np.mean(np.diag(k_qq) - np.einsum("mi,ij,mj->m", k_x, inverse, k_x)))


def assert_is_textbook(
    result: SiftResult,
    k_qq: Doubles,
    k_qc: Doubles,
    k_cc: Doubles,
    budget: int,
    noise: float,
    reselect: bool,
) -> None:
    """Every variance and gain is the textbook's, and every pick is the best one there was, up to ties."""
    assert len(result.indices) == len(result.gains) == budget
    assert len(result.variance) == budget + 1
    picks: list[int] = []
    before = textbook_variance(k_qq, k_qc, k_cc, picks, noise)
    assert result.variance[0] == pytest.approx(before, abs=TOLERANCE)
    for step, index in enumerate(result.indices.tolist()):
        open_ones = [c for c in range(k_cc.shape[0]) if reselect or c not in picks]
        assert index in open_ones
        after = {c: textbook_variance(k_qq, k_qc, k_cc, [*picks, c], noise) for c in open_ones}
        assert after[index] <= min(after.values()) + TOLERANCE
        assert result.variance[step + 1] == pytest.approx(after[index], abs=TOLERANCE)
        assert result.gains[step] == pytest.approx(before - after[index], abs=TOLERANCE)
        picks.append(index)
        before = after[index]


def unit_rows(rng: np.random.Generator, rows: int, dimensions: int) -> Doubles:
    vectors = rng.normal(size=(rows, dimensions))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


problems = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32 - 1),
        "targets": st.integers(1, 4),
        "candidates": st.integers(1, 12),
        "dimensions": st.integers(1, 8),
        "duplicates": st.integers(0, 4),
        "budget": st.integers(0, 9),
        "noise": st.sampled_from([1e-4, 1e-3, 0.01, 0.3, 5.0]),
        "reselect": st.booleans(),
        "single": st.booleans(),
    }
)


@given(problems)
@settings(max_examples=120, deadline=None, derandomize=True)
def test_variance_gains_and_picks_are_the_textbooks(problem: dict[str, int]) -> None:
    rng = np.random.default_rng(problem["seed"])
    noise, reselect = float(problem["noise"]), bool(problem["reselect"])
    candidates = unit_rows(rng, problem["candidates"], problem["dimensions"])
    copies = rng.integers(len(candidates), size=problem["duplicates"])
    candidates = np.concatenate([candidates, candidates[copies]])
    targets = unit_rows(rng, problem["targets"], problem["dimensions"])
    if problem["single"]:  # the encoder's vectors are float32
        candidates = candidates.astype(np.float32).astype(np.float64)
        targets = targets.astype(np.float32).astype(np.float64)
    budget = problem["budget"] if reselect else min(problem["budget"], len(candidates))
    k_qq, k_qc, k_cc = targets @ targets.T, targets @ candidates.T, candidates @ candidates.T

    by_gram = sift_gram(k_qq, k_qc, k_cc, budget, noise=noise, reselect=reselect)
    assert_is_textbook(by_gram, k_qq, k_qc, k_cc, budget, noise, reselect)
    kind = np.float32 if problem["single"] else np.float64
    by_vectors = sift(targets.astype(kind), candidates.astype(kind), budget, noise=noise, reselect=reselect)
    assert_is_textbook(by_vectors, k_qq, k_qc, k_cc, budget, noise, reselect)


@pytest.mark.parametrize("noise", [0.01, 0.5, 5.0])
def test_an_exact_duplicate_gains_the_known_fraction(noise: float) -> None:
    x = unit_rows(np.random.default_rng(1), 1, 16)
    q = unit_rows(np.random.default_rng(2), 1, 16)
    for result in (
        sift(q, np.concatenate([x, x]), 2, noise=noise, reselect=False),
        sift(q, x, 2, noise=noise, reselect=True),  # picking again is the same observation
    ):
        assert result.gains[1] / result.gains[0] == pytest.approx(noise / (2 + noise), rel=1e-9)


def two_topics() -> tuple[Doubles, Doubles]:
    """Return two orthogonal topics and near-duplicate pairs of each; the first topic's pair lies closer."""
    rng = np.random.default_rng(5)
    first, second = np.eye(8)[0], np.eye(8)[1]
    rows = np.stack([first, first, second * 0.97 + first * 0.1, second * 0.97 + first * 0.1])
    rows = rows + 0.02 * rng.normal(size=rows.shape)
    return np.stack([first, second]), rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("mixed", [True, False], ids=["one mixed target", "two targets"])
def test_the_first_two_picks_cover_both_topics_where_nearest_neighbours_repeat_one(mixed: bool) -> None:
    topics, candidates = two_topics()
    mixture = topics[0] * 1.2 + topics[1]
    targets = (mixture / np.linalg.norm(mixture))[None] if mixed else topics
    nearest = np.argsort(-(mixture @ candidates.T))[:2]
    result = sift(targets, candidates, 2, noise=0.1)
    assert {int(i) // 2 for i in result.indices} == {0, 1}
    if mixed:
        nearest = np.argsort(-(targets[0] @ candidates.T))[:2]
        assert len({int(i) // 2 for i in nearest}) == 1


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=30, deadline=None, derandomize=True)
def test_order_of_the_candidates_does_not_matter_and_variance_never_rises(seed: int, reselect: bool) -> None:
    rng = np.random.default_rng(seed)
    targets, candidates = unit_rows(rng, 3, 12), unit_rows(rng, 40, 12)
    order = rng.permutation(40)
    straight = sift(targets, candidates, 20, noise=0.05, reselect=reselect)
    shuffled = sift(targets, candidates[order], 20, noise=0.05, reselect=reselect)
    assert order[shuffled.indices].tolist() == straight.indices.tolist()
    assert np.all(np.diff(straight.variance) <= 0)
    assert np.all(straight.variance >= -TOLERANCE)
    assert straight.variance[0] - straight.gains.sum() == pytest.approx(straight.variance[-1])


def test_many_candidates_stay_within_tolerance_of_the_textbook() -> None:
    rng = np.random.default_rng(11)
    centres = unit_rows(rng, 10, 64)
    candidates = centres[rng.integers(10, size=3000)] + 0.1 * rng.normal(size=(3000, 64))
    candidates = (candidates / np.linalg.norm(candidates, axis=1, keepdims=True)).astype(np.float32)
    target = unit_rows(rng, 1, 64).astype(np.float32)
    result = sift(target, candidates, 60)
    x, q = candidates[result.indices].astype(np.float64), target.astype(np.float64)
    for n in (1, 20, 60):
        exact = textbook_variance(q @ q.T, q @ x.T, x @ x.T, list(range(n)), 0.01)
        assert result.variance[n] == pytest.approx(exact, abs=TOLERANCE)


def test_adaptive_stopping_ends_at_the_first_deviation_above_the_hyperbola() -> None:
    rng = np.random.default_rng(7)
    target, candidates = unit_rows(rng, 1, 24), unit_rows(rng, 60, 24)
    full = sift(target, candidates, 40, noise=0.1)
    for alpha in (0.05, 0.2, 1.0, 100.0):
        above = [n for n in range(1, 41) if np.sqrt(full.variance[n]) > 1 / (alpha * n)]
        stopped = sift(target, candidates, 40, noise=0.1, alpha=alpha)
        expected = above[0] if above else 40
        assert stopped.indices.tolist() == full.indices[:expected].tolist()
        assert len(stopped.variance) == expected + 1
    assert len(sift(target, candidates, 40, noise=0.1, alpha=100.0).indices) == 1


def test_inputs_are_left_alone() -> None:
    rng = np.random.default_rng(3)
    targets, candidates = unit_rows(rng, 1, 6), unit_rows(rng, 9, 6)
    k = (targets @ targets.T, targets @ candidates.T, candidates @ candidates.T)
    copies = [each.copy() for each in (targets, candidates, *k)]
    sift(targets, candidates, 5)
    sift_gram(*k, 5, noise=0.1, reselect=True)
    for before, after in zip(copies, (targets, candidates, *k), strict=True):
        np.testing.assert_array_equal(before, after)


def test_bad_input_is_refused_with_a_sentence() -> None:
    q, x = np.ones((1, 4)) / 2, np.eye(4)
    bad = x.copy()
    bad[2, 1] = np.nan
    for arguments, options, words in (
        ((q, np.eye(3), 1), {}, "shapes do not fit"),
        ((q[0], x, 1), {}, "shapes do not fit"),
        ((q, bad, 1), {}, "not finite"),
        ((q * np.inf, x, 1), {}, "not finite"),
        ((q, x[:0], 1), {}, "nothing to select"),
        ((q, x, -1), {}, "not be negative"),
        ((q, x, 5), {"reselect": False}, "exceeds the 4 candidates"),
        ((q, x, 1), {"noise": 0.0}, "noise must be positive"),
        ((q, x, 1), {"noise": float("nan")}, "noise must be positive"),
        ((q, x, 1), {"alpha": 0.0}, "alpha must be positive"),
    ):
        with pytest.raises(ValueError, match=words):
            sift(*arguments, **options)
    k = np.eye(4)
    with pytest.raises(ValueError, match="shapes do not fit"):
        sift_gram(np.eye(2), np.ones((1, 4)), k, 1, noise=1.0, reselect=True)
    with pytest.raises(ValueError, match="kernel of candidates holds values"):
        sift_gram(np.eye(1), np.ones((1, 4)), bad, 1, noise=1.0, reselect=True)


@given(problems, st.sampled_from([0.0, 0.5, 1.0]))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_what_fits_is_picked_by_its_gain_for_its_cost(problem: dict[str, int], thrift: float) -> None:
    rng = np.random.default_rng(problem["seed"])
    targets, candidates = (unit_rows(rng, problem[each], problem["dimensions"]) for each in ("targets", "candidates"))
    costs, noise = rng.uniform(1, 10, size=len(candidates)), float(problem["noise"])
    capacity = float(rng.uniform(0, 30))
    k_qq, k_qc, k_cc = targets @ targets.T, targets @ candidates.T, candidates @ candidates.T
    result = sift_gram(
        k_qq, k_qc, k_cc, len(costs), noise=noise, reselect=False, costs=costs, capacity=capacity, thrift=thrift
    )
    picks: list[int] = []
    for index in [*result.indices.tolist(), -1]:
        fitting = [c for c in range(len(costs)) if c not in picks and costs[[*picks, c]].sum() <= capacity + 1e-9]
        if index < 0:
            assert not fitting  # it stops when nothing fits, and no earlier
            break
        before = textbook_variance(k_qq, k_qc, k_cc, picks, noise)
        worth = {
            c: (before - textbook_variance(k_qq, k_qc, k_cc, [*picks, c], noise)) / costs[c] ** thrift for c in fitting
        }
        assert index in worth
        assert worth[index] >= max(worth.values()) - TOLERANCE
        picks.append(index)


def test_costs_that_make_no_sense_are_refused() -> None:
    one = np.ones((1, 1))
    for costs in (np.array([0.0]), np.array([1.0, 1.0]), np.array([np.inf])):
        with pytest.raises(ValueError, match="positive cost"):
            sift_gram(one, one, one, 1, noise=1.0, reselect=True, costs=costs)
    with pytest.raises(ValueError, match="thrift"):
        sift_gram(one, one, one, 1, noise=1.0, reselect=True, costs=np.ones(1), thrift=-1.0)
