"""One line of the table that has no peer: a figure with its unit, and what was asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Row", "percentile"]


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement; ``must`` and ``aim`` are limits that a smaller figure keeps, or with ``more`` a larger one."""

    name: str
    value: float
    unit: str
    must: float | None = None
    aim: float | None = None
    more: bool = False
    note: str = ""

    @property
    def missed(self) -> bool:
        """Whether it is not what it must be."""
        return self.must is not None and not self._keeps(self.must)

    @property
    def verdict(self) -> str:
        if self.missed:
            return f"must be {'at least' if self.more else 'at most'} {self.must:g}"
        if self.aim is not None and not self._keeps(self.aim):
            return f"short of the {self.aim:g} aimed at"
        return "" if self.must is None and self.aim is None else "ok"

    def _keeps(self, limit: float) -> bool:
        return self.value >= limit if self.more else self.value <= limit


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of the values that at least this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]
