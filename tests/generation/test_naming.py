from __future__ import annotations

from pathlib import Path

import pytest

from engine.embedding import words
from engine.embedding.words import is_frequent_word
from engine.errors import ModelError
from engine.generation.names import words_in
from engine.generation.naming import is_description


def _found(text: str) -> list[tuple[str, bool]]:
    return [(name.text, name.sure) for name in words_in(text)]


@pytest.mark.parametrize(
    ("text", "word", "sure"),
    [
        ("What does the frobnicate option do?", "frobnicate", True),
        ("Is the 'frobnicate' flag on?", "frobnicate", True),
        ("What is the skip-existing command line option for?", "skip-existing", True),
        ("How does pytest's frobnicate fixture work?", "frobnicate", True),
        ("What does the frobnicate function return?", "frobnicate", False),
        ("Is there an option called frobnicate?", "frobnicate", False),
        ("Who calls frobnicate?", "frobnicate", False),
        ("Where is frobnicate defined?", "frobnicate", False),
        ("When does frobnicate raise an error?", "frobnicate", False),
        ("What does the function frobnicate do?", "frobnicate", False),
        ("Where is the option frobnicate read?", "frobnicate", False),
        ("How is the Frobnicator class used?", "Frobnicator", True),
        ("Which classes inherit from Frobnicator?", "Frobnicator", False),
        ("Where is the constant FROBNICATE used?", "FROBNICATE", False),
        ("What are the arguments of frobnicate?", "frobnicate", False),
    ],
)
def test_a_word_where_a_name_is_expected(text: str, word: str, sure: bool) -> None:
    assert (word, sure) in _found(text)


@pytest.mark.parametrize(
    "text",
    [
        "How are carts saved?",
        "What does the `save` option do?",  # a name that looks like one is found elsewhere
        "Is the --save option read?",
        "What is in the save.py file?",
        "Does the GET method differ from the JSON file?",
    ],
)
def test_other_words_are_left_alone(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize("word", ["deprecated", "undocumented", "asynchronous", "optional", "command-line", "boolean"])
def test_what_describes_an_option_is_no_name(word: str) -> None:
    assert is_description(word, sure=True, ordinary=is_frequent_word)


@pytest.mark.parametrize("word", ["frobnicate", "golbal", "banana", "skip-existing", "verbsoe"])
def test_what_only_an_option_can_be_called(word: str) -> None:
    assert not is_description(word, sure=True, ordinary=is_frequent_word)


@pytest.mark.parametrize("word", ["memoization", "helper", "banana", "base64-decoding", "polymorphic"])
def test_what_describes_a_method_is_no_name(word: str) -> None:
    assert is_description(word, sure=False, ordinary=is_frequent_word)


def test_without_the_encoder_every_word_is_a_frequent_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:
        raise ModelError("the encoder is missing")

    for folder in (missing, lambda: tmp_path):
        monkeypatch.setattr(words, "encoder_folder", folder)
        words._words.cache_clear()
        try:
            assert is_frequent_word("frobnicate")
        finally:
            words._words.cache_clear()


def test_inflections_are_frequent_words_too() -> None:
    assert all(map(is_frequent_word, ["question", "questions", "stories", "rebuild", "maker", "creator"]))
    assert not any(map(is_frequent_word, ["frobnicate", "zwimble", "qqx"]))


def test_what_a_class_does_is_not_its_name() -> None:
    assert _found("Why does the Cart class decouple prices from discounts?") == [("Cart", True)]
