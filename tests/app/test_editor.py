"""Opening files in the user's editor: real processes, awkward names."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.desktop.editor import EDITORS, check_command, editor_command, found_editor, open_in_editor
from engine.errors import UsageError
from tests.app.recorder import Recorder

AWKWARD = [
    "plain.py",
    "with space.py",
    'quo\'te "double".py',
    "new\nline.py",
    "$HOME `id` ;&|.py",
    "-dash.py",
    "{line}.py",
]


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without editors: the PATH is a folder that tests put programs into."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    for name in EDITORS:
        real = Path("/usr/bin") / name
        if real.exists():
            pytest.skip(f"{name} is installed here")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    return folder


@pytest.mark.parametrize("name", AWKWARD)
def test_the_command_of_the_settings_gets_file_and_line_as_they_are(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("x\n")
    recorder = Recorder(tmp_path / "my editor")
    open_in_editor(file, 7, f"'{recorder.path}' --at {{line}} 'file={{file}}'")
    assert recorder.calls() == [["--at", "7", f"file={file}"]]


@pytest.mark.parametrize("name", AWKWARD)
def test_an_editor_that_is_found_opens_at_the_line(bare: Path, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("x\n")
    recorder = Recorder(bare / "kate")
    open_in_editor(file, 3, None)
    assert recorder.calls() == [["--line", "3", str(file)]]


def test_the_more_deliberate_editor_comes_first(bare: Path, tmp_path: Path) -> None:
    Recorder(bare / "gedit")
    assert found_editor() == "gedit"
    Recorder(bare / "code")
    assert found_editor() == "code"
    assert editor_command(tmp_path / "a.py", 4, "") == ["code", "--goto", f"{tmp_path}/a.py:4"]


def test_a_name_alone_is_enough_where_the_editor_is_known(tmp_path: Path) -> None:
    file = tmp_path / "a b.py"
    assert editor_command(file, 4, "subl") == ["subl", f"{file}:4"]
    assert editor_command(file, 4, "/opt/JetBrains/pycharm --wait") == [
        "/opt/JetBrains/pycharm", "--wait", "--line", "4", str(file),
    ]  # fmt: skip
    assert editor_command(file, 4, "my-editor -x") == ["my-editor", "-x", str(file)]


def test_a_name_that_ends_like_a_line_opens_as_itself(tmp_path: Path) -> None:
    assert editor_command(tmp_path / "log:12", 4, "code") == ["code", str(tmp_path / "log:12")]
    assert editor_command(tmp_path / "log:12", 4, "kate") == ["kate", "--line", "4", str(tmp_path / "log:12")]


@pytest.mark.parametrize("variable", ["VISUAL", "EDITOR"])
def test_the_environments_editor_counts_only_with_a_window(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    Recorder(bare / "code")
    Recorder(bare / "vim")
    Recorder(bare / "gedit")
    monkeypatch.setenv(variable, "vim")
    assert editor_command(tmp_path / "a", 2, None) == ["code", "--goto", f"{tmp_path}/a:2"]
    monkeypatch.setenv(variable, "gedit --wait")
    assert editor_command(tmp_path / "a", 2, None) == ["gedit", "--wait", "+2", str(tmp_path / "a")]
    monkeypatch.setenv(variable, "gedit 'not closed")
    assert editor_command(tmp_path / "a", 2, None) == ["code", "--goto", f"{tmp_path}/a:2"]


def test_an_editor_in_the_terminal_is_explained(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs a terminal"):
        editor_command(tmp_path / "a", 2, "nvim")
    whole = editor_command(tmp_path / "a", 2, "xterm -e nvim +{line} {file}")
    assert whole == ["xterm", "-e", "nvim", "+2", str(tmp_path / "a")]


@pytest.mark.parametrize(
    ("command", "sentence"),
    [("no-such-editor", "no-such-editor was not found"), ("'code", "a quote is not closed")],
)
def test_what_goes_wrong_is_one_sentence(tmp_path: Path, command: str, sentence: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text("x\n")
    with pytest.raises(UsageError, match=sentence):
        open_in_editor(file, 1, command)


@pytest.mark.parametrize("command", ["no-such-editor", "'code", "nvim", "no-such {file}"])
def test_a_command_that_cannot_work_is_found_out_before(command: str) -> None:
    with pytest.raises(UsageError):
        check_command(command)


@pytest.mark.parametrize("command", ["", "  ", "sh", "sh -c 'true \"$1\"' x {file}"])
def test_a_command_that_may_work_is_let_be(command: str) -> None:
    check_command(command)


def test_a_file_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not there any more"):
        open_in_editor(tmp_path / "gone.py", 1, "anything")


def test_a_program_is_never_handed_to_the_desktop(tmp_path: Path) -> None:
    file = tmp_path / "tool"
    file.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    file.chmod(0o755)
    with pytest.raises(UsageError, match="can be run"):
        open_in_editor(file, 1, None)
    assert not (tmp_path / "ran").exists()


def test_a_line_below_one_is_the_first(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("x\n")
    recorder = Recorder(tmp_path / "editor")
    open_in_editor(file, 0, f"{recorder.path} {{file}} {{line}}")
    assert recorder.calls() == [[str(file), "1"]]
