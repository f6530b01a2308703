"""What a hosted model wrote is read with patience and believed only where it can be looked up."""

from __future__ import annotations

import json

import pytest

from engine.checking.parts import place_in
from engine.checking.redaction import Identity, Redactor
from engine.checking.verdict import SCHEMA, read_verdict
from engine.errors import CheckError
from engine.verdicts import CheckPart, SourceLines

DRAFT = "`run` starts it [1]. `run` starts it again [2]. It reads /home/grace/x.toml, then *stops*."
PARTS = (
    CheckPart("question", "Question", "?", included=True),
    CheckPart("evidence-1", "a", "x\ny\nz", included=True, path="a.py", first_line=5, last_line=7),
    CheckPart("evidence-2", "b", "x", included=False, path="b.py", first_line=1, last_line=1),
)
CLAIM = {"quote": "`run` starts it [1].", "verdict": "supported", "reason": "Yes.", "lines": []}
AT = {"evidence": 1, "first": 6, "last": 6}


def read(written: str):  # type: ignore[no-untyped-def]  # a shorthand
    draft = Redactor((), Identity("", ())).redact(DRAFT)
    return read_verdict(written, PARTS, place_in(DRAFT, draft))


def claims(*each: object) -> str:
    return json.dumps({"claims": each, "corrected": "", "missing": []})


@pytest.mark.parametrize(
    "form",
    ["{}", "```json\n{}\n```", "Here it is:\n```\n{}\n```\nDone.", "I judged: {} I hope this helps.", "\ufeff {} "],
)
def test_the_object_is_found_in_what_surrounds_it(form: str) -> None:
    found = read(form.replace("{}", claims({**CLAIM, "lines": [AT]})))
    assert [(claim.verdict, claim.lines) for claim in found.claims] == [("supported", (SourceLines("a.py", 6, 6),))]


@pytest.mark.parametrize(
    "written",
    [
        "",
        "no",
        "null",
        "[" * 100_000,
        claims(),
        claims({**CLAIM, "verdict": "true"}),
        claims({"quote": 3}),
        '{"claims": "all fine"}',
    ],
)
def test_nonsense_is_one_sentence(written: str) -> None:
    with pytest.raises(CheckError, match="draft stays as it is"):
        read(written)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [{"evidence": 2, "first": 1, "last": 1}],  # was not sent
        [{"evidence": 9, "first": 1, "last": 1}],
        [{"evidence": 1, "first": 8, "last": 9}],
        [{"evidence": 1, "first": 7, "last": 5}],
    ],
)
def test_a_finding_that_points_to_nothing_that_was_sent_is_undecided(lines: list[object]) -> None:
    found = read(claims({**CLAIM, "lines": lines}))
    assert (found.claims[0].verdict, found.claims[0].lines) == ("undecided", ())
    assert found.warnings


def test_lines_are_cut_to_what_was_sent() -> None:
    found = read(claims({**CLAIM, "lines": [{"evidence": 1, "first": 1, "last": 99}]}))
    assert found.claims[0].lines == (SourceLines("a.py", 5, 7),)


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        ("`run` starts it again [2].", "`run` starts it again [2]."),
        ("run starts it again", "run` starts it again"),  # marks and citations may be lost
        ("  It reads <redacted:home-path>/x.toml", "It reads /home/grace/x.toml"),
        ("x.toml, then stops", "x.toml, then *stops"),
        ("It deletes everything", ""),
    ],
)
def test_quotes_are_found_in_the_draft_as_it_was_shown(quote: str, words: str) -> None:
    (claim,) = read(claims({**CLAIM, "quote": quote})).claims
    if words:
        assert DRAFT[claim.start : claim.end] == words == claim.text
    else:
        assert (claim.start, claim.end, claim.text) == (-1, -1, quote)


def test_a_quote_that_comes_twice_is_found_twice() -> None:
    found = read(claims({**CLAIM, "quote": "`run` starts it"}, {**CLAIM, "quote": "`run` starts it"}))
    first, second = (DRAFT.index("`run`"), DRAFT.rindex("`run`"))
    assert [claim.start for claim in found.claims] == [first, second]


def test_the_schema_is_one_that_strict_modes_take() -> None:
    def check(part: object) -> None:
        if isinstance(part, dict):
            if part.get("type") == "object":
                assert part["additionalProperties"] is False
                assert part["required"] == list(part["properties"])
            for each in part.values():
                check(each)
        elif isinstance(part, list):
            for each in part:
                check(each)

    check(SCHEMA)
