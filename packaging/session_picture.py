"""Draw a real session in the terminal as an SVG for the README.

    python packaging/session_picture.py docs/session.svg REPOSITORY "QUESTION" [EFFORT]

The command runs in a pseudo-terminal of 80 columns; what it prints is drawn unchanged.
"""

from __future__ import annotations

import io
import os
import pty
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 80
SPINNER = re.compile("[\u2800-\u28ff]")


def transcript(command: list[str]) -> str:
    """Return all that a command prints to a terminal of ``COLUMNS`` columns."""
    read: list[bytes] = []

    def keep(descriptor: int) -> bytes:
        data = os.read(descriptor, 4096)
        read.append(data)
        return data

    os.environ.update(COLUMNS=str(COLUMNS), TERM="xterm-256color")
    os.environ.pop("NO_COLOR", None)
    status = pty.spawn(command, keep)
    if status:
        raise SystemExit(f"the command ended with status {os.waitstatus_to_exitcode(status)}")
    return b"".join(read).decode().replace("\r\n", "\n")


def main() -> int:
    """Run the question and write the picture."""
    target, repository, question = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    effort = sys.argv[4] if len(sys.argv) > 4 else "balanced"
    sidetune = str(Path(sys.executable).parent / "sidetune")
    printed = transcript([sidetune, "ask", question, "--repo", repository, "--effort", effort])
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text(f'$ sidetune ask "{question}" --repo {Path(repository).name}', style="bold"))
    lines = (Text.from_ansi(line.rsplit("\r", 1)[-1]) for line in printed.split("\n"))
    shown = [line for line in lines if not SPINNER.search(line.plain)]  # progress was erased when it was over
    console.print(Text("\n").join(shown))
    svg = console.export_svg(title="sidetune")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # a picture loads nothing from elsewhere
    target.write_text(svg, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
