from __future__ import annotations

import math
import os
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.embedding.static import StaticEncoder
from engine.errors import Cancelled, UsageError
from engine.evaluation.perplexity import evaluate_perplexity, perplexity_of_repository, question_of
from engine.evaluation.targets import Target, new_functions
from engine.models import InstalledModel
from engine.models.local import install_folder
from engine.terms import terms
from engine.tuning import Recipe, Tuner
from engine.types import Candidates, Chunk, Report, SourceFile
from tests.models.tiny import tiny_model

RECIPE = Recipe(rank=4, alpha=8.0, learning_rate=1e-2, max_tokens=64)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> InstalledModel:
    folder = tmp_path_factory.mktemp("model")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIDETUNE_HOME", str(folder / "home"))
        return install_folder(tiny_model(folder / "weights", max_position_embeddings=2048), "tiny")


def _function(name: str, seed: int) -> str:
    verbs = "open read parse match yield close skip list".split()
    words = [f"{verb}_{(seed * 7 + number) % 11}" for number, verb in enumerate(verbs)]
    body = "".join(f"    {word} = self.session.{word}(url, {number})\n" for number, word in enumerate(words))
    return f"def {name}(self, url):\n{body}    return url\n"


def _chunk(text: str, path: str) -> Chunk:
    return Chunk(path, 1, text.count("\n"), text, "function", "python", path.removesuffix(".py"))


def _retrieve(chunks: Sequence[Chunk]) -> Candidates:
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


@pytest.fixture
def targets() -> list[Target]:
    now = SourceFile("new.py", f"import os\n\n\n{_function('fresh', 3)}", "", "python", 0, 0)
    return new_functions([], [now], 5)


CHUNKS = [_chunk(_function(f"known_{n}", n), f"m{n}.py") for n in (4, 5, 6, 7)]


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
    result = evaluate_perplexity(targets, CHUNKS, lambda _: _retrieve(CHUNKS), tuner, steps=(1, 2))
    assert result.n == 1
    assert result.figures["bpb.base"] == pytest.approx(expected, rel=1e-5)
    for arm in ("random", "nearest", "sift", "sift@1", "sift@2", "random@2"):  # nothing is learned at the rate 0
        assert result.figures[f"percent_of_base.{arm}"] == 100.0
    assert result.figures["bpb.context"] == result.figures["bpb.context+sift"] != result.figures["bpb.base"]


def test_learning_from_related_code_helps_and_every_step_is_seen(model: InstalledModel, targets: list[Target]) -> None:
    tuner = Tuner(model, recipe=RECIPE, threads=1, bf16=False)
    reports: list[Report] = []
    result = evaluate_perplexity(
        targets, CHUNKS, lambda _: _retrieve(CHUNKS), tuner, steps=(1, 4), progress=reports.append
    )
    figures = result.figures
    assert (
        figures["percent_of_base.sift@4"] == figures["percent_of_base.sift"] < figures["percent_of_base.sift@1"] < 100
    )
    assert figures["percent_of_base.nearest"] < 100
    assert {"bpb.context+sift", "bpb.random", "percent_of_base.base"} <= set(figures)
    assert set(result.interval95) == set(figures)
    assert [(report.done, report.total) for report in reports] == [(1, 1)]
    again = evaluate_perplexity(targets, CHUNKS, lambda _: _retrieve(CHUNKS), tuner, steps=(1, 4))
    assert again.figures == figures


def test_near_duplicates_of_a_target_are_neither_shown_nor_trained_on(
    model: InstalledModel, targets: list[Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = _chunk(targets[0].whole.replace("fresh", "older"), "old.py")
    part = _chunk("".join(targets[0].text.splitlines(keepends=True)[:4]), "part.py")
    tuner = Tuner(model, recipe=RECIPE, threads=1, bf16=False)
    seen: list[str] = []
    encoder = tuner.encoder
    tokens = encoder.tokens

    def listen(text: str) -> list[int]:
        seen.append(text)
        return tokens(text)

    monkeypatch.setattr(encoder, "tokens", listen)
    pool = [copy, *CHUNKS, part]
    with_copies = evaluate_perplexity(targets, pool, lambda _: _retrieve(pool), tuner, steps=(4,))
    assert any("m4.py" in text for text in seen)
    assert not any("old.py" in text or "part.py" in text for text in seen)
    assert with_copies.figures["bpb.random"] == pytest.approx(
        evaluate_perplexity(targets, CHUNKS, lambda _: _retrieve(CHUNKS), tuner, steps=(4,)).figures["bpb.random"]
    )


def test_the_question_holds_nothing_of_what_is_measured(targets: list[Target]) -> None:
    question = question_of(targets[0])
    assert question == "new.py fresh\ndef fresh(self, url)\nimport os"
    assert not any(line.strip() in question for line in targets[0].text.splitlines())


def test_a_long_target_is_cut_to_the_context(model: InstalledModel) -> None:
    text = "".join(f"    value_{n} = compute('ünïcode', {n})\n" for n in range(400))
    text = "x = 1\n" + "# filler\n" * 2000 + "def long(a):\n" + text
    now = SourceFile("long.py", text, "", "python", 0, 0)
    tuner = Tuner(model, recipe=RECIPE, threads=1, bf16=False)
    result = evaluate_perplexity(
        new_functions([], [now], 1), CHUNKS, lambda _: _retrieve(CHUNKS), tuner, steps=(1,), arms=("nearest",)
    )
    assert 0 < result.figures["bpb.base"] < 16


def test_nothing_to_measure_and_cancel(model: InstalledModel, targets: list[Target], tmp_path: Path) -> None:
    tuner = Tuner(model, recipe=RECIPE, threads=1, bf16=False)
    with pytest.raises(UsageError, match="no function"):
        evaluate_perplexity([], CHUNKS, lambda _: _retrieve(CHUNKS), tuner)
    with pytest.raises(UsageError, match="no tuned arm"):
        evaluate_perplexity(targets, CHUNKS, lambda _: _retrieve(CHUNKS), tuner, arms=("best",))
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        evaluate_perplexity(targets, CHUNKS, lambda _: _retrieve(CHUNKS), tuner, cancel=stop)


def _git(root: Path, *arguments: str) -> None:
    identity = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, env=os.environ | identity)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    _git(root, "init", "--quiet")
    for number in (4, 5, 6):
        (root / f"m{number}.py").write_text(_function(f"known_{number}", number), encoding="utf-8")
    _git(root, "add", ".")
    _git(root, "commit", "--quiet", "-m", "old")
    (root / "m4.py").write_text(f"{_function('known_4', 4)}\n\n{_function('fresh', 3)}", encoding="utf-8")
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
    measure = partial(
        perplexity_of_repository, repository, model=model, recipe=RECIPE, encoder=StaticEncoder(), threads=1
    )
    result = measure("HEAD~1")
    assert result.n == 1
    assert result.figures["percent_of_base.sift@20"] < 100
    assert result.as_json()["interval95"].keys() == result.figures.keys()
    assert _state(repository) == before

    reports: list[Report] = []
    again = measure("HEAD~1", progress=reports.append)
    assert again.figures == result.figures
    assert not [report for report in reports if report.stage.startswith("embed") and report.total]
    with pytest.raises(UsageError, match="no function"):
        measure("HEAD")
    with pytest.raises(UsageError, match="'nowhere'"):
        measure("nowhere")
