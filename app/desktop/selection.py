"""What was right-clicked in a file manager -> Sidetune's window on it. Run as a program by the entries there.

``python -P -m app.desktop.selection [--home FOLDER] [--nautilus] [PATH-or-URI …]``: every folder opens as a repository,
all files together become what the next question is about.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote_to_bytes

__all__ = ["local_path", "main", "nautilus_selection", "window_commands"]

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")  # no path that a file manager gives, since those begin with a slash
_FILE = re.compile(r"file:(//(?P<host>[^/]*))?(?P<path>/.*)", re.IGNORECASE | re.DOTALL)


def local_path(given: str) -> Path | None:
    """Return the local path that a path or a ``file:`` URI names; None for places that are not on this machine."""
    if not _URI.match(given):
        return Path(given).absolute() if given else None
    # By hand, since a file's URI has no query and no fragment even where one leaves "?" and "#" as they are.
    match = _FILE.fullmatch(given)
    if match is None or (match["host"] or "").lower() not in {"", "localhost", platform.node().lower()}:
        return None
    return Path(os.fsdecode(unquote_to_bytes(match["path"])))


def nautilus_selection(environment: Mapping[str, str]) -> list[str]:
    """Return the URIs that Nautilus gives a script: what is selected, else the folder that is shown."""
    selected = environment.get("NAUTILUS_SCRIPT_SELECTED_URIS", "").split("\n")
    return [uri for uri in selected if uri] or [environment.get("NAUTILUS_SCRIPT_CURRENT_URI", "")]


def window_commands(given: Sequence[str]) -> list[list[str]]:
    """Return the command lines that show the existing ones of ``given``; without any given, the window as it was left.

    An empty list means that something was given and none of it is a file or a folder of this machine.
    """
    window = [sys.executable, "-P", "-m", "app"]
    if not given:
        return [window]
    paths = [path for path in map(local_path, given) if path is not None]
    commands = [[*window, str(path)] for path in paths if path.is_dir()]
    about = [word for path in paths if path.is_file() for word in ("--about", str(path))]
    return [*commands, *([[*window, *about]] if about else [])]


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the window on a selection and return 0 without waiting for it, 1 when there is nothing to show."""
    parser = argparse.ArgumentParser(prog="python -P -m app.desktop.selection", description="Ask about a selection.")
    parser.add_argument("--home", help="the folder that SIDETUNE_HOME names")
    parser.add_argument("--nautilus", action="store_true", help="read the selection as Nautilus tells its scripts")
    parser.add_argument("paths", nargs="*", metavar="PATH-or-URI")
    options = parser.parse_args(arguments)
    environment = dict(os.environ)
    if options.home:
        environment["SIDETUNE_HOME"] = options.home
    given = nautilus_selection(environment) if options.nautilus else options.paths
    commands = window_commands([each for each in given if each])
    if not commands:
        sys.stderr.write("sidetune: none of what was chosen is a file or a folder on this machine\n")
        return 1
    for command in commands:
        # A session of its own: the window outlives the file manager. Nothing is read from or written to its terminal.
        subprocess.Popen(
            command,
            env=environment,
            cwd=Path.home(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
