"""Repositories to measure on: those that are named, else one that is made up, since a benchmark needs no network."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["QUICK", "REPOSITORIES", "is_quick", "made_repository", "named_repositories", "own_home"]

REPOSITORIES = "SIDETUNE_BENCH_REPOS"  # paths, separated as in PATH
QUICK = "SIDETUNE_BENCH_QUICK"
_WORDS = (
    "order price customer parcel invoice discount stock shelf supplier tariff refund basket coupon payment address "
    "label weight carrier receipt ledger account region season catalogue review rating session cache queue worker "
    "retry timeout schema field record cursor index merge split parse render encode decode sign verify route handler"
).split()


def is_quick() -> bool:
    """Return whether only the working of the entries is to be seen."""
    return bool(os.environ.get(QUICK))


def named_repositories() -> list[Path]:
    """Return the folders that were named."""
    return [Path(each).resolve() for each in os.environ.get(REPOSITORIES, "").split(os.pathsep) if each]


def function(rng: random.Random, name: str, lines: int = 9) -> str:
    """Return a function with that name, of words that code uses."""
    words = rng.sample(_WORDS, 6)
    body = [
        f'    """{words[0].capitalize()} the {words[1]} of every {words[2]}, {words[3]} by {words[4]}."""',
        f"    {words[5]} = {rng.randrange(1000)}",
        *(
            f"    {rng.choice(words)} = self.{rng.choice(_WORDS)}({rng.choice(words)}, {rng.randrange(100)})"
            for _ in range(lines - 3)
        ),
        f"    return {words[5]}",
    ]
    return f"def {name}(self, {words[1]}, {words[2]}):\n" + "\n".join(body) + "\n"


def made_repository(root: Path, files: int, *, functions: int = 2, seed: int = 0) -> Path:
    """Write ``files`` Python files of a few functions each, 50 to a folder; return the resolved folder."""
    rng = random.Random(seed)
    for number in range(files):
        folder = root / f"package_{number // 50}"
        folder.mkdir(parents=True, exist_ok=True)
        names = [f"{rng.choice(_WORDS)}_{rng.choice(_WORDS)}_{number}_{each}" for each in range(functions)]
        (folder / f"module_{number}.py").write_text("\n\n".join(function(rng, name) for name in names))
    return root.resolve()


@contextmanager
def own_home() -> Iterator[Path]:
    """Yield a folder for everything that is written, which is also Sidetune's home meanwhile."""
    before = os.environ.get("SIDETUNE_HOME")
    with tempfile.TemporaryDirectory(prefix="sidetune-bench-") as folder:
        os.environ["SIDETUNE_HOME"] = str(Path(folder) / "home")
        try:
            yield Path(folder)
        finally:
            if before is None:
                del os.environ["SIDETUNE_HOME"]
            else:
                os.environ["SIDETUNE_HOME"] = before
