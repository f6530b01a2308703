from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.index.retriever import _LEXICAL_WEIGHT
from engine.selection.kernel import WEIGHTS, KernelWeights, dense_kernel, kernel, lexical_kernel, with_structure
from tests.selection.factory import generated, make

EVEN = KernelWeights(dense=0.5, lexical=0.5)
weights = st.floats(0, 1).map(lambda dense: KernelWeights(dense=dense, lexical=1 - dense))


@given(st.integers(0, 10_000), st.integers(1, 30), weights)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_combination_is_a_normalised_kernel(seed: int, size: int, shares: KernelWeights) -> None:
    gram = kernel(generated(size, seed=seed), shares)
    assert gram.qq.shape == (1, 1)
    assert gram.qc.shape == (1, size)
    assert gram.cc.shape == (size, size)
    np.testing.assert_allclose(gram.cc.diagonal(), 1)
    np.testing.assert_allclose(gram.cc, gram.cc.T)
    assert gram.qq[0, 0] == 1
    assert np.linalg.eigvalsh(gram.cc)[0] > -1e-6
    assert np.all(gram.qc >= 0)
    assert np.all(gram.qc <= 1 + 1e-6)


def test_lexical_products_are_those_of_the_dictionaries() -> None:
    candidates = generated(25, seed=3)
    rows = [candidates.question_terms, *candidates.terms]
    expected = [[sum(weight * b.get(term, 0.0) for term, weight in a.items()) for b in rows] for a in rows]
    np.testing.assert_allclose(lexical_kernel(candidates), expected, atol=1e-6)


def test_parts_are_mixed_by_their_weights() -> None:
    candidates = generated(12, seed=4)
    dense, lexical = dense_kernel(candidates), lexical_kernel(candidates)
    mixed = kernel(candidates, KernelWeights(dense=0.25, lexical=0.75))
    np.testing.assert_allclose(mixed.cc, 0.25 * dense[1:, 1:] + 0.75 * lexical[1:, 1:], atol=1e-6)
    np.testing.assert_allclose(mixed.qc[0], np.maximum(0.25 * dense[0, 1:] + 0.75 * lexical[0, 1:], 0), atol=1e-6)


def test_each_tier_has_its_proportions() -> None:
    candidates = generated(12, seed=4)
    dense, lexical = dense_kernel(candidates)[1:, 1:], lexical_kernel(candidates)[1:, 1:]
    np.testing.assert_allclose(kernel(candidates).cc, (dense + 2 * lexical) / 3, atol=1e-6)
    static = kernel(replace(candidates, tier="static"))
    np.testing.assert_allclose(static.cc, (dense + 8 * lexical) / 9, atol=1e-6)


def test_the_proportions_are_those_of_the_retrievers_score() -> None:
    for tier in ("transformer", "static"):
        assert WEIGHTS[tier].lexical / WEIGHTS[tier].dense == pytest.approx(_LEXICAL_WEIGHT[tier])


def test_the_lexical_tier_uses_terms_alone() -> None:
    candidates = make("red fish", ["red fish", "blue bird", "red bird"])
    assert kernel(candidates, EVEN).qc[0] == pytest.approx([1, 0, 0.5])
    assert kernel(candidates, KernelWeights(dense=1, lexical=0)).qc[0] == pytest.approx([1, 0, 0.5])


def test_what_points_away_from_the_question_counts_as_irrelevant() -> None:
    candidates = make("q", ["a", "b"], question_vector=[1, 0], vectors=[[-1, 0.2], [1, 0.2]])
    gram = kernel(candidates, KernelWeights(dense=1, lexical=0))
    assert gram.qc[0, 0] == 0
    assert gram.qc[0, 1] > 0.9
    assert gram.cc[0, 1] < 0  # among candidates the sign stays: the matrix remains a kernel


def test_a_missing_feature_is_made_up_for_by_the_others() -> None:
    candidates = make("red", ["red", "red"], question_vector=[1, 0], vectors=[[1, 0], [1, 0]])
    without = replace(candidates, vectors=np.array([[1, 0], [0, 0]], dtype=np.float32))
    gram = kernel(without, EVEN)
    assert gram.qc[0, 0] == pytest.approx(1)
    assert gram.qc[0, 1] == pytest.approx(0.5**0.5)
    assert gram.cc[1, 1] == 1
    nothing = kernel(replace(candidates, question_terms={}, terms=({}, {}), vectors=np.zeros((2, 2), np.float32)), EVEN)
    assert nothing.qc.tolist() == [[0, 0]]
    assert nothing.cc.tolist() == [[1, 0], [0, 1]]


def test_weights_that_are_no_convex_combination_are_refused() -> None:
    with pytest.raises(ValueError, match="sum to 1"):
        KernelWeights(dense=0.5, lexical=0.6)
    with pytest.raises(ValueError, match="not be negative"):
        KernelWeights(dense=-0.5, lexical=1.5)
    with pytest.raises(ValueError, match="some content"):
        KernelWeights(dense=0, lexical=0, file=0.5, calls=0.5)


def test_taking_some_candidates_takes_their_rows() -> None:
    gram = kernel(generated(8, seed=1))
    part = gram.take(np.array([5, 2]))
    assert part.cc[0, 1] == gram.cc[5, 2]
    assert part.qc[0].tolist() == gram.qc[0, [5, 2]].tolist()


def test_structure_is_an_inner_product_of_features() -> None:
    """Against feature vectors written out: content, one for each file, one for each chunk."""
    found = generated(12, seed=3)
    chunks = tuple(replace(chunk, path=f"f{n // 4}.py") for n, chunk in enumerate(found.chunks))
    found = replace(found, chunks=chunks, calls={0: [5, 6], 1: [5], 7: [7]})
    shares = with_structure(EVEN, file=0.5, calls=0.25)
    assert (shares.dense, shares.file, shares.calls) == pytest.approx((0.5 / 1.75, 0.5 / 1.75, 0.25 / 1.75))
    content, gram = kernel(found, EVEN), kernel(found, shares)
    relevance = content.qc[0]
    called = np.zeros(12)
    called[[5, 6, 7]] = max(relevance[0], relevance[1]), relevance[0], relevance[7]
    files = np.equal.outer(np.arange(12) // 4, np.arange(12) // 4)
    np.testing.assert_allclose(gram.cc, (content.cc + 0.5 * files + 0.25 * np.eye(12)) / 1.75, atol=1e-9)
    norm = np.sqrt((1 + 0.25 * called @ called) / 1.75)
    np.testing.assert_allclose(gram.qc[0], (relevance + 0.25 * called) / 1.75 / norm, atol=1e-9)
    whole = np.block([[gram.qq, gram.qc], [gram.qc.T, gram.cc]])
    assert np.linalg.eigvalsh(whole).min() > -1e-6
    assert whole.diagonal() == pytest.approx(np.ones(13))
