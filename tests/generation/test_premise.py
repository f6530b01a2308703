from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.generation.premise import check
from tests.generation.tables import Table, shop

_WORDS = {"no_proxy", "werkzeug", "currency", "pytest.ini"}


@pytest.fixture
def table() -> Table:
    return shop()


@pytest.fixture
def occurs() -> Callable[[str], bool]:
    return lambda text: text.lower() in _WORDS


@pytest.mark.parametrize(
    ("question", "name", "kind", "suggestion"),
    [
        ("What does `add_itme` do?", "add_itme", "symbol", "add_item"),
        ("Who calls apply_discout()?", "apply_discout", "symbol", "apply_discount"),
        ("Where is Cart.totl_price defined?", "Cart.totl_price", "symbol", None),
        ("How does SavedCarts2 work?", "SavedCarts2", "symbol", "SavedCart"),
        ("What is in src/shop/carts.py?", "src/shop/carts.py", "file", "src/shop/cart.py"),
        ("What is in `carts.py`?", "carts.py", "file", None),
        ("Explain MAX_LIMIT", "MAX_LIMIT", "symbol", None),
        ("Why does frobnicate() return early?", "frobnicate", "symbol", None),
    ],
)
def test_names_that_do_not_exist_are_reported(
    table: Table, occurs: Callable[[str], bool], question: str, name: str, kind: str, suggestion: str | None
) -> None:
    missing = check(question, table, occurs)
    assert [(each.name, each.kind) for each in missing] == [(name, kind)]
    if suggestion:
        assert missing[0].suggestions[0] == suggestion


@pytest.mark.parametrize(
    "question",
    [
        "What does `add_item` do, and Cart.total_price?",
        "Where are the carts saved in the e-mail, e.g. for a guest?",
        "Does it raise `TypeError`, `KeyError` or TypeErrors, and use `__init__`, `dict`, os.path.join or json.dumps?",
        "Is `self.add_item` called by `super().__init__`?",
        "What is in cart.py, src/shop/cart.py, `setup.cfg` and conf.py?",
        "What is the module shop.cart, and `shop`?",
        "How is `no_proxy` used?",
        "Is werkzeug.currency a thing?",
        "Where is pytest.ini read?",
        "Does it run on GitHub, macOS, PyPI or with OAuth and IPv6?",
        "What happens with my_cart, MyCart, foo_bar() or `example.py`?",
        "Is .env or `.hidden.toml` read?",
        "Is `name.upper()` or `text.splitlines` used?",
        "Explain `x = 5`, `/static` and `GET /users`",
        "Does SQL or HTML or WSGI matter for v2.1?",
    ],
)
def test_what_exists_or_is_common_knowledge_raises_no_alarm(
    table: Table, occurs: Callable[[str], bool], question: str
) -> None:
    assert check(question, table, occurs) == ()


def _ordinary(word: str) -> bool:
    return word in {"order", "mail", "banana", "sort"}


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What does the frobnicate option do?", "frobnicate"),
        ("What does the banana flag do?", "banana"),  # an ordinary word, but an option's name nonetheless
        ("What does --frobnicate do?", "--frobnicate"),
        ("When should I use `--no-currency`?", "--no-currency"),
        ("Who calls frobnicate?", "frobnicate"),
        ("Where is the Frobnicator class created?", "Frobnicator"),
        ("What is FROB_HOME set to?", "FROB_HOME"),
        ("What does @frobnicate do to a function?", "frobnicate"),
        ("What does `frobnicator.run` return?", "frobnicator.run"),
        ("What is in .github/frobnicate.yml?", ".github/frobnicate.yml"),
        ("What is in src/shop/frobnicate.tmpl?", "src/shop/frobnicate.tmpl"),
    ],
)
def test_options_words_and_owners_that_do_not_exist_are_reported(
    occurs: Callable[[str], bool], question: str, name: str
) -> None:
    table = shop([".github/ci.yml", "src/shop/mail.tmpl"])
    assert [each.name for each in check(question, table, occurs, _ordinary)] == [name]


@pytest.mark.parametrize(
    "question",
    [
        "What does the currency option do, and --currency?",
        "What does the --help flag print?",
        "Which banana function sorts the order?",
        "Is the undocumented method of the mail class used?",
        "Who calls save, and where is run defined?",
        "Where is the readme file?",
        "Point me to the oredr file of save.",  # a slip of the finger
        "Is np.array or app.currency used?",
        "What is in docs/img/logo.png?",
        "What is in .hidden/settings.yml?",
    ],
)
def test_words_that_exist_or_only_describe_raise_no_alarm(
    table: Table, occurs: Callable[[str], bool], question: str
) -> None:
    assert check(question, table, occurs, _ordinary) == ()


def test_without_a_language_only_sure_places_hold_names(table: Table, occurs: Callable[[str], bool]) -> None:
    assert check("Who calls frobnicate?", table, occurs) == ()
    assert [each.name for each in check("What does the frobnicate option do?", table, occurs)] == ["frobnicate"]
    assert check("What does the frobnicate option do?", table) == ()  # nothing says that it does not occur


def test_words_that_occur_are_not_missing(table: Table) -> None:
    question = "What does the `currency` keyword do?"
    assert [each.name for each in check(question, table)] == ["currency"]
    assert check(question, table, lambda text: text == "currency") == ()


def test_a_path_is_checked_even_when_its_name_occurs(table: Table) -> None:
    assert check("Is pytest.ini read?", table, lambda _: True) == ()
    assert [each.name for each in check("Is config/pytest.ini read?", table, lambda _: True)] == ["config/pytest.ini"]


def test_no_more_than_five_are_reported(table: Table) -> None:
    question = " ".join(f"no_such_name_{n}" for n in range(20))
    assert len(check(question, table)) == 5
