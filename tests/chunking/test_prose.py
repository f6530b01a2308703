from __future__ import annotations

import pytest

from engine.chunking.lines import LARGEST, Rows
from engine.chunking.prose import headings
from tests.chunking.conftest import check_cover, parsed


def _titles(language: str, text: str) -> list[tuple[int, int, str]]:
    return [(heading.row + 1, heading.level, heading.title) for heading in headings(language, Rows(text))]


def _sections(name: str, text: str) -> list[tuple[str, int, int]]:
    found = parsed(name, text)
    assert found.parsed
    check_cover(text, found)
    return [(chunk.symbol, chunk.first_line, chunk.last_line) for chunk in found.chunks]


def test_markdown_headings_of_both_kinds() -> None:
    text = (
        "# One #\n\nTwo\n===\n\nThree\n---\n\n###### Six\n####### not\n#not\n    # code\n#\n- a\n---\n> q\n---\n\n---\n"
    )
    assert _titles("markdown", text) == [(1, 1, "One"), (3, 1, "Two"), (6, 2, "Three"), (9, 6, "Six"), (13, 1, "")]


def test_markdown_fences_and_front_matter_hold_no_headings() -> None:
    text = "---\ntitle: x\n---\n# Real\n```sh\n# comment\n~~~\n# still\n```\n~~~~\n# x\n~~~\n# y\n~~~~\n## After\n"
    assert _titles("markdown", text) == [(4, 1, "Real"), (15, 2, "After")]
    assert _titles("markdown", "```\n# never closed\n") == []
    assert _titles("markdown", "`` ` `` inline ```\n# Real\n") == [(2, 1, "Real")]


def test_titles_are_plain_text() -> None:
    assert _titles("markdown", "# The `run` [guide](x.md) *now*\n")[0][2] == "The run guide now"
    assert (
        _titles("rst", ":class:`~flask.Flask` and ``code``\n==================================\n")[0][2]
        == "~flask.Flask and code"
    )


def test_rst_levels_follow_the_order_of_styles() -> None:
    text = (
        "=====\nTitle\n=====\n\ntext\n\nPart\n====\n\nChapter\n-------\n\nSub\n~~~\n\nOther\n-------\n\nNext\n====\n\n"
        "======\n Last\n======\n"
    )
    assert _titles("rst", text) == [
        (1, 1, "Title"), (7, 2, "Part"), (10, 3, "Chapter"), (13, 4, "Sub"), (16, 3, "Other"), (19, 2, "Next"),
        (22, 1, "Last"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "para one\npara two\n--------\n",  # two lines of text
        "text\n\n----\n\nmore\n",  # a transition
        "====  ====\na     b\n====  ====\n1     2\n====  ====\n",  # a table
        "::\n\n    Title\n    =====\n",  # a literal block
        "a long title\n--\n",  # too short to be meant
    ],
)
def test_what_is_no_rst_heading(text: str) -> None:
    assert _titles("rst", text) == []


def test_a_section_is_a_chunk_with_its_heading_path() -> None:
    text = "intro\n\n# Guide\n\nHello.\n\n## Install\n\nRun it.\n\n### On Linux\n\nDo.\n\n## Use\n\nUse it.\n"
    assert _sections("a.md", text) == [
        ("", 1, 2),
        ("Guide", 3, 6),
        ("Guide > Install", 7, 10),
        ("Guide > Install > On Linux", 11, 14),
        ("Guide > Use", 15, 17),
    ]
    symbols = parsed("a.md", text).symbols
    assert [(each.name, each.qualified, each.first_line, each.last_line) for each in symbols] == [
        ("Guide", "Guide", 3, 6),
        ("Install", "Guide > Install", 7, 10),
        ("On Linux", "Guide > Install > On Linux", 11, 14),
        ("Use", "Guide > Use", 15, 17),
    ]
    assert {each.kind for each in symbols} == {"section"}


def test_a_heading_without_text_goes_with_the_section_below() -> None:
    text = "Guide\n=====\n\nInstall\n-------\n\nRun it.\n\nEmpty\n-----\n"
    assert _sections("a.rst", text) == [("Guide > Install", 1, 8), ("Guide > Empty", 9, 10)]


def test_long_sections_are_cut_between_paragraphs() -> None:
    paragraph = "A sentence of a certain length that says something about it.\n" * 4 + "\n"
    text = "# Long\n\n" + paragraph * 10
    found = parsed("a.md", text)
    assert {chunk.symbol for chunk in found.chunks} == {"Long"}
    assert len(found.chunks) > 2
    for chunk in found.chunks:
        rows = Rows(chunk.text)
        assert rows.size(0, len(rows) - 1) <= LARGEST
        assert chunk.text.endswith("\n")


@pytest.mark.parametrize("paragraphs", range(1, 9))
def test_a_fenced_block_that_fits_is_not_cut(paragraphs: int) -> None:
    code = "```python\n" + "".join(f"x{number} = {number}\n\n" for number in range(12)) + "```\n\n"
    prose = "Words that fill the page before the code comes along and is shown.\n\n" * paragraphs
    for chunk in parsed("a.md", "# Code\n\n" + (prose + code) * 4).chunks:
        assert chunk.text.count("```") % 2 == 0


def test_a_fenced_block_that_does_not_fit_is_cut() -> None:
    text = "# Code\n\n```python\n" + "x = 'some longer line of code that fills the page'\n" * 100 + "```\n"
    found = parsed("a.md", text)
    check_cover(text, found)
    assert len(found.chunks) > 5
