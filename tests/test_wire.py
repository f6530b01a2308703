from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from engine import wire
from engine.config import Settings

ROOT = Path(__file__).resolve().parent.parent
EVENTS = get_args(wire.StreamEvent)
MESSAGES = sorted({kind for call in wire.CALLS for kind in (call.takes, call.gives)} | {wire.Problem}, key=str)


def sample(kind: Any, rich: bool) -> Any:
    """Return a value of a type: with every choice made one way or the other."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{field.name: sample(hints[field.name], rich) for field in fields(kind)})
    arguments = get_args(kind)
    if get_origin(kind) is Literal:
        return arguments[-1 if rich else 0]
    if get_origin(kind) is tuple:
        return (sample(arguments[0], rich), sample(arguments[0], not rich)) if rich else ()
    if get_origin(kind) is Mapping:
        return {sample(arguments[0], rich): sample(arguments[1], rich)} if rich else {}
    if arguments:  # X | None
        return sample(arguments[0], rich) if rich else None
    plain = {str: 'ß "\\\n\x00' if rich else "", int: 7 if rich else 0, float: 0.25 if rich else 0.0, bool: rich}
    return plain[kind]


@pytest.mark.parametrize("rich", [True, False])
@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_a_message_comes_back_as_it_was(kind: type, rich: bool) -> None:
    message = sample(kind, rich)
    assert wire.decode(wire.encode(message), kind) == message
    assert wire.decode(json.dumps({**json.loads(wire.encode(message)), "later": [1]}), kind) == message


@pytest.mark.parametrize("rich", [True, False])
@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_an_event_comes_back_as_it_was(kind: type, rich: bool) -> None:
    event = sample(kind, rich)
    assert wire.event_from_json(wire.event_to_json(event)) == event


@pytest.mark.parametrize(
    "damaged",
    ["", "{", "[]", "null", "7", '"token"', "{}", '{"event": 3}', '{"event": "other"}', '{"event": "token"}', b"\xff"],
)
def test_what_is_no_event_is_a_value_error(damaged: str | bytes) -> None:
    with pytest.raises(ValueError, match="not an event"):
        wire.event_from_json(damaged)


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"path": 1}', "{}", b"\xff", '{"path": "a"'])
def test_what_is_no_message_is_a_value_error(damaged: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        wire.decode(damaged, wire.OpenRepository)


def test_defaults_may_be_left_out() -> None:
    assert wire.decode('{"repository": "r", "id": "i", "question": "q"}', wire.Ask) == wire.Ask("r", "i", "q")
    assert wire.decode("{}", Settings) == Settings()


def test_every_call_has_a_name_of_its_own() -> None:
    assert len({call.path for call in wire.CALLS}) == len(wire.CALLS)
    public = {name for name in wire.__all__ if isinstance(getattr(wire, name), wire.Call)}
    assert len(public) == len(wire.CALLS)


def test_the_reference_says_what_the_code_says(tmp_path: Path) -> None:
    script, page = ROOT / "packaging" / "wire_reference.py", tmp_path / "wire.md"
    subprocess.run([sys.executable, script, page], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    kept = (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")
    assert kept == page.read_text(encoding="utf-8"), "run: python packaging/wire_reference.py"
