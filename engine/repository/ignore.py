"""Which paths a repository's owner wants left out: git's ignore files and ``.sidetuneignore``, with git's precedence.

Within one file the last matching pattern wins, a file deeper in the tree overrules one above it, and nothing below an
ignored folder can be taken back in. Two tiers are kept apart: what ``.sidetuneignore`` says is final, because it was
written for Sidetune; what git's files say gives way for files that git tracks nevertheless.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.repository import git
from engine.repository.globs import Glob, byte_text, glob

__all__ = ["IGNORE_FILES", "IgnoreRules", "Rule"]

OWN_FILE = ".sidetuneignore"
GIT_FILE = ".gitignore"
IGNORE_FILES = frozenset({OWN_FILE, GIT_FILE})

_LARGEST = 1 << 20  # bytes of an ignore file that are read; git reads at most 100 MB, nobody writes 1 MB
# What nobody asks about, should a folder have no ignore file at all; any "!pattern" overrules it.
_BUILT_IN = (
    ".bzr/", ".hg/", ".svn/", "CVS/", ".jj/", "node_modules/", "bower_components/", "__pycache__/", "site-packages/",
    ".venv/", ".tox/", ".nox/", ".eggs/", ".cache/", ".mypy_cache/", ".ruff_cache/", ".pytest_cache/", ".hypothesis/",
    ".gradle/", ".idea/", ".terraform/", ".DS_Store", "*~", "*.swp",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of an ignore file."""

    source: str  # the file it stands in, relative to the repository where it lies inside
    line: int  # 1-based; 0 for built-in rules
    pattern: str  # as written
    ignores: bool  # False: a "!pattern", which takes back
    own: bool  # from a .sidetuneignore

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.pattern}" if self.line else f"built-in rule {self.pattern}"


@dataclass(frozen=True, slots=True)
class _RuleFile:
    """The compiled rules of one file and the depth of the folder that its patterns are relative to."""

    depth: int
    rules: tuple[tuple[Glob, Rule], ...]  # last first: the first match decides

    def match(self, parts: Sequence[str], *, folder: bool) -> Rule | None:
        inner = parts[self.depth :]
        for pattern, rule in self.rules:
            if pattern.matches(inner, folder=folder):
                return rule
        return None


@dataclass(frozen=True, slots=True)
class _Around:
    """What the rules say of everything below a folder."""

    out: tuple[str, Rule] | None = None  # all of it is left out, because of this folder and rule
    hidden: tuple[str, Rule] | None = None  # git ignores it; only the files it tracks nevertheless are taken


class IgnoreRules:
    """The ignore rules of the repository at ``root``; files are read when a folder is first asked about."""

    def __init__(self, root: Path, tracked: Collection[str] = ()) -> None:
        """Take the rules of ``root`` and of the work tree around it; ``tracked`` paths escape git's own rules."""
        self._root = root
        self._tracked = tracked if isinstance(tracked, frozenset) else frozenset(tracked)
        self._tracked_folders = _folders_of(self._tracked)
        directories = git.git_directories(root)
        self._top = directories.top if directories else root
        self._above = "" if self._top == root else root.relative_to(self._top).as_posix() + "/"
        self._ignore_case = git.ignores_case(root) if directories else False
        self._global: list[_RuleFile] = []
        excludes = git.excludes_file(root)
        if directories:
            self._add_global(directories.common / "info" / "exclude", ".git/info/exclude")
        if excludes:
            self._add_global(excludes, str(excludes))
        self._global.append(self._compile("", _BUILT_IN, "", own=False))
        self._files: dict[tuple[str, bool], _RuleFile | None] = {}
        self._folders: dict[str, _Around] = {}

    def _add_global(self, path: Path, shown: str) -> None:
        lines = _read_lines(path, follow=True)
        if lines:
            self._global.append(self._compile("", lines, shown, own=False))

    def tracked_below(self, folder: str) -> bool:
        """Return whether git tracks a file below ``folder`` (a path ending in "/")."""
        return folder in self._tracked_folders

    def decide(self, path: str) -> Rule | None:
        """Return the rule that leaves out ``path`` itself ("folder/" for a folder), its parents not considered.

        A tracked file, or a folder with tracked files, is only left out by a ``.sidetuneignore``.
        """
        full = self._above + path
        own = self._last_match(full, own=True)
        if own is not None:
            return own if own.ignores else None
        if path in self._tracked or path in self._tracked_folders:
            return None
        rule = self._last_match(full, own=False)
        return rule if rule is not None and rule.ignores else None

    def ignored_by(self, path: str) -> tuple[str, Rule] | None:
        """Return the path that is left out (``path`` or the topmost of its folders) and the rule that does it."""
        parent = path.rstrip("/").rpartition("/")[0]
        around = self._around(parent + "/") if parent else _Around()
        if around.out is not None:
            return around.out
        rule = self.decide(path)
        if rule is not None:
            return path, rule
        if around.hidden and path not in self._tracked and path not in self._tracked_folders:
            taken_back = self._last_match(self._above + path, own=True) is not None
            return None if taken_back else around.hidden
        return None

    def _around(self, folder: str) -> _Around:
        """Return what the rules say of everything below ``folder``; each folder is judged once."""
        known = self._folders.get(folder)
        if known is not None:
            return known
        parts = folder.split("/")[:-1]
        around = _Around()
        for depth in range(1, len(parts) + 1):
            inner = "/".join(parts[:depth]) + "/"
            found = self._folders.get(inner)
            if found is None:
                found = self._folders[inner] = self._judge(inner, around)
            around = found
        return around

    def _judge(self, folder: str, around: _Around) -> _Around:
        if around.out is not None:
            return around
        rule = self.decide(folder)
        if rule is not None:
            return _Around(out=(folder, rule))
        if around.hidden and not self.tracked_below(folder):
            taken_back = self._last_match(self._above + folder, own=True) is not None
            return _Around() if taken_back else _Around(out=around.hidden)
        if around.hidden is None and self.tracked_below(folder):
            hiding = self._last_match(self._above + folder, own=False)
            if hiding is not None and hiding.ignores and self._last_match(self._above + folder, own=True) is None:
                return _Around(hidden=(folder, hiding))
        return around

    def _last_match(self, full: str, *, own: bool) -> Rule | None:
        parts = byte_text(full).rstrip("/").split("/")
        is_folder = full.endswith("/")
        folder = full.rstrip("/").rpartition("/")[0]
        while True:
            rules = self._in_folder(folder, own=own)
            if rules is not None:
                found = rules.match(parts, folder=is_folder)
                if found is not None:
                    return found
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        if not own:
            for rules in self._global:
                found = rules.match(parts, folder=is_folder)
                if found is not None:
                    return found
        return None

    def _in_folder(self, folder: str, *, own: bool) -> _RuleFile | None:
        key = (folder, own)
        if key not in self._files:
            name = OWN_FILE if own else GIT_FILE
            lines = _read_lines(self._top / folder / name, follow=False)
            prefix = folder + "/" if folder else ""
            shown = (prefix + name).removeprefix(self._above)
            self._files[key] = self._compile(prefix, lines, shown, own=own) if lines else None
        return self._files[key]

    def _compile(self, prefix: str, lines: Sequence[str], source: str, *, own: bool) -> _RuleFile:
        rules = []
        for number, line in enumerate(lines, start=1):
            pattern = glob(line, ignore_case=self._ignore_case)
            if pattern is not None:
                shown = Rule(source, number if source else 0, line.strip(), not pattern.negated, own)
                rules.append((pattern, shown))
        return _RuleFile(prefix.count("/"), tuple(reversed(rules)))


def _folders_of(paths: Iterable[str]) -> frozenset[str]:
    folders: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder + "/" not in folders:
            folders.add(folder + "/")
            folder = folder.rpartition("/")[0]
    return frozenset(folders)


def _read_lines(path: Path, *, follow: bool) -> Sequence[str]:
    """Return an ignore file's lines, none when it is missing, unreadable, no regular file or (inside) a symlink."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError):
        return ()
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return ()
    with os.fdopen(descriptor, "rb") as stream:
        try:
            data = stream.read(_LARGEST)
        except OSError:
            return ()
    return [line.removesuffix("\r") for line in os.fsdecode(data.removeprefix(b"\xef\xbb\xbf")).split("\n")]
