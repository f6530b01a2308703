"""The bench's peer is the plain loop, and it trains what ours trains."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.tuning import PlainLoop, operations
from bench.tuning_work import work
from engine.models.local import install_folder
from engine.tuning import Recipe, Tuner
from engine.tuning.examples import plan_steps
from tests.models.tiny import tiny_model


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_the_peer_ends_where_ours_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    model = install_folder(tiny_model(tmp_path / "weights"), "tiny")
    recipe = Recipe(rank=4, alpha=8.0, learning_rate=1e-2, max_tokens=96)
    tuner = Tuner(model, recipe=recipe, threads=1, bf16=False)
    given = work("selection", 4)
    planned = plan_steps(given.selected, given.facts[:8], 4, recipe)
    batches = [[tuner.encode(each) for each in batch] for batch in planned]
    assert [len(batch) for batch in batches] == [1, 1, 1, 1, 8]
    tuner.reset()
    plain = PlainLoop(model, recipe, tuner.lora_tensors())
    assert plain.run(planned) > 0
    training = tuner.train(batches)
    assert plain.losses == pytest.approx(training.losses, rel=1e-3)
    texts = [batch[0] for batch in batches]
    assert plain.loss_on(texts) == pytest.approx(np.mean(tuner.losses(texts)), rel=1e-3)
    assert operations(model, batches) == pytest.approx(2 * operations(model, [*batches, *batches]) / 4)


def test_the_work_is_the_same_for_the_same_seed_and_checks_on_other_lines() -> None:
    given = work("index", 20)
    assert given == work("index", 20) and given != work("index", 20, seed=1)
    assert len(given.selected) == 20 and len(given.held_out) == 8 and len(given.facts) == 40
    for chunk in given.held_out:
        for each in given.selected:
            apart = each.chunk.last_line < chunk.first_line or chunk.last_line < each.chunk.first_line
            assert each.chunk.path != chunk.path or apart
