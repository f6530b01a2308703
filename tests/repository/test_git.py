from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.repository import git
from engine.repository.scan import Scanner
from engine.types import SkippedFile
from tests.repository.conftest import Repo


def test_the_last_commit_of_every_file_in_one_pass(repo: Repo) -> None:
    repo.write("a.py")
    repo.write("sub/new\nline.py")
    repo.write("sub/b.py")
    repo.commit("first", day="2020-01-01")
    repo.write("a.py", "y = 2\n")
    repo.commit("second: with \x1f and “quotes”", day="2021-02-02")
    repo.write("untracked.py")
    commits = git.last_commits(repo.root)
    assert {path: (each.date, each.subject) for path, each in commits.items()} == {
        "a.py": ("2021-02-02", "second: with \x1f and “quotes”"),
        "sub/b.py": ("2020-01-01", "first"),
        "sub/new\nline.py": ("2020-01-01", "first"),
    }
    assert commits["a.py"].sha == git.head(repo.root)
    assert commits["a.py"].author == "Ada"
    assert set(git.last_commits(repo.root / "sub")) == {"b.py", "new\nline.py"}
    assert set(git.last_commits(repo.root, ["a.py"])) == {"a.py"}
    assert set(git.last_commits(repo.root, history=1)) == {"a.py"}


def test_merges_count_through_the_commits_they_bring_in(repo: Repo) -> None:
    repo.write("a.py")
    repo.commit("base", day="2020-01-01")
    repo.git("switch", "--quiet", "-c", "topic")
    repo.write("b.py")
    repo.commit("on the topic", day="2020-01-02")
    repo.git("switch", "--quiet", "main")
    repo.write("c.py")
    repo.commit("on main", day="2020-01-03")
    repo.git("merge", "--quiet", "--no-edit", "topic")
    subjects = {path: each.subject for path, each in git.last_commits(repo.root).items()}
    assert subjects == {"a.py": "base", "b.py": "on the topic", "c.py": "on main"}


def test_settings_that_would_change_the_answer_do_not(repo: Repo) -> None:
    repo.write("a.py")
    repo.write("old.py", "x = 1\n" * 50)
    repo.commit("first")
    repo.git("mv", "old.py", "new.py")
    repo.commit("renamed")
    for key, value in {
        "log.showRoot": "false", "diff.renames": "copies", "log.follow": "true", "core.quotePath": "true",
        "log.date": "relative", "color.ui": "always", "log.decorate": "full", "i18n.logOutputEncoding": "latin-1",
        "diff.noprefix": "true", "format.pretty": "%H", "diff.relative": "true",
    }.items():  # fmt: skip
        repo.git("config", key, value)
    assert {path: each.subject for path, each in git.last_commits(repo.root).items()} == {
        "a.py": "first",
        "new.py": "renamed",
    }


def test_tracked_are_files_only(repo: Repo) -> None:
    repo.write("a.py")
    (repo.root / "link").symlink_to("a.py")
    repo.commit("first")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{git.head(repo.root)},module")
    repo.write("b.py")
    assert git.tracked(repo.root) == {"a.py"}


def test_before_the_first_commit_and_outside_of_git(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert git.is_repository(repo.root)
    assert git.head(repo.root) == ""
    assert git.last_commits(repo.root) == {}
    assert git.problem(repo.root) == ""
    outside = tmp_path_factory.mktemp("plain")
    assert not git.is_repository(outside)
    assert git.tracked(outside) == frozenset()
    assert git.problem(outside) == ""
    assert git.git_directories(outside) is None


def test_directories_of_a_linked_work_tree(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> None:
    repo.write("a.py")
    repo.commit("first")
    linked = (tmp_path_factory.mktemp("trees") / "linked").resolve()
    repo.git("worktree", "add", "--quiet", str(linked))
    found = git.git_directories(linked)
    assert found is not None
    assert found.top == linked
    assert found.own == repo.root / ".git" / "worktrees" / "linked"
    assert found.common == repo.root / ".git"
    assert git.tracked(linked) == {"a.py"}
    assert set(git.last_commits(linked)) == {"a.py"}


def test_a_repository_of_another_user_is_explained(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("a.py")
    repo.commit("first")
    monkeypatch.setitem(git._ENVIRONMENT, "GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own switch for its own tests
    assert "another user owns it" in git.problem(repo.root)
    assert f"safe.directory {repo.root}" in git.problem(repo.root)
    assert "\n" not in git.problem(repo.root)
    assert git.last_commits(repo.root) == {}
    assert [found.path for found in Scanner(repo.root).list()] == ["a.py"]


def test_a_damaged_repository_is_still_a_folder(repo: Repo) -> None:
    repo.write("a.py")
    repo.commit("first")
    (repo.root / ".git" / "HEAD").write_bytes(b"\0nonsense")
    (repo.root / ".git" / "index").write_bytes(b"nonsense")
    assert git.problem(repo.root)
    assert git.tracked(repo.root) == frozenset()
    assert [found.path for found in Scanner(repo.root).list()] == ["a.py"]


def test_a_hook_s_environment_does_not_point_elsewhere(
    repo: Repo, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write("a.py")
    repo.commit("first")
    other = Repo(tmp_path_factory.mktemp("other"))
    other.git("init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / "index"))
    assert git.tracked(repo.root) == {"a.py"}


def test_git_is_never_taken_from_the_folder_at_hand(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = repo.write("git", f"#!/bin/sh\ntouch {repo.root}/executed\n")
    fake.chmod(0o755)
    monkeypatch.chdir(repo.root)
    git._executable.cache_clear()
    for path in ["", ".", os.pathsep, f".{os.pathsep}relative", str(repo.root)]:
        monkeypatch.setenv("PATH", path)
        assert git.tracked(repo.root) == frozenset()
    git._executable.cache_clear()
    assert not (repo.root / "executed").exists()


def test_a_slow_git_is_given_up(
    repo: Repo, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path_factory.mktemp("tools")
    slow = tools / "git"
    slow.write_text("#!/bin/sh\necho partial\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(git.GitFailed, match="took longer than"):
        git._run(repo.root, "rev-parse", timeout=0.3)


def test_output_that_fills_both_pipes_does_not_block(
    repo: Repo, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path_factory.mktemp("tools")
    script = tools / "loud.py"
    script.write_text("import sys\nfor n in range(3000):\n sys.stderr.write('e' * 99)\n sys.stdout.write('o' * 99)\n")
    loud = tools / "git"  # a shell script: the interpreter's path may hold spaces, which no #! line can
    loud.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}"\n')
    loud.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    assert len(git._run(repo.root, "rev-parse", timeout=20)) == 3000 * 99


# -- nothing that a repository configures is executed ---------------------------------------------------


@pytest.fixture
def hostile(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> tuple[Repo, Path]:
    """A repository in which every setting that names a program names one that leaves a mark."""
    marks = tmp_path_factory.mktemp("marks")
    repo.write("a.py")
    repo.write("b.dat", "data\n")
    repo.write(".gitattributes", "* filter=evil diff=evil merge=evil text eol=crlf\n")
    repo.write(".mailmap", "Proper <a@b> <ada@example.org>\n")
    repo.commit("first")
    repo.write("a.py", "y = 2\n")
    repo.commit("second")

    def mark(name: str) -> str:
        script = marks / f"run-{name}"
        script.write_text(f"#!/bin/sh\ntouch '{marks}/{name}.executed'\nexit 1\n")
        script.chmod(0o755)
        return str(script)

    for key in [
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy",
        "core.alternateRefsCommand", "credential.helper", "diff.external", "diff.evil.command", "diff.evil.textconv",
        "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "merge.evil.driver", "gpg.program",
        "gpg.ssh.program", "gpg.x509.program", "interactive.diffFilter", "pager.log", "pager.ls-files", "pager.config",
        "pager.rev-parse", "sequence.editor", "uploadpack.packObjectsHook", "man.x.cmd", "web.browser", "help.browser",
    ]:  # fmt: skip
        repo.git("config", key, mark(key.replace(".", "-").lower()))
    for key, value in {
        "filter.evil.required": "true", "log.showSignature": "true", "diff.evil.cachetextconv": "false",
        "core.hooksPath": str(marks / "hooks"), "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true", "remote.origin.partialCloneFilter": "blob:none", "submodule.recurse": "true",
        "remote.origin.url": f"ext::sh -c {mark('ext')}", "protocol.ext.allow": "always", "protocol.allow": "always",
        "alias.log": f"!{mark('alias-log')}", "alias.ls-files": f"!{mark('alias-ls')}",
        "remote.origin.uploadpack": mark("uploadpack"), "core.untrackedCache": "true", "gc.auto": "1",
        "core.excludesFile": str(marks / "pipe"), "mailmap.file": str(marks / "pipe"), "log.mailmap": "true",
    }.items():  # fmt: skip
        repo.git("config", key, value)
    os.mkfifo(marks / "pipe")
    hooks = marks / "hooks"
    hooks.mkdir()
    for folder in (hooks, repo.root / ".git" / "hooks"):
        for name in [
            "post-index-change",
            "reference-transaction",
            "pre-auto-gc",
            "post-checkout",
            "fsmonitor-watchman",
        ]:
            hook = folder / name
            hook.write_text(f"#!/bin/sh\ntouch '{marks}/hook-{name}.executed'\n")
            hook.chmod(0o755)
    return repo, marks


def _executed(marks: Path) -> list[str]:
    return sorted(path.name for path in marks.glob("*.executed"))


def _unprotected(repo: Repo, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(repo.root), *arguments], capture_output=True, check=False, timeout=20)


def test_the_trap_works(hostile: tuple[Repo, Path]) -> None:
    repo, marks = hostile
    repo.git("config", "core.excludesFile", "")
    repo.git("config", "mailmap.file", "")
    _unprotected(repo, "status")
    _unprotected(repo, "diff", "HEAD~1", "HEAD")
    tree = repo.git("-c", "core.fsmonitor=false", "rev-parse", "HEAD^{tree}").strip()
    (repo.root / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    _unprotected(repo, "log", "--name-only")
    assert {"core-fsmonitor.executed", "filter-evil-process.executed", "ext.executed"} <= set(_executed(marks))


def test_nothing_is_executed(hostile: tuple[Repo, Path]) -> None:
    repo, marks = hostile
    commit = git.head(repo.root)
    assert commit
    assert git.is_repository(repo.root)
    assert git.problem(repo.root) == ""
    assert git.tracked(repo.root) == {"a.py", "b.dat", ".gitattributes", ".mailmap"}
    assert len(git.last_commits(repo.root)) == 4
    assert git.excludes_file(repo.root) == marks / "pipe"
    found = [Scanner(repo.root).read(each.path) for each in Scanner(repo.root).list()]
    assert sum(isinstance(each, SkippedFile) for each in found) == 0
    assert dict(git.files_at(repo.root, commit, largest=1000))["b.dat"] == b"data\n"
    assert _executed(marks) == []


def test_a_missing_object_is_not_fetched(hostile: tuple[Repo, Path]) -> None:
    repo, marks = hostile
    tree = repo.git("-c", "core.fsmonitor=false", "rev-parse", "HEAD^{tree}").strip()
    (repo.root / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    assert git.last_commits(repo.root) == {}
    assert _executed(marks) == []
