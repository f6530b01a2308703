"""A small repository that has something to ask of every kind, written file by file."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "orchard/trees.py": '''"""Trees of the orchard and what grows on them."""

from pomology import graft_scion, Rootstock


class Plant:
    """Anything that is rooted in the soil."""

    def __init__(self, species: str, rings: int = 3):
        self.species = species
        self.rings = rings

    def water_roots(self, litres: float = 2.5, *, gently: bool = True) -> float:
        """Pour water on the roots until the soil is moist."""
        if litres < 0:
            raise ValueError(f"{litres} is negative")
        return litres * self.rings


class AppleTree(Plant):
    """A tree that bears apples every second autumn."""

    def shake_branches(self, force: int = 7):
        """Shake the branches so that ripe apples fall."""
        # Too much force would break twigs, so it is limited to avoid damage
        limited = min(force, 10)
        return self.drop_fruit(limited)

    def drop_fruit(self, number):
        """Drop a number of fruits on the ground."""
        if not number:
            raise LookupError("no fruit")
        return graft_scion(number)
''',
    "orchard/harvest.py": '''"""Bringing the harvest in."""

from orchard.trees import AppleTree, Plant


def fill_crates(tree, crates: list, limit: int = 12):
    """Fill crates with fruit from one tree until none is left."""
    for _ in crates:
        tree.shake_branches(limit)
    return crates


def press_cider(crates, pressure="high"):
    """Press the juice out of all crates and bottle it."""
    if len(crates) > 99:
        raise OverflowError("too many crates")
    count = count_bottles(crates)
    return count


def count_bottles(crates):
    """Count the bottles that the juice of all crates fills."""
    return len(crates) * 4


def plan_season(trees, workers=("Ann", "Bob")):
    """Plan which worker picks from which tree in what week."""
    plan = arrange_weeks(trees, workers)
    return fill_crates(plan, [])


def arrange_weeks(trees, workers):
    """Arrange the weeks of picking in the order of ripeness."""
    return dict(zip(trees, workers))
''',
    "tests/test_harvest.py": '''from orchard.harvest import press_cider


def test_press_cider():
    """Pressing nothing gives no bottle."""
    assert press_cider([]) == 0
''',
    "README.md": "# Orchard\n\nSoftware for growers of apples and pears, to plan, water and pick.\n",
}


def write_orchard(root: Path) -> Path:
    """Write the repository into a folder and return that."""
    for path, text in FILES.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root
