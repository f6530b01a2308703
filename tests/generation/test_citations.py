from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.generation.citations import Numbering, settle
from engine.types import Chunk, Citation, Evidence

SHOP = Chunk(
    "src/shop/cart.py",
    1,
    9,
    "class Cart(Store, base.Sized):\n    def add(self, item: str, *, count=1):\n        if count > limit(self):\n"
    "            raise errors.Full(item)\n        return self.put(item)\n",
    "class",
    "python",
    symbol="Cart",
)
HANDLERS = Chunk(
    "src/app.py",
    10,
    14,
    "def find_error_handler(self, error):\n    for name in self.blueprints:\n        return self.handlers[name]\n",
    "method",
    "python",
    symbol="App.find_error_handler",
)
SESSION = Chunk(
    "src/session.py", 3, 5, "def open_session(request):\n    return Session(request)\n", "function", "python"
)
PROSE = Chunk("docs/guide.md", 1, 4, "Sessions are stored in signed cookies by default.\n", "section", "markdown")
EVIDENCE = [Evidence(1, HANDLERS), Evidence(2, SESSION), Evidence(3, PROSE)]
TEXTS = {each.path: each.text for each in (HANDLERS, SESSION, PROSE)}


def _reread(path: str, first: int, last: int) -> str | None:
    assert 1 <= first <= last
    return TEXTS.get(path)


def _renamed(text: str) -> tuple[str, list[str]]:
    numbering = Numbering(EVIDENCE)
    shown = numbering.feed(text) + numbering.flush()
    return shown, [item.chunk.path for item in numbering.cited]


@pytest.mark.parametrize(
    ("text", "shown", "paths"),
    [
        ("It is here [1].", "It is here [1].", ["src/app.py"]),
        ("First [3], then [1] and again [3].", "First [1], then [2] and again [1].", ["docs/guide.md", "src/app.py"]),
        ("Both [2, 3] and [3][2].", "Both [1][2] and [2][1].", ["src/session.py", "docs/guide.md"]),
        ("Nothing [9] is there [0].", "Nothing is there.", []),
        ("Partly [9, 2].", "Partly [1].", ["src/session.py"]),
        ("The call `args[2]` and args[0] index [2].", "The call `args[2]` and args[0] index [1].", ["src/session.py"]),
        ("```\nx[1]\ny [2]\n```\nso [3]", "```\nx[1]\ny [2]\n```\nso [1]", ["docs/guide.md"]),
        ("attached[2].", "attached[1].", ["src/session.py"]),
        ("`name`[2].", "`name`[1].", ["src/session.py"]),
        ("A list [a, b] and [ ] and [1", "A list [a, b] and [ ] and [1", []),
        ("", "", []),
    ],
)
def test_numbers_follow_first_appearance(text: str, shown: str, paths: list[str]) -> None:
    assert _renamed(text) == (shown, paths)


@settings(max_examples=300, derandomize=True)
@given(st.text(alphabet="a [12,9]`.\n", max_size=30), st.lists(st.integers(1, 5), max_size=30))
def test_cutting_the_text_elsewhere_changes_nothing(text: str, cuts: list[int]) -> None:
    numbering = Numbering(EVIDENCE)
    rest, pieces = text, []
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    shown = "".join(numbering.feed(piece) for piece in [*pieces, rest]) + numbering.flush()
    assert (shown, [item.chunk.path for item in numbering.cited]) == _renamed(text)
    assert [item.number for item in numbering.cited] == list(range(1, len(numbering.cited) + 1))


def test_text_without_brackets_is_not_held_back() -> None:
    numbering = Numbering(EVIDENCE)
    assert numbering.feed("word") == "word"
    assert numbering.feed(" more ") == " more"
    assert numbering.feed("[") == ""
    assert numbering.feed("1] x") == " [1] x"


def _verified(text: str) -> list[bool]:
    numbering = Numbering(EVIDENCE)
    shown = numbering.feed(text) + numbering.flush()
    return [each.verified for each in settle(shown, numbering.cited, _reread)[1]]


@pytest.mark.parametrize(
    ("text", "verified"),
    [
        ("`find_error_handler` walks `blueprints` [1].", [True]),
        ("`App.find_error_handler` is defined in src/app.py [1].", [True]),
        ("`open_session` walks `blueprints` [1].", [False]),
        (
            "`find_error_handler` returns from `self.handlers` [1], and `open_session` makes a `Session` [2].",
            [True, True],
        ),
        ("`find_error_handler` returns from `self.handlers` [2], and `open_session` makes one [1].", [False, False]),
        ("`return self.handlers[name]` ends it [1].", [True]),
        ("Sessions are stored in signed cookies [3].", [True]),
        ("Passwords live in the database forever [3].", [False]),
        ("It is so [3].", [False]),
        ("`open_session` opens it. [2]", [True]),
        ("`open_session` opens it [2][1].", [True, False]),
        ("`open_session` is here [2]. `frobnicate` is there [2].", [False]),
        ("[2]", [False]),
    ],
)
def test_a_citation_is_verified_against_its_span(text: str, verified: list[bool]) -> None:
    assert _verified(text) == verified


@pytest.mark.parametrize(
    ("statement", "verified"),
    [
        ("`Cart` inherits from `Store`", True),
        ("`Cart` inherits from `Store` and `base.Sized`", True),
        ("`Cart` inherits from `Cart`", False),
        ("`Cart` inherits from `item`", False),
        ("`add` calls `limit` and `put`", True),
        ("`add` calls `add`", False),
        ("`Cart.add` calls `count`", False),
        ("`Cart.add` takes `item: str` and `count=1`", True),
        ("`Cart.add` takes `limit`", False),
        ("`add` raises `errors.Full`", True),
        ("`add` raises `Store`", False),
        ("`Cart` is defined in `src/shop/cart.py`", True),
        ("`Cart` is defined in `cart.py`", True),
        ("`Cart` is defined in `src/cart.py`", False),
        ("`Store.add` puts the item", False),
        ("`shop.cart.Cart` puts the item", True),
        ("`self.put(item)` puts the item", True),
        ("`count=1` is the default", True),
        ("`count=2` is the default", False),
    ],
)
def test_plain_claims_are_read_off_the_span(statement: str, verified: bool) -> None:
    citations = settle(f"{statement} [1].", [Evidence(1, SHOP)], lambda *_: SHOP.text)[1]
    assert [each.verified for each in citations] == [verified]


def test_the_span_is_read_anew() -> None:
    cited = [Evidence(1, SESSION)]
    text = "`open_session` returns a `Session` [1]."
    assert settle(text, cited, _reread)[1] == (Citation("src/session.py", 3, 5, True, 1),)
    assert settle(text, cited, lambda *_: "def close_session():\n")[1] == (Citation("src/session.py", 3, 5, False, 1),)


def test_a_span_that_is_gone_is_not_cited() -> None:
    cited = [Evidence(1, HANDLERS), Evidence(2, SESSION), Evidence(3, PROSE)]
    text = "`blueprints` first [1], attached[2], and cookies are signed and stored [3]."

    def without_session(path: str, first: int, last: int) -> str | None:
        return None if path == SESSION.path else TEXTS[path]

    shown, citations = settle(text, cited, without_session)
    assert shown == "`blueprints` first [1], attached, and cookies are signed and stored [2]."
    assert [(each.path, each.number, each.verified) for each in citations] == [
        ("src/app.py", 1, True),
        ("docs/guide.md", 2, True),
    ]
    assert settle(text, cited, lambda *_: None) == (
        "`blueprints` first, attached, and cookies are signed and stored.",
        (),
    )
