"""The packed forward pass: every arithmetic gives the vectors of the plain one, whatever a text's neighbours are."""

from __future__ import annotations

import numpy as np
import pytest

from engine.embedding import packed
from engine.embedding.choice import INTERCHANGEABLE
from engine.embedding.light import LightBert
from engine.embedding.packed import ARITHMETICS, Arithmetic, PackedBert
from engine.embedding.weights import encoder_folder
from engine.types import Floats


@pytest.fixture(scope="module")
def light() -> LightBert:
    return LightBert(encoder_folder())


def expected(light: LightBert, texts: list[list[int]]) -> Floats:
    return np.stack([light.encode(ids) for ids in texts])


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
def test_vectors_of_every_arithmetic_are_interchangeable(
    arithmetic: Arithmetic, light: LightBert, code: list[list[int]]
) -> None:
    texts = code[:12]
    assert max(map(len, texts)) > 200
    assert min(map(len, texts)) < 60
    vectors = PackedBert(encoder_folder(), arithmetic).encode(texts)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    cosines = (vectors * expected(light, texts)).sum(axis=1)
    assert cosines.min() >= INTERCHANGEABLE
    if arithmetic.startswith("bfloat16"):
        assert cosines.min() < 1 - 1e-6  # it was bfloat16
    else:
        np.testing.assert_allclose(vectors, expected(light, texts), atol=3e-6)


def test_a_text_knows_nothing_of_its_neighbours(light: LightBert) -> None:
    """Lengths on both sides of every step that rows and attention are rounded to, and batches of several blocks."""
    rng = np.random.default_rng(0)
    lengths = [1, 2, 15, 16, 17, 31, 256, 3, 33, 64, 1, 1, 48, 129, 47, *rng.integers(1, 80, 12).tolist()]
    texts = [rng.integers(1000, 30000, length).tolist() for length in lengths]
    model = PackedBert(encoder_folder(), "float32")
    np.testing.assert_allclose(model.encode(texts), expected(light, texts), atol=3e-6)
    np.testing.assert_allclose(model.encode(texts[::-1]), expected(light, texts)[::-1], atol=3e-6)


def test_batches_and_blocks_cover_everything_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_BATCH_TOKENS", 100)
    lengths = [40, 60, 1, 200, 99, 2, 3]
    ranges = list(packed._batches(lengths))
    assert [position for start, stop in ranges for position in range(start, stop)] == list(range(len(lengths)))
    assert all(stop - start == 1 or sum(lengths[start:stop]) <= 100 for start, stop in ranges)
    assert list(packed._batches([])) == []
    assert list(packed._blocks(1152)) == [(0, 512), (512, 1024), (1024, 1152)]


def test_texts_of_all_lengths_need_few_kernels() -> None:
    """oneDNN keeps a kernel for every size it meets, so sizes are rounded: memory must not grow with the variety."""
    model = PackedBert(encoder_folder(), "float32")
    rows: set[int] = set()
    for length in range(1, 257):
        for count in (1, 7):
            states = model._embed([[2000] * length] * count, [length] * count)
            assert states.shape[0] >= count * length + packed._TEXT_STEP
            rows |= {stop - start for start, stop in packed._blocks(states.shape[0])}
    assert len(rows) <= 8
