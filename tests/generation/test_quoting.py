from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.generation.llama import Llama
from engine.generation.prompt import Piece
from engine.generation.quoting import Quoting
from engine.generation.vocabulary import Vocabulary
from engine.paths import resources
from tests.generation.conftest import Tuned
from tests.generation.spelling import Spelling
from tests.generation.vocabularies import bundled_vocabulary, tiny_vocabulary
from tests.models.tiny import CONTEXT

TEXTS = [
    "src/app.py:3-9 App.run\ndef run(self, größe=None):  \n    return self.go(`x`)\n",
    "Where is `App.run`, and HTTP?",
]
SPELLING = Spelling(TEXTS)

_TOKENS = [
    *sorted(set("\n".join(TEXTS))),
    *"_ Z 2 / - \\ $ @ [ ] ! é ' run App App. .run un(self größe self ru app .py _run HTTP URL e.g Zed zed-".split(),
    *"`, `. `App `xyz `` ``` ). [3 [x -- un_self ): Go go( (self s: -9 src/app 3-9 ppRun -like 's".split(),
    " `",
    "` is `",
    " Run",
    " is_it",
    "go ",
    ". The",
    " of run_",
]
VOCABULARY = Vocabulary([token.encode() for token in [*_TOKENS, "<|end|>"]], [False] * len(_TOKENS) + [True])


@settings(max_examples=250)
@given(st.lists(st.integers(0, 10_000), max_size=14))
def test_what_may_follow_is_what_the_obvious_rule_allows(choices: list[int]) -> None:
    quoting = Quoting(TEXTS, VOCABULARY)
    draft = ""
    for choice in choices:
        logits = np.zeros(len(_TOKENS) + 1, np.float32)
        quoting.restrict(logits)
        allowed = [number for number in range(len(_TOKENS)) if logits[number] == 0]
        assert [_TOKENS[number] for number in allowed] == [
            token for token in _TOKENS if SPELLING.can_begin(draft + token)
        ], draft
        assert quoting.resting == SPELLING.is_right(draft)
        assert (logits[-1] == 0) == quoting.resting  # the draft cannot end inside a name
        chosen = allowed[choice % len(allowed)]
        quoting.accept(chosen)
        draft += _TOKENS[chosen]


SOURCE = """src/größe/session_v2.py:17-42 SessionStore.open_all 2024-05-01
class SessionStore(HTTPBase):
    '''Größe “naïve” — see https://example.org/a-b?c=1 or --max-age=3.5 (日本語). Ελληνικά.'''

    TIMEOUT_2 = 1_000

    def open_all(self, *, retries: int = 3) -> dict[str, list[int]]:\x20\x20
        return self._openAll(`retries`)["x"][0]
"""
QUESTION = "What does SessionStore.open_all return, e.g. for UTF-8?"
PROPERTY = Spelling([SOURCE, QUESTION])


@lru_cache(maxsize=2)
def _risky(vocabulary: Vocabulary) -> np.ndarray:
    return np.asarray([re.search(rb"[A-Z0-9_`\x80-\xff./@-]", token) is not None for token in vocabulary.tokens])


@pytest.mark.parametrize("vocabulary", [tiny_vocabulary, bundled_vocabulary])
@settings(max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_whatever_is_written_names_only_what_was_shown(vocabulary: object, seed: int, length: int) -> None:
    """A walk over real tokens that prefers those with which names are made."""
    tokens = vocabulary()  # type: ignore[operator]
    rng = np.random.default_rng(seed)
    quoting = Quoting([SOURCE, QUESTION], tokens)
    written = b""
    steps = 0
    while steps < length or not quoting.resting:
        allowed = quoting.allowed()
        assert allowed.any()
        assert not (allowed & tokens.control).any()
        if steps >= length:  # the shortest way to the end of a name: there is one
            tick = allowed & tokens.ticks
            allowed = tick if tick.any() else allowed
        risky = allowed & _risky(tokens)
        pool = np.flatnonzero(risky if risky.any() and rng.random() < 0.6 else allowed)
        token = int(rng.choice(pool))
        quoting.accept(token)
        written += tokens.tokens[token]
        steps += 1
        assert steps < length + 400
    assert PROPERTY.is_right(written.decode("utf-8"))  # and no character was cut


WRITABLE = [
    "The function opens the session, then it closes it; see below.",
    "`SessionStore.open_all` takes `self` and `retries`, which defaults to `3`: it's the well-known way (see below)!",
    "It is SessionStore.open_all, in src/größe/session_v2.py:17-42. Lines 17 and 42, or 17-42. Version 3.5?",
    'Größe “naïve” — see https://example.org/a-b or --max-age. TIMEOUT_2 is 1_000, "x"... and HTTPBase too.',
    "The API returns JSON over HTTP, e.g. a URL with an ID. It calls open_all(self) twice: once as 日本語.",
    "``SessionStore`` is a class's name.\n\n- first\n- second\n",
    "`SessionStore`s are `dict[str, list[int]]`-like, and `self._openAll(`...",
    "There is no `UTF-8` here; why should A or I not say so? What does UTF-8 mean?",
]
UNWRITABLE = [
    "It calls open_al",
    "It calls close_all",
    "Session_Store is here",
    "src/session_v2.py",
    "session_v3.py",
    "line 18",
    "lines 17-43",
    "SessionStores",
    "HTTPSBase",
    "the TIMEOUT is",
    "`SessionStor`",
    "`open all`",
    "``",
    "self.open_all(x)",
    "--max-size",
    ".gitignore",
    "closeAll",
    "frobnicate(",
    "as in [3]",
    "größer",
    "Größen",
    "`SessionStore`.close",
    "`SessionStore`_x",
    "and/or",
    "@property",
]


def _refused(text: str) -> str | None:
    """The first token that cannot be written, None if all can, and what is left to end the text."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(resources() / "base_model" / "tokenizer.json"))
    quoting = Quoting([SOURCE, QUESTION], bundled_vocabulary())
    for token in tokenizer.encode(text, add_special_tokens=False).ids:
        if not quoting.allowed()[token]:
            return tokenizer.decode([token])
        quoting.accept(token)
    return None if quoting.resting else "the end"


@pytest.mark.parametrize("text", WRITABLE)
def test_plain_prose_and_what_was_shown_can_be_written(text: str) -> None:
    assert PROPERTY.is_right(text)
    assert _refused(text) is None


@pytest.mark.parametrize("text", UNWRITABLE)
def test_names_that_were_not_shown_cannot(text: str) -> None:
    assert not PROPERTY.is_right(text)
    assert _refused(text) is not None


def test_every_quotation_of_a_random_model_is_copied(tuned: dict[str, Tuned]) -> None:
    with Llama(tuned["llama"].gguf, context=CONTEXT) as llama:
        vocabulary = Vocabulary(*llama.pieces())
        assert vocabulary.tokens == tiny_vocabulary().tokens
        prompt = llama.tokenize(
            [Piece("<|user|>", special=True), Piece(SPELLING.text), Piece("<|assistant|>", special=True)]
        )
        found: list[str] = []
        for seed in range(12):
            quoting = _TextOnly(TEXTS, vocabulary)
            written = b""
            whole = b""
            for token in llama.sample(prompt, max_tokens=150, temperature=2.0, seed=seed, guide=quoting):
                written += vocabulary.tokens[token]
                whole = written if quoting.resting else whole
            assert SPELLING.is_right(whole.decode())
            found += re.findall(r"`{1,2}([^`]+)`{1,2}", whole.decode())
        assert len(found) > 8
        assert max(map(len, found)) > 3


class _TextOnly(Quoting):
    """Without an end, so that there is something to look at."""

    def restrict(self, logits: np.ndarray) -> None:
        logits[~self.allowed()] = -np.inf


def test_a_long_quotation_ends_with_its_word() -> None:
    words = " ".join(["word"] * 60)
    vocabulary = Vocabulary([bytes([byte]) for byte in range(256)], [False] * 256)
    quoting = Quoting([words], vocabulary)
    quoting.accept(ord("`"))
    written = b""
    while True:
        allowed = np.flatnonzero(quoting.allowed())
        byte = max(each for each in allowed if each != ord("`") or len(allowed) == 1)
        quoting.accept(int(byte))
        if byte == ord("`"):
            break
        written += bytes([byte])
    assert words.encode().startswith(written)
    assert written.endswith(b"word")
    assert 78 <= len(written) <= 90


def test_where_nothing_was_shown_there_is_nothing_to_quote() -> None:
    quoting = Quoting([""], tiny_vocabulary())
    allowed = quoting.allowed()
    assert not (allowed & tiny_vocabulary().ticks).any()
    assert allowed.sum() > 200


def test_a_vocabulary_that_cannot_spell_a_name_can_still_end() -> None:
    vocabulary = Vocabulary([b"`", b"na", b"<|end|>"], [False, False, True])
    quoting = Quoting(["name"], vocabulary)
    for token in (0, 1):
        quoting.accept(token)
    logits = np.zeros(3, np.float32)
    quoting.restrict(logits)
    assert np.flatnonzero(logits == 0).tolist() == [2]


@pytest.mark.timeout(20)
def test_a_full_context_of_evidence_costs_milliseconds() -> None:
    vocabulary = bundled_vocabulary()
    text = "".join(f"def handler_{number}(self, request_{number}): return {number}\n" for number in range(300))
    for _ in range(20):
        quoting = Quoting([text], vocabulary)
        quoting.accept(vocabulary.tokens.index(b"`"))
        quoting.restrict(np.zeros(len(vocabulary.tokens), np.float32))
