from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.embedding.cache import EmbeddingCache
from engine.embedding.static import StaticEncoder
from engine.errors import BusyError, Cancelled
from engine.index.updater import BATCH_SECONDS, Updater
from engine.types import Commit, ParsedFile, Report, SkippedFile, SourceFile
from tests.index.small import CHUNKER, CHUNKS, FILES, Bench, CountingEncoder, files, parse, source

ROOT = Path(__file__).resolve().parents[2]


def texts() -> set[str]:
    return {chunk.embedding_text for path, text in FILES.items() for chunk in parse(source(path, text)).chunks}


def noting(parsed: list[str]) -> Callable[[SourceFile], ParsedFile]:
    def parse_and_note(file: SourceFile) -> ParsedFile:
        parsed.append(file.path)
        return parse(file)

    return parse_and_note


def test_first_update_indexes_and_embeds_everything(bench: Bench) -> None:
    report = bench.update([*files(), SkippedFile("a.png", "binary"), SkippedFile(".env", "secret")])
    assert (report.files, report.chunks) == bench.store.counts() == (4, CHUNKS)
    assert (report.embedded, report.reused) == (CHUNKS, 0)
    assert report.skipped == {"binary": 1, "secret": 1}
    assert report.problem == ""
    assert set(bench.best.texts) == set(bench.static.texts) == texts()


def test_nothing_changed_is_nothing_done(bench: Bench) -> None:
    bench.update()
    revision, embedded = bench.store.revision(), len(bench.best.texts)
    report = bench.update()
    assert (report.embedded, report.reused) == (0, CHUNKS)
    assert len(bench.best.texts) == embedded
    assert bench.store.revision().number == revision.number + 1  # the list of skipped files


def test_only_what_changed_is_parsed_and_embedded(bench: Bench) -> None:
    bench.update()
    parsed: list[str] = []
    bench.updater = Updater(bench.store, bench.tiers, parse=noting(parsed), chunker=CHUNKER)
    text = FILES["src/json.py"].replace("decode(text)", "parse(text)")
    report = bench.update(files({"src/json.py": text}))
    assert parsed == ["src/json.py"]
    assert (report.embedded, report.reused) == (1, CHUNKS - 1)
    assert bench.best.texts[-1].endswith("return parse(text)")


def test_a_touched_file_is_not_parsed_but_gets_its_new_date(bench: Bench) -> None:
    bench.update()
    labels = bench.store.chunks_in("README.md")
    later = Commit("beef", "2025-01-02", "B. Author", "Second")
    bench.updater.update([source("README.md", FILES["README.md"], mtime_ns=9, commit=later)], complete=False)
    after = bench.store.chunks_in("README.md")
    assert after == {label: replace(chunk, date="2025-01-02") for label, chunk in labels.items()}
    assert bench.store.stamps()["README.md"].mtime_ns == 9


def test_deleted_renamed_and_newly_skipped_files_are_gone(bench: Bench) -> None:
    bench.update()
    left = [each for each in files() if each.path != "src/json.py"]
    bench.update([*left, source("src/codec.py", FILES["src/json.py"])])
    assert bench.store.files() == ["README.md", "docs/errors.md", "src/app.py", "src/codec.py"]
    bench.updater.update([SkippedFile("src/codec.py", "ignored")], removed=["README.md", "unknown.py"], complete=False)
    assert bench.store.files() == ["docs/errors.md", "src/app.py"]
    assert bench.store.skipped("src/codec.py") == SkippedFile("src/codec.py", "ignored")


def test_a_file_that_comes_back_embeds_nothing(bench: Bench) -> None:
    bench.update()
    bench.update([source("README.md", FILES["README.md"])])
    bench.best.texts.clear()
    report = bench.update()
    assert (report.embedded, report.reused) == (0, CHUNKS)
    assert bench.best.texts == []


def test_a_second_checkout_of_the_same_code_embeds_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.update()
    other = Bench(tmp_path / "worktree", bench.cache, bench.static, bench.best)
    assert other.update().reused == CHUNKS
    assert len(bench.best.texts) == CHUNKS
    other.close()


def test_another_chunker_means_parsing_again(bench: Bench) -> None:
    bench.update()
    parsed: list[str] = []
    newer = Updater(bench.store, bench.tiers, parse=noting(parsed), chunker="test-2")
    newer.update(files())
    assert sorted(parsed) == sorted(FILES)


def test_a_scan_that_breaks_off_removes_nothing(bench: Bench) -> None:
    bench.update()

    def broken() -> object:
        yield files()[0]
        raise OSError("the disk was unplugged")

    with pytest.raises(OSError, match="unplugged"):
        bench.update(broken())  # type: ignore[arg-type]
    assert bench.store.files() == sorted(FILES)
    assert bench.update().files == 4  # the lease was given back


@pytest.mark.parametrize("stage", ["parse", "embed static", "embed transformer"])
def test_cancelled_work_goes_on_where_it_stopped(bench: Bench, stage: str) -> None:
    cancel = threading.Event()

    def progress(report: Report) -> None:
        if report.stage == stage and report.done >= 2:
            cancel.set()

    with pytest.raises(Cancelled):
        bench.updater.update(files(), progress=progress, cancel=cancel)
    report = bench.update()
    assert (report.files, report.chunks) == (4, CHUNKS)
    assert sorted(bench.best.texts) == sorted(texts())
    assert sorted(bench.static.texts) == sorted(texts())


def test_batches_are_short_and_progress_comes_between_them(bench: Bench, encoder: StaticEncoder) -> None:
    class Slow(CountingEncoder):
        def encode(self, texts: object) -> object:  # type: ignore[override]
            time.sleep(0.01 * len(texts))  # type: ignore[arg-type]
            return super().encode(texts)  # type: ignore[arg-type]

    slow = Bench(bench.directory / "slow", bench.cache, bench.static, Slow(encoder, "slow"))
    times: list[tuple[float, Report]] = []
    text = "\n\n".join(f"def f{number}():\n    return {number}" for number in range(100))
    slow.updater.update([source("a.py", text)], progress=lambda each: times.append((time.perf_counter(), each)))
    embedding = [each for each in times if each[1].stage == "embed transformer"]
    gaps = [b[0] - a[0] for a, b in itertools.pairwise(embedding)]
    assert len(gaps) >= 5
    assert sorted(gaps)[len(gaps) // 2] < 2 * BATCH_SECONDS
    assert embedding[-1][1].done == embedding[-1][1].total == 100
    slow.close()


def test_a_missing_encoder_leaves_the_rest_usable(bench: Bench, tmp_path: Path) -> None:
    static = StaticEncoder(folder=tmp_path / "nowhere")
    broken = Bench(tmp_path / "broken", bench.cache, static, static)  # type: ignore[arg-type]
    report = broken.update()
    assert "cannot be read" in report.problem
    assert (report.files, report.embedded) == (4, 0)
    found = broken.retriever.retrieve("Where is the error handler found?")
    assert found.tier == "lexical"
    assert found.chunks[0].symbol == "find_error_handler"
    assert broken.retriever.state().problem == report.problem
    broken.close()


# -- other processes --------------------------------------------------------------------------------

CHILD = """
import sys
from pathlib import Path
from engine.embedding.cache import EmbeddingCache
from engine.embedding.static import StaticEncoder
from tests.index.small import Bench, CountingEncoder, source

class Slow(CountingEncoder):
    waited = False

    def encode(self, texts):
        if len(self.texts) > 100 and not self.waited:
            self.waited = True
            print("embedding", flush=True)
            sys.stdin.readline()
        return super().encode(texts)

encoder = StaticEncoder()
with EmbeddingCache(Path(sys.argv[1]) / "embeddings.sqlite") as cache:
    bench = Bench(Path(sys.argv[1]) / "index", cache, CountingEncoder(encoder, "static"), Slow(encoder, "best"))
    text = "\\n\\n".join(f"def f{number}():\\n    return g{number}()" for number in range(2000))
    bench.updater.update([source("a.py", text), source("b.py", "def b():\\n    return a()")])
    print("done", flush=True)
"""


@pytest.fixture
def child(bench: Bench) -> subprocess.Popen[str]:
    """Another process that indexes the same repository and has begun to embed with the best tier."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(bench.directory.parent)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "embedding\n"
    return process


def test_killed_while_indexing_nothing_is_embedded_twice(bench: Bench, child: subprocess.Popen[str]) -> None:
    text = "\n\n".join(f"def f{number}():\n    return g{number}()" for number in range(2000))
    child.kill()
    child.communicate()
    cached = bench.cache.count("best", CHUNKER)
    assert 0 < cached < 2001
    report = bench.update([source("a.py", text), source("b.py", "def b():\n    return a()")])
    assert (report.files, report.chunks) == (2, 2001)
    assert (report.embedded, report.reused) == (2001 - cached, cached)
    assert len(bench.best.texts) == len(set(bench.best.texts)) == 2001 - cached
    assert bench.static.texts == []


def test_one_process_indexes_while_another_answers(bench: Bench, child: subprocess.Popen[str]) -> None:
    with pytest.raises(BusyError, match=str(child.pid)):
        bench.update()
    for _ in range(3):
        found = bench.retriever.retrieve("what does f17 return", 20)
        assert found.tier == "static"
        assert found.chunks[0].symbol == "f17"
        assert len(found.ids) == 20
    output, _ = child.communicate("go on\n", timeout=60)
    assert output.endswith("done\n")
    assert child.returncode == 0
    assert bench.retriever.retrieve("what does f17 return").tier == "transformer"
    bench.update()
    assert bench.store.files() == sorted(FILES)


def test_a_damaged_cache_is_filled_again(bench: Bench, tmp_path: Path) -> None:
    bench.update()
    bench.cache.close()
    path = tmp_path / "embeddings.sqlite"
    path.write_bytes(path.read_bytes()[:6000] + b"\xff" * 4000)
    with EmbeddingCache(path) as cache:
        again = Bench(bench.directory, cache, bench.static, bench.best)
        assert again.update().embedded == CHUNKS
        assert again.retriever.retrieve("dumps").tier == "transformer"
        again.close()


def test_a_deleted_directory_is_built_anew(bench: Bench) -> None:
    bench.update()
    bench.close()
    for path in bench.directory.iterdir():
        path.unlink()
    bench.directory.rmdir()
    again = bench.again()
    report = again.update()
    assert (report.files, report.embedded, report.reused) == (4, 0, CHUNKS)
    again.close()
