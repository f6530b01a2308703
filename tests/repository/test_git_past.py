from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from engine.repository import git


def _git(root: Path, *arguments: str) -> None:
    identity = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, env=os.environ | identity)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    _git(tmp_path, "init", "--quiet")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "größe.py").write_bytes(b"old = 1\r\n")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 1000)
    (tmp_path / "link").symlink_to("empty.txt")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "--quiet", "-m", "first")
    (tmp_path / "sub" / "größe.py").write_bytes(b"new = 2\n")
    (tmp_path / "later.py").write_bytes(b"x = 1\n")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "--quiet", "-m", "second")
    return tmp_path


def test_files_are_read_as_they_were(root: Path) -> None:
    first = git.commit_of(root, "HEAD~1")
    assert dict(git.files_at(root, first, largest=1_000_000)) == {
        "binary": bytes(range(256)) * 1000,
        "empty.txt": b"",
        "sub/größe.py": b"old = 1\r\n",
    }
    assert (root / "sub" / "größe.py").read_bytes() == b"new = 2\n"


def test_large_files_and_other_folders_are_left_out(root: Path) -> None:
    now = git.commit_of(root, "HEAD")
    assert sorted(path for path, _ in git.files_at(root, now, largest=100)) == ["empty.txt", "later.py", "sub/größe.py"]
    assert dict(git.files_at(root / "sub", now, largest=100)) == {"größe.py": b"new = 2\n"}


def test_filters_of_the_repository_are_not_run(root: Path) -> None:
    (root / ".git" / "info" / "attributes").write_text("*.py filter=evil diff=evil\n", encoding="utf-8")
    for key in ("filter.evil.smudge", "diff.evil.textconv"):
        _git(root, "config", key, f"touch {root}/executed; cat")
    files = dict(git.files_at(root, git.commit_of(root, "HEAD"), largest=100))
    assert files["later.py"] == b"x = 1\n"
    assert not (root / "executed").exists()


def test_a_lost_object_is_an_error(root: Path) -> None:
    blob = subprocess.run(
        ["git", "-C", str(root), "rev-parse", "HEAD:later.py"], check=True, capture_output=True, text=True
    ).stdout.strip()
    (root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    now = git.commit_of(root, "HEAD")
    with pytest.raises(git.GitFailed):
        list(git.files_at(root, now, largest=100))
    # But not when it is not asked for: the history of a partial clone has most large files missing.
    found = git.files_at(root, now, largest=100, wanted=lambda path: path != "later.py")
    assert sorted(path for path, _ in found) == ["empty.txt", "sub/größe.py"]


def test_changes_come_oldest_first_with_their_paths_and_without_merges(root: Path) -> None:
    _git(root, "checkout", "--quiet", "-b", "side")
    (root / "side.py").write_text("s = 1\n", encoding="utf-8")
    _git(root, "add", ".")
    _git(root, "commit", "--quiet", "-m", "third, aside")
    _git(root, "checkout", "--quiet", "-")
    _git(root, "mv", "later.py", "sub/moved.py")
    _git(root, "commit", "--quiet", "-m", "fourth")
    _git(root, "merge", "--quiet", "--no-edit", "-m", "a merge", "side")
    first, last = git.commit_of(root, "HEAD~3"), git.commit_of(root, "HEAD")
    found = {commit.subject: sorted(paths) for commit, paths in git.changes_since(root, first, last)}
    assert next(iter(found)) == "second"
    assert found == {
        "second": ["later.py", "sub/größe.py"],
        "third, aside": ["side.py"],
        "fourth": ["later.py", "sub/moved.py"],
    }
    below = {commit.subject: paths for commit, paths in git.changes_since(root / "sub", first, last)}
    assert below["second"] == ["größe.py"]
    assert list(git.changes_since(root, last, last)) == []
    assert [commit.subject for commit, _ in git.changes_since(root, None, last, most=2)] == list(found)[1:]
    assert next(iter(git.changes_since(root, None, last)))[0].subject == "first"


@pytest.mark.parametrize("revision", ["nowhere", "--output=file", "", "HEAD:later.py"])
def test_what_is_no_commit_is_refused(root: Path, revision: str) -> None:
    with pytest.raises(git.GitFailed):
        git.commit_of(root, revision)
