"""The commands that measure localisation, confidence and premises, run whole on two small repositories."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from engine.cli import main

SHOPS = {
    "shop": {
        "cart": "price discount total basket",
        "mail": "letter address stamp envelope",
        "login": "password session token cookie",
    },
    "orchard": {
        "trees": "apple pear cherry branch",
        "weather": "rain frost sunshine wind",
        "harvest": "ladder crate picker season",
    },
}


def _git(root: Path, *arguments: str) -> None:
    identity = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, env=os.environ | identity)


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two repositories about different things; each later commit's subject has words of the file it changes."""
    found = {}
    for name, files in SHOPS.items():
        root = found[name] = tmp_path_factory.mktemp("code") / name
        root.mkdir()
        _git(root, "init", "--quiet")
        for file, words in files.items():
            body = "".join(f"def count_{each}(value):\n    return value.{each}\n\n\n" for each in words.split())
            (root / f"{file}.py").write_text(body, encoding="utf-8")
        _git(root, "add", ".")
        _git(root, "commit", "--quiet", "-m", "Begin with all files")
        for file, words in files.items():
            with (root / f"{file}.py").open("a", encoding="utf-8") as stream:
                stream.write(f"LIMIT_OF_{file.upper()} = 1\n")
            _git(root, "commit", "--quiet", "-am", "Count every " + " and ".join(words.split()[:2]))
    return found


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["evaluate", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_localisation(repositories: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("localisation", "--repo", str(repositories["shop"]), "--since", "HEAD~3", "--tier", "static")
    found = _run(capsys, *arguments)
    assert found["n"] == 3
    assert found["tier"] == "static"
    assert found["figures"]["hit@1.sift"] == found["figures"]["hit@1.windows"] == 1.0
    assert found["differences"]["hit@5.sift-windows"] == {"mean": 0.0, "interval95": [0.0, 0.0]}
    assert main(["evaluate", *arguments, "--method", "hybrid", "--method", "windows"]) == 0
    shown = capsys.readouterr().out
    assert "hybrid less windows" in shown
    assert "3 files at" in shown


def test_confidence_and_its_fit(
    repositories: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "confidence.json"
    both = [part for root in repositories.values() for part in ("--repo", str(root), "--questions", "commits")]
    found = _run(capsys, "confidence", *both, "--tier", "static", "--fit", str(table))
    assert found["n"] == 8
    assert found["figures"]["auc"] > 0.7
    assert {"auc.held_out.shop", "auc.held_out.orchard", "silent.foreign", "says.own"} <= found["figures"].keys()
    assert json.loads(table.read_text(encoding="utf-8"))["static"]["explained"] > 0
    assert main(["evaluate", "confidence", *both[:4], "--json"]) == 2
    assert main(["evaluate", "confidence", *both, "--repo", "."]) == 2
    assert main(["evaluate", "confidence", *both[:4], *both[:4]]) == 2


def test_premises(repositories: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions = tmp_path / "questions.jsonl"
    question = {"question": "What does count_price return for a basket?", "files": ["cart.py"]}
    questions.write_text(json.dumps(question) + "\n", encoding="utf-8")
    arguments = ("--repo", str(repositories["shop"]), "--questions", str(questions), "--count", "40")
    found = _run(capsys, "premises", *arguments)
    assert found["n"] > 30
    assert found["figures"]["caught"] > 0.9
    assert found["figures"]["caught.question"] == 1.0
    assert found["figures"]["false_alarms.generated"] == found["figures"]["false_alarms.questions"] == 0.0
