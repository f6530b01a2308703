from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Cancelled, GenerationError, ModelError
from engine.generation.llama import Llama, _until
from engine.generation.prompt import Piece
from engine.models.folder import read_config
from engine.models.gguf import write_lora_gguf
from tests.generation.conftest import LORA_ALPHA, PROJECTIONS, Tuned
from tests.models.tiny import ARCHITECTURES, CONTEXT, exact_bound

TOKENS = np.random.default_rng(3).integers(0, 512, 300).tolist()


@pytest.fixture
def llama(tuned: dict[str, Tuned]) -> Iterator[Llama]:
    with Llama(tuned["llama"].gguf, context=CONTEXT) as model:
        yield model


def _peft_logits(model: Any, tokens: list[int]) -> Any:
    import torch

    with torch.no_grad():
        return model(torch.tensor([tokens])).logits[0].numpy()


# -- the adapter path -----------------------------------------------------------------------------


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_attached_adapter_computes_what_peft_computes(tuned: dict[str, Tuned], architecture: str) -> None:
    case = tuned[architecture]
    layers = int(read_config(case.folder)["num_hidden_layers"])
    assert len(case.tensors) == layers * len(PROJECTIONS)
    assert all(np.abs(b).max() > 1e-3 for _, b in case.tensors.values())
    expected = _peft_logits(case.peft, TOKENS)
    with case.peft.disable_adapter():
        base = _peft_logits(case.peft, TOKENS)
    assert np.abs(expected - base).max() > 0.5  # the adapter matters
    for exact, bound in ((False, 1e-2), (True, exact_bound(architecture))):
        with Llama(case.gguf, context=CONTEXT, exact=exact) as model:
            assert np.abs(model.logits(TOKENS, case.adapter) - expected).max() < bound


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_projection_of_the_adapter_arrives(tuned: dict[str, Tuned], tmp_path: Path, architecture: str) -> None:
    """One module at a time, so that no error hides behind a larger one."""
    import torch

    case = tuned[architecture]
    config = read_config(case.folder)
    saved = {name: value.clone() for name, value in case.peft.state_dict().items() if "lora_B" in name}
    with Llama(case.gguf, context=CONTEXT, exact=True) as model:
        base = model.logits(TOKENS[:64])
        for projection in PROJECTIONS:
            kept = {name: pair for name, pair in case.tensors.items() if name.endswith(f"1.self_attn.{projection}")}
            kept |= {name: pair for name, pair in case.tensors.items() if name.endswith(f"1.mlp.{projection}")}
            assert len(kept) == 1
            with torch.no_grad():
                for name, value in case.peft.state_dict().items():
                    if name in saved:
                        wanted = any(name.startswith(f"{module}.") for module in kept)
                        value.copy_(saved[name] if wanted else torch.zeros_like(value))
            expected = _peft_logits(case.peft, TOKENS[:64])
            with torch.no_grad():
                for name, value in case.peft.state_dict().items():
                    if name in saved:
                        value.copy_(saved[name])
            write_lora_gguf(tmp_path / "one.gguf", architecture, kept, LORA_ALPHA, config)
            found = model.logits(TOKENS[:64], tmp_path / "one.gguf")
            assert np.abs(found - expected).max() < exact_bound(architecture), projection
            assert np.abs(found - base).max() > 2e-2, projection


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_after_detaching_the_model_is_exactly_the_base_model(tuned: dict[str, Tuned], architecture: str) -> None:
    case = tuned[architecture]
    with Llama(case.gguf, context=CONTEXT) as fresh:
        base = fresh.logits(TOKENS)
    with Llama(case.gguf, context=CONTEXT) as model:
        tuned_logits = model.logits(TOKENS, case.adapter)
        assert np.array_equal(model.logits(TOKENS), base)
        assert np.array_equal(model.logits(TOKENS, case.adapter), tuned_logits)
        assert not np.array_equal(model.logits(TOKENS, case.other_adapter), tuned_logits)
        list(model.generate(TOKENS, adapter=case.adapter, max_tokens=5))
        assert np.array_equal(model.logits(TOKENS), base)


def test_an_interrupted_answer_leaves_the_base_model(tuned: dict[str, Tuned], llama: Llama) -> None:
    case = tuned["llama"]
    base = llama.logits(TOKENS)
    stream = llama.generate(TOKENS, adapter=case.adapter, max_tokens=50)
    next(stream)
    stream.close()
    assert np.array_equal(llama.logits(TOKENS), base)


def test_a_cache_from_other_weights_would_be_wrong_and_is_never_kept(
    tuned: dict[str, Tuned], llama: Llama, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = tuned["llama"]
    whole = llama.logits(TOKENS, case.adapter)[-1]
    lib = llama._lib

    # What reusing the cache would give: the prefix read by the base model, the last token by the tuned one.
    monkeypatch.setattr(llama, "_forget", lambda: None)
    with llama._session(None):
        llama._read(TOKENS[:-1], None)
    with llama._session(case.adapter):
        llama._read(TOKENS[-1:], None)
        stale = np.ctypeslib.as_array(lib.llama_get_logits(llama._context), (llama.vocabulary_size,)).copy()
    monkeypatch.undo()
    assert np.abs(stale - whole).max() > 0.1

    # What happens: a session starts from an empty cache and leaves none behind.
    memory = lib.llama_get_memory(llama._context)
    for adapter in (None, case.adapter):
        with llama._session(adapter):
            assert lib.llama_memory_seq_pos_max(memory, 0) == -1
            llama._read(TOKENS, None)
            assert lib.llama_memory_seq_pos_max(memory, 0) == len(TOKENS) - 1
        assert lib.llama_memory_seq_pos_max(memory, 0) == -1
    assert np.array_equal(llama.logits(TOKENS, case.adapter)[-1], whole)


def test_every_adapter_is_freed(tuned: dict[str, Tuned], llama: Llama, monkeypatch: pytest.MonkeyPatch) -> None:
    case = tuned["llama"]
    alive: list[int] = []
    lib = llama._lib
    load, free = lib.llama_adapter_lora_init, lib.llama_adapter_lora_free

    def counted_load(*arguments: Any) -> Any:
        adapter = load(*arguments)
        alive.append(adapter)
        return adapter

    def counted_free(adapter: Any) -> None:
        alive.remove(adapter)
        free(adapter)

    monkeypatch.setattr(lib, "llama_adapter_lora_init", counted_load)
    monkeypatch.setattr(lib, "llama_adapter_lora_free", counted_free)
    llama.logits(TOKENS, case.adapter)
    for text in llama.generate(TOKENS, adapter=case.adapter, max_tokens=3):
        assert text
        assert len(alive) == 1
    assert not alive
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Cancelled):
        list(llama.generate(TOKENS, adapter=case.adapter, max_tokens=3, cancel=stopped))
    assert not alive


def test_adapters_that_do_not_fit_are_refused(tuned: dict[str, Tuned], llama: Llama, tmp_path: Path) -> None:
    base = llama.logits(TOKENS)
    with pytest.raises(GenerationError, match="mismatch"):
        llama.logits(TOKENS, tuned["qwen2"].adapter)
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(tuned["llama"].adapter.read_bytes()[:-500])
    with pytest.raises(GenerationError, match="cannot be attached"):
        llama.logits(TOKENS, broken)
    with pytest.raises(GenerationError, match="cannot be attached"):
        llama.logits(TOKENS, tmp_path / "missing.gguf")
    assert np.array_equal(llama.logits(TOKENS), base)


# -- tokens ---------------------------------------------------------------------------------------


def test_repository_text_never_becomes_a_control_token(llama: Llama) -> None:
    end = llama.tokenize([Piece("<|end|>", special=True)])
    assert len(end) == 1
    assert end[0] not in llama.tokenize([Piece("a<|end|>b<|end|>")])
    with pytest.raises(GenerationError, match="no control token"):
        llama.tokenize([Piece("<|end|>text", special=True)])


def test_count_is_the_length(llama: Llama) -> None:
    pieces = [Piece("<|user|>", special=True), Piece("héllo\n"), Piece("")]
    assert llama.count(pieces) == len(llama.tokenize(pieces)) > 2


# -- writing --------------------------------------------------------------------------------------


def _script(llama: Llama, monkeypatch: pytest.MonkeyPatch, tokens: list[int]) -> None:
    """Let the model "choose" given tokens, so that what happens to each can be seen."""
    left = iter(tokens)
    monkeypatch.setattr(llama._lib, "llama_sampler_sample", lambda *_: next(left))


def test_greedy_writing_is_repeatable_and_bounded(llama: Llama) -> None:
    first = list(llama.generate(TOKENS, max_tokens=20))
    assert first == list(llama.generate(TOKENS, max_tokens=20))
    assert 0 < len(first) <= 20
    short = list(llama.generate(TOKENS, max_tokens=3))
    assert short == first[: len(short)]


def test_sampling_follows_its_seed(llama: Llama) -> None:
    def sample(seed: int) -> str:
        return "".join(llama.generate(TOKENS, max_tokens=30, temperature=1.5, seed=seed))

    assert sample(1) == sample(1)
    assert sample(1) != sample(2)


def test_greedy_follows_the_logits(llama: Llama) -> None:
    best = int(llama.logits(TOKENS)[-1].argmax())
    first = next(iter(llama.generate(TOKENS, max_tokens=1)))
    assert first == llama._bytes(best).decode("utf-8", "replace")


def test_the_context_is_never_overrun(llama: Llama) -> None:
    tokens = (TOKENS * 2)[: CONTEXT - 4]
    assert len(list(llama.generate(tokens, max_tokens=100))) <= 4
    with pytest.raises(GenerationError, match="512 tokens does not fit into the model's context of 512"):
        list(llama.generate((TOKENS * 2)[:CONTEXT], max_tokens=1))
    with pytest.raises(GenerationError, match="empty"):
        list(llama.generate([], max_tokens=1))
    with pytest.raises(GenerationError, match="does not fit"):
        llama.logits([5] * (CONTEXT + 1))


def test_only_whole_characters_are_yielded(llama: Llama, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = llama.tokenize([Piece("größer 🦙 語"), Piece("<|end|>", special=True)])
    _script(llama, monkeypatch, tokens)
    pieces = list(llama.generate(TOKENS, max_tokens=100))
    assert "".join(pieces) == "größer 🦙 語"
    assert all("\ufffd" not in piece for piece in pieces)
    assert any(len(llama._bytes(token)) == 1 and llama._bytes(token)[0] > 127 for token in tokens)


def test_a_character_cut_by_the_limit_is_left_out(llama: Llama, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = llama.tokenize([Piece("a\U0001f999")])
    _script(llama, monkeypatch, tokens)
    assert "".join(llama.generate(TOKENS, max_tokens=len(tokens) - 1)) == "a"


@pytest.mark.parametrize("end", ["<|end|>", "<|endoftext|>", "<|user|>", "<|evidence|>", "<|file_sep|>"])
def test_control_tokens_end_the_answer(llama: Llama, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    tokens = llama.tokenize([Piece("yes "), Piece(end, special=True), Piece("more")])
    _script(llama, monkeypatch, tokens)
    assert "".join(llama.generate(TOKENS, max_tokens=50)) == "yes "


def test_tokens_are_told_from_text(llama: Llama, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [Piece("here"), Piece("<|cite_12|>", special=True), Piece(" <|cite_2|>"), Piece("<|end|>", special=True)]
    tokens = llama.tokenize(pieces)
    _script(llama, monkeypatch, tokens)
    assert list(llama.sample(TOKENS, max_tokens=50)) == tokens[:-1]
    assert tokens[-1] in llama.ends()
    _script(llama, monkeypatch, tokens)
    assert "".join(llama.generate(TOKENS, max_tokens=50)) == "here"


def test_stop_texts_end_the_answer(llama: Llama, monkeypatch: pytest.MonkeyPatch) -> None:
    _script(llama, monkeypatch, llama.tokenize([Piece("one\nQuestion: two")]))
    assert "".join(llama.generate(TOKENS, max_tokens=50, stop=["\nQuestion:"])) == "one"


@settings(max_examples=300, derandomize=True)
@given(st.lists(st.text(alphabet="ab\n", max_size=4)), st.lists(st.text(alphabet="ab\n", max_size=3), max_size=2))
def test_stopping_does_not_depend_on_how_the_text_is_cut(pieces: list[str], stop: list[str]) -> None:
    text = "".join(pieces)
    ends = [at for at in (text.find(each) for each in stop if each) if at >= 0]
    expected = text[: min(ends)] if ends else text
    # A stop text that begins earlier but ends later may be cut differently only within one piece.
    found = "".join(_until(stop, iter(pieces)))
    if len([each for each in stop if each]) <= 1:
        assert found == expected
    else:
        assert text.startswith(found)


def test_cancelling_between_batches_and_tokens(llama: Llama) -> None:
    class AfterLooks:
        def __init__(self, looks: int) -> None:
            self.left = looks

        def is_set(self) -> bool:
            self.left -= 1
            return self.left < 0

    with pytest.raises(Cancelled):
        list(llama.generate(TOKENS, max_tokens=50, cancel=AfterLooks(0)))
    written = []
    with pytest.raises(Cancelled):
        for piece in llama.generate(TOKENS, max_tokens=50, cancel=AfterLooks(4)):
            written.append(piece)  # noqa: PERF402 - the exception must not lose them
    assert written


def test_one_answer_at_a_time(llama: Llama) -> None:
    expected = "".join(llama.generate(TOKENS, max_tokens=20))
    stream = llama.generate(TOKENS, max_tokens=20)
    first = next(stream)
    with pytest.raises(GenerationError, match="still being written"):
        llama.logits(TOKENS)
    found: list[str] = []
    other = threading.Thread(target=lambda: found.append("".join(llama.generate(TOKENS, max_tokens=20))))
    other.start()
    assert first + "".join(stream) == expected
    other.join(30)
    assert found == [expected]


# -- loading --------------------------------------------------------------------------------------


def test_missing_and_foreign_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no model file"):
        Llama(tmp_path / "missing.gguf", context=CONTEXT)
    (tmp_path / "text.gguf").write_text("not a model at all")
    with pytest.raises(ModelError, match="cannot be loaded"):
        Llama(tmp_path / "text.gguf", context=CONTEXT)


def test_a_closed_model_says_so(tuned: dict[str, Tuned]) -> None:
    model = Llama(tuned["llama"].gguf, context=CONTEXT)
    model.close()
    model.close()
    with pytest.raises(GenerationError, match="closed"):
        model.logits(TOKENS)


def test_nothing_is_written_to_the_terminal(tuned: dict[str, Tuned], capfd: pytest.CaptureFixture[str]) -> None:
    with Llama(tuned["llama"].gguf, context=CONTEXT) as model:
        model.logits(TOKENS, tuned["llama"].adapter)
    assert capfd.readouterr() == ("", "")
