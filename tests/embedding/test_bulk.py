"""Workers share the texts, not the work on one text, and leave the rest of the process as it was."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from engine.embedding import bulk
from engine.embedding.bulk import BulkBert
from engine.embedding.weights import encoder_folder
from engine.types import Floats


@pytest.mark.parametrize(
    ("lengths", "threads", "parts"),
    [([256] * 8, 2, 2), ([256] * 8, 3, 3), ([10, 20], 4, 1), ([256, 1, 1, 1], 2, 1), ([1] * 100 + [256] * 3, 2, 2)],
)
def test_texts_are_shared_out_evenly_and_little_is_not_shared(lengths: list[int], threads: int, parts: int) -> None:
    shares = list(bulk._shares(lengths, threads))
    assert len(shares) == parts
    assert [position for start, stop in shares for position in range(start, stop)] == list(range(len(lengths)))
    if parts > 1:
        tokens = [sum(lengths[start:stop]) for start, stop in shares]
        assert max(tokens) <= sum(lengths) / parts + max(lengths)


def test_threads_change_nothing_but_the_time(code: list[list[int]]) -> None:
    import torch

    before = torch.get_num_threads()
    one = BulkBert(encoder_folder(), [], threads=1, arithmetic="float32 packed")
    three = BulkBert(encoder_folder(), [], threads=3, arithmetic="float32 packed")
    texts = code[:8]
    expected = one.encode(texts)
    np.testing.assert_allclose(three.encode(texts), expected, atol=3e-6)
    results: list[Floats] = []
    askers = [threading.Thread(target=lambda: results.append(three.encode(texts))) for _ in range(2)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(results) == 2
    for result in results:
        np.testing.assert_allclose(result, expected, atol=3e-6)
    assert torch.get_num_threads() == before
    with bulk._workers(4) as workers:
        together = threading.Barrier(4, timeout=60)
        assert list(workers.map(lambda _: (together.wait(), torch.get_num_threads())[1], range(4))) == [1] * 4
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("encoder")]
    newcomer: list[int] = []
    thread = threading.Thread(target=lambda: newcomer.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert newcomer == [before]  # what is trained later, on other threads, keeps its cores
