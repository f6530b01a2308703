"""One of several processes that are at one repository: ``python -m tests.faults.together window|command HOME ROOT``.

Ends once a line on its standard input says that nothing more is going to change, and it has seen the last of it.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from engine.live import LiveIndex
from tests.faults.checks import opened
from tests.faults.instrumented import LoggedWorkspace

if TYPE_CHECKING:
    from engine.assistant import Assistant

_LAST = "last.py"  # the file that is written last


def _window(workspace: LoggedWorkspace, patience: float) -> None:
    """Index and watch, until everything is embedded, the last file included."""
    with LiveIndex(cast("Assistant", workspace), retry=0.1, on_battery=lambda: False) as live:
        sys.stdin.readline()
        end = time.monotonic() + patience
        while True:
            status, state = live.status(), workspace.state()
            complete = state.embedded.get("transformer") == state.chunks and _LAST in workspace.table.files()
            if status.stage == "ready" and complete:
                return
            if time.monotonic() > end:
                raise SystemExit(f"not ready: {status}, {state}")
            time.sleep(0.05)


def _command(workspace: LoggedWorkspace) -> None:
    """Search again and again, as the command line does."""
    done = threading.Event()

    def listen() -> None:
        sys.stdin.readline()
        done.set()

    threading.Thread(target=listen, daemon=True).start()
    while not done.is_set():
        workspace.ensure_index()
        workspace.search("cancel an order of a customer")
        time.sleep(0.2)


def main() -> None:
    kind, home, root = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with opened(home, root) as workspace:
        if kind == "window":
            _window(workspace, patience=120.0)
        else:
            _command(workspace)


if __name__ == "__main__":
    main()
