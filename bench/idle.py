"""What an index costs while nothing changes: ``python -m bench.idle --repo PATH --seconds 30``.

The folder is indexed and watched as by an open window, in this process alone, until it is ready. Then the processor
time of the process is taken over some seconds in which nobody asks and nothing is saved.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path


def measure(repository: Path, seconds: float, patience: float) -> dict[str, float]:
    """Return the percentage of a core that an open, idle repository takes."""
    from engine.assistant import Assistant
    from engine.config import Settings
    from engine.live import LiveIndex

    assistant = Assistant(repository.resolve(), Settings(pause_on_battery=False))
    try:
        with LiveIndex(assistant) as live:
            end = time.monotonic() + patience
            while not (live.status().stage == "ready" and live.status().watching):
                if time.monotonic() > end:
                    raise SystemExit(f"not ready after {patience:.0f} s: {live.status()}")
                time.sleep(0.2)
            time.sleep(2.0)  # what was begun for the last of it ends
            start, used = time.monotonic(), time.process_time()
            time.sleep(seconds)
            used, passed = time.process_time() - used, time.monotonic() - start
            status = live.status()
    finally:
        assistant.close()
    return {"files": status.files, "chunks": status.chunks, "seconds": passed, "idle_percent": 100 * used / passed}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.idle", description=__doc__)
    parser.add_argument("--repo", type=Path, default=Path(__file__).resolve().parents[1] / "engine")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--patience", type=float, default=1800.0, help="seconds until the index must be ready")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sidetune-idle-") as home:
        os.environ["SIDETUNE_HOME"] = home
        figures = measure(given.repo, given.seconds, given.patience)
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))
    return 0 if figures["idle_percent"] < 0.5 else 1


if __name__ == "__main__":
    sys.exit(main())
