"""Allow-list -> source files: downloads pinned wheels and reads the Python files inside, never installs."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from basemodel.packages import ALLOWED, STANDARD_LIBRARY, Package

__all__ = ["RawFile", "download", "is_wanted_path", "read_all"]

MIN_BYTES, MAX_BYTES = 500, 150_000
# Copies of other projects, and tests, whose tables of expected values are not code.
SKIPPED_FOLDERS = frozenset(
    "test tests testing _vendor vendor vendored _vendored vendored_packages extern externals external thirdparty "
    "third_party _third_party conftest idlelib lib2to3 site-packages turtledemo encodings pydoc_data ensurepip "
    "__pycache__ examples benchmarks locale locale_data node_modules".split()
)


@dataclass(frozen=True, slots=True)
class RawFile:
    """A Python file of an allowed package."""

    package: str
    path: str  # relative to the package's root, forward slashes
    text: str


def is_wanted_path(path: str) -> bool:
    """Return whether a file's place in its package marks it as the package's own library code."""
    parts = PurePosixPath(path).parts
    name = parts[-1]
    if not name.endswith(".py") or name.startswith("test_") or name == "conftest.py":
        return False
    return not SKIPPED_FOLDERS.intersection(part.lower() for part in parts[:-1])


def wheel_of(package: Package, folder: Path) -> Path | None:
    """Return the downloaded wheel of a package, None if it is not there."""
    stem = re.sub(r"[-_.]+", "_", package.name)
    found = sorted(folder.glob(f"{stem}-{package.version}*.whl"))
    return found[0] if found else None


def download(folder: Path) -> None:
    """Fetch every wheel of the allow-list that is missing, without its dependencies.

    Raises RuntimeError naming the packages that could not be had.
    """
    folder.mkdir(parents=True, exist_ok=True)
    failed = []
    for package in ALLOWED:
        if wheel_of(package, folder):
            continue
        print(f"downloading {package.name} {package.version}", flush=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--dest", str(folder)]
        done = subprocess.run([*command, f"{package.name}=={package.version}"], check=False)
        if done.returncode or not wheel_of(package, folder):
            failed.append(f"{package.name}=={package.version}")
    if failed:
        raise RuntimeError(f"could not download: {', '.join(failed)}")


def _decode(data: bytes) -> str | None:
    if not MIN_BYTES <= len(data) <= MAX_BYTES:
        return None
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


def _read_wheel(package: Package, folder: Path) -> Iterator[RawFile]:
    wheel = wheel_of(package, folder)
    if wheel is None:
        raise RuntimeError(f"{package.name} {package.version} was not downloaded")
    with zipfile.ZipFile(wheel) as archive:
        for info in sorted(archive.infolist(), key=lambda each: each.filename):
            inside_dist = ".dist-info/" in info.filename or ".data/" in info.filename
            if inside_dist or not is_wanted_path(info.filename):
                continue
            text = _decode(archive.read(info))
            if text is not None:
                yield RawFile(package.name, info.filename, text)


def _read_standard_library() -> Iterator[RawFile]:
    root = Path(sysconfig.get_path("stdlib"))
    for file in sorted(root.rglob("*.py")):
        path = file.relative_to(root).as_posix()
        if is_wanted_path(path):
            text = _decode(file.read_bytes())
            if text is not None:
                yield RawFile(STANDARD_LIBRARY, path, text)


def read_all(folder: Path) -> Iterator[RawFile]:
    """Yield the wanted files of the standard library, then of every allowed package, in a fixed order."""
    yield from _read_standard_library()
    for package in ALLOWED:
        yield from _read_wheel(package, folder)


def python_version() -> str:
    """Return the version of the standard library that is read."""
    return platform.python_version()
