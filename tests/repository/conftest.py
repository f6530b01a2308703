from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


class Repo:
    """A folder to fill, with git where a test asks for it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, content: str | bytes = "x = 1\n") -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def git(self, *arguments: str, **environment: str) -> str:
        names = {"GIT_AUTHOR_NAME": "Ada", "GIT_COMMITTER_NAME": "Ada"}
        mails = {"GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_EMAIL": "ada@example.org"}
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            check=True,
            capture_output=True,
            env=os.environ | names | mails | environment,
        )
        return done.stdout.decode()

    def commit(self, subject: str, day: str = "2024-05-01") -> None:
        self.git("add", "--all", "--force")
        when = f"{day}T12:00:00+0000"
        self.git("commit", "--quiet", "-m", subject, GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when)


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the developer's git configuration out of the tests."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in [name for name in os.environ if name.startswith("GIT_") and name != "GIT_CONFIG_NOSYSTEM"]:
        monkeypatch.delenv(name)
    return home


@pytest.fixture
def folder(tmp_path: Path) -> Repo:
    """A folder without git."""
    return Repo(tmp_path)


@pytest.fixture
def repo(folder: Repo) -> Repo:
    """An empty git repository."""
    folder.git("init", "--quiet", "--initial-branch=main")
    return folder
