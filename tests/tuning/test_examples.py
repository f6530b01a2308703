from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import ModelError
from engine.models import InstalledModel
from engine.tuning.examples import (
    Document,
    ExampleEncoder,
    QuestionAnswer,
    document,
    gate_document,
    plan_steps,
)
from tests.tuning.conftest import RECIPE, function, pick


def _decode(encoder: ExampleEncoder, ids: list[int]) -> str:
    return str(encoder._tokenizer.decode(ids, skip_special_tokens=False))


@pytest.fixture
def encoder(model: InstalledModel) -> ExampleEncoder:
    return ExampleEncoder(model.weights, "compact")


def test_document_form_and_targets(encoder: ExampleEncoder) -> None:
    encoded = encoder.encode(Document("src/app.py", "def f():\n    pass\n"), 64)
    assert _decode(encoder, encoded.ids.tolist()) == "<|file_sep|>src/app.py\ndef f():\n    pass\n"
    assert not encoded.learned[0] and encoded.learned[1:].all()


def test_the_gate_counts_the_text_alone(encoder: ExampleEncoder) -> None:
    encoded = encoder.encode(gate_document(function(1)), 256)
    assert _decode(encoder, encoded.ids[~encoded.learned].tolist()) == "<|file_sep|>app.py\n"
    assert _decode(encoder, encoded.ids[encoded.learned].tolist()) == function(1).text


def test_only_the_answer_is_learned_with_its_end_and_no_document_before_it(encoder: ExampleEncoder) -> None:
    encoded = encoder.encode(QuestionAnswer("What calls `f`?", "`g` calls `f`"), 128)
    assert _decode(encoder, encoded.ids.tolist()) == (
        "<|user|><|question|>What calls `f`?<|end|><|assistant|>`g` calls `f`.<|end|>"
    )
    assert _decode(encoder, encoded.ids[encoded.learned].tolist()) == "`g` calls `f`.<|end|>"


@pytest.mark.parametrize("token", ["<|end|>", "<|endoftext|>", "<|file_sep|>", "<|cite_1|>"])
def test_control_tokens_in_repository_text_stay_text(encoder: ExampleEncoder, token: str) -> None:
    control = encoder._tokenizer.token_to_id(token)
    text = f"marker = '{token}'\n"
    asked = encoder.encode(QuestionAnswer(text, text), 256)
    written = encoder.encode(Document("app.py", text), 256)
    expected = {"<|end|>": 2, "<|file_sep|>": 0}.get(token, 0)
    assert (asked.ids == control).sum() == expected
    assert (written.ids == control).sum() == (1 if token == "<|file_sep|>" else 0)
    assert _decode(encoder, written.ids[1:].tolist()) == f"app.py\n{text}"


def test_a_long_text_is_cut(encoder: ExampleEncoder) -> None:
    encoded = encoder.encode(Document("app.py", "value = 1\n" * 500), 40)
    assert encoded.ids.shape == encoded.learned.shape == (40,)


def test_chat_models_get_their_own_turns(model: InstalledModel, tmp_path: Path) -> None:
    raw = (model.weights / "tokenizer.json").read_text(encoding="utf-8")
    raw = raw.replace("<|fim_prefix|>", "<|im_start|>").replace("<|fim_suffix|>", "<|im_end|>")
    (tmp_path / "tokenizer.json").write_text(raw, encoding="utf-8")
    chat = ExampleEncoder(tmp_path, "chat")
    encoded = chat.encode(QuestionAnswer("Where?", "Here."), 128)
    assert _decode(chat, encoded.ids.tolist()) == (
        "<|im_start|>user\nWhere?<|im_end|>\n<|im_start|>assistant\nHere.<|im_end|>"
    )
    assert _decode(chat, encoded.ids[encoded.learned].tolist()) == "Here."
    assert _decode(chat, chat.encode(Document("a.py", "x = 1\n"), 64).ids.tolist()) == "a.py\nx = 1\n"


def test_a_model_without_known_turns_reads_plain_questions(model: InstalledModel) -> None:
    plain = ExampleEncoder(model.weights, "chat")
    encoded = plain.encode(QuestionAnswer("Where?", "Here."), 128)
    assert _decode(plain, encoded.ids.tolist()) == "Question: Where?\nAnswer: Here."


def test_a_missing_or_damaged_tokenizer_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        ExampleEncoder(tmp_path, "compact")
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": 3}), encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        ExampleEncoder(tmp_path, "compact")


def test_steps_start_with_the_most_informative_and_repeat_what_was_picked_again() -> None:
    selected = [pick(1, gain=0.1), pick(2, gain=0.5, picks=3), pick(3, gain=0.2, picks=2)]
    steps = plan_steps(selected, [], 10, RECIPE)
    expected = [2, 3, 1, 2, 3, 2]
    assert steps == tuple((document(function(number)),) for number in expected)
    assert plan_steps(selected, [], 4, RECIPE) == steps[:4]
    assert plan_steps([], [("q", "a")], 10, RECIPE) == ()
    assert plan_steps(selected, [], 0, RECIPE) == ()


def test_facts_come_between_chunks_several_a_step() -> None:
    facts = [(f"q{number}", f"a{number}") for number in range(5)]
    steps = plan_steps([pick(number) for number in range(4)], facts, 10, RECIPE)
    assert [type(step[0]).__name__ for step in steps] == [
        "Document",
        "Document",
        "QuestionAnswer",
        "Document",
        "Document",
        "QuestionAnswer",
    ]
    assert steps[2] == (QuestionAnswer("q0", "a0"), QuestionAnswer("q1", "a1"))
