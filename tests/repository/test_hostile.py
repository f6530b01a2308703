"""Repositories made to do harm, indexed for real: nothing is executed or written, and every file has its reason."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.repository.watch import Watcher
from tests.faults.checks import opened
from tests.faults.trees import empty_files, listing, unexplained
from tests.repository.conftest import Repo

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its file systems have no such names, pipes and links")

# -- generated trees -----------------------------------------------------------------------------------------

_ODD = [
    "a", "b.py", "c.md", "d.json", "naïve.py", "🎉.py", "new\nline.py", "tab\t.py", "quo\"te's.py", " space ", "-rf",
    "*.py", "[ab].py", "back\\slash.py", "$(touch x).py", "`touch x`", "%s%n", "a;b.py", "#x", "!x", "~", "con", "..x",
    "\x01.py", "\u202eyp.exe", "ﬁ.py", "é.py", "é.py", ".gitignore", ".sidetuneignore", ".gitattributes", ".env",
    "id_rsa", "CACHEDIR.TAG", "pyvenv.cfg", "HEAD", "objects", "refs", "config", "engine", "app", "sitecustomize.py",
    "x" * 200,
]  # fmt: skip
_names = st.one_of(
    st.sampled_from(_ODD).map(os.fsencode),
    st.binary(min_size=1, max_size=12).filter(
        lambda name: not set(name) & {0, 47} and name not in {b".", b"..", b".git"}
    ),
)
_texts = st.text(st.characters(codec="utf-8"), max_size=300)
_contents = st.one_of(
    st.binary(max_size=300),
    _texts.map(str.encode),
    _texts.map(lambda text: text.encode("utf-16")),
    _texts.map(lambda text: text.encode("utf-32")),
    _texts.map(lambda text: b"\xef\xbb\xbf" + text.encode()),
    st.tuples(_texts, st.binary(max_size=50)).map(lambda both: both[0].encode() + both[1]),  # broken in the middle
    st.sampled_from([
        b"", b"\0", b"\n" * 5000, b"(" * 50_000, b"# -*- coding: utf-7 -*-\n+AAA-", b"# coding: rot13\nx",
        b"*\n!*.py\n", b"def f():\n    return 1\n", b"x" * 900_000, b"\xff\xfe", b"\xed\xa0\x80", b"/**/" * 20_000,
        b"'''" * 20_000,
        b"<a>" * 20_000, b"[" * 100_000, b"!" * 200_000, b"**/" * 3000, b"\r\r\n\r", b"# " + b"=" * 50_000 + b"\n",
    ]),
)  # fmt: skip
_entries = st.lists(
    st.tuples(
        st.lists(_names, min_size=1, max_size=3),
        st.sampled_from(
            ["file", "file", "file", "file", "folder", "link", "loop", "out", "pipe", "socket", "repository"]
        ),
        _contents,
    ),
    max_size=12,
)


def _make(root: Path, parts: list[bytes], kind: str, content: bytes) -> None:
    """Make one entry, or none where its place is taken or its name too odd for this file system."""
    path = root.joinpath(*map(os.fsdecode, parts))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "file":
            with path.open("xb") as file:
                file.write(content)
        elif kind in {"folder", "repository"}:
            path.mkdir()
            if kind == "repository":
                (path / ".git").mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "socket":
            with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as listening:
                listening.bind(parts[-1])  # the name of a socket must be short
        else:
            path.symlink_to({"link": os.fsdecode(parts[0]), "loop": ".", "out": "/etc"}[kind])
    except (OSError, ValueError):
        return


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(entries=_entries, git=st.booleans())
def test_every_file_of_any_tree_is_indexed_or_has_a_reason(
    entries: list[tuple[list[bytes], str, bytes]], git: bool
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="tree-")).resolve()
    try:
        root = folder / "repository"
        root.mkdir()
        if git:
            Repo(root).git("init", "--quiet")
        for parts, kind, content in entries:
            _make(root, parts, kind, content)
        before = listing(root)
        with opened(folder / "home", root) as workspace:
            workspace.index()
            assert unexplained(workspace) == []
            workspace.refresh()
            workspace.search("def return x")
            indexed, left_out = workspace.listing()
            told = {each.path.rstrip("/") for each in left_out}.union(indexed)
            workspace.update(path for path in told if "\\" not in path)  # else it may stand for a name that is no text
            assert unexplained(workspace) == []
        assert listing(root) == before
    finally:
        shutil.rmtree(folder)


# -- one of each kind ----------------------------------------------------------------------------------------


def test_huge_and_many_files_cost_little(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    empty_files(root, 2000)
    with (root / "line.py").open("wb") as file:  # one line of 200 MB; most of it takes no disk
        file.seek(200_000_000)
        file.write(b"x\n")
    (root / ".gitignore").write_bytes(b"*a" * 450_000)  # a pattern of 900 KB
    before = listing(root)
    with opened(tmp_path / "home", root) as workspace:
        workspace.index()
        assert workspace.counts()[0] == 2000
        assert workspace.why("line.py").reason == "too large"
        assert unexplained(workspace) == []
    assert listing(root) == before


@pytest.mark.parametrize("kind", ["bare", "shallow", "worktree", "submodule", "unborn", "broken", "part"])
def test_every_kind_of_repository_is_indexed_and_left_as_it_was(
    repo: Repo, tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    repo.write("src/a.py", "def weigh_parcel():\n    return 1\n")
    repo.commit("first")
    repo.write("src/a.py", "def weigh_parcel():\n    return 2\n")
    repo.commit("second")
    folder = tmp_path_factory.mktemp(kind).resolve()
    root = folder / "root"
    url = repo.root.as_uri()
    if kind == "bare":
        repo.git("clone", "--quiet", "--bare", url, str(root))
    elif kind == "shallow":
        repo.git("clone", "--quiet", "--depth=1", url, str(root))
    elif kind == "worktree":
        repo.git("worktree", "add", "--quiet", "--detach", str(root))
    elif kind == "submodule":
        Repo(root.parent).git("init", "--quiet", str(root))
        Repo(root).git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, "module")
        Repo(root).write("b.py", "def weigh_parcel():\n    return 1\n")
    elif kind == "unborn":
        Repo(root.parent).git("init", "--quiet", str(root))
        Repo(root).write("a.py", "def weigh_parcel():\n    return 1\n")
    elif kind == "part":
        root = repo.root / "src"
    else:
        repo.git("clone", "--quiet", url, str(root))
        (root / ".git" / "HEAD").write_bytes(b"\0\xff")
        (root / ".git" / "index").write_bytes(b"DIRC\0\0\0\2\xff\xff\xff\xff")
    top = repo.root if kind in {"part", "worktree"} else root
    before = listing(root), listing(top)
    with opened(folder / "home", root) as workspace:
        report = workspace.index()
        assert unexplained(workspace) == []
        workspace.refresh()
        found = workspace.search("weigh_parcel")[0]
        assert [each.chunk.symbol for each in found if each.chunk.symbol == "weigh_parcel"] or kind == "bare"
        assert report.files >= 1
        if kind == "submodule":
            assert workspace.why("module/src/a.py").reason == "nested repository"
    assert (listing(root), listing(top)) == before


# -- code that wants to be run ----------------------------------------------------------------------------------


def _trap(marks: Path, name: str) -> str:
    script = marks / f"run-{name}"
    script.write_text(f"#!/bin/sh\ntouch '{marks}/{name}.executed'\n")
    script.chmod(0o755)
    return str(script)


def _executed(marks: Path) -> list[str]:
    return sorted(path.name for path in marks.glob("*.executed"))


@pytest.fixture
def trapped(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> tuple[Repo, Path]:
    """A repository whose configuration names programs in every place that git reads, and packages of our names."""
    marks = tmp_path_factory.mktemp("marks")
    for name in ("engine", "app", "numpy", "torch", "encodings"):
        repo.write(f"{name}/__init__.py", f"open({str(marks / name) + '.executed'!r}, 'w')\n")
    for name in ("sitecustomize", "usercustomize", "conftest", "setup", "sqlite3", "json"):
        repo.write(f"{name}.py", f"open({str(marks / name) + '.executed'!r}, 'w')\n")
    for name in ("git", "sh", "python", "sidetune"):
        repo.write(name, f"#!/bin/sh\ntouch '{marks}/own-{name}.executed'\n").chmod(0o755)
    repo.write(".gitattributes", "* filter=evil diff=evil merge=evil text\n")
    repo.write("src/parcels.py", "def weigh_parcel(parcel):\n    return parcel.weight\n")
    repo.commit("first")
    repo.write("src/parcels.py", "def weigh_parcel(parcel):\n    return parcel.weight + 1\n")
    included = repo.write(
        ".git/included",
        "\n".join(
            f'[{section}]\n\t{key} = "{_trap(marks, f"included-{number}")}"'
            for number, (section, key) in enumerate([
                ("core", "fsmonitor"), ("core", "sshCommand"), ("core", "editor"), ("core", "pager"),
                ("core", "askPass"),
                ("diff", "external"), ("diff \"evil\"", "textconv"), ("diff \"evil\"", "command"), ("gpg", "program"),
                ("filter \"evil\"", "clean"), ("filter \"evil\"", "process"), ("filter \"evil\"", "smudge"),
                ("credential", "helper"), ("core", "alternateRefsCommand"), ("uploadpack", "packObjectsHook"),
            ])
        ),
    )  # fmt: skip
    repo.git("config", "include.path", str(included))
    repo.git("config", "extensions.worktreeConfig", "true")
    repo.git("config", "core.hooksPath", str(marks / "hooks"))
    repo.write(".git/config.worktree", f'[core]\n\tfsmonitor = "{_trap(marks, "worktree")}"\n[alias]\n'
               f'\tls-files = "!{_trap(marks, "alias")}"\n\tlog = "!{_trap(marks, "alias")}"\n')  # fmt: skip
    (marks / "hooks").mkdir()
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction", "post-checkout", "pre-auto-gc"):
        for folder in (marks / "hooks", repo.root / ".git" / "hooks"):
            shutil.copy(_trap(marks, f"hook-{name}"), folder / name)
    return repo, marks


def test_the_traps_work(trapped: tuple[Repo, Path]) -> None:
    repo, marks = trapped
    subprocess.run(["git", "-C", str(repo.root), "status"], capture_output=True, check=False, timeout=60)
    subprocess.run([sys.executable, "-m", "app"], cwd=repo.root, capture_output=True, check=False, timeout=60)
    assert {"worktree.executed", "app.executed"} <= set(_executed(marks))


def test_nothing_of_a_repository_is_executed_while_it_is_indexed_watched_and_asked(
    trapped: tuple[Repo, Path], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, marks = trapped
    monkeypatch.chdir(repo.root)
    before = listing(repo.root)
    home = tmp_path_factory.mktemp("homes") / "home"
    with opened(home, repo.root) as workspace, Watcher(repo.root, lambda _batch: None):
        workspace.index()
        workspace.refresh()
        workspace.update(["src/parcels.py", "gone.py"])
        assert [each.chunk.path for each in workspace.search("weigh_parcel")[0]][:1] == ["src/parcels.py"]
        assert workspace.why("sitecustomize.py").indexed
        assert unexplained(workspace) == []
    assert listing(repo.root) == before
    assert _executed(marks) == []


@pytest.mark.timeout(300)
def test_the_commands_run_inside_such_a_repository_execute_nothing_of_it(
    trapped: tuple[Repo, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    repo, marks = trapped
    before = listing(repo.root)
    home = tmp_path_factory.mktemp("home")
    environment = {**os.environ, "SIDETUNE_HOME": str(home), "PATH": f".:{os.environ['PATH']}"}
    command = [str(Path(sys.executable).with_name("sidetune"))]
    if not Path(command[0]).exists():
        command = [sys.executable, "-P", "-m", "engine.cli"]
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    for arguments in (["search", "weigh_parcel", "--repo", ".", "--json"], ["why", "engine/__init__.py"]):
        done = subprocess.run(
            [*command, *arguments],
            cwd=repo.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert listing(repo.root) == before
    assert _executed(marks) == []


def test_a_folder_that_grows_while_it_is_read_ends(tmp_path: Path) -> None:
    """Links that lead back to the folder itself are not followed, so no listing is endless."""
    root = tmp_path / "repository"
    deep = root
    for number in range(60):
        deep = deep / f"level_{number}"
    deep.mkdir(parents=True)
    (deep / "a.py").write_text("x = 1\n")
    for folder in (root, deep):
        (folder / "up").symlink_to(root)
        (folder / "again").symlink_to("again")
    start = time.monotonic()
    with opened(tmp_path / "home", root) as workspace:
        workspace.index()
        assert workspace.counts()[0] == 1
        assert unexplained(workspace) == []
    assert time.monotonic() - start < 60
