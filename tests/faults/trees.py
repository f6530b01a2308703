"""Trees that nobody would make but to do harm, and what must hold of every tree.

``python -m tests.faults.trees --empty 100000`` indexes that many empty files and says how long it takes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.errors import UsageError
from engine.workspace import Workspace
from tests.faults.checks import opened

__all__ = ["empty_files", "listing", "unexplained", "walked"]

State = tuple[int, int, int, int, str]  # mode, size, modified (ns), inode, hash or target


def listing(root: Path) -> dict[str, State]:
    """Return the state of everything below a folder, itself included; nothing that could block is opened."""
    return {path: _state(Path(path)) for path in (str(root), *walked(root, git=True))}


def _state(path: Path) -> State:
    status = path.lstat()
    content = ""
    if stat.S_ISLNK(status.st_mode):
        content = str(path.readlink())
    elif stat.S_ISREG(status.st_mode) and status.st_size < 10_000_000:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    return status.st_mode, status.st_size, status.st_mtime_ns, status.st_ino, content


def walked(root: Path, *, git: bool = False) -> Iterator[str]:
    """Yield the path of everything below a folder that can be seen, links not followed; git's own only if asked for."""
    for folder, folders, files in os.walk(root):
        if not git:
            folders[:] = [name for name in folders if name != ".git"]
        for name in (*folders, *files):
            yield str(Path(folder, name))


def unexplained(workspace: Workspace) -> list[str]:
    """Return the files that are neither indexed nor left out for a reason that ``sidetune why`` gives."""
    indexed, left_out = workspace.listing()
    known = {each.path for each in left_out}
    wrong = []
    for full in walked(workspace.root):
        path = Path(full).relative_to(workspace.root).as_posix()
        if stat.S_ISDIR(Path(full).lstat().st_mode):
            continue
        try:
            why = workspace.why(path)
        except UsageError as error:
            wrong.append(f"{path!r}: {error}")
            continue
        if why.indexed != (path in indexed):
            wrong.append(f"{path!r}: {why}")
        elif not why.indexed:
            shown = os.fsencode(path).decode("utf-8", "backslashreplace")
            above = {shown, path} | {
                "/".join(shown.split("/")[:depth]) + "/" for depth in range(1, shown.count("/") + 1)
            }
            if not why.reason or not why.detail or not (above & known or path.rpartition("/")[2] == ".git"):
                wrong.append(f"{path!r}: {why}, and it is not among those left out")
    return wrong


def empty_files(root: Path, count: int) -> None:
    """Make so many empty files, a thousand a folder."""
    for number in range(count):
        folder = root / f"folder_{number // 1000}"
        if number % 1000 == 0:
            folder.mkdir(parents=True, exist_ok=True)
        (folder / f"empty_{number}.py").touch()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.trees", description=__doc__)
    parser.add_argument("--empty", type=int, default=100_000, help="empty files")
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="sidetune-trees-")).resolve()
    try:
        home, root = folder / "home", folder / "repository"
        home.mkdir()
        empty_files(root, given.empty)
        before = listing(root)
        figures: dict[str, float] = {"files": given.empty}
        with opened(home, root) as workspace:
            for name, work in (("first", workspace.index), ("again", workspace.index), ("refresh", workspace.refresh)):
                start = time.monotonic()
                work()
                figures[f"seconds_{name}"] = round(time.monotonic() - start, 1)
            wrong = unexplained(workspace)[:10] if given.empty <= 5000 else []
            figures["indexed"] = workspace.counts()[0]
        figures["changed"] = float(before != listing(root))
    finally:
        shutil.rmtree(folder)
    print(json.dumps(figures | {"unexplained": len(wrong)}))
    return 1 if wrong or figures["changed"] or figures["indexed"] != given.empty else 0


if __name__ == "__main__":
    sys.exit(main())
