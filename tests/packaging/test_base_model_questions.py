"""The question generator: its answers cite the evidence that says it, and its documents are the engine's prompts."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from basemodel import questions, vocabulary
from basemodel.corpus import Document
from basemodel.encode import document_tokens, encode_plain, fim_tokens
from basemodel.evaluate import windows
from basemodel.phrasings import roughen
from basemodel.qa import Asked, Corner, Interview, QuestionAnswer
from tokenizers import Tokenizer

from engine.evaluation.statements import KINDS
from engine.generation.prompt import compact_prompt, compact_question
from engine.types import Chunk, Evidence

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


FILES = tuple((f"pkg/readers_{n}.py", f'"""Readers of format {n}."""\n{SOURCE.format(n=n)}') for n in range(8))
STRANGERS = (("other/wheel.py", 'def inflate(tyre):\n    """Pump air into the tyre until it is hard enough."""\n'),)


@pytest.fixture(scope="module")
def corner() -> Corner:
    return questions.corners(questions.Repository("pkg-0", FILES, STRANGERS))


def _evidence(corner: Corner, *paths: str) -> list[Evidence]:
    texts = dict(FILES)
    return [
        Evidence(number, Chunk(path, 1, texts[path].count("\n"), texts[path].rstrip("\n"), "module", "python"))
        for number, path in enumerate(paths, start=1)
    ]


@pytest.fixture(scope="module")
def made(corner: Corner) -> list[tuple[Interview, Asked]]:
    found = []
    for seed in range(60):
        rng = random.Random(seed)
        interview = Interview(_evidence(corner, "pkg/readers_1.py", "pkg/readers_5.py"), corner, rng)
        found += [(interview, asked) for _ in range(20) if (asked := interview.ask()) is not None]
    return found


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return vocabulary.train([SOURCE.format(n=n) for n in range(8)], vocab_size=600)


def _text(answer: QuestionAnswer) -> str:
    return "".join(piece.text for piece in answer.answer)


def test_every_kind_of_question_is_asked(made: list[tuple[Interview, Asked]]) -> None:
    kinds = {asked.kind for _, asked in made}
    assert kinds == {*KINDS, "joined", "missing", "unanswerable"} - {"type"}  # nothing is annotated here
    share = sum(asked.kind == "unanswerable" for _, asked in made) / len(made)
    assert 0.12 < share < 0.3


def test_citations_point_at_the_evidence_that_says_it(made: list[tuple[Interview, Asked]]) -> None:
    checked = 0
    for interview, asked in made:
        written = interview.written(asked)
        cites = [int(n) for n in re.findall(r"<\|cite_(\d+)\|>", _text(written))]
        if asked.kind == "missing":
            assert cites == []
            continue
        if asked.kind == "unanswerable":
            assert _text(written) == "<|nothing|>"
            continue
        paths = {item.number: item.chunk.path for item in interview.evidence}
        assert [paths[number] for number in cites] == [said.path for said in asked.statements]
        assert _text(written).startswith("<|cite_")
        assert _text(written).endswith(".")
        checked += 1
    assert checked > 500


def test_the_answer_is_what_the_evidence_says(corner: Corner) -> None:
    interview = Interview(_evidence(corner, "pkg/readers_3.py"), corner, random.Random(0))
    read = next(each for each in interview.shown if each.symbol == "Reader3.read_3")
    said = {
        kind: interview.of_kind(kind, read) for kind in ("what", "arguments", "default", "raises", "returns", "why")
    }
    texts = {kind: _text(interview.written(asked)) for kind, asked in said.items() if asked is not None}
    assert texts == {
        "what": "<|cite_1|>`Reader3.read_3` returns the next record of at most the given size.",
        "arguments": "<|cite_1|>`Reader3.read_3` takes `size` and `strict`.",
        "default": "<|cite_1|>`strict` defaults to `True` in `Reader3.read_3`.",
        "raises": "<|cite_1|>`Reader3.read_3` raises `ValueError`.",
        "returns": "<|cite_1|>`Reader3.read_3` returns `record`.",
        "why": "<|cite_1|>Retried because the stream may be cut between two records.",
    }


def test_what_is_not_shown_is_not_answered(corner: Corner) -> None:
    whole = _evidence(corner, "pkg/readers_3.py")[0].chunk
    lines = whole.text.split("\n")
    place = next(at for at, line in enumerate(lines) if "def read_3" in line)
    part = replace(whole, first_line=place + 1, last_line=place + 2, text="\n".join(lines[place : place + 2]))
    interview = Interview([Evidence(1, part)], corner, random.Random(0))
    (read,) = interview.shown
    assert interview.right("arguments", read) is not None
    assert interview.right("raises", read) is None
    assert interview.right("why", read) is None
    assert interview.right("callees", read) is None


def test_a_follow_up_says_it_and_means_the_earlier_turn(corner: Corner) -> None:
    interview = Interview(_evidence(corner, "pkg/readers_3.py"), corner, random.Random(1))
    (turn,) = interview.history()
    assert interview.about is not None
    assert turn.answer.endswith("[1].")
    assert interview.about.name in turn.answer
    asked = interview.of_kind("where", interview.about)
    assert asked is not None
    assert interview.about.name not in asked.question
    assert interview.about.symbol in asked.statements[0].text


def test_the_same_seed_gives_the_same_questions(corner: Corner) -> None:
    def asked(seed: int) -> list[Asked | None]:
        interview = Interview(_evidence(corner, "pkg/readers_3.py"), corner, random.Random(seed))
        return [interview.ask() for _ in range(20)]

    assert asked(5) == asked(5)
    assert asked(5) != asked(6)


def test_a_document_is_segments_behind_what_all_of_them_read(
    made: list[tuple[Interview, Asked]], tokenizer: Tokenizer
) -> None:
    interview = made[0][0]
    written = [interview.written(asked) for each, asked in made if each is interview]
    full = compact_prompt("", interview.evidence)
    before = full[: len(full) - len(compact_question("", interview.evidence))]
    of = questions.Dialogue(before, tuple((each.kind, each.prompt, each.answer) for each in written))
    block, kinds = questions.document(tokenizer, of, 100_000)
    assert kinds == [each.kind for each in written][: len(kinds)]
    tokens, wanted, segments, positions = block.tolist()
    start = segments.index(1)
    assert positions[:start] == list(range(start))
    for number, each in enumerate(written[: len(kinds)], start=1):
        mine = [at for at, segment in enumerate(segments) if segment == number]
        assert [positions[at] for at in mine] == list(range(start, start + len(mine)))
        answer = [tokens[at] for at in mine if wanted[at] in (questions.IN_ANSWER, questions.DECISION)]
        assert tokenizer.decode(answer, skip_special_tokens=False) == _text(each) + "<|end|>"
        decisions = [tokens[at] for at in mine if wanted[at] == questions.DECISION]
        assert decisions == [vocabulary.special_id(piece.text) for piece in each.answer if piece.special]
    assert set(wanted[:start]) == {questions.IGNORED}


def test_packing_loses_nothing_and_crosses_no_block() -> None:
    rows = [np.full((4, 5 + n % 9), n, dtype=np.uint16) for n in range(60, 160)]
    for row in rows:
        row[2] = 1
    blocks = list(questions.pack([*rows, np.full((4, 17), 9, dtype=np.uint16)], size=16))
    assert all(block.shape == (4, 16) for block in blocks)
    for row in rows:
        holding = [block for block in blocks if (block[0] == row[0, 0]).any()]
        assert len(holding) == 1
        places = np.flatnonzero(holding[0][0] == row[0, 0])
        assert len(places) == row.shape[1]
        assert len(set(holding[0][2, places].tolist())) == 1
        assert holding[0][2, places[0]] % 16 == 1
    padding = [block[1:3, block[0] == vocabulary.special_id("<|pad|>")] for block in blocks]
    assert {number for part in padding for number in part[0].tolist()} == {questions.IGNORED}
    assert {number for part in padding for number in part[1].tolist()} == {240}


def test_the_files_are_made_through_the_engine_and_not_made_again(
    tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    vocabulary.save(tokenizer, tmp_path / "tokenizer")
    documents = [Document("pkg", path, text, held_out=False) for path, text in FILES]
    counts = questions.write(documents, tmp_path, 1, each={1024: 4, 2048: 3}, workers=1)
    assert sum(counts.values()) > 20
    blocks = np.load(tmp_path / "answers-2048.npy")
    assert blocks.shape[1:] == (4, 2048)
    assert blocks[:, 0].max() < 600
    part = tmp_path / "answers" / "pkg-0-1024.npy"
    made = part.stat().st_mtime_ns
    assert questions.write(documents, tmp_path, 1, each={1024: 4, 2048: 3}, workers=1) == counts
    assert part.stat().st_mtime_ns == made


def test_a_hurried_question_keeps_its_names() -> None:
    for seed in range(300):
        rough = roughen("What does `Session.request` return for redirects?", random.Random(seed))
        assert "`Session.request`" in rough
        assert abs(len(rough) - 49) < 45  # an opening may stand before it


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
