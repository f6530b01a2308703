"""The lazy search against ``sift``, and its bound against the gains it claims to bound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.selection import lazy
from engine.selection.lazy import Frontier, sift_lazy
from engine.selection.sift import sift
from tests.selection.test_sift import Doubles, unit_rows

problems = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32 - 1),
        "targets": st.integers(1, 3),
        "candidates": st.integers(1, 60),
        "dimensions": st.integers(1, 12),
        "budget": st.integers(0, 12),
        "noise": st.sampled_from([1e-3, 0.1, 1.0, 14.0]),
        "reselect": st.booleans(),
        "start": st.sampled_from([1, 2, 8, 64]),
    }
)


def problem_of(values: dict[str, int]) -> tuple[Doubles, Doubles, int]:
    rng = np.random.default_rng(values["seed"])
    targets = unit_rows(rng, values["targets"], values["dimensions"])
    lengths = rng.uniform(0.5, 1.0, size=(values["candidates"], 1))
    rows = unit_rows(rng, values["candidates"], values["dimensions"]) * lengths
    budget = values["budget"] if values["reselect"] else min(values["budget"], values["candidates"])
    return targets, rows, budget


@given(problems)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_the_picks_are_those_of_the_eager_search_up_to_ties(values: dict[str, int]) -> None:
    targets, rows, budget = problem_of(values)
    noise, reselect = float(values["noise"]), bool(values["reselect"])
    expected = sift(targets, rows, budget, noise=noise, reselect=reselect)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lazy, "_START", values["start"])
        found = sift_lazy(targets, rows, budget, noise=noise, reselect=reselect)
    np.testing.assert_allclose(found.variance, expected.variance, atol=1e-9)
    np.testing.assert_allclose(found.gains, expected.gains, atol=1e-9)
    assert reselect or len(set(found.indices.tolist())) == budget


@given(problems)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_no_gain_beyond_the_frontier_exceeds_the_bound(values: dict[str, int]) -> None:
    targets, rows, budget = problem_of(values)
    noise = float(values["noise"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lazy, "_START", values["start"])
        frontier = Frontier(targets, rows, noise, budget)
        picks: list[int] = []
        for _ in range(budget):
            cross, own = targets @ rows.T, np.einsum("ij,ij->i", rows, rows)
            if picks:
                observed = rows[picks] @ rows.T
                weights = np.linalg.solve(rows[picks] @ rows[picks].T + noise * np.eye(len(picks)), observed)
                cross = cross - (targets @ rows[picks].T) @ weights
                own = own - np.einsum("ij,ij->j", observed, weights)
            gains = np.einsum("ij,ij->j", cross, cross) / (own + noise) / len(targets)
            beyond = np.setdiff1d(np.arange(len(rows)), frontier.indices)
            if beyond.size:
                assert gains[beyond].max() <= frontier.beyond() + 1e-9
            np.testing.assert_allclose(frontier.gains(), gains[frontier.indices], atol=1e-7)
            at = int(frontier.gains().argmax())  # the best within, so that the frontier is seldom drawn anew
            picks.append(int(frontier.indices[at]))
            frontier.observe(at)
            if len(picks) % 4 == 0:
                frontier.draw()


def test_single_precision_and_many_candidates() -> None:
    rng = np.random.default_rng(4)
    rows = unit_rows(rng, 9000, 32).astype(np.float32)
    target = unit_rows(rng, 1, 32).astype(np.float32)
    for noise in (0.01, 14.0):
        expected, found = (f(target, rows, 30, noise=noise, reselect=False) for f in (sift, sift_lazy))
        np.testing.assert_allclose(found.variance, expected.variance, atol=1e-5)
    frontier = Frontier(target.astype(np.float64), rows, 14.0, 30)
    for _ in range(3):
        frontier.observe(int(frontier.gains().argmax()))
    assert len(frontier.indices) < 9000 / 4  # what it is for
    assert frontier.gains().max() > frontier.beyond()


def test_senseless_requests_are_refused() -> None:
    rows = unit_rows(np.random.default_rng(0), 4, 3)
    for arguments, options in (
        ((rows[:1], rows[:, :2], 1), {}),
        ((rows[:0], rows, 1), {}),
        ((rows[:1], rows[:0], 1), {}),
        ((rows[:1], rows, -1), {}),
        ((rows[:1], rows, 5), {"reselect": False}),
        ((rows[:1], rows, 1), {"noise": 0.0}),
        ((rows[:1], rows * np.nan, 1), {}),
    ):
        with pytest.raises(ValueError, match=r"fit|finite"):
            sift_lazy(*arguments, **{"noise": 1.0, **options})  # type: ignore[arg-type]
