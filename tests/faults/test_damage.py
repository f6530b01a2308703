"""The short form of ``python -m tests.faults.damage``."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.damage import PARTS, damage, run


@pytest.mark.timeout(600)
def test_damage_is_noticed_or_harmless() -> None:
    outcomes = run(1, seed=5, files=16)
    assert [outcome.part for outcome in outcomes] == list(PARTS)
    assert [fault for outcome in outcomes for fault in outcome.faults] == []
    assert all(outcome.noticed + outcome.harmless == outcome.times == 1 for outcome in outcomes)
    assert outcomes[0].noticed == 1  # of an index that was closed, any change at all is noticed


def test_damage_always_changes_a_file(tmp_path: Path) -> None:
    file, rng = tmp_path / "file", random.Random(1)
    for _ in range(60):
        before = rng.randbytes(20_000) if rng.random() < 0.5 else bytes(20_000)
        file.write_bytes(before)
        damage(file, rng)
        assert file.read_bytes() != before
