from __future__ import annotations

import io
import json
import math
import os
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.embedding.static import StaticEncoder
from engine.errors import Cancelled, UsageError
from engine.evaluation.later import open_later
from engine.evaluation.ledger import Ledger
from engine.evaluation.perplexity import Later, Measure, PerplexityReport, evaluate_perplexity, over_repositories
from engine.evaluation.reading import question_of
from engine.evaluation.targets import Target, new_functions
from engine.models import InstalledModel
from engine.terminal.learning import show_perplexity
from engine.terminal.show import Terminal
from engine.tuning import Recipe, Tuner
from engine.tuning.examples import Document
from engine.types import Progress, Report, SourceFile
from tests.evaluation.written import CHUNKS, chunk_of, function_text, install_tiny, later_of, targets_of

RECIPE = Recipe(rank=4, alpha=8.0, learning_rate=1e-2, max_tokens=64)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> InstalledModel:
    return install_tiny(tmp_path_factory.mktemp("model"), max_position_embeddings=2048)


@pytest.fixture
def targets() -> list[Target]:
    return targets_of()


def _measured(
    tuner: Tuner, later: Later, *, steps: tuple[int, ...], methods: tuple[str, ...] = ("sift", "nearest", "random")
) -> PerplexityReport:
    return evaluate_perplexity([later], tuner, Measure(methods, steps))


def test_base_is_the_bits_per_byte_of_the_plain_model(model: InstalledModel, targets: list[Target]) -> None:
    from tokenizers import Tokenizer
    from transformers import AutoModelForCausalLM

    tokenizer = Tokenizer.from_file(str(model.weights / "tokenizer.json"))
    plain = AutoModelForCausalLM.from_pretrained(model.weights, dtype=torch.float32).eval()
    start = tokenizer.token_to_id("<|file_sep|>")
    given = [start, *tokenizer.encode("new.py\n").ids, *tokenizer.encode("import os\n\n\ndef fresh(self, url):\n").ids]
    body = tokenizer.encode(targets[0].text).ids
    with torch.inference_mode():
        logits = plain(input_ids=torch.tensor([given + body])).logits[0].double()
    surprise = -logits.log_softmax(-1)[torch.arange(len(given) - 1, len(given) + len(body) - 1), torch.tensor(body)]
    expected = float(surprise.sum()) / math.log(2) / len(targets[0].text.encode())

    tuner = Tuner(model, recipe=replace(RECIPE, learning_rate=0.0), threads=1, bf16=False)
    result = _measured(tuner, later_of(targets), steps=(1, 2)).result
    assert result.n == 1
    assert result.figures["bpb.base"] == pytest.approx(expected, rel=1e-5)
    for arm in ("random", "nearest", "sift", "sift@1", "sift@2", "random@2", "sift+gate"):  # no rate, no learning
        assert result.figures[f"percent_of_base.{arm}"] == 100.0
    assert result.figures["bpb.context"] == result.figures["bpb.context+sift"] != result.figures["bpb.base"]
    assert result.figures["gain.sift-base"] == 0.0 == result.figures["gate.sift"]
    assert "unrelated.code.sift" not in result.figures  # there is no other repository
    assert result.figures["unrelated.english.sift"] == 0.0


def test_learning_from_related_code_helps_and_every_step_is_seen(model: InstalledModel, targets: list[Target]) -> None:
    tuner = Tuner(model, recipe=RECIPE, threads=1, bf16=False)
    reports: list[Report] = []
    later = later_of(targets, foreign=[Document("other.py", function_text("far", 9), path_learned=False)])
    report = evaluate_perplexity([later], tuner, Measure(steps=(1, 4)), progress=reports.append)
    figures = report.result.figures
    percent = {name.removeprefix("percent_of_base."): value for name, value in figures.items() if "percent" in name}
    assert percent["sift@4"] == percent["sift"] < percent["sift@1"] < 100
    assert percent["nearest"] < 100
    assert figures["gain.sift-nearest"] == pytest.approx(percent["nearest"] - percent["sift"])
    assert figures["gain.sift-base"] == pytest.approx(100 - percent["sift"])
    assert percent["sift+gate"] == (percent["sift"] if figures["gate.sift"] else 100)
    assert {"bpb.context", "bpb.random", "percent_of_base.base", "context+sift@1", "unrelated.code.nearest"} <= {
        *figures,
        *percent,
    }
    assert set(report.result.interval95) == set(figures) == set(report.repositories["here"].figures)
    assert [(each.done, each.total) for each in reports] == [(1, 1)]
    out = io.StringIO()
    show_perplexity(Terminal(out, width=120), report)
    lines = {line.split()[0]: line.split() for line in out.getvalue().splitlines()}
    assert lines["nearest"][1:4] == [f"{percent[each]:.1f}" for each in ("nearest@1", "nearest@4", "nearest")]
    assert f"{figures['gain.sift-nearest']:+.1f}" in lines["gain.sift-nearest"]
    assert "50% of their token 5-grams" in out.getvalue()
    again = evaluate_perplexity([later], tuner, Measure(steps=(1, 4))).result.figures
    assert {k: v for k, v in again.items() if "seconds" not in k} == {
        k: v for k, v in figures.items() if "seconds" not in k
    }


def test_what_was_measured_is_not_measured_again(
    model: InstalledModel, targets: list[Target], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "new" / "found.jsonl"
    tuner = Tuner(model, recipe=RECIPE, threads=1, bf16=False)
    measure = Measure(("sift",), (1, 2))
    first = evaluate_perplexity([later_of(targets)], tuner, measure, ledger=Ledger(out))
    with out.open("a", encoding="utf-8") as file:
        file.write('{"settings": "ab')  # killed while it wrote
    trained: list[int] = []
    train = tuner.train

    def listen(steps: Sequence[Any], **options: Any) -> Any:
        trained.append(len(steps))
        return train(steps, **options)

    monkeypatch.setattr(tuner, "train", listen)
    again = evaluate_perplexity([later_of(targets)], tuner, measure, ledger=Ledger(out))
    assert again.result.figures == first.result.figures
    assert trained == []
    more = evaluate_perplexity(
        [later_of(targets)], tuner, replace(measure, methods=("sift", "nearest")), ledger=Ledger(out)
    )
    assert more.result.figures["bpb.sift"] == first.result.figures["bpb.sift"]
    assert trained == [2]  # nearest alone
    evaluate_perplexity([later_of(targets)], tuner, replace(measure, noise=0.5), ledger=Ledger(out))
    assert trained == [2, 2]
    foreign = [Document("other.py", function_text("far", 9), path_learned=False)]
    wider = evaluate_perplexity([later_of(targets, foreign=foreign)], tuner, measure, ledger=Ledger(out))
    assert trained == [2, 2, 2]  # harm to code was not measured before
    assert "unrelated.code.sift" in wider.result.figures


def test_near_duplicates_of_a_target_are_neither_shown_nor_trained_on(
    model: InstalledModel, targets: list[Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = chunk_of(targets[0].whole.replace("fresh", "aged"), "old.py")
    part = chunk_of("".join(targets[0].text.splitlines(keepends=True)[:4]), "part.py")
    kept = function_text("known_8", 8)
    beside = [chunk_of(kept, "beside.py"), replace(copy, path="beside.py", first_line=12, last_line=21)]
    tuner = Tuner(model, recipe=RECIPE, threads=1, bf16=False)
    seen: list[str] = []
    encoder = tuner.encoder
    tokens = encoder.tokens

    def listen(text: str) -> list[int]:
        seen.append(text)
        return tokens(text)

    monkeypatch.setattr(encoder, "tokens", listen)
    pool = [copy, *CHUNKS, part, *beside]
    with_copies = _measured(tuner, later_of(targets, pool), steps=(5,))
    assert any("m4.py" in text for text in seen)
    assert any(text == kept for text in seen)  # in its surroundings stands a copy
    assert not any("old.py" in text or "part.py" in text or "aged" in text for text in seen)
    clean = _measured(tuner, later_of(targets, [*CHUNKS, beside[0]]), steps=(5,))
    assert with_copies.result.figures["bpb.random"] == pytest.approx(clean.result.figures["bpb.random"])


def test_the_question_holds_nothing_of_what_is_measured(targets: list[Target]) -> None:
    question = question_of(targets[0])
    assert question == "new.py fresh\ndef fresh(self, url)\nimport os"
    assert not any(line.strip() in question for line in targets[0].text.splitlines())


def test_a_long_target_is_cut_to_the_context(model: InstalledModel) -> None:
    text = "".join(f"    value_{n} = compute('ünïcode', {n})\n" for n in range(400))
    text = "x = 1\n" + "# filler\n" * 2000 + "def long(a):\n" + text
    now = SourceFile("long.py", text, "", "python", 0, 0)
    tuner = Tuner(model, recipe=RECIPE, threads=1, bf16=False)
    later = later_of(new_functions([], [now], 1))
    result = _measured(tuner, later, steps=(1,), methods=("nearest",)).result
    assert 0 < result.figures["bpb.base"] < 16


def test_nothing_to_measure_and_cancel(model: InstalledModel, targets: list[Target]) -> None:
    tuner = Tuner(model, recipe=RECIPE, threads=1, bf16=False)
    with pytest.raises(UsageError, match="no function"):
        evaluate_perplexity([later_of([])], tuner)
    with pytest.raises(UsageError, match="'best'"):
        _measured(tuner, later_of(targets), steps=(1,), methods=("best",))
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        evaluate_perplexity([later_of(targets)], tuner, cancel=stop)


def test_a_stopped_run_has_as_many_of_each_repository(
    model: InstalledModel, targets: list[Target], tmp_path: Path
) -> None:
    one, other = later_of(targets * 3), replace(later_of(targets * 2), name="there")
    stop, seen = threading.Event(), []

    def watch(report: Report) -> None:
        seen.append(report.done)
        if report.done == 3:
            stop.set()

    ledger = tmp_path / "found.jsonl"
    tuner = Tuner(model, recipe=RECIPE, threads=1, bf16=False)
    with pytest.raises(Cancelled):
        evaluate_perplexity([one, other], tuner, Measure((), (1,)), ledger=Ledger(ledger), progress=watch, cancel=stop)
    assert seen == [1, 2, 3]
    rows = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    assert [row["item"].split()[0] for row in rows if "item" in row] == ["here", "there"]  # equal targets: once each
    report = evaluate_perplexity([one, other], tuner, Measure((), (1,)), ledger=Ledger(ledger))
    assert {name: each.n for name, each in report.repositories.items()} == {"here": 3, "there": 2}


def test_every_repository_weighs_the_same() -> None:
    figures = {
        "big": {"a": np.array([1.0, 1.0, 1.0]), "b": np.array([2.0, 2.0, np.nan])},
        "small": {"a": np.array([5.0])},
    }
    result = over_repositories(figures, 0.0)
    assert result.n == 4
    assert result.figures == {"a": 3.0, "b": 2.0}
    assert result.interval95["a"] == (3.0, 3.0)


def _git(root: Path, *arguments: str) -> None:
    identity = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, env=os.environ | identity)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    _git(root, "init", "--quiet")
    for number in (4, 5, 6):
        (root / f"m{number}.py").write_text(function_text(f"known_{number}", number), encoding="utf-8")
    _git(root, "add", ".")
    _git(root, "commit", "--quiet", "-m", "old")
    (root / "m4.py").write_text(f"{function_text('known_4', 4)}\n\n{function_text('fresh', 3)}", encoding="utf-8")
    _git(root, "add", ".")
    _git(root, "commit", "--quiet", "-m", "new")
    return root


def _state(root: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in root.rglob("*")}


def test_a_repository_is_measured_without_being_touched(
    model: InstalledModel, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    before = _state(repository)
    tuner = Tuner(model, recipe=RECIPE, threads=1, bf16=False)

    def measure(revision: str, progress: Progress | None = None) -> PerplexityReport:
        opened = open_later([(repository, revision)], threads=1, encoder=StaticEncoder(), progress=progress)
        with opened as found:
            return evaluate_perplexity(found, tuner, Measure(methods=("sift",)))

    report = measure("HEAD~1")
    assert report.result.n == 1
    assert report.result.figures["percent_of_base.sift@20"] < 100
    value = report.as_json()
    assert value["interval95"].keys() == report.result.figures.keys()
    assert value["settings"]["near_duplicate"] == 0.5
    assert value["repositories"]["repository"]["since"] == report.commits["repository"]
    assert _state(repository) == before

    reports: list[Report] = []
    again = measure("HEAD~1", reports.append)
    assert again.result.figures["bpb.sift"] == report.result.figures["bpb.sift"]
    assert not [each for each in reports if each.stage.startswith("embed") and each.total]
    with pytest.raises(UsageError, match="no function"):
        measure("HEAD")
    with pytest.raises(UsageError, match="'nowhere'"):
        measure("nowhere")
    with (
        pytest.raises(UsageError, match="same name"),
        open_later([(repository, "HEAD~1")] * 2, threads=1, encoder=StaticEncoder()),
    ):
        pass
