"""Every call of git, made so that nothing the repository configures is ever executed and nothing is written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from engine.types import Commit

__all__ = [
    "GitFailed",
    "changes_since",
    "commit_of",
    "excludes_file",
    "files_at",
    "git_directories",
    "head",
    "ignores_case",
    "is_repository",
    "last_commits",
    "problem",
    "top_level",
    "tracked",
]

_TIMEOUT = 60.0  # seconds; a hung network file system must not hang an index run
_HISTORY = 50_000  # commits looked at for dates; older files stay undated
_FEW = 20  # paths that git is asked for by name

# Settings of a repository that name a program to run, each overruled on the command line, which wins over every
# file. Commands that would run filters (checkout, add, diff of the work tree) or open connections are never used;
# a missing object of a partial clone could still open one, which GIT_ALLOW_PROTOCOL and GIT_NO_LAZY_FETCH forbid.
_OPTIONS = (
    "--no-pager",
    "--literal-pathspecs",
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "core.pager=",
    "-c", "core.askPass=",
    "-c", "core.sshCommand=false",
    "-c", "core.alternateRefsCommand=",
    "-c", "credential.helper=",
    "-c", "diff.external=",
    "-c", f"diff.orderFile={os.devnull}",
    "-c", "gpg.program=false",
    "-c", "log.showRoot=true",
    "-c", "log.showSignature=false",
    "-c", "protocol.allow=never",
    "-c", "submodule.recurse=false",
)  # fmt: skip
_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_PAGER": "",
    "LC_ALL": "C",
}
_LOG = (
    "log", "-z", "--name-only", "--relative", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-mailmap",
    "--no-show-signature", "--no-color", "--no-decorate", "--no-notes", "--encoding=UTF-8",
    "--format=format:%x01%H%x1f%as%x1f%an%x1f%s",
)  # fmt: skip
_HEADER = re.compile(rb"\x01([0-9a-f]{40,64})\x1f(.*?)\x1f(.*?)\x1f([^\n]*)(?:\n(.+))?", re.DOTALL)


class GitFailed(Exception):  # noqa: N818 - it reads as a sentence at the raise
    """Git could not answer; ``str()`` is its own message. Callers go on without git."""


@dataclass(frozen=True, slots=True)
class GitDirectories:
    """Where a work tree keeps its git data."""

    top: Path  # the work tree's root
    own: Path  # HEAD and index; a linked work tree has its own
    common: Path  # info/exclude, shared by all work trees


@lru_cache(maxsize=8)
def _executable(search_path: str) -> str | None:
    """Find git in the absolute folders of PATH only: never in the current folder, which may be a stranger's."""
    folders = [folder for folder in search_path.split(os.pathsep) if folder and Path(folder).is_absolute()]
    found = shutil.which("git", path=os.pathsep.join(folders)) if folders else None
    if found is None or Path(found).parent == Path.cwd():
        return None
    return found


def _command(root: Path, arguments: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    executable = _executable(os.environ.get("PATH", os.defpath))
    if executable is None:
        raise GitFailed("git is not installed")
    # GIT_DIR and its kin (set while a hook runs, say) would point git at another repository.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    kept = {name: os.environ[name] for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM") if name in os.environ}
    return [executable, "-C", str(root), *_OPTIONS, *arguments], inherited | kept | _ENVIRONMENT


def _run(root: Path, *arguments: str, timeout: float = _TIMEOUT) -> bytes:
    """Return git's stdout; GitFailed when it is missing, fails or takes longer than ``timeout`` seconds."""
    return b"".join(_stream(root, *arguments, timeout=timeout))


def _stream(
    root: Path, *arguments: str, timeout: float = _TIMEOUT, stdin: IO[bytes] | int = subprocess.DEVNULL
) -> Iterator[bytes]:
    """Yield git's stdout in blocks; closing the iterator early stops git."""
    command, environment = _command(root, arguments)
    try:
        process = subprocess.Popen(
            command, env=environment, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except OSError as error:
        raise GitFailed(f"git cannot be started: {error.strerror}") from error
    assert process.stdout is not None and process.stderr is not None
    complaint: list[bytes] = []
    stderr = process.stderr
    # Both pipes must be drained, or git blocks on the one that is not read.
    drain = threading.Thread(target=lambda: complaint.append(stderr.read()), name="git-stderr", daemon=True)
    drain.start()
    late = threading.Event()

    def expire() -> None:
        late.set()
        process.kill()

    alarm = threading.Timer(timeout, expire)
    alarm.start()
    finished = False
    try:
        while block := process.stdout.read1(1 << 16):  # type: ignore[attr-defined]
            yield block
        finished = True
    finally:
        alarm.cancel()
        if not finished:
            process.kill()
        process.wait()
        drain.join()
        alarm.join()
        process.stdout.close()
        process.stderr.close()
    if late.is_set():
        raise GitFailed(f"git {arguments[0]} took longer than {timeout:.0f} s")
    if process.returncode:
        text = b"".join(complaint).decode("utf-8", "replace").strip()
        raise GitFailed(text or f"git {arguments[0]} ended with status {process.returncode}")


# -- where -----------------------------------------------------------------------------------------


def git_directories(root: Path) -> GitDirectories | None:
    """Return the git folders of the work tree around ``root``, found without running git; None outside of one."""
    for folder in (root, *root.parents):
        marker = folder / ".git"
        if marker.is_dir():
            return GitDirectories(folder, marker, _common(marker))
        if marker.is_file():
            own = _pointed_at(marker, b"gitdir:")
            if own is not None and own.is_dir():
                return GitDirectories(folder, own, _common(own))
            return None
    return None


def _common(own: Path) -> Path:
    shared = _pointed_at(own / "commondir", b"")
    return shared if shared is not None else own


def _pointed_at(file: Path, prefix: bytes) -> Path | None:
    try:
        with file.open("rb") as stream:
            line = stream.read(4096).strip()
    except OSError:
        return None
    if not line.startswith(prefix):
        return None
    return Path(os.path.normpath(file.parent / os.fsdecode(line[len(prefix) :].strip())))


def top_level(root: Path) -> Path:
    """Return the root of the work tree around ``root``, or ``root`` itself outside of one."""
    directories = git_directories(root)
    return directories.top if directories else root


# -- what git knows --------------------------------------------------------------------------------


def problem(root: Path) -> str:
    """Return one sentence saying why git cannot be asked about a repository that has a ``.git``; "" when it can."""
    if git_directories(root) is None:
        return ""
    try:
        _run(root, "rev-parse", "--is-inside-work-tree")
    except GitFailed as error:
        if "dubious ownership" in str(error) or "safe.directory" in str(error):
            return (
                f"git does not trust {root} because another user owns it: dates and authors are left out; "
                f"'git config --global --add safe.directory {top_level(root)}' changes that"
            )
        return f"git cannot read {root}: {str(error).splitlines()[0]}"
    return ""


def is_repository(root: Path) -> bool:
    """Return whether git itself accepts ``root`` as part of a work tree."""
    try:
        return _run(root, "rev-parse", "--is-inside-work-tree").strip() == b"true"
    except GitFailed:
        return False


def head(root: Path) -> str:
    """Return the commit that is checked out, "" when there is none."""
    try:
        return _run(root, "rev-parse", "--verify", "--quiet", "HEAD").decode("ascii").strip()
    except GitFailed:
        return ""


def tracked(root: Path) -> frozenset[str]:
    """Return the paths below ``root`` that git tracks as files (no submodules, no symlinks); empty without git."""
    try:
        listing = _run(root, "ls-files", "-z", "--stage", "--cached")
    except GitFailed:
        return frozenset()
    paths = set()
    for entry in listing.split(b"\0"):
        meta, _, name = entry.partition(b"\t")
        if meta.startswith(b"100"):
            paths.add(os.fsdecode(name))
    return frozenset(paths)


def excludes_file(root: Path) -> Path | None:
    """Return the user's global excludes file: ``core.excludesFile``, else git's default place; it need not exist."""
    try:
        configured = _run(root, "config", "--type=path", "--get", "-z", "core.excludesFile")
        return top_level(root) / os.fsdecode(configured.rstrip(b"\0"))
    except GitFailed:
        base = os.environ.get("XDG_CONFIG_HOME") or str(Path("~/.config").expanduser())
        return Path(base) / "git" / "ignore"


def ignores_case(root: Path) -> bool:
    """Return whether git matches names without regard to case here (``core.ignoreCase``)."""
    try:
        return _run(root, "config", "--type=bool", "--get", "core.ignoreCase").strip() == b"true"
    except GitFailed:
        return False


def last_commits(root: Path, paths: Iterable[str] | None = None, *, history: int = _HISTORY) -> Mapping[str, Commit]:
    """Return the last commit of every tracked file below ``root``, from one pass of ``git log``.

    The pass ends as soon as each of ``paths`` (default: all tracked files) is dated, or after ``history`` commits.
    Merges count through the commits they bring in. Without git or commits the mapping is empty.
    """
    wanted = set(tracked(root) if paths is None else paths)
    found: dict[str, Commit] = {}
    if not wanted:
        return found
    # Of a few, git itself passes over the commits that touched none of them, several times faster.
    below = sorted(wanted) if len(wanted) <= _FEW else ["."]
    try:
        for commit, names in _log_entries(_stream(root, *_LOG, f"--max-count={history}", "HEAD", "--", *below)):
            for name in names:
                if name in wanted:
                    wanted.discard(name)
                    found[name] = commit
            if not wanted:
                break
    except GitFailed:
        pass  # what was dated so far is right; problem() tells the user why the rest is missing
    return found


# -- the past --------------------------------------------------------------------------------------


def commit_of(root: Path, revision: str) -> str:
    """Return the full id of the commit that a name stands for ("v2.0", "HEAD~9", a date's "main@{1.year.ago}").

    Raises GitFailed when there is none.
    """
    if revision.startswith("-"):
        raise GitFailed(f"{revision} does not name a commit")
    found = _run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return found.decode("ascii").strip()


def changes_since(
    root: Path, since: str | None, until: str, *, most: int = _HISTORY
) -> Iterator[tuple[Commit, list[str]]]:
    """Yield the commits between two (full ids; None: the first) and the paths below ``root`` that each changed.

    Oldest first, and of more than ``most`` the last ones. Merges are left out; a renamed file counts under both
    names. Raises GitFailed when there is no such history.
    """
    span = f"{since}..{until}" if since else until
    options = ("--reverse", "--no-merges", f"--max-count={most}")
    yield from _log_entries(_stream(root, *_LOG, *options, span, "--", "."))


def files_at(
    root: Path, commit: str, *, largest: int, wanted: Callable[[str], bool] | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every file of at most ``largest`` bytes below ``root`` as of a commit (a full id).

    ``wanted`` is asked for each path first; what it refuses is not read and need not be there, as in a partial
    clone. Contents are git's own, so neither a smudge filter nor a text conversion is run, and nothing is checked
    out. Raises GitFailed when the commit cannot be read.
    """
    found: list[tuple[str, bytes, int]] = []
    for entry in _run(root, "ls-tree", "-r", "-z", "--long", commit, "--", ".").split(b"\0"):
        meta, _, name = entry.partition(b"\t")
        # Regular files: no symlinks, no submodules.
        if meta.startswith(b"100") and (wanted is None or wanted(os.fsdecode(name))):
            _, _, blob, size_text = meta.split()
            if not size_text.isdigit():
                raise GitFailed(f"git has lost the content of {os.fsdecode(name)}")
            if int(size_text) <= largest:
                found.append((os.fsdecode(name), blob, int(size_text)))
    with tempfile.TemporaryFile() as names:
        names.write(b"".join(blob + b"\n" for _, blob, _ in found))
        names.seek(0)
        blocks = _stream(root, "cat-file", "--batch", "--buffer", stdin=names)
        held = b""
        for path, blob, size in found:
            header = b"%s blob %d\n" % (blob, size)
            end = len(header) + size + 1  # a newline follows the content
            parts, length = [held], len(held)
            while length < end:
                parts.append(next(blocks, b""))
                length += len(parts[-1])
                if not parts[-1]:
                    break
            held = b"".join(parts)
            if length < end or not held.startswith(header):
                raise GitFailed(f"git has lost the content of {path}")
            yield path, held[len(header) : end - 1]
            held = held[end:]


def _log_entries(blocks: Iterator[bytes]) -> Iterator[tuple[Commit, list[str]]]:
    """Parse ``log -z --name-only``: a header, a newline and the first name in one field, then a name a field."""
    commit: Commit | None = None
    names: list[str] = []
    for field in _fields(blocks):
        match = _HEADER.fullmatch(field)
        if match is None:
            if field:
                names.append(os.fsdecode(field))
            continue
        if commit is not None:
            yield commit, names
        sha, day, author, subject = (part.decode("utf-8", "replace") for part in match.groups()[:4])
        commit, names = Commit(sha, day, author, subject), []
        if match[5]:
            names.append(os.fsdecode(match[5]))
    if commit is not None:
        yield commit, names


def _fields(blocks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\0")
        yield from whole
    yield rest
