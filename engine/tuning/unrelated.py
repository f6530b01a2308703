"""A little text that has nothing to do with anybody's repository, written for Sidetune or out of its own source.

The gate measures on ``UNRELATED`` whether learning about a repository made the model forget everything else, and
``STEADY`` can be trained on in between so that it does not. They are different texts, or the gate would see nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["STEADY", "UNRELATED"]

_NOTES = "notes.txt"

# Kind -> path and text of each.
UNRELATED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "plain English": (
        (
            _NOTES,
            "The garden behind the school had been left alone for two summers, and nobody could say any more where the "
            "beds had been. In March the older children dug a trench along the wall and found the pipe that used to "
            "carry rain from the roof. It was cracked in one place only. Once it was mended, water stood in the old "
            "basin again after every storm, and by the end of May there were frogs.",
        ),
        (
            _NOTES,
            "Most people who lose their way in the hills are not far from a path. They have walked on for an hour "
            "after the moment when they first had a doubt, because turning back feels like a waste. The advice is "
            "simple and hard to follow: stop at the first doubt, look at the map, and go back to the last place that "
            "you are sure of. A quarter of an hour is lost that way, and very rarely more.",
        ),
    ),
    "code": (
        (
            "intervals.py",
            "def merged(spans):\n"
            '    """Return the spans in order, those that touch or overlap as one."""\n'
            "    found = []\n"
            "    for first, last in sorted(spans):\n"
            "        if found and first <= found[-1][1] + 1:\n"
            "            found[-1] = (found[-1][0], max(found[-1][1], last))\n"
            "        else:\n"
            "            found.append((first, last))\n"
            "    return found\n",
        ),
        (
            "replacing.py",
            "@contextmanager\n"
            "def replacing(path: Path) -> Iterator[Path]:\n"
            '    """Yield a temporary name beside ``path`` that takes its place once the block has ended well."""\n'
            "    path.parent.mkdir(parents=True, exist_ok=True)\n"
            '    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")\n'
            "    try:\n"
            "        yield temporary\n"
            "        os.replace(temporary, path)\n"
            "    except OSError as error:\n"
            '        raise StorageError(f"cannot write {path}: {error.strerror}") from error\n'
            "    finally:\n"
            "        temporary.unlink(missing_ok=True)\n",
        ),
    ),
}

STEADY: tuple[tuple[str, str], ...] = (
    (
        _NOTES,
        "When the ferry stopped running for the winter, the island had one telephone and a boat that could carry six. "
        "Letters came on Thursdays if the sea allowed it. The shop sold candles, flour, lamp oil and, for reasons that "
        "nobody remembered, a great many hats. In the evenings the schoolteacher read aloud in the hall, and people "
        "brought their mending with them and argued about the story on the way home.",
    ),
    (
        "groups.py",
        "def grouped(items, key):\n"
        '    """Return the items in lists by what ``key`` says of them, in the order in which they were met."""\n'
        "    groups = {}\n"
        "    for item in items:\n"
        "        groups.setdefault(key(item), []).append(item)\n"
        "    return groups\n\n\n"
        "def largest(groups, count):\n"
        "    ordered = sorted(groups.items(), key=lambda entry: -len(entry[1]))\n"
        "    return dict(ordered[:count])\n",
    ),
    (
        _NOTES,
        "A clock that is wrong by the same amount every day is as good as one that is right, for whoever knows the "
        "amount. Sailors used to write it down each noon and carry the sum with them. What they feared was not the "
        "slow clock but the unsteady one, which gains on a warm day and loses on a cold one, so that no sum can mend "
        "it.",
    ),
    (
        "lines.py",
        "class Lines:\n"
        '    """Where the lines of a text begin, so that an offset becomes a line and a column."""\n\n'
        "    def __init__(self, text: str) -> None:\n"
        '        self._starts = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\\n")]\n\n'
        "    def place(self, offset: int) -> tuple[int, int]:\n"
        "        line = bisect_right(self._starts, offset)\n"
        "        return line, offset - self._starts[line - 1] + 1\n",
    ),
)
