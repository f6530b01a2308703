"""Entries for Sidetune in the menus of file managers, made and removed by ``sidetune integrate``.

Each file manager has its own place, format and rules of quoting. Every entry runs ``app.desktop.selection`` with what
was clicked. Only files that carry ``MARK`` are replaced or removed; Thunar's, which all actions share, is merged.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from app.desktop import thunar
from engine.errors import SidetuneError, StorageError, UsageError
from engine.paths import resources

__all__ = ["MARK", "Entry", "desktop_exec", "integrate", "launcher", "main"]

State = Literal["made", "unchanged", "removed", "left", "failed"]

MARK = "# Made by `sidetune integrate`; `sidetune integrate --remove` takes it away."
_NAME = "Ask Sidetune"
_COMMENT = "Ask questions about this code; everything stays on this machine"
_BACKUP = ".before-sidetune"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry and what was done about it; ``note`` is a sentence for the user or empty."""

    manager: str
    path: str
    state: State
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Manager:
    name: str
    programs: tuple[str, ...]  # any of them on the PATH means that it is installed
    path: Path
    text: Callable[[], str]
    executable: bool = False


def integrate(*, remove: bool = False) -> list[Entry]:
    """Make, or remove, the entries of every file manager that is installed, and say what was done for each.

    Nothing is written where it already stands as it should. One that fails does not keep the others from being made.
    Raises UsageError on systems whose file managers are not known.
    """
    if sys.platform in {"darwin", "win32"}:
        raise UsageError("entries in file managers can be made on Linux only so far")
    entries = [_act(manager, remove) for manager in _managers()]
    entries.append(_thunar(_config_home() / "Thunar" / "uca.xml", remove))
    return [entry for entry in entries if entry is not None]


def launcher() -> list[str]:
    """Return the command line, without what was clicked, that every entry runs."""
    command = [sys.executable, "-P", "-m", "app.desktop.selection"]
    home = os.environ.get("SIDETUNE_HOME")
    # A file manager does not see what the user's shell exports.
    return [*command, "--home", str(Path(home).expanduser().absolute())] if home else command


def desktop_exec(words: Sequence[str]) -> str:
    """Return ``words`` as the value of ``Exec`` by the rules of the Desktop Entry Specification, field codes escaped.

    Raises UsageError for words that such a file cannot hold.
    """
    quoted = []
    for word in words:
        _writable(word)
        inner = "".join(f"\\{c}" if c in '"`$\\' else c for c in word)
        plain = word and all(c.isalnum() or c in "-_./:=@+," for c in word)
        quoted.append(inner if plain else f'"{inner}"')
    # The whole is a string of the file, in which the backslash is an escape again.
    return " ".join(quoted).replace("%", "%%").replace("\\", "\\\\")


# -- the entries ----------------------------------------------------------------------------------


def _managers() -> list[_Manager]:
    data = _data_home()
    return [
        _Manager("applications", (), data / "applications" / "sidetune.desktop", _application),
        _Manager("Nautilus", ("nautilus",), data / "nautilus" / "scripts" / _NAME, _nautilus, executable=True),
        _Manager("Nemo", ("nemo",), data / "nemo" / "actions" / "sidetune.nemo_action", _nemo),
        # KDE asks for the executable bit: without it, an entry of the user's own folder is not run.
        _Manager(
            "Dolphin", ("dolphin",), data / "kio" / "servicemenus" / "sidetune.desktop", _dolphin, executable=True
        ),
    ]


def _application() -> str:
    # No MimeType: as the only program that claims folders or text it would become the one that opens them.
    return "\n".join(
        [
            MARK,
            "[Desktop Entry]",
            "Type=Application",
            "Version=1.0",
            "Name=Sidetune",
            f"Comment={_COMMENT}",
            f"Exec={desktop_exec(launcher())} %F",
            *_icon_line("Icon"),
            "Terminal=false",
            "Categories=Development;",
            "Keywords=code;chat;repository;",
            "StartupWMClass=sidetune",
            "",
        ]
    )


def _nautilus() -> str:
    # What is selected comes in the environment, as URIs: names in arguments would be relative to any folder.
    return f"#!/bin/sh\n{MARK}\nexec {shlex.join([*launcher(), '--nautilus'])}\n"


def _nemo() -> str:
    words = launcher()
    for word in words:
        _writable(word)
        if "%" in word:
            raise UsageError(f"Nemo cannot run a program whose path contains a percent sign: {word}")
    # Nemo puts the selection into the line and splits it as a shell would. URIs hold no character that means anything
    # between double quotes; paths, which it escapes only in part, do.
    line = " ".join('"' + "".join(f"\\{c}" if c in '"\\$`' else c for c in word) + '"' for word in words)
    return "\n".join(
        [
            MARK,
            "[Nemo Action]",
            "Active=true",
            f"Name={_NAME}",
            f"Comment={_COMMENT}",
            "Exec=" + f"{line} %U".replace("\\", "\\\\"),
            *_icon_line("Icon-Name"),
            "Selection=any",
            "Extensions=any;",
            "Quote=double",
            "",
        ]
    )


def _dolphin() -> str:
    return "\n".join(
        [
            MARK,
            "[Desktop Entry]",
            "Type=Service",
            "X-KDE-ServiceTypes=KonqPopupMenu/Plugin",
            "MimeType=inode/directory;all/allfiles;",
            "X-KDE-Protocols=file",
            "Actions=ask;",
            "",
            "[Desktop Action ask]",
            f"Name={_NAME}",
            *_icon_line("Icon"),
            f"Exec={desktop_exec(launcher())} %F",
            "",
        ]
    )


def _thunar_action() -> str:
    words = launcher()
    for word in words:
        _writable(word)
    # Run by ``sh -c`` after Thunar has put the quoted paths in.
    command = shlex.join(words).replace("%", "%%") + " %F"
    return thunar.action_text(_NAME, _COMMENT, command, _icon() or "")


# -- files ----------------------------------------------------------------------------------------


def _act(manager: _Manager, remove: bool) -> Entry | None:
    """Make or remove one entry; None where there is nothing to do."""
    try:
        found = _read(manager.path)
        return _removed(manager, found) if remove else _made(manager, found)
    except OSError as error:
        return _entry(manager, "failed", f"{manager.path}: {error.strerror}")
    except SidetuneError as error:
        return _entry(manager, "failed", str(error))


def _made(manager: _Manager, found: str | None) -> Entry | None:
    if found is None and manager.programs and not any(map(shutil.which, manager.programs)):
        return None
    if found is not None and MARK not in found:
        return _entry(manager, "failed", f"{manager.path} is there already and is not Sidetune's")
    text = manager.text()
    if found == text and (not manager.executable or os.access(manager.path, os.X_OK)):
        return _entry(manager, "unchanged")
    _write(manager.path, text, 0o755 if manager.executable else 0o644)
    return _entry(manager, "made")


def _removed(manager: _Manager, found: str | None) -> Entry | None:
    if found is None:
        return None
    if MARK not in found:
        return _entry(manager, "left", "It is not Sidetune's.")
    manager.path.unlink()
    return _entry(manager, "removed")


def _entry(manager: _Manager, state: State, note: str = "") -> Entry:
    return Entry(manager.name, str(manager.path), state, note)


def _thunar(path: Path, remove: bool) -> Entry | None:
    """Put our action among the user's, or take it out."""

    def entry(state: State, note: str = "") -> Entry:
        return Entry("Thunar", str(path), state, note)

    restart = "Thunar shows it after `thunar -q`."
    try:
        own = _read(path)
        if remove:
            return _remove_from_thunar(path, own, entry)
        if own is None and not (shutil.which("thunar") or shutil.which("Thunar")):
            return None
        # A file of the user's own hides the system's, so a new one begins as its copy.
        before = own if own is not None else _thunar_default()
        after = thunar.with_action(before, _thunar_action())
        if after == own:
            return entry("unchanged")
        backup = path.with_name(path.name + _BACKUP)
        if own is not None and not backup.exists():
            _write(backup, own, 0o600)
        _write(path, after, 0o600)
    except OSError as error:
        return entry("failed", f"{path}: {error.strerror}")
    except SidetuneError as error:
        return entry("failed", f"{path} was left as it is: {error}")
    return entry("made", restart)


def _remove_from_thunar(path: Path, own: str | None, entry: Callable[[State, str], Entry]) -> Entry | None:
    after = None if own is None else thunar.without_action(own)
    if own is None or after is None or after == own:
        return None
    backup = path.with_name(path.name + _BACKUP)
    before = _read(backup)
    if before is None and after in {_thunar_default(), thunar.EMPTY}:
        path.unlink()  # we made it
    else:
        _write(path, after, 0o600)
    if before == after:
        backup.unlink()
    return entry("removed", "Thunar forgets it after `thunar -q`.")


def _thunar_default() -> str:
    """Return the system's actions, which hold as long as the user has none of their own."""
    for folder in os.environ.get("XDG_CONFIG_DIRS", "").split(":"):
        found = _read(Path(folder) / "Thunar" / "uca.xml") if folder else None
        if found is not None:
            return found
    return _read(Path("/etc/xdg/Thunar/uca.xml")) or thunar.EMPTY


def _read(path: Path) -> str | None:
    """Return the text of a file, None when there is none."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None


def _write(path: Path, text: str, mode: int) -> None:
    """Replace the file as a whole. Where a link stands, what it points to is replaced, with the mode it has."""
    target = path.resolve()
    if target.exists():
        mode = target.stat().st_mode & 0o777 | (mode & 0o111)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=".sidetune-", dir=target.parent)
        temporary = Path(name)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(text.encode("utf-8", "surrogateescape"))
            temporary.chmod(mode)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error


def _data_home() -> Path:
    return _xdg("XDG_DATA_HOME", Path.home() / ".local" / "share")


def _config_home() -> Path:
    return _xdg("XDG_CONFIG_HOME", Path.home() / ".config")


def _xdg(variable: str, default: Path) -> Path:
    value = os.environ.get(variable, "")
    return Path(value) if value.startswith("/") else default  # the specification: relative ones do not count


def _icon() -> str | None:
    path = resources() / "icons" / "sidetune.svg"
    return str(path) if path.is_file() else None


def _icon_line(key: str) -> list[str]:
    icon = _icon()
    return [f"{key}={icon}".replace("\\", "\\\\")] if icon else []


def _writable(word: str) -> None:
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"an entry cannot name {os.fsencode(word)!r}, which is not UTF-8") from error
    if any(c < " " or c == "\x7f" for c in word):
        raise UsageError(f"an entry cannot name {word!r}, which contains a control character")


# -- the command ----------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``sidetune integrate`` and return its exit status."""
    parser = argparse.ArgumentParser(prog="sidetune integrate", description="Entries in the menus of file managers.")
    parser.add_argument("--remove", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        entries = integrate(remove=options.remove)
    except SidetuneError as error:
        sys.stderr.write(f"sidetune: {error}\n")
        return 2 if isinstance(error, UsageError) else 1
    if options.json:
        sys.stdout.write(json.dumps({"entries": [asdict(entry) for entry in entries]}) + "\n")
    else:
        for line in _lines(entries, options.remove):
            sys.stdout.write(line + "\n")
    failed = [entry for entry in entries if entry.state == "failed"]
    if failed:
        sys.stderr.write(f"sidetune: the entry for {failed[0].manager} could not be changed: {failed[0].note}\n")
    return 1 if failed else 0


def _lines(entries: Sequence[Entry], remove: bool) -> list[str]:
    """Return what is said about the entries."""
    if not entries:
        return ["There was nothing to remove."]
    lines = [f"{entry.manager}: {entry.state}, {entry.path}. {entry.note}".strip() for entry in entries]
    if not remove and len(entries) == 1:
        lines.append("No file manager that Sidetune knows is installed: Nautilus, Nemo, Dolphin or Thunar.")
    return lines


if __name__ == "__main__":
    sys.exit(main())
