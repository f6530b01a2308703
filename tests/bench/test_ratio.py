from __future__ import annotations

import time

import pytest

from bench.ratio import Ratio, median_seconds


def test_a_ratio_says_how_it_stands_to_what_was_asked() -> None:
    assert Ratio("r", ours=0.01, peer=0.6, must=20, aim=50).verdict == "ok"
    assert Ratio("r", ours=0.01, peer=0.3, must=20, aim=50).verdict == "short of the 50 aimed at"
    assert Ratio("r", ours=0.01, peer=0.1, must=20, aim=50).verdict == "below the 20 it must be"
    assert Ratio("r", ours=0.01, peer=0.001).verdict == "ok"
    assert Ratio("r", ours=0.01, peer=0.6).times == pytest.approx(60)


def test_contenders_take_turns_after_a_round_that_does_not_count() -> None:
    calls: list[str] = []

    def wall() -> None:
        calls.append("wall")
        time.sleep(0.3 if len(calls) == 1 else 0.01)

    def own() -> float:
        calls.append("own")
        return float(len(calls))

    seconds = median_seconds(wall, own, rounds=3)
    assert calls == ["wall", "own"] * 4
    assert 0.01 <= seconds[0] < 0.3
    assert seconds[1] == 6.0  # its own figures, 4, 6 and 8
