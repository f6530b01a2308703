"""The contracts of the command line that need no repository: help, errors, exit statuses, models, doctor."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import get_args

import click
import pytest

from engine import __version__, doctor
from engine.cli import EFFORTS, METHODS, cli, main
from engine.config import load_settings
from engine.errors import Cancelled, ModelError, StorageError
from engine.memory import Memory
from engine.selection.select import Method
from engine.terminal.status import run
from engine.types import Effort
from tests.models.tiny import tiny_model

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        return [found for name, each in command.commands.items() for found in _commands(each, (*path, name))]
    return [(path, command)]


def test_help_needs_nothing_heavy_and_is_immediate() -> None:
    program = (
        "import sys, engine.cli; status = engine.cli.main(['--help']);"
        "heavy = {'numpy', 'torch', 'transformers', 'llama_cpp', 'rich', 'prompt_toolkit'} & set(sys.modules);"
        "print(heavy or 'light'); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("light\n")
    assert "ask" in done.stdout


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"sidetune, version {__version__}\n"


def test_every_command_takes_json_and_debug_and_explains_itself() -> None:
    found = _commands(cli)
    assert {path[0] for path, _ in found} >= {
        "open",
        "chat",
        "index",
        "search",
        "ask",
        "why",
        "forget",
        "models",
        "doctor",
    }
    for path, command in found:
        options = {name for parameter in command.params for name in parameter.opts}
        assert {"--json", "--debug"} <= options, path
        assert command.help, path


def test_choices_are_those_of_the_types() -> None:
    assert get_args(Effort) == EFFORTS
    assert set(get_args(Method)) == set(METHODS)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["serach", "question"], "'serach'"),
        (["search"], "QUESTION"),
        (["search", "q", "-k", "0"], "-k"),
        (["search", "q", "--method", "magic"], "magic"),
        (["ask", "q", "--effort", "huge"], "huge"),
        (["ask", "q", "--repo", ""], "empty"),
        (["index", "--frobnicate"], "--frobnicate"),
        (["chat", "one", "two"], "two"),
        (["models"], "Usage"),
        (["evaluate", "evidence"], "--questions"),
    ],
)
def test_wrong_usage_is_status_2_and_named(
    arguments: list[str], names: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert names in told.err
    assert told.out == ""
    if arguments != ["models"]:
        assert told.err.startswith("sidetune: ")
        assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (ModelError("the weights are gone"), 1, "sidetune: the weights are gone\n"),
        (StorageError("no room\x1b[2J\nleft"), 1, "sidetune: no room␛[2J␊left\n"),
        (Cancelled("Stopped."), 130, "sidetune: stopped\n"),
        (KeyboardInterrupt(), 130, "sidetune: stopped\n"),
        (MemoryError(), 1, "sidetune: there is not enough memory for this\n"),
        (ZeroDivisionError("oops"), 1, "sidetune: unexpected ZeroDivisionError: oops (--debug shows where)\n"),
    ],
)
def test_an_error_is_one_line_and_a_status(
    error: BaseException, status: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    @click.option("--debug", is_flag=True)
    def failing(debug: bool) -> None:
        raise error

    assert run(failing, []) == status
    assert capsys.readouterr().err == line
    assert run(failing, ["--debug"]) == status
    told = capsys.readouterr().err
    assert told.endswith(line)
    assert "Traceback" in told
    assert "\x1b" not in told


def test_a_closed_pipe_is_quiet() -> None:
    program = (
        "import sys, click; from engine.terminal.status import run\n"
        "@click.command()\n"
        "def talk():\n"
        "    for _ in range(100_000): click.echo('words')\n"
        "sys.exit(run(talk, []))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "words\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


# -- models ---------------------------------------------------------------------------------------


def test_a_model_folder_is_checked_then_used(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tiny_model(tmp_path / "größe 1", "llama")
    assert main(["models", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in listed["models"] if each["used"]] == ["bundled"]
    assert main(["models", "use", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["architecture"] == "llama"
    assert load_settings(home / "settings.toml").model == str(folder)
    assert main(["models", "list"]) == 0
    assert f"● {folder}" in capsys.readouterr().out
    assert main(["models", "use", "bundled-nope"]) == 1
    assert "bundled-nope" in capsys.readouterr().err
    assert load_settings(home / "settings.toml").model == str(folder)
    next(folder.glob("*.safetensors")).unlink()
    assert main(["models", "use", str(folder), "--json"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_settings_that_name_no_model_or_make_no_sense_are_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.mkdir()
    (home / "settings.toml").write_text('model = "/nowhere/at all"')
    assert main(["models", "list"]) == 1
    assert "/nowhere/at all" in capsys.readouterr().err
    (home / "settings.toml").write_text("speed = 3")
    assert main(["models", "list"]) == 2
    assert "speed" in capsys.readouterr().err


# -- doctor ---------------------------------------------------------------------------------------


def test_doctor_tells_what_is_there(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "adapters").mkdir(parents=True)
    (home / "adapters" / "a.gguf").write_bytes(b"x" * 1234)
    Memory(home / "memory.sqlite").close()
    assert main(["doctor", "--json"]) == 0
    health = json.loads(capsys.readouterr().out)
    assert health["sidetune"] == __version__
    assert all(health["libraries"].values())
    assert health["grammars"] >= 23
    assert health["storage"]["adapters"] == 1234
    assert health["storage"]["memory"] > 0
    assert health["cores"] >= 1
    assert health["llama"]
    assert health["free"] > 0
    assert main(["doctor"]) == 0
    assert "llama.cpp" in capsys.readouterr().out


def test_doctor_names_what_is_missing_slow_or_set_aside(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir()
    (home / "memory.sqlite").write_bytes(b"garbage" * 999)
    Memory(home / "memory.sqlite").close()
    monkeypatch.setattr(doctor, "_LIBRARIES", ["torch", "no-such-library"])
    monkeypatch.setattr(doctor, "_LOW_DISK", 1 << 62)
    monkeypatch.setenv("PATH", str(home))  # no git, no nvidia-smi
    assert main(["doctor", "--json"]) == 1
    told = capsys.readouterr()
    assert told.err == "sidetune: Not installed: no-such-library.\n"
    health = json.loads(told.out)
    assert health["git"] is None
    texts = " ".join(finding["text"] for finding in health["findings"])
    for word in ("no-such-library", "git is not installed", "GB are left", "damaged memory"):
        assert word in texts
    assert all(finding["mend"] for finding in health["findings"])


def test_a_home_that_cannot_be_made_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "file" / "home"))
    assert main(["doctor"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.skipif(platform.machine().lower() not in {"x86_64", "amd64"}, reason="torch may use OpenBLAS there")
def test_numpy_multiplies_in_one_thread_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    assert main(["--version"]) == 0
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    assert main(["--version"]) == 0
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"


def test_it_runs_as_a_module_with_its_own_exit_status(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-m", "engine.cli", "index", str(tmp_path / "nowhere")]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"sidetune: there is no folder {tmp_path / 'nowhere'}\n"
