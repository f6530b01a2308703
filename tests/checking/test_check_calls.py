"""Checking over the wire: the real engine process, and a hosted model's server on loopback that records every byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import wire
from engine.events import Failure
from engine.memory import EvidenceLines, Memory
from engine.verdicts import Checked, Checking, CheckSettings
from tests.checking.conftest import ANSWER, ORDERS, QUESTION
from tests.checking.provider import Fault, Provider
from tests.checking.test_review import VERDICT
from tests.server.conftest import EngineProcess, Refused, ready

KEY = "sk-the-key-0123456789-of-the-window"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def root(tmp_path: Path, home: Path) -> Path:
    root = (tmp_path / "shop").resolve()
    root.mkdir()
    (root / "orders.py").write_text(ORDERS)
    home.mkdir()
    with Memory(home / "memory.sqlite") as memory:
        evidence = (EvidenceLines("orders.py", 14, 16, "ship_order"),)
        memory.add_turn(memory.new_thread(root), QUESTION, ANSWER, evidence=evidence)
    return root


@pytest.fixture
def engine(home: Path, root: Path) -> Iterator[EngineProcess]:
    process = EngineProcess(home)
    yield process
    process.end()


def events(engine: EngineProcess, preview: str, name: str) -> list[wire.StreamEvent]:
    engine.call(wire.START_CHECK, wire.StartCheck(preview, name))
    return [wire.event_from_json(data) for _, data in engine.lines(wire.ask_stream(name))]


def test_a_draft_is_checked_and_its_correction_remembered(
    engine: EngineProcess, root: Path, home: Path, provider: Provider
) -> None:
    repository = engine.open(root)
    ref = wire.RepositoryRef(repository)
    state = engine.call(wire.CHECK_STATE, ref)
    assert not state.ready
    assert "off" in state.problem
    settings = CheckSettings("compatible", "m", f"{provider.root}/v1", rounds=0)
    state = engine.call(wire.WRITE_CHECK_SETTINGS, wire.ChangeCheckSettings(repository, settings))
    assert state.ready  # a server on this machine needs no key
    state = engine.call(wire.CHECK_KEY, wire.CheckKey(repository, KEY, keep=False))
    assert state.key == "session"
    (conversation,) = engine.call(wire.LIST_CONVERSATIONS, ref).conversations
    first = engine.call(wire.PREVIEW_CHECK, wire.PreviewCheck(repository, conversation.id))
    preview = engine.call(wire.AMEND_PREVIEW, wire.AmendPreview(first.id, ("evidence-1",)))
    assert "ship_order(order" not in preview.body
    preview = engine.call(wire.AMEND_PREVIEW, wire.AmendPreview(preview.id))
    with pytest.raises(Refused, match="no longer there"):
        engine.call(wire.START_CHECK, wire.StartCheck(first.id, "old"))
    assert provider.recorded == []

    provider.fault = Fault(401, {}, b"{}")
    (*_, last) = events(engine, preview.id, "check-1")
    assert isinstance(last, Failure)
    assert "does not accept the key" in last.message
    provider.fault, provider.answer = Fault(), VERDICT
    told = events(engine, preview.id, "check-2")
    checked = told[-1]
    assert isinstance(checked, Checked)
    assert {type(each) for each in told[:-1]} == {Checking}
    assert [each.body for each in provider.recorded] == [preview.body.encode()] * 2
    assert provider.recorded[1].headers["Authorization"] == f"Bearer {KEY}"
    another = engine.call(wire.PREVIEW_CHECK, wire.PreviewCheck(repository, conversation.id))
    engine.call(wire.START_CHECK, wire.StartCheck(another.id, "check-2"))
    assert len(provider.recorded) == 2  # asked twice with one id, sent once

    note = engine.call(wire.ACCEPT_CORRECTION, wire.AcceptCorrection(repository, checked.check))
    (past,) = engine.call(wire.READ_CONVERSATION, wire.ConversationRef(conversation.id)).turns
    assert past.turn == checked.turn
    assert past.checked is not None
    assert (past.checked.accepted, past.checked.claims) == (True, checked.claims)
    assert engine.call(wire.LIST_NOTES, ref).notes == (note,)
    engine.until(repository, ready)
    found = wire.Search(repository, QUESTION)
    while note.path not in [each.path for each in engine.call(wire.SEARCH, found).results]:
        pass  # the index takes it in as it does a saved file; the test's time limit ends this
    assert engine.call(wire.EXCERPT, wire.Excerpt(repository, note.path, 1, 3)).text
    assert note.path not in engine.call(wire.FILES, ref).indexed
    edited = engine.call(wire.EDIT_NOTE, wire.EditNote(repository, note.id, "Another text."))
    assert edited.text == "Another text."
    engine.call(wire.DELETE_NOTE, wire.NoteRef(repository, note.id))
    assert engine.call(wire.LIST_NOTES, ref).notes == ()
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert KEY.encode() not in kept  # in no file of ours
    assert KEY not in engine.log.read_text()


def test_a_check_can_be_stopped(engine: EngineProcess, root: Path, provider: Provider) -> None:
    repository = engine.open(root)
    settings = CheckSettings("compatible", "m", f"{provider.root}/v1")
    engine.call(wire.WRITE_CHECK_SETTINGS, wire.ChangeCheckSettings(repository, settings))
    (conversation,) = engine.call(wire.LIST_CONVERSATIONS, wire.RepositoryRef(repository)).conversations
    provider.fault = Fault(stream="silent")
    preview = engine.call(wire.PREVIEW_CHECK, wire.PreviewCheck(repository, conversation.id))
    engine.call(wire.START_CHECK, wire.StartCheck(preview.id, "one"))
    told = []
    for _, data in engine.lines(wire.ask_stream("one")):
        told.append(wire.event_from_json(data))
        if told[-1] == Checking("waiting", 1):
            engine.call(wire.CANCEL, wire.AskRef("one"))
    assert told[-1] == wire.Stopped()


# -- the terminal -------------------------------------------------------------------------------------


def run(home: Path, root: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "engine.cli", *arguments, "--repo", str(root)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "SIDETUNE_HOME": str(home), "COLUMNS": "80"},
        cwd=root,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=110,
        check=False,
    )


def test_the_terminal_shows_first_and_sends_what_it_showed(home: Path, root: Path, provider: Provider) -> None:
    provider.answer = VERDICT
    settings = ("provider=compatible", "model=m", f"address={provider.root}/v1", "rounds=0")
    done = run(home, root, "check", *(each for value in settings for each in ("--set", value)))
    assert done.returncode == 0, done.stderr
    unasked = run(home, root, "check")  # there is nobody to ask
    assert (unasked.returncode, unasked.stderr.count("\n")) == (1, 1)
    assert "Nothing was sent" in unasked.stderr
    shown = run(home, root, "check", "--preview")
    assert shown.returncode == 0
    assert "<redacted:home-path>" in shown.stdout
    assert provider.recorded == []
    sent = run(home, root, "check", "--yes", "--json")
    assert sent.returncode == 0, sent.stderr
    preview, checked = map(json.loads, sent.stdout.splitlines())
    assert [each.body for each in provider.recorded] == [preview["body"].encode()]
    assert [claim["verdict"] for claim in checked["claims"]] == ["supported", "undecided", "contradicted"]
    spoken = run(home, root, "check", "--yes")
    assert "contradicted: It prints." in spoken.stdout
    assert "Corrected answer" in spoken.stdout
    kept = json.loads(run(home, root, "notes", "accept", "--check", str(checked["check"]), "--json").stdout)
    assert kept["text"] == "It prints an order [1]."
