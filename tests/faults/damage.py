"""Damage what is on disk at random places, and see that it is noticed: ``python -m tests.faults.damage --times 50``.

Bytes are flipped, blocks zeroed, scribbled over or exchanged, files cut short: in the index, the graphs of vectors,
the cache of embeddings, the conversations and the logs that a killed process leaves beside them. A process then opens
the repository, brings it up to date and answers, as the engine does. It may notice the damage and say so; it must not
crash, and whatever it answers must be what an undamaged index answers. Conversations cannot be made again: they must be
as they were, or it must be said that they are not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import DamagedError
from engine.workspace import Workspace
from tests.faults.checks import Answers, answers, differences, opened
from tests.faults.repository import change, write_repository

__all__ = ["PARTS", "Outcome", "run"]

ROOT = Path(__file__).resolve().parents[2]
MEMORY = "conversations"
PARTS = {  # which files of the home, by pattern; "crashed" ones are those of a process that was killed
    "index": ("closed", "repositories/*/index.sqlite"),
    "vectors": ("closed", "repositories/*/*.hnsw"),
    "embeddings": ("closed", "embeddings.sqlite"),
    "index after a kill": ("crashed", "repositories/*/index.sqlite"),
    "log of the index": ("crashed", "repositories/*/index.sqlite-wal"),
    "log of the embeddings": ("crashed", "embeddings.sqlite-wal"),
    MEMORY: ("closed", "memory.sqlite"),
}
_PAGE = 4096
_PATIENCE = 300.0  # seconds for one process to open, mend and answer
_TURNS = 60  # of conversations
_ATTEMPTS = 4  # to open and answer: after each damage found, the next one begins with what was set aside


@dataclass
class Outcome:
    """What was damaged and what became of it; ``faults`` must stay empty."""

    part: str
    times: int = 0
    noticed: int = 0  # a DamagedError was raised, or a file was set aside
    harmless: int = 0  # nothing was noticed, and the answers are the right ones
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


# -- how to damage a file -----------------------------------------------------------------------------------


def damage(path: Path, rng: random.Random) -> str:
    """Damage a file in one of several ways at a random place, and say how; what was drawn always changes it."""
    data = bytearray(path.read_bytes())
    size = len(data)
    how = rng.choice(["bit", "byte", "zeros", "noise", "exchange", "cut", "cut block", "many bits"])
    at = rng.randrange(size)
    before = bytes(data)
    if how == "bit":
        data[at] ^= 1 << rng.randrange(8)
    elif how == "byte":
        data[at] ^= rng.randrange(1, 256)
    elif how == "many bits":
        for _ in range(rng.randrange(2, 200)):
            data[rng.randrange(size)] ^= 1 << rng.randrange(8)
    elif how == "zeros":
        at -= at % _PAGE
        data[at : at + _PAGE] = bytes(len(data[at : at + _PAGE]))
    elif how == "noise":
        length = min(size - at, rng.randrange(1, 5 * _PAGE))
        data[at : at + length] = rng.randbytes(length)
    elif how == "exchange" and size > 3 * _PAGE:
        one, other = (_PAGE * each for each in rng.sample(range(size // _PAGE), 2))
        data[one : one + _PAGE], data[other : other + _PAGE] = data[other : other + _PAGE], data[one : one + _PAGE]
    elif how == "cut block":
        del data[at - at % _PAGE :]
    else:
        del data[at:]
    if bytes(data) == before:  # a page that was zero already, say
        data[at] ^= 0xFF
    path.write_bytes(bytes(data))
    return f"{how} at {at} of {size}"


# -- the process that opens it --------------------------------------------------------------------------------


def _use(home: Path, root: Path) -> None:
    """Open, bring up to date and answer as the engine does; print what was noticed and what was answered."""
    noticed: list[str] = []
    found: Answers | None = None
    for _ in range(_ATTEMPTS):
        try:
            with opened(home, root) as workspace:
                workspace.ensure_index()
                workspace.fill()
                found = answers(workspace) | {MEMORY: _remembered(workspace)}
                noticed += [workspace.memory.notice] if workspace.memory.notice else []
                break
        except DamagedError as error:
            noticed.append(str(error))
    aside = sorted(path.name for path in home.rglob("*.damaged"))
    print(json.dumps({"noticed": noticed, "aside": aside, "answers": found}))


def _remembered(workspace: Workspace) -> list[tuple[float, str]]:
    memory = workspace.memory
    return sorted(
        (1.0, f"{turn.question} {turn.answer}") for thread in memory.threads() for turn in memory.turns(thread.id)
    )


def _prepare(home: Path, root: Path, *, closed: bool) -> None:
    """Index, change and index again; then end as ordered, or as by a kill."""
    with opened(home, root) as workspace:
        workspace.index()
        workspace.update(change(root, random.Random(7), 0.5))
        workspace.fill()
        for number in range(_TURNS):
            thread = workspace.memory.new_thread(root)
            workspace.memory.add_turn(thread, f"What is number {number}?", f"It is {number}. " * 40)
        if not closed:
            sys.stdout.flush()
            os._exit(0)


def _child(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.faults.damage", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_PATIENCE, check=False)


def _answered(home: Path, root: Path) -> dict[str, Any] | str:
    """Return what a process says of ``home``, or how it ended."""
    try:
        done = _child("--use", str(home), str(root))
    except subprocess.TimeoutExpired:
        return f"no answer within {_PATIENCE:.0f} s"
    if done.returncode < 0:
        return f"crashed: {signal.Signals(-done.returncode).name}"
    if done.returncode:
        return f"failed: {done.stderr.strip().splitlines()[-1][:300]}"
    told: dict[str, Any] = json.loads(done.stdout)
    if told["answers"] is not None:  # JSON knows no tuples
        told["answers"] = {
            question: [(score, what) for score, what in rows] for question, rows in told["answers"].items()
        }
    return told


# -- the one that damages ---------------------------------------------------------------------------------------


class Bench:
    """A repository with its index, closed and crashed, to be damaged in copies."""

    def __init__(self, folder: Path, rng: random.Random, files: int) -> None:
        self.folder = folder
        self.root = (folder / "repository").resolve()
        write_repository(self.root, rng, files)
        for state in ("closed", "crashed"):
            (folder / state).mkdir()
            done = _child("--prepare", str(folder / state), str(self.root), state)
            assert done.returncode == 0, done.stderr
        expected = self.on_copy("closed")
        assert isinstance(expected, dict)
        self.expected: Answers = expected["answers"]

    def on_copy(self, state: str, pattern: str = "", rng: random.Random | None = None) -> dict[str, Any] | str:
        """Damage the file of ``pattern`` in a copy of the home, and let a process use that."""
        home = self.folder / "copy"
        shutil.copytree(self.folder / state, home)
        try:
            how = ""
            if rng is not None:
                how = damage(rng.choice(sorted(home.glob(pattern))), rng)
            told = _answered(home, self.root)
            return f"{how}: {told}" if isinstance(told, str) else told | {"how": how}
        finally:
            shutil.rmtree(home)


def run(
    times: int, seed: int, parts: Sequence[str] = tuple(PARTS), *, files: int = 40, tell: bool = False
) -> list[Outcome]:
    """Damage each of ``parts`` so many times and return what became of it."""
    folder = Path(tempfile.mkdtemp(prefix="sidetune-damage-"))
    try:
        rng = random.Random(seed)
        bench = Bench(folder, rng, files)
        return [_run_part(bench, part, times, rng, tell=tell) for part in parts]
    finally:
        shutil.rmtree(folder)


def _run_part(bench: Bench, part: str, times: int, rng: random.Random, *, tell: bool) -> Outcome:
    outcome, start = Outcome(part), time.monotonic()
    state, pattern = PARTS[part]
    for _ in range(times):
        told = bench.on_copy(state, pattern, rng)
        outcome.times += 1
        if isinstance(told, str):
            outcome.faults.append(told)
        elif told["answers"] is None:
            outcome.faults.append(f"{told['how']}: no answer after {_ATTEMPTS} attempts: {told['noticed']}")
        else:
            noticed = bool(told["noticed"] or told["aside"])
            lost = {MEMORY} if part == MEMORY and noticed else set()  # what was said to be lost or altered
            wrong = differences(
                *({k: v for k, v in each.items() if k not in lost} for each in (told["answers"], bench.expected))
            )
            outcome.noticed += noticed
            outcome.harmless += not wrong and not noticed
            if wrong:
                outcome.faults.append(f"{told['how']}: {'noticed' if noticed else 'not noticed'}, {'; '.join(wrong)}")
        if tell:
            print(f"{part} {outcome.times}: {len(outcome.faults)} faults", flush=True)
    outcome.seconds = round(time.monotonic() - start, 1)
    return outcome


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.damage", description=__doc__)
    parser.add_argument("--times", type=int, default=50, help="for each part")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", choices=PARTS, action="append", help="one part instead of all; may be repeated")
    parser.add_argument("--use", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--prepare", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.use:
        _use(*map(Path, given.use))
        return 0
    if given.prepare:
        _prepare(*map(Path, given.prepare[:2]), closed=given.prepare[2] == "closed")
        return 0
    outcomes = run(given.times, given.seed, given.part or tuple(PARTS), tell=True)
    print(json.dumps([asdict(outcome) for outcome in outcomes], indent=1))
    return 1 if any(outcome.faults for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
