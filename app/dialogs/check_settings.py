"""How drafts are checked: by whom, with which key, for how much, and what is never sent."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.chat.verdict import cost_words
from app.controls import CheckBox, label, tip
from app.dialogs.layouts import add_row, combo, form, hint, money, row, scrolling, spin
from app.session import Session
from app.state import State
from app.theme import GRID, set_role
from engine.verdicts import CheckSettings, CheckState, Price, Provider

__all__ = ["CheckSettingsDialog"]

_PROVIDERS: tuple[tuple[str, Provider], ...] = (
    ("Nobody: checking is off", ""),
    ("Anthropic", "anthropic"),
    ("OpenAI", "openai"),
    ("A server that speaks OpenAI's protocol", "compatible"),
)
_WHAT = (
    "A hosted model can check an answer against the lines that it rests on. What would be sent is shown in full before "
    "anything is sent."
)
_LINES = 3  # of the fields for what is kept here


class CheckSettingsDialog(QDialog):
    """The settings of checking. A key goes to the engine when they are saved and is forgotten here at once."""

    def __init__(self, state: State, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._session = session
        self._shown = CheckState(CheckSettings(), ready=False)
        self._saving = False
        self.setWindowTitle("Checking answers")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.provider = combo("Who checks", _PROVIDERS)
        self.address = QLineEdit()
        self.address.setAccessibleName("The address of the server")
        self.address.setPlaceholderText("http://127.0.0.1:8080/v1")
        self.model = combo("The model that checks")
        self.model.setEditable(True)
        if (written := self.model.lineEdit()) is not None:
            written.setPlaceholderText("The provider's name of a model")
        self.key = QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setAccessibleName("The key for this provider")
        self.keep = combo("How long the key is kept")
        self.forget = QPushButton("Forget")
        self.forget.setAccessibleName("Forget the key that is kept")
        self.forget.setAutoDefault(False)
        self.structured = CheckBox("Ask by a schema")
        self.rounds = spin("Times that missing evidence may be added and asked about again", 0, 5, 1, "None")
        self.budget = money("What a check with all its rounds may cost", 1000, "No limit")
        self.longest = spin("Tokens of the longest verdict", 100, 100_000, 500)
        self.longest.setSuffix(" tokens")
        self.price_in = money("Price of a million tokens that are sent", 10_000, "Not set", step=0.5, decimals=4)
        self.price_out = money("Price of a million tokens that are written", 10_000, "Not set", step=0.5, decimals=4)
        self.keep_out = _lines("What is redacted, a regular expression a line", "CUST-\\d+")
        self.keep_out_paths = _lines("Files that are never sent, a pattern a line", "billing/\n*.sql")
        self.allow = CheckBox("Always allow for this repository")
        self.problem = label("", "warning")
        self._status = label("", "muted")
        self._key_hint = hint("")
        self._so_far = hint("")
        self._build()
        self.provider.currentIndexChanged.connect(self._provider_chosen)
        self.forget.clicked.connect(lambda _: session.checks.forget_key(self._complain))
        self.destroyed.connect(state.subscribe("checks", self._state_changed))
        self.destroyed.connect(state.subscribe("engine", self._show_enabled))
        self._fill(state.checks or self._shown)
        session.checks.refresh()

    # -- what is shown ----------------------------------------------------------------------------

    def _build(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(5 * GRID, 5 * GRID, 5 * GRID, 2 * GRID)
        column.setSpacing(3 * GRID)
        column.addWidget(label(_WHAT, "muted"))
        column.addWidget(self._status)
        self._areas: list[QWidget] = []
        for title, area in (
            ("Who checks", self._who()),
            ("What it may cost", self._limits()),
            ("What stays here", self._kept_here()),
            ("This repository", self._repository()),
        ):
            section = QWidget()
            inside = QVBoxLayout(section)
            inside.setContentsMargins(0, 0, 0, GRID)
            inside.setSpacing(3 * GRID)
            inside.addWidget(label(title, "strong"))
            inside.addWidget(area)
            column.addWidget(section)
            self._areas.append(section)
        column.addStretch(1)
        buttons = QDialogButtonBox()
        self.save = buttons.addButton("Save", QDialogButtonBox.ButtonRole.AcceptRole)
        set_role(self.save, "primary")
        self.save.setDefault(True)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        foot = QVBoxLayout()
        foot.setContentsMargins(5 * GRID, 2 * GRID, 5 * GRID, 4 * GRID)
        foot.setSpacing(2 * GRID)
        foot.addWidget(self.problem)
        foot.addWidget(buttons)
        self.problem.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scrolling(page), 1)
        outer.addLayout(foot)
        self.setMinimumSize(380, 360)
        self.resize(480, 680)

    def _who(self) -> QWidget:
        area = QWidget()
        self._form = form(area)
        self._key_row = row(self.key, self.forget, widen=True)
        add_row(self._form, "Provider", self.provider)
        add_row(self._form, "Address", self.address)
        add_row(self._form, "Model", self.model)
        add_row(self._form, "Key", self._key_row)
        add_row(self._form, "", self.keep)
        add_row(self._form, "", self._key_hint)
        add_row(self._form, "", self.structured)
        self.structured.setToolTip(tip("The form of the verdict; some servers refuse a request that names a schema"))
        return area

    def _limits(self) -> QWidget:
        area = QWidget()
        fields = form(area)
        add_row(fields, "Budget", self.budget)
        add_row(
            fields, "", hint("For one check with all its rounds, by our estimate; a request beyond it is not sent.")
        )
        add_row(fields, "More rounds", self.rounds)
        add_row(fields, "Longest verdict", self.longest)
        add_row(fields, "Price, sent", self.price_in)
        add_row(fields, "Price, written", self.price_out)
        add_row(fields, "", hint("Dollars a million tokens of this model, where Sidetune does not know them."))
        return area

    def _kept_here(self) -> QWidget:
        area = QWidget()
        fields = form(area)
        add_row(fields, "Redacted", self.keep_out)
        add_row(fields, "", hint("Regular expressions, one a line; keys, tokens and your name are redacted anyway."))
        add_row(fields, "Never sent", self.keep_out_paths)
        add_row(fields, "", hint("As in .gitignore; what the ignore rules leave out is never sent anyway."))
        return area

    def _repository(self) -> QWidget:
        area = QWidget()
        column = QVBoxLayout(area)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        column.addWidget(self.allow)
        column.addWidget(hint("Checks are then sent without being shown first, here and to this address alone."))
        column.addWidget(self._so_far)
        return area

    def _fill(self, state: CheckState) -> None:
        """Show the settings as the engine has them."""
        self._shown = state
        settings = state.settings
        self.provider.blockSignals(True)
        self.provider.setCurrentIndex(self.provider.findData(settings.provider))
        self.provider.blockSignals(False)
        self.address.setText(settings.address)
        self._suggest()
        self.model.setCurrentText(settings.model)
        self.structured.setChecked(settings.structured)
        self.rounds.setValue(settings.rounds)
        self.budget.setValue(settings.budget)
        self.longest.setValue(settings.answer_tokens)
        own = settings.prices.get(settings.model)
        self.price_in.setValue(own.input if own is not None else 0)
        self.price_out.setValue(own.output if own is not None else 0)
        self.keep_out.setPlainText("\n".join(settings.keep_out))
        self.keep_out_paths.setPlainText("\n".join(settings.keep_out_paths))
        self.allow.setChecked(state.allowed)
        self._show_state(state)

    def _show_state(self, state: CheckState) -> None:
        """Show what is not entered here: whether it works, where the key is, what was spent."""
        self.keep.clear()
        if state.keychain:
            self.keep.addItem(f"Kept in the keychain ({state.keychain})", True)
        self.keep.addItem("Kept until the engine ends", False)
        set_role(self._status, "warning" if state.forbidden or (state.settings.provider and state.problem) else "muted")
        self._status.setText(state.forbidden or state.problem)
        self._status.setVisible(bool(state.forbidden or (state.settings.provider and state.problem)))
        self._so_far.setText(cost_words(state) or "Nothing was sent so far.")
        self._show_provider()
        self._show_enabled()

    def _show_provider(self) -> None:
        """Show the fields that the chosen provider has, and where its key is."""
        state, chosen = self._shown, self.provider.currentData()
        same = chosen == state.settings.provider and self._address() == state.settings.address
        for field in (self.address, self.structured):
            self._form.setRowVisible(field, chosen == "compatible")
        for widget in (self.model, self._key_row, self.keep, self._key_hint):
            self._form.setRowVisible(widget, bool(chosen))
        source = state.key if same else ""
        self.key.setPlaceholderText(
            {
                "keychain": "In the system's keychain",
                "environment": f"From {state.key_name}",
                "session": "Given, until the engine ends",
            }.get(source, "None yet" if same else "The key for this provider")
        )
        self.forget.setVisible(source in {"keychain", "session"})
        words = "It is never written to a file."
        if not state.keychain:
            words += " This system has no keychain that can be used."
        if same and state.key_name:
            words += f" Or set {state.key_name} before Sidetune is started."
        self._key_hint.setText(words)
        for area in self._areas[1:]:
            area.setVisible(bool(chosen))

    def _show_enabled(self) -> None:
        usable = not self._shown.forbidden and self._state.engine.phase == "running"
        for area in self._areas:
            area.setEnabled(usable)
        self.save.setEnabled(usable and not self._saving)

    def _state_changed(self) -> None:
        """Follow what the engine says; what was entered here stays."""
        state = self._state.checks
        if state is None or self._saving:
            return
        if self._entered() == self._shown.settings and self.allow.isChecked() == self._shown.allowed:
            self._fill(state)
        else:
            self._shown = replace(state, settings=self._shown.settings)
            self._show_state(self._shown)

    def _provider_chosen(self) -> None:
        self._suggest()
        same = self.provider.currentData() == self._shown.settings.provider
        self.model.setCurrentText(self._shown.settings.model if same else "")
        self.allow.setChecked(same and self._shown.allowed)
        self._show_provider()

    def _suggest(self) -> None:
        self.model.clear()
        self.model.addItems(self._shown.suggestions.get(self.provider.currentData(), ()))

    # -- what is done -----------------------------------------------------------------------------

    def accept(self) -> None:
        """Save, and close when a draft could be checked then; else a sentence says what is missing."""
        if not self.save.isEnabled():
            return
        key = self.key.text().strip()
        self._saving = True
        self._show_enabled()
        self.problem.hide()
        self._session.checks.save(
            self._entered(),
            key=key,
            keep=bool(self.keep.currentData()),
            allowed=self.allow.isChecked(),
            on_saved=self._saved,
            on_problem=self._complain,
        )

    def done(self, result: int) -> None:
        """Close; a key that was typed is not kept here."""
        self.key.clear()
        super().done(result)

    def _saved(self, state: CheckState) -> None:
        if not shiboken6.isValid(self):
            return
        self._saving = False
        self.key.clear()
        known = self._shown.problem
        self._fill(state)
        if state.ready or not state.settings.provider or state.problem == known:
            super().accept()  # what is missing was said before: the user knows
        else:
            self._complain(f"Saved. {state.problem}")

    def _complain(self, sentence: str) -> None:
        if shiboken6.isValid(self):
            self._saving = False
            self._show_enabled()
            self.problem.setText(sentence)
            self.problem.show()

    def _address(self) -> str:
        """Return the address that is entered; a provider has its own unless the settings file says otherwise."""
        if self.provider.currentData() == "compatible":
            return self.address.text().strip().rstrip("/")
        same = self.provider.currentData() == self._shown.settings.provider
        return self._shown.settings.address if same else ""

    def _entered(self) -> CheckSettings:
        """Return the settings as they stand in the fields."""
        before = self._shown.settings
        model = self.model.currentText().strip()
        prices = dict(before.prices)
        own = prices.get(model)
        budget = self.budget.value()
        entered = (self.price_in.value(), self.price_out.value())
        if any(entered) and (own is None or (own.input, own.output) != entered):
            prices[model] = Price(*entered)
        elif not any(entered) and own is not None and (own.input or own.output):
            del prices[model]
        return replace(
            before,
            provider=cast("Provider", self.provider.currentData()),
            model=model,
            address=self._address(),
            structured=self.structured.isChecked(),
            rounds=self.rounds.value(),
            budget=budget if abs(budget - before.budget) > 0.005 else before.budget,  # as fine as it was written
            answer_tokens=self.longest.value(),
            prices=prices,
            keep_out=_entries(self.keep_out),
            keep_out_paths=_entries(self.keep_out_paths),
        )


def _lines(name: str, example: str) -> QPlainTextEdit:
    field = QPlainTextEdit()
    field.setAccessibleName(name)
    field.setToolTip(tip(name))
    field.setPlaceholderText(example)
    field.setTabChangesFocus(True)
    field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    field.setFixedHeight(_LINES * field.fontMetrics().lineSpacing() + 6 * GRID)
    return field


def _entries(field: QPlainTextEdit) -> tuple[str, ...]:
    return tuple(each for each in field.toPlainText().split("\n") if each.strip())
