from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from engine import paths
from engine.errors import StorageError
from engine.selection import confidence
from engine.selection.confidence import SAYS, SILENT, Calibration, Signs, assess, calibration, judge, signs_of
from engine.selection.kernel import kernel
from engine.types import Candidates, MissingName, Tier
from tests.selection.factory import generated, make

MISSING = (MissingName("frobnicate", "symbol"),)


def with_similarity(cosine: float, tier: Tier, count: int = 5) -> Candidates:
    """Return candidates alike, whose kernel value with the question is ``cosine`` in every tier."""
    other = (1 - cosine**2) ** 0.5
    candidates = make("wanted", ["found"] * count, question_vector=[1, 0], vectors=[[cosine, other]] * count)
    terms = {"question_terms": {"a": 1.0}, "terms": ({"a": cosine, "b": other},) * count}
    if tier == "lexical":
        empty = np.empty((count, 0), np.float32)
        candidates = replace(candidates, vectors=empty, question_vector=np.empty(0, np.float32))
    return replace(candidates, tier=tier, **terms)  # type: ignore[arg-type]


@pytest.mark.parametrize("tier", get_args(Tier))
def test_confidence_rises_with_what_the_chunks_explain(tier: Tier) -> None:
    found = [assess(with_similarity(cosine, tier)) for cosine in (0.005, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)]
    values = [each.value for each in found]
    assert values == sorted(values)
    assert all(0 <= value <= 1 for value in values)
    assert found[0].level == "silent"
    assert found[-1].level == found[-2].level == "says"
    for each in found:
        expected = "says" if each.value >= SAYS else "hints" if each.value >= SILENT else "silent"
        assert each.level == expected


def test_what_is_explained_is_the_posterior_variance_of_five_picks() -> None:
    candidates = generated(30, seed=3)
    gram = kernel(candidates)
    best = 1.0  # of five picks, by trying: each greedily the one that leaves the least variance
    picked: list[int] = []
    for _ in range(5):
        left: list[float] = []
        for one in range(30):
            rows = [*picked, one]
            observed = gram.cc[np.ix_(rows, rows)] + 10.0 * np.eye(len(rows))
            variance = 1 - gram.qc[0, rows] @ np.linalg.solve(observed, gram.qc[0, rows])
            left.append(2.0 if one in picked else float(variance))
        picked.append(int(np.argmin(left)))
        best = min(left)
    assert signs_of(candidates).explained == pytest.approx(math.log(1 - best), abs=1e-4)


def test_agreement_is_what_both_rankings_put_first() -> None:
    texts = [f"word{n}" for n in range(8)]
    same = make("word0 word1", texts, question_vector=[1, 0], vectors=np.array([[1, 0], [1, 0.1], *[[0, 1]] * 6]))
    other = make("word0 word1", texts, question_vector=[1, 0], vectors=np.array([*[[0, 1]] * 6, [1, 0], [1, 0.1]]))
    assert signs_of(same).agreement == 1.0  # a quarter of eight: the first two of each
    assert signs_of(other).agreement == 0.0
    assert signs_of(make("word0", texts)).agreement == 0.0  # there is one ranking only


@pytest.mark.parametrize("tier", get_args(Tier))
def test_a_name_that_does_not_exist_is_never_said(tier: Tier) -> None:
    strong = with_similarity(1.0, tier)
    assert assess(strong).level == "says"
    refused = assess(strong, MISSING)
    assert refused.level == "hints"
    assert refused.value < SAYS
    faint = with_similarity(0.2, tier)
    assert assess(faint, MISSING).value < assess(faint).value
    assert assess(with_similarity(0.05, tier), MISSING).level == "silent"


def test_levels() -> None:
    assert judge(SAYS, refused=False, spelled=False).level == "says"
    assert judge(0.99, refused=True, spelled=True).level == "hints"
    assert judge(SILENT, refused=False, spelled=False).level == "hints"
    assert judge(SILENT / 2, refused=True, spelled=False).level == "silent"
    assert judge(0.0, refused=True, spelled=True).level == "hints"


def test_a_good_chunk_decides_however_many_bad_ones_there_are() -> None:
    texts = ["parse cookies header", *[f"filler{n} nothing{n}" for n in range(20)]]
    assert assess(make("how is the cookies header parsed", texts)).level == "says"
    assert assess(make("how is the cookies header parsed", texts[1:])).level == "silent"


def test_a_spelled_name_is_never_met_with_silence() -> None:
    texts = ["alpha beta", "gamma delta"]  # name0 and name1 are their symbols
    assert assess(make("what does name1 do", texts)).level == "hints"
    assert assess(make("what does name9 do", texts)).level == "silent"
    assert assess(make("what is in", texts)).level == "silent"


def test_nothing_found_is_silence() -> None:
    assert assess(make("q", [])).level == "silent"
    assert assess(make("q", [])).value == 0
    opposite = make("q", ["x"], question_vector=[1, 0], vectors=[[-1, 0]])
    assert assess(opposite).value == 0


def test_the_shipped_table_has_every_tier_and_weighs_every_sign_the_right_way() -> None:
    for tier in get_args(Tier):
        found = calibration(tier)
        assert found.explained > 0 > found.missing
        assert found.agreement >= 0
        assert found.value(Signs(-1.0, 0.5, 0.0)) > found.value(Signs(-6.0, 0.5, 0.0))
    assert Calibration(1e9, 0, 0, 0).value(Signs(0, 0, 0)) == pytest.approx(1)
    assert Calibration(-1e9, 0, 0, 0).value(Signs(0, 0, 0)) == pytest.approx(0)


@pytest.mark.parametrize("text", ["", "[]", '{"static": {"slope": 1}}', '{"static": 1}'])
def test_a_damaged_table_is_one_sentence(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "confidence.json").write_text(text, encoding="utf-8")
    monkeypatch.setattr(paths, "resources", lambda: tmp_path)
    confidence._table.cache_clear()
    try:
        with pytest.raises(StorageError, match="install Sidetune again"):
            calibration("static")
        (tmp_path / "confidence.json").write_text(json.dumps({"static": {}}), encoding="utf-8")
    finally:
        confidence._table.cache_clear()
