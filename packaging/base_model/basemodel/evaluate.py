"""What the model is worth as a code model: bits per byte in and outside the corpus."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch.nn import functional

from basemodel.encode import encode_plain
from basemodel.model import Llama
from basemodel.sources import MAX_BYTES, MIN_BYTES
from basemodel.vocabulary import special_id

__all__ = ["bits_per_byte", "read_repository", "sample", "windows"]


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
