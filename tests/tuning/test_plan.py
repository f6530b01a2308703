from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import TuningError
from engine.generation.llama import Llama
from engine.models import InstalledModel
from engine.models.catalogue import CATALOGUE
from engine.models.devices import Device, choose_device, is_out_of_memory
from engine.models.gguf import write_model_gguf
from engine.models.local import install_folder, install_gguf
from engine.models.memory import answering_bytes, free_memory, stored_bytes, total_memory
from engine.tuning import Tuner
from engine.tuning.direct import DirectModel
from engine.tuning.examples import Encoded, document
from engine.tuning.plan import TuningPlan, least_bytes, plan_tuning, tuning_bytes
from engine.tuning.quantised import QuantisedLinear
from engine.tuning.recipe import Recipe, recipe_for
from engine.tuning.tune import tune
from engine.tuning.wrapped import WrappedModel
from tests.models.tiny import tiny_model
from tests.tuning.conftest import RECIPE, function, pick

SHAPES = {each.name: each.shape for each in CATALOGUE if each.shape is not None}
GB = 1_000_000_000


# -- the plan -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_less_memory_gives_up_more_and_never_takes_more(name: str) -> None:
    shape, recipe = SHAPES[name], recipe_for(10**9)
    assert shape is not None
    least = least_bytes(shape, recipe)
    seen: list[TuningPlan] = []
    for free in np.linspace(64 * GB, least / 0.9 + 1, 200).astype(int).tolist():
        plan = plan_tuning(shape, recipe, free)
        assert plan.bytes == tuning_bytes(shape, plan, recipe) <= 0.9 * free
        seen.append(plan)
    assert seen[0] == replace(seen[0], base="float32", layers=shape.layers, max_tokens=512, checkpointing=False)
    assert [each.bytes for each in seen] == sorted((each.bytes for each in seen), reverse=True)
    assert {each.base for each in seen} == {"float32", "int8"}
    assert seen[-1].layers < shape.layers and seen[-1].max_tokens < 512
    assert seen[0].words(shape, recipe) == "" and "weights in a byte each" in seen[-1].words(shape, recipe)
    with pytest.raises(TuningError, match=r"takes at least \d+\.\d GB of memory and \d+\.\d GB are free"):
        plan_tuning(shape, recipe, int(0.8 * least))


def test_a_device_made_for_half_precision_starts_there() -> None:
    shape = SHAPES["qwen3-4b"]
    assert shape is not None
    assert plan_tuning(shape, Recipe(), 80 * GB, half_first=True).base == "bfloat16"
    assert plan_tuning(shape, Recipe(), 8 * GB, half_first=True).base == "int8"


def test_memory_is_what_the_system_says() -> None:
    assert 0 < free_memory() <= total_memory()
    if Path("/proc/meminfo").exists():
        told = {line.split(":")[0]: line.split()[1] for line in Path("/proc/meminfo").read_text().splitlines()}
        assert total_memory() <= int(told["MemTotal"]) * 1024
    shape = SHAPES["qwen2.5-coder-1.5b"]
    assert shape is not None
    stored = stored_bytes(shape)
    assert 1.6 * GB < stored < 1.7 * GB
    assert stored + 200_000_000 < answering_bytes(stored, shape, 32_768) < 2 * stored


def test_devices_are_chosen_once_with_a_reason() -> None:
    assert choose_device(1_000_000) == Device(
        "cpu", "processor", "small models are tuned faster on the processor than on any GPU"
    )
    large = choose_device(10**9)
    assert large is choose_device(2 * 10**9) and large.reason.startswith("torch ")
    assert is_out_of_memory(MemoryError()) and is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
    assert is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"))
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"))
    assert not is_out_of_memory(RuntimeError("shapes cannot be multiplied")) and not is_out_of_memory(OSError())


# -- every plan trains the same model -------------------------------------------------------------


@pytest.fixture(scope="module")
def quantised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InstalledModel]:
    """A tiny model whose GGUF is Q8_0, as that of larger ones is."""
    folder = tmp_path_factory.mktemp("quantised")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIDETUNE_HOME", str(folder / "home"))
        weights = tiny_model(folder / "weights", "qwen2")
        write_model_gguf(weights, weights / "own.gguf", "tiny", precision="q8_0")
        yield install_folder(weights, "tiny")


def _tuner(model: InstalledModel, plan: TuningPlan, monkeypatch: pytest.MonkeyPatch) -> Tuner:
    monkeypatch.setattr(Tuner, "_make_plan", lambda self, device: plan)
    return Tuner(model, recipe=RECIPE, threads=1, bf16=False)


def _steps(tuner: Tuner) -> list[list[Encoded]]:
    return [[tuner.encode(document(function(number)))] for number in range(5)]


FULL = TuningPlan("float32", 2, 128, checkpointing=False, bytes=0)


@pytest.mark.parametrize(
    ("plan", "bound"),
    [
        (replace(FULL, checkpointing=True), 1e-5),
        (replace(FULL, base="int8"), 1e-4),
        (replace(FULL, base="int8", checkpointing=True), 1e-4),
        (replace(FULL, base="bfloat16"), 0.1),
    ],
)
def test_a_smaller_plan_trains_what_the_full_one_does(
    quantised: InstalledModel, monkeypatch: pytest.MonkeyPatch, plan: TuningPlan, bound: float, tmp_path: Path
) -> None:
    full = _tuner(quantised, FULL, monkeypatch)
    expected = full.train(_steps(full)).losses
    smaller = _tuner(quantised, plan, monkeypatch)
    losses = smaller.train(_steps(smaller)).losses
    assert np.abs(np.subtract(losses, expected)).max() < bound
    assert smaller.losses([smaller.encode(document(function(7)))]) == pytest.approx(
        full.losses([full.encode(document(function(7)))]), abs=bound
    )
    assert isinstance(smaller._passes, WrappedModel) and isinstance(full._passes, DirectModel)
    causal = smaller._passes.causal
    matrices = [each for each in causal.modules() if isinstance(each, QuantisedLinear)]
    assert len(matrices) == (14 if plan.base == "int8" else 0)
    if plan.base == "int8":  # what llama.cpp computes with, to the last bit
        from engine.models.reading import inference_weights

        wanted = dict(inference_weights(quantised.weights, quantised.gguf))
        layer = causal.model.layers[1].mlp.down_proj.base_layer
        assert np.array_equal(layer.matrix(torch.float32).numpy(), wanted["model.layers.1.mlp.down_proj.weight"])
    ours, theirs = tmp_path / "ours.gguf", tmp_path / "theirs.gguf"
    smaller.export(ours)
    full.export(theirs)
    with Llama(quantised.gguf, context=256) as llama:
        tokens = list(range(30, 90))
        assert np.abs(llama.logits(tokens, ours) - llama.logits(tokens, theirs)).max() < max(5e-2, 5 * bound)


def test_only_the_last_layers_are_tuned_when_the_plan_says_so(
    quantised: InstalledModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tuner = _tuner(quantised, replace(FULL, layers=1, max_tokens=16), monkeypatch)
    steps = _steps(tuner)
    assert all(len(each.ids) <= 16 for batch in steps for each in batch)
    tuner.train(steps)
    assert {name.split(".")[2] for name in tuner.lora_tensors()} == {"1"} and len(tuner.lora_tensors()) == 7
    tuner.export(tmp_path / "adapter.gguf")
    with Llama(quantised.gguf, context=256) as llama:
        tokens = list(range(30, 60))
        assert not np.array_equal(llama.logits(tokens, tmp_path / "adapter.gguf"), llama.logits(tokens))


def test_tuning_uses_the_weights_of_inference(quantised: InstalledModel, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.models.folder import read_tensors
    from engine.models.reading import inference_weights

    tuner = _tuner(quantised, FULL, monkeypatch)
    tuner.prepare()
    name = "model.layers.0.self_attn.q_proj.weight"
    assert isinstance(tuner._passes, DirectModel)
    pair = tuner._passes.layers[0].qkv
    held = pair.weight[:64].numpy()
    assert np.array_equal(held, dict(inference_weights(quantised.weights, quantised.gguf))[name])
    assert not np.array_equal(held, read_tensors(quantised.weights)[name].load())


# -- when there is not enough ---------------------------------------------------------------------


def test_too_little_memory_is_a_reason_and_no_failure(quantised: InstalledModel) -> None:
    tuner = Tuner(quantised, recipe=RECIPE, threads=1, bf16=False, memory=1000)
    with pytest.raises(TuningError, match="takes at least"):
        tuner.prepare()
    assert not tuner.prepared


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory."), MemoryError()])
def test_running_out_midway_lets_go_and_tries_less_next_time(
    quantised: InstalledModel, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = 2 * tuning_bytes(*_sizes(quantised, FULL))
    tuner = Tuner(quantised, recipe=RECIPE, threads=1, bf16=False, memory=memory)
    steps = _steps(tuner)
    first = tuner.plan
    calls = []
    assert tuner._passes is not None
    gradient = tuner._passes.gradient

    def third_time(batch: Sequence[Encoded]) -> float:
        calls.append(batch)
        if len(calls) == 3:
            raise error
        return gradient(batch)

    monkeypatch.setattr(tuner._passes, "gradient", third_time)
    with pytest.raises(TuningError, match=r"^There was not enough memory to learn; the next question will try"):
        tuner.train(steps)
    assert not tuner.prepared and len(calls) == 3
    assert len(tuner.train(steps).losses) == len(steps)
    assert first is not None and tuner.plan is not None
    assert not first.checkpointing and tuner.plan.bytes < first.bytes


def _sizes(model: InstalledModel, plan: TuningPlan) -> tuple[Any, TuningPlan, Recipe]:
    return model.shape, plan, RECIPE


def test_another_error_is_not_taken_for_lack_of_memory(
    quantised: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuner = Tuner(quantised, recipe=RECIPE, threads=1, bf16=False)
    steps = _steps(tuner)

    def wrong(batch: Sequence[Encoded]) -> float:
        raise RuntimeError("shapes cannot be multiplied")

    assert tuner._passes is not None
    monkeypatch.setattr(tuner._passes, "gradient", wrong)
    with pytest.raises(RuntimeError, match="shapes"):
        tuner.train(steps)


def test_a_gguf_alone_is_not_tuned_and_says_why(quantised: InstalledModel) -> None:
    tuner = Tuner(install_gguf(quantised.gguf, "alone"), recipe=RECIPE, threads=1)
    held = [function(number) for number in range(20, 26)]
    adapter = tune(tuner, [pick(1), pick(2)], held, [], effort="balanced", repository="r")
    assert adapter.state == "skipped" and adapter.reason.startswith("alone is only a GGUF here, which answers")
    with pytest.raises(TuningError, match="only a GGUF"):
        tuner.prepare()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells how much memory a process takes")
def test_the_estimate_is_not_below_what_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a model that is large enough for its numbers to outweigh those of the libraries."""
    folder = tiny_model(
        tmp_path / "model",
        "qwen2",
        vocab_size=20_000,
        shard_size="1GB",
        hidden_size=384,
        intermediate_size=1536,
        num_hidden_layers=6,
        num_attention_heads=6,
    )
    model = install_folder(folder, "middling")
    recipe = replace(RECIPE, max_tokens=256)
    tuner = Tuner(model, recipe=recipe, threads=1, bf16=False)
    ids = np.arange(256, dtype=np.int64) % 400 + 20
    example = Encoded(ids, np.arange(256) > 0)
    page = os.sysconf("SC_PAGE_SIZE")

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * page

    before = resident()
    tuner.prepare()
    assert isinstance(tuner._passes, DirectModel)
    tuner._passes.norm.mul_(0.1)  # random weights say nothing with confidence
    tuner.train([[example]] * 2)
    taken = resident() - before
    assert tuner.plan is not None
    estimate = tuner.plan.bytes - (700 << 20)  # the libraries were loaded before
    assert taken < 1.3 * estimate
    assert estimate < 6 * taken
