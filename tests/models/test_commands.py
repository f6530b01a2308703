"""Models from the command line, with a hub on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.cli import main
from engine.models.catalogue import CATALOGUE, CatalogueEntry, PinnedFile, Source
from engine.models.gguf import write_model_gguf
from engine.models.shape import Shape
from engine.tuning.fit import fit_of
from tests.models.small_hub import SmallHub, serving
from tests.models.tiny import tiny_model

TINY = Shape(2, 64, 160, 4, 2, 32, 512, head_norms=True)
GB = 1_000_000_000


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SmallHub]:
    folder = tiny_model(tmp_path / "weights", "qwen3")
    gguf = tmp_path / "tiny-q8_0.gguf"
    write_model_gguf(folder, gguf, "tiny", precision="q8_0")
    entry = CatalogueEntry(
        "tiny",
        "Tiny",
        "For tests.",
        licence="MIT",
        shape=TINY,
        context=512,
        weights=Source("maker/tiny"),
        gguf=Source("maker/tiny-GGUF", files=(PinnedFile(gguf.name),)),
        suits="Anything.",
    )
    monkeypatch.setattr("engine.models.catalogue.CATALOGUE", (*CATALOGUE, entry))
    with serving() as hub:
        hub.add("maker/tiny", {path.name: path.read_bytes() for path in folder.iterdir()})
        hub.add("maker/tiny-GGUF", {gguf.name: gguf.read_bytes(), "other.gguf": b"x" * 50})
        yield hub


def _json(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    assert main([*arguments, "--json"]) == status
    out = capsys.readouterr().out
    return json.loads(out) if out else None


def _listed(capsys: pytest.CaptureFixture[str]) -> Any:
    return next(each for each in _json(capsys, "models", "list")["models"] if each["name"] == "tiny")


def test_install_use_and_remove(hub: SmallHub, own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "use", "tiny"]) == 1
    assert "is not on this machine; `sidetune models install tiny` gets it" in capsys.readouterr().err
    assert _listed(capsys)["state"] == "available"
    found = _json(capsys, "models", "install", "tiny", "--hub", hub.url)
    assert (found["repository"], found["untunable"]) == ("maker/tiny", "")
    assert len(found["revision"]) == 40 and set(found["sha256"]) >= {"config.json", "tokenizer.json"}
    assert _listed(capsys)["state"] == "installed"
    # Weights answer as well, and nobody is asked.
    asked = len(hub.requests)
    assert _json(capsys, "models", "install", "tiny", "--answers-only", "--hub", hub.url)["untunable"] == ""
    assert _json(capsys, "models", "install", "tiny", "--offline") == found
    assert len(hub.requests) == asked
    assert _json(capsys, "models", "use", "tiny")["architecture"] == "qwen3"
    assert _listed(capsys)["used"]
    assert main(["models", "remove", "tiny"]) == 1
    assert "is the model that answers; choose another one first" in capsys.readouterr().err
    assert main(["models", "use", "bundled"]) == 0
    capsys.readouterr()
    assert _json(capsys, "models", "remove", "tiny")["freed"] > 100_000
    assert _listed(capsys)["state"] == "available"
    assert not list((own_home / "models").glob("tiny*"))


def test_answers_only_fetches_the_publishers_gguf(hub: SmallHub, capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "models", "install", "tiny", "--answers-only", "--hub", hub.url)
    assert list(found["sha256"]) == ["tiny-q8_0.gguf"] and found["untunable"].startswith("tiny is only a GGUF here")
    assert main(["models", "use", "tiny"]) == 0
    capsys.readouterr()
    found = _json(capsys, "models", "install", "tiny", "--hub", hub.url)  # the weights after all
    assert found["untunable"] == "" and "tiny-q8_0.gguf" not in found["sha256"]


def test_errors_are_one_line(hub: SmallHub, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, status, sentence in (
        (["models", "install", "nothing"], 2, "there is no model 'nothing' to install or remove; there are qwen2.5"),
        (["models", "install", "bundled"], 2, "there is no model 'bundled' to install"),
        (["models", "install", "tiny", "--offline"], 1, "maker/tiny is not on this machine, and Sidetune was told"),
        (["models", "install", "tiny", "--hub", "http://127.0.0.1:1"], 1, "http://127.0.0.1:1 cannot be reached"),
        (["models", "remove", "nothing"], 2, "there is no model 'nothing'"),
    ):
        assert main(arguments) == status
        captured = capsys.readouterr()
        assert sentence in captured.err and captured.err.count("\n") == 1, captured.err


def test_the_settings_name_a_mirror(hub: SmallHub, own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own_home.mkdir(exist_ok=True)
    (own_home / "settings.toml").write_text(f'hub = "{hub.url}"\noffline = false\n')
    assert _json(capsys, "models", "install", "tiny")["repository"] == "maker/tiny"


def test_what_fits_is_said_before_the_download() -> None:
    by_name = {each.name: each for each in CATALOGUE}
    small, large = by_name["qwen2.5-coder-0.5b"], by_name["qwen3-4b"]
    assert fit_of(small, 16 * GB).level == "learns" and fit_of(small, 16 * GB).words.endswith("GB.")
    assert fit_of(large, 2 * GB).level == "too large" and "this machine has 2.0 GB" in fit_of(large, 2 * GB).words
    middle = fit_of(large, 10 * GB)
    assert middle.level == "answers" and "learning takes at least" in middle.words
    tight = fit_of(large, 20 * GB)
    assert tight.level == "learns" and "weights in a byte each" in tight.words
    assert tight.answer_bytes < tight.least_tune_bytes < tight.tune_bytes
    only = fit_of(by_name["granite-4.0-micro"], 16 * GB)
    assert only.level == "answers" and only.words.endswith("It is not tuned.")
    assert [fit_of(small, size * GB).level for size in (1, 3, 64)] == ["too large", "answers", "learns"]
