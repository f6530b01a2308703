"""A few files as a repository was, and a function that was written later."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.evaluation.perplexity import Later
from engine.evaluation.targets import Target, new_functions
from engine.models import InstalledModel
from engine.models.local import install_folder
from engine.terms import terms
from engine.types import Candidates, Chunk, SourceFile
from tests.models.tiny import tiny_model


def install_tiny(folder: Path, **shape: Any) -> InstalledModel:
    """Return the tiny model, installed in a home below ``folder``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIDETUNE_HOME", str(folder / "home"))
        return install_folder(tiny_model(folder / "weights", **shape), "tiny")


def function_text(name: str, seed: int) -> str:
    verbs = "open read parse match yield close skip list".split()
    words = [f"{verb}_{(seed * 7 + number) % 11}" for number, verb in enumerate(verbs)]
    body = "".join(f"    {word} = self.session.{word}(url, {number})\n" for number, word in enumerate(words))
    return f"def {name}(self, url):\n{body}    return url\n"


def chunk_of(text: str, path: str) -> Chunk:
    return Chunk(path, 1, text.count("\n"), text, "function", "python", path.removesuffix(".py"))


def retrieve(chunks: Sequence[Chunk]) -> Candidates:
    """Every chunk is a candidate of the lexical tier; terms are plain normalised sets."""
    rows = []
    for chunk in chunks:
        words = set(terms(chunk.text))
        rows.append({word: len(words) ** -0.5 for word in words})
    return Candidates(
        question="q",
        ids=tuple(range(len(chunks))),
        chunks=tuple(chunks),
        scores=np.linspace(1, 0.5, len(chunks), dtype=np.float32),
        question_vector=np.zeros(0, dtype=np.float32),
        vectors=np.zeros((len(chunks), 0), dtype=np.float32),
        question_terms={"self": 0.6, "url": 0.8},
        terms=tuple(rows),
        tier="lexical",
    )


def targets_of() -> list[Target]:
    now = SourceFile("new.py", f"import os\n\n\n{function_text('fresh', 3)}", "", "python", 0, 0)
    return new_functions([], [now], 5)


CHUNKS = [chunk_of(function_text(f"known_{n}", n), f"m{n}.py") for n in (4, 5, 6, 7)]


def later_of(targets: Sequence[Target], chunks: Sequence[Chunk] = CHUNKS, **options: Any) -> Later:
    def chunks_in(path: str) -> list[Chunk]:
        return [chunk for chunk in chunks if chunk.path == path]

    return Later("here", "c0ffee", targets, chunks, lambda _: retrieve(chunks), chunks_in, **options)
