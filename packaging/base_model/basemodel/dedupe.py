"""Near-duplicate detection by MinHash (Broder 1997) over shingles of whole lines.

Lines, not characters: copies of source files differ in a few edited lines, and a file has a few
hundred line shingles where it has tens of thousands of character shingles.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

__all__ = ["Deduper", "shingles", "signature"]

SHINGLE_LINES = 3
BANDS, ROWS = 16, 4  # two files of Jaccard 0.7 share a band with probability 0.988
_ROWS = np.random.default_rng(7).integers(0, 1 << 63, (2, BANDS * ROWS), dtype=np.uint64)
_MULTIPLIERS, _OFFSETS = _ROWS[0] * np.uint64(2) + np.uint64(1), _ROWS[1]

Signature = npt.NDArray[np.uint64]


def shingles(text: str) -> npt.NDArray[np.uint64]:
    """Return the distinct 32-bit hashes (S,) of every run of three non-blank, stripped lines."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    runs = range(max(1, len(lines) - SHINGLE_LINES + 1))
    digests = (
        hashlib.blake2b("\n".join(lines[at : at + SHINGLE_LINES]).encode("utf-8", "replace"),
                        digest_size=4).digest()
        for at in runs
    )  # fmt: skip
    return np.unique(np.array([int.from_bytes(each, "big") for each in digests], dtype=np.uint64))


def signature(text: str) -> Signature:
    """Return the MinHash signature (64,) of a text: equal entries estimate the Jaccard similarity."""
    hashes = shingles(text)
    # Multiply-add-shift (Dietzfelbinger 1996): the overflow of 64 bits is meant, and the upper half is kept.
    mixed = (_MULTIPLIERS[:, None] * hashes[None, :] + _OFFSETS[:, None]) >> np.uint64(32)
    smallest: Signature = mixed.min(axis=1)
    return smallest


class Deduper:
    """Remembers texts and says whether a new one nearly repeats an earlier one."""

    def __init__(self, threshold: float = 0.7) -> None:
        self.threshold = threshold
        self._exact: set[bytes] = set()
        self._bands: dict[tuple[int, bytes], list[int]] = {}
        self._signatures: list[Signature] = []

    def is_new(self, text: str) -> bool:
        """Return False for a copy or near-copy of a text seen before; remember the others."""
        digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
        if digest in self._exact:
            return False
        self._exact.add(digest)
        mine = signature(text)
        keys = [(band, mine[band * ROWS : (band + 1) * ROWS].tobytes()) for band in range(BANDS)]
        rivals = {number for key in keys for number in self._bands.get(key, ())}
        for number in rivals:
            if float(np.mean(self._signatures[number] == mine)) >= self.threshold:
                return False
        for key in keys:
            self._bands.setdefault(key, []).append(len(self._signatures))
        self._signatures.append(mine)
        return True
