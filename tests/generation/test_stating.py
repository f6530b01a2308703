from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pytest

from engine.chunking import parse
from engine.generation.answering import Answering, spoken
from engine.generation.quoting import Quoting
from engine.generation.stating import Stating, parts_of_parameter
from engine.types import Chunk, Evidence, SourceFile, sha256_hex
from tests.generation.tables import Table
from tests.generation.test_answering import CITES, CONTROLS, ENDS, NOTHING, VOCABULARY

SOURCE = '''class Session(Base, metaclass=Meta):
    """A session."""

    def __init__(self, url: str, *, retries: int = 3) -> None:
        self.url = url

    def send(self, request, timeout=None, **kwargs):
        if not request:
            raise ValueError("nothing to send")
        adapter = self.adapter_for(request)
        return adapter.send(request, **kwargs)

    def close(self):
        for each in self.adapters:
            each.close()


def get(url, timeout: dict[str, int] = {"read": 3}):
    if url is None:
        raise errors.MissingUrl
    return Session(url).send(
        url,
    )
'''


def _table(source: str, path: str = "src/session.py") -> tuple[Table, list[Chunk]]:
    parsed = parse(SourceFile(path, source, sha256_hex(source), "python", len(source), 0))
    return Table(symbols=list(parsed.symbols), references=list(parsed.references)), list(parsed.chunks)


def _whole(source: str, path: str = "src/session.py") -> Stating:
    table, _ = _table(source, path)
    chunk = Chunk(path, 1, source.count("\n") + 1, source, "module", "python")
    return Stating([Evidence(1, chunk)], table)


@pytest.fixture(scope="module")
def stating() -> Stating:
    return _whole(SOURCE)


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("`Session.send` takes `", ["request`, `timeout` and `**kwargs`."]),
        ("`send` takes `", ["request`, `timeout` and `**kwargs`."]),
        (". `send` takes `request`, `ti", ["meout` and `**kwargs`."]),
        ("`Session` takes `", ["url` and `retries`."]),  # what its __init__ takes
        ("`Session.close` takes no", [" arguments."]),
        ("`Session` inherits from ", ["`Base`."]),
        ("`Session.send` is defined in ", ["`src/session.py`."]),
        ("`Session.send` in `", ["src/session.py` does that."]),
        ("`timeout` defaults to ", ["`None` in `Session.send`.", '`{"read": 3}` in `get`.']),
        ("`retries` defaults to `", ["3` in `Session`.", "3` in `Session.__init__`."]),
        ("`timeout` is of type ", ["`dict[str, int]` in `get`."]),
        ("`Session.send` returns `", ["adapter.send(request, **kwargs)`."]),
        ("`Session.send` raises `", ["ValueError`"]),
        ("`get` raises `err", ["ors.MissingUrl`"]),
        ("`Session.send` calls `", ["ValueError`", "adapter_for`", "send`"]),
        ("`Session.send` calls `adapter_for`, `", ["ValueError`", "send`"]),
        ("`Session.send` calls `adapter_for` and returns `ad", ["apter.send(request, **kwargs)`."]),
        (", while `Session.send` calls `adapter_for`, raises `V", ["alueError`"]),
        ("`src/session.py` defines `", ["Session` and `get`."]),
        ("`Session.send` inherits", []),
    ],
)
def test_what_the_graph_knows_follows(stating: Stating, text: str, following: list[str]) -> None:
    assert sorted(stating.following(text, [1])) == sorted(following)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "`Session.send` takes a request",
        "`Session.send` returns the answer",
        "`Session.send` raises an error",
        "`Session.send` calls `adapter_for`",
        "`Session.send` calls `adapter_for` and ",
        "`Session.send` takes `request`, `timeout` and `**kwargs`.",
        "`nobody` takes ",
        "`request` defaults to `",  # it has no default
        "`get` inherits from ",
        "`Session.close` returns `",
        "`get` returns `",  # goes on in the next line
        "The session takes ",
    ],
)
def test_anything_follows_elsewhere(stating: Stating, text: str) -> None:
    assert stating.following(text, [1]) == []


TOLD = """#!/usr/bin/env python
\"\"\"
Send requests and
read answers. More of it.
\"\"\"

def send(request):
    \"\"\"Return the answer to a request.

    It may take a while.
    \"\"\"
    # the clock starts here because redirects count.
    start = clock()
    return wait(start)


class Pool:
    \"\"\"Keeps connections open, so that others can use them.\"\"\"


def once(x):
    \"\"\"The first of several\"\"\"
"""


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("`src/session.py` sends ", ["requests and read answers"]),
        ("`send` returns the ", ["answer to a request"]),
        (". `send` returns the answer t", ["o a request"]),
        ("`Pool` keeps connections", [" open, so that others can use them"]),
        ("`once` is the ", ["first of several"]),
        ("The clock starts", [" here because redirects count"]),
        ("`send` returns `", ["wait(start)`."]),
        # where the first words leave a choice
        ("`once` is ", ["defined in `", "the first of several"]),
        ("`once` takes ", ["`"]),
        ("`once`:", []),
        ("`send` returns ", ["`", "the answer to a request"]),
        (
            "`Pool`",
            [
                " has no base class",
                " in `",
                " is defined in `",
                " keeps connections open, so that others can use them",
            ],
        ),
        ("`src/session.py` ", ["sends requests and read answers"]),  # rather than what it defines
        ("The clock", []),
        ("`send` returns the answer to a request", []),
        ("`send` returns an ", []),
    ],
)
def test_a_sentence_that_has_begun_is_said_to_its_end(text: str, following: list[str]) -> None:
    assert sorted(_whole(TOLD).following(text, [1])) == sorted(following)


def test_whether_the_parameter_asked_about_is_there() -> None:
    table, _ = _table(SOURCE)
    evidence = [Evidence(1, Chunk("src/session.py", 1, SOURCE.count("\n") + 1, SOURCE, "module", "python"))]
    for question, there in (
        ("What is the default of timeout in Session.send?", True),
        ("`retries` of Session: which type?", True),
        ("What is the default of depth in Session.send?", False),
        ("What does Session.send take?", False),
        ("What is timeout?", False),
    ):
        assert Stating(evidence, table, question).has_what_is_asked is there


def test_odd_files_are_read_at_once() -> None:
    """A pattern that tried every way to part the blank lines would never end."""
    for odd in ("\n" * 400 + "x = 1\n", "# \n" * 300, f"# {'.' * 40}\n# {' ' * 40}x\n", '"""never closed\n' * 3):
        assert _whole(odd).following("The ", [1]) == []


def test_what_cannot_be_said_of_a_definition_is_not_begun(stating: Stating) -> None:
    said = {name: set(stating.following(f"`{name}`", [1])) for name in ("Session", "Session.send", "Session.close")}
    placed = {" is defined in `", " in `"}
    assert said["Session"] == {*placed, " takes `", " inherits from `"}
    assert said["Session.send"] == {*placed, " takes `", " calls `", " raises `", " returns `"}
    assert said["Session.close"] == {*placed, " takes no arguments.", " calls `"}


def test_a_statement_is_about_what_its_evidence_holds(stating: Stating) -> None:
    subjects = stating.following("`", [1])
    assert {"Session`", "Session.send`", "get`", "timeout`", "kwargs`", "src/session.py`"} <= set(subjects)
    assert "request.headers`" not in subjects and "send`" not in subjects
    assert stating.following(", while `Session.c", [1]) == ["lose`"]
    assert stating.following("`timeout`", [1]) == [" defaults to `", " is of type `"]
    assert {" takes no arguments."} == {each for each in stating.following("`Session.close`", [1]) if "takes" in each}
    table, _ = _table(SOURCE)
    part = Chunk("src/session.py", 10, 11, "\n".join(SOURCE.split("\n")[9:11]), "method", "python", "Session.send")
    assert stating.following("`nobody`", [1]) == []
    assert Stating([Evidence(1, part)], table).following("`", [1]) == ["Session.send`", "src/session.py`"]
    script = Chunk("src/session.js", 1, 1, "function send() {}", "function", "javascript", "send")
    assert Stating([Evidence(1, script)], table).following("`", [1]) == []


def test_only_what_the_statement_points_at_counts(stating: Stating) -> None:
    assert stating.following("`Session.send` takes `", [2]) == []
    assert stating.following("`Session.send` takes `", []) == []
    table, _ = _table(SOURCE)
    head = Chunk("src/session.py", 1, 6, "\n".join(SOURCE.split("\n")[:6]), "class", "python", "Session")
    only = Stating([Evidence(3, head)], table)
    assert only.following("`Session` takes `", [3]) == ["url` and `retries`."]
    assert only.following("`Session.send` takes `", [3]) == []  # it begins below


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("`nothing` defaults to", True),
        (". `nothing` is of type `", True),
        ("`request` defaults to", True),
        ("`retries` defaults to", False),
        ("`request` is of type", True),
        ("`timeout` defaults to", False),
        ("`nothing` defaults", False),
        ("`nothing` takes", False),
        ("", False),
    ],
)
def test_a_parameter_that_nothing_here_has_is_denied(stating: Stating, text: str, denied: bool) -> None:
    assert stating.denies(text, [1]) is denied
    assert not stating.denies(text, [])
    assert not stating.denies(text, [2])


def test_a_parameter_that_a_docstring_tells_of_is_not_denied() -> None:
    told = _whole('def f(*args):\n    """Do it.\n\n    depth: how far to go.\n    - width (int) as well\n    """\n')
    assert not told.denies("`depth` defaults to", [1])
    assert not told.denies("`width` is of type", [1])
    assert told.denies("`height` is of type", [1])


def _answering(stating: Stating) -> Answering:
    return Answering(
        VOCABULARY,
        CONTROLS,
        lambda _: Quoting([SOURCE], VOCABULARY),
        shown=1,
        free=False,
        refuse_above=0.5,
        stating=stating,
    )


def _said(stating: Stating, text: str) -> str:
    """Return what is shown of a model that cites the first evidence and says ``text``."""
    answering = _answering(stating)

    def tokens() -> Generator[int]:
        for token in (CITES[0], *(VOCABULARY.tokens.index(letter.encode()) for letter in text)):
            answering.accept(token)
            yield token

    return "".join(spoken(tokens(), answering, VOCABULARY, CONTROLS))


def test_what_nothing_has_is_refused_and_what_was_said_before_stays(stating: Stating) -> None:
    assert _said(stating, "`nothing` defaults to `3` in `get`.") == "The repository does not say."
    assert _said(stating, "`timeout` defaults to `None` in `Session.send`.") == (
        "`timeout` defaults to `None` in `Session.send` [1]."
    )
    assert _said(stating, "`Session` is in") == "`Session` is in [1]"


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("url", ("url", "", "")),
        ("*args", ("*args", "", "")),
        ("timeout=None", ("timeout", "", "None")),
        ("x: int", ("x", "int", "")),
        ("x: dict[str, int] = {'a': 1}", ("x", "dict[str, int]", "{'a': 1}")),
        ("f=lambda a: a", ("f", "", "lambda a: a")),
        ("x: Callable[[int], str] | None = None", ("x", "Callable[[int], str] | None", "None")),
        ('sep: str = ":="', ("sep", "str", '":="')),
    ],
)
def test_parts_of_a_parameter(written: str, parts: tuple[str, str, str]) -> None:
    assert parts_of_parameter(written) == parts


def test_a_model_that_would_say_otherwise_says_what_the_signature_does(stating: Stating) -> None:
    """The tokens that come first in the vocabulary are always the likeliest: left alone they would spell nonsense."""
    answering = _answering(stating)

    def choose(wanted: str = "") -> int:
        logits = np.linspace(1.0, 0.0, len(VOCABULARY.tokens), dtype=np.float32)
        logits[NOTHING] = -9.0
        if wanted:
            logits[VOCABULARY.tokens.index(wanted.encode())] = 9.0
        answering.restrict(logits)
        token = int(logits.argmax())
        assert np.isfinite(logits[token])
        answering.accept(token)
        return token

    assert choose() == CITES[0]
    for letter in "`Session.send` takes `":
        assert VOCABULARY.tokens[choose(letter)] == letter.encode()
    said = b""
    while not said.endswith(b"."):
        said += VOCABULARY.tokens[choose()]
    assert said == b"request`, `timeout` and `**kwargs`."
    assert answering.resting
    logits = np.zeros(len(VOCABULARY.tokens), np.float32)
    answering.restrict(logits)
    assert np.isfinite(logits[list(ENDS)]).all()


def test_the_vocabulary_knows_what_begins_a_text() -> None:
    mask = VOCABULARY.along(["`ab", "日"])
    allowed = {VOCABULARY.tokens[token] for token in np.flatnonzero(mask)}
    assert b"`" in allowed and b"a" not in allowed
    assert all(b"`ab".startswith(each) or "日".encode().startswith(each) for each in allowed)
