"""A folder -> its source files in path order, and for every file left out the reason why."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import Cancelled, RepositoryError, UsageError
from engine.repository import git
from engine.repository.contents import LARGEST, judge_content, judge_name
from engine.repository.ignore import IgnoreRules
from engine.types import CancelToken, Commit, Progress, Report, SkippedFile, SourceFile, sha256_hex

__all__ = ["ListedFile", "Scanner", "explain", "list_paths", "read_indexed", "read_source", "scan"]

_CACHE_TAG = b"Signature: 8a477f597d28d172789f06886806bc55"  # https://bford.info/cachedir/
_JUNCTION = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT: a folder link on Windows


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file that would be read: enough to tell whether it changed since the last time."""

    path: str
    size: int
    mtime_ns: int


class Reader:
    """Reads files that are known to belong to a repository; neither git nor ignore rules are asked."""

    def __init__(self, root: Path) -> None:
        """Take a resolved folder."""
        self.root = root

    @property
    def commits(self) -> Mapping[str, Commit]:
        """The last commits of files, as far as they matter to whoever reads."""
        return {}

    def read_listed(self, path: str) -> SourceFile | SkippedFile:
        """Read a file that ``list`` gave; only its content can still leave it out."""
        opened = self._bytes(path)
        if isinstance(opened, SkippedFile):
            return opened
        data, status = opened
        if len(data) > LARGEST:
            return SkippedFile(path, "too large", f"more than {LARGEST} bytes")
        judged = judge_content(path, data)
        if not isinstance(judged, tuple):
            return SkippedFile(path, judged.reason, judged.detail)
        text, language = judged
        commit = self.commits.get(path)
        return SourceFile(path, text, sha256_hex(data), language, len(data), status.st_mtime_ns, commit)

    def _bytes(self, path: str) -> tuple[bytes, os.stat_result] | SkippedFile:
        # The path may have become a link or a pipe since it was listed: neither is followed nor waited for.
        flags = os.O_RDONLY
        for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
            flags |= getattr(os, name, 0)
        try:
            descriptor = os.open(self.root / path, flags)
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                os.close(descriptor)
                return SkippedFile(path, "special file", "no regular file")
            with os.fdopen(descriptor, "rb") as stream:
                return stream.read(LARGEST + 1), status
        except FileNotFoundError:
            return SkippedFile(path, "missing", "there is no such file")
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.EMLINK}:
                return SkippedFile(path, "symlink", "a link")
            return SkippedFile(path, "unreadable", error.strerror or "it cannot be read")


class Scanner(Reader):
    """One look at a repository: its ignore rules and what git knows, read once and used for every file."""

    def __init__(self, root: Path) -> None:
        """Take a resolved folder. RepositoryError when it is missing or unreadable."""
        try:
            with os.scandir(root):
                pass
        except OSError as error:
            raise RepositoryError(f"the folder {root} cannot be read: {error.strerror}") from error
        super().__init__(root)
        self.tracked = git.tracked(root)
        self.rules = IgnoreRules(root, self.tracked)
        self._commits: Mapping[str, Commit] | None = None

    @property
    def commits(self) -> Mapping[str, Commit]:
        """The last commit of every tracked file, read from git when first asked for."""
        if self._commits is None:
            self._commits = git.last_commits(self.root, self.tracked)
        return self._commits

    def date_only(self, paths: Iterable[str], known: Mapping[str, Commit] | None = None) -> None:
        """Read the last commits of a few files instead of all: git stops looking once these are dated.

        Those that are ``known`` already are not looked for.
        """
        known = known or {}
        wanted = (self.tracked & set(paths)) - known.keys()
        self._commits = {**known, **(git.last_commits(self.root, wanted) if wanted else {})}

    # -- listing ------------------------------------------------------------------------------------

    def list(self) -> Iterator[ListedFile | SkippedFile]:
        """Yield every file in path order without opening any; a folder left out as a whole is one ``SkippedFile``."""
        stack: list[Iterator[tuple[str, os.DirEntry[str]]]] = []
        first = self._open_folder("")
        if isinstance(first, SkippedFile):
            raise RepositoryError(f"the folder {self.root} cannot be read: {first.detail}")
        stack.append(first)
        while stack:
            for path, entry in stack[-1]:
                if not path.endswith("/"):
                    yield self._judge_entry(path, entry)
                    continue
                inner = self._judge_folder(path) or self._open_folder(path)
                if isinstance(inner, SkippedFile):
                    yield inner
                else:
                    stack.append(inner)
                    break
            else:
                stack.pop()

    def _open_folder(self, folder: str) -> Iterator[tuple[str, os.DirEntry[str]]] | SkippedFile:
        """Return a folder's entries sorted so that whole paths come out sorted ("a-b" before "a/x")."""
        try:
            with os.scandir(self.root / folder) as entries:
                found = [(folder + entry.name + ("/" if _is_folder(entry) else ""), entry) for entry in entries]
        except OSError as error:
            return SkippedFile(folder, "unreadable", error.strerror or "it cannot be opened")
        names = {path[len(folder) :] for path, _ in found}
        if folder and names & {".git", ".git/"}:
            return SkippedFile(folder, "nested repository", "a repository of its own; open it by itself")
        if not self.rules.tracked_below(folder):
            if "pyvenv.cfg" in names:
                return SkippedFile(folder, "ignored", "a Python virtual environment (pyvenv.cfg)")
            if folder and "CACHEDIR.TAG" in names and _is_cache(self.root / folder / "CACHEDIR.TAG"):
                return SkippedFile(folder, "ignored", "marked as a cache (CACHEDIR.TAG)")
        found.sort(key=lambda pair: pair[0])
        return iter([pair for pair in found if pair[0][len(folder) :] not in {".git", ".git/"}])

    def _judge_folder(self, folder: str) -> SkippedFile | None:
        ignored = self.rules.ignored_by(folder)
        return SkippedFile(folder, "ignored", str(ignored[1])) if ignored else None

    def _judge_entry(self, path: str, entry: os.DirEntry[str]) -> ListedFile | SkippedFile:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            return SkippedFile(path, "unreadable", error.strerror or "it cannot be opened")
        return self._judge(path, status)

    def _judge(self, path: str, status: os.stat_result) -> ListedFile | SkippedFile:
        if stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION:
            return SkippedFile(path, "symlink", "a link; what it points to is indexed where it lies, if it lies inside")
        if not stat.S_ISREG(status.st_mode):
            return SkippedFile(path, "special file", "a pipe, socket or device")
        ignored = self.rules.ignored_by(path)
        if ignored:
            return SkippedFile(path, "ignored", str(ignored[1]))
        if status.st_size > LARGEST:
            return SkippedFile(path, "too large", f"{status.st_size} bytes; the limit is {LARGEST}")
        left_out = judge_name(path)
        if left_out:
            return SkippedFile(path, left_out.reason, left_out.detail)
        return ListedFile(path, status.st_size, status.st_mtime_ns)

    # -- reading ------------------------------------------------------------------------------------

    def read(self, path: str) -> SourceFile | SkippedFile:
        """Read one file of the repository, or say why it is left out: its own fault or a parent's.

        UsageError for a path that is absolute or leads out of the repository.
        """
        return self._skipped(path) or self.read_listed(path)

    # -- explaining ---------------------------------------------------------------------------------

    def explain(self, path: str) -> SkippedFile | None:
        """Return why ``path`` is not indexed, parents included; None when it would be (see ``read`` for errors)."""
        skipped = self._skipped(path)
        if skipped or (self.root / path).is_dir():
            return skipped
        found = self.read_listed(path)
        return found if isinstance(found, SkippedFile) else None

    def _skipped(self, path: str) -> SkippedFile | None:
        parts = _parts(path)
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth]) + "/"
            skipped = self._skipped_folder(folder)
            if skipped:
                return skipped
        clean = "/".join(parts)
        try:
            status = (self.root / clean).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return SkippedFile(clean, "missing", "there is no such file")
        except OSError as error:
            return SkippedFile(clean, "unreadable", error.strerror or "it cannot be opened")
        if stat.S_ISDIR(status.st_mode):
            return self._skipped_folder(clean + "/")
        if parts[-1] == ".git":
            return SkippedFile(clean, "ignored", "git's own")
        judged = self._judge(clean, status)
        return judged if isinstance(judged, SkippedFile) else None

    def _skipped_folder(self, folder: str) -> SkippedFile | None:
        if folder.rstrip("/").rpartition("/")[2] == ".git":
            return SkippedFile(folder, "ignored", "git's own")
        path = self.root / folder.rstrip("/")
        try:
            status = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return SkippedFile(folder, "missing", "there is no such folder")
        except OSError as error:
            return SkippedFile(folder, "unreadable", error.strerror or "it cannot be opened")
        if not stat.S_ISDIR(status.st_mode):
            judged = self._judge(folder.rstrip("/"), status)
            if isinstance(judged, SkippedFile):
                return judged
            return SkippedFile(folder, "missing", "there is no such folder")
        opened = self._judge_folder(folder) or self._open_folder(folder)
        return opened if isinstance(opened, SkippedFile) else None


def _parts(path: str) -> list[str]:
    if path.startswith("/") or (os.name == "nt" and ":" in path):
        raise UsageError(f"{path} must be given relative to the repository")
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if not parts or ".." in parts or "\0" in path:
        raise UsageError(f"{path or 'an empty path'} does not name a file of the repository")
    return parts


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        if not entry.is_dir(follow_symlinks=False):
            return False
        return os.name != "nt" or getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) != _JUNCTION
    except OSError:
        return False


def _is_cache(tag: Path) -> bool:
    try:
        with tag.open("rb") as stream:
            return stream.read(len(_CACHE_TAG)) == _CACHE_TAG
    except OSError:
        return False


# -- the stage's functions --------------------------------------------------------------------------


def list_paths(root: Path) -> Iterator[ListedFile | SkippedFile]:
    """Yield every file below ``root`` in path order without opening any."""
    return Scanner(root).list()


def scan(
    root: Path, *, progress: Progress | None = None, cancel: CancelToken | None = None
) -> Iterator[SourceFile | SkippedFile]:
    """Yield every file below ``root`` in path order, read and decoded, or the reason why it is left out.

    RepositoryError when ``root`` cannot be read, Cancelled when ``cancel`` is set.
    """
    scanner = Scanner(root)
    trouble = git.problem(root)
    if trouble and progress:
        progress(Report("scan", 0, 0, trouble))
    done = 0
    for listed in scanner.list():
        if cancel is not None and cancel.is_set():
            raise Cancelled("the scan was stopped")
        if isinstance(listed, SkippedFile):
            yield listed
            continue
        done += 1
        if progress:
            progress(Report("scan", done, 0, listed.path))
        yield scanner.read_listed(listed.path)


def read_source(root: Path, path: str, commits: Mapping[str, Commit] | None = None) -> SourceFile | SkippedFile:
    """Read one file, or say why it is left out; for many files make one ``Scanner``. See ``Scanner.read``."""
    scanner = Scanner(root)
    if commits is not None:
        scanner._commits = commits
    return scanner.read(path)


def read_indexed(root: Path, path: str) -> SourceFile | SkippedFile:
    """Read a file that was indexed, as it is now; whether it would still be indexed is not asked. See ``Scanner.read``.

    For a question that quotes many files: git and the ignore rules take longer than all of them.
    """
    parts = _parts(path)
    folder = root.joinpath(*parts[:-1])
    if folder.resolve() != folder:  # has become a link, and may lead anywhere
        return SkippedFile(path, "symlink", "it lies behind a link")
    return Reader(root).read_listed("/".join(parts))


def explain(root: Path, path: str) -> SkippedFile | None:
    """Return why a file is not indexed, or None when it is; see ``Scanner.explain``."""
    return Scanner(root).explain(path)
