"""The training log as it is published: without what a resumed run did again, thinned, and as a drawing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["draw", "joined", "read", "thin"]

Row = dict[str, Any]
WIDTH, HEIGHT, MARGIN = 640, 320, 48


def read(file: Path) -> list[Row]:
    """Return the rows of a log; of steps that were taken twice (after a resume) the last."""
    rows: list[Row] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        while rows and rows[-1]["step"] > row["step"]:
            rows.pop()
        rows.append(row)
    return rows


def joined(runs: Iterable[list[Row]]) -> list[Row]:
    """Return the rows of runs that follow each other as those of one: steps, tokens and seconds go on counting."""
    rows: list[Row] = []
    for number, run in enumerate(runs, start=1):
        before = rows[-1] if rows else {}
        for row in run:
            counted = {key: row[key] + before.get(key, 0) for key in ("step", "tokens", "seconds")}
            rows.append(row | counted | {"run": number})
    return rows


def thin(rows: list[Row], most: int = 400) -> list[Row]:
    """Return at most about ``most`` rows, evenly spread; rows with a validation loss all stay."""
    every = -(-len(rows) // most)
    return [row for place, row in enumerate(rows) if place % every == 0 or "validation" in row]


def _points(pairs: Iterable[tuple[float, float]], most: float, low: float, high: float) -> str:
    across, down = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    return " ".join(
        f"{MARGIN + across * x / most:.1f},{MARGIN + down * (high - y) / (high - low):.1f}" for x, y in pairs
    )


def draw(rows: list[Row]) -> str:
    """Return the loss curves over the tokens seen as an SVG picture."""
    training = [(row["tokens"], row["loss"]) for row in rows if "loss" in row]
    held_out = [(row["tokens"], row["validation"]) for row in rows if "validation" in row and "exact" not in row]
    answered = [(row["tokens"], row["validation"]) for row in rows if "exact" in row]
    if not training or not held_out:
        raise ValueError("the log has no losses to draw")
    values = [loss for _, loss in training + held_out + answered]
    most, low, high = rows[-1]["tokens"], min(values) - 0.1, min(max(values), 7.0)
    grid = []
    for loss in range(int(low) + 1, int(high) + 1):
        y = MARGIN + (HEIGHT - 2 * MARGIN) * (high - loss) / (high - low)
        grid.append(f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        grid.append(f'<text x="{MARGIN - 8}" y="{y + 4:.1f}" text-anchor="end">{loss}</text>')
    clipped = [(x, min(y, high)) for x, y in training]
    lines = [
        f'<polyline fill="none" stroke="#8aa" points="{_points(clipped, most, low, high)}"/>',
        f'<polyline fill="none" stroke="#06c" stroke-width="2" '
        f'points="{_points([(x, min(y, high)) for x, y in held_out], most, low, high)}"/>',
    ]
    if answered:
        points = _points([(x, min(y, high)) for x, y in answered], most, low, high)
        lines.append(f'<polyline fill="none" stroke="#c60" stroke-width="2" points="{points}"/>')
    below = HEIGHT - MARGIN + 24
    labels = [
        f'<text x="{MARGIN}" y="{below}">0</text>',
        f'<text x="{WIDTH - MARGIN}" y="{below}" text-anchor="end">{most / 1e6:.1f} million tokens</text>',
        f'<text x="{MARGIN}" y="24">nats a token: code (grey), held-out files (blue), held-out answers (orange)</text>',
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
    style = 'font-family="sans-serif" font-size="12" fill="#444">'
    back = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    return "\n".join([f"{head} {style}", back, *grid, *lines, *labels, "</svg>", ""])
