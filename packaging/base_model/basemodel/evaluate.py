"""What the model is worth: bits per byte in and outside the corpus, and answers on unseen files."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch.nn import functional

from basemodel.corpus import Document
from basemodel.definitions import definitions
from basemodel.encode import encode_plain
from basemodel.model import Llama
from basemodel.qa import UNANSWERABLE, Example, examples
from basemodel.questions import example_tokens
from basemodel.sources import MAX_BYTES, MIN_BYTES
from basemodel.vocabulary import special_id

__all__ = ["answers", "bits_per_byte", "read_repository", "sample", "windows"]

ANSWER_TOKENS = 48


def sample(files: Iterable[tuple[str, str]], limit: int) -> list[tuple[str, str]]:
    """Return (path, text) of files in the order of their path's hash, up to ``limit`` bytes, at least one."""
    kept: list[tuple[str, str]] = []
    size = 0
    for path, text in sorted(files, key=lambda each: hashlib.sha256(each[0].encode()).hexdigest()):
        size += len(text.encode())
        if kept and size > limit:
            break
        kept.append((path, text))
    return kept


def read_repository(root: Path) -> list[tuple[str, str]]:
    """Return path and text of a repository's Python files of 500 B to 150 kB; tests are left out."""
    found = []
    for file in sorted(root.rglob("*.py")):
        path = file.relative_to(root)
        data = file.read_bytes()
        if "tests" in path.parts or not MIN_BYTES <= len(data) <= MAX_BYTES:
            continue
        found.append((path.as_posix(), data.decode("utf-8", "replace").replace("\r\n", "\n")))
    return found


def windows(length: int, context: int) -> list[tuple[int, int, int]]:
    """Cut ``length`` tokens into windows (first, last, first target that counts), half overlapping.

    Every token but the first counts as a target once, with at least ``context // 2`` tokens before it
    except in the first window.
    """
    cuts = []
    begin, counted = 0, 1
    while counted < length:
        end = min(begin + context, length)
        cuts.append((begin, end, counted))
        counted = end
        begin = end - context // 2
    return cuts


@torch.no_grad()
def bits_per_byte(model: Llama, tokenizer: Tokenizer, files: Sequence[tuple[str, str]], context: int) -> float:
    """Return the bits the model needs for a byte of the files' text, each file after its path."""
    bits, size = 0.0, 0
    for path, text in files:
        head, body = encode_plain(tokenizer, [f"{path}\n", text])
        ids = torch.tensor([special_id("<|file_sep|>"), *head, *body])
        size += len(text.encode())
        for begin, end, counted in windows(len(ids), context):
            first = max(counted, 1 + len(head))  # the path is given
            if first >= end:
                continue
            logits = model(ids[None, begin : end - 1])[0, first - 1 - begin :]  # (n, vocab)
            loss = functional.cross_entropy(logits.float(), ids[first:end], reduction="sum")
            bits += float(loss) / 0.6931471805599453
    return bits / size


@dataclass(slots=True)
class _Score:
    asked: int = 0
    exact: int = 0
    cited: int = 0
    first: int = 0


def _held_out_examples(documents: Iterable[Document], count: int, seed: int) -> list[Example]:
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    pool = [
        each
        for document in documents
        if document.held_out
        for each in definitions(document.path, document.text, chars=500)
    ]
    packages: dict[str, list[Any]] = {}
    for each in pool:
        packages.setdefault(each.chunk.path.split("/")[0], []).append(each)
    return examples(packages.values(), count, rng)[:count]


def answers(
    folder: Path, tokenizer: Tokenizer, documents: Iterable[Document], *, count: int = 100, seed: int = 1
) -> dict[str, float]:
    """Return how many questions about held-out files the exported model answers, decoded greedily.

    ``exact``: the whole answer is right to the letter. ``cited``: the citation tokens are the right ones.
    ``first``: what ``cited`` would be if only block 1 were ever cited. These are over answerable questions;
    ``refused_unanswerable`` and ``refused_answerable`` say how often the model says that the repository
    does not say. Read with transformers, as users would.
    """
    from transformers import LlamaForCausalLM

    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    score, refused, unanswerable, over = _Score(), 0, 0, 0
    for example in _held_out_examples(documents, count, seed):
        tokens, _ = example_tokens(tokenizer, example)
        start = tokens.index(special_id("<|assistant|>"), _question_at(tokens)) + 1
        said = _greedy(model, tokens[:start])
        text = tokenizer.decode(said, skip_special_tokens=False)
        wanted = "".join(piece.text for piece in example.answer)
        if example.kind == "unanswerable":
            unanswerable += 1
            refused += text == UNANSWERABLE
            continue
        if example.kind == "missing":
            continue
        score.asked += 1
        score.exact += text == wanted
        over += text == UNANSWERABLE
        cites = [piece.text for piece in example.answer if piece.special]
        score.first += cites == ["<|cite_1|>"]
        score.cited += [special_id(each) for each in cites] == [one for one in said if _is_citation(one)]
    return {
        "questions": score.asked + unanswerable,
        "exact": score.exact / max(1, score.asked),
        "cited": score.cited / max(1, score.asked),
        "first": score.first / max(1, score.asked),
        "refused_unanswerable": refused / max(1, unanswerable),
        "refused_answerable": over / max(1, score.asked),
    }


def _question_at(tokens: Sequence[int]) -> int:
    """Return the position of the last question: earlier turns have an assistant token too."""
    return len(tokens) - 1 - tokens[::-1].index(special_id("<|question|>"))


def _is_citation(token: int) -> bool:
    return special_id("<|cite_1|>") <= token <= special_id("<|cite_16|>")


def _greedy(model: Any, prompt: list[int]) -> list[int]:
    ids = torch.tensor([prompt])
    ends = [special_id("<|end|>"), special_id("<|endoftext|>")]
    out = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=ANSWER_TOKENS,
        do_sample=False,
        eos_token_id=ends,
        pad_token_id=special_id("<|pad|>"),
    )
    said = out[0, len(prompt) :].tolist()
    return [token for token in said if token not in ends]
