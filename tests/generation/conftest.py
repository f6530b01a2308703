from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.models.folder import read_config
from engine.models.gguf import write_lora_gguf, write_model_gguf
from engine.types import Floats
from tests.models.tiny import ARCHITECTURES, tiny_model

PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
LORA_ALPHA = 16.0


@dataclass(frozen=True)
class Tuned:
    """A tiny model, its GGUF, and the same model under PEFT after a few real gradient steps."""

    folder: Path
    gguf: Path
    adapter: Path
    other_adapter: Path  # another seed's
    tensors: dict[str, tuple[Floats, Floats]]
    peft: Any


def lora_tensors(model: Any) -> dict[str, tuple[Floats, Floats]]:
    found = {}
    for name, module in model.named_modules():
        if hasattr(module, "lora_A") and "default" in module.lora_A:
            a, b = module.lora_A["default"].weight, module.lora_B["default"].weight
            found[name] = (a.detach().float().numpy(), b.detach().float().numpy())
    return found


def train_lora(folder: Path, seed: int) -> Any:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        config = LoraConfig(r=4, lora_alpha=LORA_ALPHA, target_modules=PROJECTIONS, task_type="CAUSAL_LM")
        with warnings.catch_warnings():  # PEFT asks transformers for an attribute by its old name
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
            model = get_peft_model(base, config)
        tokens = torch.randint(0, 512, (4, 48))
        optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=2e-2)
        for row in tokens:
            model(row[None], labels=row[None]).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    return model.eval()


@pytest.fixture(scope="session")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tuned]:
    root = tmp_path_factory.mktemp("tuned")
    made: dict[str, Tuned] = {}
    for name in ARCHITECTURES:
        folder = tiny_model(root / name, name)
        gguf = root / f"{name}.gguf"
        write_model_gguf(folder, gguf, name)
        config = read_config(folder)
        model, other = train_lora(folder, 1), train_lora(folder, 2)
        for suffix, each in (("adapter", model), ("other", other)):
            write_lora_gguf(root / f"{name}.{suffix}.gguf", name, lora_tensors(each), LORA_ALPHA, config)
        made[name] = Tuned(
            folder=folder,
            gguf=gguf,
            adapter=root / f"{name}.adapter.gguf",
            other_adapter=root / f"{name}.other.gguf",
            tensors=lora_tensors(model),
            peft=model,
        )
    return made
