"""Kill indexing at random moments, again and again, and see what is left: ``python -m tests.faults.kill --times 100``.

A process indexes a repository and then, in turns, changes a quarter of its files and brings index and graphs up to
date. It is killed (SIGKILL) a random while after it has begun a random stage. After each kill the index is opened:
it must not contradict itself, and what a question cites must stand in the files. Every few kills the work is
finished, and the answers must be those of an index made anew; no text may have been embedded whose vector was stored.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from subprocess import PIPE

from engine.types import Report
from tests.faults.checks import answers, contradictions, differences, misquotations, opened
from tests.faults.instrumented import embedded_again
from tests.faults.repository import change, write_repository

__all__ = ["Outcome", "run"]

ROOT = Path(__file__).resolve().parents[2]
_STAGES = ("parse", "forget", "embed static", "embed best", "graph")
_KILLS_EACH = 5  # before the work is finished and a new repository begun
_LONGEST = 0.25  # seconds between the beginning of a stage and the kill
_PATIENCE = 120.0  # seconds for a process to reach a stage


@dataclass
class Outcome:
    """What the kills did; ``faults`` must stay empty."""

    kills: int = 0
    during: dict[str, int] = field(default_factory=dict)  # by the stage that was last heard of
    embedded_again: int = 0  # texts whose vector was stored
    lost: int = 0  # texts embedded whose vector was not stored yet
    stored: int = 0
    citations_checked: int = 0
    rounds: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


# -- the process that is killed -------------------------------------------------------------------------


def _work(home: Path, root: Path, seed: int) -> None:
    """Index and change for ever, telling every stage that begins."""
    rng = random.Random(seed)
    last = ""

    def tell(report: Report) -> None:
        nonlocal last
        if report.stage != last:
            last = report.stage
            print(last.replace("transformer", "best"), flush=True)

    with opened(home, root) as workspace:
        workspace.index(progress=tell)
        while True:
            workspace.update(change(root, rng, rng.uniform(0.1, 0.5)), progress=tell)
            workspace.fill(progress=tell)
            last = ""


def _kill_once(home: Path, root: Path, rng: random.Random) -> str:
    """Start the process, kill it in or after a stage, and return the last stage it told of."""
    command = [sys.executable, "-m", "tests.faults.kill", "--work", str(home), str(root), str(rng.randrange(10**9))]
    wanted, skip, wait = rng.choice(_STAGES), rng.randrange(3), rng.uniform(0, _LONGEST)
    last = "start"
    with subprocess.Popen(command, cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        begun = time.monotonic()
        for line in process.stdout:
            last = line.strip()
            if last == wanted:
                skip -= 1
            if skip < 0 or time.monotonic() - begun > _PATIENCE:
                break
        time.sleep(wait)
        if process.poll() is not None:
            return f"ended by itself: {process.stderr.read().strip()[-300:]}"
        process.kill()
        told = process.stdout.read().split("\n")
    return next((each for each in reversed(told) if each in _STAGES), last)


# -- the one that looks ---------------------------------------------------------------------------------


def _look(home: Path, root: Path, outcome: Outcome, rng: random.Random, when: str) -> None:
    with opened(home, root) as workspace:
        outcome.faults += [f"after {when}: {each}" for each in contradictions(workspace)]
        if rng.random() < 0.5:  # else the next process finds what this one left
            outcome.faults += [f"after {when}: cited, and not there: {each}" for each in misquotations(workspace)]
            outcome.citations_checked += 1


def _finish(home: Path, root: Path, outcome: Outcome) -> None:
    """Let the work be done, and compare with an index made anew."""
    with opened(home, root) as workspace:
        workspace.index()
        ours = answers(workspace)
        outcome.faults += contradictions(workspace)
    anew = home.with_name("anew")
    with opened(anew, root) as workspace:
        workspace.index()
        outcome.faults += [f"unlike an index made anew: {each}" for each in differences(ours, answers(workspace))]
    again, stored, lost = embedded_again(home.with_suffix(".log"))
    outcome.embedded_again += again.total()
    outcome.stored += stored
    outcome.lost += lost
    outcome.faults += [f"embedded although it was stored: {key}" for _, key in again]


def run(times: int, seed: int, *, files: int = 40, tell: bool = False) -> Outcome:
    """Kill ``times`` processes and return what was found."""
    rng = random.Random(seed)
    outcome = Outcome()
    start = time.monotonic()
    while outcome.kills < times:
        outcome.rounds += 1
        folder = Path(tempfile.mkdtemp(prefix="sidetune-kill-"))
        try:
            home, root = folder / "home", (folder / "repository").resolve()
            home.mkdir()
            write_repository(root, rng, files)
            for _ in range(min(_KILLS_EACH, times - outcome.kills)):
                stage = _kill_once(home, root, rng)
                if stage.startswith("ended"):
                    outcome.faults.append(stage)
                outcome.kills += 1
                outcome.during[stage] = outcome.during.get(stage, 0) + 1
                _look(home, root, outcome, rng, f"kill {outcome.kills} in {stage}")
                if tell:
                    print(f"{outcome.kills}: {stage}, {len(outcome.faults)} faults", flush=True)
            _finish(home, root, outcome)
        finally:
            if not outcome.faults:  # else it is left for whoever looks into it
                shutil.rmtree(folder)
    outcome.seconds = round(time.monotonic() - start, 1)
    return outcome


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill", description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.work:
        _work(Path(given.work[0]), Path(given.work[1]), int(given.work[2]))
        return 0
    outcome = run(given.times, given.seed, tell=True)
    print(json.dumps(asdict(outcome), indent=1))
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
