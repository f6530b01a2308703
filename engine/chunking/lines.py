"""Rows of a text, their size in the encoder's eyes, and where to cut a span that is too long.

A line ends at "\\n" and nowhere else (not at form feeds or Unicode separators); rows count from 0, spans are
inclusive. The encoder's tokens are estimated, not counted: over the code and documents of four repositories
all-MiniLM-L6-v2 had 2.4 to 3.9 characters a token once indentation was left aside, 2.8 in the middle.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

__all__ = ["LARGEST", "Rows"]

LARGEST = 700  # characters without indentation: about 250 tokens
_FILL = 0.5  # a part is cut between this share of its fair size and LARGEST
# A cut costs its indentation; what follows is measured in columns of indentation.
_DEEPEST = 40
_AFTER_BLANK = -12
_CONTINUATION = 30
_OFF_SIZE = 6
_CONTINUES = re.compile(r"[)\]}]|(?:else|elif|except|finally|catch|end|fi|done|esac|and|or|then|in)\b|\?|&&|\|\||\.\w")


class Rows:
    """A text as rows."""

    def __init__(self, text: str) -> None:
        """Split ``text``; a newline at its very end closes the last row and opens none."""
        self.lines: Sequence[str] = text.split("\n")
        if self.lines[-1] == "":
            self.lines = self.lines[:-1]
        self._ends = [0, *accumulate(len(line.strip()) + 1 for line in self.lines)]

    def __len__(self) -> int:
        return len(self.lines)

    def text(self, first: int, last: int) -> str:
        """Return exactly the rows first..last."""
        return "\n".join(self.lines[first : last + 1])

    def size(self, first: int, last: int) -> int:
        """Return the characters of rows first..last without indentation, one for each line's end."""
        return self._ends[last + 1] - self._ends[first]

    def fits(self, first: int, last: int) -> bool:
        """Return whether the rows make one chunk."""
        return self.size(first, last) <= LARGEST

    def blank(self, row: int) -> bool:
        """Return whether a row holds white space only."""
        return not self.lines[row].strip()

    def indent(self, row: int) -> int:
        """Return the width of a row's indentation, a tab counting four."""
        line = self.lines[row]
        return sum(4 if character == "\t" else 1 for character in line[: len(line) - len(line.lstrip())])

    def split(self, first: int, last: int, uncuttable: frozenset[int] = frozenset()) -> list[tuple[int, int]]:
        """Cut rows first..last into parts of about equal size, each of at most ``LARGEST`` if its rows allow it.

        Cuts prefer blank rows and little indentation; before an ``uncuttable`` row they are a last resort.
        """
        parts = []
        while not self.fits(first, last):
            left = -(-self.size(first, last) // LARGEST)
            fair = self.size(first, last) / left
            cut = self._best_cut(first, last, fair, uncuttable)
            if cut is None:
                break
            parts.append((first, cut - 1))
            first = cut
        parts.append((first, last))
        return parts

    def _best_cut(self, first: int, last: int, fair: float, uncuttable: frozenset[int]) -> int | None:
        best, best_cost = None, float("inf")
        for row in range(first + 1, last + 1):
            size = self.size(first, row - 1)
            if size > LARGEST and best is not None:
                break
            if size < _FILL * fair and self.size(first, row) <= LARGEST:
                continue
            cost = min(self.indent(row), _DEEPEST) + _OFF_SIZE * abs(size - fair) / fair
            if self.blank(row):
                cost += _DEEPEST + _CONTINUATION  # blank rows end a part, they do not begin one
            elif self.blank(row - 1):
                cost += _AFTER_BLANK
            if _CONTINUES.match(self.lines[row].lstrip()):
                cost += _CONTINUATION
            if row in uncuttable:
                cost += _DEEPEST + _CONTINUATION
            if cost < best_cost:
                best, best_cost = row, cost
            if size > LARGEST:
                break
        return best
