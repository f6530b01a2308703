"""What is known before the model writes: names that do not exist here, and facts read out of the symbol graph."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.chat.answer import look
from app.chat.markdown import Markdown
from app.chat.textview import TextView
from app.chat.words import listed, missing_words, place
from app.controls import label
from app.session import Session
from app.state import TurnState
from app.theme import GRID, INSET, theme
from engine.events import FactItem, PremiseItem

__all__ = ["KnownFacts", "PremiseNotice"]

_SUGGESTION = "sidetune-name"


class PremiseNotice(QFrame):
    """What the question takes for granted and the repository does not have."""

    def __init__(self, turn: TurnState, reword: Callable[[str], None]) -> None:
        super().__init__()
        self._turn = turn
        self._reword = reword
        self._shown: tuple[PremiseItem, ...] = ()
        self._view = TextView("About the question")
        self._view.anchorClicked.connect(lambda url: self._choose(url.path()))
        self._rule = QFrame()
        self._rule.setFixedWidth(3)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(INSET, GRID, 0, GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._rule)
        layout.addWidget(self._view, 1)
        theme().changed.connect(self._again)
        self.hide()

    def refresh(self) -> None:
        """Show what the turn knows by now."""
        if self._turn.premise != self._shown:
            self._again()
            self.setVisible(bool(self._turn.premise))

    def _again(self) -> None:
        colours = theme().colours
        self._rule.setStyleSheet(f"background: {colours.warning}")
        self._shown = self._turn.premise
        sentences = []
        for number, item in enumerate(self._turn.premise):
            words = escape(missing_words(item))
            links = [
                f'<a href="{_SUGGESTION}:{number}/{index}" style="color:{colours.accent}; text-decoration:none">'
                f"{escape(name)}</a>"
                for index, name in enumerate(item.suggestions)
            ]
            sentences.append(f"{words}; did you mean {listed(links, 'or')}?" if links else f"{words}.")
        self._view.show_html(f'<p style="margin:0; line-height:130%">{" ".join(sentences)}</p>')

    def _choose(self, path: str) -> None:
        number, _, index = path.partition("/")
        item = self._turn.premise[int(number)]
        self._reword(self._turn.question.replace(item.name, item.suggestions[int(index)]))


class KnownFacts(QWidget):
    """What is known from the code by itself, apart from what the model wrote."""

    def __init__(self, turn: TurnState, session: Session) -> None:
        super().__init__()
        self._turn = turn
        self._shown: tuple[FactItem, ...] = ()
        self._view = _FactsView(session)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(INSET, 2 * GRID, 0, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(label("Known from the code", "small"))
        layout.addWidget(self._view)
        theme().changed.connect(self._again)
        self.hide()

    def refresh(self) -> None:
        """Show what the turn knows by now."""
        if self._turn.facts != self._shown:
            self._again()
            self.setVisible(bool(self._turn.facts))

    def _again(self) -> None:
        self._shown = self._turn.facts
        self._view.show_facts(self._shown)


class _FactsView(TextView):
    """Facts as paragraphs in which every place is a link to it."""

    def __init__(self, session: Session) -> None:
        super().__init__("Known from the code")
        self._session = session
        self._places: list[tuple[str, int]] = []
        self.anchorClicked.connect(lambda url: session.open_file(*self._places[int(url.path())]))

    def show_facts(self, facts: tuple[FactItem, ...]) -> None:
        """Show other facts."""
        markdown = Markdown(look())
        self._places = []
        paragraphs = []
        for fact in facts:
            html = markdown.html(fact.text)
            missing = []
            for citation in fact.citations:
                linked = self._link(citation.path, citation.first_line)
                written = [place(citation).replace("–", "-"), f"{citation.path}:{citation.first_line}"]
                found = next((escape(each, quote=False) for each in written if escape(each, quote=False) in html), None)
                if found is None:
                    missing.append(linked + escape(place(citation), quote=False) + "</a>")
                else:
                    html = html.replace(found, f"{linked}{found.replace('-', '–')}</a>", 1)
            if missing and len(missing) == len(fact.citations):
                html = html.replace("</p>", f" {', '.join(missing)}</p>", 1)
            paragraphs.append(html)
        self.show_html("".join(paragraphs))

    def _link(self, path: str, line: int) -> str:
        self._places.append((path, line))
        style = f"color:{theme().colours.accent}; text-decoration:none"
        return f'<a href="sidetune-place:{len(self._places) - 1}" style="{style}">'
