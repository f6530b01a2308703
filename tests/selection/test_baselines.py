from __future__ import annotations

import numpy as np
import pytest

from engine.selection.baselines import convex_reconstruction, in_order, marginal_relevance, nearest, random_order
from engine.selection.kernel import Gram, kernel
from engine.selection.sift import sift_gram
from tests.selection.factory import generated


@pytest.fixture
def gram() -> Gram:
    return kernel(generated(40, seed=8))


def test_nearest_ranks_by_similarity(gram: Gram) -> None:
    picks = nearest(gram, 10, noise=0.1).indices
    assert picks.tolist() == np.argsort(-gram.qc[0], kind="stable")[:10].tolist()


def test_gains_of_a_given_order_are_those_of_sift_when_the_order_is(gram: Gram) -> None:
    greedy = sift_gram(gram.qq, gram.qc, gram.cc, 15, noise=0.1, reselect=False)
    followed = in_order(gram, greedy.indices, noise=0.1)
    np.testing.assert_allclose(followed.gains, greedy.gains)
    np.testing.assert_allclose(followed.variance, greedy.variance)
    backwards = in_order(gram, greedy.indices[::-1], noise=0.1)
    assert backwards.variance[-1] == pytest.approx(greedy.variance[-1])  # the same set tells as much
    assert not np.allclose(backwards.gains, greedy.gains)


def test_no_baseline_is_more_informative_than_sift_at_the_first_pick(gram: Gram) -> None:
    best = sift_gram(gram.qq, gram.qc, gram.cc, 1, noise=0.1, reselect=False).gains[0]
    for result in (nearest(gram, 5, noise=0.1), random_order(gram, 5, noise=0.1, seed=1)):
        assert result.gains[0] <= best + 1e-12


def test_chance_repeats_with_its_seed_and_never_picks_twice(gram: Gram) -> None:
    picks = random_order(gram, 40, noise=0.1, seed=3).indices
    assert sorted(picks.tolist()) == list(range(40))
    assert picks.tolist() == random_order(gram, 40, noise=0.1, seed=3).indices.tolist()
    assert picks.tolist() != random_order(gram, 40, noise=0.1, seed=4).indices.tolist()


def test_marginal_relevance_avoids_the_copy_that_nearest_takes() -> None:
    k_cc = np.array([[1.0, 0.99, 0.0], [0.99, 1.0, 0.0], [0.0, 0.0, 1.0]])
    gram = Gram(np.eye(1), np.array([[0.8, 0.79, 0.6]]), k_cc)
    assert nearest(gram, 2, noise=0.1).indices.tolist() == [0, 1]
    assert marginal_relevance(gram, 2, noise=0.1).indices.tolist() == [0, 2]
    assert marginal_relevance(gram, 9, noise=0.1, relevance=1.0).indices.tolist() == [0, 1, 2]


def test_an_order_must_name_distinct_candidates(gram: Gram) -> None:
    with pytest.raises(ValueError, match="repeat"):
        in_order(gram, np.array([1, 1]), noise=0.1)
    with pytest.raises(ValueError, match="one of the 40"):
        in_order(gram, np.array([40]), noise=0.1)


def test_convex_reconstruction_weighs_what_spans_the_question() -> None:
    """The question is halfway between two candidates; a third, nearer to it than one of them, adds nothing to both."""
    rows = np.array([[1.0, 0, 0], [0, 1.0, 0], [0.9, 0, 0.436]])
    question = np.array([[0.75, 0.66, 0.0]])
    found = Gram(question @ question.T, question @ rows.T, rows @ rows.T)
    assert found.qc[0, 2] > found.qc[0, 1]
    assert convex_reconstruction(found, 3, noise=1.0).indices.tolist() == [0, 1, 2]
    assert nearest(found, 3, noise=1.0).indices.tolist() == [0, 2, 1]
