from __future__ import annotations

import math

import pytest

from engine.evaluation.asking import Gold
from engine.evaluation.marking import canonical, cites, holds, is_exact, is_refusal, of_facts, overlap
from engine.types import Citation, Fact

SPANS = (("a.py", 3, 4),)
TAKES = Gold(
    "`Tree.water` takes `litres` and `*hoses`", SPANS, ("litres", "*hoses"), ("self",), ("Tree.water", "water")
)
WHAT = Gold("`Tree.water` pours water, gently", SPANS, about=("Tree.water", "water"))


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("`Tree.water` takes `litres` and `*hoses` [1].", True),
        ("[1]`hoses`, `litres`", True),
        ("`water()` takes `self`, `litres` and `hoses`", True),
        ("`Tree.water` takes `litres` [1].", False),
        ("`Tree.water` takes `litres`, `*hoses` and `force`.", False),
        ("It takes litres and hoses.", False),
        ("The repository does not say.", False),
    ],
)
def test_a_lookup_is_right_when_it_quotes_the_values_and_nothing_else(text: str, right: bool) -> None:
    assert is_exact("arguments", text, TAKES) is right


def test_values_are_compared_as_python_reads_them() -> None:
    assert canonical('"high"') == canonical("'high'") == canonical("high")
    assert canonical("{'a':1}") == canonical('{ "a": 1 }')
    assert canonical("close()") == canonical("close")
    assert canonical("**options") == canonical("options")
    assert canonical("1e-3") == canonical("0.001")
    assert canonical("x.y(1)") != canonical("x.y")
    assert canonical("a b") == canonical(" a b ")  # what does not parse stands for itself


def test_where_nothing_is_to_be_quoted_the_words_decide() -> None:
    gold = Gold("`f` takes no arguments", SPANS, about=("f",))
    assert is_exact("arguments", "[1] `f()` takes no arguments.", gold)
    assert not is_exact("arguments", "`f` takes arguments", gold)
    assert not is_exact("arguments", "", gold)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("[1]`Tree.water` pours water, gently.", True),
        ("`water` pours WATER gently [2][3]", True),
        ("Pours water gently", True),
        ("`Tree.water` gently pours water.", False),
        ("`Tree.fell` pours water, gently.", False),
    ],
)
def test_a_sentence_is_right_when_its_words_are(text: str, right: bool) -> None:
    assert is_exact("what", text, WHAT) is right


def test_which_may_name_the_file_but_has_to_name_the_symbol() -> None:
    gold = Gold("`Tree.water` in `a.py` does that", SPANS, ("Tree.water",), ("a.py",))
    assert is_exact("which", "`Tree.water` does that", gold)
    assert is_exact("which", gold.text, gold)
    assert not is_exact("which", "`Tree.water` in `b.py` does that", gold)
    assert not is_exact("which", "`a.py`", gold)


def test_overlap_counts_words_but_not_those_that_the_question_gave() -> None:
    assert overlap("`Tree.water` pours water, gently [1].", WHAT) == 1.0
    assert overlap("`Tree.water` pours", WHAT) == pytest.approx(2 / 3)  # of "pours gently"; "water" is its own name
    assert overlap("`Tree.water`", WHAT) == 0.0
    assert overlap("There is no `water` here.", WHAT) == 0.0
    assert overlap("pours pours gently", WHAT) == pytest.approx(0.8)


def test_refusals() -> None:
    assert is_refusal("The repository does not say.")
    assert is_refusal("[1] There is no `frobnicate` in this repository.")
    assert not is_refusal("`f` says that there is no limit.")
    assert not is_refusal("")


def test_a_citation_is_right_when_it_holds_what_the_answer_is_read_from() -> None:
    right, wrong, part = Citation("a.py", 1, 9), Citation("b.py", 1, 9), Citation("a.py", 4, 9)
    assert cites([right, wrong], WHAT) == 0.5
    assert cites([part], WHAT) == 0.0
    assert math.isnan(cites([], WHAT))


def test_what_was_shown_may_hold_the_answer_in_pieces() -> None:
    assert holds([("a.py", 1, 3), ("a.py", 4, 4)], WHAT)
    assert not holds([("a.py", 1, 3), ("b.py", 1, 9)], WHAT)


def test_facts_are_exact_in_their_own_words() -> None:
    takes = Fact("`Tree.water` takes `litres: float = 2.5` and `*hoses`.", (Citation("a.py", 3, 9),))
    assert of_facts("arguments", [takes], TAKES)
    where = Gold("`f` is defined in `a.py`", SPANS, ("a.py",), about=("f",))
    assert of_facts("where", [Fact("`f` is a function defined in a.py:3-9.", (Citation("a.py", 3, 9),))], where)
    assert not of_facts("where", [Fact("`f` is a function defined in b.py:3.", (Citation("b.py", 3, 3),))], where)
    assert not of_facts("where", [], where)
    none = Gold("`f` takes no arguments", SPANS, about=("f",))
    assert of_facts("arguments", [Fact("`f` takes no arguments.", ())], none)
    assert not of_facts("what", [Fact("`Tree.water` pours water, gently.", ())], WHAT)


def test_what_sets_two_apart_may_begin_with_either() -> None:
    gold = Gold("`a` opens it, while `b` closes it", SPANS, about=("a", "b"))
    for right in ("`a` opens it [1], while `b` closes it [2].", "`b` closes it [1], while `a` opens it [2]."):
        assert is_exact("difference", right, gold)
    for wrong in ("`a` opens it [1].", "`a` closes it, while `b` opens it.", "`a` opens it, while `b` closes it, `c`."):
        assert not is_exact("difference", wrong, gold)
