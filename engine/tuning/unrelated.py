"""A little text that has nothing to do with anybody's repository, written for Sidetune or out of its own source.

The gate measures on it whether learning about a repository made the model forget everything else. It is varied, since
what is unlearned first is what looks least like the repository: with a few functions of one style the gate missed that.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["UNRELATED"]

_NOTES = "notes.txt"

# Kind -> path and text of each.
UNRELATED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "plain English": (
        (
            _NOTES,
            "The garden behind the school had been left alone for two summers, and nobody could say any more where "
            "the beds had been. In March the older children dug a trench along the wall and found the pipe that used "
            "to carry rain from the roof. It was cracked in one place only. Once it was mended, water stood in the "
            "old basin again after every storm, and by the end of May there were frogs.",
        ),
        (
            _NOTES,
            "Most people who lose their way in the hills are not far from a path. They have walked on for an hour "
            "after the moment when they first had a doubt, because turning back feels like a waste. The advice is "
            "simple and hard to follow: stop at the first doubt, look at the map, and go back to the last place that "
            "you are sure of. A quarter of an hour is lost that way, and very rarely more.",
        ),
        (
            _NOTES,
            "When the ferry stopped running for the winter, the island had one telephone and a boat that could carry "
            "six. Letters came on Thursdays if the sea allowed it. The shop sold candles, flour, lamp oil and, for "
            "reasons that nobody remembered, a great many hats. In the evenings the schoolteacher read aloud in the "
            "hall, and people brought their mending with them and argued about the story on the way home.",
        ),
        (
            _NOTES,
            "A clock that is wrong by the same amount every day is as good as one that is right, for whoever knows "
            "the amount. Sailors used to write it down each noon and carry the sum with them. What they feared was "
            "not the slow clock but the unsteady one, which gains on a warm day and loses on a cold one, so that no "
            "sum can mend it.",
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
        (
            "groups.py",
            "def grouped(items, key):\n"
            '    """Return the items in lists by what ``key`` says of them, in the order in which they were met."""\n'
            "    groups = {}\n"
            "    for item in items:\n"
            "        groups.setdefault(key(item), []).append(item)\n"
            "    return groups\n"
            "\n"
            "\n"
            "def largest(groups, count):\n"
            "    ordered = sorted(groups.items(), key=lambda entry: -len(entry[1]))\n"
            "    return dict(ordered[:count])\n",
        ),
        (
            "lines.py",
            "class Lines:\n"
            '    """Where the lines of a text begin, so that an offset becomes a line and a column."""\n'
            "\n"
            "    def __init__(self, text: str) -> None:\n"
            '        self._starts = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\\n")]\n'
            "\n"
            "    def place(self, offset: int) -> tuple[int, int]:\n"
            "        line = bisect_right(self._starts, offset)\n"
            "        return line, offset - self._starts[line - 1] + 1\n",
        ),
        (
            "client.py",
            "class Client:\n"
            '    """Sends requests to a service, and sends those again that failed for a while."""\n'
            "\n"
            "    def __init__(self, base_url, timeout=10.0, attempts=3, headers=None):\n"
            '        self.base_url = base_url.rstrip("/")\n'
            "        self.timeout = timeout\n"
            "        self.attempts = attempts\n"
            "        self.headers = dict(headers or {})\n"
            "\n"
            "    def send(self, method, path, params=None, body=None):\n"
            '        url = "%s/%s" % (self.base_url, path.lstrip("/"))\n'
            "        for attempt in range(1, self.attempts + 1):\n"
            "            try:\n"
            "                response = self._open(method, url, params=params, data=body)\n"
            "            except ConnectionError:\n"
            "                if attempt == self.attempts:\n"
            "                    raise\n"
            "                time.sleep(0.5 * 2**attempt)\n"
            "                continue\n"
            "            if response.status < 500 or attempt == self.attempts:\n"
            "                return response\n",
        ),
        (
            "settings.py",
            "def load_settings(path, defaults=None):\n"
            '    """Read ``key = value`` lines from a file.\n'
            "\n"
            "    :param path: name of the file\n"
            "    :param defaults: values of keys that the file does not set\n"
            "    :return: a dictionary\n"
            '    """\n'
            "    settings = dict(defaults or {})\n"
            '    with open(path, encoding="utf-8") as stream:\n'
            "        for number, line in enumerate(stream, 1):\n"
            '            line = line.split("#", 1)[0].strip()\n'
            "            if not line:\n"
            "                continue\n"
            '            if "=" not in line:\n'
            '                raise ValueError("line %d of %s is no setting: %r" % (number, path, line))\n'
            '            key, value = (part.strip() for part in line.split("=", 1))\n'
            '            if value.lower() in ("true", "false"):\n'
            '                value = value.lower() == "true"\n'
            "            elif value.isdigit():\n"
            "                value = int(value)\n"
            "            settings[key] = value\n"
            "    return settings\n",
        ),
        (
            "cache.py",
            "class LimitedCache(MutableMapping):\n"
            "    def __init__(self, limit: int = 128) -> None:\n"
            "        if limit < 1:\n"
            '            raise ValueError("limit must be positive")\n'
            "        self._limit = limit\n"
            "        self._entries: OrderedDict[str, Any] = OrderedDict()\n"
            "        self._lock = threading.Lock()\n"
            "\n"
            "    def __getitem__(self, key: str) -> Any:\n"
            "        with self._lock:\n"
            "            value = self._entries[key]\n"
            "            self._entries.move_to_end(key)\n"
            "            return value\n"
            "\n"
            "    def __setitem__(self, key: str, value: Any) -> None:\n"
            "        with self._lock:\n"
            "            self._entries[key] = value\n"
            "            self._entries.move_to_end(key)\n"
            "            while len(self._entries) > self._limit:\n"
            "                self._entries.popitem(last=False)\n"
            "\n"
            "    def __len__(self) -> int:\n"
            "        return len(self._entries)\n",
        ),
        (
            "visitor.py",
            "def walk(node, visit, path=()):\n"
            "    # Depth first; what ``visit`` returns takes the place of the node.\n"
            "    if isinstance(node, dict):\n"
            "        result = {key: walk(value, visit, path + (key,)) for key, value in node.items()}\n"
            "    elif isinstance(node, (list, tuple)):\n"
            "        result = type(node)(walk(value, visit, path + (index,)) for index, value in enumerate(node))\n"
            "    else:\n"
            "        result = node\n"
            "    replaced = visit(path, result)\n"
            "    return result if replaced is None else replaced\n"
            "\n"
            "\n"
            "def find_all(node, name):\n"
            "    found = []\n"
            "\n"
            "    def visit(path, value):\n"
            "        if path and path[-1] == name:\n"
            "            found.append(value)\n"
            "\n"
            "    walk(node, visit)\n"
            "    return found\n",
        ),
        (
            "main.py",
            "def main(argv=None):\n"
            '    parser = argparse.ArgumentParser(description="Count the words of files.")\n'
            '    parser.add_argument("files", nargs="*", default=["-"], help="names of files, - for standard input")\n'
            '    parser.add_argument("-n", "--most", type=int, default=10, help="how many words to print")\n'
            '    parser.add_argument("--ignore-case", action="store_true")\n'
            "    args = parser.parse_args(argv)\n"
            "\n"
            "    counts = collections.Counter()\n"
            "    for name in args.files:\n"
            '        stream = sys.stdin if name == "-" else open(name, errors="replace")\n'
            "        with stream:\n"
            "            for line in stream:\n"
            "                counts.update((line.lower() if args.ignore_case else line).split())\n"
            "\n"
            "    for word, count in counts.most_common(args.most):\n"
            '        print(f"{count:8d}  {word}")\n'
            "    return 0 if counts else 1\n",
        ),
        (
            "matrix.py",
            "def solve(rows, right):\n"
            '    """Solve a system of linear equations by elimination with pivots.\n'
            "\n"
            "    Args:\n"
            "        rows: the coefficients, a list of lists of floats.\n"
            "        right: the right-hand sides.\n"
            "\n"
            "    Raises:\n"
            "        ZeroDivisionError: when the equations depend on each other.\n"
            '    """\n'
            "    size = len(rows)\n"
            "    table = [list(row) + [value] for row, value in zip(rows, right)]\n"
            "    for column in range(size):\n"
            "        pivot = max(range(column, size), key=lambda row: abs(table[row][column]))\n"
            "        table[column], table[pivot] = table[pivot], table[column]\n"
            "        for row in range(column + 1, size):\n"
            "            factor = table[row][column] / table[column][column]\n"
            "            for k in range(column, size + 1):\n"
            "                table[row][k] -= factor * table[column][k]\n"
            "    return table\n",
        ),
    ),
}
