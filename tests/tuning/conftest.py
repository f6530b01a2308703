"""One tiny real model for the whole folder, and a home of its own for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.models import InstalledModel
from engine.models.local import install_folder
from engine.tuning import Recipe, Tuner
from engine.types import Chunk, Selected
from tests.models.tiny import tiny_model

# The tiny model's weights are random and coarse, so it learns at a higher rate than a trained one.
RECIPE = Recipe(
    rank=4, alpha=8.0, learning_rate=1e-2, max_tokens=128, facts_a_step=2, fact_every=2, layers=1.0, short=1.0
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("SIDETUNE_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InstalledModel]:
    folder = tmp_path_factory.mktemp("model")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIDETUNE_HOME", str(folder / "home"))
        yield install_folder(tiny_model(folder / "weights"), "tiny")


@pytest.fixture(scope="session")
def tuner(model: InstalledModel) -> Tuner:
    loaded = Tuner(model, recipe=RECIPE, threads=1, bf16=False)
    loaded.prepare()
    return loaded


def function(number: int, path: str = "app.py") -> Chunk:
    text = f"def handler_{number}(request):\n    value = request.handlers[{number}]\n    return value\n"
    first = 10 * number + 1
    return Chunk(path, first, first + 2, text, "function", "python", f"handler_{number}")


def pick(number: int, gain: float = 0.1, picks: int = 1) -> Selected:
    return Selected(function(number), score=0.5, gain=gain, share=0.1, picks=picks)
