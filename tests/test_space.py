"""What the disk is used for, the limit, and what forgetting leaves; with other processes at work."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from engine import paths
from engine.chunking import CHUNKER_VERSION
from engine.cli import cli
from engine.config import Settings
from engine.embedding.cache import EmbeddingCache
from engine.embedding.encoders import Encoders
from engine.errors import BusyError
from engine.index.store import Store
from engine.space import collect, survey, tidy
from engine.tuning.adapters import AdapterCache, CachedAdapter
from engine.types import Floats
from engine.workspace import Workspace, forget

ROOT = Path(__file__).resolve().parent.parent
MB = 1_000_000


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("SIDETUNE_HOME", str(home))
    return home


@pytest.fixture(scope="module")
def encoders() -> Encoders:
    return Encoders(threads=1)


def key(name: object) -> bytes:
    return hashlib.sha256(str(name).encode()).digest()


def vectors(count: int, d: int = 384) -> Floats:
    drawn = np.random.default_rng(count).standard_normal((count, d), dtype=np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def repository(root: Path, name: str, files: int = 3) -> Path:
    root.mkdir(parents=True)
    (root / "shared.py").write_text("def shared_by_all(job):\n    return job.run()\n")
    for number in range(files):
        (root / f"{name}_{number}.py").write_text(f"def {name}_{number}(job):\n    return job.{name}({number})\n")
    return root.resolve()


def index(root: Path, encoders: Encoders) -> set[bytes]:
    workspace = Workspace(root, Settings(), encoders)
    workspace.index(tier="static")
    workspace.tidy()
    keys = workspace._store.keys()
    workspace.close()
    return keys


def adapter(name: str, repository: str, *, used: float, size: int = MB) -> str:
    """Put an adapter there that was last used at a time."""
    cache = AdapterCache(paths.adapters_directory(), limit_bytes=1 << 40)
    entry = CachedAdapter(key(name).hex(), repository, "model", True, "", 1, 2.0, 1.0, 0.1)

    def write(path: Path) -> None:
        path.write_bytes(b"\0" * size)

    cache.put(entry, write)
    os.utime(cache._record(entry.key), (used, used))
    return entry.key


def cached(keys: set[bytes]) -> set[bytes]:
    with EmbeddingCache(paths.embeddings_file()) as cache, cache._database.read() as connection:
        there = {found for (found,) in connection.execute("SELECT key FROM embeddings")}
    return there & keys


def orphans(count: int, start: int = 0) -> set[bytes]:
    """Embed texts that no index names."""
    names = [key(f"orphan {number}") for number in range(start, start + count)]
    with EmbeddingCache(paths.embeddings_file()) as cache:
        cache.put(Encoders(threads=1).static.id, CHUNKER_VERSION, names, vectors(count))
    return set(names)


def limited(size: int) -> Settings:
    return Settings(disk_limit_mb=max(1, size // MB))


# -- what is used -----------------------------------------------------------------------------------


def test_what_the_disk_is_used_for_by_repository_and_kind(tmp_path: Path, encoders: Encoders, own_home: Path) -> None:
    one, two = repository(tmp_path / "one", "one", 40), repository(tmp_path / "two", "two")
    keys = {root: index(root, encoders) for root in (one, two)}
    orphans(10)
    adapter("a", paths.repository_directory(one).name, used=1.0, size=3000)
    adapter("b", "forgotten", used=1.0, size=5000)
    (paths.repository_directory(one) / "vectors-1.hnsw").write_bytes(b"\0" * 7000)
    shutil.rmtree(two)
    space = survey(Settings(disk_limit_mb=7))
    first, second = space.repositories
    assert (first.root, first.exists, first.files, first.graph) == (str(one), True, 41, 7000)
    assert (second.root, second.exists, second.files, second.chunks) == (str(two), False, 4, 4)
    assert 3000 < first.adapters < 4000
    assert second.adapters == 0
    row = 2 * 384 + 64
    assert (first.embeddings, second.embeddings) == (len(keys[one]) * row, len(keys[two]) * row)
    assert space.unused_embeddings == 10 * row
    assert 5000 < space.unused_adapters < 6000
    assert space.limit == 7 * MB
    assert first.index > 10_000
    everything = sum(path.stat().st_size for path in own_home.rglob("*") if path.is_file())
    told = space.derived + space.models + space.memory + space.other
    assert told == pytest.approx(everything, abs=100_000)  # SQLite's shared memory comes and goes
    assert space.derived == space.indexes + space.embeddings + space.adapters
    # And as the command tells it.
    shown = json.loads(CliRunner().invoke(cli, ["space", "--json"]).output)
    assert [each["root"] for each in shown["repositories"]] == [str(one), str(two)]
    words = CliRunner().invoke(cli, ["space"]).output
    assert str(one) in words
    assert "the folder is gone" in words


def test_an_empty_home_and_a_damaged_index_can_be_told_too(tmp_path: Path, encoders: Encoders) -> None:
    assert survey(Settings()).repositories == ()
    root = repository(tmp_path / "one", "one")
    index(root, encoders)
    (paths.repository_directory(root) / "index.sqlite").write_bytes(b"no database" * 1000)
    (found,) = survey(Settings()).repositories
    assert (found.files, found.index > 10_000) == (0, True)
    assert collect(Settings()).problem == ""


# -- the limit --------------------------------------------------------------------------------------


def test_what_nobody_uses_goes_first_and_the_longest_unused_before_the_others(
    tmp_path: Path, encoders: Encoders
) -> None:
    used = index(repository(tmp_path / "one", "one"), encoders)
    old = orphans(2000)
    collect(Settings(disk_limit_mb=0), now=1000.0)
    later = orphans(2000, start=5000)
    collect(Settings(disk_limit_mb=0), now=2000.0)
    assert len(cached(old | later)) == 4000  # without a limit nothing goes
    before = survey(Settings())
    done = collect(limited(before.derived - MB), now=3000.0)
    assert done.embeddings > 1000
    assert done.problem == ""
    assert done.derived <= (before.derived - MB) // MB * MB
    assert done.derived == survey(Settings()).derived  # the file has shrunk, too
    assert cached(used) == used
    assert len(cached(later)) == 2000
    assert 0 < len(cached(old)) < 1000
    done = collect(limited(done.derived - MB), now=4000.0)
    assert cached(old) == set()
    assert 0 < len(cached(later)) < 2000
    assert cached(used) == used


def test_what_is_used_again_is_not_old(tmp_path: Path, encoders: Encoders) -> None:
    root = repository(tmp_path / "one", "one", 5)
    keys = index(root, encoders)
    kept = (root / "one_1.py").read_text()
    (root / "one_1.py").unlink()
    (gone,) = keys - index(root, encoders)
    orphans(3000)
    collect(Settings(disk_limit_mb=0), now=1000.0)
    (root / "one_1.py").write_text(kept)
    index(root, encoders)  # finds it in the cache
    collect(Settings(disk_limit_mb=0), now=2000.0)
    (root / "one_1.py").unlink()
    index(root, encoders)
    newer = orphans(1, start=9000)
    collect(Settings(disk_limit_mb=0), now=3000.0)
    done = collect(limited(survey(Settings()).derived - MB), now=4000.0)
    assert 0 < done.embeddings < 3000
    assert cached({gone} | newer) == {gone} | newer


def test_adapters_of_no_repository_go_first_then_the_longest_unused_never_one_just_used(
    tmp_path: Path, encoders: Encoders
) -> None:
    root = repository(tmp_path / "one", "one")
    index(root, encoders)
    own = paths.repository_directory(root).name
    now = 10_000_000.0
    ages = {"orphan, late": 5000.0, "used, early": 9000.0, "used, late": 4000.0, "used, just now": 60.0}
    keys = {
        name: adapter(name, own if name.startswith("used") else "forgotten", used=now - age)
        for name, age in ages.items()
    }

    def left() -> set[str]:
        there = {each[0] for each in AdapterCache(paths.adapters_directory()).sizes()}
        return {name for name, each in keys.items() if each in there}

    for expected in ({"orphan, late"}, {"used, early"}, {"used, late"}, set[str]()):
        before = left()
        done = collect(limited(survey(Settings()).derived), now=now)  # whole megabytes: one adapter less
        assert before - left() == expected
        assert done.adapters == len(expected)
    assert "in use" in done.problem
    assert left() == {"used, just now"}


# -- other processes --------------------------------------------------------------------------------

INDEXER = """
import sys
from pathlib import Path
from engine.config import Settings
from engine.workspace import Workspace

waited = False
def progress(report):
    global waited
    if report.stage == sys.argv[2] and not waited:
        waited = True
        print("there", flush=True)
        sys.stdin.readline()

workspace = Workspace(Path(sys.argv[1]), Settings(disk_limit_mb=0))
report = workspace.index(tier="static", progress=progress)
print(report.embedded, len(workspace._static.missing), flush=True)
workspace.close()
"""


@pytest.fixture
def other(tmp_path: Path, encoders: Encoders) -> Iterator[tuple[Path, set[bytes]]]:
    """A repository that was indexed and forgotten by all but the cache."""
    root = repository(tmp_path / "other", "other", 30)
    keys = index(root, encoders)
    shutil.rmtree(paths.repository_directory(root))
    yield root, keys


def indexing(root: Path, stage: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", INDEXER, str(root), stage],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    return process


@pytest.mark.parametrize("stage", ["parse", "embed static"])
def test_what_another_process_is_about_to_use_is_not_collected(other: tuple[Path, set[bytes]], stage: str) -> None:
    """Its vectors are named by no index when collecting begins. Without its claim they would go under its feet."""
    root, keys = other
    orphans(2000)
    with indexing(root, stage) as process:
        assert process.stdin is not None and process.stdout is not None
        done = collect(Settings(disk_limit_mb=1))
        assert f"process {process.pid} is writing an index" in done.problem
        assert done.embeddings == 0
        process.stdin.write("go on\n")
        process.stdin.flush()
        assert process.stdout.readline() == "0 0\n"  # nothing was embedded, nothing is missing
        assert process.wait(60) == 0
    assert cached(keys) == keys
    done = collect(Settings(disk_limit_mb=1))
    assert (0 < done.embeddings < 2000, done.problem) == (True, "")
    assert cached(keys) == keys


def test_a_killed_process_claims_nothing(other: tuple[Path, set[bytes]]) -> None:
    root, keys = other
    names = orphans(2000)
    with indexing(root, "parse") as process:
        process.kill()
    done = collect(Settings(disk_limit_mb=1))
    assert (done.embeddings > 0, done.problem) == (True, "")
    assert cached(names | keys) < names | keys


def test_indexing_waits_for_a_collection_that_has_begun(tmp_path: Path, encoders: Encoders) -> None:
    """Either the collection sees the claim, or the indexer sees what the collection left."""
    root = repository(tmp_path / "one", "one")
    keys = index(root, encoders)
    shutil.rmtree(paths.repository_directory(root))
    process: list[subprocess.Popen[str]] = []

    def named() -> set[bytes]:
        command = [sys.executable, "-c", INDEXER, str(root), "no stage"]
        process.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, cwd=ROOT))
        with pytest.raises(subprocess.TimeoutExpired):  # it waits for us, whoever is faster
            process[0].wait(4)
        return set()

    with EmbeddingCache(paths.embeddings_file()) as cache:
        assert cache.collect(named, lambda taken: taken, 1.0) == len(keys)
    output, _ = process[0].communicate(timeout=60)
    assert output == f"{len(keys)} 0\n"
    assert cached(keys) == keys


def test_a_claim_shows_signs_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.embedding.cache._HEARTBEAT", 0.0)
    with EmbeddingCache(tmp_path / "e.sqlite") as cache, EmbeddingCache(tmp_path / "e.sqlite") as collector:
        with cache.claim() as sign:
            with cache._database.write() as connection:
                connection.execute("UPDATE claims SET heartbeat = heartbeat - 1000")
            sign()
            with pytest.raises(BusyError, match=str(os.getpid())):
                collector.collect(set, lambda taken: taken, 1.0)
            with cache._database.write() as connection:  # as if it had come from a machine that went away
                connection.execute("UPDATE claims SET heartbeat = heartbeat - 1000, host = 'another'")
            assert collector.collect(set, lambda taken: taken, 1.0) == 0
        assert collector.collect(set, lambda taken: taken, 1.0) == 0


def test_tidying_is_done_once_a_day_and_never_fails(tmp_path: Path, encoders: Encoders) -> None:
    index(repository(tmp_path / "one", "one"), encoders)  # which tidied
    names = orphans(2000)
    full = Settings(disk_limit_mb=1)
    with EmbeddingCache(paths.embeddings_file()) as cache:
        assert cache.collected() > 0
        tidy(full, cache)
        assert len(cached(names)) == 2000  # ten minutes have not passed
        with cache._database.write() as connection:
            connection.execute("UPDATE collected SET at = at - 1000")
        with cache.claim():
            tidy(full, cache)
        assert len(cached(names)) == 2000  # somebody is indexing
        tidy(full, cache)
        assert 0 < len(cached(names)) < 2000
    tidy(full, cache)  # it is closed


# -- forgetting -------------------------------------------------------------------------------------


def test_forgetting_leaves_what_others_use_and_nothing_else(tmp_path: Path, encoders: Encoders) -> None:
    one, two = repository(tmp_path / "one", "one"), repository(tmp_path / "two", "two")
    first, second = index(one, encoders), index(two, encoders)
    before = (one / "one_1.py").read_text()
    (one / "one_1.py").write_text("def other_text(job):\n    return None\n")
    first |= index(one, encoders)  # some of them it does not hold any more
    (one / "one_1.py").write_text(before)
    adapter("a", paths.repository_directory(one).name, used=1.0)
    paths.embeddings_file().with_name("embeddings.sqlite.damaged").write_bytes(b"vectors")
    shutil.rmtree(one)  # which need not be there
    done = forget(one)
    assert (done.index, done.embeddings, done.adapters) == (True, len(first - second), 1)
    assert cached(first | second) == second
    content = b"".join(path.read_bytes() for path in paths.home().rglob("*") if path.is_file())
    for name in first - second:
        assert name not in content
    assert survey(Settings()).repositories[0].root == str(two)
    assert len(survey(Settings()).repositories) == 1


def test_a_damaged_index_is_forgotten_as_well(tmp_path: Path, encoders: Encoders) -> None:
    one, two = repository(tmp_path / "one", "one"), repository(tmp_path / "two", "two")
    first, second = index(one, encoders), index(two, encoders)
    (paths.repository_directory(one) / "index.sqlite").write_bytes(b"no database" * 1000)
    assert forget(one).embeddings == len(first - second)
    assert cached(first | second) == second


def test_forgetting_beside_an_indexer_takes_only_its_own(
    tmp_path: Path, encoders: Encoders, other: tuple[Path, set[bytes]]
) -> None:
    one = repository(tmp_path / "one", "one")
    keys = index(one, encoders)
    root, theirs = other
    with indexing(root, "embed static") as process:
        assert process.stdin is not None and process.stdout is not None
        assert forget(one).embeddings == len(keys - theirs)
        process.stdin.write("go on\n")
        process.stdin.flush()
        assert process.stdout.readline() == "0 0\n"
    assert cached(keys | theirs) == theirs


def test_another_store_can_be_read_while_it_is_written(tmp_path: Path, encoders: Encoders) -> None:
    root = repository(tmp_path / "one", "one")
    index(root, encoders)
    with Store(paths.repository_directory(root)) as store, store.writer():
        assert survey(Settings()).repositories[0].files == 4
