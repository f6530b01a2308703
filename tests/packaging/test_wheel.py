"""The wheel is whole: built, installed in a clean environment, it answers a question without the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the built wheel; only its dependencies come from the running one."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (wheel,) = folder.glob("sidetune-*.whl")
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "-q", wheel, cwd=folder)
    (site,) = environment.glob("lib/python*/site-packages")
    # A path in a .pth file is not searched for .pth files itself, so the checkout's editable install stays out.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment


def test_wheel_answers_a_question(installed: Path, tmp_path: Path) -> None:
    repository = tmp_path / "a repository"
    repository.mkdir()
    (repository / "shop.py").write_text(
        'def total_price(items):\n    """Add up the prices of all items."""\n'
        "    return sum(item.price for item in items)\n"
    )
    out = run(
        installed / "bin" / "sidetune",
        *("ask", "Where is `total_price` defined?", "--repo", repository, "--effort", "instant", "--json"),
        cwd=tmp_path,
        SIDETUNE_HOME=str(tmp_path / "home"),
    )
    events = [json.loads(line) for line in out.splitlines()]
    assert events[0]["event"] == "started"
    (facts,) = [event for event in events if event["event"] == "facts"]
    assert facts["items"][0]["citations"][0]["path"] == "shop.py"
    assert events[-1]["event"] == "answer"
    assert events[-1]["text"]


def test_wheel_carries_what_it_needs_and_nothing_else(installed: Path) -> None:
    (site,) = installed.glob("lib/python*/site-packages")
    assert (site / "engine" / "resources" / "base_model" / "config.json").is_file()
    top = {path.name for path in site.iterdir() if not path.name.endswith((".dist-info", ".pth"))}
    assert top <= {"app", "engine", "__pycache__", "distutils-precedence.pth", "_distutils_hack"}
