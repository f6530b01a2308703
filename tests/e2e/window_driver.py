"""The real window process with a hand inside: commands come on standard input, what the window shows goes out.

``python -P -m tests.e2e.window_driver [--apart] [--kill MOMENT] FOLDER``. A command is one JSON object a line; each
change of what is shown is one, too.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDialog, QLineEdit

from app.application import Application
from app.dialogs.check_preview import CheckPreviewDialog
from app.request import parse_requests, to_message
from app.session import Session
from app.window import MainWindow

_TOPICS = ("engine", "repository", "index", "turns", "turn", "about", "notice", "checks", "notes")
_DIALOGS = 50  # milliseconds after which it is looked for dialogs that came or went: no state tells of them


class _Hand(QObject):
    """Does in the window what a user would do, and says what the user would see."""

    def __init__(self, application: Application, kill_when: str) -> None:
        super().__init__()
        self._application = application
        self._watched: set[Session] = set()
        self._kill_when = kill_when
        self._said: dict[str, Any] = {}
        self._rest = b""
        self._input = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        self._input.activated.connect(self._read)
        self._dialogs = QTimer(self)
        self._dialogs.timeout.connect(self._changed)
        self._dialogs.start(_DIALOGS)
        self._watch()

    @property
    def _window(self) -> MainWindow:
        return self._application.windows.windows[-1]

    def _watch(self) -> None:
        for window in self._application.windows.windows:
            if window.session not in self._watched:
                self._watched.add(window.session)
                for topic in _TOPICS:
                    window.state.subscribe(topic, self._changed)  # type: ignore[arg-type]
        self._changed()

    def _read(self) -> None:
        portion = os.read(0, 65536)
        if not portion:
            QCoreApplication.quit()
            self._input.setEnabled(False)
            return
        *lines, self._rest = (self._rest + portion).split(b"\n")
        for line in lines:
            self._do(json.loads(line))

    def _do(self, command: dict[str, Any]) -> None:
        window = self._window
        match command["do"]:
            case "ask":
                window.session.set_effort(command["effort"])
                QTest.keyClicks(window.composer.field, command["question"])
                QTest.keyClick(window.composer.field, Qt.Key.Key_Return)
            case "kill":
                self._kill_when = command["when"]
            case "press":
                QTest.keySequence(window, command["keys"])
            case "click":
                _click(window, command["button"])
            case "press button":  # wherever it is, as soon as it is there
                self._press(command["name"])
            case "untick":  # a part of what would be sent
                (dialog,) = window.findChildren(CheckPreviewDialog)
                (part,) = (each for each in dialog.parts if each.part.id == command["part"])
                QTest.mouseClick(part.tick, Qt.MouseButton.LeftButton)
            case "enter":  # into a field of a dialog
                _enter(window, command["name"], command["value"])
            case "show":  # what has no button of its own in the window
                getattr(window, f"show_{command['page']}")()
            case "conversation":  # chosen in the menu under the repository's name
                window.session.open_conversation(window.state.conversations[0].id)
            case "look":  # at windows that came meanwhile
                self._said = {}
                self._watch()
            case "close":
                for each in self._application.windows.windows:
                    each.close()

    def _press(self, name: str) -> None:
        buttons = [each for each in self._window.findChildren(QAbstractButton) if each.isVisible() and each.isEnabled()]
        found = [each for each in buttons if name in (each.text(), each.accessibleName())]
        if found:
            QTest.mouseClick(found[-1], Qt.MouseButton.LeftButton)
        else:  # what has come is shown a moment later
            QTimer.singleShot(_DIALOGS, self, lambda: self._press(name))

    def _changed(self) -> None:
        if not self._application.windows.windows:
            return
        seen = self._seen()
        moment = self._moment()
        if moment and moment == self._kill_when and self._application.supervisor.pid is not None:
            self._kill_when = ""
            os.kill(self._application.supervisor.pid, signal.SIGKILL)
            seen = {**seen, "killed": moment}
        if seen != self._said:
            self._said = seen
            sys.stdout.write(json.dumps(seen) + "\n")
            sys.stdout.flush()

    def _moment(self) -> str:
        state = self._window.state
        if state.engine.phase == "running" and state.repository is None and state.opening:
            return "opening"
        if (turn := state.running) is not None:
            if turn.phase == "tuning" and turn.steps:
                return "tuning"
            return "writing" if turn.phase == "writing" and turn.text else ""
        indexing = state.index is not None and state.index.stage in {"reading", "embedding"} and state.index.done > 0
        return "indexing" if indexing else ""

    def _seen(self) -> dict[str, Any]:
        state = self._window.state
        index, turn = state.index, state.turns[-1] if state.turns else None
        return {
            **_checking(self._window),
            "windows": len(self._application.windows.windows),
            "engine": state.engine.phase,
            "sentence": state.engine.sentence,
            "pid": self._application.supervisor.pid,
            "repository": state.repository.root if state.repository else None,
            "stage": index.stage if index else None,
            "tier": index.tier if index else None,
            "chunks": index.chunks if index else 0,
            "answerable": bool(index and index.answerable),
            "problem": index.problem if index else "",
            "about": [[each.path, each.first_line, each.last_line] for each in state.about],
            "notice": state.notice,
            "turns": len(state.turns),
            "turn": turn.phase if turn else None,
            "failure": turn.failure if turn else "",
            "evidence": [each.path for each in turn.chunks] if turn else [],
            "thread": state.thread,
            "conversations": len(state.conversations),
            "skippable": self._window.composer.skip.isVisible(),
            "pausable": self._window.header.pause.isVisible(),
            "answer": turn.answer.text if turn and turn.answer else None,
            "adapter": turn.answer.adapter.state if turn and turn.answer else None,
        }


def _checking(window: MainWindow) -> dict[str, Any]:
    """Return what is seen of a check, and of dialogs."""
    state, turn = window.state, window.state.turns[-1] if window.state.turns else None
    dialogs = [each for each in window.findChildren(QDialog) if each.isVisible()]
    preview = next((each for each in dialogs if isinstance(each, CheckPreviewDialog)), None)
    checked = turn.checked if turn else None
    return {
        "dialogs": [each.windowTitle() for each in dialogs],
        "can check": state.checks.ready if state.checks else None,
        "key": state.checks.key if state.checks else None,
        "spent": [state.checks.spent, state.checks.unpriced] if state.checks else None,
        "request": preview.request.toPlainText() if preview and preview.send.isEnabled() else None,
        "check": turn.check.failure or turn.check.stage if turn and turn.check else None,
        "claims": [[each.text, each.verdict, len(each.lines)] for each in checked.claims] if checked else None,
        "corrected": checked.corrected if checked else None,
        "notes": [each.title for each in state.notes] if state.notes is not None else None,
    }


def _enter(window: MainWindow, name: str, value: str) -> None:
    """Enter a text, or choose what has it as its data."""
    for combo in window.findChildren(QComboBox):
        if combo.isVisible() and combo.accessibleName() == name:
            if combo.isEditable():
                combo.setCurrentText(value)
            else:
                combo.setCurrentIndex(combo.findData(json.loads(value)))
    for field in window.findChildren(QLineEdit):
        if field.isVisible() and field.accessibleName() == name:
            QTest.keyClicks(field, value)


def _click(window: MainWindow, what: str) -> None:
    """Click a button that must be there and enabled."""
    message = window.transcript.messages[-1] if window.transcript.messages else None
    if what in {"stop", "skip", "send"}:
        button = getattr(window.composer, what)
    elif what == "pause":
        button = window.header.pause
    else:
        assert message is not None
        message.unfold(evidence=True)
        QCoreApplication.processEvents()
        button = getattr(message.evidence_rows[0], what)
    assert button.isEnabled(), what
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def main() -> int:
    """Show a folder until standard input closes or the last window does."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--apart", action="store_true", help="show windows although another process holds some")
    parser.add_argument("--kill", default="", help="end the engine at this moment, as the command does")
    parser.add_argument("folder")
    options = parser.parse_args()
    requests = parse_requests(options.folder, [])
    application = Application()
    if not options.apart and application.claim(to_message(requests)) is not None:
        return 3
    hands: list[_Hand] = []
    return application.run(requests, lambda: hands.append(_Hand(application, options.kill)))


if __name__ == "__main__":
    sys.exit(main())
