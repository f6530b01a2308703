"""``python -P -m app [PATH] [--about FILE[:A-B]]``: shows a repository in a window.

The windows of a user live in one process. Whoever starts a second one hands over what was asked for; only the
process that shows windows loads what draws them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Sequence

from app.request import Request, parse_requests, to_message
from engine.errors import SidetuneError, UsageError

__all__ = ["main"]

# What Qt's own wheel does not bring, by the packages of Debian and Ubuntu.
_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
}


class _NoWindowError(SidetuneError):
    """Windows cannot be shown here; the sentence says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Show what the command line asks for; return 0 when the last window was closed or another process took it."""
    parser = argparse.ArgumentParser(prog="python -P -m app", description="Show a repository in Sidetune's window.")
    parser.add_argument("path", nargs="?", help="the folder of the repository; by default the last one")
    parser.add_argument("--about", action="append", default=[], metavar="FILE[:A-B]", help="what to ask about")
    parser.add_argument("--announce", action="store_true", help="print a line of JSON once it is shown")
    options = parser.parse_args(arguments)

    def announce(**said: object) -> None:
        if options.announce:
            sys.stdout.write(json.dumps(said) + "\n")
            sys.stdout.flush()

    try:
        return _show(parse_requests(options.path, options.about), announce)
    except SidetuneError as error:
        announce(error=str(error), usage=isinstance(error, UsageError), no_window=isinstance(error, _NoWindowError))
        if not options.announce:
            sys.stderr.write(f"sidetune: {str(error).encode('ascii', 'backslashreplace').decode()}\n")
        return 2 if isinstance(error, UsageError) else 1


def _show(requests: list[Request], announce: Callable[..., None]) -> int:
    try:
        from app.desktop.single_instance import hand_over
    except ImportError as error:
        raise _NoWindowError(_what_is_missing(error)) from error
    message = to_message(requests)
    reply = hand_over(message)
    if reply is None:
        _check_display()
        try:
            from app.application import Application
        except ImportError as error:
            raise _NoWindowError(_what_is_missing(error)) from error
        application = Application()
        reply = application.claim(message)
        if reply is None:
            return application.run(requests, lambda: announce(pid=os.getpid(), handed_over=False))
    if reply.refused:
        raise UsageError(reply.refused)
    announce(pid=reply.pid, handed_over=True)
    return 0


def _what_is_missing(error: ImportError) -> str:
    """Return a sentence that names the library that is not there, and the package that brings it where we know it."""
    found = re.match(r"(lib\S+\.so[.\d]*): cannot open shared object", str(error))
    if found is None:
        return f"the window's libraries cannot be loaded: {error}"
    package = _PACKAGES.get(found[1])
    hint = f"; install it first, on Debian or Ubuntu with: sudo apt install {package}" if package else ""
    return f"the system library {found[1]} is missing{hint}"


def _check_display() -> None:
    """Raise _NoWindowError where there is plainly no display: Qt would abort the process without a word to catch."""
    named = [os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")]
    if sys.platform not in {"win32", "darwin"} and not any(named):
        raise _NoWindowError("there is no display")


if __name__ == "__main__":
    sys.exit(main())
