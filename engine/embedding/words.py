"""The words of the encoder's vocabulary: 30,000 of the most frequent ones in English."""

from __future__ import annotations

from functools import lru_cache

from engine.embedding.weights import encoder_folder
from engine.errors import ModelError

__all__ = ["is_frequent_word"]


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    try:
        return frozenset((encoder_folder() / "vocab.txt").read_text(encoding="utf-8").split("\n"))
    except (ModelError, OSError, ValueError):  # the words of a question still find chunks without the encoder
        return frozenset()


def is_frequent_word(word: str) -> bool:
    """Return whether a lower-case word, or what it is an inflection of, is in the vocabulary.

    Where the encoder is missing every word is taken for a frequent one.
    """
    known = _words()
    return not known or any(stem in known for stem in _stems(word))


_ENDINGS = (("s", ""), ("es", ""), ("ies", "y"), ("er", ""), ("er", "e"), ("or", ""), ("or", "e"))
_BEGINNINGS = ("re", "un", "de", "sub", "non", "pre", "multi", "auto", "super", "over", "meta")


def _stems(word: str) -> list[str]:
    """Return the word and what an ending or a beginning was put to (Porter's first steps, roughly)."""
    long = len(word) - 3  # letters that an affix may have
    cut = [word[: -len(end)] + instead for end, instead in _ENDINGS if word.endswith(end) and len(end) < long]
    return [word, *cut, *(word.removeprefix(each) for each in _BEGINNINGS if len(each) < long)]
