from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import Cancelled, RepositoryError, UsageError
from engine.repository.scan import ListedFile, Scanner, explain, list_paths, read_source, scan
from engine.types import Report, SkippedFile, SourceFile, sha256_hex
from tests.repository.conftest import Repo


def _reasons(root: Path) -> dict[str, str]:
    return {found.path: found.reason for found in scan(root) if isinstance(found, SkippedFile)}


def _files(root: Path) -> dict[str, SourceFile]:
    return {found.path: found for found in scan(root) if isinstance(found, SourceFile)}


def test_a_file_comes_with_all_that_is_known_of_it(repo: Repo) -> None:
    file = repo.write("src/größe.py", b"\xef\xbb\xbfx = 1\r\n")
    repo.commit("add it", day="2023-02-03")
    (found,) = scan(repo.root)
    assert isinstance(found, SourceFile)
    assert (found.path, found.text, found.language) == ("src/größe.py", "x = 1\n", "python")
    assert found.sha256 == sha256_hex(file.read_bytes())
    assert found.size == 10
    assert found.mtime_ns == file.stat().st_mtime_ns
    assert found.commit is not None
    assert (found.commit.date, found.commit.author, found.commit.subject) == ("2023-02-03", "Ada", "add it")


def test_paths_come_sorted_and_folders_left_out_are_one_entry(folder: Repo) -> None:
    for path in ["a-b", "a/x.py", "a.py", "b/node_modules/m/index.js", "B.py", "a/b/c.py", ".hidden/y.py", "b.py"]:
        folder.write(path)
    paths = [found.path for found in scan(folder.root)]
    assert paths == sorted(paths)
    assert paths == [".hidden/y.py", "B.py", "a-b", "a.py", "a/b/c.py", "a/x.py", "b.py", "b/node_modules/"]
    assert [found.path for found in list_paths(folder.root)] == paths


def test_every_reason(repo: Repo) -> None:
    repo.write(".gitignore", "*.log\nbuild/\n")
    repo.write("a.log")
    repo.write("build/x.py")
    repo.write("big.txt", b"word\n" * 200_001)
    repo.write("binary", b"a\0b")
    repo.write(".env")
    repo.write("go.sum")
    repo.write("gen.py", "# @generated\n")
    repo.write("x.min.js")
    repo.write("venv/pyvenv.cfg")
    repo.write("target/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n")
    repo.write("fake/CACHEDIR.TAG", "something else\n")
    (repo.root / "link").symlink_to(".gitignore")
    os.mkfifo(repo.root / "pipe")
    assert _reasons(repo.root) == {
        ".env": "secret",
        "a.log": "ignored",
        "big.txt": "too large",
        "binary": "binary",
        "build/": "ignored",
        "gen.py": "generated",
        "go.sum": "generated",
        "link": "symlink",
        "pipe": "special file",
        "target/": "ignored",
        "venv/": "ignored",
        "x.min.js": "minified",
    }
    assert all(found.detail for found in scan(repo.root) if isinstance(found, SkippedFile))


def test_the_size_limit_is_exact(folder: Repo) -> None:
    folder.write("fits.txt", b"word\n" * 200_000)
    folder.write("over.txt", b"word\n" * 200_000 + b"x")
    assert list(_files(folder.root)) == ["fits.txt"]


def test_links_are_never_followed(folder: Repo, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.py").write_text("password = 1\n")
    folder.write("in/a.py")
    (folder.root / "out").symlink_to(outside)
    (folder.root / "in" / "loop").symlink_to(folder.root)
    (folder.root / "broken").symlink_to("nowhere")
    assert list(_files(folder.root)) == ["in/a.py"]
    assert _reasons(folder.root) == {"out": "symlink", "in/loop": "symlink", "broken": "symlink"}
    for path in ["out/secret.py", "in/loop/in/a.py", "broken"]:
        found = read_source(folder.root, path)
        assert isinstance(found, SkippedFile)
        assert found.reason == "symlink"


def test_sockets_and_devices_are_not_opened(folder: Repo) -> None:
    here = Path.cwd()
    os.chdir(folder.root)  # a socket's path must be short
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("sock")
            assert _reasons(folder.root) == {"sock": "special file"}
    finally:
        os.chdir(here)
    assert explain(Path("/dev"), "null") == SkippedFile("null", "special file", "a pipe, socket or device")


def test_nested_repositories_and_submodules_are_left_to_themselves(repo: Repo) -> None:
    repo.write("a.py")
    inner = Repo(repo.root / "libs" / "inner")
    inner.write("b.py")
    inner.git("init", "--quiet")
    repo.write("module/.git", "gitdir: ../.git/modules/module\n")
    repo.write("module/c.py")
    assert list(_files(repo.root)) == ["a.py"]
    assert _reasons(repo.root) == {"libs/inner/": "nested repository", "module/": "nested repository"}
    found = explain(repo.root, "libs/inner/b.py")
    assert found is not None
    assert (found.path, found.reason) == ("libs/inner/", "nested repository")


def test_tracked_files_are_read_even_where_git_ignores(repo: Repo) -> None:
    repo.write("out/kept.py")
    repo.write("venv/pyvenv.cfg")
    repo.commit("first")
    repo.write(".gitignore", "out/\n")
    repo.write("out/new.py")
    repo.write("out/deep/new.py")
    assert set(_files(repo.root)) == {".gitignore", "out/kept.py", "venv/pyvenv.cfg"}
    assert _reasons(repo.root) == {"out/new.py": "ignored", "out/deep/": "ignored"}


def test_names_of_any_bytes_survive(repo: Repo) -> None:
    names = [
        b"new\nline.py",
        b'quo"te.py',
        b"tab\t.py",
        b"\xff\xfe.py",
        b"back\\slash.py",
        b" space .py",
        b"\x01start.py",
    ]
    for name in names:
        Path(os.fsdecode(os.fsencode(repo.root) + b"/" + name)).write_text("x = 1\n")
    repo.commit("odd names")
    found = _files(repo.root)
    assert {os.fsencode(path) for path in found} == set(names)
    assert all(file.commit is not None and file.language == "python" for file in found.values())
    for path in found:
        assert read_source(repo.root, path) == found[path]
        assert explain(repo.root, path) is None


@contextmanager
def _somebody_else(root: Path) -> Iterator[None]:
    """Give up root's right to read everything, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_cannot_be_opened_is_a_reason_and_no_error() -> None:
    root = Path(tempfile.mkdtemp()).resolve()  # pytest's own folders are closed to others
    try:
        root.chmod(0o755)
        folder = Repo(root)
        folder.write("a.py")
        folder.write("closed.py").chmod(0)
        folder.write("dark/b.py")
        (root / "dark").chmod(0)
        (root / ".gitignore").write_text("x\n")
        (root / ".gitignore").chmod(0)
        with _somebody_else(root):
            assert list(_files(root)) == ["a.py"]
            assert _reasons(root) == {".gitignore": "unreadable", "closed.py": "unreadable", "dark/": "unreadable"}
            found = explain(root, "dark/b.py")
            assert found is not None
            assert found.reason == "unreadable"
            with pytest.raises(RepositoryError, match="cannot be read: Permission denied"):
                Scanner(root / "dark")
        (root / "dark").chmod(0o755)
    finally:
        shutil.rmtree(root)


def test_a_missing_root_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="No such file"):
        list(scan(tmp_path / "none"))


def test_explain_names_the_parent_that_is_to_blame(repo: Repo) -> None:
    repo.write(".gitignore", "build/\n*.log\n")
    repo.write("build/deep/x.py")
    repo.write("a.py")
    repo.write("sub/b.log")
    assert explain(repo.root, "a.py") is None
    assert explain(repo.root, "./a.py") is None
    assert explain(repo.root, "sub") is None
    assert explain(repo.root, "build/deep/x.py") == SkippedFile("build/", "ignored", ".gitignore:1: build/")
    assert explain(repo.root, "sub/b.log") == SkippedFile("sub/b.log", "ignored", ".gitignore:2: *.log")
    assert explain(repo.root, "none.py") == SkippedFile("none.py", "missing", "there is no such file")
    assert explain(repo.root, "a.py/b") == SkippedFile("a.py/", "missing", "there is no such folder")
    assert explain(repo.root, ".git/config") == SkippedFile(".git/", "ignored", "git's own")


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "", ".", "a\0b"])
def test_paths_out_of_the_repository_are_refused(folder: Repo, path: str) -> None:
    with pytest.raises(UsageError):
        explain(folder.root, path)


def test_listing_opens_nothing_and_tells_what_changed(folder: Repo) -> None:
    file = folder.write("a.py")
    (listed,) = list_paths(folder.root)
    assert listed == ListedFile("a.py", file.stat().st_size, file.stat().st_mtime_ns)
    file.write_text("y = 22\n")
    (changed,) = list_paths(folder.root)
    assert changed != listed


def test_a_file_that_changes_kind_between_listing_and_reading(folder: Repo) -> None:
    for name in ["a.py", "b.py", "c.py", "d.py"]:
        folder.write(name)
    scanner = Scanner(folder.root)
    assert len(list(scanner.list())) == 4
    for name in ["a.py", "b.py", "c.py", "d.py"]:
        (folder.root / name).unlink()
    os.mkfifo(folder.root / "a.py")
    (folder.root / "b.py").symlink_to("/etc/passwd")
    (folder.root / "c.py").mkdir()
    reasons = [scanner.read_listed(name) for name in ["a.py", "b.py", "c.py", "d.py"]]
    assert [each.reason for each in reasons if isinstance(each, SkippedFile)] == [
        "special file",
        "symlink",
        "special file",
        "missing",
    ]


def test_progress_is_reported_and_cancelling_stops(folder: Repo) -> None:
    for number in range(5):
        folder.write(f"{number}.py")
    reports: list[Report] = []
    assert len(list(scan(folder.root, progress=reports.append))) == 5
    assert [(report.stage, report.done, report.detail) for report in reports[:2]] == [
        ("scan", 1, "0.py"),
        ("scan", 2, "1.py"),
    ]
    stop = threading.Event()
    running = scan(folder.root, cancel=stop)
    next(running)
    stop.set()
    with pytest.raises(Cancelled):
        next(running)


def test_it_works_without_git(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("a.py")
    repo.write("b.log")
    repo.write(".git/info/exclude", "*.log\n")
    repo.commit("first")
    monkeypatch.setenv("PATH", "")
    assert list(_files(repo.root)) == ["a.py"]
    assert _files(repo.root)["a.py"].commit is None
    reports: list[Report] = []
    list(scan(repo.root, progress=reports.append))
    assert "git is not installed" in reports[0].detail


def test_a_scan_leaves_the_repository_as_it_was(repo: Repo) -> None:
    repo.write("a.py")
    repo.write("b.py")
    repo.commit("first")
    os.utime(repo.root / "a.py")  # git status would now refresh the index
    before = {path: path.lstat().st_mtime_ns for path in repo.root.rglob("*")}
    assert len(list(scan(repo.root))) == 2
    assert {path: path.lstat().st_mtime_ns for path in repo.root.rglob("*")} == before


def test_importing_the_scanner_is_light() -> None:
    code = "import sys, engine.repository.scan; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "watchdog", "hypothesis"} & set(done.stdout.split())
