from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.chunking import parse
from engine.errors import Cancelled, UsageError
from engine.evaluation.learned_facts import Group, evaluate_facts, groups_of
from engine.evaluation.merged import MergedModel
from engine.index.store import Store
from engine.tuning import Recipe, Tuner
from engine.tuning.examples import QuestionAnswer
from engine.tuning.facts import SymbolFact
from engine.types import SourceFile, sha256_hex
from tests.evaluation.written import install_tiny

RECIPE = Recipe(rank=8, alpha=16.0, learning_rate=2e-2, max_tokens=64, facts_a_step=4, layers=1.0, short=1.0)


@pytest.fixture(scope="module")
def tuner(tmp_path_factory: pytest.TempPathFactory) -> Tuner:
    model = install_tiny(tmp_path_factory.mktemp("model"))
    return Tuner(model, recipe=RECIPE, threads=1, bf16=False)


def _group(names: str) -> Group:
    pairs = list(pairwise(names))
    forward = [SymbolFact("calls", "forward", f"What does `{a}` call?", f"`{a}` calls `{b}`") for a, b in pairs]
    backward = [SymbolFact("calls", "reversed", f"What calls `{b}`?", f"`{a}` calls `{b}`") for a, b in pairs]
    return Group((*forward, *backward))


def test_what_is_learned_is_recalled_and_in_the_other_direction_less(tuner: Tuner) -> None:
    result = evaluate_facts([_group("abcd"), _group("klmn")], tuner, steps=25)
    figures = result.figures
    assert result.n == 2
    assert figures["bits.forward.forward"] < figures["bits.forward.none"] / 2
    assert figures["bits.reversed.reversed"] < figures["bits.reversed.none"] / 2
    assert figures["bits.forward.forward"] < figures["bits.unseen.forward"]
    assert figures["exact.forward.none"] == 0.0 < figures["exact.forward.forward"]
    assert figures["gain.reversed"] == pytest.approx(figures["bits.reversed.forward"] - figures["bits.reversed.both"])
    assert figures["cost.forward"] == pytest.approx(figures["bits.forward.both"] - figures["bits.forward.forward"])
    assert {f"exact.unseen.{arm}" for arm in ("none", "forward", "reversed", "both")} <= set(figures)


def test_a_merged_adapter_is_the_attached_one_and_taken_off_leaves_the_base(tuner: Tuner) -> None:
    examples = [tuner.encode(QuestionAnswer(f"Where is `f_{n}`?", f"`f_{n}` is in `app.py`")) for n in range(3)]
    merged = MergedModel(tuner)
    tuner.reset()
    base = [merged.recall(each) for each in examples]
    tuner.train([examples] * 3)
    merged.put_on(tuner.lora_tensors())
    for each, nats in zip(examples, tuner.losses(examples), strict=True):
        count = int(each.learned.sum())
        assert merged.recall(each).bits == pytest.approx(nats * count / np.log(2), rel=1e-3)
    merged.put_on({})
    assert [merged.recall(each) for each in examples] == base


def test_exact_is_what_greedy_decoding_writes(tuner: Tuner) -> None:
    example = tuner.encode(QuestionAnswer("Where is `f`?", "`f` is in `app.py`"))
    merged = MergedModel(tuner)
    for steps in (0, 40):
        tuner.train([[example]] * steps)
        merged.put_on(tuner.lora_tensors())
        ids = example.ids[~example.learned].tolist()
        with torch.inference_mode():
            while len(ids) < len(example.ids):
                ids.append(int(merged._causal(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
        assert merged.recall(example).exact == (ids == example.ids.tolist()) == (steps > 0)


def test_groups_are_of_related_symbols_and_share_no_question(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        for number in range(8):
            text = "".join(f"def f_{number}_{n}(a, b):\n    return f_{number}_{n + 1}(a)\n\n\n" for n in range(4))
            text += f"def f_{number}_4(a):\n    return a\n"
            source = SourceFile(f"m{number}.py", text, sha256_hex(text), "python", len(text), 1)
            with store.writer():
                store.replace_file(source, parse(source), "1")
        groups = groups_of(store, 10)
        assert groups == groups_of(store, 10)
    assert len(groups) == 2  # two symbols of each of eight files, six a group
    questions = [fact.question for group in groups for fact in group.facts]
    assert len(set(questions)) == len(questions)
    for group in groups:
        assert group.of("forward") and group.of("reversed")
        assert len(group.of("forward", "reversed")) == len(group.facts)


def test_too_few_and_cancel(tuner: Tuner) -> None:
    with pytest.raises(UsageError, match="too few"):
        evaluate_facts([_group("ab")], tuner)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        evaluate_facts([_group("ab"), _group("cd")], tuner, cancel=stop)
