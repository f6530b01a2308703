from __future__ import annotations

from typing import Any

import pytest

from engine.evaluation.figures import figures_of


def _arm(*, exact: bool = False, overlap: float = 0.0, cited: float | None = None, **more: Any) -> dict[str, Any]:
    return {
        "exact": exact,
        "overlap": overlap,
        "citation_precision": cited,
        "refused": False,
        "first_token": 0.5,
        "rate": 100.0,
        **more,
    }


def _row(
    repository: str, kind: str, arms: dict[str, Any], *, found: bool = True, line: float = 0.0, **more: Any
) -> dict[str, Any]:
    return {
        "repository": repository,
        "kind": kind,
        "sort": "",
        "manner": "plain",
        "gold": {"text": "t"},
        "found": found,
        "first_line": {"exact": False, "overlap": line},
        "highlight": {"exact": False, "overlap": 0.0},
        "facts": {"exact": True},
        "arms": arms,
        **more,
    }


def _unanswerable(sort: str, arms: dict[str, Any]) -> dict[str, Any]:
    return {"repository": "a", "kind": "unanswerable", "sort": sort, "manner": "plain", "gold": None, "arms": arms}


def test_a_figure_is_the_mean_of_the_repositories_means() -> None:
    rows = [_row("a", "where", {"evidence": _arm(exact=True)}) for _ in range(3)]
    rows.append(_row("b", "where", {"evidence": _arm()}))
    result = figures_of(rows, 2.0)
    assert (result.n, result.seconds) == (4, 2.0)
    assert result.figures["exact.where.evidence"] == 0.5
    assert result.figures["exact.lookups.evidence"] == result.figures["exact.all.evidence"] == 0.5
    assert "exact.sentences.evidence" not in result.figures
    assert result.interval95["exact.where.evidence"] == (0.5, 0.5)  # each repository is resampled by itself


def test_arms_are_compared_on_the_questions_that_both_answered() -> None:
    rows = [
        _row("a", "what", {"evidence": _arm(exact=True, overlap=0.8), "both": _arm(overlap=0.6)}, line=0.2),
        _row("a", "what", {"evidence": _arm(exact=True, overlap=0.4)}, line=0.4),
    ]
    figures = figures_of(rows, 0.0).figures
    assert figures["gain.exact.both-evidence"] == -1.0
    assert figures["gain.overlap.what.both-evidence"] == pytest.approx(-0.2)
    assert figures["gain.overlap.what.evidence-first_line"] == pytest.approx(0.3)
    assert figures["gain.overlap.sentences.evidence-highlight"] == pytest.approx(0.6)
    assert not any("neither" in name for name in figures)
    assert not any(name.startswith("facts.") for name in figures)  # which the symbol graph has none of


def test_refusals_are_counted_apart() -> None:
    rows = [
        _unanswerable("unstated", {"evidence": _arm(refused=True)}),
        _unanswerable("imported", {"evidence": _arm()}),
        _row("a", "where", {"evidence": _arm(refused=True)}, found=False),
        _row("a", "where", {"evidence": _arm()}),
    ]
    figures = figures_of(rows, 0.0).figures
    assert figures["refused.unanswerable.evidence"] == 0.5
    assert figures["refused.unanswerable.unstated.evidence"] == 1.0
    assert figures["refused.unanswerable.imported.evidence"] == 0.0
    assert figures["refused.answerable.evidence"] == 0.5
    assert figures["refused.answerable.found.evidence"] == 0.0
    assert figures["found.where"] == 0.5


def test_speed_is_a_median_and_citations_are_of_the_answers_that_cite() -> None:
    times = [0.1, 0.2, 9.0, None]
    rows = [
        _row("a", "where", {"evidence": _arm(first_token=each, rate=None, cited=cited)})
        for each, cited in zip(times, [1.0, None, 0.5, None], strict=True)
    ]
    result = figures_of(rows, 0.0)
    assert result.figures["seconds_to_first_token.evidence"] == 0.2
    assert result.figures["citation_precision.evidence"] == result.figures["citation_precision.where.evidence"] == 0.75
    assert "tokens_per_second.evidence" not in result.figures
    low, high = result.interval95["seconds_to_first_token.evidence"]
    assert low <= 0.2 <= high


def test_slips_and_follow_ups_have_figures_of_their_own() -> None:
    rows = [
        _row("a", "where", {"evidence": _arm(exact=True)}, manner="typo"),
        _row("a", "where", {"evidence": _arm()}, manner="follow_up"),
    ]
    figures = figures_of(rows, 0.0).figures
    assert figures["exact.typo.evidence"] == 1.0
    assert figures["exact.follow_up.evidence"] == 0.0
