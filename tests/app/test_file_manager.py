"""Entries of file managers: made, merged, removed, and run for real with names that break careless quoting."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from app.desktop import thunar
from app.desktop.file_manager import MARK, Entry, desktop_exec, integrate
from app.desktop.selection import local_path, nautilus_selection, window_commands
from tests.app.recorder import Recorder

pytestmark = pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="file managers of Linux")

NAMES = [
    "plain",
    "two words",
    "quo'te",
    'dou"ble',
    "new\nline",
    "$HOME `id`",
    "back\\slash",
    "per%20cent%",
    "ümläut",
    "a:1-2",
]
ALL = ("nautilus", "nemo", "dolphin", "thunar")


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user of their own, on whose machine all four file managers are installed."""
    for variable, folder in (("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "config"), ("XDG_CONFIG_DIRS", "system")):
        monkeypatch.setenv(variable, str(tmp_path / folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SIDETUNE_HOME", raising=False)
    for name in ALL:
        Recorder(tmp_path / "bin" / name)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return tmp_path


@pytest.fixture
def python(user: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """A recorder that stands where Python does, at a path that needs every kind of quoting."""
    recorder = Recorder(user / "my \"odd\" 'place' $x `y` \\z" / "python 3")
    monkeypatch.setattr(sys, "executable", str(recorder.path))
    return recorder


def states(entries: list[Entry]) -> dict[str, str]:
    return {entry.manager: entry.state for entry in entries}


def paths(entries: list[Entry]) -> dict[str, Path]:
    return {entry.manager: Path(entry.path) for entry in entries}


def selected(call: list[str]) -> list[str]:
    """Return the arguments after those that every entry has."""
    assert call[:3] == ["-P", "-m", "app.desktop.selection"]
    return call[3:]


def value(path: Path, group: str, key: str) -> str:
    """Return a value of a desktop file, read by the rules of such files."""
    parser = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#",), strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(path, encoding="utf-8")
    raw = parser[group][key]
    return raw.replace("\\\\", "\0").replace("\\s", " ").replace("\\n", "\n").replace("\0", "\\")


def split(line: str) -> list[str]:
    """Split a line as GLib's ``g_shell_parse_argv`` and the Desktop Entry Specification do: nothing is expanded."""
    words: list[str] = []
    for match in re.finditer(r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s"]+)', line, re.DOTALL):
        quoted, plain = match["quoted"], match["plain"]
        words.append(plain if quoted is None else re.sub(r'\\(["`$\\])', r"\1", quoted))
    return words


def expanded(command: str, files: list[str]) -> list[str]:
    """Return the argument list of an ``Exec`` value: the specification's rules, written down a second time."""
    words: list[str] = []
    for word in split(command):
        if word in {"%F", "%f"}:
            words += files
        else:
            assert "%" not in word.replace("%%", "")
            words.append(word.replace("%%", "%"))
    return words


# -- made and removed -----------------------------------------------------------------------------


def test_made_once_and_removed_without_a_trace(user: Path) -> None:
    assert states(integrate()) == dict.fromkeys(["applications", "Nautilus", "Nemo", "Dolphin", "Thunar"], "made")
    assert set(states(integrate()).values()) == {"unchanged"}
    assert set(states(integrate(remove=True)).values()) == {"removed"}
    assert integrate(remove=True) == []
    assert [path for folder in ("data", "config") for path in (user / folder).rglob("*") if path.is_file()] == []


def test_only_what_is_installed_gets_an_entry(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ALL:
        (user / "bin" / name).unlink()
    monkeypatch.setenv("PATH", str(user / "bin"))
    assert states(integrate()) == {"applications": "made"}
    assert not (user / "config").exists()


def test_what_is_not_ours_is_neither_replaced_nor_removed(user: Path) -> None:
    theirs = user / "data" / "nautilus" / "scripts" / "Ask Sidetune"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("#!/bin/sh\necho mine\n")
    made = integrate()
    assert states(made)["Nautilus"] == "failed"
    assert states(made)["Nemo"] == "made"
    assert states(integrate(remove=True))["Nautilus"] == "left"
    assert theirs.read_text() == "#!/bin/sh\necho mine\n"


def test_an_entry_of_an_older_installation_is_replaced(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = paths(integrate())["Dolphin"].read_text()
    monkeypatch.setattr(sys, "executable", "/elsewhere/python")
    assert states(integrate())["Dolphin"] == "made"
    after = paths(integrate())["Dolphin"].read_text()
    assert before != after
    assert "/elsewhere/python" in after


def test_a_folder_that_cannot_be_written_is_one_sentence(user: Path) -> None:
    (user / "data").mkdir()
    (user / "data" / "nemo").write_text("a file where a folder should be")
    entry = next(entry for entry in integrate() if entry.manager == "Nemo")
    assert entry.state == "failed"
    assert "\n" not in entry.note
    assert states(integrate())["Dolphin"] == "unchanged"


def test_a_relative_xdg_folder_does_not_count(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    assert paths(integrate())["Nemo"] == user / ".local/share/nemo/actions/sidetune.nemo_action"


# -- run for real ---------------------------------------------------------------------------------


@pytest.mark.parametrize("manager", ["applications", "Dolphin"])
def test_desktop_entries_pass_names_on(user: Path, python: Recorder, manager: str) -> None:
    path = paths(integrate())[manager]
    command = value(path, "Desktop Action ask" if manager == "Dolphin" else "Desktop Entry", "Exec")
    files = [str(user / name) for name in NAMES]
    subprocess.run(expanded(command, files), check=True)
    assert selected(python.calls()[0]) == files


@pytest.mark.skipif(shutil.which("gio") is None, reason="gio is not installed")
def test_the_application_starts_by_glibs_rules(user: Path, python: Recorder) -> None:
    path = paths(integrate())["applications"]
    files = []
    for name in NAMES:
        (user / name).write_text("")
        files.append(str(user / name))
    ran = subprocess.run(["gio", "launch", path, *files], capture_output=True, text=True, check=False)
    if "not supported" in ran.stderr:
        pytest.skip("this gio has no launch")
    assert selected(python.calls()[0]) == files


def test_the_application_claims_no_kind_of_file(user: Path) -> None:
    assert "MimeType" not in paths(integrate())["applications"].read_text()


def test_nautilus_runs_its_script(user: Path, python: Recorder) -> None:
    script = paths(integrate())["Nautilus"]
    uris = "".join(f"file://{quote(str(user / name))}\n" for name in NAMES)
    subprocess.run([script], check=True, env={**os.environ, "NAUTILUS_SCRIPT_SELECTED_URIS": uris})
    assert selected(python.calls()[0]) == ["--nautilus"]
    assert [local_path(uri) for uri in nautilus_selection({"NAUTILUS_SCRIPT_SELECTED_URIS": uris})] == [
        user / name for name in NAMES
    ]


def test_nemo_splits_its_line(user: Path, python: Recorder) -> None:
    path = paths(integrate())["Nemo"]
    assert value(path, "Nemo Action", "Quote") == "double"
    line = value(path, "Nemo Action", "Exec")
    uris = " ".join(f'"file://{quote(str(user / name), safe="/!$&" + chr(39) + "()*+,;=:@-._~")}"' for name in NAMES)
    assert line.endswith(" %U")
    subprocess.run(split(line.removesuffix("%U") + uris), check=True)
    assert [local_path(uri) for uri in selected(python.calls()[0])] == [user / name for name in NAMES]


def test_thunar_asks_a_shell(user: Path, python: Recorder) -> None:
    text = paths(integrate())["Thunar"].read_text()
    command = text.split("<command>")[1].split("</command>")[0]
    command = command.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    files = [str(user / name) for name in NAMES]
    assert command.endswith(" %F")
    line = command.removesuffix("%F").replace("%%", "%") + " ".join(map(shlex.quote, files))
    subprocess.run(["sh", "-c", line], check=True)
    assert selected(python.calls()[0]) == files


def test_the_home_of_the_users_shell_goes_along(user: Path, python: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDETUNE_HOME", str(user / "my home"))
    subprocess.run([paths(integrate())["Nautilus"]], check=True)
    assert selected(python.calls()[0]) == ["--home", str(user / "my home"), "--nautilus"]


def test_a_percent_sign_survives_where_it_can(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(user / "100%F" / "python")
    monkeypatch.setattr(sys, "executable", str(recorder.path))
    entries = integrate()
    assert states(entries) == {
        "applications": "made", "Nautilus": "made", "Nemo": "failed", "Dolphin": "made", "Thunar": "made",
    }  # fmt: skip
    command = value(paths(entries)["Dolphin"], "Desktop Action ask", "Exec")
    subprocess.run(expanded(command, ["/x"]), check=True)
    assert selected(recorder.calls()[0]) == ["/x"]


def test_exec_is_plain_where_it_can_be() -> None:
    assert desktop_exec(["/usr/bin/python3", "-P", "-m", "a b"]) == '/usr/bin/python3 -P -m "a b"'


# -- Thunar's file --------------------------------------------------------------------------------

OTHERS = """<?xml encoding="UTF-8" version="1.0"?>
<actions>
<!-- kept by hand -->
<action>
\t<icon>utilities-terminal</icon>
\t<name>Open Terminal Here</name>
\t<unique-id>1</unique-id>
\t<command>exo-open --working-directory %f &amp;&amp; true</command>
\t<description>é</description>
\t<patterns>*</patterns>
\t<directories/>
</action>
</actions>
"""


@pytest.mark.parametrize("text", [OTHERS, OTHERS.replace("\n", "\r\n"), "<actions/>", thunar.EMPTY, OTHERS.strip()])
def test_others_actions_stay_byte_for_byte(user: Path, text: str) -> None:
    path = user / "config" / "Thunar" / "uca.xml"
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode())
    path.chmod(0o640)
    assert states(integrate())["Thunar"] == "made"
    within = path.read_bytes().decode()
    assert within.count(thunar.UNIQUE_ID) == 1
    assert states(integrate())["Thunar"] == "unchanged"
    assert path.stat().st_mode & 0o777 == 0o640
    integrate(remove=True)
    if "/>" in text and "<action>" not in text:
        assert "<action>" not in path.read_text()
    else:
        assert path.read_bytes() == text.encode()
        assert [each.name for each in path.parent.iterdir()] == ["uca.xml"]


def test_an_action_added_later_survives_the_removal(user: Path) -> None:
    path = user / "config" / "Thunar" / "uca.xml"
    path.parent.mkdir(parents=True)
    path.write_text(OTHERS)
    integrate()
    own = "<action>\n\t<name>Later</name>\n\t<unique-id>2</unique-id>\n\t<command>x</command>\n</action>\n"
    path.write_text(path.read_text().replace("</actions>", f"{own}</actions>"))
    integrate(remove=True)
    assert path.read_text() == OTHERS.replace("</actions>", f"{own}</actions>")
    assert path.with_name("uca.xml.before-sidetune").read_text() == OTHERS


@pytest.mark.parametrize("text", ["<actions>", "not xml", "<other/>", "", "<actions></actions><more/>"])
def test_a_file_that_is_not_understood_is_left_alone(user: Path, text: str) -> None:
    path = user / "config" / "Thunar" / "uca.xml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    entry = next(entry for entry in integrate() if entry.manager == "Thunar")
    assert entry.state == "failed"
    assert "was left as it is" in entry.note
    assert path.read_text() == text


def test_the_systems_actions_are_not_hidden_by_ours(user: Path) -> None:
    system = user / "system" / "Thunar" / "uca.xml"
    system.parent.mkdir(parents=True)
    system.write_text(OTHERS)
    path = paths(integrate())["Thunar"]
    assert "Open Terminal Here" in path.read_text()
    integrate(remove=True)
    assert not path.exists()
    assert system.read_text() == OTHERS


def test_a_link_to_the_users_dotfiles_stays_a_link(user: Path) -> None:
    real = user / "dotfiles" / "uca.xml"
    real.parent.mkdir()
    real.write_text(OTHERS)
    path = user / "config" / "Thunar" / "uca.xml"
    path.parent.mkdir(parents=True)
    path.symlink_to(real)
    integrate()
    assert path.is_symlink()
    assert thunar.UNIQUE_ID in real.read_text()


# -- what was clicked -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("/a b", "/a b"),
        ("file:///a%20b%0Ac", "/a b\nc"),
        ("file://localhost/a?b#c", "/a?b#c"),
        ("file:/a", "/a"),
        ("file:///%FF", "/\udcff"),
        ("FILE:///a", "/a"),
    ],
)
def test_paths_and_uris_name_files(given: str, path: str) -> None:
    assert local_path(given) == Path(path)


@pytest.mark.parametrize("given", ["smb://host/a", "trash:///a", "file://elsewhere/a", "mtp://[usb:001]/x", ""])
def test_other_places_are_no_files(given: str) -> None:
    assert local_path(given) is None


def test_a_click_beside_the_files_is_about_the_folder() -> None:
    assert nautilus_selection({"NAUTILUS_SCRIPT_CURRENT_URI": "file:///a"}) == ["file:///a"]


def test_files_are_asked_about_and_folders_opened(user: Path) -> None:
    (user / "folder").mkdir()
    (user / "a.py").write_text("")
    (user / "b.py").write_text("")
    window = [sys.executable, "-P", "-m", "app"]
    given = [str(user / name) for name in ("a.py", "folder", "gone", "b.py")]
    assert window_commands(given) == [[*window, given[1]], [*window, "--about", given[0], "--about", given[3]]]
    assert window_commands([]) == [window]
    assert window_commands([given[2], "smb://a/b"]) == []


def test_the_window_is_started_for_what_was_clicked(user: Path) -> None:
    recorder = Recorder(user / "python")
    for name in NAMES:
        (user / "clicked").mkdir(exist_ok=True)
        (user / "clicked" / name).write_text("")
    files = [user / "clicked" / name for name in NAMES]
    code = (
        "import sys; from app.desktop.selection import main; sys.executable = sys.argv[1]; sys.exit(main(sys.argv[2:]))"
    )
    given = [f"file://{quote(str(file))}" for file in files]
    subprocess.run([sys.executable, "-c", code, recorder.path, *given], check=True, timeout=60)
    about = [word for file in files for word in ("--about", str(file))]
    assert recorder.calls() == [["-P", "-m", "app", *about]]


# -- the command ----------------------------------------------------------------------------------


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "engine.cli", "integrate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_the_command_says_what_it_did(user: Path) -> None:
    made = run("--json")
    assert made.returncode == 0, made.stderr
    entries = json.loads(made.stdout)["entries"]
    assert [entry["manager"] for entry in entries] == ["applications", "Nautilus", "Nemo", "Dolphin", "Thunar"]
    assert all(entry["state"] == "made" for entry in entries)
    assert MARK in Path(entries[0]["path"]).read_text()
    assert "Nautilus: removed" in run("--remove").stdout
    assert run("--remove").stdout == "There was nothing to remove.\n"


def test_a_failure_is_a_line_and_a_status(user: Path) -> None:
    path = user / "config" / "Thunar" / "uca.xml"
    path.parent.mkdir(parents=True)
    path.write_text("damaged")
    failed = run()
    assert failed.returncode == 1
    assert len(failed.stderr.splitlines()) == 1
    assert "Thunar" in failed.stderr
