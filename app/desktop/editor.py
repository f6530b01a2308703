"""Opening a file at a line in the editor that the user already has.

Which one: the command of the settings, else ``$VISUAL`` or ``$EDITOR`` when it names an editor with a window, else
the first of ``EDITORS`` that is installed, else the desktop's program for text. No command goes through a shell, and
nothing that the desktop would *run* instead of show is handed to it: the user's repository is never executed.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from engine.errors import UsageError

__all__ = ["EDITORS", "check_command", "editor_command", "found_editor", "open_in_editor"]

_GOTO = ("--goto", "{file}:{line}")
_COLON = ("{file}:{line}",)
_PLUS = ("+{line}", "{file}")
_LINE = ("--line", "{line}", "{file}")

# What an editor's program is called -> its arguments, the most deliberate choices first: who has both, say, Sublime
# Text and GNOME's editor installed the former on purpose.
EDITORS: Mapping[str, tuple[str, ...]] = {
    "code": _GOTO,
    "codium": _GOTO,
    "cursor": _GOTO,
    "windsurf": _GOTO,
    "code-insiders": _GOTO,
    "code-oss": _GOTO,
    "zed": _COLON,
    "zeditor": _COLON,
    "subl": _COLON,
    "sublime_text": _COLON,
    "pycharm": _LINE,
    "pycharm-professional": _LINE,
    "pycharm-community": _LINE,
    "idea": _LINE,
    "intellij-idea-ultimate": _LINE,
    "intellij-idea-community": _LINE,
    "clion": _LINE,
    "webstorm": _LINE,
    "goland": _LINE,
    "rustrover": _LINE,
    "rider": _LINE,
    "phpstorm": _LINE,
    "rubymine": _LINE,
    "emacsclient": ("--no-wait", "--alternate-editor=emacs", "+{line}", "{file}"),
    "gvim": ("+{line}", "--", "{file}"),
    "mvim": ("+{line}", "--", "{file}"),
    "kate": _LINE,
    "geany": _LINE,
    "bbedit": _PLUS,
    "mate": _LINE,
    "notepad++": ("-n{line}", "{file}"),
    "kwrite": _LINE,
    "gedit": _PLUS,
    "gnome-text-editor": _PLUS,
    **({"xed": _PLUS} if sys.platform == "linux" else {}),  # Xcode brings another one of that name
    "pluma": _PLUS,
    "mousepad": _LINE,
}

# Editors without a window of their own; started from here they would run where nobody sees them.
_IN_TERMINAL = frozenset("vi vim nvim nano pico ed emacs-nox helix hx micro kak joe mcedit ne".split())
_RUN_BY_DESKTOPS = frozenset(".desktop .appimage .jar .run .sh .bash .command .py .pl .rb .js .exe .msi .bat".split())


def open_in_editor(file: Path, line: int, command: str | None) -> None:
    """Start the user's editor on ``file`` (absolute) at ``line`` (from 1) and return without waiting for it.

    ``command`` is the setting: a command line in which ``{file}`` and ``{line}`` stand for themselves, the mere name of
    an editor, or empty for the editor that is found. Raises UsageError with one sentence when the file is gone, when
    the command cannot be read or started, or when there is no editor.
    """
    if not file.is_file():
        raise UsageError(f"{file} is not there any more")
    arguments = editor_command(file, max(1, line), command)
    if arguments is not None:
        _start(arguments)
    elif not _open_with_desktop(file):
        raise UsageError("no editor was found on this machine; name yours in the settings")


def editor_command(file: Path, line: int, command: str | None) -> list[str] | None:
    """Return the command line that opens ``file`` at ``line``; None when only the desktop's own program is left.

    Raises UsageError when ``command`` cannot be read or names an editor that needs a terminal.
    """
    if command and command.strip():
        return _from_setting(_split(command), file, line)
    for variable in ("VISUAL", "EDITOR"):
        try:
            words = _split(os.environ.get(variable, ""))
        except UsageError:
            continue  # someone else's variable, in whatever syntax they read it
        if words and _known(words[0]) and shutil.which(words[0]):
            return _filled(words, EDITORS[_name(words[0])], file, line)
    name = found_editor()
    return _filled([name], EDITORS[name], file, line) if name else None


def check_command(command: str) -> None:
    """Raise UsageError when a command of the settings could not open anything: unreadable, or nothing to start."""
    arguments = editor_command(Path("file"), 1, command) if command.strip() else None
    if arguments is not None:
        _program(arguments[0])


def found_editor() -> str | None:
    """Return the first of ``EDITORS`` that is installed, None when there is none."""
    return next((name for name in EDITORS if shutil.which(name)), None)


def _from_setting(words: list[str], file: Path, line: int) -> list[str]:
    if any("{file}" in word for word in words[1:]):
        return [_fill(word, file, line) for word in words]
    if _name(words[0]) in _IN_TERMINAL:
        example = f"x-terminal-emulator -e {words[0]} +{{line}} {{file}}"
        raise UsageError(f"{words[0]} needs a terminal: write the whole command in the settings, such as {example}")
    return _filled(words, EDITORS.get(_name(words[0]), ("{file}",)), file, line)


def _split(command: str) -> list[str]:
    """Return the words of a command line; backslashes stay as they are on Windows."""
    try:
        words = shlex.split(command, posix=os.name != "nt")
    except ValueError as error:
        raise UsageError(f"the editor's command {command!r} cannot be read: a quote is not closed") from error
    return [word.strip('"') for word in words] if os.name == "nt" else words


def _name(program: str) -> str:
    name = Path(program).name.lower()
    return Path(name).stem if name.endswith((".exe", ".cmd", ".bat")) else name


def _known(program: str) -> bool:
    return _name(program) in EDITORS


def _filled(words: Sequence[str], arguments: Sequence[str], file: Path, line: int) -> list[str]:
    # "name:12:7" is read as line 12: such a name is opened without a line rather than as another file.
    if "{file}:{line}" in arguments and re.search(r":\d+(:|$)", str(file)):
        arguments = ("{file}",)
    return [*words, *(_fill(argument, file, line) for argument in arguments)]


def _fill(word: str, file: Path, line: int) -> str:
    """Put file and line into a word in one pass, so that a file called ``{line}`` stays itself."""
    return re.sub(r"\{(file|line)\}", lambda match: str(file) if match[1] == "file" else str(line), word)


def _start(arguments: Sequence[str]) -> None:
    process = QProcess()
    process.setProgram(_program(arguments[0]))
    process.setArguments(list(arguments[1:]))
    process.setWorkingDirectory(str(Path.home()))  # nothing of the repository can be picked up by chance
    process.setStandardInputFile(QProcess.nullDevice())
    process.setStandardOutputFile(QProcess.nullDevice())
    process.setStandardErrorFile(QProcess.nullDevice())
    # Typed as a pair, with the process id, and at run time only its first half.
    started = cast("object", process.startDetached())
    if not (started[0] if isinstance(started, tuple) else started):
        raise UsageError(f"the editor {arguments[0]} could not be started")


def _program(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        raise UsageError(f"the editor {name} was not found; the settings say which one is used")
    return program


def _open_with_desktop(file: Path) -> bool:
    """Show the file in the desktop's program for text; False when there is none or it might run the file instead."""
    if sys.platform == "darwin":
        _start(["open", "-t", str(file)])  # -t: the editor for text, whatever the file is
        return True
    if sys.platform == "win32":
        _start(["notepad.exe", str(file)])
        return True
    if os.access(file, os.X_OK) or file.suffix.lower() in _RUN_BY_DESKTOPS:
        raise UsageError(
            f"{file.name} can be run, and no editor was found to show it instead; name one in the settings"
        )
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))
