from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.generation.llama import Llama
from engine.generation.prompt import Piece
from engine.generation.quoting import Quoting, Vocabulary
from tests.generation.conftest import Tuned
from tests.models.tiny import CONTEXT

TEXTS = ["src/app.py:3-9 App.run\ndef run(self, größe=None):\n    return self.go(`x`)\n", "Where is `App.run`?"]
TEXT = "\n" + "\n".join(TEXTS) + "\n"


def _can_begin(draft: str) -> bool:
    """The slow, obvious rule: is there a text with this beginning whose quotations are all runs of whole words?"""
    rest = draft
    while "`" in rest:
        rest = rest.split("`", 1)[1]
        ticks = "`"
        if rest.startswith("`"):
            ticks, rest = "``", rest[1:]
            if rest.startswith("`"):
                return False
        quoted, closed, after = rest.partition("`")
        if "\n" in quoted:
            return False
        if not closed:
            return not quoted or bool(_places(quoted))
        if (
            not quoted
            or quoted.endswith(" ")
            or not any(not _inside_word(place + len(quoted)) for place in _places(quoted))
        ):
            return False
        rest = after
        if ticks == "``":
            if after and not after.startswith("`"):
                return False
            rest = after[1:]
    return True


def _places(quoted: str) -> list[int]:
    found = [match.start() for match in re.finditer(f"(?={re.escape(quoted)})", TEXT)]
    return [place for place in found if not TEXT[place].isspace() and not _inside_word(place)]


def _inside_word(place: int) -> bool:
    return bool(re.fullmatch(r"\w\w", TEXT[place - 1 : place + 1]))


_TOKENS = [
    *sorted(set("\n".join(TEXTS))),
    *[
        "run",
        "App",
        " `",
        "``",
        "`,",
        "App.",
        ".run",
        "`.",
        "un(self",
        "`App",
        "`xyz",
        "größe",
        "` is `",
        "self",
        "```",
        "ru",
    ],
]
VOCABULARY = Vocabulary([token.encode() for token in [*_TOKENS, "<|end|>"]], [False] * len(_TOKENS) + [True])


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 10_000), max_size=14))
def test_what_may_follow_is_what_the_obvious_rule_allows(choices: list[int]) -> None:
    quoting = Quoting(TEXTS, VOCABULARY)
    draft = ""
    for choice in choices:
        logits = np.zeros(len(_TOKENS) + 1, np.float32)
        quoting.restrict(logits)
        allowed = [number for number in range(len(_TOKENS)) if logits[number] == 0]
        assert [_TOKENS[number] for number in allowed] == [token for token in _TOKENS if _can_begin(draft + token)]
        assert (logits[-1] == 0) == (quoting._state.at is None)  # the draft cannot end inside a quotation
        chosen = allowed[choice % len(allowed)]
        quoting.accept(chosen)
        draft += _TOKENS[chosen]


def test_every_quotation_of_a_random_model_is_copied(tuned: dict[str, Tuned]) -> None:
    with Llama(tuned["llama"].gguf, context=CONTEXT) as llama:
        vocabulary = Vocabulary(*llama.pieces())
        prompt = llama.tokenize([Piece("<|user|>", special=True), Piece(TEXT), Piece("<|assistant|>", special=True)])
        control = [number for number, special in enumerate(vocabulary.control) if special]
        found: list[str] = []
        for seed in range(12):
            pieces = llama.generate(
                prompt,
                max_tokens=150,
                temperature=2.0,
                seed=seed,
                forbidden=control,
                guide=Quoting(TEXTS, vocabulary),
            )
            found += _quotations("".join(pieces))
        assert len(found) > 8
        assert max(map(len, found)) > 3
        assert all(_can_begin(f"`{quoted}`") for quoted in found)


def _quotations(draft: str) -> Iterator[str]:
    for match in re.finditer(r"(`{1,2})([^`]+)\1", draft):
        yield match.group(2)


def test_a_long_quotation_ends_with_its_word(tuned: dict[str, Tuned]) -> None:
    words = " ".join(["word"] * 60)
    vocabulary = Vocabulary([bytes([byte]) for byte in range(256)], [False] * 256)
    quoting = Quoting([words], vocabulary)
    quoting.accept(ord("`"))
    written = b""
    while True:
        logits = np.zeros(256, np.float32)
        quoting.restrict(logits)
        allowed = [byte for byte in range(256) if logits[byte] == 0]
        byte = max(each for each in allowed if each != ord("`") or len(allowed) == 1)
        quoting.accept(byte)
        if byte == ord("`"):
            break
        written += bytes([byte])
    assert words.encode().startswith(written)
    assert written.endswith(b"word")
    assert 78 <= len(written) <= 90


@pytest.mark.timeout(20)
def test_a_full_context_of_evidence_costs_milliseconds(tuned: dict[str, Tuned]) -> None:
    with Llama(tuned["llama"].gguf, context=CONTEXT) as llama:
        vocabulary = Vocabulary(*llama.pieces())
    text = "".join(f"def handler_{number}(self, request_{number}): return {number}\n" for number in range(300))
    for _ in range(20):
        quoting = Quoting([text], vocabulary)
        quoting.accept(vocabulary.tokens.index(b"`"))
        quoting.restrict(np.zeros(len(vocabulary.tokens), np.float32))
