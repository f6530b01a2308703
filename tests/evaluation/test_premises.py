from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from engine.errors import Cancelled, UsageError
from engine.evaluation.premises import (
    PremiseQuestion,
    Vocabulary,
    evaluate_premises,
    false_premises,
    with_names_replaced,
)
from engine.generation.premise import check
from engine.types import MissingName, Report
from tests.generation.tables import shop

TEXTS = [
    "def add_item(self, item, count=1, owner=None, limit=10)",
    "parser.add_argument('--dry-run')",
    "def apply_discount(price, rate): return price * rate  # Cart",
]


def vocabulary() -> Vocabulary:
    return Vocabulary(shop(), TEXTS)


def test_false_names_stand_nowhere_and_true_ones_somewhere() -> None:
    known = vocabulary()
    made = false_premises(known, 160)
    assert len(made) > 120
    assert {each.kind for each in made} == {
        "function", "method", "class", "file", "option", "bare option", "parameter",
    }  # fmt: skip
    for each in made:
        changed = each.name.rpartition("/")[2].rpartition(".")[2] if each.kind == "method" else each.name
        assert not known.holds(changed)
        assert each.name in each.question
        assert each.name not in each.twin
        assert each.question != each.twin
    assert false_premises(known, 160) == made
    assert false_premises(known, 160, seed=1) != made


def test_a_false_name_keeps_the_shape_of_the_true_one() -> None:
    made = false_premises(vocabulary(), 400)
    assert all(each.name.startswith("--") for each in made if each.kind == "option")
    assert all(each.name[0].isupper() for each in made if each.kind == "class")
    assert all(each.name.rpartition(".")[2] in {"py", "md", "cfg"} for each in made if each.kind == "file")
    owners = {"Store", "Cart", *(f"Job{n}" for n in range(8))}
    assert {each.name.split(".")[0] for each in made if each.kind == "method"} <= owners


def test_without_names_nothing_is_made() -> None:
    class Empty:
        def __getattr__(self, name: str) -> object:
            return lambda *_: ()

    assert false_premises(Vocabulary(Empty(), []), 10) == ()  # type: ignore[arg-type]


def test_names_in_real_questions_are_replaced_one_by_one() -> None:
    questions = ["How does apply_discount use the save of a Cart, and `save`?", "Why is the cart saved?"]
    made = with_names_replaced(questions, vocabulary(), lambda word: word in {"save", "cart"})
    assert len(made) == 2  # apply_discount and save, which stands in backticks; Cart is a word
    assert {each.twin for each in made} == {questions[0]}
    for each, gone in zip(made, ("apply_discount", "save"), strict=True):
        assert each.question.count(each.name) == questions[0].count(gone)
        assert gone not in each.question
        assert not vocabulary().holds(each.name)


def test_figures_by_hand() -> None:
    premises = [
        PremiseQuestion("class", "What is Zork?", "Zork", "What is Cart?"),
        PremiseQuestion("file", "What is in zork.py?", "zork.py", "What is in cart.py?"),
        PremiseQuestion("question", "Why Zerk?", "Zerk", "Why Cart?"),
    ]
    known = {"What is Zork?": "Zork", "What is in zork.py?": "cart", "What is Cart?": "Cart", "Why Cart?": "Why"}

    def answer(question: str) -> Sequence[MissingName]:
        return [MissingName(known[question], "symbol")] if question in known else []

    reports: list[Report] = []
    result = evaluate_premises(premises, ["Why Cart?", "Why?"], answer, progress=reports.append)
    assert result.n == 3
    assert result.figures == {
        "caught": pytest.approx(1 / 3),
        "caught.class": 1.0,
        "caught.file": 0.0,
        "caught.question": 0.0,
        "false_alarms.generated": 0.5,
        "false_alarms.questions": 0.5,
    }
    assert reports[-1].done == reports[-1].total == 7


def test_the_check_that_is_used_catches_most_and_alarms_about_nothing() -> None:
    known = vocabulary()
    made = false_premises(known, 160)
    result = evaluate_premises(made, [], lambda question: check(question, shop(), known.holds, lambda _: False))
    assert result.figures["caught"] > 0.9
    assert result.figures["false_alarms.generated"] == 0


def test_nothing_to_ask_and_being_stopped() -> None:
    with pytest.raises(UsageError, match="nothing was parsed"):
        evaluate_premises([], ["Why?"], lambda _: ())
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled, match="0 of"):
        evaluate_premises([PremiseQuestion("a", "b", "c", "d")], [], lambda _: (), cancel=stop)
