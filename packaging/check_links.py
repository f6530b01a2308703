"""Check the links of the documentation: every relative target exists, every anchor has its heading."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub derives from a Markdown file's headings."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        plain = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(plain.replace(" ", "-"))
    return found


def broken_links(root: Path, files: list[Path]) -> list[str]:
    """Return one sentence for each link of ``files`` that leads nowhere inside ``root``."""
    problems: list[str] = []
    for file in files:
        text = _FENCE.sub("", file.read_text(encoding="utf-8"))
        for target in _LINK.findall(text):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, anchor = target.partition("#")
            linked = (file.parent / path).resolve() if path else file
            where = f"{file.relative_to(root)}: {target}"
            if not linked.is_relative_to(root) or not linked.exists():
                problems.append(f"{where}: no such file")
            elif anchor and linked.suffix == ".md" and anchor not in anchors(linked.read_text(encoding="utf-8")):
                problems.append(f"{where}: no such heading")
    return problems


def main() -> int:
    """Check every Markdown file that git tracks; return the exit status."""
    root = Path(__file__).resolve().parent.parent
    listed = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=root, check=True, capture_output=True)
    files = [root / name for name in listed.stdout.decode().split("\0") if name]
    problems = broken_links(root, [file for file in files if file.exists()])
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"links: {len(files)} files, {len(problems)} broken")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
