"""Take pictures of the window in every state, from a real run on a small repository that is made for it.

    python packaging/screenshots.py docs/screenshots            the pictures of the documentation
    python packaging/screenshots.py build/screenshots --every   every state, light and dark, narrow and wide, 1x and 2x

A real engine reads the repository and answers, has an answer checked, and is killed while it answers. What it said is
kept and shown again, word for word, once for each picture: most states pass too quickly to be caught in every size. No
hosted model is asked: a server on loopback takes its place, and supports a sentence if the evidence names all that the
sentence names.
"""

from __future__ import annotations

import argparse
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QCursor, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from app.client import EngineClient
from app.dialogs.check_preview import CheckPreviewDialog
from app.dialogs.settings import SettingsDialog
from app.preferences import PreferencesFile
from app.session import Pending, Session, Subscription
from app.state import State
from app.supervisor import Supervisor
from app.theme import theme
from app.window import MainWindow
from engine.events import SelectedEvent, Token, Tuning
from engine.types import Focus
from engine.verdicts import CheckPreview, CheckSettings
from engine.wire import (
    EXCERPT,
    PREVIEW_CHECK,
    START_ASK,
    START_CHECK,
    Accepted,
    Call,
    IndexStatus,
    Problem,
    StreamEvent,
)
from tests.checking.provider import Provider, verdict_json

In = TypeVar("In")
Out = TypeVar("Out")

PACKAGES = ("json", "http", "urllib")  # of Python's own library: code that everybody knows
QUESTION = "Where is JSONDecodeError defined?"
REFUSED = "What does `parse_frobnicate` return?"
CHECK = "(the check)"  # what its events are kept under
PATIENCE = 300.0  # seconds for anything that the engine does

# name of the picture -> state, width, dark, scale
CHOSEN = {
    "welcome": ("welcome", 420, False, 1),
    "indexing": ("indexing", 420, False, 1),
    "indexing-dark": ("indexing", 420, True, 1),
    "selecting": ("selecting", 420, False, 1),
    "tuning": ("tuning", 420, False, 1),
    "streaming-dark": ("streaming", 420, True, 1),
    "answered": ("answered", 420, False, 2),
    "evidence-dark": ("evidence", 420, True, 1),
    "learning": ("learning", 420, False, 1),
    "premise": ("premise", 380, False, 1),
    "lost-dark": ("lost", 420, True, 1),
    "wide": ("evidence", 1280, False, 1),
    "wide-dark": ("learning", 1280, True, 1),
    "settings": ("settings", 420, False, 1),
    "check-preview": ("preview", 1280, False, 1),
    "checked-dark": ("checked", 420, True, 1),
}
STATES = (
    "welcome", "indexing", "selecting", "tuning", "streaming", "answered", "evidence", "learning", "premise", "lost",
    "settings", "preview", "checked",
)  # fmt: skip


def make_repository(folder: Path) -> Path:
    """Return a repository with a few packages of Python's library, committed."""
    root = folder / "library"
    library = Path(os.__file__).parent
    for package in PACKAGES:
        shutil.copytree(library / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    (root / ".env").write_text("TOKEN=not-for-anyone\n")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ["-c", "user.name=Python", "-c", "user.email=python@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "A part of the library"]):
        subprocess.run(["git", *identity, *command], cwd=root, env=environment, check=True)
    return root


# -- what a real engine said ------------------------------------------------------------------------


@dataclass
class Recording:
    """Replies by call, statuses of the index and events by question, in the order in which they came."""

    root: Path
    replies: dict[str, Any] = field(default_factory=dict)
    excerpts: dict[tuple[str, int, int], Any] = field(default_factory=dict)
    statuses: list[IndexStatus] = field(default_factory=list)
    asks: dict[str, list[StreamEvent]] = field(default_factory=dict)
    lost: str = ""  # the sentence about the engine's end


class Recorder:
    """The real client, written along."""

    def __init__(self, client: EngineClient, recording: Recording) -> None:
        self._client = client
        self._recording = recording
        self._questions: dict[str, str] = {}

    def call(
        self,
        call: Call[In, Out],
        message: In,
        on_success: Callable[[Out], None],
        on_failure: Callable[[Problem], None] | None = None,
    ) -> Pending:
        """Make the call and keep the reply."""
        if call.name == START_ASK.name:
            self._questions[message.id] = message.question  # type: ignore[attr-defined]
        if call.name == START_CHECK.name:
            self._questions[message.id] = CHECK  # type: ignore[attr-defined]

        def keep(reply: Out) -> None:
            if call.name == EXCERPT.name:
                key = (message.path, message.first_line, message.last_line)  # type: ignore[attr-defined]
                self._recording.excerpts[key] = reply
            self._recording.replies[call.name] = reply
            on_success(reply)

        return self._client.call(call, message, keep, on_failure)

    def follow_ask(
        self, ask: str, on_event: Callable[[StreamEvent], None], on_end: Callable[[Problem | None], None]
    ) -> Subscription:
        """Follow the question and keep its events."""
        events = self._recording.asks.setdefault(self._questions[ask], [])

        def keep(event: StreamEvent) -> None:
            events.append(event)
            on_event(event)

        return self._client.follow_ask(ask, keep, on_end)

    def follow_index(self, repository: str, on_status: Callable[[IndexStatus], None]) -> Subscription:
        """Follow the index and keep its statuses."""

        def keep(status: IndexStatus) -> None:
            self._recording.statuses.append(status)
            on_status(status)

        return self._client.follow_index(repository, keep)


def record(application: QApplication, root: Path) -> Recording:
    """Return what a real engine says while it reads the repository, answers twice and is killed."""
    recording = Recording(root)
    client, supervisor, state = EngineClient(), Supervisor(), State()
    session = Session(state, Recorder(client, recording), lambda _file, _line: None)

    def lost(sentence: str) -> None:
        recording.lost = recording.lost or sentence
        session.engine_lost(sentence)

    def ready(url: str, token: str) -> None:
        client.connect_to(url, token)
        session.engine_ready()

    supervisor.ready.connect(ready)
    supervisor.lost.connect(lost)
    supervisor.start()
    try:
        session.open(root)
        wait(application, lambda: bool(state.index and state.index.stage == "ready" and state.files))
        for question in (QUESTION, REFUSED):
            session.ask(question)
            wait(application, lambda: state.running is None and bool(state.conversations))
        for chunk in state.turns[0].chunks:
            session.excerpt(chunk.path, chunk.first_line, chunk.last_line, lambda _: None)
        wait(application, lambda: len(recording.excerpts) >= len({*state.turns[0].chunks}))
        with Provider(judge) as server:
            have_checked(application, session, server.root)
        session.ask("How are redirects followed?")
        wait(application, lambda: bool(state.turns[-1].chunks))
        os.kill(supervisor.pid or 0, signal.SIGKILL)
        wait(application, lambda: bool(recording.lost))
        wait(application, lambda: state.engine.phase == "running")
        return recording
    finally:
        session.close()
        supervisor.stop()
        client.disconnect_from()


def have_checked(application: QApplication, session: Session, server: str) -> None:
    """Have the first answer checked by a server."""
    settings = CheckSettings("compatible", "hosted-model", f"{server}/v1")
    saved: list[object] = []
    session.checks.save(settings, key="", keep=False, allowed=False, on_saved=saved.append, on_problem=sys.exit)
    wait(application, lambda: bool(saved))
    previews: list[CheckPreview] = []
    turn = session.state.turns[0]
    session.checks.preview(turn, previews.append)
    wait(application, lambda: bool(previews) or (turn.check is not None and bool(turn.check.failure)))
    session.checks.send(turn, previews[0])
    wait(application, lambda: turn.check is None or bool(turn.check.failure))


def judge(message: str) -> str:
    """Return a verdict as a hosted model writes it: what a sentence names must stand in the evidence."""
    draft = re.search(r"=====BEGIN draft (\w+)=====\n(.*?)\n=====END draft", message, re.DOTALL)
    evidence = re.findall(r"=====BEGIN evidence (\d+) .*?=====\n(.*?)\n=====END", message, re.DOTALL)
    claims = []
    for sentence in re.findall(r"[^.\n](?:[^.\n]|\.(?! |$|\n))+", draft[2] if draft is not None else ""):
        lines = []
        names = re.findall(r"`([^`/]+)`", sentence)
        for name in names:
            found = [
                {"evidence": int(number), "first": int(line.partition("|")[0]), "last": int(line.partition("|")[0])}
                for number, text in evidence
                for line in text.split("\n")
                if name in line
            ]
            lines += found[:1]
        verdict = "supported" if names and len(lines) == len(names) else "undecided"
        reason = "The lines name it." if verdict == "supported" else "The lines sent do not tell."
        claims.append({"quote": sentence.strip(), "verdict": verdict, "reason": reason, "lines": lines})
    return verdict_json(*claims)


def wait(application: QApplication, until: Callable[[], bool]) -> None:
    """Let the application work until something is so; SystemExit after ``PATIENCE`` seconds."""
    deadline = time.monotonic() + PATIENCE
    while not until():
        application.processEvents()
        time.sleep(0.01)
        if time.monotonic() > deadline:
            raise SystemExit("the engine did not come so far")


# -- showing it again -------------------------------------------------------------------------------


class Played:
    """Says again what was recorded; events of questions when ``tell`` is called."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._on_event: Callable[[StreamEvent], None] = lambda _: None
        self._on_status: Callable[[IndexStatus], None] = lambda _: None

    def call(
        self,
        call: Call[In, Out],
        message: In,
        on_success: Callable[[Out], None],
        on_failure: Callable[[Problem], None] | None = None,
    ) -> Pending:
        """Reply at once what was replied then."""
        del on_failure
        reply: Any = self._recording.replies.get(call.name)
        if call.name == EXCERPT.name:
            key = (message.path, message.first_line, message.last_line)  # type: ignore[attr-defined]
            reply = self._recording.excerpts.get(key)
        elif call.name in {START_ASK.name, START_CHECK.name}:
            reply = Accepted("", 0)
        if reply is not None:
            on_success(reply)
        return _Nothing()

    def follow_ask(
        self, ask: str, on_event: Callable[[StreamEvent], None], on_end: Callable[[Problem | None], None]
    ) -> Subscription:
        """Keep who wants to know."""
        del ask, on_end
        self._on_event = on_event
        return _Nothing()

    def follow_index(self, repository: str, on_status: Callable[[IndexStatus], None]) -> Subscription:
        """Keep who wants to know."""
        del repository
        self._on_status = on_status
        return _Nothing()

    def tell(self, question: str, until: Callable[[list[StreamEvent]], bool] = lambda _: False) -> None:
        """Send the events of a question, up to and with the first for which ``until`` is true of those sent."""
        sent: list[StreamEvent] = []
        for event in self._recording.asks[question]:
            sent.append(event)
            self._on_event(event)
            if until(sent):
                return

    def index(self, *, embedding: bool) -> None:
        """Say how far the index is: in the middle of embedding, or ready."""
        statuses = self._recording.statuses
        working = [each for each in statuses if each.stage == "embedding" and each.total and each.answerable]
        self._on_status(working[len(working) // 2] if embedding and working else statuses[-1])


class _Nothing:
    """A call or a stream that needs no ending."""

    def abort(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


_ENDS: dict[str, Callable[[list[StreamEvent]], bool]] = {
    "selecting": lambda sent: isinstance(sent[-1], SelectedEvent),
    "tuning": lambda sent: isinstance(sent[-1], Tuning) and sent[-1].step >= sent[-1].steps // 2,
}


def show(recording: Recording, preferences: PreferencesFile, state: str) -> tuple[MainWindow, QWidget]:
    """Return a window in a state, and the widget of it to take a picture of."""
    engine = Played(recording)
    session = Session(State(), engine, lambda _file, _line: None)
    window = MainWindow(session, preferences)
    if state == "welcome":
        session.engine_ready()
    if state != "welcome":
        recorded = recording.replies.pop("conversations")  # the first question has none before it
        session.engine_ready()
        session.open(recording.root)
        recording.replies["conversations"] = recorded
        engine.index(embedding=state == "indexing")
    if state not in {"welcome", "indexing", "settings"}:
        session.ask(QUESTION)
        tokens = sum(isinstance(event, Token) for event in recording.asks[QUESTION])
        ends = {**_ENDS, "streaming": lambda sent: sum(isinstance(event, Token) for event in sent) > tokens * 0.6}
        engine.tell(QUESTION, ends.get(state, lambda _: False))
    if state == "checked":
        session.checks.send(session.state.turns[0], recording.replies[PREVIEW_CHECK.name])
        engine.tell(CHECK)
    if state == "premise":
        session.ask(REFUSED)
        engine.tell(REFUSED)
    if state == "lost":
        session.ask("How are redirects followed?")
        session.engine_lost(recording.lost)
    if state == "evidence":
        session.add_about(Focus("json/decoder.py"))
    if state == "preview":
        window.show_check_preview(session.state.turns[0], recording.replies[PREVIEW_CHECK.name])
        return window, window.findChildren(CheckPreviewDialog)[0]
    if state != "settings":
        return window, window
    window.show_settings()
    return window, window.findChildren(SettingsDialog)[0]


def take(application: QApplication, shown: tuple[MainWindow, QWidget], state: str, width: int) -> QPixmap:
    """Return a picture of a window at a width."""
    window, subject = shown
    window.resize(width, 760 if width < 900 else 800)
    window.show()
    if isinstance(subject, CheckPreviewDialog) and width >= 900:  # as it is over a window that was so wide before
        subject.resize(1040, 700)
    # Over nothing that would show it.
    over = window.rect().center() if subject is window else window.rect().bottomLeft()
    QCursor.setPos(window.mapToGlobal(over))
    settle(application, window)
    if window.transcript.messages:
        message = window.transcript.messages[-1]
        message.unfold(
            evidence=state == "evidence" and width < 900, learning=state == "learning", verdict=state == "checked"
        )
        settle(application, window)
        if state in {"evidence", "learning"}:
            window.transcript.scroll_to(message)
        if state == "evidence":
            beside = window.evidence.list.rows if window.evidence.list is not None else ()
            for row in (message.evidence_rows if width < 900 else beside)[:1]:
                row.unfold.setChecked(True)
    settle(application, window)
    picture = subject.grab()
    if subject is not window:
        subject.close()
    window.close()
    settle(application, None)
    return picture


def settle(application: QApplication, window: MainWindow | None) -> None:
    """Let layouts and what is batched come to rest."""
    for _ in range(8):
        application.processEvents()
        if window is not None:
            window.transcript.flush()
        time.sleep(0.01)


def wanted(every: bool) -> Iterator[tuple[str, str, int, bool, int]]:
    """Yield name, state, width, darkness and scale of each picture."""
    if not every:
        for name, (state, width, dark, scale) in CHOSEN.items():
            yield name, state, width, dark, scale
        return
    for state in STATES:
        for width in (380, 420, 900, 1600):
            for dark in (False, True):
                for scale in (1, 2):
                    yield f"{state}-{width}-{'dark' if dark else 'light'}-{scale}x", state, width, dark, scale


def play(recording: Recording, folder: Path, every: bool) -> None:
    """Take the pictures whose scale is that of this process."""
    application = QApplication(["sidetune"])
    preferences = PreferencesFile()
    for name, state, width, dark, scale in wanted(every):
        if scale != round(application.devicePixelRatio()):
            continue
        preferences.change(theme="dark" if dark else "light", geometry="")
        theme().choose(preferences.value.theme)
        target = folder / f"{name}.png"
        picture = take(application, show(recording, preferences, state), state, width)
        picture.save(str(target), "PNG", 0)  # 0: as small as PNG can be
        print(f"{target} {target.stat().st_size // 1024} KB")


def main() -> int:
    """Record a run, then take the pictures in one process a scale."""
    parser = argparse.ArgumentParser(description="Take pictures of the window in every state.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", action="store_true", help="every state, light and dark, narrow and wide, 1x and 2x")
    parser.add_argument("--recording", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.recording is not None:
        with options.recording.open("rb") as file:
            play(pickle.load(file), options.folder, options.every)  # noqa: S301 - written below
        return 0
    with tempfile.TemporaryDirectory(prefix="sidetune-") as temporary:
        os.environ["SIDETUNE_HOME"] = f"{temporary}/home"
        recorded = Path(temporary) / "recording"
        recorded.write_bytes(pickle.dumps(record(QApplication(["sidetune"]), make_repository(Path(temporary)))))
        again = [sys.executable, "-P", *sys.argv, "--recording", str(recorded)]
        for scale in ("1", "2"):
            subprocess.run(again, env={**os.environ, "QT_SCALE_FACTOR": scale}, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
