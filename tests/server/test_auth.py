"""Nobody but who holds the token of this start is listened to, whatever is sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine import wire
from engine.server.auth import token_file
from engine.wire import PROTOCOL_HEADER, Problem
from tests.server.conftest import EngineProcess


def _status(engine: EngineProcess, headers: dict[str, str], body: bytes = b"{}", path: str = "/v1/hello") -> int:
    with engine.answer("POST", path, body, {**engine.headers, **headers}) as answer:
        data = answer.read()
        if answer.status != 200:
            problem = wire.decode(data, Problem)
            assert problem.message
            assert answer.getheader("content-type") == "application/json"
        return answer.status


@pytest.mark.parametrize(
    "token", ["", "Bearer", "Bearer x", "bearer {token}", "Bearer {token}x", "Basic {token}", "Bearer ÿ"]
)
def test_another_token_is_refused(engine: EngineProcess, token: str) -> None:
    assert _status(engine, {"Authorization": token.format(token=engine.token)}) == 401


def test_another_host_is_refused(engine: EngineProcess) -> None:
    port = engine.address.port
    for name in ("evil.example", "127.0.0.1", f"evil.example:{port}", "localhost:1", f"127.0.0.1:{port}.evil.example"):
        assert _status(engine, {"Host": name}) == 403
    for name in ("localhost", "LOCALHOST", "127.0.0.1", "[::1]"):
        assert _status(engine, {"Host": f"{name}:{port}"}) == 200


def test_a_web_page_is_refused(engine: EngineProcess) -> None:
    for origin in ("http://evil.example", "null", engine.ready["url"]):
        assert _status(engine, {"Origin": origin}) == 403


def test_another_protocol_is_refused(engine: EngineProcess) -> None:
    for version in ("0", "2", "", "1.0", "one"):
        assert _status(engine, {PROTOCOL_HEADER: version}) == 426
    headers = {key: value for key, value in engine.headers.items() if key != PROTOCOL_HEADER}
    with engine.answer("POST", "/v1/hello", b"{}", headers) as answer:
        assert answer.status == 426
        assert wire.decode(answer.read(), Problem).kind == "OtherProtocol"


@pytest.mark.skipif(sys.platform == "win32", reason="there nobody can ask whether a process lives without ending it")
def test_tokens_of_engines_that_are_gone_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    run = tmp_path / "run"
    run.mkdir()
    stale, own, odd = run / f"{gone.pid}-ab.token", run / f"{os.getpid()}-cd.token", run / "a-b.token"
    for path in (stale, own, odd):
        path.touch()
    with token_file() as (first, one), token_file() as (second, other):
        assert one != other
        assert (first.read_text(), second.read_text()) == (one, other)
        assert {*run.iterdir()} == {own, odd, first, second}
    assert {*run.iterdir()} == {own, odd}


def test_streams_are_guarded_too(engine: EngineProcess) -> None:
    for path in (wire.ask_stream("a"), wire.index_stream("b"), "/", "/v1", "/docs"):
        with engine.answer("GET", path, headers={PROTOCOL_HEADER: "1"}) as answer:
            assert answer.status == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b'{"path": 3}',
        b'{"path": null}',
        b"\xff\xfe",
        b'{"path": "\\ud800"}',
        b"{" * 100_000,
    ],
)
def test_what_is_no_message_is_a_problem(engine: EngineProcess, body: bytes) -> None:
    assert _status(engine, {}, body, "/v1/open") == 400


def test_unknown_fields_are_passed_over(engine: EngineProcess) -> None:
    assert _status(engine, {}, json.dumps({"later": [1, 2]}).encode()) == 200


def test_too_much_is_refused(engine: EngineProcess) -> None:
    assert _status(engine, {"Content-Length": str(1 << 40)}, b"{}") == 413
    with engine.answer("POST", "/v1/hello", b"{}", {**engine.headers, "Content-Length": "many"}) as answer:
        assert answer.status == 400  # said before anybody could tell who asks

    def pieces() -> object:
        for _ in range(17):
            yield b" " * (1 << 16)

    with engine.answer("POST", "/v1/hello", pieces(), engine.headers) as answer:  # type: ignore[arg-type]
        assert answer.status == 413


def test_other_paths_and_methods_are_problems(engine: EngineProcess) -> None:
    for method, path, status in (("GET", "/v1/hello", 405), ("POST", "/v1/other", 404), ("GET", "/", 404)):
        with engine.answer(method, path) as answer:
            assert answer.status == status
            assert wire.decode(answer.read(), Problem).message


def test_the_number_of_an_event_is_a_number(engine: EngineProcess) -> None:
    with engine.answer("GET", wire.ask_stream("a"), headers={**engine.headers, "Last-Event-ID": "x"}) as answer:
        assert answer.status == 400
