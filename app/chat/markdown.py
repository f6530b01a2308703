"""Markdown of an answer -> HTML of the kind that QTextDocument understands. Qt-free.

Nothing is ever loaded: an image becomes its description, raw HTML is shown as the text it is, and a link leads to a
file of the repository (``sidetune-file:``), to a citation (``sidetune-cite:``) or to http(s), else it is only text.
A growing answer is rendered block by block and only its last block anew: what stands before a block boundary of
Markdown does not change when text is added behind it (a reference definition could, and is not supported).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

__all__ = [
    "CITE_SCHEME",
    "CLAIM_SCHEME",
    "FILE_SCHEME",
    "ClaimMark",
    "Look",
    "Markdown",
    "code_html",
    "file_href",
    "marked",
    "read_file_href",
    "superscript",
]

FILE_SCHEME = "sidetune-file"  # sidetune-file:PATH#LINE, percent-encoded
CITE_SCHEME = "sidetune-cite"  # sidetune-cite:N
CLAIM_SCHEME = "sidetune-claim"  # sidetune-claim:N, the N-th claim of a check, from 0

_LONGEST_HIGHLIGHTED = 20_000  # characters; beyond that code is shown in one colour
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_CITATION = re.compile(r" ?\[(\d{1,3})\](?!\()")
# Stands around the number of a claim in marked text. Punctuation, so that emphasis beside it is read as before, and of
# a script that nobody writes code in.
_MARK = "\U00010a7f"
_MARKED = re.compile(f"{_MARK}(\\d+){_MARK}")
_MARKED_HREF = re.compile(f"{quote(_MARK)}\\d+{quote(_MARK)}")
_CLOSING = re.compile(r"[*_`~]*(?: ?\[\d{1,3}\](?!\())*")  # what still belongs to the words before it
_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d+)(?:-\d+)?$")


@dataclass(frozen=True, slots=True)
class Look:
    """What rendering needs of a theme: colours as "#rrggbb", the family of the fixed font."""

    dark: bool
    text: str
    muted: str
    accent: str
    code: str  # the background of code
    line: str
    warning: str
    fixed: str = "monospace"


@dataclass(frozen=True, slots=True)
class ClaimMark:
    """The mark behind a claim that was checked: its sign and its colour."""

    sign: str
    colour: str


def marked(text: str, ends: Mapping[int, int]) -> str:
    """Return a text in which claims, ``ends`` of which says number -> one past the last character, can be marked."""
    text = text.replace(_MARK, "\ufffd")
    for number, end in sorted(ends.items(), key=lambda each: (-each[1], -each[0])):
        at = _mark_at(text, end)
        text = f"{text[:at]}{_MARK}{number}{_MARK}{text[at:]}"
    return text


def _mark_at(text: str, end: int) -> int:
    """Return where the mark of a claim goes: behind its last words, never into a line that is only punctuation."""
    at = len(text[:end].rstrip())
    while at > 0:
        start = text.rfind("\n", 0, at) + 1
        line = text[start:at]
        if any(each.isalnum() for each in line) and not _fence(line):
            break
        at = len(text[:start].rstrip())
    closing = _CLOSING.match(text, at)
    return closing.end() if closing is not None else at


def file_href(path: str, line: int = 1) -> str:
    """Return the link to a line of a file of the repository; any name survives."""
    return f"{FILE_SCHEME}:{quote(path, errors='surrogateescape')}#{line}"


def read_file_href(href: str) -> tuple[str, int] | None:
    """Return path and line of what ``file_href`` gave; None for any other link."""
    scheme, separator, rest = href.partition(":")
    if scheme != FILE_SCHEME or not separator:
        return None
    path, _, line = rest.partition("#")
    return unquote(path, errors="surrogateescape"), int(line) if line.isdecimal() else 1


def code_html(text: str, language: str, dark: bool) -> str:
    """Return code as coloured spans, white space kept by the ``pre`` that the caller puts around it."""
    spans = []
    for kind, piece in _coloured(text, language, dark):
        shown = escape(piece, quote=False)
        spans.append(f'<span style="{kind}">{shown}</span>' if kind else shown)
    return "".join(spans)


def superscript(number: int) -> str:
    """Return a number as the mark of a citation."""
    return str(number).translate(_SUPERSCRIPTS)


class Markdown:
    """Renders one answer, again and again while it grows.

    ``files`` says which links are files of the repository; ``cited`` how many citations can be opened (the others are
    shown as numbers) and ``doubted`` which of them the evidence does not bear out.
    """

    def __init__(self, look: Look) -> None:
        self.look = look
        # "zero" knows nothing; each rule is let in by name, HTML and link references are not.
        self._parser = MarkdownIt("zero", {"linkify": False, "typographer": False}).enable(
            ["heading", "lheading", "fence", "code", "blockquote", "list", "hr", "table", "emphasis", "backticks",
             "link", "image", "escape", "entity", "newline", "strikethrough", "autolink"]
        )  # fmt: skip
        self._tags = _tags(look)
        self.cited = 0
        self.doubted: frozenset[int] = frozenset()
        self.claims: Mapping[int, ClaimMark] = {}  # by the numbers that ``marked`` put into the text
        self._settled: dict[str, str] = {}

    def blocks(self, text: str) -> list[str]:
        """Return the HTML of every top-level block, the last of which may still grow."""
        sources = self._sources(text)
        blocks = []
        kept: dict[str, str] = {}
        for number, source in enumerate(sources):
            html = self._settled.get(source)
            if html is None:
                html = self._render(source)
            if number < len(sources) - 1:  # the last one is another tomorrow
                kept[source] = html
            blocks.append(html)
        self._settled = kept
        return blocks

    def html(self, text: str) -> str:
        """Return the HTML of a whole text."""
        return "".join(self.blocks(text))

    def forget(self) -> None:
        """Render all blocks anew next time: citations or colours are others."""
        self._settled = {}

    def _sources(self, text: str) -> list[str]:
        """Cut a text at its top-level blocks, by a scan for blank lines outside of fences, lists and quotes."""
        sources: list[str] = []
        current: list[str] = []
        fence = ""
        blank = False
        for line in text.split("\n"):
            stripped = line.strip()
            if not fence and blank and stripped and current and not _continues(current, line):
                sources.append("\n".join(current))
                current = []
            marker = _fence(line)
            if marker and not fence:
                fence = marker
            elif fence and marker.startswith(fence) and stripped == marker:
                fence = ""
            blank = not stripped
            current.append(line)
        if any(line.strip() for line in current):
            sources.append("\n".join(current))
        return sources

    # -- blocks -------------------------------------------------------------------------------------

    def _render(self, source: str) -> str:
        return "".join([self._block(token) for token in self._parser.parse(source)])

    def _block(self, token: Token) -> str:
        kind = token.type
        if kind == "inline":
            return self._inline(token.children or ())
        if kind in {"fence", "code_block"}:
            return self._code(token.content, _MARKED.sub("", token.info).strip().split(" ")[0])
        if token.hidden:  # the paragraphs of a list whose items are close together
            return ""
        if kind == "ordered_list_open":
            return f'<ol start="{int(token.attrGet("start") or 1)}" {_LIST}>'
        return self._tags.get(kind, "")

    def _code(self, text: str, language: str) -> str:
        marks = self._marks(text)
        code = code_html(_MARKED.sub("", text).rstrip("\n"), language, self.look.dark)
        below = f'<p style="margin-top:0; margin-bottom:8px">{marks}</p>' if marks else ""
        return (
            f'<table width="100%" cellspacing="0" cellpadding="8" style="margin-top:2px; margin-bottom:10px"><tr>'
            f'<td bgcolor="{self.look.code}"><pre style="white-space:pre-wrap; margin:0; '
            f"font-family:'{self.look.fixed}'\">{code}</pre></td></tr></table>{below}"
        )

    # -- inline -------------------------------------------------------------------------------------

    def _inline(self, tokens: Sequence[Token]) -> str:
        out: list[str] = []
        open_links: list[str] = []
        for token in tokens:
            kind = token.type
            if kind == "text":
                out.append(self._text(token.content, in_link=bool(open_links)))
            elif kind == "code_inline":
                out.append(
                    f"<code style=\"font-family:'{self.look.fixed}'; background-color:{self.look.code}\">"
                    f"{escape(_MARKED.sub('', token.content), quote=False)}</code>{self._marks(token.content)}"
                )
            elif kind == "link_open":
                before, after = self._link(_MARKED_HREF.sub("", str(token.attrGet("href") or "")))
                out.append(before)
                open_links.append(after)
            elif kind == "link_close":
                out.append(open_links.pop() if open_links else "")
            elif kind == "image":
                out.append(f"<i>{escape(_MARKED.sub('', token.content) or 'image', quote=False)}</i>")
            elif kind == "softbreak":
                out.append("\n")
            elif kind == "hardbreak":
                out.append("<br/>")
            else:
                out.append(_INLINE.get(kind, escape(token.content, quote=False)))
        out.extend(reversed(open_links))
        return "".join(out)

    def _text(self, text: str, *, in_link: bool) -> str:
        found = []
        for number, piece in enumerate(_MARKED.split(text)):  # every second piece is the number of a claim
            found.append(self._mark(int(piece), in_link=in_link) if number % 2 else self._words(piece, in_link=in_link))
        return "".join(found)

    def _marks(self, text: str) -> str:
        """Return the marks of the claims that end in a piece of code, to be shown behind it."""
        return "".join(self._mark(int(match[1]), in_link=False) for match in _MARKED.finditer(text))

    def _mark(self, number: int, *, in_link: bool) -> str:
        claim = self.claims.get(number)
        if claim is None:
            return ""
        style = f"color:{claim.colour}; text-decoration:none; font-weight:600"
        sign = f"\u00a0{claim.sign}"  # never at the beginning of a line
        if in_link:
            return f'<span style="{style}">{sign}</span>'
        return f'<a href="{CLAIM_SCHEME}:{number}" style="{style}">{sign}</a>'

    def _words(self, text: str, *, in_link: bool) -> str:
        pieces, end = [], 0
        for match in _CITATION.finditer(text):
            pieces.append(escape(text[end : match.start()], quote=False))
            number = int(match[1])
            pieces.append(self._cite(number, in_link=in_link))  # close to its word, as in print
            end = match.end()
        pieces.append(escape(text[end:], quote=False))
        return "".join(pieces)

    def _cite(self, number: int, *, in_link: bool) -> str:
        shown = superscript(number)
        colour = self.look.warning if number in self.doubted else self.look.accent
        if in_link or not 1 <= number <= self.cited:
            return f'<span style="color:{self.look.muted}">{shown}</span>'
        style = f"color:{colour}; text-decoration:none; font-weight:600"
        return f'<a href="{CITE_SCHEME}:{number}" style="{style}">{shown}</a>'

    def _link(self, href: str) -> tuple[str, str]:
        """Return what comes before and after the text of a link."""
        style = f'style="color:{self.look.accent}; text-decoration:none"'
        try:
            parts = urlsplit(href)
        except ValueError:
            return "", ""
        if parts.scheme in {"http", "https"} and parts.netloc:
            return f'<a href="{escape(href)}" {style}>', "</a>"
        if parts.scheme or parts.netloc or not parts.path:
            place = _PLACE.fullmatch(unquote(href))  # "app.py:12" reads as a scheme
            if place is None or "//" in href or parts.netloc:
                return "", ""
            return f'<a href="{escape(file_href(place["path"], int(place["line"])))}" {style}>', "</a>"
        line = re.fullmatch(r"L?(\d+).*", parts.fragment)
        path = unquote(parts.path)
        place = _PLACE.fullmatch(path)
        target = file_href(place["path"], int(place["line"])) if place else file_href(path, int(line[1]) if line else 1)
        return f'<a href="{escape(target)}" {style}>', "</a>"


_INLINE = {
    "em_open": "<i>",
    "em_close": "</i>",
    "strong_open": "<b>",
    "strong_close": "</b>",
    "s_open": "<s>",
    "s_close": "</s>",
}


def _fence(line: str) -> str:
    """Return the run of backticks or tildes that opens or closes a code block, empty for any other line."""
    match = re.match(r" {0,3}(`{3,}|~{3,})", line)
    return match[1] if match else ""


_IN_LIST = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])(?:\s|$)")


def _continues(block: Sequence[str], line: str) -> bool:
    """Return whether a line after a blank one may still belong to the block: lists, and whatever is indented."""
    if line.startswith(("    ", "\t")):
        return True
    in_list = _IN_LIST.match(block[0]) is not None
    return in_list and (line.startswith("  ") or _IN_LIST.match(line) is not None)


_LIST = 'style="margin-top:0; margin-bottom:8px; margin-left:-18px"'


def _tags(look: Look) -> dict[str, str]:
    """Return the HTML of each kind of block token that is always the same."""
    return {
        "paragraph_open": '<p style="margin-top:0; margin-bottom:8px; line-height:130%">',
        "paragraph_close": "</p>",
        "heading_open": '<p style="margin-top:8px; margin-bottom:4px"><b>',
        "heading_close": "</b></p>",
        "bullet_list_open": f"<ul {_LIST}>",
        "bullet_list_close": "</ul>",
        "ordered_list_close": "</ol>",
        "list_item_open": '<li style="margin-bottom:2px; line-height:130%">',
        "list_item_close": "</li>",
        "blockquote_open": (
            f'<table cellspacing="0" cellpadding="0" style="margin-bottom:8px"><tr><td bgcolor="{look.line}" '
            f'width="3"></td><td style="padding-left:10px; color:{look.muted}">'
        ),
        "blockquote_close": "</td></tr></table>",
        "hr": (
            '<table width="100%" cellspacing="0" cellpadding="0" style="margin-bottom:8px"><tr>'
            f'<td bgcolor="{look.line}" height="1"></td></tr></table>'
        ),
        "table_open": (
            '<table cellspacing="0" cellpadding="4" border="1" style="border-collapse:collapse; '
            f'border-color:{look.line}; margin-bottom:8px">'
        ),
        "table_close": "</table>",
        "tr_open": "<tr>",
        "tr_close": "</tr>",
        "th_open": "<td><b>",
        "th_close": "</b></td>",
        "td_open": "<td>",
        "td_close": "</td>",
    }


# -- code -------------------------------------------------------------------------------------------


def _coloured(text: str, language: str, dark: bool) -> list[tuple[str, str]]:
    """Return (CSS, text) of each piece of code; one piece without CSS when the language is unknown."""
    lexer = _lexer(language) if len(text) <= _LONGEST_HIGHLIGHTED else None
    if lexer is None:
        return [("", text)]
    return [(_css(kind, dark), piece) for kind, piece in lexer.get_tokens(text)]


@lru_cache(maxsize=64)
def _lexer(language: str) -> Any:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    if not language or language == "text":
        return None
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


# Few colours of about one lightness, so that code stays text: (light, dark) by pygments' kinds of tokens.
_CODE_COLOURS = {
    "Token.Keyword": ("color:#0b5c86", "color:#7cc0e4"),
    "Token.Operator.Word": ("color:#0b5c86", "color:#7cc0e4"),
    "Token.Name.Tag": ("color:#0b5c86", "color:#7cc0e4"),
    "Token.Name.Function": ("font-weight:600", "font-weight:600"),
    "Token.Name.Class": ("font-weight:600", "font-weight:600"),
    "Token.Name.Decorator": ("color:#7a5200", "color:#d9b36a"),
    "Token.Literal.String": ("color:#2f6f3a", "color:#9ccb8d"),
    "Token.Literal.Number": ("color:#7a5200", "color:#d9b36a"),
    "Token.Comment": ("color:#63676c; font-style:italic", "color:#a0a4aa; font-style:italic"),
    "Token.Generic.Heading": ("font-weight:600", "font-weight:600"),
}


@lru_cache(maxsize=512)
def _css(kind: Any, dark: bool) -> str:
    """Return the CSS of a kind of token, or of the nearest kind above it that has any."""
    while kind is not None:
        if (found := _CODE_COLOURS.get(str(kind))) is not None:
            return found[1 if dark else 0]
        kind = kind.parent
    return ""
