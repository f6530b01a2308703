from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tuning.gate import MOST_HARM, choose_held_out, harm_of, judge
from tests.tuning.conftest import function, pick

# In nats, to a millionth: a difference that vanishes in the mean of others is none.
LOSS = st.floats(0, 10).map(lambda value: round(value, 6))
LOSSES = st.lists(st.tuples(LOSS, LOSS), min_size=2, max_size=20)


def test_a_clear_gain_is_kept() -> None:
    result = judge([2.0, 3.0, 4.0], [1.5, 2.4, 3.6])
    assert result.keep
    assert result.loss_before == pytest.approx(3.0)
    assert result.loss_after == pytest.approx(2.5)
    assert result.improvement == pytest.approx(0.5)
    assert result.standard_error == pytest.approx(0.1 / 3**0.5)  # sample deviation of 0.5, 0.6, 0.4 over √3


def test_a_gain_within_chance_is_dropped() -> None:
    result = judge([2.0, 2.0], [1.0, 2.9])
    assert not result.keep and result.improvement > 0
    assert "chance" in result.reason


def test_harm_and_no_change_are_dropped() -> None:
    assert not judge([2.0, 2.0], [2.1, 2.1]).keep
    assert not judge([2.0, 2.0], [2.0, 2.0]).keep


def test_a_gain_that_costs_everything_else_is_dropped_and_says_so() -> None:
    before, after = [2.0, 3.0, 4.0], [1.5, 2.4, 3.6]
    assert judge(before, after, {"plain English": MOST_HARM, "code": -0.1}).keep
    result = judge(before, after, {"plain English": 0.031, "code": 0.025})
    assert not result.keep and result.loss_after < result.loss_before
    assert (
        result.reason.startswith("Dropped: the loss fell") and "but on plain English it rose by 3.1 %" in result.reason
    )
    assert "rose" not in judge(before, before, {"code": 0.5}).reason  # what did not help has not cost anything


def test_harm_is_a_share_of_the_loss() -> None:
    assert harm_of([2.0, 3.0], [2.1, 3.0]) == pytest.approx(0.02)
    assert harm_of([2.0], [1.0]) == -0.5
    for pair in (([], []), ([1.0], [1.0, 2.0])):
        with pytest.raises(ValueError, match="as many pairs"):
            harm_of(*pair)


@given(LOSSES)
def test_kept_means_better_on_average(pairs: list[tuple[float, float]]) -> None:
    result = judge([a for a, _ in pairs], [b for _, b in pairs])
    assert result.keep == (result.improvement > result.standard_error)
    if result.keep:
        assert result.loss_after < result.loss_before


@pytest.mark.parametrize(("before", "after"), [([1.0], [0.5]), ([1.0, 2.0], [1.0])])
def test_too_few_or_unpaired_losses_are_refused(before: list[float], after: list[float]) -> None:
    with pytest.raises(ValueError, match="pairs are needed"):
        judge(before, after)


def test_held_out_are_the_best_that_are_not_trained_on() -> None:
    copy = function(1, path="copy.py")
    ranked = [function(1), copy, function(2), function(2, path="other.py"), function(3), function(4)]
    held_out = choose_held_out(ranked, [pick(1), pick(3)], limit=2)
    assert held_out == (function(2), function(4))


def test_lines_that_were_trained_on_with_another_chunk_are_not_held_out() -> None:
    wide = replace(pick(2), chunk=replace(function(2), first_line=function(1).last_line))
    assert choose_held_out([function(1), function(2), function(3)], [wide]) == (function(3),)
    elsewhere = replace(wide, chunk=replace(wide.chunk, path="other.py"))
    assert choose_held_out([function(1), function(3)], [elsewhere]) == (function(1), function(3))
