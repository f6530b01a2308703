from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.tiny import ARCHITECTURES, tiny_model


@pytest.fixture(scope="session")
def tiny_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One tiny model of each architecture, made once; tests must not write into them."""
    root = tmp_path_factory.mktemp("tiny")
    return {name: tiny_model(root / name, name) for name in ARCHITECTURES}


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("SIDETUNE_HOME", str(home))
    return home
