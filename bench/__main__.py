"""Run every entry in its own process, print the table, exit 1 if a must is missed."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.ratio import Ratio

ENTRIES = ("sift",)  # modules of this package, each with THREADS and measure() -> list[Ratio]
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def _worker(entry: str) -> None:
    module: Any = importlib.import_module(f"bench.{entry}")
    print(json.dumps([asdict(ratio) for ratio in module.measure()]))


def _run(entry: str) -> list[Ratio]:
    """Measure one entry in a fresh process: numeric libraries read their thread count once, when loaded."""
    threads = str(importlib.import_module(f"bench.{entry}").THREADS)
    environment = {**os.environ, **dict.fromkeys(_THREAD_VARIABLES, threads), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bench", "--worker", entry],
        cwd=Path(__file__).resolve().parent.parent,
        env={**environment, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"the entry {entry} failed")
    return [Ratio(**values) for values in json.loads(done.stdout.splitlines()[-1])]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("entries", nargs="*", default=list(ENTRIES), help=f"which of: {', '.join(ENTRIES)}")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        _worker(arguments.worker)
        return 0
    unknown = set(arguments.entries) - set(ENTRIES)
    if unknown:
        parser.error(f"there is no entry {', '.join(sorted(unknown))}; known are {', '.join(ENTRIES)}")
    ratios = [ratio for entry in arguments.entries for ratio in _run(entry)]
    if arguments.json:
        rows = [{**asdict(ratio), "times": ratio.times, "verdict": ratio.verdict} for ratio in ratios]
        print(json.dumps({"ratios": rows}))
    else:
        width = max(len(ratio.name) for ratio in ratios)
        print(f"{'':{width}}  {'ours':>9}  {'peer':>9}  {'times':>6}")
        for ratio in ratios:
            times = f"{ratio.ours * 1e3:7.2f}ms  {ratio.peer * 1e3:7.0f}ms  {ratio.times:5.1f}x"
            print(f"{ratio.name:{width}}  {times}  {ratio.verdict} ({ratio.note})")
    return int(any(ratio.must is not None and ratio.times < ratio.must for ratio in ratios))


if __name__ == "__main__":
    sys.exit(main())
