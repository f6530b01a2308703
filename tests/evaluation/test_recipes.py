from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from engine.cli import main
from engine.commands.learning import LEARNERS
from engine.errors import UsageError
from engine.evaluation import learners
from engine.evaluation.perplexity import Measure
from engine.evaluation.recipes import evaluate_recipes, trials_of
from engine.evaluation.unrelated import code_of, unrelated_texts
from engine.terminal.learning import show_recipes
from engine.terminal.show import Terminal
from engine.tuning import Recipe
from engine.tuning.examples import unrelated_documents
from engine.types import SourceFile, sha256_hex
from tests.evaluation.written import function_text, install_tiny, later_of, targets_of


def test_settings_are_combined_and_typed_as_the_recipe_is() -> None:
    trials = trials_of(["learning_rate=1e-3,3e-3", "rank=8", "decay=false", "lines=0"], Recipe(), Measure())
    assert [trial.name for trial in trials] == [
        "learning_rate=0.001 rank=8 decay=False lines=0",
        "learning_rate=0.003 rank=8 decay=False lines=0",
    ]
    assert trials[0].recipe == Recipe(learning_rate=1e-3, rank=8, decay=False)
    assert trials[0].measure == Measure(lines=0)
    assert [trial.recipe for trial in trials_of([], Recipe(rank=3), Measure())] == [Recipe(rank=3)]


@pytest.mark.parametrize("setting", ["rank", "rank=", "rank=many", "speed=3", "decay=1"])
def test_what_is_no_setting_is_refused(setting: str) -> None:
    with pytest.raises(UsageError):
        trials_of([setting], Recipe(), Measure())


def test_the_command_knows_every_learner() -> None:
    assert tuple(learners.LEARNERS) == LEARNERS


def test_a_grid_is_measured_on_the_same_targets_and_compared_with_its_first(tmp_path: Path) -> None:
    model = install_tiny(tmp_path, max_position_embeddings=2048)
    measure = Measure(methods=("sift",), steps=(1, 2))
    given = ["learning_rate=0.0,1e-2,1e30", "rank=4", "max_tokens=64"]
    report = evaluate_recipes([later_of(targets_of())], model, given, measure, threads=1)
    none, some, wild = (f"learning_rate={rate} rank=4 max_tokens=64" for rate in (0.0, 0.01, 1e30))
    assert report.reports[none].result.figures["percent_of_base.sift"] == 100.0
    gain = 100.0 - report.reports[some].result.figures["percent_of_base.sift"]
    assert report.gains[some].mean == pytest.approx(gain) and gain > 0
    assert list(report.failed) == [wild] and "diverged" in report.failed[wild]
    out = io.StringIO()
    show_recipes(Terminal(out, width=200), report)
    rows = out.getvalue().splitlines()
    assert rows[0].split() == "trial @1 @2 kept English code steps seconds gain gain as kept".split()
    assert rows[1].startswith(none) and "100.0  100.0" in rows[1]
    assert rows[2].startswith(some) and f"{gain:+.2f} [" in rows[2]
    assert rows[3].startswith(f"{wild}: ")
    assert set(report.as_json()) == {"trials", "failed", "gains", "kept", "seconds"}
    kept = report.reports[none].result.figures["percent_of_base.sift+gate"]
    assert report.kept[some].mean == pytest.approx(
        kept - report.reports[some].result.figures["percent_of_base.sift+gate"]
    )
    assert report.reports[some].result.figures["steps.sift"] == 2.0


def test_an_effort_says_how_many_steps_are_planned() -> None:
    assert Measure.of("balanced") == Measure()
    assert Measure.of("deep", ("sift",)) == Measure(methods=("sift",), steps=(1, 2, 5, 10, 20, 60))


def test_unrelated_code_is_spread_over_files_and_nothing_that_the_gate_looks_at() -> None:
    sources = [SourceFile(f"m{n}.py", function_text(f"f_{n}", n), sha256_hex(str(n)), "python", 0, 0) for n in range(9)]
    found = code_of([*sources, replace(sources[0], path="tests/test_m.py"), replace(sources[0], language="text")])
    assert len(found) == len({each.path for each in found}) == 4
    assert found == code_of(sources)
    texts = unrelated_texts(found)
    assert set(texts) == {"english", "code"} and set(unrelated_texts([])) == {"english"}
    gate = {each.text for kind in unrelated_documents().values() for each in kind}
    for each in (each for kind in texts.values() for each in kind):
        assert not each.path_learned
        assert not any(each.text in other or other in each.text for other in gate)


@pytest.mark.parametrize("command", ["perplexity", "recipe"])
def test_every_repository_needs_its_revision(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", command, "--repo", str(tmp_path), "--repo", str(tmp_path), "--since", "HEAD"]) == 2
    assert "2 --repo and 1 --since" in capsys.readouterr().err
