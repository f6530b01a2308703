from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import UsageError
from engine.selection.kernel import Gram, kernel
from engine.selection.select import (
    EVIDENCE_NOISE,
    EVIDENCE_WEIGHTS,
    EXAMPLE_NOISE,
    select_evidence,
    select_examples,
)
from engine.selection.sift import sift_gram
from engine.types import Candidates, Focus, Selected
from tests.selection.factory import generated, make

TOPICS = make(
    "how are cookies parsed and sessions opened",
    ["parse cookies header", "parse cookies header", "open session sessions", "unrelated words entirely"],
    scores=[0.9, 0.8, 0.7, 0.1],
)


def evidence_kernel(candidates: Candidates) -> Gram:
    return kernel(candidates, EVIDENCE_WEIGHTS[candidates.tier])


def numbers(selection: tuple[Selected, ...]) -> list[int]:
    return [int(each.chunk.path[1:-3]) for each in selection]


@pytest.fixture(scope="module")
def candidates() -> Candidates:
    return generated(60, seed=2)


def test_evidence_covers_both_topics_where_ranking_repeats_one() -> None:
    assert numbers(select_evidence(TOPICS, method="hybrid", limit=2)) == [0, 1]
    assert set(numbers(select_evidence(TOPICS, method="sift", limit=2, noise=0.5))) == {0, 2}


def test_evidence_is_what_sift_picks_with_its_gains(candidates: Candidates) -> None:
    gram = evidence_kernel(candidates)
    expected = sift_gram(gram.qq, gram.qc, gram.cc, 12, noise=EVIDENCE_NOISE, reselect=False)
    chosen = select_evidence(candidates, limit=12)
    assert numbers(chosen) == expected.indices.tolist()
    assert [each.gain for each in chosen] == pytest.approx(expected.gains.tolist())
    assert sum(each.share for each in chosen) == pytest.approx(1)
    assert all(each.picks == 1 for each in chosen)
    assert [each.score for each in chosen] == [float(candidates.scores[n]) for n in numbers(chosen)]


def in_files(candidates: Candidates, paths: dict[int, str]) -> Candidates:
    chunks = tuple(replace(chunk, path=paths.get(n, chunk.path)) for n, chunk in enumerate(candidates.chunks))
    return replace(candidates, chunks=chunks)


def test_evidence_looks_into_another_file_before_a_third_chunk_of_one() -> None:
    same = ["parse the cookies header", "parse the cookies header again", "parse the cookies header once more"]
    found = make("parse the cookies header", [*same, "parse a cookies header elsewhere"])
    crowded = in_files(found, dict.fromkeys(range(3), "f0.py"))
    order = [each.chunk.first_line // 10 for each in select_evidence(crowded, limit=4, noise=1.0)]
    spread = [each.chunk.first_line // 10 for each in select_evidence(found, limit=4, noise=1.0)]
    assert order.index(3) < spread.index(3)


def test_what_relevant_chunks_call_comes_up() -> None:
    texts = ["test the session cookie is signed", "compute digest", "compute digest", "unrelated words entirely"]
    found = make("how is the session cookie signed", texts)
    assert numbers(select_evidence(found, limit=4)) == [0]
    assert numbers(select_evidence(replace(found, calls={0: [2]}), limit=4)) == [0, 2]
    assert numbers(select_evidence(replace(found, calls={3: [1], 0: [99], 98: [1]}), limit=4)) == [0]


@pytest.mark.parametrize("method", ["nearest", "hybrid"])
def test_rankings_rank(candidates: Candidates, method: str) -> None:
    chosen = select_evidence(candidates, method=method, limit=60)  # type: ignore[arg-type]
    scores = candidates.vectors @ candidates.question_vector if method == "nearest" else candidates.scores
    scores = np.maximum(scores, 0)  # what points away from the question is irrelevant, no more
    ranked = [n for n in np.argsort(-scores, kind="stable").tolist() if n in set(numbers(chosen))]
    assert numbers(chosen) == ranked
    assert all(each.gain >= 0 for each in chosen)


def test_nearest_in_the_lexical_tier_ranks_by_terms() -> None:
    assert numbers(select_evidence(replace(TOPICS, scores=TOPICS.scores[::-1].copy()), method="nearest", limit=1)) == [
        0
    ]


@pytest.mark.parametrize("method", ["sift", "nearest", "hybrid"])
def test_a_budget_is_kept_and_used(candidates: Candidates, method: str) -> None:
    sizes = [len(chunk.text) for chunk in candidates.chunks]
    for budget in (1, 60, 200, 900):
        chosen = select_evidence(candidates, method=method, limit=60, budget_chars=budget)  # type: ignore[arg-type]
        spent = sum(len(each.chunk.text) for each in chosen)
        assert spent <= budget
        left = [n for n in range(60) if n not in numbers(chosen) and evidence_kernel(candidates).qc[0, n] > 0]
        assert all(spent + sizes[n] > budget for n in left)  # nothing that would fit was left out
    unlimited = select_evidence(candidates, method=method, limit=60)  # type: ignore[arg-type]
    generous = select_evidence(candidates, method=method, limit=60, budget_chars=10**6)  # type: ignore[arg-type]
    assert numbers(generous) == numbers(unlimited)


@pytest.mark.parametrize("method", ["sift", "nearest", "hybrid"])
def test_pins_come_first_and_exclusions_never(candidates: Candidates, method: str) -> None:
    pins = [Focus("f50.py"), Focus("f51.py", 519, 519), Focus("f52.py", 1, 3), Focus("gone.py")]
    best = numbers(select_evidence(candidates, method=method, limit=1))[0]  # type: ignore[arg-type]
    chosen = select_evidence(
        candidates,
        method=method,  # type: ignore[arg-type]
        limit=60,
        pins=[*pins, Focus(f"f{best}.py")],
        exclusions=[Focus(f"f{best}.py"), Focus("f7.py", 75, 75), Focus("f8.py", 1, 2)],
    )
    assert set(numbers(chosen)[:2]) == {50, 51}  # f52.py is pinned on lines that its chunk does not have
    assert best not in numbers(chosen)
    assert 7 not in numbers(chosen)
    assert 8 in numbers(chosen)


def test_what_has_nothing_in_common_with_the_question_is_left_out_unless_pinned() -> None:
    assert 3 not in numbers(select_evidence(TOPICS, limit=4))
    assert numbers(select_evidence(TOPICS, limit=4, pins=[Focus("f3.py")]))[0] == 3


def test_examples_come_back_with_their_steps(candidates: Candidates) -> None:
    gram = kernel(candidates)
    expected = sift_gram(gram.qq, gram.qc, gram.cc, 30, noise=0.5, reselect=True)
    chosen = select_examples(candidates, 30, noise=0.5)
    assert sum(each.picks for each in chosen) == 30
    assert max(each.picks for each in chosen) > 1
    counts = {n: expected.indices.tolist().count(n) for n in expected.indices.tolist()}
    assert {n: each.picks for n, each in zip(numbers(chosen), chosen, strict=True)} == counts
    assert sum(each.gain for each in chosen) == pytest.approx(expected.gains.sum())
    assert sum(each.share for each in chosen) == pytest.approx(1)
    assert numbers(chosen) == list(dict.fromkeys(expected.indices.tolist()))


def test_examples_spread_more_than_evidence(candidates: Candidates) -> None:
    def redundancy(selection: tuple[Selected, ...]) -> float:
        part = kernel(candidates).take(np.array(numbers(selection))).cc
        return float(np.mean(part[~np.eye(len(part), dtype=bool)]))

    assert EXAMPLE_NOISE < EVIDENCE_NOISE
    assert redundancy(select_examples(candidates, 10)) < redundancy(select_evidence(candidates, limit=10))


def test_pins_exclusions_and_stopping_of_examples(candidates: Candidates) -> None:
    first = numbers(select_examples(candidates, 20))[0]
    pins, exclusions = [Focus("f50.py"), Focus("f51.py")], [Focus(f"f{first}.py")]
    chosen = select_examples(candidates, 20, pins=pins, exclusions=exclusions)
    assert numbers(chosen)[:2] == [50, 51]
    assert first not in numbers(chosen)
    assert numbers(select_examples(candidates, 1, pins=pins)) == [50]
    assert sum(each.picks for each in select_examples(candidates, 20, alpha=1000.0)) == 1


def test_nothing_comes_of_nothing() -> None:
    empty = make("q", [])
    assert select_evidence(empty, limit=5) == ()
    assert select_examples(empty, 5) == ()
    assert select_examples(TOPICS, 0) == ()
    assert select_evidence(TOPICS, limit=5, budget_chars=1) == ()
    assert select_evidence(TOPICS, limit=5, exclusions=[Focus(f"f{n}.py") for n in range(4)]) == ()


def test_senseless_requests_are_refused() -> None:
    with pytest.raises(UsageError, match="no selection method 'best'"):
        select_evidence(TOPICS, method="best", limit=5)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="at least 1"):
        select_evidence(TOPICS, limit=0)
    with pytest.raises(UsageError, match="at least 1"):
        select_evidence(TOPICS, limit=1, budget_chars=0)
    with pytest.raises(UsageError, match="not be negative"):
        select_examples(TOPICS, -1)
