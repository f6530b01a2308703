from __future__ import annotations

from pathlib import Path

import pytest

from bench.models import measure, seconds_an_answer, table


def test_the_speed_of_a_tiny_shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path))
    found = measure("tiny", wanted=2, tokens=64, threads=1, limit=30.0)
    assert (found.parameters, found.tokens, found.steps, found.wanted) == (6_033_664, 64, 2, 2)
    assert found.seconds > 0 and 0 < found.flops < 3 * found.matmul_flops
    assert found.taken_bytes > 100_000_000 and found.base == "float32" and found.plan == ""
    computed = seconds_an_answer(found)
    assert computed["deep"] > computed["balanced"] > 0
    assert seconds_an_answer(found, 2 * found.parameters)["balanced"] == pytest.approx(2 * computed["balanced"])


def test_the_documented_table_is_the_computed_one() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "models.md"
    assert table() in page.read_text(encoding="utf-8"), "python -m bench.models --table prints it anew"
