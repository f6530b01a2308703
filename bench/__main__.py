"""Run every entry in its own process, print the table, exit 1 if a must is missed."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import generated
from bench.ratio import Ratio
from bench.row import Row

# Modules of this package, each with THREADS (0: as the machine has them) and measure() -> a list of Ratio and Row.
ENTRIES = ("sift", "embedding", "index_cold", "index_update", "index_scale", "index_recall", "tuning")
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_ROOT = Path(__file__).resolve().parent.parent

Line = Ratio | Row


def _worker(entry: str, result: Path) -> None:
    module: Any = importlib.import_module(f"bench.{entry}")
    result.write_text(json.dumps([{"kind": type(line).__name__, **asdict(line)} for line in module.measure()]))


def _run(entry: str) -> list[Line]:
    """Measure one entry in a fresh process: numeric libraries read their thread count once, when loaded."""
    threads: int = importlib.import_module(f"bench.{entry}").THREADS
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONPATH": str(_ROOT)}
    if threads:
        environment |= dict.fromkeys(_THREAD_VARIABLES, str(threads))
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, "-P", "-m", "bench", "--worker", entry, str(result)]
        # What an entry prints meanwhile is no part of the table.
        done = subprocess.run(command, cwd=_ROOT, env=environment, stdout=sys.stderr, check=False)
        if done.returncode:
            raise SystemExit(f"the entry {entry} failed")
        values = json.loads(result.read_text())
    kinds: dict[str, type[Line]] = {"Ratio": Ratio, "Row": Row}
    return [kinds[each.pop("kind")](**each) for each in values]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("entries", nargs="*", default=list(ENTRIES), help=f"which of: {', '.join(ENTRIES)}")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument(
        "--repo", action="append", default=[], metavar="PATH", help=f"index this one (also in {generated.REPOSITORIES})"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes and the static tier: only whether it works")
    parser.add_argument("--worker", nargs=2, metavar=("ENTRY", "RESULT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    unknown = set(arguments.entries) - set(ENTRIES)
    if unknown:
        parser.error(f"there is no entry {', '.join(sorted(unknown))}; known are {', '.join(ENTRIES)}")
    return arguments


def _show(lines: list[Line]) -> None:
    width = max(len(line.name) for line in lines)
    ratios = [line for line in lines if isinstance(line, Ratio)]
    if ratios:
        print(f"{'':{width}}  {'ours':>9}  {'peer':>9}  {'times':>6}")
    for ratio in ratios:
        times = f"{ratio.ours * 1e3:7.2f}ms  {ratio.peer * 1e3:7.0f}ms  {ratio.times:5.1f}x"
        print(f"{ratio.name:{width}}  {times}  {ratio.verdict} ({ratio.note})")
    for row in lines:
        if isinstance(row, Row):
            words = "  ".join(each for each in (row.verdict, f"({row.note})" if row.note else "") if each)
            print(f"{row.name:{width}}  {row.value:9,.3f} {row.unit:<16}  {words}".rstrip())


def main() -> int:
    arguments = _arguments()
    if arguments.worker:
        _worker(arguments.worker[0], Path(arguments.worker[1]))
        return 0
    if arguments.repo:
        given = [str(Path(each).expanduser().resolve()) for each in arguments.repo]
        os.environ[generated.REPOSITORIES] = os.pathsep.join(given)
    if arguments.quick:
        os.environ[generated.QUICK] = "1"
    lines = [line for entry in arguments.entries for line in _run(entry)]
    if arguments.json:
        ratios = [
            {**asdict(each), "times": each.times, "verdict": each.verdict} for each in lines if isinstance(each, Ratio)
        ]
        rows = [{**asdict(each), "verdict": each.verdict} for each in lines if isinstance(each, Row)]
        print(json.dumps({"ratios": ratios, "rows": rows}))
    else:
        _show(lines)
    missed = [line for line in lines if isinstance(line, Ratio) and line.must is not None and line.times < line.must]
    return int(bool(missed) or any(line.missed for line in lines if isinstance(line, Row)))


if __name__ == "__main__":
    sys.exit(main())
