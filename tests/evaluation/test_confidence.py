from __future__ import annotations

import json
import math
import threading
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Cancelled, UsageError
from engine.evaluation.confidence import Asked, ask_all, evaluate_confidence, fit, write_calibration
from engine.selection.confidence import Calibration, Signs
from engine.types import Report

EVEN = Calibration(0.0, 1.0, 0.0, 0.0)


def sign(explained: float, missing: float = 0.0) -> Signs:
    return Signs(explained, 0.5, missing)


def asked(of: str, where: str, explained: float, missing: float = 0.0) -> Asked:
    return Asked("q", of, where, sign(explained, missing), spelled=False)


def many(names: str, *, seed: int = 0, shift: float = 3.0) -> list[Asked]:
    """Return sixty questions a repository: own ones explain more by ``shift``, foreign ones name what is missing."""
    rng = np.random.default_rng(seed)
    found = []
    for where in names:
        for n in range(60):
            of = where if n % 2 else names[(names.index(where) + 1) % len(names)]
            explained = rng.normal() + (shift if of == where else 0.0)
            found.append(asked(of, where, explained, float(of != where and rng.random() < 0.5)))
    return found


def test_every_repository_is_asked_its_own_and_as_many_others() -> None:
    questions = {"a": ["a1", "a2", "a3", "a4"], "b": ["b1", "b2"], "c": ["c1", "c2", "c3"]}
    seen: list[tuple[str, str]] = []
    reports: list[Report] = []

    def look(where: str, question: str) -> tuple[Signs, bool]:
        seen.append((where, question))
        return sign(0.0), False

    looks = {name: (lambda question, name=name: look(name, question)) for name in questions}
    found = ask_all(questions, looks, progress=reports.append)
    assert len(found) == len(seen) == 18
    for name, own in questions.items():
        here = [each for each in found if each.asked == name]
        assert [each.question for each in here if each.own] == own
        assert sum(not each.own for each in here) == len(own)
        assert all(each.question.startswith(each.of) for each in here)
    assert {each.of for each in found if each.asked == "a"} == {"a", "b", "c"}
    assert (reports[-1].done, reports[-1].total) == (18, 18)
    assert ask_all(questions, looks) == found


def test_one_repository_alone_and_being_stopped() -> None:
    with pytest.raises(UsageError, match="at least two"):
        ask_all({"a": ["a1"]}, {"a": lambda _: (sign(0), False)})
    with pytest.raises(UsageError, match="at least two"):
        ask_all({"a": ["a1"], "b": []}, {})
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled, match="0 of 4"):
        ask_all({"a": ["a1"], "b": ["b1"]}, {}, cancel=stop)


def test_a_fit_finds_the_odds_that_made_the_labels() -> None:
    rng = np.random.default_rng(1)
    found = []
    for explained in rng.normal(size=4000):
        own = rng.random() < 1 / (1 + math.exp(-(0.5 + 2.0 * explained)))
        found.append(asked("a" if own else "b", "a", float(explained)))
    calibrated = fit(found)
    share = np.mean([each.own for each in found])
    assert calibrated.explained == pytest.approx(2.0, rel=0.1)
    # Own and foreign weigh the same, which moves the intercept by the odds of the shares.
    assert calibrated.intercept == pytest.approx(0.5 - math.log(share / (1 - share)), abs=0.15)
    assert calibrated.agreement == calibrated.missing == 0.0  # the same for every question


def test_a_sign_that_says_everything_stays_finite() -> None:
    found = [asked("a", "a", 0.0)] * 20 + [asked("b", "a", 0.0, missing=1.0)] * 20
    calibrated = fit(found)
    assert -20 < calibrated.missing < -2
    assert calibrated.value(sign(0.0)) > 0.9 > 0.1 > calibrated.value(sign(0.0, 1.0))
    assert fit(found, ["explained"]).missing == 0.0
    with pytest.raises(UsageError, match="needs questions"):
        fit(found[:20])
    with pytest.raises(UsageError, match="needs questions"):
        fit([])


def test_auc_by_hand() -> None:
    found = [asked("a", "a", 0.9), asked("a", "a", 0.4), *(asked("b", "a", value) for value in (0.1, 0.4, 0.8))]
    found += [asked("b", "b", 1.0), asked("a", "b", 0.0)]
    result = evaluate_confidence(found, EVEN)
    assert result.n == 3
    assert result.figures["auc"] == pytest.approx((3 / 3 + 1.5 / 3 + 1.0) / 3)
    assert result.figures["auc.agreement"] == 0.5


def test_a_repository_does_not_choose_its_own_calibration() -> None:
    # In "z" the sign means the opposite: fitted on it, it would be right there; held out, it must be wrong.
    turned = [asked(each.of, each.asked, -each.signs.explained) for each in many("xyz") if each.asked == "z"]
    plain = [asked(each.of, each.asked, each.signs.explained) for each in many("xyz") if each.asked != "z"]
    figures = evaluate_confidence([*plain, *turned], EVEN).figures
    assert figures["auc.held_out.x"] > 0.9
    assert figures["auc.held_out.z"] < 0.1


def test_signs_together_tell_more_and_levels_are_shares() -> None:
    figures = evaluate_confidence(many("wxyz", shift=1.5), EVEN).figures
    assert figures["auc.held_out"] > figures["auc.explained"] > 0.75
    assert figures["auc.missing"] == pytest.approx(0.75, abs=0.06)
    assert figures["says.own"] > figures["says.foreign"]
    assert figures["silent.foreign"] >= figures["silent.own"]


def test_own_questions_alone_are_refused() -> None:
    with pytest.raises(UsageError):
        evaluate_confidence([asked("a", "a", 0.0), asked("b", "b", 0.0), asked("a", "b", 0.0)], EVEN)


def test_a_fit_is_written_beside_those_of_the_other_tiers(tmp_path: Path) -> None:
    file = tmp_path / "confidence.json"
    write_calibration(file, "static", Calibration(1, 2, 3, -4.00049))
    write_calibration(file, "lexical", Calibration(0, 1, 0, -1))
    write_calibration(file, "static", Calibration(5, 6, 7, -8))
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "static": {"intercept": 5, "explained": 6, "agreement": 7, "missing": -8},
        "lexical": {"intercept": 0, "explained": 1, "agreement": 0, "missing": -1},
    }
    file.write_text("no table", encoding="utf-8")
    with pytest.raises(UsageError, match="no table"):
        write_calibration(file, "static", Calibration(1, 2, 3, 4))
