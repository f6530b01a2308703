"""What must not leave the machine does not: planted secrets of twenty kinds, names, homes, the user's patterns."""

from __future__ import annotations

import sysconfig
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checking.redaction import Identity, Redactor, own_identity
from tests.checking.planted import HELD_OUT, KINDS, planted

ROOT = Path(__file__).resolve().parent.parent.parent
ADA = Identity("/home/ada-l", ("lovelace", "ada-l", "engine7"))
NOBODY = Identity("", ())


def test_planted_secrets_are_taken_out() -> None:
    redactor = Redactor((), NOBODY)
    there: Counter[str] = Counter()
    found: Counter[str] = Counter()
    missed = []
    for each in planted(12):
        redacted = redactor.redact(each.text)
        # Gone is a secret of which no six characters in a row are left.
        left = any(part[at : at + 6] in redacted.text for part in each.secret for at in range(len(part) - 5))
        there[each.kind] += 1
        found[each.kind] += not left
        missed += [each.text] if left else []
        assert redacted.text.count("\n") == each.text.count("\n")
        assert "log.info('connecting to %s', host)" in redacted.text
    assert len(KINDS) == 20
    assert sum(there.values()) >= 200
    recall = {kind: found[kind] / there[kind] for kind in there}
    assert sum(found.values()) / sum(there.values()) >= 0.98, missed
    assert min(recall.values()) >= 0.8, recall
    assert len(HELD_OUT & recall.keys()) == 5


def test_ordinary_code_is_left_as_it_is() -> None:
    """At most 2 % of clean lines are touched: of this program, and of a library that everybody has."""
    redactor = Redactor((), NOBODY)
    library = Path(sysconfig.get_paths()["stdlib"])
    names = ("argparse.py", "http/client.py", "json/decoder.py", "logging/__init__.py", "pathlib.py", "typing.py")
    files = [*sorted((ROOT / "engine").rglob("*.py"))[::4], *(library / name for name in names)]
    lines = touched = 0
    for path in files:
        if not path.exists():  # a library's module may become a package
            continue
        text = path.read_text(encoding="utf-8")
        lines += text.count("\n")
        touched += len({span.line for span in redactor.redact(text, path.name).spans})
    assert lines > 5000
    assert touched <= 0.02 * lines


def test_citations_and_lines_survive() -> None:
    text = "In `run` [1] the key\nAKIAABCDEFGHIJKLMNOP [2]\nis read by /home/ada-l/x.py [3]."
    redacted = Redactor((), ADA).redact(text)
    assert redacted.text == "In `run` [1] the key\n<redacted:aws-key> [2]\nis read by <redacted:home-path>/x.py [3]."
    assert [(span.line, span.kind) for span in redacted.spans] == [(2, "aws-key"), (3, "home-path")]
    lines = redacted.text.split("\n")
    assert all(lines[each.line - 1][each.start : each.end] == f"<redacted:{each.kind}>" for each in redacted.spans)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("open('/home/ada-l/src/a.py')", "open('<redacted:home-path>/src/a.py')"),
        ("/Users/grace/work, C:\\Users\\grace\\x", "<redacted:home-path>/work, <redacted:home-path>\\x"),
        ('"C:\\\\Users\\\\grace\\\\x"', '"<redacted:home-path>\\\\x"'),
        ("/home/user/app and /home/runner/work", "/home/user/app and /home/runner/work"),
        ("# (lovelace): Lovelace, no lovelaces", "# (<redacted:user-name>): <redacted:user-name>, no lovelaces"),
        ("ssh engine7", "ssh <redacted:user-name>"),
        ("x.com/home/page", "x.com/home/page"),
    ],
)
def test_who_the_user_is_stays_here(text: str, left: str) -> None:
    assert Redactor((), ADA).redact(text).text == left


def test_own_identity_names_nobody_who_could_be_anybody() -> None:
    identity = own_identity()
    assert not {"root", "user", "runner", "localhost"} & {each.lower() for each in identity.names}
    assert all(len(each) >= 3 for each in identity.names)


def test_the_users_own_patterns() -> None:
    redactor = Redactor((r"ACME-\d+", r"(?i)project\s+\w+"), NOBODY)
    assert redactor.redact("see ACME-12 of\nProject Zephyr").text == (
        "see <redacted:your-pattern> of\n<redacted:your-pattern>"
    )


def test_a_key_over_many_lines_loses_every_line_and_only_these() -> None:
    body = "\n".join(f"{number:02d}" + "Ab3+" * 15 for number in range(8))
    text = f"before\n-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\nafter"
    redacted = Redactor((), NOBODY).redact(text)
    lines = redacted.text.split("\n")
    assert len(lines) == len(text.split("\n"))
    assert (lines[0], lines[-1], set(lines[1:-1])) == ("before", "after", {"<redacted:private-key>"})
    cut = Redactor((), NOBODY).redact("\n".join([*text.split("\n")[:6], "", "def after(): pass"]))
    assert "Ab3+" not in cut.text
    assert cut.text.endswith("def after(): pass")
    talked = 'if "-----BEGIN PRIVATE KEY-----" in text:\n    return reject(text)\n'
    assert "return reject(text)" in Redactor((), NOBODY).redact(talked).text


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="ab \n/.=\"'", max_size=60), st.text(alphabet="xy\n [1]", max_size=40))
def test_positions_lead_back_to_the_original(before: str, after: str) -> None:
    text = f"{before}AKIAABCDEFGHIJKLMNOP\n{after}"
    redacted = Redactor((r"xy+",), NOBODY).redact(text)
    assert redacted.text.count("\n") == text.count("\n")
    at = 0
    for span in redacted.spans:
        start, end = (_offset(redacted.text, span.line, column) for column in (span.start, span.end))
        if at < start:
            first, last = redacted.original(at, start)
            assert text[first:last] == redacted.text[at:start]
        first, last = redacted.original(start, end)
        assert text[first:last] not in {"", redacted.text[start:end]}
        at = end
    first, last = redacted.original(at, len(redacted.text))
    assert text[first:last] == redacted.text[at:]


def _offset(text: str, line: int, column: int) -> int:
    return sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + column
