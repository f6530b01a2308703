"""One request: sent once, byte for byte as shown; every fault is one sentence."""

from __future__ import annotations

import json
import logging
import pickle
import threading
from collections.abc import Iterator

import pytest

from engine.checking.keys import Secret
from engine.checking.payload import body_of
from engine.checking.providers import Reply, Request, Timeouts, request_of, send
from engine.errors import Cancelled, CheckError
from engine.types import sha256_hex
from engine.verdicts import CheckSettings
from engine.verdicts import Provider as Kind
from tests.checking.provider import Fault, Provider

KEY = Secret("sk-ant-the-key-of-this-test-0123456789")
TEXT = 'Größe ≥ 3, "quoted" \\ back \u2028 \x07 \udce9 end'
KINDS: tuple[Kind, ...] = ("anthropic", "openai", "compatible")


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider("found") as server:
        yield server


def request_to(provider: Provider, kind: Kind, text: str = TEXT, *, structured: bool = True) -> Request:
    address = provider.root if kind == "anthropic" else f"{provider.root}/v1"
    settings = CheckSettings(provider=kind, model="m", address=address, structured=structured)
    return request_of(settings, body_of(settings, text).data)


@pytest.mark.parametrize("structured", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_sent_is_what_was_shown(provider: Provider, kind: Kind, structured: bool) -> None:
    request = request_to(provider, kind, structured=structured)
    assert send(request, KEY) == Reply("found", 1000, 100)
    (recorded,) = provider.recorded
    assert recorded.body == request.body
    assert sha256_hex(recorded.body) == sha256_hex(request.body)
    assert f"{provider.root}{recorded.path}" == request.url
    shown = {name: value.replace("•••", KEY.reveal()) for name, value in request.headers.items()}
    assert dict(recorded.headers) == shown  # and no other header: nothing describes this machine
    body = json.loads(request.body)
    assert body["messages"][-1]["content"] == TEXT
    assert "tools" not in body
    assert ("output_config" in body or "response_format" in body) == structured


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_what_was_shown_is_not_sent(provider: Provider, kind: Kind) -> None:
    request = request_to(provider, kind)
    other = Request(kind, request.base, f"{request.url}/elsewhere", request.headers, request.body)
    with pytest.raises(CheckError, match="not what was shown"):
        send(other, KEY)
    assert provider.recorded == []


@pytest.mark.parametrize("kind", KINDS)
def test_environment_variables_of_the_clients_change_nothing(
    provider: Provider, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = "http://127.0.0.1:9/elsewhere"
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
        monkeypatch.setenv(name, elsewhere)
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.setenv(name, "from-the-environment")
    monkeypatch.setenv("HTTP_PROXY", elsewhere)  # a loopback server is reached without
    request = request_to(provider, kind)
    send(request, KEY)
    (recorded,) = provider.recorded
    assert "from-the-environment" not in str(recorded)


def test_a_server_of_ones_own_needs_no_key(provider: Provider) -> None:
    send(request_to(provider, "compatible"), None)
    (recorded,) = provider.recorded
    assert "Authorization" not in recorded.headers


def test_a_proxy_is_used_for_other_hosts(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", provider.root)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    settings = CheckSettings(provider="compatible", model="m", address="http://gateway.internal/v1")
    request = request_of(settings, body_of(settings, TEXT).data)
    assert send(request, KEY).text == "found"
    (recorded,) = provider.recorded
    assert (recorded.path, recorded.body) == (request.url, request.body)  # a proxy gets the whole URL


# -- faults -----------------------------------------------------------------------------------------

JSON = {"Content-Type": "application/json"}
SAID = json.dumps({"error": {"type": "x", "message": "The thing is\nbroken."}}).encode()
FAULTS = {
    "401": (Fault(401, JSON, SAID), "does not accept the key"),
    "403": (Fault(403, JSON, SAID), "does not accept the key"),
    "404": (Fault(404, JSON, SAID), r"does not know the model .*\(The thing is broken\)"),
    "400": (Fault(400, JSON, SAID), r"refused the request with status 400 \(The thing is broken\)"),
    "402": (Fault(402, JSON, SAID), "asks for payment"),
    "413": (Fault(413, JSON, SAID), "too large; untick"),
    "429": (Fault(429, {**JSON, "Retry-After": "17"}, SAID), "try again in 17 s"),
    "429 without a time": (Fault(429, JSON, SAID), "try again later"),
    "500": (Fault(500, JSON, SAID), "trouble of its own"),
    "503 with a page": (Fault(503, {"Content-Type": "text/html"}, b"<html>no</html>"), "trouble of its own"),
    "529": (Fault(529, JSON, SAID), "trouble of its own"),
    "redirect": (Fault(307, {"Location": "http://127.0.0.1:9/v1"}), "points to another address"),
    "cut": (Fault(stream="cut"), "was cut before"),
    "ended early": (Fault(stream="end"), "was cut before"),
    "garbage": (Fault(stream="garbage"), "no such server sends"),
    "too long": (Fault(stream="long"), "longer than the tokens"),
    "refusal": (Fault(stream="refusal"), "declined"),
    "error inside the stream": (Fault(stream="error"), "Overloaded"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_sentence_and_nothing_is_repeated(provider: Provider, kind: Kind, name: str) -> None:
    provider.answer = "found " * 100
    provider.fault, told = FAULTS[name]
    with pytest.raises(CheckError, match=told) as caught:
        send(request_to(provider, kind), KEY)
    sentence = str(caught.value)
    assert len(provider.recorded) == 1
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert sentence.count("draft stays") == 1
    assert KEY.reveal() not in sentence
    assert caught.value.__cause__ is None  # the clients' errors hold the request, and that the key


@pytest.mark.parametrize("kind", KINDS)
def test_a_silent_server_is_given_up(provider: Provider, kind: Kind) -> None:
    provider.fault = Fault(stream="silent")
    with pytest.raises(CheckError, match=r"went silent for 0\.2 s"):
        send(request_to(provider, kind), KEY, timeouts=Timeouts(read=0.2))
    assert len(provider.recorded) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_there_is_one_sentence(kind: Kind) -> None:
    with Provider() as gone:
        request = request_to(gone, kind)
    with pytest.raises(CheckError, match=r"cannot be reached.*nothing was sent"):
        send(request, KEY)


def test_stopping_while_the_answer_comes(provider: Provider) -> None:
    provider.answer = "found " * 100
    stop = threading.Event()

    def told(stage: str, _: int) -> None:
        if stage == "reading":
            stop.set()

    with pytest.raises(Cancelled):
        send(request_to(provider, "openai"), KEY, progress=told, cancel=stop)


# -- the key ----------------------------------------------------------------------------------------


def test_a_secret_shows_itself_nowhere() -> None:
    hidden = KEY.reveal()
    assert hidden not in f"{KEY} {KEY!r} {[KEY]} { ({'key': KEY}) }"
    with pytest.raises(TypeError, match="not written"):
        pickle.dumps(KEY)


@pytest.mark.parametrize("kind", KINDS)
def test_neither_key_nor_payload_reach_a_log(
    provider: Provider, kind: Kind, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_LOG", "debug")
    monkeypatch.setenv("OPENAI_LOG", "debug")
    with caplog.at_level(logging.DEBUG):
        send(request_to(provider, kind), KEY)
    assert KEY.reveal() not in caplog.text
    assert "quoted" not in caplog.text
