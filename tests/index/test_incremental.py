"""What a restart, a copy, a worktree, a branch, a rename and a saved file cost, counted in work, not in time."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.config import Settings
from engine.database import Database
from engine.embedding.encoders import Encoders
from engine.repository import git
from engine.repository.scan import Reader
from engine.types import Floats, SkippedFile, SourceFile
from engine.workspace import Workspace

FILES = {
    "shop/orders.py": (
        'def ship_order(order):\n    """Send an order by mail."""\n    return order.weight\n\n\n'
        "def cancel_order(order):\n    order.cancelled = True\n    return order\n"
    ),
    "shop/prices.py": (
        "def with_tax(price):\n    return price * 1.19\n\n\ndef rounded(price):\n    return round(price, 2)\n"
    ),
    "docs/returns.md": "# Returns\n\nWithin fourteen days.\n\n# Refunds\n\nBy the way of payment.\n",
    "README.md": "# A shop\n\nSells things by mail.\n",
}


class Counting:
    """An encoder that remembers what it embedded."""

    def __init__(self, encoder: object) -> None:
        self._encoder = encoder
        self.id: str = encoder.id  # type: ignore[attr-defined]
        self.dimensions: int = encoder.dimensions  # type: ignore[attr-defined]
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> Floats:
        self.texts += texts
        found: Floats = self._encoder.encode(texts)  # type: ignore[attr-defined]
        return found

    def load(self) -> None:
        self._encoder.load()  # type: ignore[attr-defined]


class Counted:
    """Both real encoders, counted."""

    def __init__(self, encoders: Encoders) -> None:
        self.static, self.transformer = Counting(encoders.static), Counting(encoders.transformer)

    def take(self) -> tuple[list[str], list[str]]:
        """Return what was embedded since the last time, by tier."""
        taken = self.static.texts[:], self.transformer.texts[:]
        self.static.texts.clear()
        self.transformer.texts.clear()
        return taken


@pytest.fixture(scope="module")
def loaded() -> Encoders:
    return Encoders(threads=1)


@pytest.fixture
def encoders(loaded: Encoders) -> Counted:
    return Counted(loaded)


Git = Callable[..., str]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = (tmp_path / "shop").resolve()
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


@pytest.fixture
def run_git(root: Path) -> Git:
    def run(*arguments: str) -> str:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false")
        return subprocess.run(
            ["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True, text=True
        ).stdout

    run("init", "-q", "-b", "main")
    run("add", ".")
    run("commit", "-qm", "First")
    return run


@contextmanager
def opened(root: Path, encoders: Counted) -> Iterator[Workspace]:
    workspace = Workspace(root, Settings(), encoders)  # type: ignore[arg-type]
    try:
        yield workspace
    finally:
        workspace.close()


def filled(workspace: Workspace) -> set[str]:
    """Return the indexed paths, having seen that every chunk has a vector in both tiers."""
    state = workspace.state()
    assert state.embedded == {"static": state.chunks, "transformer": state.chunks}
    return set(workspace.listing()[0])


def test_a_restart_a_copy_and_a_second_worktree_embed_nothing(
    root: Path, run_git: Git, encoders: Counted, tmp_path: Path
) -> None:
    with opened(root, encoders) as workspace:
        report = workspace.index()
        assert filled(workspace) == set(FILES)
    static, transformer = encoders.take()
    assert len(static) == len(transformer) == report.chunks == report.embedded
    shutil.copytree(root, tmp_path / "copy" / "shop")
    run_git("worktree", "add", "-q", str(tmp_path / "worktree"), "-b", "other")
    for place in (root, tmp_path / "copy" / "shop", tmp_path / "worktree"):
        with opened(place.resolve(), encoders) as workspace:
            again = workspace.index()
            assert (again.chunks, again.embedded, again.reused) == (report.chunks, 0, report.chunks)
            assert filled(workspace) == set(FILES)
        assert encoders.take() == ([], [])


def test_switching_branches_embeds_only_text_that_was_never_seen(root: Path, run_git: Git, encoders: Counted) -> None:
    with opened(root, encoders) as workspace:
        workspace.index()
        encoders.take()
        run_git("switch", "-qc", "other")
        (root / "shop/prices.py").write_text(FILES["shop/prices.py"].replace("round(price, 2)", "int(price)"))
        (root / "docs/returns.md").unlink()
        run_git("commit", "-qam", "Second")
        workspace.index()
        for taken in encoders.take():
            (text,) = taken
            assert text.startswith("shop/prices.py rounded\n")
            assert "int(price)" in text
        for branch in ("main", "other", "main"):
            run_git("switch", "-q", branch)
            workspace.index()
            assert encoders.take() == ([], [])
            assert filled(workspace) == set(FILES) - ({"docs/returns.md"} if branch == "other" else set())


def by_watcher(workspace: Workspace, changed: Sequence[str]) -> None:
    workspace.update(changed)
    workspace.fill()


def by_scan(workspace: Workspace, _: Sequence[str]) -> None:
    workspace.index()


def by_question(workspace: Workspace, _: Sequence[str]) -> None:
    workspace.refresh()
    workspace.fill()


@pytest.mark.parametrize("taken_in", [by_watcher, by_scan, by_question])
def test_a_rename_moves_the_vectors(
    root: Path, encoders: Counted, tmp_path: Path, taken_in: Callable[[Workspace, Sequence[str]], None]
) -> None:
    with opened(root, encoders) as workspace:
        workspace.index()
        before = workspace._transformer.search(encoders.transformer.encode(["how is an order shipped"])[0], 1)
        encoders.take()
        (root / "store").mkdir()
        (root / "shop/orders.py").rename(root / "store/shipping.py")
        (root / "docs/returns.md").rename(root / "sending_back.md")
        moved = ["shop/orders.py", "store/shipping.py", "docs/returns.md", "sending_back.md"]
        taken_in(workspace, moved)
        assert encoders.take() == ([], [])
        assert filled(workspace) == {"shop/prices.py", "README.md", "store/shipping.py", "sending_back.md"}
        question = encoders.transformer.encode(["how is an order shipped"])[0]
        ((label, cosine),) = workspace._transformer.search(question, 1)
        (chunk,) = workspace._store.chunks([label]).values()
        assert (chunk.path, chunk.symbol) == ("store/shipping.py", "ship_order")
        assert cosine == pytest.approx(before[0][1], abs=1e-6)  # the very vector
        assert workspace.search("shipping")[0][0].chunk.path == "store/shipping.py"  # by the words of its new name
        encoders.take()
    shutil.copytree(root, tmp_path / "copy" / "shop")
    with opened((tmp_path / "copy" / "shop").resolve(), encoders) as workspace:
        workspace.index()
        assert encoders.take() == ([], [])
        edited = (root / "store/shipping.py").read_text().replace("order.weight", "order.mass")
        (workspace.root / "store/shipping.py").write_text(edited)
        workspace.index()
        assert [len(texts) for texts in encoders.take()] == [1, 1]


def test_a_renamed_folder_moves_and_a_copied_file_is_a_file_of_its_own(root: Path, encoders: Counted) -> None:
    with opened(root, encoders) as workspace:
        workspace.index()
        encoders.take()
        (root / "shop").rename(root / "store")
        workspace.index()
        assert encoders.take() == ([], [])
        assert filled(workspace) == {path.replace("shop/", "store/") for path in FILES}
        shutil.copy(root / "store/prices.py", root / "costs.py")
        workspace.index()
        assert sorted(encoders.take()[1]) == sorted(
            each.embedding_text for each in workspace._store.chunks_in("costs.py").values()
        )


def test_what_is_deleted_is_found_no_more(root: Path, encoders: Counted) -> None:
    with opened(root, encoders) as workspace:
        workspace.index()
        (root / "shop/orders.py").unlink()
        workspace.update(["shop/orders.py"])
        workspace.fill()
        assert filled(workspace) == set(FILES) - {"shop/orders.py"}
        assert "shop/orders.py" not in {each.chunk.path for each in workspace.search("ship_order")[0]}
        assert workspace.table.definitions("ship_order") == []


# -- what a saved file costs ------------------------------------------------------------------------


class Work:
    """What was done: files opened and parsed, texts embedded, rows written, steps of SQLite's machine."""

    def __init__(self, patch: pytest.MonkeyPatch, workspace: Workspace, encoders: Counted) -> None:
        self.opened: list[str] = []
        self.parsed: list[str] = []
        self._encoders = encoders
        self._steps = 0
        self._databases: tuple[Database, ...] = (workspace._store._database, workspace._cache._database)
        read = Reader._bytes

        def reading(reader: Reader, path: str) -> object:
            self.opened.append(path)
            return read(reader, path)

        def parsing(source: SourceFile) -> object:
            self.parsed.append(source.path)
            return parse(source)

        from engine import chunking

        parse = chunking.parse
        patch.setattr(Reader, "_bytes", reading)
        patch.setattr(chunking, "parse", parsing)
        for database in self._databases:
            with database.read() as connection:
                connection.set_progress_handler(self._step, 1)
        self._rows = self._changes()
        encoders.take()

    def _step(self) -> None:
        self._steps += 1

    def _changes(self) -> int:
        total = 0
        for database in self._databases:
            with database.read() as connection:
                total += connection.total_changes
        return total

    def done(self) -> tuple[list[str], list[str], int, int, int]:
        return self.opened, self.parsed, len(self._encoders.take()[0]), self._changes() - self._rows, self._steps


def test_a_saved_file_costs_what_it_costs_in_a_small_and_in_a_large_repository(
    tmp_path: Path, encoders: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No part of an update may look at all files or all chunks: twenty times the repository, the same work."""
    costs = []
    for count in (20, 400):
        root = (tmp_path / f"of_{count}").resolve()
        root.mkdir()
        for number in range(count):
            text = "\n\n".join(f"def task_{number}_{each}(job):\n    return job.step({each})\n" for each in range(3))
            (root / f"task_{number}.py").write_text(text)
        with opened(root, encoders) as workspace, monkeypatch.context() as patch:
            workspace.index(tier="static")
            workspace.state()
            edited = root / "task_7.py"
            edited.write_text(edited.read_text().replace("step(1)", f"leap({count})"))
            work = Work(patch, workspace, encoders)
            workspace.update(["task_7.py"])
            workspace.state()
            costs.append(work.done())
    small, large = costs
    assert small[:3] == large[:3] == (["task_7.py"], ["task_7.py"], 1)
    assert abs(large[3] - small[3]) <= 10  # FTS5 may merge its segments at another moment
    assert large[4] < 1.3 * small[4]


def test_what_git_was_asked_once_is_not_asked_for_every_saved_file(
    root: Path, run_git: Git, encoders: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[frozenset[str]] = []
    last_commits = git.last_commits

    def asking(root: Path, paths: Sequence[str]) -> object:
        asked.append(frozenset(paths))
        return last_commits(root, paths)

    with opened(root, encoders) as workspace:
        workspace.index(tier="static")
        monkeypatch.setattr(git, "last_commits", asking)
        (root / "shop/prices.py").write_text("def with_tax(price):\n    return price * 1.07\n")
        (root / "new.py").write_text("def fresh():\n    return 1\n")
        workspace.update(["shop/prices.py", "new.py"])
        assert asked == []
        (day,) = {stamp.date for path, stamp in workspace._store.stamps().items() if path != "new.py"}
        assert day
        assert workspace._store.stamps(["new.py"])["new.py"].date == ""
        run_git("add", ".")
        run_git("commit", "-qm", "Second", "--date", "2031-02-03T04:05:06")
        workspace.update(["shop/prices.py", "new.py"])
        assert asked == [frozenset({"shop/prices.py", "new.py"})]
        assert {stamp.date for path, stamp in workspace._store.stamps(["new.py"]).items()} == {"2031-02-03"}


def test_a_file_that_becomes_left_out_is_forgotten_by_a_partial_update(root: Path, encoders: Counted) -> None:
    with opened(root, encoders) as workspace:
        workspace.index(tier="static")
        (root / "README.md").write_bytes(b"\0binary\0" * 100)
        workspace.update(["README.md"])
        assert "README.md" not in workspace.listing()[0]
        assert isinstance(workspace._store.skipped("README.md"), SkippedFile)
