from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.selection.confidence import SAYS, SILENT, assess
from engine.types import Candidates, Tier
from tests.selection.factory import make


def with_similarity(cosine: float, tier: Tier) -> Candidates:
    """Return one candidate whose kernel value with the question is ``cosine`` in every tier."""
    other = (1 - cosine**2) ** 0.5
    candidates = make("wanted", ["found"], question_vector=[1, 0], vectors=[[cosine, other]])
    terms = {"question_terms": {"a": 1.0}, "terms": ({"a": cosine, "b": other},)}
    if tier == "lexical":
        candidates = replace(candidates, vectors=np.empty((1, 0), np.float32), question_vector=np.empty(0, np.float32))
    return replace(candidates, tier=tier, **terms)  # type: ignore[arg-type]


@pytest.mark.parametrize("tier", ["transformer", "static", "lexical"])
def test_confidence_rises_with_what_the_best_chunk_explains(tier: Tier) -> None:
    found = [assess(with_similarity(cosine, tier)) for cosine in (0.01, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5, 1.0)]
    values = [each.value for each in found]
    assert values == sorted(values)
    assert all(0 <= value <= 1 for value in values)
    assert found[0].level == "silent"
    assert found[-1].level == found[-2].level == "says"
    for each in found:
        expected = "says" if each.value >= SAYS else "hints" if each.value >= SILENT else "silent"
        assert each.level == expected


def test_a_better_chunk_decides_however_many_bad_ones_there_are() -> None:
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
