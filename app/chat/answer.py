"""The answer while it is written and when it stands: Markdown whose citations and files can be clicked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QUrl, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.chat.markdown import CITE_SCHEME, CLAIM_SCHEME, ClaimMark, Look, Markdown, marked, read_file_href
from app.chat.textview import TextView
from app.chat.words import claim_sign, place
from app.controls import tip
from app.theme import GRID, INSET, theme
from engine.events import AnswerCitation
from engine.verdicts import Claim, ClaimVerdict

__all__ = ["AnswerView", "claim_colour", "look"]


def claim_colour(verdict: ClaimVerdict) -> str:
    """Return the colour of the sign behind a claim; what it means does not hang on it."""
    colours = theme().colours
    return {"supported": colours.accent, "contradicted": colours.warning, "undecided": colours.muted}[verdict]


def look() -> Look:
    """Return what rendering needs of the present theme."""
    colours = theme().colours
    return Look(
        dark=colours.dark,
        text=colours.text,
        muted=colours.muted,
        accent=colours.accent,
        code=colours.code,
        line=colours.line,
        warning=colours.warning,
        fixed=theme().fixed_font().family(),
    )


class AnswerView(QWidget):
    """Shows one text. ``file_clicked`` has a path and a line, ``address_clicked`` an http(s) address, ``claim_clicked``
    the number of a claim that was checked, from 0; signs behind the claims say what was found.

    While the text grows, its settled blocks stand in one view and the last block in another, so that each new token
    costs a block and not the whole answer; when it is complete all of it stands in one, to be selected as a whole.
    """

    file_clicked = Signal(str, int)
    address_clicked = Signal(str)
    claim_clicked = Signal(int)

    def __init__(self, name: str = "Answer") -> None:
        super().__init__()
        self._text = ""
        self._complete = False
        self._citations: Sequence[AnswerCitation] = ()
        self._claims: Sequence[Claim] = ()
        self._markdown = Markdown(look())
        self._settled = TextView(name)
        self._tail = TextView(f"{name}, being written")
        self._shown: list[str] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(INSET, GRID, 0, 0)
        layout.setSpacing(2 * GRID)
        for view in (self._settled, self._tail):
            layout.addWidget(view)
            view.anchorClicked.connect(self._follow)
            view.highlighted.connect(self._tell)
            view.hide()
        theme().changed.connect(self._again)

    def show_text(
        self, text: str, citations: Sequence[AnswerCitation], *, complete: bool, claims: Sequence[Claim] = ()
    ) -> None:
        """Show a text, more of the one before or another; citations are linked once they are known.

        Claims count the characters of ``text``; those that stand nowhere in it get no sign.
        """
        if (text, complete, citations, claims) == (self._text, self._complete, self._citations, self._claims):
            return
        if claims != self._claims:
            self._claims = claims
            self._mark_claims()
        if citations != self._citations:
            self._citations = citations
            self._markdown.cited = len(citations)
            self._markdown.doubted = frozenset(
                number for number, citation in enumerate(citations, start=1) if not citation.verified
            )
            self._markdown.forget()
            self._shown = []
        if complete != self._complete:
            self._shown = []
        self._text, self._complete = text, complete
        self._render()

    def plain_text(self) -> str:
        """Return what can be read, without markup."""
        views = [view for view in (self._settled, self._tail) if not view.isHidden()]
        return "\n".join(view.toPlainText() for view in views)

    def _render(self) -> None:
        ends = {number: each.end for number, each in enumerate(self._claims) if each.start >= 0}
        blocks = self._markdown.blocks(marked(self._text, ends) if ends else self._text)
        settled = blocks if self._complete else blocks[:-1]
        if settled != self._shown:
            self._settled.show_html("".join(settled))
            self._shown = settled
        self._settled.setVisible(bool(settled))
        if not self._complete:
            self._tail.show_html("".join(blocks[-1:]))
        self._tail.setVisible(not self._complete and bool(blocks))

    def _again(self) -> None:
        cited, doubted = self._markdown.cited, self._markdown.doubted
        self._markdown = Markdown(look())
        self._markdown.cited, self._markdown.doubted = cited, doubted
        self._mark_claims()
        self._render()

    def _mark_claims(self) -> None:
        self._markdown.claims = {
            number: ClaimMark(claim_sign(each.verdict), claim_colour(each.verdict))
            for number, each in enumerate(self._claims)
        }
        self._markdown.forget()
        self._shown = []

    def _claim(self, url: QUrl) -> int | None:
        if url.scheme() != CLAIM_SCHEME or not url.path().isdecimal():
            return None
        number = int(url.path())
        return number if number < len(self._claims) else None

    def _citation(self, url: QUrl) -> AnswerCitation | None:
        if url.scheme() != CITE_SCHEME or not url.path().isdecimal():
            return None
        number = int(url.path())
        return self._citations[number - 1] if 1 <= number <= len(self._citations) else None

    def _follow(self, url: QUrl) -> None:
        if (citation := self._citation(url)) is not None:
            self.file_clicked.emit(citation.path, citation.first_line)
        elif (number := self._claim(url)) is not None:
            self.claim_clicked.emit(number)
        elif (found := read_file_href(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))) is not None:
            self.file_clicked.emit(*found)
        elif url.scheme() in {"http", "https"}:
            self.address_clicked.emit(url.toString())

    def _tell(self, url: QUrl) -> None:
        """Say in the tip where the link under the pointer leads."""
        where = ""
        if (citation := self._citation(url)) is not None:
            where = place(citation) + ("" if citation.verified else "\nnot borne out by the evidence")
        elif (number := self._claim(url)) is not None:
            where = _found(self._claims[number])
        elif (found := read_file_href(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))) is not None:
            where = f"{found[0]}:{found[1]}"
        elif not url.isEmpty():
            where = url.toString()
        for view in (self._settled, self._tail):
            view.viewport().setToolTip(tip(where))


def _found(claim: Claim) -> str:
    """Return what was found about a claim, for a tip."""
    return "\n".join([f"{claim.verdict}: {claim.reason}", *map(place, claim.lines)])
