"""The corpus: what is taken, what is refused, and that copies are found."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from basemodel import corpus, dedupe
from basemodel.batches import Blocks, Dialogues
from basemodel.packages import ALLOWED
from basemodel.sources import RawFile, is_wanted_path


def _module(seed: int, functions: int = 30) -> str:
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghij", k=7)) for _ in range(4 * functions)]
    parts = []
    for number in range(functions):
        a, b, c, d = words[4 * number : 4 * number + 4]
        parts.append(f'def {a}({b}):\n    """Return {c} of {b}."""\n    {d} = {b} + 1\n    return {d}\n')
    return "\n".join(parts)


def test_a_copy_with_a_few_edits_is_found_and_a_different_file_is_kept() -> None:
    deduper = dedupe.Deduper()
    text = _module(1)
    assert deduper.is_new(text)
    assert not deduper.is_new(text)
    assert not deduper.is_new(text.replace("    return", "    return  ", 2) + "\nx = 1\n")
    assert deduper.is_new(_module(2))


def test_signatures_estimate_the_similarity_of_line_sets() -> None:
    lines = [f"line {n}" for n in range(300)]
    a, b = "\n".join(lines[:200]), "\n".join(lines[100:])
    one, two = set(dedupe.shingles(a).tolist()), set(dedupe.shingles(b).tolist())
    exact = len(one & two) / len(one | two)
    estimate = float(np.mean(dedupe.signature(a) == dedupe.signature(b)))
    assert abs(exact - estimate) < 0.2
    assert 0.2 < exact < 0.5


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("torch/nn/functional.py", True),
        ("pkg/_vendor/six.py", False),
        ("pkg/extern/x.py", False),
        ("pkg/tests/test_x.py", False),
        ("pkg/test_x.py", False),
        ("pkg/module.pyi", False),
        ("pkg/latest/module.py", True),
    ],
)
def test_paths(path: str, wanted: bool) -> None:
    assert is_wanted_path(path) is wanted


def test_generated_minified_and_broken_files_are_refused() -> None:
    good = _module(3)
    assert corpus.quality(good) == 1.0
    assert corpus.quality("# This file was automatically generated\n" + good) is None
    assert corpus.quality(good + f"x = '{'y' * 500}'\n") is None
    assert corpus.quality(good + "def broken(:\n") is None
    assert corpus.quality("x = 1\n" * 100) is None  # no definition
    assert corpus.quality(good + f"T = [{', '.join(['12345'] * 60)}]\n" * 40) is None


def test_only_legal_headers_are_dropped() -> None:
    code = "import os\n"
    assert corpus.strip_licence("# Copyright 2020 A\n# Licensed under MIT\n\n" + code) == code
    assert corpus.strip_licence("# Why this exists\n" + code).startswith("# Why")


def test_the_best_documented_files_are_taken_up_to_the_cap() -> None:
    plain = _module(4).replace('"""', "# ")
    files = [RawFile("p", "p/a.py", plain), RawFile("p", "p/b.py", _module(5)), RawFile("p", "p/c.py", _module(5))]
    chosen = list(corpus.select(files, package_cap=len(_module(5)) + 100))
    assert [each.path for each in chosen] == ["p/b.py"]  # c is its copy, a does not fit


def test_held_out_files_are_one_in_fifty_and_always_the_same() -> None:
    paths = [f"package/module_{n}.py" for n in range(5000)]
    held = [path for path in paths if corpus.is_held_out(path)]
    assert 60 < len(held) < 140
    assert held == [path for path in reversed(paths) if corpus.is_held_out(path)][::-1]


def test_the_allow_list_has_nothing_that_the_model_is_measured_on() -> None:
    names = {each.name for each in ALLOWED}
    banned = "flask requests pytest streamlink werkzeug jinja2 httpx urllib3 aiohttp django click sphinx ruff mypy"
    assert not names.intersection(banned.split())
    assert len(names) == len(ALLOWED)


def test_blocks_come_in_a_seeded_order_each_once_an_epoch(tmp_path: Path) -> None:
    file = tmp_path / "tokens.bin"
    np.arange(65, dtype=np.uint16).tofile(file)
    blocks = Blocks(file, seed=3, size=8)
    inputs, targets = blocks.take(8, 8)
    assert sorted(inputs.flatten().tolist()) == list(range(64))
    assert (targets - inputs == 1).all()
    again = Blocks(file, seed=3, size=8)
    again.position = 4
    assert (again.take(4, 8)[0] == inputs[4:]).all()
    assert not (Blocks(file, seed=4, size=8).take(8, 8)[0] == inputs).all()
    assert Blocks(file, seed=3, size=8).take(2, 4)[0].shape == (4, 4)


def test_dialogues_come_with_the_kinds_of_their_targets(tmp_path: Path) -> None:
    block = np.array([[5, 6, 7, 1], [0, 2, 3, 0], [0, 1, 1, 240], [0, 1, 2, 0]], dtype=np.uint16)
    np.save(tmp_path / "d.npy", np.stack([block, block + 8]))
    batch = Dialogues(tmp_path / "d.npy", seed=0).read([0])
    assert batch.inputs.tolist() == [[5, 6, 7, 1]]
    assert batch.targets[0, :3].tolist() == [6, 7, 1]
    assert batch.kinds.tolist() == [[2, 3, 0, 0]]  # the last token's target lies in no block
    assert batch.segments.tolist() == [[0, 1, 1, 240]]
    assert batch.positions.tolist() == [[0, 1, 2, 0]]
    taken = [Dialogues(tmp_path / "d.npy", seed=0).take(2).inputs[:, 0].tolist() for _ in range(2)]
    assert taken[0] == taken[1]
    assert sorted(taken[0]) == [5, 13]
