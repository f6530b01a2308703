"""The window's own file of preferences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.preferences import Preferences, PreferencesFile, preferences_path
from engine.errors import StorageError


@pytest.fixture(autouse=True)
def sidetune_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_what_is_changed_is_there_the_next_time() -> None:
    first = PreferencesFile()
    first.change(editor="kate", theme="dark", geometry="AAA=")
    first.update(lambda value: value.opened("/a b").opened("/ü").opened("/a b"))
    assert PreferencesFile().value == Preferences("kate", "dark", ("/a b", "/ü"), "AAA=")
    assert preferences_path().stat().st_mode & 0o077 == 0


def test_a_missing_file_gives_the_defaults_and_is_not_made() -> None:
    assert PreferencesFile().value == Preferences()
    assert not preferences_path().exists()


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[1, 2]", b"null", b"\xff\xfe", b'"text"', b"[" * 100_000, b'{"recent": 3, "theme": "pink"}']
)
def test_a_damaged_file_counts_as_absent(damage: bytes) -> None:
    preferences_path().write_bytes(damage)
    file = PreferencesFile()
    assert file.value == Preferences()
    file.change(theme="light")
    assert PreferencesFile().value == Preferences(theme="light")


def test_one_wrong_field_costs_only_itself() -> None:
    preferences_path().write_text(
        json.dumps({"editor": 3, "theme": "dark", "recent": ["/a", 4], "show_evidence": "no", "unknown": 1})
    )
    assert PreferencesFile().value == Preferences(theme="dark", recent=("/a",))


def test_two_processes_keep_each_others_changes() -> None:
    one, other = PreferencesFile(), PreferencesFile()
    one.change(editor="kate")
    other.update(lambda value: value.opened("/repository"))
    assert PreferencesFile().value == Preferences(editor="kate", recent=("/repository",))
    assert other.value.editor == "kate"


def test_a_file_damaged_meanwhile_is_written_anew_from_what_is_known() -> None:
    file = PreferencesFile()
    file.change(editor="kate")
    preferences_path().write_text("{")
    file.change(theme="dark")
    assert PreferencesFile().value == Preferences(editor="kate", theme="dark")


def test_who_subscribed_is_told_once_a_change(sidetune_home: Path) -> None:
    file = PreferencesFile()
    seen: list[str] = []
    end = file.subscribe(lambda: seen.append(file.value.theme))
    file.change(theme="dark")
    file.change(theme="dark")
    end()
    file.change(theme="light")
    assert seen == ["dark"]


def test_recent_folders_are_few_and_forgettable() -> None:
    value = Preferences()
    for number in range(30):
        value = value.opened(f"/{number}")
    assert value.recent[0] == "/29"
    assert len(value.recent) == 12
    assert "/29" not in value.forgotten("/29").recent


def test_a_change_that_cannot_be_kept_holds_until_the_end(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    file = PreferencesFile(blocked / "window.json")
    with pytest.raises(StorageError, match="cannot"):
        file.change(theme="dark")
    assert file.value.theme == "dark"
