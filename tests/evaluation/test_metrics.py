from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.metrics import (
    bootstrap_interval,
    held_out_choice,
    paired_bootstrap,
    paired_bootstrap_of_repositories,
    summarise,
)


def test_interval_is_the_normal_one_for_a_large_sample_and_repeats_with_its_seed() -> None:
    values = np.random.default_rng(1).normal(loc=3.0, scale=2.0, size=4000)
    low, high = bootstrap_interval(values)
    half = 1.96 * values.std() / np.sqrt(values.size)
    assert low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert high == pytest.approx(values.mean() + half, abs=0.1 * half)
    assert bootstrap_interval(values) == (low, high)
    assert bootstrap_interval(values, seed=1) != (low, high)


def test_interval_covers_the_true_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for seed in range(200):
        low, high = bootstrap_interval(rng.binomial(1, 0.7, size=60), seed=seed, resamples=1000)
        covered += low <= 0.7 <= high
    assert 178 <= covered <= 199  # 95 % of 200 is 190


def test_pairing_finds_a_small_difference_that_separate_intervals_hide() -> None:
    rng = np.random.default_rng(3)
    difficulty = rng.normal(size=80)
    a, b = difficulty, difficulty + 0.1 + 0.02 * rng.normal(size=80)
    difference = paired_bootstrap(a, b)
    assert difference.mean == pytest.approx((b - a).mean())
    assert 0.08 < difference.low < difference.mean < difference.high < 0.12
    assert bootstrap_interval(a)[1] > bootstrap_interval(b)[0]
    assert paired_bootstrap(b, a).mean == pytest.approx(-difference.mean)


def test_items_a_figure_does_not_apply_to_are_left_out() -> None:
    nan = float("nan")
    result = summarise({"a": [1.0, 0.0, nan, 1.0], "nowhere": [nan] * 4}, 4, 0.5)
    assert result.figures == {"a": pytest.approx(2 / 3)}
    assert result.interval95["a"] == (0.0, 1.0)
    assert result.as_json() == {
        "n": 4,
        "figures": {"a": pytest.approx(2 / 3)},
        "interval95": {"a": [0.0, 1.0]},
        "seconds": 0.5,
    }
    better = summarise({"a": [1.0, 1.0, 1.0, nan]}, 4, 0.5).minus(result)
    assert better["a"].mean == pytest.approx(0.5)  # items 0 and 1 are what both have


def test_what_cannot_be_resampled_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        bootstrap_interval([])
    with pytest.raises(ValueError, match="all of them finite"):
        bootstrap_interval([1.0, float("nan")])
    with pytest.raises(ValueError, match="of one length"):
        paired_bootstrap([1.0], [1.0, 2.0])


def test_an_interval_is_the_same_however_the_draws_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(4).normal(size=50)
    whole = bootstrap_interval(values)
    monkeypatch.setattr("engine.evaluation.metrics._DRAWN_AT_ONCE", 777)
    assert bootstrap_interval(values) == whole


def test_every_repository_weighs_the_same_in_a_difference() -> None:
    a = {"small": [0.0, 0.0], "large": [0.0] * 200}
    b = {"small": [1.0, 1.0], "large": [0.0] * 200}
    difference = paired_bootstrap_of_repositories(a, b)
    assert (difference.mean, difference.low, difference.high) == (0.5, 0.5, 0.5)  # pooled it would be 0.01


def test_the_interval_of_one_repository_is_the_paired_one_and_more_repositories_narrow_it() -> None:
    rng = np.random.default_rng(5)
    a, b = ({name: rng.normal(size=60) + shift for name in "xyz"} for shift in (0.0, 0.2))
    alone = paired_bootstrap_of_repositories({"x": a["x"]}, {"x": b["x"]})
    assert alone == paired_bootstrap(a["x"], b["x"])
    together = paired_bootstrap_of_repositories(a, b)
    assert together.high - together.low < 0.8 * (alone.high - alone.low)
    with pytest.raises(ValueError, match="same repositories"):
        paired_bootstrap_of_repositories(a, {"x": b["x"]})


def test_a_setting_for_a_repository_is_never_chosen_on_it() -> None:
    # "good for x" would win on x, and on the mean of all three, but not on y and z.
    results = {
        "good for x": {"x": [1.0, 1.0], "y": [0.3], "z": [0.3, float("nan")]},
        "plain": {"x": [0.2, 0.4], "y": [0.4], "z": [0.5, 0.7]},
    }
    found = held_out_choice(results)
    assert found.chosen == {"x": "plain", "y": "good for x", "z": "good for x"}
    assert found.figures == {"x": pytest.approx(0.3), "y": 0.3, "z": 0.3}
    assert found.mean == pytest.approx(0.3)
    assert found.samples["x"].tolist() == [0.2, 0.4]


def test_of_equal_settings_the_first_is_chosen() -> None:
    assert held_out_choice({8: {"x": [1], "y": [1]}, 2: {"x": [1], "y": [1]}}).chosen == {"x": 8, "y": 8}


def test_a_choice_needs_repositories_to_choose_on() -> None:
    with pytest.raises(ValueError, match="at least two"):
        held_out_choice({"a": {"x": [1.0]}})
    with pytest.raises(ValueError, match="at least two"):
        held_out_choice({})
    with pytest.raises(ValueError, match="the same repositories"):
        held_out_choice({"a": {"x": [1.0], "y": [1.0]}, "b": {"x": [1.0]}})
