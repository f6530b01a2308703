from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from engine.embedding.cache import EmbeddingCache
from engine.errors import DamagedError, StorageError
from engine.index import lexical
from engine.index.store import Store
from engine.types import Candidates
from tests.index.small import CHUNKS, FILES, Bench, files, source
from tests.index.test_vectors import many


def check(found: Candidates) -> None:
    """What holds of all candidates: aligned, ordered, of unit length, scored as documented."""
    count = len(found.ids)
    assert len(set(found.ids)) == len(found.chunks) == len(found.terms) == len(found.scores) == count
    assert found.vectors.shape == (count, len(found.question_vector))
    assert found.vectors.dtype == found.scores.dtype == np.float32
    assert (np.diff(found.scores) <= 1e-6).all()
    for terms in found.terms:
        assert sum(weight**2 for weight in terms.values()) == pytest.approx(1)
    lexical_part = [sum(w * each.get(t, 0.0) for t, w in found.question_terms.items()) for each in found.terms]
    weight = {"lexical": 1.0, "static": 8.0, "transformer": 2.0}[found.tier]
    expected = np.array(lexical_part) * weight
    if found.tier != "lexical":
        np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-3)
        expected += found.vectors @ found.question_vector
    np.testing.assert_allclose(found.scores, expected, atol=1e-5)


@pytest.mark.parametrize("tier", ["lexical", "static", "transformer", None])
def test_every_tier_finds_the_right_chunk(bench: Bench, tier: str | None) -> None:
    bench.update()
    for question, path, symbol in (
        ("Where is the error handler found?", "src/app.py", "find_error_handler"),
        ("How are values turned into JSON, by dumps?", "src/json.py", "dumps"),
        ("Which handler is most specific?", "docs/errors.md", ""),
    ):
        found = bench.retriever.retrieve(question, 5, tier=tier)  # type: ignore[arg-type]
        check(found)
        assert found.tier == (tier or "transformer")
        assert (found.chunks[0].path, found.chunks[0].symbol) == (path, symbol)
        assert found.question == question


def test_candidates_of_a_larger_index(bench: Bench) -> None:
    bench.update([*files(), source("many.py", many(400))])
    found = bench.retriever.retrieve("the json config template", 50)
    check(found)
    assert len(found.ids) == 50
    again = bench.again().retriever.retrieve("the json config template", 50)
    assert again.ids == found.ids
    np.testing.assert_allclose(again.scores, found.scores, atol=1e-6)


def test_files_that_the_question_is_about_are_added_whole(bench: Bench) -> None:
    bench.update([*files(), source("many.py", many(400))])
    found = bench.retriever.retrieve("red", 20, paths=["README.md", "README.md", "src/app.py"])
    check(found)
    wanted = set(bench.store.chunks_in("README.md")) | set(bench.store.chunks_in("src/app.py"))
    assert wanted < set(found.ids)
    assert len(found.ids) == 20 + len(wanted)


@pytest.mark.parametrize(
    "question", ["?", "", '" OR * AND (', "NEAR(a b)", "\udcff", "日本語", "the of and", "x" * 5000]
)
def test_any_question_is_answered(bench: Bench, question: str) -> None:
    bench.update()
    check(bench.retriever.retrieve(question, 5))
    check(bench.retriever.retrieve(question, 5, tier="lexical"))


def test_an_empty_index_has_no_candidates(bench: Bench) -> None:
    for _ in range(2):
        found = bench.retriever.retrieve("anything")
        assert (found.ids, found.tier, found.vectors.shape) == ((), "static", (0, 384))
        bench.update([])


def test_the_tier_is_the_best_that_is_filled(bench: Bench) -> None:
    bench.update()
    half = Bench(bench.directory, bench.cache, bench.static, type(bench.best)(bench.best._encoder, "other"))
    assert half.retriever.retrieve("dumps").tier == "static"
    state = half.retriever.state()
    assert (state.files, state.chunks, state.tier) == (4, CHUNKS, "static")
    assert state.embedded == {"static": CHUNKS, "transformer": 0}
    half.update()
    assert half.retriever.state().embedded == {"static": CHUNKS, "transformer": CHUNKS}
    assert half.retriever.retrieve("dumps").tier == "transformer"
    half.close()


def test_a_chunk_that_is_not_embedded_yet_is_found_and_embedded_on_the_spot(bench: Bench) -> None:
    bench.update([*files(), source("many.py", many(100))])
    new = source("src/new.py", "def frobnicate():\n    return 1\n")
    with bench.store.writer():  # parsed, and the process stopped before embedding
        bench.updater._apply([new], (), complete=False, step=lambda *_: None)  # type: ignore[arg-type]
    bench.best.texts.clear()
    found = bench.retriever.retrieve("what does frobnicate return", 10)
    check(found)
    assert found.tier == "transformer"
    assert found.chunks[0].symbol == "frobnicate"
    assert bench.best.texts == ["what does frobnicate return", found.chunks[0].embedding_text]


def test_what_the_best_candidates_call_is_a_candidate_too(bench: Bench) -> None:
    relevant = source("src/a.py", "def negotiate_digest():\n    return obscure(1)\n")
    helper = source("src/z.py", "def obscure(n):\n    return n\n")
    bench.update([*files(), relevant, helper])
    found = bench.retriever.retrieve("negotiate digest", 1)
    check(found)
    assert [chunk.symbol for chunk in found.chunks] == ["negotiate_digest", "obscure"]
    assert found.calls == {found.ids[0]: [found.ids[1]]}


def test_terms_that_are_everywhere_are_dropped_and_alone_still_searched(bench: Bench) -> None:
    bench.update([source("many.py", many(100))])
    with bench.store.snapshot() as connection:
        assert len(lexical.match_terms(connection, ["return", "f7"], 50)) == 1
        assert len(lexical.match_terms(connection, ["return"], 50)) == 50
        assert lexical.match_terms(connection, ["nowhere"], 50) == []
        assert lexical.match_terms(connection, ["f7"], 0) == []


def test_parts_of_identifiers_and_whole_ones_match(bench: Bench) -> None:
    bench.update()
    for question in ("find_error_handler", "findErrorHandler", "error handler find"):
        assert bench.retriever.retrieve(question, 3, tier="lexical").chunks[0].symbol == "find_error_handler"


def test_statistics_equal_a_count_by_hand(bench: Bench) -> None:
    bench.update()
    with bench.store.snapshot() as connection:
        statistics = lexical.read_statistics(connection)
    chunks = list(bench.store.all_chunks())
    assert statistics.total == len(chunks)
    for term in ("error", "src", "return", "def", "handlers", "dumps", "absent"):
        count = sum(term in " ".join(lexical.prepared(chunk)).split() for chunk in chunks)
        assert statistics.frequency(term) == max(1, count), term


@pytest.mark.parametrize("table", ["chunks", "chunk_terms"])
def test_contents_that_contradict_themselves_are_damage(bench: Bench, table: str) -> None:
    bench.update()
    with bench.store._database.write() as connection:
        if table == "chunks":
            connection.execute("UPDATE chunks SET text = replace(text, 'encode', 'encore')")
        else:
            connection.execute("DELETE FROM chunk_terms WHERE body LIKE '%encode%'")
    with pytest.raises(DamagedError, match="has to be built again"):
        bench.retriever.retrieve("dumps")
    assert bench.retriever.retrieve("dumps").ids == ()
    assert bench.update().reused == CHUNKS
    assert bench.retriever.retrieve("dumps").chunks[0].symbol == "dumps"


def test_a_home_that_cannot_be_written_is_read(bench: Bench, tmp_path: Path) -> None:
    bench.update()
    expected = bench.retriever.retrieve("dumps")
    bench.close()
    bench.cache.close()
    with EmbeddingCache(tmp_path / "embeddings.sqlite", read_only=True) as cache:
        reader = Bench(bench.directory, cache, bench.static, bench.best, read_only=True)
        found = reader.retriever.retrieve("dumps")
        assert (found.ids, found.tier) == (expected.ids, "transformer")
        with pytest.raises(StorageError, match="reading only"):
            reader.update()
        reader.close()
    assert sorted(FILES) == Store(bench.directory).files()


def test_questions_and_a_writer_never_wait_for_each_other_for_ever(bench: Bench) -> None:
    """The index thread refreshes vectors (their lock, then the store's) while another one asks."""
    bench.update([*files(), source("many.py", many(200))])
    done = threading.Event()
    interval = sys.getswitchinterval()

    def refresh() -> None:
        while not done.is_set():
            bench.retriever.state()

    thread = threading.Thread(target=refresh, daemon=True)
    sys.setswitchinterval(1e-5)
    try:
        thread.start()
        for _ in range(40):
            check(bench.retriever.retrieve("the json config template", 50))
    finally:
        done.set()
        sys.setswitchinterval(interval)
    thread.join(60)
    assert not thread.is_alive()
