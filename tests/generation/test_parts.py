from __future__ import annotations

import pytest

from engine.generation.parts import in_full, parts_of


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "What does Session.send take, and where is it defined?",
            ("What does Session.send take?", "where is Session.send defined?"),
        ),
        (
            "any idea where `send_all` is and in what cases it fails?",
            ("any idea where `send_all` is?", "in what cases send_all fails?"),
        ),
        ("What calls run_all()? And what are its parameters?", None),
        (
            "What calls run_all()? which are its parameters?",
            ("What calls run_all()?", "which are run_all's parameters?"),
        ),
        (
            "Explain load_app and what does create_app return?",
            ("Explain load_app?", "what does create_app return?"),
        ),
        ("Point me to make_config; who calls it?", ("Point me to make_config?", "who calls make_config?")),
    ],
)
def test_what_asks_two_things_becomes_two_questions(question: str, parts: tuple[str, str] | None) -> None:
    if parts is None:
        first, second = parts_of(question)
        assert first == "What calls run_all()?" and "run_all" in second
    else:
        assert parts_of(question) == parts


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("and who invokes it?", "and who invokes get_db?"),
        ("What are its parameters?", "What are get_db's parameters?"),
        (
            "What does it assume for `depth` if I don't set it?",
            "What does get_db assume for `depth` if I don't set it?",
        ),
        ("and `depth`, what is it by default?", "and `depth`, what is it by default?"),
        ("What does close_db do when it fails?", "What does close_db do when it fails?"),
        ("Who wrote that?", "Who wrote that?"),
    ],
)
def test_it_is_what_was_named_before(question: str, meant: str) -> None:
    assert in_full(question, "get_db") == meant


@pytest.mark.parametrize(
    "question",
    [
        "What does Session.send take?",
        "What is the difference between get_db and close_db, and when do I need either?",
        "I use load_app. What does it return?",
        "How do I read a file and what then?",  # names nothing
        "What do open_all and close_all do?",
        "Where are requests sent and who checks the answer?",
        "There's `get_db` and there's `close_db`. What's each for?",
        "Why does send_all do `a and what`?",
        "",
    ],
)
def test_other_questions_stay_whole(question: str) -> None:
    assert parts_of(question) == (question,)
