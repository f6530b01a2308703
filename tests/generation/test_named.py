from __future__ import annotations

import pytest

from engine.generation.named import named_places
from engine.generation.users import asks_for_users
from engine.types import Focus, Symbol
from tests.generation.tables import Table, shop

CART = "src/shop/cart.py"


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("What does `Cart.add_item` take?", [(CART, 14)]),
        ("what does add_item() return, and what does apply_discount?", [(CART, 14), (CART, 62)]),
        ("Where is the class SavedCart?", [(CART, 72)]),
        ("Summarise src/shop/cart.py", [(CART, 1)]),
        ("What is in cart.py, and who calls total_price?", [(CART, 1), (CART, 22), ("tests/test_cart.py", 6)]),
        ("How are discounts computed?", []),
        ("Who calls apply_discount?", [(CART, 62), (CART, 25)]),  # the test that does, too, is left out
        ("What breaks if I change `apply_discount`?", [(CART, 62), (CART, 25)]),
        ("What calls run?", []),
        ("What does `Job3.run` do?", [("src/shop/jobs3.py", 7)]),
        ("What does run() do?", []),  # eight of them: none is meant more than the others
        ("What is LIMIT for?", []),  # no code
        ("`SavedCart`, `Cart`, `Store` and `apply_discount`?", [(CART, 72), (CART, 5), ("src/shop/base.py", 3)]),
    ],
)
def test_what_is_named_is_read_where_it_begins(question: str, places: list[tuple[str, int]]) -> None:
    assert named_places(question, shop()) == tuple(Focus(path, line, line) for path, line in places)


def test_a_name_means_code_before_it_means_tests() -> None:
    ours = Symbol("prepare_url", "Request.prepare_url", "method", "src/models.py", 9, 20)
    theirs = Symbol("prepare_url", "prepare_url", "function", "tests/conftest.py", 3, 5)
    asked = "What does prepare_url raise?"
    assert named_places(asked, Table([theirs, ours], [])) == (Focus("src/models.py", 9, 9),)
    assert named_places(asked, Table([theirs], [])) == (Focus("tests/conftest.py", 3, 3),)


@pytest.mark.parametrize(
    ("question", "users"),
    [
        ("Who calls send_all?", True),
        ("From where is send_all invoked?", True),
        ("If I change send_all, who is affected?", True),
        ("Where do we make use of send_all()?", True),
        ("Which code relies on send_all?", True),
        ("What does send_all call?", False),
        ("What is the result of calling send_all?", False),
        ("After a call to send_all, what do I have?", False),
        ("What gets called when send_all runs?", False),
        ("what is invoked by send_all?", False),
        ("On which functions does send_all rely on?", False),
        ("What does send_all take?", False),
    ],
)
def test_who_asks_for_users_and_who_for_what_is_used(question: str, users: bool) -> None:
    assert asks_for_users(question) is users
