"""tokenizer.json -> the tokenizer of a GGUF.

llama.cpp knows the way in which a byte-level tokenizer splits text by a name. Each name below stands for the splits
that ``tokenizer.json`` must spell out exactly; a split that is none of them is refused, since another one would give
other tokens without a word. SentencePiece tokenizers (Gemma) merge by the scores of tokens instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import ModelError
from engine.models.folder import added_tokens, read_chat_template, read_json

__all__ = ["LLAMA3_SPLIT", "QWEN2_SPLIT", "add_tokenizer", "token_text"]

# The split that llama.cpp calls "qwen2", as tokenizer.json writes it.
QWEN2_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# "llama-bpe", of Llama 3 and what was built on its tokenizer: up to three digits together.
LLAMA3_SPLIT = QWEN2_SPLIT.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
_SPLITS = {QWEN2_SPLIT: "qwen2", LLAMA3_SPLIT: "llama-bpe"}
_TURN_ENDS = ("<|end|>", "<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end_of_role|>")
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
_NO_MERGE = -1e9


def _split_name(tokenizer: Mapping[str, Any]) -> str:
    """Return llama.cpp's name of the way in which text is split; empty for one it has no name for here."""
    outer = tokenizer.get("pre_tokenizer") or {}
    steps = outer.get("pretokenizers", [outer])
    kinds = [step.get("type") for step in steps]
    level = steps[-1]
    if kinds[-1] != "ByteLevel" or level.get("add_prefix_space"):
        return ""
    if kinds == ["Split", "ByteLevel"]:
        return _SPLITS.get(steps[0].get("pattern", {}).get("Regex", ""), "")
    if not level.get("use_regex", True):
        return ""
    if kinds == ["Digits", "ByteLevel"]:
        return "smollm" if steps[0].get("individual_digits") else ""
    return "gpt-2" if kinds == ["ByteLevel"] else ""


def _is_sentencepiece(tokenizer: Mapping[str, Any]) -> bool:
    """Return whether it is BPE over text whose spaces were replaced, with bytes for what is unknown (Gemma)."""
    normalizer = tokenizer.get("normalizer") or {}
    replaces = normalizer.get("type") == "Replace" and normalizer.get("pattern") == {"String": " "}
    return bool(tokenizer["model"].get("byte_fallback")) and replaces and normalizer.get("content") == "▁"


def _token_lists(folder: Path, vocabulary: Mapping[str, int], size: int) -> tuple[list[str], list[int]]:
    """Return the token texts by id and their types; ids that nothing uses are filled."""
    import gguf

    tokens = [f"[PAD{number}]" for number in range(size)]
    types = [int(gguf.TokenType.UNUSED)] * size
    entries = [(text, number, gguf.TokenType.NORMAL) for text, number in vocabulary.items()]
    for added in added_tokens(folder):
        kind = gguf.TokenType.CONTROL if added.control else gguf.TokenType.USER_DEFINED
        entries.append((added.text, added.number, kind))
    for text, number, kind in entries:
        if not 0 <= number < size:
            raise ModelError(f"the tokenizer has a token {number} and the model only {size} embeddings")
        tokens[number], types[number] = text, int(kind)
    return tokens, types


def token_text(value: Any) -> str | None:
    """Return the text of a special token, which tokenizer_config.json writes as text or as an object."""
    if isinstance(value, Mapping):
        value = value.get("content")
    return value if isinstance(value, str) else None


def add_tokenizer(writer: Any, folder: Path, size: int) -> None:
    """Write the tokenizer and the chat template of the model in ``folder``, of ``size`` embeddings, to a GGUFWriter.

    Raises ModelError for a tokenizer that llama.cpp would not split text with as the model's own does.
    """
    tokenizer = read_json(folder / "tokenizer.json")
    model = tokenizer.get("model") or {}
    tokens, types = _token_lists(folder, model.get("vocab") or {}, size)
    split = _split_name(tokenizer)
    pairs = [pair if isinstance(pair, str) else " ".join(pair) for pair in model.get("merges") or []]
    if model.get("type") == "BPE" and _is_sentencepiece(tokenizer):
        _add_sentencepiece(writer, tokens, types, model["merges"])
    elif model.get("type") == "BPE" and split and (split == "llama-bpe" or not model.get("ignore_merges")):
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(split)
        writer.add_token_list(tokens)
        writer.add_token_types(types)
        writer.add_token_merges(pairs)
    else:
        known = "byte-level BPE split as qwen2, llama-bpe, smollm or gpt-2, and SentencePiece BPE"
        raise ModelError(f"the tokenizer in {folder} is of a kind that is not supported; supported are {known}")
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    _add_special(writer, folder, tokens)
    template = read_chat_template(folder)
    if template is not None:
        writer.add_chat_template(template)


def _add_sentencepiece(writer: Any, tokens: list[str], types: list[int], merges: list[Any]) -> None:
    """Write tokens with scores: the earlier a merge, the better the token that it makes."""
    import gguf

    scores = dict.fromkeys(range(len(tokens)), _NO_MERGE)
    ids = {text: number for number, text in enumerate(tokens)}
    for rank, pair in enumerate(merges):
        left, right = pair.split(" ", 1) if isinstance(pair, str) else pair
        number = ids.get(left + right)
        if number is not None and scores[number] == _NO_MERGE:
            scores[number] = -float(rank)
    for number, text in enumerate(tokens):
        if _BYTE.fullmatch(text):
            types[number] = int(gguf.TokenType.BYTE)
        elif text == "<unk>":
            types[number] = int(gguf.TokenType.UNKNOWN)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores([scores[number] for number in range(len(tokens))])
    writer.add_token_types(types)
    writer.add_add_space_prefix(False)


def _add_special(writer: Any, folder: Path, tokens: list[str]) -> None:
    settings = read_json(folder / "tokenizer_config.json") if (folder / "tokenizer_config.json").is_file() else {}
    ids = {text: number for number, text in enumerate(tokens)}
    for key, add in (
        ("bos_token", writer.add_bos_token_id),
        ("eos_token", writer.add_eos_token_id),
        ("pad_token", writer.add_pad_token_id),
    ):
        text = token_text(settings.get(key))
        if text in ids:
            add(ids[text])
    for text in _TURN_ENDS:
        if text in ids:
            writer.add_eot_token_id(ids[text])
