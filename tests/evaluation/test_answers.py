"""Questions about a small repository, and its answers by a tiny real model in every arm."""

from __future__ import annotations

import json
import random
import re
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.assistant import Assistant
from engine.cli import main
from engine.config import Settings
from engine.errors import Cancelled, UsageError
from engine.evaluation.answers import Plan, evaluate_answers, questions_for, read_code
from engine.evaluation.arms import ARMS
from engine.evaluation.asking import ASKED, AnswerQuestion, Asker, Code
from engine.evaluation.marking import is_exact
from engine.evaluation.phrasings import FORMS, mistyped
from engine.evaluation.refusals import calibrate
from engine.evaluation.unanswerable import SORTS, Unanswerable
from engine.generation.answering import read_refuse_above
from engine.languages import is_test
from engine.types import Report
from tests.evaluation.orchard import write_orchard
from tests.models.tiny import tiny_model

PLAN = Plan(count=1, tuned=1, kinds=("where", "what"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home, and beside it the repository."""
    folder = tmp_path_factory.mktemp("answers")
    write_orchard(folder / "orchard")
    (folder / "home").mkdir()
    (folder / "home" / "settings.toml").write_text(
        f'model = "{(folder / "tiny").as_posix()}"\nthreads = 1\nanswer_tokens = 8\n', encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def model(place: Path) -> Path:
    """The model that the settings name; only answers need it."""
    return tiny_model(place / "tiny", max_position_embeddings=2048)


@pytest.fixture(autouse=True)
def home(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDETUNE_HOME", str(place / "home"))


@pytest.fixture(scope="module")
def assistant(place: Path) -> Iterator[Assistant]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIDETUNE_HOME", str(place / "home"))
        settings = Settings(model=str(place / "tiny"), threads=1, answer_tokens=8)
        with Assistant((place / "orchard").resolve(), settings) as opened:
            opened.index(tier="static")
            yield opened


@pytest.fixture(scope="module")
def code(assistant: Assistant) -> Code:
    return read_code(assistant)


# -- questions ------------------------------------------------------------------------------------


def test_every_kind_is_asked_and_its_right_answer_is_exact(code: Code) -> None:
    asker = Asker(code, 0)
    for kind in ASKED:
        asked = asker.ask(kind, 5)
        assert asked, kind
        for each in asked:
            assert each.gold is not None
            assert is_exact(kind, each.gold.text, each.gold), each
            assert "{" not in each.question
            for path, first, last in each.gold.spans:
                assert 1 <= first <= last <= code.files[path].count("\n") + 1


def test_a_larger_count_only_adds_and_the_seed_decides(code: Code) -> None:
    assert Asker(code, 0).ask("where", 6)[:3] == Asker(code, 0).ask("where", 3)
    assert Asker(code, 1).ask("where", 6) != Asker(code, 0).ask("where", 6)


def test_subjects_are_neither_tests_nor_dunders(code: Code) -> None:
    names = {each.symbol for each in code.subjects}
    assert {"Plant", "AppleTree.shake_branches", "press_cider"} <= names
    assert not names & {"Plant.__init__", "test_press_cider"}
    assert is_test("testing/x.py")
    assert not is_test("src/contest.py")


def test_a_class_takes_what_its_init_takes(code: Code) -> None:
    [plant] = [each for each in _all(code, "arguments") if "Plant" in each.gold.about]  # type: ignore[union-attr]
    assert plant.gold is not None
    assert plant.gold.values == ("species", "rings")
    assert plant.gold.text == "`Plant` takes `species` and `rings`"


def test_callers_in_tests_may_be_named_and_the_others_must(code: Code) -> None:
    by_subject = {each.gold.about[0]: each.gold for each in _all(code, "callers") if each.gold}
    assert by_subject["count_bottles"].values == ("press_cider",)
    assert by_subject["count_bottles"].spans == (("orchard/harvest.py", 17, 17),)
    assert "press_cider" not in by_subject  # nothing but a test calls it


def test_forms_are_put_in_fixed_shares(code: Code) -> None:
    manners = Counter(each.manner for kind in ("where", "arguments") for each in _all(code, kind))
    assert set(manners) == {"plain", "typo", "follow_up"}
    for each in (one for kind in ASKED for one in _all(code, kind)):
        assert bool(each.history) == (each.manner == "follow_up")
        if each.history and each.gold:
            assert each.gold.about[1] in each.history[0].question
            assert each.gold.about[1] not in each.question


def _all(code: Code, kind: str) -> list[AnswerQuestion]:
    return Asker(code, 0).ask(kind, 100)


def test_a_typo_is_one_letter_in_an_ordinary_word() -> None:
    rng = random.Random(0)
    for form in (one for forms in FORMS.values() for one in forms):
        changed = mistyped(form, rng)
        if changed != form:
            assert re.findall(r"\{\w\}", changed) == re.findall(r"\{\w\}", form)
            assert len(form) - len(changed) in (0, 1)
            assert sum(a != b for a, b in zip(form.split(), changed.split(), strict=True)) == 1
    assert mistyped("{x}: why?", rng) == "{x}: why?"


# -- unanswerable questions -----------------------------------------------------------------------


def test_every_sort_is_asked_and_nothing_answers_it(code: Code) -> None:
    refuser = Unanswerable(code, (), 0)
    asked = {sort: refuser.ask(sort, 50) for sort in SORTS}
    assert all(asked.values())
    assert all(each.gold is None and each.sort == sort for sort in SORTS for each in asked[sort])
    questions = {sort: [each.question for each in asked[sort]] for sort in SORTS}
    # Of all calls in ``shake_branches`` a comment beside it gives a reason for one.
    assert not any("shake_branches" in each and "drop_fruit" in each for each in questions["unexplained"])
    assert any("plan_season" in each for each in questions["unexplained"])
    assert {"graft_scion", "Rootstock"} & {name for each in questions["imported"] for name in re.findall(r"\w+", each)}
    assert not any("AppleTree" in each for each in questions["imported"])
    assert all(re.search("pomology", each) for each in questions["imported"])


def test_a_parameter_that_is_asked_about_is_another_ones(code: Code) -> None:
    by_name = {each.name: each for each in code.subjects}
    for each in Unanswerable(code, (), 0).ask("no_parameter", 50):
        words = set(re.findall(r"\w+", each.question))
        [subject] = [name for name in by_name if name in words]
        own = {one.name for one in (code.maker(by_name[subject]) or by_name[subject]).parameters}
        others = {one.name for other in code.definitions for one in other.parameters} - own
        assert words & others
        assert not words & own


def test_what_the_text_near_a_name_says_is_not_asked(assistant: Assistant, code: Code) -> None:
    files = dict(code.files) | {
        "README.md": "The author of press_cider is Ann. It was deprecated in 2024 by the team.\n"
    }
    told = Code("orchard", files, assistant.table)
    asked = [
        each.question
        for seed in range(40)
        for each in Unanswerable(told, (), seed).ask("unstated", 50)
        if "press_cider" in each.question
    ]
    assert asked
    for words in ("author", "deprecated", "team", "what year"):
        assert not any(words in each for each in asked)


def test_descriptions_come_from_other_repositories_where_their_words_do_not_stand(
    assistant: Assistant, code: Code
) -> None:
    other = Code(
        "harbour",
        {
            "tides.py": 'def compute_ebb(moon):\n    """Compute the ebb tide of a harbour by moonlight."""\n'
            'def fill(crates):\n    """Fill crates with fruit from a tree."""\n'
        },
        assistant.table,
    )
    asked = [each.question for each in Unanswerable(code, [other], 0).ask("elsewhere", 200)]
    assert "ebb" in asked[0]
    assert not any("fruit" in each for each in asked)
    assert any("Compute" not in each and "ebb" not in each for each in asked)  # then what hardly anybody does


def test_one_question_in_four_is_unanswerable(code: Code) -> None:
    asked = questions_for(code, (), Plan(count=2, tuned=1))
    kinds = Counter(each.kind for each, _ in asked)
    assert kinds["unanswerable"] == round(len(asked) / 4)
    sorts = Counter(each.sort for each, _ in asked if each.sort)
    assert set(sorts) == set(SORTS)
    assert max(sorts.values()) - min(sorts.values()) <= 1
    assert all(tuned for each, tuned in asked if kinds[each.kind] == 1)
    assert asked == questions_for(code, (), Plan(count=2, tuned=1))


# -- answers --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("model")
def test_all_arms_answer_and_a_stopped_run_goes_on(assistant: Assistant, tmp_path: Path) -> None:
    file = tmp_path / "examples.jsonl"
    stop = threading.Event()
    told: list[Report] = []

    def look(report: Report) -> None:
        told.append(report)
        stop.set()

    with pytest.raises(Cancelled, match="after 1 of"):
        evaluate_answers([assistant], PLAN, file, look, stop)
    before = file.read_text(encoding="utf-8")
    assert before.count("\n") == 2
    file.write_text(before + '{"key": "torn', encoding="utf-8")
    result, rows = evaluate_answers([assistant], PLAN, file)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert "\n".join(lines[:2]) + "\n" == before
    assert [json.loads(line) for line in lines[1:]] == list(rows)
    assert result.n == len(rows) == told[0].total == 3
    assert result.interval95.keys() == result.figures.keys()
    for arm in ARMS:
        for name in ("exact.where", "exact.lookups", "overlap.what", "refused.unanswerable", "refused.answerable"):
            assert f"{name}.{arm}" in result.figures
        assert result.figures[f"seconds_to_first_token.{arm}"] > 0
    assert {"found.where", "first_line.overlap.what", "highlight.exact.where"} <= result.figures.keys()
    assert {"gain.exact.where.evidence-neither", "gain.exact.both-evidence"} <= result.figures.keys()
    assert result.figures["facts.exact.where"] in (0.0, 1.0)
    assert {row["arms"]["both"]["adapter"] for row in rows if row["arms"]["both"]["first_token"]} <= {
        "tuned", "reused", "dropped", "skipped",
    }  # fmt: skip
    with pytest.raises(UsageError, match=r"other settings \(seed\)"):
        evaluate_answers([assistant], Plan(count=1, tuned=1, kinds=PLAN.kinds, seed=1), file)
    assert not assistant.memory.threads(assistant.root)


@pytest.mark.usefixtures("model")
def test_other_peoples_files_are_left_as_they_are(assistant: Assistant, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("dear diary\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is not the transcript"):
        evaluate_answers([assistant], PLAN, file)
    assert file.read_text(encoding="utf-8") == "dear diary\n"


@pytest.mark.usefixtures("model")
def test_the_command_prints_figures_and_the_threshold(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["evaluate", "answers", "--repo", str(place / "orchard"), "--count", "1"]
    arguments += ["--kinds", "where,what,arguments", "--arms", "neither,evidence", "--tier", "static"]
    resumable = [*arguments, "--examples", str(place / "command.jsonl")]
    assert main([*resumable, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"n", "figures", "interval95", "seconds"}
    assert found["n"] == 4
    written = place / "answering.json"
    assert main([*resumable, "--calibration", str(written)]) == 0
    shown = capsys.readouterr().out
    assert "first line" in shown
    assert "gain.exact.lookups.evidence-neither" in shown
    assert "n = 4" in shown
    assert "refuse above" in shown
    assert read_refuse_above(place) == json.loads(written.read_text(encoding="utf-8"))["refuse_above"]
    assert main([*arguments, "--arms", "evidence,telepathy"]) == 2
    assert "telepathy" in capsys.readouterr().err
    assert main([*arguments, "--kinds", "whence"]) == 2


# -- refusals -------------------------------------------------------------------------------------


def _row(probability: float | None, *, answerable: bool, found: bool = True, text: str = "") -> dict[str, Any]:
    gold = {"text": "`f` is defined in `a.py`"} if answerable else None
    return {"gold": gold, "found": found, "arms": {"evidence": {"refusal": probability, "text": text}}}


def test_the_threshold_is_the_lowest_that_refuses_one_answerable_question_in_twenty() -> None:
    good = [_row(number / 100, answerable=True) for number in range(40)]
    bad = [_row(probability, answerable=False) for probability in (0.1, 0.375, 0.385, 0.9, None)]
    threshold = calibrate([*good, *bad])
    assert threshold.refuse_above == 0.37
    assert threshold.refused_answerable == 0.05
    assert threshold.refused_unanswerable == 0.8  # whatever is refused without a look at the model counts, too
    assert (threshold.answerable, threshold.unanswerable) == (40, 5)


def test_what_retrieval_did_not_find_may_be_left_out() -> None:
    good = [_row(0.1, answerable=True) for _ in range(8)]
    lost = [_row(0.9, answerable=True, found=False) for _ in range(4)]
    bad = [_row(0.5, answerable=False), _row(0.1, answerable=False, text="There is no `g` in this repository.")]
    assert calibrate([*good, *lost, *bad]).refuse_above == 0.9
    told = calibrate([*good, *lost, *bad], found_only=True)
    assert (told.refuse_above, told.refused_answerable, told.refused_unanswerable) == (0.1, 0.0, 1.0)


def test_without_questions_of_both_sorts_there_is_no_threshold() -> None:
    with pytest.raises(UsageError, match="both sorts"):
        calibrate([_row(0.5, answerable=True)])
    with pytest.raises(UsageError, match="'both'"):
        calibrate([_row(0.5, answerable=True), _row(0.5, answerable=False)], arm="both")
