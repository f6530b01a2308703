"""Chunks into vectors against plain ``sentence-transformers`` in float32 and in bfloat16: the same weights and texts.

The texts are the engine's own chunks of code, as the index embeds them, of about 237 tokens each, so nothing is
downloaded. We embed them in calls of the size that indexing makes; the peer gets all of them in one call and sorts
and batches them as it likes. A round is a call of each, in turn. The lowest cosine is that of the worst text to the
peer's own float32 vector; below 0.999 there is no figure but an error.
"""

from __future__ import annotations

import copy
import importlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.ratio import Ratio, median_seconds
from engine.chunking import parse
from engine.config import default_threads
from engine.embedding.choice import INTERCHANGEABLE
from engine.embedding.encoder import MAX_TOKENS, TransformerEncoder
from engine.embedding.weights import encoder_folder
from engine.repository.scan import scan
from engine.types import Floats, SourceFile

__all__ = ["THREADS", "chunk_texts", "lowest_cosine", "measure"]

THREADS = default_threads()
ROOT = Path(__file__).resolve().parent.parent
TOKENS = (222, 252)  # of a text, with its marks of beginning and end: none is cut
TEXTS = 64
CALL = 16  # texts: what two or more cores embed in the fifth of a second that indexing takes at once
ROUNDS = 7


def chunk_texts(encoder: TransformerEncoder, count: int) -> tuple[list[str], float]:
    """Return ``count`` texts of the engine's own chunks, evenly drawn, and their mean number of tokens."""
    sources = (each for each in scan(ROOT / "engine") if isinstance(each, SourceFile) and each.language == "python")
    texts = [chunk.embedding_text for source in sources for chunk in parse(source).chunks]
    lengths = [len(ids) for ids in encoder._tokens(texts)]
    fitting = [place for place, length in enumerate(lengths) if TOKENS[0] <= length <= min(TOKENS[1], MAX_TOKENS - 1)]
    chosen = fitting[:: max(1, len(fitting) // count)][:count]
    return [texts[place] for place in chosen], float(np.mean([lengths[place] for place in chosen]))


def lowest_cosine(vectors: Floats, reference: Floats) -> float:
    """Return the smallest cosine of two rows (n, d) of the same text; RuntimeError when it is below 0.999."""
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(reference, axis=1)
    lowest = float(((vectors * reference).sum(axis=1) / lengths).min())
    if not lowest >= INTERCHANGEABLE:
        raise RuntimeError(f"the vectors are not those of the peer: the lowest cosine is {lowest:.5f}")
    return lowest


def _plain() -> Any:
    """Return the peer on our weights: transformer, mean pooling, unit length, as the model was published."""
    peer = importlib.import_module("sentence_transformers")
    parts = importlib.import_module("sentence_transformers.models")
    model = peer.SentenceTransformer(
        modules=[parts.Transformer(str(encoder_folder())), parts.Pooling(384), parts.Normalize()], device="cpu"
    )
    model.max_seq_length = MAX_TOKENS
    return model


def measure() -> list[Ratio]:
    os.environ["HF_HUB_OFFLINE"] = "1"
    with tempfile.TemporaryDirectory() as home:
        os.environ["SIDETUNE_HOME"] = home
        return _measure()


def _measure() -> list[Ratio]:
    import torch

    ours = TransformerEncoder(threads=THREADS)
    ours.load()
    texts, tokens = chunk_texts(ours, TEXTS)
    plain = _plain()
    half = copy.deepcopy(plain).to(torch.bfloat16)

    def in_calls() -> None:
        _in_calls(ours, texts)

    def in_float32() -> None:
        plain.encode(texts, show_progress_bar=False)

    def in_bfloat16() -> None:  # numpy has no such type, so the vectors stay tensors
        half.encode(texts, show_progress_bar=False, convert_to_tensor=True)

    def autocast() -> None:
        with torch.autocast("cpu", torch.bfloat16):
            plain.encode(texts, show_progress_bar=False, convert_to_tensor=True)

    contenders = (in_calls, in_float32, in_bfloat16, autocast)
    reference = np.asarray(plain.encode(texts, show_progress_bar=False), dtype=np.float32)
    cosine = lowest_cosine(np.concatenate(_in_calls(ours, texts)), reference)
    own, float32, bfloat16, cast = (each / len(texts) for each in median_seconds(*contenders, rounds=ROUNDS))
    choice = ours.choice
    about = f"{len(texts)} texts of {tokens:.0f} tokens, {THREADS} threads, {choice.arithmetic if choice else ''}"

    def note(peer: float) -> str:
        return f"{about}: {1 / own:.0f} chunks/s, peer {1 / peer:.0f}; lowest cosine {cosine:.5f}"

    return [
        Ratio("embed, against float32", own, float32, must=3.0, note=note(float32)),
        Ratio("embed, against bfloat16", own, bfloat16, aim=1.3, note=note(bfloat16)),
        Ratio("embed, against autocast", own, cast, aim=1.3, note=note(cast)),
    ]


def _in_calls(encoder: TransformerEncoder, texts: Sequence[str]) -> list[Floats]:
    return [encoder.encode(texts[start : start + CALL]) for start in range(0, len(texts), CALL)]
