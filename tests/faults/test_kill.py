"""The short form of ``python -m tests.faults.kill``."""

from __future__ import annotations

import sys

import pytest

from tests.faults.kill import run


@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform == "win32", reason="files that a killed process had open are held a while there")
def test_killed_at_any_moment_an_index_is_consistent_and_goes_on() -> None:
    outcome = run(8, seed=2, files=16)
    assert outcome.faults == []
    assert outcome.kills == 8
    assert outcome.embedded_again == 0
    assert outcome.stored > 500
    assert outcome.citations_checked > 0
