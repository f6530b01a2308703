"""What a model writes becomes text, links to the repository, and nothing that loads or runs anything."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.chat.markdown import Look, Markdown, code_html, file_href, read_file_href
from app.theme import DARK, LIGHT

LOOK = Look(False, "#111111", "#666666", "#0b6a94", "#f4f4f2", "#e6e6e3", "#8f4a00")
EVERYTHING = """# Title with `code`

Some *emphasis*, **weight** and ~~struck~~ text [1], then
a second line [2].

- one
- two with `x[0]`

  and a paragraph

1. first
2. second

> quoted
> twice

```python
def f(x: list[int]) -> int:

    return x[1]
```

    indented code

| a | b |
|---|---|
| 1 | `2` |

---

Last words"""


class Found(HTMLParser):
    """What a renderer would make of HTML: tags, attributes that load or lead somewhere, visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            assert name in {"style", "href", "start", "width", "height", "cellspacing", "cellpadding", "border",
                            "bgcolor"}, name  # fmt: skip
            if name == "href":
                self.links.append(value or "")
            if name == "style":
                assert "url(" not in (value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def render(text: str, *, cited: int = 0) -> Found:
    markdown = Markdown(LOOK)
    markdown.cited = cited
    return Found(markdown.html(text))


def test_all_of_markdown_is_shown() -> None:
    found = render(EVERYTHING, cited=1)
    assert {"p", "b", "i", "s", "ul", "ol", "li", "pre", "code", "table"} <= found.tags
    for words in ("Title with code", "a second line", "and a paragraph", "quoted", "return x[1]", "indented code"):
        assert words in found.text
    assert found.links == ["sidetune-cite:1"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=http://evil/x.png> b",
        '<a href="http://evil/">click</a>',
        "<!-- hidden --> shown",
        "<style>* {display: none}</style>",
        "`<b>`",
        "&lt;b&gt; &amp; <b>",
    ],
)
def test_html_is_shown_as_the_text_it_is(text: str) -> None:
    found = render(text)
    assert found.tags <= {"p", "code"}
    assert found.links == []
    if "`" not in text and "&" not in text:
        assert text in found.text


def test_an_image_is_its_description() -> None:
    found = render("![the logo](http://evil/track.png) and ![](file:///etc/passwd)")
    assert "img" not in found.tags
    assert "the logo" in found.text
    assert found.links == []


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("https://example.org/a?b=1&c=2", ["https://example.org/a?b=1&c=2"]),
        ("http://example.org", ["http://example.org"]),
        ("src/app.py", ["sidetune-file:src/app.py#1"]),
        ("src/app.py#L40", ["sidetune-file:src/app.py#40"]),
        ("app.py:40", ["sidetune-file:app.py#40"]),
        ("app.py:40-88", ["sidetune-file:app.py#40"]),
        ("<my file.py>", ["sidetune-file:my%20file.py#1"]),
        ("javascript:alert(1)", []),
        ("file:///etc/passwd", []),
        ("data:text/html,x", []),
        ("ftp://example.org/", []),
        ("//example.org/x", []),
        ("sidetune-cite:3", []),
        ("#top", []),
    ],
)
def test_links_lead_to_the_repository_or_to_an_address_or_nowhere(link: str, leads: list[str]) -> None:
    found = render(f"see [this]({link}) there")
    if leads or not link.startswith("sidetune"):
        assert found.links == leads
    else:
        assert all(read_file_href(each) is not None for each in found.links)
    assert "this" in found.text


@given(st.text(st.characters(codec=None, exclude_characters="\0"), min_size=1), st.integers(1, 10**6))
def test_every_name_of_a_file_survives_a_link(path: str, line: int) -> None:
    raw = path.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    assert read_file_href(file_href(raw, line)) == (raw, line)


def test_citations_are_raised_numbers_and_linked_once_they_are_known() -> None:
    before, after = render("It is so [1][2], not `x[1]` [3]."), render("It is so [1][2], not `x[1]` [3].", cited=2)
    assert before.links == []
    assert after.links == ["sidetune-cite:1", "sidetune-cite:2"]
    assert before.text == after.text == "It is so¹², not x[1]³."


def test_a_citation_that_is_not_borne_out_looks_different() -> None:
    markdown = Markdown(LOOK)
    markdown.cited, markdown.doubted = 2, frozenset({2})
    html = markdown.html("[1] and [2]")
    colours = re.findall(r'href="sidetune-cite:\d" style="color:(#\w+)', html)
    assert colours == [LOOK.accent, LOOK.warning]


@pytest.mark.parametrize("end", range(1, len(EVERYTHING), 3))
def test_a_growing_answer_is_rendered_as_if_it_were_new(end: int) -> None:
    """The fast path (settled blocks are kept) against the slow one (all of it anew), at every length."""
    growing = Markdown(LOOK)
    for length in range(max(1, end - 40), end + 1):
        kept = growing.html(EVERYTHING[:length])
    assert kept == Markdown(LOOK).html(EVERYTHING[:end])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*EVERYTHING.split("\n\n"), "```", "~~~", "- ", "  x", "\t", "# ", "|", "[1]", "1)"])))
def test_cutting_at_blocks_changes_nothing_of_the_text(pieces: list[str]) -> None:
    text = "\n\n".join(pieces)
    whole = Markdown(LOOK)
    in_one = Found(whole._render(text)).text if text.strip() else ""
    assert "".join(Found(whole.html(text)).text.split()) == "".join(in_one.split())


def test_one_more_token_costs_one_block_whatever_was_written_before() -> None:
    """Against rendering all of it: a long answer's next token costs a small part of it."""
    text = (EVERYTHING + "\n\n") * 30 + "The last words are"
    growing = Markdown(LOOK)
    growing.html(text)

    def seconds(render_it: object) -> float:
        assert callable(render_it)
        times = []
        for number in range(5):
            start = time.perf_counter()
            render_it(text + " word" * (number + 1))
            times.append(time.perf_counter() - start)
        return median(times)

    assert seconds(growing.html) < seconds(lambda each: Markdown(LOOK).html(each)) / 5


def test_code_is_coloured_and_otherwise_unchanged() -> None:
    code = 'def f(x):\n\n    """Doc & <more>."""\n    return "x"  # why\n'
    for dark in (False, True):
        html = code_html(code, "python", dark)
        assert Found(f"<pre>{html}</pre>").text == code
        assert html.count("<span") > 4
    assert code_html(code, "python", True) != code_html(code, "python", False)


@pytest.mark.parametrize("language", ["", "text", "no such language", "../../etc"])
def test_code_of_an_unknown_language_is_text(language: str) -> None:
    assert code_html("a < b & c", language, False) == "a &lt; b &amp; c"


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_text_is_readable_on_every_background(colours: object) -> None:
    """Contrast as WCAG 2 defines it: 4.5:1 for text, in both themes and for the colours of code."""
    from app.theme import Colours

    assert isinstance(colours, Colours)
    spans = code_html('@a\ndef f(): return "s", 1  # c\n', "python", colours.dark)
    code = set(re.findall(r"color:(#\w{6})", spans))
    assert len(code) >= 3
    for background in (colours.page, colours.panel, colours.code):
        for colour in {colours.text, colours.muted, colours.accent, colours.warning, *code}:
            assert contrast(colour, background) >= 4.5, (colour, background)
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.text, colours.selection) >= 4.5


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
