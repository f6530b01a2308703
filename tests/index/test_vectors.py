from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.index.buffer import VectorBuffer
from engine.index.graph import Graph
from engine.index.vectors import VectorIndex
from engine.types import Floats
from tests.index.small import Bench, source


def unit(n: int, d: int = 384, seed: int = 0) -> Floats:
    vectors = np.random.default_rng(seed).standard_normal((n, d), dtype=np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def slow_nearest(labels: list[int], vectors: Floats, question: Floats, k: int) -> list[int]:
    return [
        label for _, label in sorted((-float(v @ question), label) for label, v in zip(labels, vectors, strict=True))
    ][:k]


def test_buffer_finds_what_a_sort_finds() -> None:
    vectors, question = unit(700, 8), unit(1, 8, seed=1)[0]
    labels = list(range(1, 701))
    buffer = VectorBuffer(8)
    buffer.add(labels[:300], vectors[:300])
    buffer.add(labels[250:], vectors[250:])  # the overlap is kept as it was
    assert [label for label, _ in buffer.search(question, 50)] == slow_nearest(labels, vectors, question, 50)
    for label in labels[::3]:
        assert buffer.remove(label)
        assert not buffer.remove(label)
    kept = [label for label in labels if (label - 1) % 3]
    expected = slow_nearest(kept, vectors[np.array(kept) - 1], question, 50)
    assert [label for label, _ in buffer.search(question, 50)] == expected
    buffer.shrink()
    assert [label for label, _ in buffer.search(question, 50)] == expected
    assert len(buffer.search(question, 10_000)) == len(kept) == buffer.live


def test_graph_finds_nearly_what_exact_search_finds(tmp_path: Path) -> None:
    labels, vectors = np.arange(5, 3005), unit(3000, 32)
    built = Graph.build(labels, vectors)
    name, sha256 = built.save(tmp_path, "encoder")
    graph = Graph.load(tmp_path / name, sha256, 3000, 32)
    assert graph is not None
    hits = 0
    for question in unit(20, 32, seed=1):
        found, cosines = graph.search(question, 50)
        hits += len(set(found.tolist()) & set(slow_nearest(labels.tolist(), vectors, question, 50)))
        np.testing.assert_allclose(cosines, vectors[found - 5] @ question, atol=1e-5)
        assert (np.diff(cosines) <= 0).all()
    assert hits / 1000 > 0.95
    np.testing.assert_allclose(graph.vectors(np.array([7, 5])), vectors[[2, 0]], atol=1e-6)
    assert graph.contains(np.array([4, 5, 3004, 3005])).tolist() == [False, True, True, False]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_graph_takes_any_k(count: int) -> None:
    graph = Graph.build(np.arange(1, count + 1), unit(count, 8))
    labels, _ = graph.search(unit(1, 8, seed=2)[0], 50)
    assert sorted(labels.tolist()) == list(range(1, count + 1))


def test_a_graph_of_many_equal_vectors_still_gives_k() -> None:
    """Links between duplicates can cut a graph into parts that are not reached from each other."""
    vectors = np.repeat(unit(2, 8), 600, axis=0)
    graph = Graph.build(np.arange(1, 1201), vectors)
    assert len(graph.search(vectors[0], 1000)[0]) == 1000


def test_damaged_graph_files_are_not_loaded(tmp_path: Path) -> None:
    name, sha256 = Graph.build(np.arange(1, 51), unit(50, 8)).save(tmp_path, "encoder")
    path = tmp_path / name
    data = path.read_bytes()
    for damaged in (data[:100], data[:-1], b"", data[:500] + b"\xff" * 40 + data[540:]):
        path.write_bytes(damaged)
        assert Graph.load(path, sha256, 50, 8) is None
    path.unlink()
    assert Graph.load(path, sha256, 50, 8) is None
    assert list(tmp_path.iterdir()) == []


# -- together with store and cache ------------------------------------------------------------------


def many(count: int) -> str:
    words = "red green blue error handler request response json template config".split()
    rng = np.random.default_rng(3)
    return "\n\n".join(f"def f{n}():\n    return {'_'.join(rng.choice(words, 3))}({n})" for n in range(count))


@pytest.fixture
def grown(bench: Bench) -> Iterator[Bench]:
    """300 chunks in a graph, which is wanted from 100 on, and 30 in the buffer."""
    made = bench.again(exact_up_to=100)
    made.update([source("many.py", many(300))])
    made.updater.update([source("more.py", many(30))], complete=False)
    yield made
    made.close()


def parts(index: VectorIndex) -> tuple[int, int]:
    """How many vectors are in the graph (dead ones included) and in the buffer."""
    return (len(index._graph) if index._graph else 0), index._buffer.live


def check_search(bench: Bench, k: int) -> None:
    """Compare with a search over everything, by cosines: equal ones may come in any order."""
    index = bench.tiers[1]
    labels = [label for path in bench.store.files() for label in bench.store.chunks_in(path)]
    positions, vectors = index.vectors(labels)
    assert positions == list(range(len(labels)))
    for question in bench.static.encode(["red green", "where is the error handler", "json config template"]):
        found = index.search(question, k)
        assert len({label for label, _ in found}) == len(found) == min(k, len(labels))
        assert {label for label, _ in found} <= set(labels)
        expected = np.sort(vectors @ question)[::-1][:k]
        np.testing.assert_allclose([cosine for _, cosine in found], expected, atol=1e-4)


def test_graph_and_buffer_together(grown: Bench) -> None:
    assert parts(grown.tiers[1]) == (300, 30)
    for k in (1, 20, 10_000):
        check_search(grown, k)


def test_deleted_chunks_are_never_found(grown: Bench) -> None:
    kept = "\n\n".join(many(300).split("\n\n")[:270])
    grown.updater.update([source("many.py", kept)], complete=False, removed=["more.py"])
    assert parts(grown.tiers[1]) == (300, 0)
    for k in (1, 260, 10_000):
        check_search(grown, k)


def test_what_is_added_again_is_found_again(grown: Bench) -> None:
    grown.updater.update([], complete=False, removed=["more.py"])
    before = grown.best.texts[:]
    grown.updater.update([source("more.py", many(30))], complete=False)
    check_search(grown, 400)
    assert grown.best.texts == before  # from the cache


def test_the_graph_is_built_again_when_much_is_new_or_gone(grown: Bench) -> None:
    grown.updater.update([source("third.py", many(60))], complete=False)
    assert parts(grown.tiers[1]) == (390, 0)
    grown.updater.update([], complete=False, removed=["third.py", "more.py"])
    assert parts(grown.tiers[1]) == (300, 0)
    check_search(grown, 400)


def test_a_restart_loads_the_graph_and_embeds_nothing(grown: Bench) -> None:
    before = grown.best.texts[:]
    again = grown.again(exact_up_to=100)
    again.tiers[1].refresh()
    assert parts(again.tiers[1]) == (300, 30)
    check_search(again, 20)
    report = again.update([source("many.py", many(300)), source("more.py", many(30))])
    assert (report.embedded, report.reused) == (0, 330)
    assert grown.best.texts == before
    again.close()


def test_another_reader_takes_over_a_new_graph(grown: Bench) -> None:
    reader = grown.again()
    reader.tiers[1].refresh()
    grown.updater.update([source("third.py", many(70))], complete=False, removed=["more.py"])
    reader.tiers[1].refresh()
    assert parts(reader.tiers[1]) == parts(grown.tiers[1]) == (370, 0)
    check_search(reader, 400)
    reader.close()


@pytest.mark.parametrize("fault", ["truncated", "garbled", "gone"])
def test_without_its_graph_file_an_index_answers_and_mends_it(grown: Bench, fault: str) -> None:
    for path in grown.directory.glob("*.hnsw"):
        data = path.read_bytes()
        path.unlink()
        if fault != "gone":
            path.write_bytes(data[: len(data) // 2] if fault == "truncated" else data[::-1])
    again = grown.again(exact_up_to=100)
    again.tiers[1].refresh()
    assert parts(again.tiers[1]) == (0, 330)
    check_search(again, 20)
    report = again.update([source("many.py", many(300)), source("more.py", many(30))])
    assert report.embedded == 0
    assert parts(again.tiers[1]) == (330, 0)
    check_search(again, 20)
    again.close()


def test_labels_of_an_index_that_was_built_anew_are_not_confused(bench: Bench, grown: Bench) -> None:
    bench.close()  # as long as anybody has it open, the file stays
    grown.store._database.set_aside()
    grown.update([source("other.py", many(40).replace("red", "violet"))])
    assert parts(grown.tiers[1]) == (0, 40)
    check_search(grown, 100)
