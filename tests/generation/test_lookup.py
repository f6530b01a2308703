from __future__ import annotations

import re

import pytest

from engine.generation.lookup import answer_facts
from engine.generation.premise import check
from engine.types import Symbol
from tests.generation.tables import Table, shop


@pytest.fixture
def table() -> Table:
    return shop()


def _texts(question: str, table: Table) -> list[str]:
    return [fact.text for fact in answer_facts(question, table)]


WHERE = "`Cart.add_item` is a method defined in src/shop/cart.py:14-20."
CALLERS = (
    "`apply_discount` is called by `Cart.total_price` (src/shop/cart.py:25) and the top level of tests/test_cart.py:12."
)
CALLEES = "`Cart.total_price` calls `apply_discount` and `sum`."
ARGUMENTS = "`apply_discount` takes `price` and `rate: float = 0.1`."
BASES = "`Cart` inherits from `Store` and `Sized`."
SUBCLASSES = "`SavedCart` (src/shop/cart.py:72) inherits from `Cart`."
CONTENTS = (
    "src/shop/cart.py contains the class `Cart` (src/shop/cart.py:5), the function `apply_discount` "
    "(src/shop/cart.py:62), the class `SavedCart` (src/shop/cart.py:72) and the variable `LIMIT` (src/shop/cart.py:2)."
)


@pytest.mark.parametrize(
    ("expected", "questions"),
    [
        (
            WHERE,
            [
                "Where is add_item defined?",
                "where is `add_item`?",
                "Where is the method add_item() implemented?",
                "Where can I find `Cart.add_item`?",
                "Which file defines add_item?",
                "In which file is add_item declared?",
                "What file contains the add_item method?",
                "Where does add_item live?",
                "Find the definition of add_item.",
                "Please find add_item.",
                "Show me where add_item is.",
                "Where exactly is `Cart.add_item(item)` located in this repository?",
                "Where's add_item?",
            ],
        ),
        (
            CALLERS,
            [
                "Who calls apply_discount?",
                "What calls `apply_discount()`?",
                "Which functions call apply_discount?",
                "Where is apply_discount called?",
                "Where is `apply_discount` used in the code?",
                "What uses apply_discount?",
                "callers of apply_discount",
                "Show all usages of the function apply_discount.",
                "apply_discount's callers?",
                "Is apply_discount called anywhere?",
            ],
        ),
        (
            CALLEES,
            [
                "What does total_price call?",
                "Which functions does Cart.total_price use?",
                "What is called by `total_price`?",
                "Which functions are called in total_price?",
            ],
        ),
        (
            ARGUMENTS,
            [
                "What arguments does apply_discount take?",
                "Which parameters does `apply_discount()` accept?",
                "What does apply_discount take?",
                "What is the signature of apply_discount?",
                "How do I call apply_discount?",
                "What can I pass to apply_discount?",
                "What are the parameters of the function apply_discount?",
                "How many arguments does apply_discount take?",
                "apply_discount's arguments",
            ],
        ),
        (
            BASES,
            [
                "What does Cart inherit from?",
                "What is the base class of `Cart`?",
                "Which classes does Cart extend?",
                "What are the superclasses of Cart?",
                "Cart's parent class?",
                "What is Cart derived from?",
            ],
        ),
        (
            SUBCLASSES,
            [
                "Which classes inherit from Cart?",
                "What extends `Cart`?",
                "What are the subclasses of Cart?",
                "Which subclasses does Cart have?",
                "Who inherits from the class Cart?",
                "Which classes are derived from Cart?",
            ],
        ),
        (
            CONTENTS,
            [
                "What is in src/shop/cart.py?",
                "What is defined in cart.py?",
                "What does `cart.py` contain?",
                "Which classes and functions are defined in cart.py?",
                "List the functions and classes in cart.py",
                "Which functions are in src/shop/cart.py?",
                "Give me an overview of cart.py",
            ],
        ),
    ],
)
def test_phrasings(table: Table, expected: str, questions: list[str]) -> None:
    assert {question: _texts(question, table) for question in questions} == {key: [expected] for key in questions}


@pytest.mark.parametrize(
    "question",
    [
        "Where are the carts saved?",
        "Why does Cart.total_price call apply_discount before summing?",
        "How does add_item handle a limit?",
        "How does the shop find the method add_item for a cart?",
        "Explain the Cart class.",
        "Where is frobnicate defined?",
        "Who calls frobnicate()?",
        "What does it take?",
        "Where is the configuration kept, and how is run time measured?",
        "What is the difference between Cart and Store?",
        "Where does Cart.total_price apply the discount?",
        "Where is Usage?",
        "",
    ],
)
def test_other_questions_get_no_facts(table: Table, question: str) -> None:
    assert _texts(question, table) == []


def test_two_questions_get_two_answers(table: Table) -> None:
    found = _texts("Where is apply_discount defined, and who calls `apply_discount`?", table)
    assert found == [CALLERS, "`apply_discount` is a function defined in src/shop/cart.py:62-70."]


def test_a_name_with_many_owners_is_never_pinned_on_one(table: Table) -> None:
    [where] = answer_facts("Where is run defined?", table)
    assert where.text.startswith("`run` is defined in 8 places: `Job0.run` in src/shop/jobs0.py:7, ")
    assert where.text.endswith("and 2 more.")
    assert len(where.citations) == 6
    [callers] = answer_facts("Who calls run?", table)
    assert callers.text == "Something called `run` is called by `SavedCart.later` (src/shop/cart.py:80)."


def test_what_tests_define_is_told_only_where_nothing_else_is(table: Table) -> None:
    table._symbols.append(Symbol("Cart", "test_total.Cart", "class", "tests/test_cart.py", 5, 6, bases=("dict",)))
    assert _texts("What does Cart inherit from?", table) == [BASES]
    [fact] = answer_facts("Where is test_total?", table)
    assert fact.text == "`test_total` is a function defined in tests/test_cart.py:4-9."


def test_what_is_not_there_is_said(table: Table) -> None:
    assert _texts("Who calls LIMIT?", table) == ["Nothing in the indexed files calls `LIMIT`."]
    assert _texts("What does save call?", table) == ["`Store.save` calls nothing."]
    assert _texts("What arguments does save take?", table) == ["`Store.save` takes no arguments."]
    assert _texts("What does Store inherit from?", table) == ["`Store` has no base class."]
    assert _texts("Which classes inherit from SavedCart?", table) == [
        "No class in the indexed files inherits from `SavedCart`."
    ]


def test_a_class_takes_what_its_initialiser_takes(table: Table) -> None:
    [fact] = answer_facts("What arguments does Cart take?", table)
    assert fact.text == "`Cart` takes `owner: str` and `limit=10`."
    assert [(each.first_line, each.last_line) for each in fact.citations] == [(8, 12)]


def test_members_of_a_class(table: Table) -> None:
    [fact] = answer_facts("Which methods does Cart have?", table)
    assert re.findall(r"`(\w+)`", fact.text) == ["Cart", "__init__", "add_item", "total_price"]


def test_subclasses_of_a_class_from_elsewhere(table: Table) -> None:
    table._references.append(type(table._references[0])("inherit", "Sized", "src/shop/cart.py", 5, "Cart", "Sized"))
    assert _texts("Which classes inherit from Sized?", table) == ["`Cart` (src/shop/cart.py:5) inherits from `Sized`."]


def test_a_forgotten_underscore_is_found(table: Table) -> None:
    table._symbols.append(Symbol("_merge", "Cart._merge", "method", "src/shop/cart.py", 40, 44))
    assert _texts("Where is merge defined?", table) == ["`Cart._merge` is a method defined in src/shop/cart.py:40-44."]


def test_where_a_file_is(table: Table) -> None:
    assert _texts("Where is cart.py?", table) == ["`cart.py` is the file src/shop/cart.py."]


def test_every_citation_is_a_span_of_the_table(table: Table) -> None:
    known = {(each.path, each.first_line, each.last_line) for each in table._symbols}
    known |= {(each.path, each.line, each.line) for each in table._references}
    questions = ["Where is run?", "Who calls apply_discount?", "What is in cart.py?", "What extends Cart?"]
    for question in questions:
        for fact in answer_facts(question, table):
            assert fact.citations
            for citation in fact.citations:
                assert (citation.path, citation.first_line, citation.last_line) in known
                assert citation.verified
                assert citation.number == 0


def test_the_limit_is_kept(table: Table) -> None:
    question = "Where is add_item? Who calls apply_discount? What does Cart inherit from? What extends Cart?"
    assert len(answer_facts(question, table)) == 4
    assert len(answer_facts(question, table, limit=2)) == 2


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "part", ["a", "_", "a.", "a/", "a_", "aB", "`", "what ", "where is ", "x(", "which a b ", "a@"]
)
def test_a_pasted_mess_costs_no_time(table: Table, part: str) -> None:
    question = (part * 8000)[:8000]
    answer_facts(question, table)
    check(question, table)
