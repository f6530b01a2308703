"""One question and what became of it: the answer, what it rests on, what was learned for it, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.chat.answer import AnswerView
from app.chat.known import KnownFacts, PremiseNotice
from app.chat.markdown import superscript
from app.chat.verdict import CheckSection
from app.chat.words import confidence_words, listed, place, sentence_about
from app.controls import Disclosure, ElidedLabel, FlowLayout, Pulse, label, quiet_button, tip
from app.panels.evidence import EvidenceList, EvidenceRow
from app.panels.tuning import LearningLine
from app.session import Session
from app.state import State, TurnState
from app.theme import GRID, INSET, set_role, theme
from engine.types import Effort

__all__ = ["MessageWidget"]


class MessageWidget(QWidget):
    """Shows a turn; ``refresh`` after it changed.

    ``address_clicked`` has an http(s) address, ``reworded`` a question for the composer; ``check_wanted`` the turn and
    whether what would be sent shall be shown first even where that is not needed, ``preview_wanted`` the turn and what
    would be sent next.
    """

    address_clicked = Signal(str)
    reworded = Signal(str)
    check_wanted = Signal(object, bool)
    preview_wanted = Signal(object, object)
    check_settings_wanted = Signal()
    unfolded = Signal()  # something was unfolded or folded by the reader, who wants to stay where that was

    def __init__(self, turn: TurnState, state: State, session: Session) -> None:
        super().__init__()
        self.turn = turn
        self._state = state
        self._session = session
        self.setAccessibleName(f"Question: {turn.question}")
        self._question = label(turn.question, "strong")
        self._question.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._about = label("", "small")
        self._premise = PremiseNotice(turn, self.reworded.emit)
        self._facts = KnownFacts(turn, session)
        self._answer = AnswerView()
        self._answer.file_clicked.connect(session.open_file)
        self._answer.address_clicked.connect(self.address_clicked)
        self._answer.claim_clicked.connect(self._show_claim)
        self._doubt = label("", "small")
        self._status = _StatusLine(turn, state)
        self._failure = _FailureLine(turn, lambda: session.ask_again(turn))
        self._confidence = _ConfidenceRow(turn, self._unfold_evidence)
        self._evidence: EvidenceList | None = None
        self._nearest_shown = False
        self._learning = LearningLine(turn)
        self._learning.unfolded.connect(self.unfolded)
        self.check = CheckSection(turn, session)
        self.check.unfolded.connect(self.unfolded)
        self.check.address_clicked.connect(self.address_clicked)
        self.check.preview_wanted.connect(self.preview_wanted)
        self.check.settings_wanted.connect(self.check_settings_wanted)
        self._actions = _Actions(turn, session, lambda first: self.check_wanted.emit(turn, first))
        self._note = _ModelNote(state)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(4 * GRID - INSET, 4 * GRID, 4 * GRID, 4 * GRID)
        self._layout.setSpacing(GRID)
        for words in (self._question, self._about, self._doubt):
            words.setContentsMargins(INSET, 0, 0, 0)
        parts = [self._question, self._about, self._premise, self._facts, self._answer, self._doubt, self._status]
        for part in [*parts, self._failure, self._confidence, self._learning, self.check, self._actions, self._note]:
            self._layout.addWidget(part)
        self.refresh()

    def refresh(self) -> None:
        """Show what the turn knows by now."""
        turn = self.turn
        asked = {"instant": "asked again, without learning", "balanced": "asked again", "deep": "asked again, deeper"}
        again = asked.get(turn.effort or "", "") if turn.again else ""
        _say(self._about, " · ".join(filter(None, (again, sentence_about(turn.about, turn.exclude)))))
        self._premise.refresh()
        self._facts.refresh()
        self._answer.setVisible(bool(turn.text))
        claims = turn.checked.claims if turn.checked is not None else ()
        self._answer.show_text(turn.text, turn.citations, complete=not turn.running, claims=claims)
        doubted = [superscript(number) for number, each in enumerate(turn.citations, start=1) if not each.verified]
        verb = "is" if len(doubted) == 1 else "are"
        _say(self._doubt, f"{listed(doubted)} {verb} not borne out by the lines cited" if doubted else "")
        self._status.refresh()
        self._failure.refresh()
        self._confidence.refresh()
        self._show_nearest()
        self._learning.refresh()
        self.check.refresh()
        self._actions.refresh()
        self.refresh_note()

    def refresh_checks(self) -> None:
        """Show whether the answer can be checked, and what checking has cost so far."""
        self.check.refresh_price()
        self._actions.refresh()

    def _show_nearest(self) -> None:
        """Unfold once what is nearest to a question that the repository does not answer: it is all there is."""
        turn = self.turn
        silent = turn.confidence is not None and turn.confidence.level == "silent"
        if silent and turn.answer is not None and turn.chunks and not self._nearest_shown:
            self._nearest_shown = True
            self._confidence.sources.setChecked(True)

    def _show_claim(self, number: int) -> None:
        """Open the lines that decide a claim; where there are none, say what was found."""
        claim = self.turn.checked.claims[number] if self.turn.checked is not None else None
        if claim is not None and claim.lines:
            self._session.open_file(claim.lines[0].path, claim.lines[0].first_line)
        else:
            self.check.line.setChecked(True)

    def refresh_note(self) -> None:
        """Say under the first answer of a conversation what the model is good for."""
        first = next((each for each in self._state.turns if each.phase == "done"), None)
        self._note.refresh()
        self._note.setVisible(first is self.turn and self.turn.answer is not None and self._state.model is not None)

    def unfold(self, *, evidence: bool = False, learning: bool = False, verdict: bool = False) -> None:
        """Unfold what is folded at first."""
        self.check.line.setChecked(verdict and self.turn.checked is not None)
        self._confidence.sources.setChecked(evidence)
        self._learning.set_unfolded(learning)

    @property
    def evidence_rows(self) -> Sequence[EvidenceRow]:
        """Return the rows of the evidence; none before it was unfolded."""
        return self._evidence.rows if self._evidence is not None else ()

    def _unfold_evidence(self, unfolded: bool) -> None:
        self.unfolded.emit()
        if unfolded:
            self._state.show(self.turn)
        if unfolded and self._evidence is None:
            self._evidence = EvidenceList(self.turn, self._session)
            self._layout.insertWidget(self._layout.indexOf(self._confidence) + 1, self._evidence)
        if self._evidence is not None:
            self._evidence.setVisible(unfolded)


def _say(shown: QLabel, text: str) -> None:
    """Give a label its text; without any it takes no room."""
    shown.setText(text)
    shown.setVisible(bool(text))


class _StatusLine(QWidget):
    """What is being done, until there is something to read; learning has a line of its own."""

    def __init__(self, turn: TurnState, state: State) -> None:
        super().__init__()
        self._turn, self._state = turn, state
        self._words = ElidedLabel(role="muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(INSET, GRID, 0, GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(Pulse())
        layout.addWidget(self._words, 1)

    def refresh(self) -> None:
        turn = self._turn
        words = ""
        if turn.running and not turn.text:
            words = self._doing()
        self._words.set_full_text(words)
        self.setVisible(bool(words))

    def _doing(self) -> str:
        turn = self._turn
        if turn.phase == "waiting":
            return "Waiting for the engine"
        if turn.phase == "tuning":
            return "Ending the learning" if turn.skipping else ""
        if turn.phase == "writing":
            return "Writing"
        if turn.chunks:
            return f"Chose {len(turn.chunks)} sources"
        index = self._state.index
        return f"Looking through {index.chunks:,} chunks" if index is not None and index.chunks else "Looking"


class _FailureLine(QWidget):
    """Why there is no answer, or that the user stopped it, and asking again."""

    def __init__(self, turn: TurnState, again: Callable[[], object]) -> None:
        super().__init__()
        self._turn = turn
        self._words = label("", "warning")
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._again = quiet_button("Ask again", "Ask the same question again", again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, GRID, 0, 0)
        layout.setSpacing(GRID)
        self._words.setContentsMargins(INSET, 0, 0, 0)
        layout.addWidget(self._words)
        layout.addWidget(self._again, 0, Qt.AlignmentFlag.AlignLeft)

    def refresh(self) -> None:
        stopped = self._turn.phase == "stopped"
        self._words.setText("Stopped." if stopped else self._turn.failure)
        set_role(self._words, "muted" if stopped else "warning")
        self.setVisible(stopped or self._turn.phase == "failed")


class _ConfidenceRow(QWidget):
    """How much the repository says, in words, and the way to the evidence."""

    def __init__(self, turn: TurnState, unfold: Callable[[bool], None]) -> None:
        super().__init__()
        self._turn = turn
        self._mark = label("", wrap=False)
        self._words = ElidedLabel(role="muted")
        self.sources = Disclosure("")
        self.sources.toggled.connect(unfold)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(INSET, GRID, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._mark)
        layout.addWidget(self._words, 1)
        layout.addWidget(self.sources)
        theme().changed.connect(self.refresh)

    def refresh(self) -> None:
        turn = self._turn
        known = turn.confidence
        if known is not None:
            # Next to a refused premise "the repository says this" would read as if it said what was refused.
            mark, words = ("○", "the question names what is not here") if turn.premise else confidence_words(known)
            self._mark.setText(mark)
            self._mark.setStyleSheet(f"color: {theme().colours.accent}")
            what = "How much the repository says about the question; not how well the answer is written"
            self._words.set_full_text(words, what)
        count = len(turn.chunks)
        silent = known is not None and known.level == "silent"
        self.sources.setText(f"{count} nearest" if silent else f"{count} source{'' if count == 1 else 's'}")
        self.sources.setVisible(count > 0)
        self.setVisible(known is not None and turn.phase == "done")


class _ModelNote(QWidget):
    """Which model wrote, on one line; behind it what it is good for."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state
        self._line = Disclosure("")
        self._notes = label("", "small")
        self._notes.setContentsMargins(INSET, 0, 0, 0)
        self._notes.hide()
        self._line.toggled.connect(self._notes.setVisible)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._line)
        layout.addWidget(self._notes)

    def refresh(self) -> None:
        if (model := self._state.model) is not None:
            small = model.name == "bundled"
            self._line.setText("a very small model wrote this; check it" if small else f"written by {model.title}")
            self._notes.setText(model.notes)


class _Actions(QWidget):
    """What can be done with an answer. ``check`` is told whether what would be sent shall be shown in any case."""

    def __init__(self, turn: TurnState, session: Session, check: Callable[[bool], None]) -> None:
        super().__init__()
        self._turn = turn
        self._session = session
        self.copy = quiet_button("Copy", "Copy the answer and where its citations point", self._copy)
        self.deeper = quiet_button("Deeper", "Ask again and learn more before answering", lambda: again("deep"))
        self.untuned = quiet_button("Untuned", "Ask again without learning, to compare", lambda: again("instant"))
        self.check = quiet_button("Check…", "", lambda: check(False))
        self.preview = quiet_button("Preview…", "Look at what a check would send", lambda: check(True))
        self.remember = quiet_button(
            "Remember", "Keep question and answer as a note, which later answers can rest on", self._remember
        )
        flow = FlowLayout()
        self.setLayout(flow)
        for button in (self.copy, self.deeper, self.untuned, self.check, self.preview, self.remember):
            flow.addWidget(button)
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

        def again(effort: Effort) -> None:
            session.ask_again(turn, effort)

    def refresh(self) -> None:
        turn = self._turn
        how = turn.tuned.state if turn.tuned is not None else turn.adapter
        self.setVisible(turn.phase == "done")
        self.deeper.setVisible(turn.effort not in {"deep", None})
        self.untuned.setVisible(how in {"tuned", "reused"})
        state = self._session.state.checks
        allowed = state is not None and state.ready and state.allowed
        forbidden = state.forbidden if state is not None else ""
        kept = turn.number > 0
        self.check.setText("Check" if allowed else "Check…")
        what = "Have a hosted model check this answer; " + (
            "it is sent as you allowed for this repository" if allowed else "what would be sent is shown first"
        )
        self.check.setToolTip(tip(forbidden or what))
        self.check.setAccessibleDescription(forbidden or what)
        free = self._session.checks.can_preview(turn)
        self.check.setEnabled(free and not forbidden)
        self.preview.setEnabled(free)
        self.check.setVisible(kept)
        self.preview.setVisible(kept and allowed)
        self.remember.setVisible(kept)
        self.remember.setEnabled(not turn.remembered)
        self.remember.setText("Remembered" if turn.remembered else "Remember")

    def _remember(self) -> None:
        self._session.notes.remember(self._turn)

    def _copy(self) -> None:
        turn = self._turn
        cited = [f"[{number}] {place(each)}" for number, each in enumerate(turn.citations, start=1)]
        QGuiApplication.clipboard().setText("\n".join([turn.text, *([""] if cited else []), *cited]))
        self.copy.setText("Copied")
