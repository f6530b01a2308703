"""The bundled model as it ships: sizes, reserved ids, chat form, and that transformers can read it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

RESOURCES = Path(__file__).resolve().parents[2] / "resources" / "base_model"
# Written out, not imported: the ids must survive any change of the scripts.
RESERVED = (
    "<|endoftext|> <|pad|> <|system|> <|user|> <|assistant|> <|end|> <|fim_prefix|> <|fim_middle|> <|fim_suffix|> "
    "<|file_sep|> <|repo_name|> <|evidence|> <|question|> <|nothing|>"
).split()


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(RESOURCES / "tokenizer.json"))


def test_the_weights_fit_into_what_may_be_shipped() -> None:
    files = [each for each in RESOURCES.iterdir() if each.is_file()]
    shards = [each for each in files if each.suffix == ".safetensors"]
    assert shards
    assert max(each.stat().st_size for each in shards) <= 15_000_000
    assert sum(each.stat().st_size for each in files) <= 32_000_000


def test_reserved_tokens_have_their_ids_for_ever(tokenizer: Tokenizer) -> None:
    expected = [
        *RESERVED,
        *(f"<|cite_{n}|>" for n in range(1, 17)),
        "<|highlight|>",
        *(f"<|reserved_{n}|>" for n in range(1, 16)),
    ]
    assert [tokenizer.id_to_token(number) for number in range(len(expected))] == expected
    assert tokenizer.get_vocab_size() == 8192
    for number, token in enumerate(expected):
        assert tokenizer.encode(token).ids == [number]


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    return x['a'] + 10_000\n",
        "\tif a :\r\n\r\n\n   #  Größe, λ, 漢字 🙂 \u00a0e\u0301\n",
        "  leading and trailing  ",
        "".join(map(chr, range(1, 256))),
        "I'll DON'T it's",
    ],
)
def test_text_comes_back_as_it_was(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    assert len(ids) > 1
    assert tokenizer.decode(ids, skip_special_tokens=False) == text


def test_the_chat_template_has_no_newlines_between_turns() -> None:
    from transformers import PreTrainedTokenizerFast

    fast = PreTrainedTokenizerFast.from_pretrained(RESOURCES)
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": " u\n"}]
    rendered = fast.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert rendered == "<|system|>s<|end|><|user|> u\n<|end|><|assistant|>"
    answered = [*messages, {"role": "assistant", "content": "a"}]
    assert fast.apply_chat_template(answered, tokenize=False).endswith("<|end|><|assistant|>a<|end|>")


def test_transformers_loads_every_weight_and_continues_code() -> None:
    import torch
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

    model, info = LlamaForCausalLM.from_pretrained(RESOURCES, dtype=torch.float32, output_loading_info=True)
    assert not any(info.values())
    assert model.lm_head.weight is model.model.embed_tokens.weight
    fast = PreTrainedTokenizerFast.from_pretrained(RESOURCES)
    text = "<|file_sep|>shapes.py\nclass Square:\n    def __init__(self, side):\n        self.side = side\n"
    ids = torch.tensor([fast.encode(text)])
    with torch.no_grad():
        loss = float(model(ids, labels=ids).loss)
    assert loss < 4.5  # an untrained model has 9.0


def test_the_index_names_every_tensor_where_it_is() -> None:
    from safetensors import safe_open

    index: dict[str, Any] = json.loads((RESOURCES / "model.safetensors.index.json").read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    for shard in RESOURCES.glob("*.safetensors"):
        with safe_open(shard, framework="numpy") as tensors:
            found |= dict.fromkeys(tensors.keys(), shard.name)
    assert index["weight_map"] == found
    assert "lm_head.weight" not in found


def test_the_card_says_what_was_measured() -> None:
    card = (RESOURCES / "MODEL_CARD.md").read_text(encoding="utf-8")
    for name in ("streamlink", "flask", "requests", "held-out files of the corpus"):
        assert re.search(rf"\| {name} \| \d\.\d{{3}} \| \d\.\d{{3}} \|", card)
    assert "BSD-3-Clause" in card
    assert (RESOURCES / "training_log.jsonl").stat().st_size < 100_000
