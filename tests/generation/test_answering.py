from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ModelError
from engine.generation.answering import Answering, Controls, copied_from, read_refuse_above, spoken
from engine.generation.prompt import highlights
from engine.generation.quoting import Quoting
from engine.types import Chunk, Evidence, MissingName
from tests.generation.spelling import Spelling
from tests.generation.vocabularies import tiny_vocabulary
from tests.models.tiny import SPECIAL_TOKENS

VOCABULARY = tiny_vocabulary()
NUMBER = {token: VOCABULARY.tokens.index(token.encode()) for token in SPECIAL_TOKENS}
CITES = tuple(NUMBER[f"<|cite_{number}|>"] for number in range(1, 17))
NOTHING = NUMBER["<|nothing|>"]
ENDS = (NUMBER["<|end|>"], NUMBER["<|endoftext|>"])
CONTROLS = Controls(CITES, NOTHING, ENDS)
TEXTS = ["src/open.py:1-9 Store.open_all\ndef open_all(self, größe=3):\n    return 2\n", "What does open_all do?"]


def _answering(shown: int = 2, *, free: bool = False, refuse_above: float = 0.5, names: bool = True) -> Answering:
    quoting = Quoting(TEXTS, VOCABULARY) if names else None
    return Answering(
        VOCABULARY,
        CONTROLS,
        (lambda _: quoting) if quoting else None,
        shown=shown,
        free=free,
        refuse_above=refuse_above,
    )


def _allowed(answering: Answering, **likely: float) -> set[int]:
    logits = np.zeros(len(VOCABULARY.tokens), np.float32)
    for token, value in likely.items():
        logits[NUMBER[f"<|{token}|>"]] = value
    before = logits.copy()
    answering.restrict(logits)
    kept = np.flatnonzero(np.isfinite(logits))
    assert np.array_equal(logits[kept], before[kept])
    return {int(token) for token in kept}


def _text(word: str) -> int:
    return VOCABULARY.tokens.index(word.encode())


# -- the first token ------------------------------------------------------------------------------


def test_an_answer_begins_with_where_to_look_or_is_a_refusal() -> None:
    answering = _answering(shown=3)
    assert _allowed(answering) == set(CITES[:3])
    assert answering.refusal == pytest.approx(0.25)
    assert _allowed(_answering(shown=3), nothing=5.0) == {NOTHING}
    assert _allowed(_answering(shown=3), nothing=5.0, cite_9=50.0) == {NOTHING}  # what cannot come does not count


def test_the_bound_is_the_measured_one() -> None:
    for bound, expected in ((0.26, set(CITES[:3])), (0.24, {NOTHING}), (0.0, {NOTHING}), (1.0, set(CITES[:3]))):
        answering = _answering(shown=3, refuse_above=bound)
        assert _allowed(answering) == expected
        assert answering.refusal == pytest.approx(0.25)


@pytest.mark.parametrize("names", [True, False])
def test_text_comes_first_only_without_evidence_or_where_a_name_is_missing(names: bool) -> None:
    missing = _allowed(_answering(shown=2, free=True, names=names))
    assert set(CITES[:2]) < missing
    assert not missing & {NOTHING, *CITES[2:], *ENDS}
    without = _answering(shown=0, names=names)
    first = _allowed(without)
    assert first == missing - set(CITES)
    assert without.refusal == pytest.approx(1 / (len(first) + 1))
    assert _allowed(_answering(shown=0, names=names), nothing=20.0) == {NOTHING}


def test_a_refusal_is_known_once_it_was_decided() -> None:
    answering = _answering()
    assert answering.refusal is None
    _allowed(answering, nothing=-1.0)
    decided = answering.refusal
    answering.accept(CITES[0])
    _allowed(answering, nothing=9.0)
    assert answering.refusal == decided


# -- and those behind it --------------------------------------------------------------------------


def test_a_statement_has_words_before_it_ends() -> None:
    answering = _answering(shown=3)
    _allowed(answering)
    answering.accept(CITES[1])
    cited = _allowed(answering)
    assert cited & set(CITES) == {CITES[0], CITES[2]}  # several, each once
    assert not cited & {NOTHING, *ENDS}
    answering.accept(_text(" "))
    assert not _allowed(answering) & {NOTHING, *ENDS}
    answering.accept(_text("The"))
    said = _allowed(answering)
    assert said >= {*CITES[:3], *ENDS, _text(".")}
    assert NOTHING not in said
    answering.accept(CITES[1])
    assert not _allowed(answering) & set(ENDS)


def test_nothing_ends_or_is_cited_inside_a_name() -> None:
    answering = _answering()
    _allowed(answering)
    for token in (CITES[0], _text("`"), _text("o")):
        answering.accept(token)
        assert not _allowed(answering) & set(ENDS)
    assert not _allowed(answering) & set(CITES)
    for letter in "pen_all":
        answering.accept(_text(letter))
    assert not _allowed(answering) & {*CITES, *ENDS}
    answering.accept(_text("`"))
    assert _allowed(answering) >= {*CITES[:2], *ENDS}


# -- whole answers --------------------------------------------------------------------------------


def _walk(answering: Answering, seed: int, length: int) -> Generator[int, None, None]:
    rng = np.random.default_rng(seed)
    for _ in range(length):
        logits = rng.normal(size=len(VOCABULARY.tokens)).astype(np.float32) * 3
        logits[list(CITES)] += 2
        answering.restrict(logits)
        token = int(logits.argmax())
        assert np.isfinite(logits[token])
        answering.accept(token)
        if token in ENDS:
            return
        yield token


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 60), st.integers(0, 3), st.booleans())
def test_every_answer_keeps_to_the_grammar_wherever_it_is_cut(seed: int, length: int, shown: int, free: bool) -> None:
    answering = _answering(shown, free=free)
    text = "".join(spoken(_walk(answering, seed, length), answering, VOCABULARY, CONTROLS))
    without = re.sub(rf" (?:\[[1-{shown}]\])+", "", text) if shown else text
    assert Spelling(TEXTS).is_right(without) or text == "The repository does not say."


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (["`a`", " calls ", "`a`", ", ", "`b`", ", ", "`b`", ", ", "`c`", "."], "`a` calls `a`, `b`."),
        (["`a`", " takes `b`", " and ", "`c`", "."], "`a` takes `b` and `c`."),
        (["`a`", ", ", "`b`", ","], "`a`, `b`,"),
    ],
)
def test_a_list_ends_where_it_would_name_something_again(written: list[str], shown: str) -> None:
    tokens = [_text(each) for text in written for each in text]
    answering = _answering(names=False)

    def chosen() -> Generator[int]:
        for token in (CITES[0], *tokens):
            answering.accept(token)
            yield token

    said = "".join(spoken(chosen(), answering, VOCABULARY, CONTROLS))
    assert said == shown.removesuffix(".") + " [1]" + "." * shown.endswith(".")


def test_a_statement_names_what_stands_where_it_points() -> None:
    texts = {1: "alpha_1", 2: "beta_2", 3: "gamma_3"}

    def names(numbers: tuple[int, ...]) -> Quoting:
        return Quoting([texts[number] for number in numbers or texts], VOCABULARY)

    def begins(*cited: int) -> set[str]:
        answering = Answering(VOCABULARY, CONTROLS, names, shown=3, free=True, refuse_above=0.5)
        for token in (*(CITES[number - 1] for number in cited), _text("`")):
            assert token in _allowed(answering)
            answering.accept(token)
        return {text[0] for text in texts.values() if _text(text[0]) in _allowed(answering)}

    assert begins(2) == {"b"}
    assert begins(3, 1) == {"a", "g"}
    assert begins() == {"a", "b", "g"}


def test_a_draft_that_goes_round_in_circles_is_stopped() -> None:
    pulled = []

    def tokens(answering: Answering) -> Generator[int, None, None]:
        for token in [CITES[0], _text("The"), _text("."), CITES[0], _text(" "), _text("The"), _text(".")] * 4:
            answering.accept(token)
            pulled.append(token)
            yield token

    answering = _answering()
    assert "".join(spoken(tokens(answering), answering, VOCABULARY, CONTROLS)) == "The [1]."
    assert len(pulled) == 8


def test_a_statement_that_turns_in_circles_is_stopped() -> None:
    def tokens(answering: Answering) -> Generator[int, None, None]:
        for token in [CITES[0], *map(_text, "to be or not to make a list" + " to make a list" * 50)]:
            answering.accept(token)
            yield token

    answering = _answering(names=False)
    said = "".join(spoken(tokens(answering), answering, VOCABULARY, CONTROLS))
    assert said == "to be or not to make a list to make a li [1]."  # known by its end

    other = _answering(names=False)
    listed = [CITES[0], *map(_text, "takes `alpha_one`, `alpha_two`, `alpha_three` and `alpha_four`.")]
    for token in listed:
        other.accept(token)
        assert not other.looping


# -- what is read ---------------------------------------------------------------------------------


def test_the_bound_is_half_where_none_was_measured(tmp_path: Path) -> None:
    assert read_refuse_above(tmp_path) == 0.5
    assert read_refuse_above(tmp_path / "model.gguf") == 0.5
    (tmp_path / "model.gguf").write_bytes(b"")
    assert read_refuse_above(tmp_path / "model.gguf") == 0.5
    for text, expected in (("{}", 0.5), ('{"refuse_above": 0.37}', 0.37), ('{"refuse_above": 1}', 1.0)):
        (tmp_path / "answering.json").write_text(text)
        assert read_refuse_above(tmp_path) == expected


@pytest.mark.parametrize("value", ['"0.5"', "true", "null", "NaN", "1.01", "-0.1", "[]", "", "0.5}"])
def test_a_damaged_bound_is_told(tmp_path: Path, value: str) -> None:
    (tmp_path / "answering.json").write_text(f'{{"refuse_above": {value}}}')
    with pytest.raises(ModelError, match=r"answering\.json (cannot be read|has to be a number from 0 to 1)"):
        read_refuse_above(tmp_path)


def test_names_come_from_the_question_the_evidence_and_what_a_class_defines() -> None:
    text = (
        "class Store(Base):\n    limit = 3\n\n    def open(self):\n        def helper(): ...\n        return helper\n\n"
        "    async def close(self): ...\n"
    )
    long = f"{'x' * 50}_{'y' * 200} = open_one\nline two\nline three\nline four\nline five\nline six\n"
    evidence = [
        Evidence(1, Chunk("src/store.py", 1, 8, text, "class", "python", symbol="Store")),
        Evidence(2, Chunk("src/one.py", 1, 6, long, "block", "python")),
    ]
    question = "Does open_one use frob?"
    cut = {line for _, line in highlights(question, evidence)}
    assert any(line not in ("", *long.split("\n"), *text.split("\n")) for line in cut)
    found = copied_from(question, evidence, [MissingName("frob", "symbol")])
    assert not cut & {each.strip() for each in found}
    assert {"Store.open", "Store.close", question, "There is no frob here.\n"} <= set(found)
    assert not any("helper" in each and "." in each and "\n" not in each for each in found)
    assert any(each.startswith("src/store.py:1-8 Store\n") for each in found)


def test_a_bound_has_its_name(tmp_path: Path) -> None:
    (tmp_path / "answering.json").write_text("[0.5]")
    with pytest.raises(ModelError, match="has to be a number from 0 to 1"):
        read_refuse_above(tmp_path)
