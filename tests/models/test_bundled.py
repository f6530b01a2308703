"""The model that ships with the program, as it lies in ``resources``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.generation.llama import Llama
from engine.generation.prompt import CITE_TOKENS, Piece, compact_prompt
from engine.models import InstalledModel
from engine.models.bundled import install_bundled
from engine.types import Chunk, Evidence

_SOURCE = Path(__file__).read_text(encoding="utf-8")


@pytest.fixture
def model() -> InstalledModel:
    return install_bundled()


def test_it_can_be_shipped(model: InstalledModel) -> None:
    sizes = {path.name: path.stat().st_size for path in model.weights.iterdir()}
    assert sum(sizes.values()) <= 32_000_000
    assert max(size for name, size in sizes.items() if name.endswith(".safetensors")) <= 15_000_000
    assert (model.style, model.architecture, model.context) == ("compact", "llama", 2048)
    assert model.notes


def test_it_knows_every_control_token_of_its_prompt(model: InstalledModel) -> None:
    evidence = [
        Evidence(number, Chunk("a.py", 1, 2, "def f():\n    return 1\n", "function", "python"))
        for number in range(1, CITE_TOKENS + 1)
    ]
    with Llama(model.gguf, context=model.context) as llama:
        for piece in compact_prompt("Where is f?", evidence):
            if piece.special:
                assert llama.count([piece]) == 1
        assert llama.count([Piece("<|endoftext|>", special=True)]) == 1


def test_llama_cpp_reads_and_computes_what_tokenizers_and_transformers_do(model: InstalledModel) -> None:
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModelForCausalLM

    tokenizer = Tokenizer.from_file(str(model.weights / "tokenizer.json"))
    tokenizer.encode_special_tokens = True
    reference = AutoModelForCausalLM.from_pretrained(model.weights, dtype=torch.float32)
    with Llama(model.gguf, context=model.context, exact=True) as llama:
        tokens = llama.tokenize([Piece(_SOURCE)])
        assert tokens == tokenizer.encode(_SOURCE, add_special_tokens=False).ids
        with torch.no_grad():
            expected = reference(torch.tensor([tokens])).logits[0].numpy()
        assert np.abs(llama.logits(tokens) - expected).max() < 1e-2
