"""Tiny models with seeded random weights in the layout of Hugging Face, for any test that needs a real one.

``tiny_model(folder, "llama" | "qwen2" | "qwen3" | "gemma2" | "gemma3")`` writes config.json, tokenizer.json,
tokenizer_config.json and sharded safetensors into ``folder`` and returns it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from engine.models.tokenizer import QWEN2_SPLIT

Architecture = Literal["llama", "qwen2", "qwen3", "gemma2", "gemma3"]
ARCHITECTURES: tuple[Architecture, ...] = ("llama", "qwen2", "qwen3", "gemma2", "gemma3")
CONTEXT = 512


def exact_bound(architecture: str) -> float:
    """Return how far llama.cpp's exact logits may be off: it reads Gemma's GELU from a table in half precision."""
    return 5e-3 if architecture.startswith("gemma") else 5e-4


# The bundled model's reserved tokens, in its order.
SPECIAL_TOKENS = (
    "<|endoftext|>",
    "<|pad|>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|end|>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|file_sep|>",
    "<|repo_name|>",
    "<|evidence|>",
    "<|question|>",
    "<|nothing|>",
    *(f"<|cite_{n}|>" for n in range(1, 17)),
    "<|highlight|>",
)
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
_TEXTS = (
    "def find_error_handler(self, error, names):\n    for name in names:\n        return self.handlers[name]\n",
    "class Flask(App):\n    def __init__(self, import_name: str) -> None:\n        super().__init__(import_name)\n",
    "The repository does not say where the session is opened. Who calls `open_session`, and why?\n",
    "import os\nimport json\n\nif __name__ == '__main__':\n    print(json.dumps({'n': 1234567890}))\n",
    "größer, naïve, 日本語のテキスト, emoji 🙂🙂, Ελληνικά, привет мир\n\n\t\tindented\r\nwindows line\r\n",
)


@lru_cache(maxsize=1)
def tokenizer_json(vocab_size: int) -> str:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN2_SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[AddedToken(text, special=True, normalized=False) for text in SPECIAL_TOKENS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_TEXTS, trainer=trainer)
    return str(tokenizer.to_str())


def _config(architecture: Architecture, vocab_size: int, **changes: Any) -> Any:
    from transformers import Gemma2Config, Gemma3TextConfig, LlamaConfig, Qwen2Config, Qwen3Config

    sizes: dict[str, Any] = {
        "vocab_size": vocab_size,
        "hidden_size": 64,
        "intermediate_size": 160,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": CONTEXT,
        "tie_word_embeddings": True,
        "rms_norm_eps": 1e-5,
        "bos_token_id": None,
        "eos_token_id": 0,
        "pad_token_id": 1,
    }
    kinds = {
        "llama": LlamaConfig,
        "qwen2": Qwen2Config,
        "qwen3": Qwen3Config,
        "gemma2": Gemma2Config,
        "gemma3": Gemma3TextConfig,
    }
    if architecture.startswith(
        "gemma"
    ):  # a window that is shorter than the texts of the tests, and every kind of layer
        sizes |= {"head_dim": 32, "query_pre_attn_scalar": 32, "sliding_window": 64}
    if architecture == "gemma2":
        sizes |= {"attn_logit_softcapping": 5.0, "final_logit_softcapping": 3.0}
    if architecture == "gemma3":
        sizes["num_hidden_layers"] = 7
    if architecture == "qwen3":
        sizes["head_dim"] = 32  # not hidden_size / heads, as in the real ones
    return kinds[architecture](**{**sizes, **changes})


def tiny_model(
    folder: Path,
    architecture: Architecture = "llama",
    *,
    seed: int = 0,
    vocab_size: int = 512,
    dtype: str = "float16",
    shard_size: str = "100KB",
    chat_template: str | None = CHAT_TEMPLATE,
    **changes: Any,
) -> Path:
    """Write a model of the real architecture with random weights; ``changes`` override its config.

    Weights are spread wider than a fresh model's, so that every part shows in the logits.
    """
    import torch
    from transformers import AutoModelForCausalLM

    tokenizer = tokenizer_json(vocab_size)
    config = _config(architecture, vocab_size, **changes)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = AutoModelForCausalLM.from_config(config)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if weight.ndim == 1:  # norms around one, biases around zero
                    one = name.endswith("norm.weight") and not architecture.startswith("gemma")  # stored less one
                    weight.copy_(torch.randn_like(weight) * 0.2 + (1.0 if one else 0.0))
                else:
                    weight.copy_(torch.randn_like(weight) * 0.08)
        model = model.to(getattr(torch, dtype))
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder, max_shard_size=shard_size)
    (folder / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": CONTEXT,
        "bos_token": None,
        "eos_token": "<|endoftext|>",
        "pad_token": "<|pad|>",
        "clean_up_tokenization_spaces": False,
        "chat_template": chat_template,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder
