from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.generation.citations import Numbering, settle
from engine.generation.pointing import Pointing
from engine.types import Chunk, Evidence

Said = list[int | str]  # citations and text as the model writes them


def _show(said: Said) -> list[str]:
    """What is shown for each step, and at the end."""
    pointing = Pointing()
    shown = []
    for each in said:
        shown.append(pointing.cite(each) if isinstance(each, int) else pointing.say(each))
        if pointing.repeats:
            break
    return [*shown, pointing.finish()]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ([2, "`Session.close` closes all adapters."], "`Session.close` closes all adapters [2]."),
        ([2, "`a` calls `x`", 5, ", and `b` calls `x`."], "`a` calls `x` [2], and `b` calls `x` [5]."),
        ([1, "`A` opens the file.", 3, " `B` closes it."], "`A` opens the file [1]. `B` closes it [3]."),
        ([1, "`A` opens the file", ".", 3, " `B` closes it", "."], "`A` opens the file [1]. `B` closes it [3]."),
        ([2, 4, "It is here."], "It is here [2][4]."),
        ([2, 4, 2, "It is here."], "It is here [2][4]."),
        (["There is no `frob` in this repository."], "There is no `frob` in this repository."),
        (["Not here.", 3, " There."], "Not here. There [3]."),
        ([1, "One. Two.", 2, " Three"], "One. Two [1]. Three [2]"),
        ([1, "See `a.b`, e.g. here."], "See `a.b`, e.g. here [1]."),
        ([1, "Is it so?"], "Is it so? [1]"),
        ([1, "And so on..."], "And so on... [1]"),
        ([1, "And so on", ".", ".", "."], "And so on... [1]"),
        ([1, "One.\n", 2, "Two.\n\n"], "One [1].\nTwo [2]."),
        ([1, "One.", 2, "Two."], "One [1]. Two [2]."),
        ([1, "`a`", 2, "`b`"], "`a` [1] `b` [2]"),
        ([1, "One.", 2], "One [1]."),
        ([1, "One", 2, ".", 3], "One [1]."),
        ([1, 2], ""),
        ([], ""),
        ([1, "It spells [3] and <|cite_4|> so."], "It spells [3] and <|cite_4|> so [1]."),
    ],
)
def test_citations_come_behind_what_they_bear_out(said: Said, shown: str) -> None:
    assert "".join(_show(said)) == shown


def test_only_a_full_stop_and_space_wait() -> None:
    assert _show([1, "`A` opens", " the file", ".", " Then", " it", " waits", ". "]) == [
        "", "`A` opens", " the file", "", ". Then", " it", " waits", "", " [1].",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ([1, "`a` is so.", 1, " `a` is so.", 1, " `a` is so."], "`a` is so [1]."),
        ([1, "`a` is so. `a` is so. `a`"], "`a` is so [1]."),
        ([1, "`a` is so.", 2, " `b` is.", 1, " `a` is so.", 2, " `b` is."], "`a` is so [1]. `b` is [2]."),
        ([1, "`a` calls", 2, ", and `b` calls", 2, ", and `b` calls", 2, ", and"], "`a` calls [1], and `b` calls [2]."),
        ([1, "`a` is so.", 1, " `a` is so long."], "`a` is so [1]. `a` is so long [1]."),
        ([1, "`a` is so.", 1, " `a` is"], "`a` is so [1]. `a` is [1]"),
        ([1, "`a` is so.", 2, " `a` is so."], "`a` is so [1]. `a` is so [2]."),
        (["It is so. It is so."], "It is so."),
    ],
)
def test_a_draft_ends_where_it_repeats_itself(said: Said, shown: str) -> None:
    assert "".join(_show(said)) == shown


_SAID = st.lists(st.one_of(st.integers(1, 3), st.text(alphabet="ab` .,\n", min_size=1, max_size=6)), max_size=12)


@given(_SAID, st.lists(st.integers(1, 3), max_size=40))
def test_cutting_the_text_elsewhere_changes_nothing(said: Said, cuts: list[int]) -> None:
    sizes = iter(cuts)
    pieces: Said = []
    for each in said:
        rest = each
        while isinstance(rest, str) and rest:
            size = next(sizes, len(rest))
            pieces.append(rest[:size])
            rest = rest[size:]
        if isinstance(each, int):
            pieces.append(each)
    assert "".join(_show(pieces)) == "".join(_show(said))


@given(_SAID)
def test_no_word_is_lost_and_only_citations_are_added(said: Said) -> None:
    pointing = Pointing()
    shown = ""
    for each in said:
        shown += pointing.cite(each) if isinstance(each, int) else pointing.say(each)
        if pointing.repeats:
            break
    shown = re.sub(r" (?:\[\d\])+", "", shown + pointing.finish())
    found, written = (re.findall(r"[ab`]", text) for text in (shown, "".join(map(str, said))))
    assert found == (written[: len(found)] if pointing.repeats else written)


def test_what_is_shown_can_be_numbered_and_settled() -> None:
    chunks = [
        Chunk(f"{name}.py", 1, 2, f"def {name}():\n    x()\n", "function", "python", symbol=name) for name in "ab"
    ]
    evidence = [Evidence(4, chunks[0]), Evidence(7, chunks[1])]
    numbering = Numbering(evidence)
    shown = "".join(map(numbering.feed, _show([7, "`b` calls `x`", 4, ", and `a` calls `x`."]))) + numbering.flush()
    assert shown == "`b` calls `x` [1], and `a` calls `x` [2]."
    text, citations = settle(shown, numbering.cited, lambda path, first, last: chunks[path == "b.py"].text)
    assert text == shown
    assert [(each.path, each.verified) for each in citations] == [("b.py", True), ("a.py", True)]
