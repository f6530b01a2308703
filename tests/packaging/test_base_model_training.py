"""The training model against transformers, the loss against torch's, the clock, and resuming."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from basemodel import export, log, questions, reading, train, vocabulary
from basemodel.device import Hardware
from basemodel.model import Llama, attend_in_rows, linear_cross_entropy, readable
from basemodel.muon import Muon, orthogonalise
from basemodel.recipe import ModelConfig, ReadingRecipe, Recipe
from basemodel.schedule import Stopwatch, rate_factor, shape_of_step
from torch.nn import functional

TINY = ModelConfig(vocab_size=64, hidden_size=32, layers=2, heads=2, mlp_size=48, context=64)


def _random_model(seed: int = 0) -> Llama:
    torch.manual_seed(seed)
    model = Llama(TINY)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)
    return model.eval()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for name, length in (("train.bin", 20_000), ("held_out.bin", 2_100)):
        rng.integers(0, 64, length).astype(np.uint16).tofile(tmp_path / name)
    for name, size in (("answers-1024", 64), ("answers-2048", 128), ("judged-1024", 64)):
        np.save(tmp_path / f"{name}.npy", np.stack([_dialogues(rng, size) for _ in range(6)]))
    return tmp_path


def _dialogues(rng: np.random.Generator, size: int) -> npt.NDArray[np.uint16]:
    """Return two documents of one shared segment and two questions each, the answer to either the token before it."""
    tokens: list[int] = []
    kinds: list[int] = []
    segments: list[int] = []
    positions: list[int] = []
    half = size // 2
    for document in range(2):
        shared = half - 12
        tokens += rng.integers(32, 64, shared).tolist()
        kinds += [questions.IGNORED] * shared
        segments += [16 * document] * shared
        positions += range(shared)
        for number in (1, 2):
            nothing = (document + number) % 2 == 0
            first = vocabulary.special_id("<|nothing|>" if nothing else "<|cite_1|>")
            asked = rng.integers(32, 64, 3).tolist()
            tokens += [*asked, first, asked[-1], vocabulary.special_id("<|end|>")]
            kinds += [questions.IGNORED] * 3 + [questions.DECISION, questions.IN_ANSWER, questions.IN_ANSWER]
            segments += [16 * document + number] * 6
            positions += range(shared, shared + 6)
    return np.array([tokens, kinds, segments, positions], dtype=np.uint16)


CONFIG = ModelConfig(vocab_size=64, hidden_size=16, layers=1, heads=2, mlp_size=24, context=2048)
PLAIN = Hardware(torch.device("cpu"))


def _trainer(folder: Path) -> train.Trainer:
    recipe = Recipe(batch_blocks=1, late_from=0.3)
    return train.Trainer(CONFIG, recipe, train.open_data(folder, recipe.seed), PLAIN)


def _reader(folder: Path) -> reading.Reader:
    recipe = ReadingRecipe(short_blocks=2, long_blocks=1, long_from=0.3)
    return reading.Reader(CONFIG, recipe, reading.open_reading(folder, recipe.seed), PLAIN)


def test_logits_equal_those_of_transformers(tmp_path: Path) -> None:
    from transformers import LlamaForCausalLM

    tokenizer = vocabulary.train(["def f(x): return x"], vocab_size=400)
    vocabulary.save(tokenizer, tmp_path / "tokenizer")
    model = _random_model()
    model.load_state_dict({name: value.half().float() for name, value in model.state_dict().items()})
    export.export(model, tmp_path / "tokenizer", tmp_path / "out")
    theirs = LlamaForCausalLM.from_pretrained(tmp_path / "out", dtype=torch.float32).eval()
    tokens = torch.randint(0, 64, (2, 64))
    with torch.no_grad():
        difference = (model(tokens) - theirs(tokens).logits).abs().max()
    assert model(tokens).std() > 0.05
    assert difference < 1e-4


def test_the_chunked_loss_and_its_gradients_equal_torchs() -> None:
    torch.manual_seed(1)
    hidden = torch.randn(2500, 8, requires_grad=True)  # three chunks, the last one short
    table = torch.randn(64, 8, requires_grad=True)
    targets, weights = torch.randint(0, 64, (2500,)), torch.rand(2500)
    weights[:100] = 0
    mine = linear_cross_entropy(hidden, table, targets, weights)
    (3 * mine).backward()  # type: ignore[no-untyped-call]
    grads = hidden.grad, table.grad
    hidden.grad = table.grad = None
    each = functional.cross_entropy(hidden @ table.T, targets, reduction="none")
    exact = (each * weights).sum() / weights.sum()
    (3 * exact).backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(mine, exact)
    torch.testing.assert_close(grads, (hidden.grad, table.grad))


@pytest.mark.parametrize("shape", [(24, 16), (16, 24)])
def test_muon_takes_the_steps_of_torchs(shape: tuple[int, int]) -> None:
    torch.manual_seed(2)
    mine = [torch.nn.Parameter(torch.randn(shape)) for _ in range(2)]
    theirs = [torch.nn.Parameter(each.detach().clone()) for each in mine]
    a = Muon(mine, 0.02, dtype=torch.bfloat16)
    b = torch.optim.Muon(theirs, lr=0.02, weight_decay=0.1, momentum=0.95, adjust_lr_fn="match_rms_adamw")
    start = mine[0].detach().clone()
    for _ in range(3):
        for left, right in zip(mine, theirs, strict=True):
            left.grad = torch.randn(shape)
            right.grad = left.grad.clone()
        a.step()
        b.step()  # type: ignore[no-untyped-call]
    moved = (mine[0] - start).abs().mean()
    for left, right in zip(mine, theirs, strict=True):
        assert (left - right).abs().mean() < 0.03 * moved  # both round to bfloat16, in different places


def test_orthogonalised_matrices_have_singular_values_near_one() -> None:
    torch.manual_seed(3)
    values = torch.linalg.svdvals(orthogonalise(torch.randn(3, 40, 20)))
    assert values.min() > 0.5
    assert values.max() < 1.3


def test_the_rate_warms_up_holds_and_falls_to_nothing() -> None:
    recipe = Recipe(warmup=0.1, decay_from=0.5)
    assert rate_factor(0.0, recipe) < 0.05
    assert rate_factor(0.05, recipe) == pytest.approx(0.5)
    assert rate_factor(0.3, recipe) == 1.0
    assert rate_factor(0.75, recipe) == pytest.approx(0.5)
    assert rate_factor(1.0, recipe) == 0.0
    assert rate_factor(1.2, recipe) == 0.0


def test_long_sequences_come_late() -> None:
    recipe = Recipe(late_from=0.5, short_length=512)
    assert {shape_of_step(step, 0.4, recipe, 2048).length for step in range(4)} == {512}
    assert [shape_of_step(step, 0.6, recipe, 2048).length for step in range(4)] == [2048, 512] * 2


def test_the_stopwatch_counts_earlier_runs_and_not_the_pause() -> None:
    times: Iterator[float] = iter([1000.0, 1030.0, 1060.0])
    watch = Stopwatch(2.0, spent=30.0, clock=lambda: next(times))
    assert watch.spent == 60.0
    assert watch.progress == pytest.approx(0.75)


@pytest.mark.parametrize("make", [_trainer, _reader])
def test_resuming_gives_the_weights_of_an_uninterrupted_run(
    make: Callable[[Path], train.Optimised], data: Path, tmp_path: Path
) -> None:
    schedule = [0.1, 0.4, 0.5, 0.9]  # short, then also long and with a falling rate
    whole = make(data)
    for progress in schedule:
        whole.step(progress)
    first = make(data)
    start = {name: value.clone() for name, value in first.model.state_dict().items()}
    for progress in schedule[:2]:
        first.step(progress)
    first.save(tmp_path / "checkpoint.pt", 12.5)
    second = make(data)
    assert second.load(tmp_path / "checkpoint.pt") == 12.5
    for progress in schedule[2:]:
        second.step(progress)
    assert second.tokens == whole.tokens > 0
    for name, value in whole.model.state_dict().items():
        assert torch.equal(second.model.state_dict()[name], value), name
        assert not torch.equal(start[name], value), name


def test_training_ends_with_its_time_and_leaves_a_checkpoint(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = Recipe(minutes=0.01, batch_blocks=1)
    trainer = _trainer(data)
    train.train(trainer, recipe, data, "train")
    model, info = train.load_model(data / "train.pt")
    assert info["steps"] == trainer.steps > 0
    assert info["spent"] >= 0.6
    assert torch.equal(model.model.norm.weight, trainer.model.model.norm.weight)
    assert "validation" in capsys.readouterr().out
    again = _trainer(data)
    train.train(again, recipe, data, "train")  # nothing is left to do
    assert again.steps == trainer.steps


def test_the_second_run_goes_on_from_the_first_and_is_logged_with_its_figures(data: Path) -> None:
    first = _trainer(data)
    train.train(first, Recipe(minutes=0.005), data, "train")
    reader = _reader(data)
    reader.begin(train.load_model(data / "train.pt")[0].state_dict())
    assert torch.equal(reader.model.model.norm.weight, first.model.model.norm.weight)
    train.train(reader, ReadingRecipe(minutes=0.01), data, "read")
    rows = log.joined([log.read(data / f"{name}_log.jsonl") for name in ("train", "read")])
    assert [row["run"] for row in rows] == sorted(row["run"] for row in rows)
    assert rows[-1]["tokens"] == first.tokens + reader.tokens
    assert {"exact", "cited", "refused", "refused_wrongly"} < set(rows[-1])


def test_what_a_question_reads_is_its_document_and_itself() -> None:
    segments = torch.tensor([[0, 0, 1, 1, 2, 16, 17, 240]])
    allowed = readable(segments)[0, 0]
    seen = [row.nonzero().flatten().tolist() for row in allowed]
    assert seen == [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 4], [5], [5, 6], [7]]


def test_attention_in_rows_equals_torchs() -> None:
    torch.manual_seed(4)
    q, k, v = (torch.randn(2, 3, 600, 8) for _ in range(3))  # three blocks of rows, the last one short
    allowed = readable(torch.randint(0, 3, (2, 600)).sort(dim=1).values)
    for mask in (None, allowed):
        theirs = functional.scaled_dot_product_attention(q, k, v, mask, is_causal=mask is None)
        torch.testing.assert_close(attend_in_rows(q, k, v, mask), theirs)


def test_a_question_is_answered_as_if_it_were_the_only_one(data: Path) -> None:
    block = reading.open_reading(data, 0).judged.read([0])
    model = _random_model()
    with torch.no_grad():
        together = model.hidden(block.inputs, block.positions, readable(block.segments))
        second = block.segments[0] == 18  # document 1, question 2
        alone = (block.segments[0] == 16) | second
        apart = model.hidden(block.inputs[:, alone])
    torch.testing.assert_close(together[0, second], apart[0, -int(second.sum()) :], atol=1e-5, rtol=1e-4)


def test_the_score_is_that_of_greedy_answers(data: Path) -> None:
    judged = reading.open_reading(data, 0).judged
    judge = reading.Judge(_random_model())
    found = reading.score(judge, judged, 2)
    asked = exact = refused = wrongly = unanswerable = 0
    for number in range(2):
        block = judged.read([number])
        logits = judge.hidden(block.inputs, block.positions, readable(block.segments))
        best = (logits @ judge.model.model.embed_tokens.weight.T).argmax(dim=-1)[0]
        for segment in (1, 2, 17, 18):
            places = ((block.segments[0] == segment) & (block.inputs[0] < 32)).nonzero().flatten()[:1] - 1
            answer = torch.arange(int(places), int(places) + 3)
            right, guessed = block.targets[0, answer], best[answer]
            nothing = vocabulary.special_id("<|nothing|>")
            if int(right[0]) == nothing:
                unanswerable += 1
                refused += int(guessed[0]) == nothing
            else:
                asked += 1
                wrongly += int(guessed[0]) == nothing
                exact += bool((right == guessed).all())
    assert (asked, unanswerable) == (4, 4)
    assert found.questions == 8
    assert (found.exact, found.refused, found.refused_wrongly) == (exact / 4, refused / 4, wrongly / 4)


def test_a_checkpoint_of_another_shape_is_refused(data: Path, tmp_path: Path) -> None:
    trainer = _trainer(data)
    trainer.save(tmp_path / "checkpoint.pt", 0.0)
    trainer.config = TINY
    with pytest.raises(ValueError, match="another model"):
        trainer.load(tmp_path / "checkpoint.pt")


def test_shards_keep_the_order_and_the_limit() -> None:
    sizes = {"a": 6_000_000, "b": 6_000_000, "c": 6_000_000, "d": 1}
    assert export.plan_shards(sizes) == [["a", "b"], ["c", "d"]]
    with pytest.raises(ValueError, match="c alone"):
        export.plan_shards({"a": 1, "c": 15_000_000})


def test_an_export_over_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big.safetensors").write_bytes(b"\0" * 15_000_001)
    with pytest.raises(RuntimeError, match=r"big\.safetensors"):
        export.check_sizes(tmp_path)
    for number in range(3):
        (tmp_path / f"part{number}").write_bytes(b"\0" * 11_000_000)
    with pytest.raises(RuntimeError, match="at most 32000000"):
        export.check_sizes(tmp_path)


def test_weights_that_overflow_float16_are_refused(tmp_path: Path) -> None:
    model = _random_model()
    with torch.no_grad():
        model.model.norm.weight[0] = 1e6
    with pytest.raises(RuntimeError, match=r"model\.norm\.weight"):
        export.export(model, tmp_path, tmp_path / "out")
