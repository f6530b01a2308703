"""Every test of the window has a home of its own and leaves nothing running."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.app.leaks import alive, left_since
from tests.app.scripted import FILE_NAMES


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the window remembers out of the user's home."""
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(autouse=True)
def _nothing_leaks() -> Iterator[None]:
    """Fail the test that leaves a thread, a running timer or a top-level widget behind."""
    threads, before = set(threading.enumerate()), alive()
    yield
    left = left_since(before)
    assert not left, f"left behind: {sorted(left)}"
    assert set(threading.enumerate()) <= threads, f"threads left: {set(threading.enumerate()) - threads}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that looks like the repository of ``tests.app.scripted``."""
    root = tmp_path / "shop"
    for name in FILE_NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("line\n" * 40, encoding="utf-8")
    return root
