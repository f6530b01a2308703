from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from engine.errors import Cancelled, UsageError
from engine.evaluation.commits import recent_tasks, tasks_from
from engine.evaluation.evidence import Question
from engine.evaluation.localisation import evaluate_localisation, localisation_of_repository
from engine.evaluation.snapshot import WINDOWS
from engine.types import Commit, Report, SourceFile


def _commit(subject: str, *paths: str) -> tuple[Commit, list[str]]:
    return Commit("0" * 40, "2026-01-01", "a", subject), list(paths)


KNOWN = {"src/cart.py", "src/mail.py", "CHANGELOG.md", "docs/release_notes/v2.md", "src/changes.py", "docs/history.md"}


def test_a_subject_is_a_question_and_what_it_changed_the_answer() -> None:
    found = tasks_from([_commit("Round prices in the cart (#12)", "src/cart.py", "CHANGELOG.md", "new.py")], KNOWN, 9)
    assert found.questions == (Question("Round prices in the cart", ("src/cart.py",)),)
    assert found.left_out == {}
    code = tasks_from([_commit("Say what has changed", "src/changes.py")], KNOWN, 9)
    assert code.questions[0].files == ("src/changes.py",)


@pytest.mark.parametrize(
    ("subject", "paths", "reason"),
    [
        ("Bump version to 2.0", ["src/cart.py"], "routine"),
        ("set version to 0.86.2.dev", ["src/cart.py"], "routine"),
        ("chore(deps-dev): raise handlebars in /core", ["src/cart.py"], "routine"),
        ("[pre-commit.ci] pre-commit autoupdate", ["src/cart.py"], "routine"),
        ("Update the dependencies of docs", ["src/cart.py"], "routine"),
        ('Revert "Round prices in the cart"', ["src/cart.py"], "routine"),
        ("fixup! Round prices in the cart", ["src/cart.py"], "routine"),
        ("copy", ["src/cart.py"], "short subject"),
        ("Use double quotes everywhere now", [f"f{n}.py" for n in range(11)], "many files"),
        ("Say what is new", ["CHANGELOG.md", "docs/release_notes/v2.md", "docs/history.md"], "no indexed file"),
        ("Add an entirely new module", ["new.py"], "no indexed file"),
    ],
)
def test_what_no_question_is_made_of(subject: str, paths: list[str], reason: str) -> None:
    found = tasks_from([_commit(subject, *paths)], KNOWN, 9)
    assert (found.questions, found.left_out) == ((), {reason: 1})


def test_a_subject_counts_once_and_the_limit_holds() -> None:
    history = [_commit(f"Mend the {word} of carts", "src/cart.py") for word in "sum sum tax rate name".split()]
    found = tasks_from(history, KNOWN, 3)
    assert [each.question.split()[2] for each in found.questions] == ["sum", "tax", "rate"]
    assert found.left_out == {"repeated": 1}


def test_figures_by_hand() -> None:
    tasks = [Question("one", ("a", "b")), Question("two", ("c",))]
    ranked = {
        "one": {"sift": ["a", "x"], "windows": ["x", "b"]},
        "two": {"sift": [*"pqrs", "t", "c"], "windows": [*"pqrstuvwxy", "c"]},
    }
    reports: list[Report] = []
    result = evaluate_localisation(tasks, ranked.__getitem__, progress=reports.append)
    assert result.n == 2
    assert {name: value for name, value in result.figures.items() if name.endswith("sift")} == {
        "hit@1.sift": 0.5,
        "hit@5.sift": 0.5,
        "hit@10.sift": 1.0,
        "file_recall@10.sift": 0.75,
    }
    assert result.figures["hit@1.windows"] == 0.0
    assert result.figures["hit@10.windows"] == 0.5
    assert result.differences["hit@1.sift-windows"].mean == 0.5
    assert [(each.done, each.detail) for each in reports] == [(1, "one"), (2, "two")]
    assert result.as_json()["differences"]["hit@10.sift-windows"]["mean"] == 0.5


def test_nothing_to_ask_and_being_stopped() -> None:
    with pytest.raises(UsageError, match="choose an earlier one"):
        evaluate_localisation([], lambda _: {})
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled, match="0 of 1"):
        evaluate_localisation([Question("q", ("a",))], lambda _: {}, cancel=stop)


def test_windows_hold_every_line_that_is_not_blank() -> None:
    text = "".join(f"line {n}\n" for n in range(1, 91)) + "\n" * 60
    chunks = WINDOWS.parse(SourceFile("a.py", text, "", "python", 0, 0)).chunks
    assert [(each.first_line, each.last_line) for each in chunks] == [(1, 40), (41, 80), (81, 120)]
    assert chunks[0].text.split("\n")[-1] == "line 40"
    assert WINDOWS.parse(SourceFile("a.py", "", "", "python", 0, 0)).chunks == ()


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path_factory.getbasetemp() / "localisation-home"))


def _git(root: Path, *arguments: str) -> None:
    identity = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, env=os.environ | identity)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose later commits say what they change."""
    root = tmp_path_factory.mktemp("shop")
    words = {"cart": "price discount total", "mail": "letter address stamp", "login": "password session token"}
    _git(root, "init", "--quiet")
    for name, parts in words.items():
        body = "".join(f"def {part}_of(value):\n    return value.{part}\n\n\n" for part in parts.split())
        (root / f"{name}.py").write_text(body, encoding="utf-8")
    _git(root, "add", ".")
    _git(root, "commit", "--quiet", "-m", "Begin the shop")
    subjects = (("cart", "Round the discount of a price"), ("mail", "Check the stamp of a letter"), ("login", "copy"))
    for name, subject in (*subjects, ("login", "Forget the session token early")):
        with (root / f"{name}.py").open("a", encoding="utf-8") as file:
            file.write(f"# {len(subject)}\n")
        _git(root, "commit", "--quiet", "-am", subject)
    return root


def test_a_history_is_measured_without_touching_the_repository(repository: Path) -> None:
    before = {path: path.read_bytes() for path in repository.glob("*.py")}
    found = localisation_of_repository(repository, "HEAD~4", tier="lexical")
    assert (found.result.n, found.files, found.tier) == (3, 3, "lexical")
    assert found.left_out == {"short subject": 1}
    assert found.chunks >= 3
    for method in ("sift", "hybrid", "nearest", "windows"):
        assert found.result.figures[f"hit@1.{method}"] == 1.0
    assert {path: path.read_bytes() for path in repository.glob("*.py")} == before
    value = found.as_json()
    assert {"n", "figures", "interval95", "seconds", "differences", "revision", "left_out"} <= value.keys()


def test_one_method_has_no_differences_and_an_index_is_used_again(repository: Path) -> None:
    for method in ("hybrid", "windows"):
        found = localisation_of_repository(repository, "HEAD~4", until="HEAD~2", methods=[method], tier="lexical")
        assert found.result.n == 2
        assert set(found.result.figures) == {
            f"{name}.{method}" for name in ("hit@1", "hit@5", "hit@10", "file_recall@10")
        }
        assert found.result.differences == {}


def test_what_git_does_not_know_is_refused(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        localisation_of_repository(repository, "nowhere", tier="lexical")
    with pytest.raises(UsageError, match="nowhere"):
        localisation_of_repository(repository, "HEAD~1", until="nowhere", tier="lexical")
    with pytest.raises(UsageError, match="choose an earlier one"):
        localisation_of_repository(repository, "HEAD", tier="lexical")
    with pytest.raises(UsageError, match="cannot be read"):
        recent_tasks(tmp_path, 5)


def test_the_last_commits_are_questions_too(repository: Path) -> None:
    assert [each.question for each in recent_tasks(repository, 1)] == ["Forget the session token early"]
    assert [each.question.split()[0] for each in recent_tasks(repository, 50)] == ["Forget", "Check", "Round", "Begin"]
