"""Our own passes against those of transformers, PEFT and autograd."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.models.folder import read_config
from engine.models.local import install_folder
from engine.tuning.direct import DirectModel, is_direct
from engine.tuning.examples import Encoded
from engine.tuning.layer import Layer, forward
from engine.tuning.packing import pack
from engine.tuning.plan import TuningPlan
from engine.tuning.wrapped import WrappedModel
from tests.models.tiny import ARCHITECTURES, Architecture, tiny_model
from tests.tuning.conftest import RECIPE

PLAN = TuningPlan("float32", 2, 128, checkpointing=False, bytes=0)
CLOSE = 1e-4


def _example(length: int, seed: int, *, given: int = 1) -> Encoded:
    """Return a random text, the first ``given`` tokens of which are not learned."""
    rng = np.random.default_rng(seed)
    return Encoded(rng.integers(20, 500, length), np.arange(length) >= given)


def _close(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Return whether two matrices differ by less than one part in ten thousand of the larger's norm."""
    return bool(np.linalg.norm(ours - theirs) <= CLOSE * np.linalg.norm(theirs))


@pytest.mark.parametrize(
    ("architecture", "changes"),
    [
        ("llama", {}),
        ("llama", {"num_key_value_heads": 4, "tie_word_embeddings": False, "head_dim": 32}),
        ("qwen2", {"rope_theta": 1_000_000.0}),
    ],
)
@pytest.mark.parametrize("layers", [2, 1])
def test_losses_and_gradients_are_those_of_peft(
    tmp_path: Path, architecture: Architecture, changes: dict[str, Any], layers: int
) -> None:
    model = install_folder(tiny_model(tmp_path / "weights", architecture, **changes), architecture)
    plan = replace(PLAN, layers=layers)
    assert is_direct(read_config(model.weights), plan, "cpu")
    ours = DirectModel(model, plan, RECIPE, half=False)
    theirs = WrappedModel(model, plan, RECIPE, device="cpu", half=False)
    batches = [[_example(60, 1)], [_example(length, length, given=4) for length in (9, 31, 5)], [_example(90, 2)]]
    for batch in batches:  # the first from B = 0, the next from what the steps before have made of it
        expected = theirs.gradient(batch)
        assert ours.gradient(batch) == pytest.approx(expected, rel=CLOSE)
        ours_slopes, their_slopes = ours.slopes(), theirs.slopes()
        assert set(ours_slopes) == set(their_slopes) and len(ours_slopes) == 7 * layers
        for name, (a, b) in their_slopes.items():
            assert _close(ours_slopes[name][0], a), name
            assert _close(ours_slopes[name][1], b), name
        theirs.step(1e-2)
        ours.step(1e-2)
        ours.restore([_flattened(ours, theirs)])  # Adam divides small gradients by smaller ones: begin each step as one
    assert ours.losses(batches[1]) == pytest.approx(theirs.losses(batches[1]), rel=CLOSE)
    with ours.base(), theirs.base():
        assert ours.losses(batches[1]) == pytest.approx(theirs.losses(batches[1]), rel=CLOSE)


def _flattened(ours: DirectModel, theirs: WrappedModel) -> torch.Tensor:
    """Return the weights of the one in the order of the other."""
    tensors = theirs.lora_tensors()
    state = ours.state()[0]
    for name, (a, b) in ours.adapter.places(state).items():
        a.copy_(torch.from_numpy(tensors[name][0]))
        b.copy_(torch.from_numpy(tensors[name][1]))
    return state


def test_a_text_longer_than_a_block_is_read_as_one(tmp_path: Path) -> None:
    model = install_folder(tiny_model(tmp_path / "weights", max_position_embeddings=2048), "tiny")
    ours = DirectModel(model, PLAN, RECIPE, half=False)
    theirs = WrappedModel(model, PLAN, RECIPE, device="cpu", half=False)
    long, short = _example(1100, 5), _example(40, 6)
    assert len(pack([short, long, short], torch.float32).blocks) == 5  # 40; 384, 384 and 332 of 1100; 40
    assert ours.losses([short, long, short]) == pytest.approx(theirs.losses([short, long, short]), rel=CLOSE)
    assert ours.gradient([short, long]) == pytest.approx(theirs.gradient([short, long]), rel=CLOSE)
    for name, (a, b) in theirs.slopes().items():
        assert _close(ours.slopes()[name][0], a) and _close(ours.slopes()[name][1], b), name


def test_the_same_batch_gives_the_same_bits_whatever_came_before(tmp_path: Path) -> None:
    model = install_folder(tiny_model(tmp_path / "weights"), "tiny")
    for half in (False, True):
        ours = DirectModel(model, PLAN, RECIPE, half=half)
        batch = [_example(33, 1), _example(20, 2)]

        def run(ours: DirectModel = ours, batch: list[Encoded] = batch) -> torch.Tensor:
            ours.reset()
            for _ in range(3):
                ours.gradient(batch)
                ours.step(1e-2)
            return ours.state()[0]

        first = run()
        ours.gradient([_example(50, 3)])
        ours.step(1.0)
        assert torch.equal(run(), first)
        kept = ours.state()
        ours.reset()
        assert not torch.equal(ours.state()[0], first)
        ours.restore(kept)
        assert torch.equal(ours.state()[0], first)


def test_what_lies_below_the_adapter_is_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = install_folder(tiny_model(tmp_path / "weights"), "tiny")
    ours = DirectModel(model, replace(PLAN, layers=1), RECIPE, half=False)
    theirs = WrappedModel(model, replace(PLAN, layers=1), RECIPE, device="cpu", half=False)
    passes: list[Layer] = []

    def counted(layer: Layer, *arguments: Any, **options: Any) -> Any:
        passes.append(layer)
        return forward(layer, *arguments, **options)

    monkeypatch.setattr("engine.tuning.direct.forward", counted)
    batch = [_example(40, 1)]
    for step in range(3):
        assert ours.gradient(batch) == pytest.approx(theirs.gradient(batch), rel=CLOSE)
        ours.step(1e-2)
        theirs.step(1e-2)
        lower = [layer for layer in passes if layer is ours.layers[0]]
        assert (len(lower), len(passes) - len(lower)) == (1, step + 1)
    with ours.base(), theirs.base():
        assert ours.losses(batch) == pytest.approx(theirs.losses(batch), rel=CLOSE)
    assert len(passes) == 5
    monkeypatch.setattr("engine.tuning.direct._BELOW_HELD", 1)
    ours.losses([_example(41, 2)])
    assert len(ours._below) == 1


def test_everything_unusual_is_left_to_peft(tmp_path: Path) -> None:
    usual = {
        "model_type": "llama",
        "hidden_act": "silu",
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e4},
    }
    assert is_direct(usual, PLAN, "cpu")
    assert is_direct({"model_type": "qwen2", "use_sliding_window": False, "sliding_window": 32768}, PLAN, "cpu")
    assert is_direct({"model_type": "llama", "rope_scaling": None}, PLAN, "cpu")
    changes: tuple[dict[str, Any], ...] = (
        {"model_type": "qwen3"},
        {"hidden_act": "gelu"},
        {"attention_bias": True},
        {"mlp_bias": True},
        {"sliding_window": 64},
        {"layer_types": ["full_attention", "sliding_attention"]},
        {"rope_parameters": {"rope_type": "llama3", "rope_theta": 1e4}},
        {"rope_scaling": {"type": "linear", "factor": 2.0}, "rope_parameters": None},
        {"partial_rotary_factor": 0.5},
        {"quantization_config": {}},
    )
    for change in changes:
        assert not is_direct({**usual, **change}, PLAN, "cpu"), change
    assert not is_direct(usual, PLAN, "cuda")
    for plan in (replace(PLAN, base="int8"), replace(PLAN, base="bfloat16"), replace(PLAN, checkpointing=True)):
        assert not is_direct(usual, plan, "cpu")
    found = []
    for architecture in ARCHITECTURES:
        folder = tiny_model(tmp_path / architecture, architecture)
        if is_direct(read_config(folder), PLAN, "cpu"):
            found.append(architecture)
    assert found == ["llama", "qwen2"]
