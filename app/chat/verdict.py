"""A check of an answer: on its way, failed, or what it found claim by claim with the lines that decide it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.chat.answer import claim_colour, look
from app.chat.correction import Correction
from app.chat.markdown import Markdown
from app.chat.textview import TextView
from app.chat.words import claim_sign, claims_words, date_words, dollars, place
from app.controls import Disclosure, ElidedLabel, Pulse, label, quiet_button
from app.session import Session
from app.state import CheckRun, TurnState
from app.theme import GRID, INSET, theme
from engine.verdicts import Checked, CheckState, Claim

__all__ = ["CheckSection", "cost_words"]

_PLACE = "sidetune-place"


class CheckSection(QWidget):
    """All about checking one turn; ``refresh`` after it changed.

    ``preview_wanted`` has the turn and the preview of the next round.
    """

    preview_wanted = Signal(object, object)
    settings_wanted = Signal()
    address_clicked = Signal(str)
    unfolded = Signal()

    def __init__(self, turn: TurnState, session: Session) -> None:
        super().__init__()
        self._turn = turn
        self._session = session
        self._shown: Checked | None = None
        self._looked_at = False  # what is there at first was found on an earlier day
        self._progress = _Progress(turn, session)
        self._failure = _Failure(turn, session, self.settings_wanted.emit)
        self.line = Disclosure("checked")
        self.line.toggled.connect(self._unfold)
        self.details: VerdictDetails | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(GRID)
        for part in (self._progress, self._failure, self.line):
            self._layout.addWidget(part)
        self.hide()

    def refresh(self) -> None:
        """Show what the turn knows by now; a check that has just ended is unfolded."""
        run, checked = self._turn.check, self._turn.checked
        self._progress.show_run(run if run is not None and run.running else None)
        self._failure.show_run(run if run is not None and not run.running else None)
        if checked is not self._shown:
            fresh = self._looked_at and (self._shown is None or checked is None or checked.usage != self._shown.usage)
            self._shown = checked
            if checked is not None:
                self.line.setText(f"checked: {claims_words(checked.claims)}")
                if self.details is not None:
                    self.details.show_checked(checked)
                if fresh:
                    self.line.setChecked(True)
        self._looked_at = True
        self.line.setVisible(checked is not None)
        self.setVisible(run is not None or checked is not None)

    def refresh_price(self) -> None:
        """Show the price so far."""
        if self.details is not None:
            self.details.show_price(self._session.state.checks)

    def _unfold(self, unfolded: bool) -> None:
        self.unfolded.emit()
        if unfolded and self.details is None and self._shown is not None:
            self.details = VerdictDetails(self._turn, self._session)
            self.details.next_wanted.connect(lambda preview: self.preview_wanted.emit(self._turn, preview))
            self.details.address_clicked.connect(self.address_clicked)
            self._layout.addWidget(self.details)
            self.details.show_checked(self._shown)
        if self.details is not None:
            self.details.setVisible(unfolded)


class _Progress(QWidget):
    """How far a check is, and stopping it."""

    def __init__(self, turn: TurnState, session: Session) -> None:
        super().__init__()
        self._session = session
        self._words = ElidedLabel(role="muted")
        what = "Stop the check; what was sent may have to be paid for"
        stop = quiet_button("Stop", what, lambda: session.checks.stop(turn))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(INSET, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(Pulse())
        layout.addWidget(self._words, 1)
        layout.addWidget(stop)

    def show_run(self, run: CheckRun | None) -> None:
        """Show how far a check is; None for none."""
        self.setVisible(run is not None)
        if run is not None:
            self._words.set_full_text(self._say(run))

    def _say(self, run: CheckRun) -> str:
        model = run.preview.model if run.preview is not None else "the model"
        again = f", round {run.round}" if run.round > 1 else ""
        match run.stage:
            case "preparing":
                return "Looking at what would be sent"
            case "connecting":
                state = self._session.state.checks
                where = state.destination if state is not None and state.destination else "the provider"
                return f"Connecting to {where}{again}"
            case "waiting":
                return f"Waiting for {model}{again}"
            case "reading":
                return f"{model} answers{again} · {run.characters:,} characters"


class _Failure(QWidget):
    """Why a check came to no end, and what can be done about it; nothing is sent again by itself."""

    def __init__(self, turn: TurnState, session: Session, settings: Callable[[], None]) -> None:
        super().__init__()
        self._words = label("", "warning")
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setContentsMargins(INSET, 0, 0, 0)
        checks = session.checks
        self._again = quiet_button("Send again", "Send exactly the same once more", lambda: checks.send_again(turn))
        change = quiet_button("Settings…", "Change how drafts are checked", settings)
        dismiss = quiet_button("Dismiss", "Take this sentence away", lambda: checks.dismiss(turn))
        row = QHBoxLayout()
        row.setSpacing(GRID)
        for button in (self._again, change, dismiss):
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self._words)
        layout.addLayout(row)

    def show_run(self, run: CheckRun | None) -> None:
        """Show why a check failed; None for none that did."""
        self.setVisible(run is not None)
        if run is not None:
            self._words.setText(run.failure)
            self._again.setVisible(run.preview is not None)


class VerdictDetails(QWidget):
    """The claims with their lines, the corrected answer, what was missing, and what it cost."""

    next_wanted = Signal(object)
    address_clicked = Signal(str)

    def __init__(self, turn: TurnState, session: Session) -> None:
        super().__init__()
        self._turn = turn
        self._session = session
        self._claims = _ClaimsView(session)
        self._warnings = label("", "small")
        self.correction = Correction(turn, session)
        self.correction.address_clicked.connect(self.address_clicked)
        self._missing = label("", "muted")
        self.next = quiet_button(
            "Next round…", "Look at what the next round would send; nothing is sent yet", self._look
        )
        self._cost = label("", "small")
        self._checked: Checked | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, GRID)
        layout.setSpacing(2 * GRID)
        within = QHBoxLayout()
        within.setContentsMargins(INSET, 0, 0, 0)
        within.addWidget(self._claims)
        layout.addLayout(within)
        for part in (self._warnings, self.correction, self._missing):
            layout.addWidget(part)
        layout.addWidget(self.next, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._cost)
        for words in (self._warnings, self._missing, self._cost):
            words.setContentsMargins(INSET, 0, 0, 0)
        theme().changed.connect(self._again)

    def show_checked(self, checked: Checked) -> None:
        """Show what was found."""
        self._checked = checked
        self._claims.show_claims(checked.claims)
        self._claims.setVisible(bool(checked.claims))
        self._warnings.setText("\n".join(checked.warnings))
        self._warnings.setVisible(bool(checked.warnings))
        self.correction.show_checked(checked)
        wanted = "\n".join(f"– {each}" for each in checked.missing)
        self._missing.setText(f"To tell more it would have to see\n{wanted}")
        self._missing.setVisible(bool(checked.missing))
        preview = checked.next
        if preview is not None:
            price = f", at most {dollars(preview.price)}" if preview.price is not None else ""
            self.next.setText(f"Look at round {preview.round}{price}…")
        self.next.setVisible(preview is not None)
        self.show_price(self._session.state.checks)

    def show_price(self, state: CheckState | None) -> None:
        """Show who checked, when, and what it cost, also so far."""
        if (checked := self._checked) is None:
            return
        usage = checked.usage
        requests = "1 request" if usage.requests == 1 else f"{usage.requests} requests"
        price = dollars(usage.price) if usage.price is not None else "price not known"
        lines = [
            f"Checked by {checked.model}, {date_words(checked.created)}",
            f"{requests}, {usage.input_tokens + usage.output_tokens:,} tokens, {price}",
        ]
        if state is not None and (so_far := cost_words(state)):
            lines.append(so_far)
        self._cost.setText("\n".join(lines))

    def _look(self) -> None:
        if self._checked is not None and self._checked.next is not None:
            self.next_wanted.emit(self._checked.next)

    def _again(self) -> None:
        if self._checked is not None:
            self._claims.show_claims(self._checked.claims)


def cost_words(state: CheckState) -> str:
    """Return what checking this repository has cost so far; empty when nothing was sent."""
    if not state.spent and not state.unpriced:
        return ""
    unknown = "1 request" if state.unpriced == 1 else f"{state.unpriced} requests"
    if not state.spent:
        return f"So far {unknown} for this repository, of unknown price"
    return f"So far {dollars(state.spent)} for this repository" + (
        f", and {unknown} of unknown price" if state.unpriced else ""
    )


class _ClaimsView(TextView):
    """Claims, each with a sign, the reason and links to the lines that decide it."""

    def __init__(self, session: Session) -> None:
        super().__init__("What was found, claim by claim")
        self._places: list[tuple[str, int]] = []
        self.anchorClicked.connect(lambda url: session.open_file(*self._places[int(url.path())]))

    def show_claims(self, claims: tuple[Claim, ...]) -> None:
        """Show other claims."""
        self._places = []
        markdown = Markdown(look())
        self.show_html("".join(self._claim(each, markdown) for each in claims))

    def _claim(self, claim: Claim, markdown: Markdown) -> str:
        colours = theme().colours
        links = []
        for lines in claim.lines:
            self._places.append((lines.path, lines.first_line))
            links.append(
                f'<a href="{_PLACE}:{len(self._places) - 1}" style="color:{colours.accent}; text-decoration:none">'
                f"{escape(place(lines), quote=False)}</a>"
            )
        apart = "" if claim.start >= 0 else "not word by word in the answer; "
        found = f"{apart}{claim.verdict}{': ' if claim.reason else ''}{claim.reason}"
        where = f"<br/>{', '.join(links)}" if links else ""
        return (
            '<table cellspacing="0" cellpadding="0" width="100%" style="margin-bottom:6px"><tr>'
            f'<td width="20" style="color:{claim_colour(claim.verdict)}; font-weight:600">'
            f"{claim_sign(claim.verdict)}</td><td>{_tight(markdown.html(claim.text))}"
            f'<p style="margin:0; color:{colours.muted}">{escape(found, quote=False)}{where}</p></td></tr></table>'
        )


def _tight(html: str) -> str:
    """Return paragraphs without room below them."""
    return html.replace("margin-bottom:8px", "margin-bottom:0")
