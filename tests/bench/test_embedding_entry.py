"""What the bench embeds, and the referee that would refuse a figure for other vectors; without the peer."""

from __future__ import annotations

import numpy as np
import pytest

from bench.embedding import TEXTS, chunk_texts, lowest_cosine
from engine.embedding.encoder import MAX_TOKENS, TransformerEncoder


def test_the_texts_are_whole_chunks_of_about_237_tokens() -> None:
    encoder = TransformerEncoder(threads=1)
    texts, tokens = chunk_texts(encoder, TEXTS)
    assert len(set(texts)) == TEXTS
    assert 230 <= tokens <= 245
    assert max(len(ids) for ids in encoder._tokens(texts)) < MAX_TOKENS
    assert not encoder.loaded


def test_the_referee_refuses_vectors_that_are_off() -> None:
    rows = np.random.default_rng(0).standard_normal((5, 384)).astype(np.float32)
    assert lowest_cosine(3 * rows, rows) == pytest.approx(1)
    turned = rows.copy()
    turned[3, 0] += 3
    with pytest.raises(RuntimeError, match="not those of the peer"):
        lowest_cosine(turned, rows)
    with pytest.raises(RuntimeError, match="not those of the peer"):
        lowest_cosine(rows * np.float32("nan"), rows)
