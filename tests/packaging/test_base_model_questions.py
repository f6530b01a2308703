"""The question generator: its answers cite the block that says it, and its documents are the engine's prompts."""

from __future__ import annotations

import random
import re

import pytest
from basemodel import questions, vocabulary
from basemodel.definitions import Definition, definitions
from basemodel.encode import document_tokens, encode_plain, fim_tokens
from basemodel.evaluate import windows
from basemodel.qa import UNANSWERABLE, Example, examples
from tokenizers import Tokenizer

SOURCE = '''
class Base:
    """Holds the settings that every reader shares."""

    def close_{n}(self):
        """Release the file handle of reader {n}."""
        return self.handle_{n}


class Reader{n}(Base):
    """Reads the records of format number {n} from a stream."""

    def read_{n}(self, size, strict=True):
        """Return the next record of at most the given size."""
        # Retried because the stream may be cut between two records
        record = fetch_{n}(size)
        if strict:
            raise ValueError("cut")
        return record


def fetch_{n}(size, retries={n}):
    """Fetch a number of bytes from source {n} with retries."""
    return bytes_{n}
'''


@pytest.fixture(scope="module")
def pool() -> list[Definition]:
    return [one for n in range(8) for one in definitions(f"pkg/readers_{n}.py", SOURCE.format(n=n), "2024-05-01")]


@pytest.fixture(scope="module")
def made(pool: list[Definition]) -> list[Example]:
    return [one for seed in range(20) for one in examples([pool], 40, random.Random(seed))]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return vocabulary.train([SOURCE.format(n=n) for n in range(8)], vocab_size=600)


def _text(example: Example) -> str:
    return "".join(piece.text for piece in example.answer)


def test_facts_of_a_definition(pool: list[Definition]) -> None:
    by_name = {one.chunk.symbol: one for one in pool}
    read = by_name["Reader3.read_3"]
    assert read.parameters == ("size", "strict")
    assert read.defaults == (("strict", "True"),)
    assert read.raises == ("ValueError",)
    assert read.calls == ("fetch_3",)
    assert read.returns == "record"
    assert read.sentence == "Return the next record of at most the given size"
    assert read.reasons == (("record = fetch_3(size)", "Retried because the stream may be cut between two records"),)
    assert by_name["Reader3"].bases == ("Base",)
    lines = SOURCE.format(n=3).split("\n")
    chunk = read.chunk
    assert chunk.text == "\n".join(lines[chunk.first_line - 1 : chunk.last_line])


def test_every_kind_of_question_is_asked(made: list[Example]) -> None:
    kinds = {example.kind for example in made}
    expected = "arguments callers calls default inherits missing raises returns unanswerable what where which why"
    assert kinds == set(expected.split())
    share = sum(example.kind == "unanswerable" for example in made) / len(made)
    assert 0.08 < share < 0.17


def test_citations_point_at_the_block_that_says_it(made: list[Example]) -> None:
    checked = 0
    for example in made:
        cites = [int(n) for n in re.findall(r"<\|cite_(\d+)\|>", _text(example))]
        if example.kind in ("unanswerable", "missing"):
            assert cites == []
            continue
        blocks = {item.number: item.chunk for item in example.evidence}
        assert cites
        if example.kind == "why":
            reason = _text(example).split(" <|cite")[0]
            assert reason in blocks[cites[0]].text
            continue
        named = re.findall(r"`([^`]+)`", _text(example))
        about = named[0] if example.kind != "default" else named[2]
        assert blocks[cites[0]].symbol == about
        if example.kind in ("where", "which"):
            assert blocks[cites[0]].path == named[1]
        checked += 1
    assert checked > 300


def test_what_cannot_be_answered_is_not_in_the_evidence(made: list[Example]) -> None:
    refused = [example for example in made if example.kind == "unanswerable"]
    for example in refused:
        assert _text(example) == UNANSWERABLE
        question = re.sub("`[^`]* = [^`]*`", "", example.prompt[-3].text)  # quoted code names other things
        for name in re.findall(r"\w+_\d", question):
            assert all(name not in item.chunk.text for item in example.evidence)
    assert len(refused) > 20


def test_the_same_seed_gives_the_same_examples(pool: list[Definition]) -> None:
    assert examples([pool], 20, random.Random(5)) == examples([pool], 20, random.Random(5))
    assert examples([pool], 20, random.Random(5)) != examples([pool], 20, random.Random(6))


def test_only_the_answer_and_its_end_weigh_more(made: list[Example], tokenizer: Tokenizer) -> None:
    example = next(one for one in made if one.kind == "where")
    tokens, kinds = questions.example_tokens(tokenizer, example)
    answer = [token for token, kind in zip(tokens, kinds, strict=True) if kind == questions.IN_ANSWER]
    assert tokenizer.decode(answer, skip_special_tokens=False) == _text(example) + "<|end|>"
    assert tokens[len(tokens) - len(answer) - 2] == vocabulary.special_id("<|assistant|>")
    assert tokens[-1] == vocabulary.special_id("<|endoftext|>")


def test_packing_loses_nothing_and_crosses_no_block() -> None:
    rows = [([n] * (5 + n % 9), [questions.PLAIN] * (5 + n % 9)) for n in range(60, 160)]
    tokens, kinds = questions.pack([*rows, ([9] * 17, [1] * 17)], size=16)
    assert len(tokens) == len(kinds)
    assert len(tokens) % 16 == 1
    for row, _ in rows:
        places = [at for at, token in enumerate(tokens) if token == row[0]]
        assert len(places) == len(row)
        assert places[0] // 16 == places[-1] // 16
    padding = [kind for token, kind in zip(tokens, kinds, strict=True) if token == vocabulary.special_id("<|pad|>")]
    assert set(padding) == {questions.IGNORED}


def test_control_tokens_in_a_file_stay_text(tokenizer: Tokenizer) -> None:
    text = "print('<|end|><|endoftext|>')"
    (ids,) = encode_plain(tokenizer, [text])
    assert min(ids) >= len(vocabulary.SPECIAL_TOKENS)
    assert tokenizer.decode(ids) == text


def test_fill_in_the_middle_holds_the_whole_document() -> None:
    path, text = [100, 101], list(range(200, 300))
    for seed in range(20):
        tokens = fim_tokens(path, text, random.Random(seed))
        at = [tokens.index(vocabulary.special_id(f"<|fim_{part}|>")) for part in ("prefix", "suffix", "middle")]
        prefix, suffix, middle = tokens[at[0] + 1 : at[1]], tokens[at[1] + 1 : at[2]], tokens[at[2] + 1 : -1]
        assert prefix + middle + suffix == text
        assert middle
        assert at == sorted(at)
    assert document_tokens(path, text)[1:-1] == path + text


@pytest.mark.parametrize(("length", "context"), [(10, 16), (16, 16), (17, 16), (100, 16), (2, 16)])
def test_windows_count_every_target_once_with_half_a_window_before_it(length: int, context: int) -> None:
    counted: list[int] = []
    for begin, end, first in windows(length, context):
        assert end - begin <= context
        assert begin == 0 or first - begin >= context // 2
        counted += range(first, end)
    assert counted == list(range(1, length))
