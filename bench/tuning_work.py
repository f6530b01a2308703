"""What tuning is measured on: the source of the engine itself, as chunks in their surroundings and facts about them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from engine.chunking import parse
from engine.selection.surroundings import in_surroundings
from engine.types import Chunk, Selected, SourceFile, Symbol

__all__ = ["Work", "work"]

_ENGINE = Path(__file__).resolve().parent.parent / "engine"
_FACTS = 40
_LEAST = 120  # characters of a chunk that is worth a step


@dataclass(frozen=True, slots=True)
class Work:
    """What one question brings: what to learn from, candidates to check on, and facts."""

    selected: tuple[Selected, ...]
    held_out: tuple[Chunk, ...]
    facts: tuple[tuple[str, str], ...]


def work(folder: str, steps: int, *, seed: int = 0, held_out: int = 8) -> Work:
    """Return ``steps`` chunks of the engine's ``folder`` and ``held_out`` others, drawn by ``seed``."""
    parsed = {}
    for path in sorted((_ENGINE / folder).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(_ENGINE.parent).as_posix()
        parsed[name] = parse(SourceFile(name, text, "", "python", len(text), 0))
    rng = random.Random(seed)
    chunks = [chunk for each in parsed.values() for chunk in each.chunks if len(chunk.text) >= _LEAST]
    rng.shuffle(chunks)
    chosen = [Selected(chunk, 1.0, 1.0 / rank, 0.0) for rank, chunk in enumerate(chunks[:steps], start=1)]
    selected = in_surroundings(chosen, lambda path: parsed[path].chunks)
    others = tuple(chunk for chunk in chunks[steps:] if not any(_overlap(chunk, each.chunk) for each in selected))
    facts = [fact for each in parsed.values() for symbol in each.symbols for fact in _facts(symbol)]
    rng.shuffle(facts)
    return Work(selected, others[:held_out], tuple(facts[:_FACTS]))


def _overlap(a: Chunk, b: Chunk) -> bool:
    return a.path == b.path and a.first_line <= b.last_line and b.first_line <= a.last_line


def _facts(symbol: Symbol) -> list[tuple[str, str]]:
    if symbol.kind not in {"function", "method", "class"}:
        return []
    name = symbol.qualified
    found = [(f"Where is `{name}` defined?", f"`{name}` is defined in `{symbol.path}`")]
    if symbol.parameters:
        takes = ", ".join(f"`{each}`" for each in symbol.parameters)
        found.append((f"What arguments does `{name}` take?", f"`{name}` takes {takes}"))
    return found
