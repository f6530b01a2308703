from __future__ import annotations

import json
import multiprocessing
import shutil
from pathlib import Path

import pytest

from engine.errors import ModelError, StorageError
from engine.models.bundled import install_bundled
from engine.models.catalogue import BUNDLED, find
from engine.models.files import replacing, sha256_file
from engine.models.install import install_model
from engine.models.local import install_folder
from engine.types import Report
from tests.models.tiny import tiny_model


@pytest.fixture
def folder(tiny_folders: dict[str, Path], tmp_path: Path) -> Path:
    return shutil.copytree(tiny_folders["llama"], tmp_path / "model")


def test_installed_model_describes_its_files(tiny_folders: dict[str, Path], own_home: Path) -> None:
    reports: list[Report] = []
    model = install_folder(tiny_folders["qwen3"], "tiny", notes="small", progress=reports.append)
    assert (model.name, model.architecture, model.context, model.style, model.notes) == (
        "tiny",
        "qwen3",
        512,
        "compact",
        "small",
    )
    assert model.gguf.parent == own_home / "models"
    assert model.gguf.read_bytes()[:4] == b"GGUF"
    per_layer = 64 * 128 * 2 + 64 * 64 * 2 + 3 * 64 * 160 + 2 * 64 + 2 * 32
    assert model.parameters == 512 * 64 + 2 * per_layer + 64
    assert [report.done for report in reports] == [0, 1, 2]


def test_second_use_neither_converts_nor_changes_anything(folder: Path) -> None:
    first = install_folder(folder, "tiny")
    before = first.gguf.stat().st_mtime_ns
    reports: list[Report] = []
    assert install_folder(folder, "tiny", progress=reports.append) == first
    assert first.gguf.stat().st_mtime_ns == before
    assert [report.done for report in reports] == [0, 2]


def test_conversion_is_deterministic(folder: Path) -> None:
    model = install_folder(folder, "tiny")
    first = sha256_file(model.gguf)
    model.gguf.unlink()
    assert sha256_file(install_folder(folder, "tiny").gguf) == first


@pytest.mark.parametrize("damage", ["truncate", "flip", "remove", "no manifest", "bad manifest"])
def test_a_damaged_gguf_is_remade(folder: Path, damage: str) -> None:
    model = install_folder(folder, "tiny")
    good = model.gguf.read_bytes()
    manifest = model.gguf.with_suffix(".json")
    if damage == "truncate":
        model.gguf.write_bytes(good[:-1000])
    elif damage == "flip":
        model.gguf.write_bytes(good[:-1000] + bytes([good[-1000] ^ 1]) + good[-999:])
    elif damage == "remove":
        model.gguf.unlink()
    elif damage == "no manifest":
        manifest.unlink()
    else:
        manifest.write_text("[]")
    assert install_folder(folder, "tiny").gguf.read_bytes() == good
    assert json.loads(manifest.read_text())["sha256"] == sha256_file(model.gguf)


def test_identity_follows_the_contents_and_not_the_place(folder: Path, tmp_path: Path) -> None:
    first = install_folder(folder, "tiny")
    moved = shutil.copytree(folder, tmp_path / "elsewhere")
    assert install_folder(moved, "tiny").id == first.id
    shard = sorted(moved.glob("*.safetensors"))[-1]
    data = shard.read_bytes()
    shard.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    changed = install_folder(moved, "tiny")
    assert changed.id != first.id
    assert changed.gguf != first.gguf


def _install(folder: str, start: object, done: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    done.put(install_folder(Path(folder), "tiny").gguf.read_bytes())  # type: ignore[attr-defined]


def test_two_processes_may_convert_at_once(folder: Path, own_home: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, done = context.Event(), context.Queue()
    workers = [context.Process(target=_install, args=(str(folder), start, done)) for _ in range(2)]
    for worker in workers:
        worker.start()
    start.set()
    results = [done.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(60)
    assert results[0] == results[1] == install_folder(folder, "tiny").gguf.read_bytes()
    assert sorted(path.suffix for path in (own_home / "models").iterdir()) == [".gguf", ".json"]


def test_truncated_weights_are_refused_in_one_sentence(folder: Path) -> None:
    shard = sorted(folder.glob("*.safetensors"))[1]
    shard.write_bytes(shard.read_bytes()[:-10])
    with pytest.raises(ModelError, match="truncated") as caught:
        install_folder(folder, "tiny")
    assert "\n" not in str(caught.value)


def test_a_model_that_cannot_chat_is_refused(folder: Path, tmp_path: Path) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    kept = [token for token in tokenizer["added_tokens"] if token["content"] != "<|evidence|>"]
    (folder / "tokenizer.json").write_text(json.dumps({**tokenizer, "added_tokens": kept}))
    assert install_folder(folder, "tiny").style == "chat"
    (folder / "tokenizer_config.json").write_text("{}")
    with pytest.raises(ModelError, match="no chat template"):
        install_folder(folder, "tiny")


def test_bundled_comes_from_the_resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.models.bundled.resources", lambda: tmp_path)
    with pytest.raises(ModelError, match="install Sidetune again"):
        install_bundled()
    tiny_model(tmp_path / "base_model")
    model = install_bundled()
    assert (model.name, model.notes, model.style) == ("bundled", BUNDLED.notes, "compact")
    assert install_model("bundled") == model


def test_install_by_name_or_folder(folder: Path) -> None:
    assert install_model(str(folder)).name == "model"
    assert find("bundled") is BUNDLED
    with pytest.raises(ModelError, match="there is no model 'gigantic': give the path"):
        install_model("gigantic")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(ValueError, match="stop"), replacing(path) as temporary:
        temporary.write_text("half")
        raise ValueError("stop")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_unwritable_folder_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot write"), replacing(tmp_path / "missing" / "file") as temporary:
        temporary.write_text("x")
