from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.generated import REPOSITORIES, made_repository, named_repositories, own_home
from bench.row import Row, percentile

ROOT = Path(__file__).resolve().parents[2]


def test_a_row_says_how_it_stands_to_what_was_asked() -> None:
    assert (Row("r", 0.2, "s", aim=0.3).verdict, Row("r", 0.4, "s", aim=0.3).verdict) == (
        "ok",
        "short of the 0.3 aimed at",
    )
    assert Row("r", 0.98, "", must=0.97, more=True).verdict == "ok"
    assert Row("r", 0.96, "", must=0.97, more=True).verdict == "must be at least 0.97"
    assert Row("r", 1.0, "chunks", must=0).missed
    assert not Row("r", 0.0, "chunks", must=0).missed
    assert Row("r", 5.0, "s").verdict == ""


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 10), (0.95, 19), (1.0, 20)])
def test_percentiles(share: float, value: int) -> None:
    assert percentile([float(each) for each in range(20, 0, -1)], share) == value


def test_a_made_up_repository_is_the_same_each_time_and_is_python(tmp_path: Path) -> None:
    one, two = made_repository(tmp_path / "one", 60), made_repository(tmp_path / "two", 60)
    files = sorted(path.relative_to(one) for path in one.rglob("*.py"))
    assert len(files) == 60
    assert len({path.parent for path in files}) == 2
    for path in files:
        assert (one / path).read_text() == (two / path).read_text()
        ast.parse((one / path).read_text())


def test_repositories_are_named_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REPOSITORIES, raising=False)
    assert named_repositories() == []
    monkeypatch.setenv(REPOSITORIES, os.pathsep.join([str(tmp_path), str(tmp_path / "x")]))
    assert named_repositories() == [tmp_path.resolve(), (tmp_path / "x").resolve()]


def test_a_home_of_its_own_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDETUNE_HOME", "/before")
    with own_home() as folder:
        assert Path(os.environ["SIDETUNE_HOME"]).parent == folder
    assert os.environ["SIDETUNE_HOME"] == "/before"
    assert not folder.exists()


def test_the_entries_of_the_index_work(tmp_path: Path) -> None:
    """The short form: a cold index of what is named, and an index that is opened by another process."""
    root = made_repository(tmp_path / "shop", 5)
    command = [sys.executable, "-P", "-m", "bench", "--quick", "--json", "--repo", str(root), "index_cold"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(done.stdout)["rows"]}
    assert rows["shop: embedded by a restart"]["value"] == rows["shop: embedded for a copy"]["value"] == 0
    assert 0 < rows["shop: first evidence"]["value"] <= rows["shop: everything embedded"]["value"]
