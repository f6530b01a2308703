from __future__ import annotations

import pytest

from engine.evaluation.targets import NEAR_DUPLICATE, Target, Texts, new_functions, overlap, shingles
from engine.types import SourceFile

BODY = '''    """Read the playlist and give every variant that it names."""
    playlist = self.session.http.get(url, timeout=10)
    for line in playlist.text.splitlines():
        if line.startswith("#EXT-X-STREAM-INF") and quality in line:
            yield parse_variant(line)
'''
OTHER = """    # A cache that is written once a minute keeps the disk quiet on small machines.
    with self.lock, open(self.path, "w") as stream:
        json.dump({key: entry.value for key, entry in self.entries.items()}, stream)
        self.dirty = False
    return len(self.entries) + sum(entry.size for entry in self.entries.values())
"""


def _source(text: str, path: str = "app.py", language: str = "python") -> SourceFile:
    return SourceFile(path, text, "", language, len(text), 0)


def _found(then: str, now: str, limit: int = 10) -> list[Target]:
    return new_functions([_source(then)], [_source(now)], limit)


def test_a_new_method_is_split_where_its_body_begins() -> None:
    head = "import os\n\n\nclass A(B):\n    x = 1\n\n"
    signature = "@cached\nasync def variants(\n    self,\n    url: str, quality: str = 'best',\n) -> Iterator[str]:\n"
    (target,) = _found("", f"{head}{signature}{BODY}\n\ny = 2\n")
    assert target.before == head + signature
    assert target.text == BODY
    assert target.whole == signature + BODY
    assert target.symbol == "variants" and target.first_line == 7


def test_unchanged_reformatted_and_edited_functions_are_no_targets() -> None:
    old = f"def read(self, url, quality):\n{BODY}"
    assert _found(old, old) == []
    assert _found(old, "class C:\n" + "".join(f"    {line}\n\n" for line in old.splitlines())) == []
    assert _found(old, old.replace("timeout=10", "timeout=20").replace("def read", "def load")) == []
    assert [target.symbol for target in _found(old, f"{old}\n\ndef save(self):\n{OTHER}")] == ["save"]


def test_copies_among_the_new_count_once_and_short_ones_not() -> None:
    now = f"def one():\n{BODY}\n\ndef two():\n{BODY}\n\ndef three():\n    return {{'a': 1}}\n"
    assert len(_found("", now)) == 1


def test_the_sample_is_stable_and_spread_over_files_and_a_smaller_one_is_its_beginning() -> None:
    def text(number: int) -> str:
        return "".join(
            f"def f{n}(a):\n" + "".join(f"    v{n}_{k}_{number} = call_{n}_{k}_{number}(a, {k})\n" for k in range(9))
            for n in range(4)
        )

    now = [_source(text(number), f"m{number}.py") for number in range(5)]
    chosen = new_functions([], now, 6)
    assert chosen == new_functions([], now, 6)
    assert len(chosen) == 6
    assert new_functions([], now, 3) == chosen[:3]
    assert chosen != sorted(chosen, key=lambda each: (each.path, each.first_line))
    paths = [each.path for each in new_functions([], now, 100)]
    assert {path: paths.count(path) for path in paths} == {f"m{number}.py": 2 for number in range(5)}


def test_nested_functions_belong_to_the_outer_one() -> None:
    inner = BODY.replace("\n    ", "\n        ").replace("    yield", "    return")
    (target,) = _found("", f"def outer(self):\n    def inner(url):\n    {inner}    return inner\n")
    assert target.symbol == "outer"


@pytest.mark.parametrize(("a", "b", "expected"), [("", "x", 0.0), ("a b c d e f", "a b c d e f", 1.0)])
def test_overlap(a: str, b: str, expected: float) -> None:
    assert overlap(shingles(a), shingles(b)) == expected


def test_a_part_of_a_text_is_its_near_duplicate() -> None:
    whole, part = shingles(BODY + OTHER), shingles(OTHER)
    assert overlap(whole, part) == 1.0
    assert overlap(shingles(BODY), part) < NEAR_DUPLICATE


def test_texts_find_what_the_overlap_with_each_of_them_finds() -> None:
    lines = (BODY + OTHER).splitlines(keepends=True)
    known = ["".join(lines[:2]), OTHER, "x = 1\n"]
    asked = ["".join(lines[start : start + size]) for start in range(len(lines)) for size in (1, 2, 4, 8)]
    texts = Texts(known)
    for text in ("", *asked, *known, BODY.replace("line", "row")):
        slow = any(overlap(shingles(text), shingles(each)) >= NEAR_DUPLICATE for each in known)
        assert texts.hold_like(text) == slow
    assert {texts.hold_like(text) for text in asked} == {True, False}
