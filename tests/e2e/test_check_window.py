"""A check through the real window and the real engine, by a server on loopback that records every byte."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.checking.provider import Provider, verdict_json
from tests.e2e.conftest import Program
from tests.e2e.window import OFFSCREEN, QUESTION, Seen, Window

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="the driver waits for standard input as POSIX lets it"),
    pytest.mark.timeout(600),
]

KEY = "sk-end-to-end-5f2a91"
CORRECTED = "They are taken off the shelf where the order is packed [1]."


def judge(message: str) -> str:
    """Return a verdict about the draft that a request holds: its first words are right, by the first line sent."""
    found = re.search(r"=====BEGIN draft (\w+)=====\n(.*)\n=====END draft \1=====", message, re.DOTALL)
    assert found is not None
    evidence = re.search(r"=====BEGIN evidence (\d+) .*=====\n(\d+)\|", message)
    assert evidence is not None
    number, line = int(evidence[1]), int(evidence[2])
    quote = found[2].strip().split("\n")[0][:30]
    lines = [{"evidence": number, "first": line, "last": line}]
    return verdict_json(
        {"quote": quote, "verdict": "supported", "reason": "It stands there.", "lines": lines},
        {"quote": "It costs nothing.", "verdict": "undecided", "reason": "Nothing tells.", "lines": []},
        corrected=CORRECTED,
    )


@pytest.fixture
def server() -> Iterator[Provider]:
    with Provider(judge) as made:
        yield made


@pytest.fixture
def window(fresh: Program, server: Provider) -> Iterator[Window]:
    shown = Window(fresh.allowing(urlsplit(server.root).port or 0), screen=OFFSCREEN)
    yield shown
    if shown.process.poll() is None:
        shown.process.kill()
        shown.finish()


def _set_up(window: Window, server: Provider) -> Seen:
    """Enter provider, model and key as a user does."""
    window.until(lambda seen: seen["answerable"] and seen["can check"] is False)
    window.do("show", page="check_settings")
    window.until(lambda seen: seen["dialogs"] == ["Checking answers"])
    window.do("enter", name="Who checks", value=json.dumps("compatible"))
    window.do("enter", name="The address of the server", value=f"{server.root}/v1")
    window.do("enter", name="The model that checks", value="a-hosted-model")
    window.do("enter", name="How long the key is kept", value=json.dumps(False))
    window.do("enter", name="The key for this provider", value=KEY)
    window.do("press button", name="Save")
    return window.until(lambda seen: seen["dialogs"] == [] and seen["can check"])


def _as_sent(request: str, server: Provider) -> bool:
    """Return whether the last body that came in is what the preview showed, but for what a text field cannot hold."""
    shown = request.partition("\n\n")[2]
    sent = server.recorded[-1].body.decode()
    return shown == sent.replace("\u00a0", " ").replace("\u2028", "\n").replace("\u2029", "\n")


def test_what_is_sent_is_what_was_shown_and_a_correction_is_found_again(
    window: Window, fresh: Program, server: Provider
) -> None:
    assert _set_up(window, server)["key"] == "session"
    window.ask("instant")
    answered = window.answered(1)
    window.do("press button", name="Check…")
    first = window.until(lambda seen: seen["request"])["request"]
    assert first.startswith(f"POST {server.root}/v1/chat/completions\n")
    assert KEY not in first
    assert server.recorded == []  # looking sends nothing
    assert "BEGIN evidence 2 " in first
    window.do("untick", part="evidence-2")
    second = window.until(lambda seen: seen["request"] not in {None, first})["request"]
    assert "BEGIN evidence 2 " not in second
    window.do("press button", name="Send")
    checked = window.until(lambda seen: seen["claims"])
    (request,) = server.recorded
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert _as_sent(second, server)
    (quote, verdict, lines), (_, undecided, _) = checked["claims"]
    assert quote in answered["answer"]
    assert (verdict, lines, undecided) == ("supported", 1, "undecided")
    assert checked["corrected"] == CORRECTED
    window.until(lambda seen: seen["spent"] == [0, 1])  # one request, of unknown price

    before = window.until(lambda seen: seen["stage"] == "ready")["chunks"]
    window.do("press button", name="Accept")
    window.until(lambda seen: seen["stage"] == "ready" and seen["chunks"] > before)
    window.do("show", page="notes")
    assert window.until(lambda seen: seen["notes"])["notes"] == [QUESTION]
    window.do("press button", name="Close")
    window.until(lambda seen: seen["dialogs"] == [])
    window.ask("instant")
    assert any(path.startswith("notes/") for path in window.answered(2)["evidence"])
    assert len(server.recorded) == 1
    window.end()
    assert [path for path in fresh.home.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()] == []


def test_a_refusal_is_a_sentence_and_nothing_is_sent_twice(window: Window, server: Provider) -> None:
    _set_up(window, server)
    window.ask("instant")
    answer = window.answered(1)["answer"]
    server.fault.status, server.fault.body = 401, b'{"error": {"message": "Incorrect API key"}}'
    window.do("press button", name="Check…")
    shown = window.until(lambda seen: seen["request"])["request"]
    window.do("press button", name="Send")
    failed = window.until(lambda seen: seen["check"] not in {None, "preparing", "connecting", "waiting", "reading"})
    assert "key" in failed["check"]
    assert failed["answer"] == answer
    assert len(server.recorded) == 1
    server.fault.status = 200
    window.do("press button", name="Send again")
    window.until(lambda seen: seen["claims"])
    assert len(server.recorded) == 2
    assert _as_sent(shown, server)
    assert server.recorded[0].body == server.recorded[1].body
    window.end()
