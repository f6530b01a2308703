"""Models over the wire: the calls that the window makes, with a hub on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import wire
from engine.config import Settings
from engine.errors import UsageError
from engine.models.catalogue import CATALOGUE, CatalogueEntry, Source
from engine.server.models import Models
from tests.models.small_hub import SmallHub, serving
from tests.models.tiny import tiny_model


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallHub]:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    folder = tiny_model(tmp_path / "weights", "qwen2")
    entry = CatalogueEntry("tiny", "Tiny", "For tests.", licence="MIT", weights=Source("maker/tiny"))
    monkeypatch.setattr("engine.models.catalogue.CATALOGUE", (*CATALOGUE, entry))
    with serving() as hub:
        hub.add("maker/tiny", {path.name: path.read_bytes() for path in folder.iterdir()})
        yield hub


@pytest.fixture
def models(hub: SmallHub) -> Iterator[Models]:
    models = Models(lambda: Settings(hub=hub.url))
    yield models
    models.close()


def _row(models: Models, name: str = "tiny") -> wire.ModelRow:
    return next(each for each in models.list(wire.Empty()).models if each.name == name)


def _until(models: Models, wanted: Callable[[wire.ModelRow], bool]) -> wire.ModelRow:
    end = time.monotonic() + 60
    while not wanted(row := _row(models)):
        assert time.monotonic() < end, row
        time.sleep(0.01)
    return row


def test_installed_with_progress_and_removed(models: Models) -> None:
    assert models.list(wire.Empty()).models[0].name == "bundled"
    assert (_row(models).state, _row(models).learns, _row(models, "bundled").used) == ("available", True, True)
    models.install(wire.InstallModel("tiny"))
    models.install(wire.InstallModel("tiny"))  # harmless
    row = _until(models, lambda row: row.state == "installed")
    assert row.done == row.total > 100_000 and row.problem == ""
    assert _row_of(models.remove(wire.ModelRef("tiny"))).state == "available"
    with pytest.raises(UsageError, match="no model 'bundled' that could be installed or removed"):
        models.remove(wire.ModelRef("bundled"))


def _row_of(found: wire.Models) -> wire.ModelRow:
    return next(each for each in found.models if each.name == "tiny")


def test_paused_and_gone_on_with(models: Models, hub: SmallHub) -> None:
    hub.failures = 10_000  # nothing comes
    models.install(wire.InstallModel("tiny"))
    _until(models, lambda row: row.state == "downloading" and row.total > 0)
    row = _row_of(models.pause(wire.ModelRef("tiny")))
    assert row.state == "paused" and row.total > 0 and row.problem == ""
    hub.failures = 0
    models.install(wire.InstallModel("tiny"))
    assert _until(models, lambda row: row.state == "installed").done > 0


def test_a_silent_hub_holds_up_neither_pausing_nor_the_end(
    models: Models, hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.server.models._SOON", 0.1)
    hub.silent = threading.Event()
    models.install(wire.InstallModel("tiny"))
    (files,) = hub.repositories["maker/tiny"].values()
    small = sum(len(files[name]) for name in ("config.json", "generation_config.json"))
    half = small + len(files["tokenizer.json"]) // 2  # the first large file
    _until(models, lambda row: row.state == "downloading" and row.done >= half)
    assert _row_of(models.pause(wire.ModelRef("tiny"))).state == "paused"
    with pytest.raises(UsageError, match="Tiny is still being stopped; try again in a moment"):
        models.install(wire.InstallModel("tiny"))
    hub.silent.set()
    end = time.monotonic() + 60
    while any(thread.name == "install tiny" for thread in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0.01)
    models.install(wire.InstallModel("tiny"))
    _until(models, lambda row: row.state == "installed")


def test_what_failed_has_its_sentence_and_can_be_tried_again(models: Models, hub: SmallHub) -> None:
    hub.corrupt = True
    models.install(wire.InstallModel("tiny"))
    row = _until(models, lambda row: row.state == "failed")
    assert "sent other bytes for maker/tiny/" in row.problem
    hub.corrupt = False
    models.install(wire.InstallModel("tiny"))
    assert _until(models, lambda row: row.state == "installed").problem == ""


def test_the_model_that_answers_is_not_removed(hub: SmallHub) -> None:
    models = Models(lambda: Settings(model="tiny", hub=hub.url))
    models.install(wire.InstallModel("tiny"))
    assert _until(models, lambda row: row.state == "installed").used
    with pytest.raises(UsageError, match="Tiny is the model that answers; choose another one first"):
        models.remove(wire.ModelRef("tiny"))
    models.close()
    with pytest.raises(UsageError, match="stopping"):
        models.install(wire.InstallModel("tiny"))


def test_every_message_goes_over_the_wire_and_back(models: Models) -> None:
    found = models.list(wire.Empty())
    assert wire.decode(wire.encode(found), wire.Models) == found
    for call in (wire.LIST_MODELS, wire.INSTALL_MODEL, wire.PAUSE_MODEL, wire.REMOVE_MODEL):
        assert call in wire.CALLS and call.gives is wire.Models
