from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import Cancelled, GenerationError
from engine.generation.answer import Writer
from engine.generation.prompt import Piece, compact_prompt
from engine.models import InstalledModel
from engine.models.local import install_folder
from engine.types import Chunk, Evidence, MissingName, Turn
from tests.generation.conftest import Tuned


def _evidence(count: int, lines: int = 6) -> list[Evidence]:
    found = []
    for number in range(1, count + 1):
        text = "\n".join(f"def handler_{number}_{line}(request): return {line}" for line in range(lines)) + "\n"
        chunk = Chunk(f"src/part{number}.py", 10, 9 + lines, text, "function", "python", symbol=f"handler_{number}_0")
        found.append(Evidence(number, chunk))
    return found


@pytest.fixture
def model(tuned: dict[str, Tuned], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InstalledModel:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    return install_folder(tuned["llama"].folder, "tiny")


@pytest.fixture
def chat_model(tuned: dict[str, Tuned], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InstalledModel:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    folder = shutil.copytree(tuned["qwen2"].folder, tmp_path / "chat")
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    kept = [token for token in tokenizer["added_tokens"] if token["content"] != "<|evidence|>"]
    (folder / "tokenizer.json").write_text(json.dumps({**tokenizer, "added_tokens": kept}))
    return install_folder(folder, "chat")


@pytest.fixture
def writer(model: InstalledModel) -> Iterator[Writer]:
    made = Writer(model, threads=1)
    yield made
    made.close()


def _says(writer: Writer, monkeypatch: pytest.MonkeyPatch, *pieces: Piece) -> None:
    tokens = iter(writer.llama.tokenize([*pieces, Piece("<|end|>", special=True)]))
    monkeypatch.setattr(writer.llama._lib, "llama_sampler_sample", lambda *_: next(tokens))


CITE = [Piece(f"<|cite_{number}|>", special=True) for number in range(17)]


def test_a_draft_streams_and_carries_what_it_cites(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    _says(writer, monkeypatch, CITE[2], Piece("`handler_2_0` handles it"), CITE[1], Piece(", and then <|cite_3|>."))
    evidence = _evidence(2, lines=2)
    draft = writer.write("What handles it?", evidence)
    assert (draft.tokens, draft.first_seconds, draft.seconds, draft.refusal) == (0, None, 0.0, None)
    pieces = list(draft)
    assert "".join(pieces) == draft.text == "`handler_2_0` handles it [1], and then <|cite_3|> [2]."
    assert len(pieces) > 5
    assert [(item.number, item.chunk) for item in draft.cited] == [(1, evidence[1].chunk), (2, evidence[0].chunk)]
    assert draft.shown == tuple(evidence)
    assert draft.tokens > len(pieces)
    assert draft.first_seconds is not None
    assert 0 < draft.first_seconds < draft.seconds
    assert draft.refusal is not None
    assert 0 < draft.refusal < 1


def test_a_refusal_is_said_in_words(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    _says(writer, monkeypatch, Piece("<|nothing|>", special=True), Piece("and more"))
    draft = writer.write("What handles it?", _evidence(2, lines=2))
    assert "".join(draft) == "The repository does not say."
    assert (draft.cited, draft.tokens) == ((), 1)
    assert list(writer.write("What?", [], max_tokens=2))  # the model was let go


@pytest.mark.parametrize(("refuse_above", "refuses"), [(0.0, True), (1.0, False)])
def test_how_sure_a_refusal_has_to_be_is_read_from_the_model(
    model: InstalledModel, refuse_above: float, refuses: bool
) -> None:
    (model.weights / "answering.json").write_text(json.dumps({"refuse_above": refuse_above}))
    writer = Writer(model, threads=1)
    try:
        for evidence in (_evidence(2, lines=2), []):
            draft = writer.write("What handles it?", evidence, max_tokens=4)
            assert ("".join(draft) == "The repository does not say.") == refuses
            assert draft.refusal is not None
            assert 0 < draft.refusal < 1
    finally:
        writer.close()
        (model.weights / "answering.json").unlink()


def test_a_draft_that_runs_out_of_room_shows_no_half_of_a_name(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [CITE[1], Piece("It calls `handler_1_0`")]
    whole = "It calls `handler_1_0`"
    shown = {"The repository does not say.", f"{whole} [1]", *(f"{whole[:end].rstrip()} [1]" for end in range(1, 10))}
    for room in range(1, writer.llama.count(pieces) + 1):
        _says(writer, monkeypatch, *pieces)
        text = "".join(writer.write("What handles it?", _evidence(1, lines=2), max_tokens=room))
        assert text in shown
    assert text == "It calls `handler_1_0` [1]"


def test_the_prompt_is_the_one_the_model_was_trained_on(writer: Writer) -> None:
    evidence, missing, history = _evidence(2, lines=1), [MissingName("frob", "symbol")], [Turn("a?", "b [1].")]
    draft = writer.write("What?", evidence, missing=missing, history=history, max_tokens=20)
    expected = compact_prompt("What?", evidence, missing=missing, history=history)
    assert draft.prompt_tokens == writer.llama.count(expected)


def test_evidence_that_is_not_shown_cannot_be_cited(writer: Writer) -> None:
    """A random model writes citation tokens now and then; the wrong ones never come."""
    writer._refuse_above = 1.0
    for count, missing in ((1, []), (0, []), (2, [MissingName("frob", "symbol")])):
        seen: set[Evidence] = set()
        for number in range(8):
            draft = writer.write(f"question {number}", _evidence(count, lines=1), missing=missing, temperature=1.5)
            text = "".join(draft)
            assert text
            assert all(f"[{each}]" not in text for each in range(len(draft.cited) + 1, 20))
            seen.update(draft.cited)
        assert len({item.chunk for item in seen}) == count


def test_the_least_relevant_evidence_is_left_out_and_the_last_one_cut(writer: Writer) -> None:
    evidence = _evidence(8)
    draft = writer.write("What handles it?", evidence, max_tokens=64)
    shown = draft.shown
    assert 2 <= len(shown) < 8
    assert list(shown[:-1]) == evidence[: len(shown) - 1]
    last, whole = shown[-1].chunk, evidence[len(shown) - 1].chunk
    assert whole.text.startswith(last.text)
    assert last.last_line - last.first_line + 1 == len(last.text.splitlines())
    assert draft.prompt_tokens <= writer.llama.context - 64
    assert writer.llama.context - 64 - draft.prompt_tokens < 150  # the room is used


def test_a_question_that_grows_by_what_it_means_shows_only_what_it_has_room_for(writer: Writer) -> None:
    evidence, name = _evidence(8), f"handler_{'of_a_request_' * 9}1"
    history = [Turn(f"Where is `{name}` defined?", "In `src/part1.py`.")]
    grown = writer.write("What does it return?", evidence, history=history, max_tokens=64)
    meant = writer.write(f"What does {name} return?", evidence, history=history, max_tokens=64)
    assert grown.shown == meant.shown


def test_a_chunk_longer_than_the_context_is_cut_at_a_line(writer: Writer) -> None:
    [item] = _evidence(1, lines=80)
    draft = writer.write("What?", [item], max_tokens=32)
    [shown] = draft.shown
    assert 4 <= len(shown.chunk.text.splitlines()) < 80
    assert item.chunk.text.startswith(shown.chunk.text + "\n")
    assert shown.chunk.last_line == 10 + len(shown.chunk.text.splitlines()) - 1


def test_more_evidence_than_citation_tokens_is_left_out(writer: Writer) -> None:
    evidence = [Evidence(number, Chunk("a.py", 1, 1, "x", "block", "python")) for number in range(1, 30)]
    assert len(writer.write("What?", evidence, max_tokens=32).shown) == 16


def test_the_oldest_turns_are_forgotten_first(writer: Writer) -> None:
    long, short = Turn("a" * 200, "b" * 400), Turn("c?", "d.")
    evidence = _evidence(1, lines=2)
    alone = writer.write("What?", evidence, max_tokens=32).prompt_tokens
    one = writer.write("What?", evidence, history=[short], max_tokens=32).prompt_tokens
    assert one > alone
    assert writer.write("What?", evidence, history=[long, short], max_tokens=32).prompt_tokens == one
    assert writer.write("What?", evidence, history=[short, long], max_tokens=32).prompt_tokens == alone


def test_a_question_that_does_not_fit_is_refused(writer: Writer) -> None:
    with pytest.raises(GenerationError, match=r"the question takes [\d,]+ tokens and this model can read 448"):
        writer.write("why " * 2000, [], max_tokens=64)


def test_an_adapter_changes_the_draft_and_leaves_nothing_behind(writer: Writer, tuned: dict[str, Tuned]) -> None:
    evidence = _evidence(2)
    plain = "".join(writer.write("What?", evidence, max_tokens=40))
    adapted = "".join(writer.write("What?", evidence, max_tokens=40, adapter=tuned["llama"].adapter))
    assert plain != adapted
    assert "".join(writer.write("What?", evidence, max_tokens=40)) == plain


def test_stopping_lets_the_model_go(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    _says(writer, monkeypatch, CITE[1], *[Piece(f"many {word} words ") for word in "abcdefgh"])
    stop = threading.Event()
    draft = writer.write("What?", _evidence(2), cancel=stop)
    next(draft)
    stop.set()
    with pytest.raises(Cancelled):
        list(draft)
    closed = writer.write("What?", _evidence(2))
    next(closed)
    closed.close()
    assert list(closed) == []
    assert list(writer.write("What?", _evidence(2), max_tokens=5))


def test_a_chat_model_is_asked_by_its_own_template(chat_model: InstalledModel, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chat_model.style == "chat"
    evidence = _evidence(1, lines=2)
    writer = Writer(chat_model, threads=1)
    try:
        pieces = writer._pieces("What?", evidence, [], [Turn("before?", "that [1].")])
        assert [piece.text for piece in pieces if piece.special][:3] == ["<|system|>", "<|end|>", "<|user|>"]
        assert Piece("that.") in pieces
        monkeypatch.setattr("engine.generation.prompt.SYSTEM", "Be brief.")
        _says(writer, monkeypatch, Piece("It is handler_1_0 [1], not [4]."))
        draft = writer.write("What?", evidence, max_tokens=60)
        assert "".join(draft) == "It is handler_1_0 [1], not."
        assert [item.chunk for item in draft.cited] == [evidence[0].chunk]
    finally:
        writer.close()
