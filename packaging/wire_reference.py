"""Write docs/wire.md, the reference of the engine's HTTP interface, from ``engine.wire``.

python packaging/wire_reference.py [FILE]
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from engine import types, verdicts, wire

PAGE = Path(__file__).resolve().parent.parent / "docs" / "wire.md"

_HEAD = """\
# The wire

<!-- Written by packaging/wire_reference.py from engine/wire.py: change these. -->

The window and the engine are two processes that speak HTTP over the loopback interface. A program of yours can speak to
an engine too:

```
$ sidetune serve
{{"url": "http://127.0.0.1:41873", "token_file": "/home/ada/.sidetune/run/4242-1f0c99ab.token", "protocol": {protocol}}}
```

The line comes once the engine can be spoken to. The file holds a token of 256 random bits, can be read by the user
alone and is removed when the engine ends. With `--until-stdin-closes` the engine ends, within a second, when the other
end of its standard input is closed, as it is when the process that started it dies.

```sh
curl -s -H "Authorization: Bearer $(cat "$TOKEN_FILE")" -H "{header}: {protocol}" \\
     -d '{{"path": "/home/ada/shop"}}' "$URL{open}"
```

## Rules

- Every call is `POST /v1/<name>` with a JSON object and gets one back with status 200. Fields with a default may be
  left out, unknown fields are passed over, so that either end may be newer. Types are named below as in Python: a
  `tuple` is an array, `None` is `null`.
- Paths of files are relative to the repository, with forward slashes; lines count from 1 and include the last.
- Every request carries `Authorization: Bearer <token>` and `{header}: {protocol}`. Requests with another `Host` than
  `127.0.0.1`, `localhost` or `[::1]` with the engine's port, or with any `Origin`, are refused: pages in a browser have
  no business here.
- A request may have {largest:,} bytes.
- An answer with another status carries a `Problem`: the name of an error class and one sentence for the user.

| Status | Meaning |
| --- | --- |
| 400 | `UsageError`: the request makes no sense, or is no such message |
| 401, 403 | `Refused`: not the token of this start; not from this machine, or from a web page |
| 404 | `RepositoryError`: no such folder, or not an open repository; also an unknown endpoint |
| 409 | `BusyError`: another process holds what is needed |
| 413 | the request is too large |
| 426 | `OtherProtocol`: the engine speaks another version |
| 500 | `StorageError`, `ModelError` and whatever else went wrong in the engine |

## Streams

Two endpoints are `GET` and answer with server-sent events, each with a number (`id`) and one JSON object (`data`):

- `{ask_stream}` has the events of a question, numbered from 1. A reader that was cut off sends `Last-Event-ID` and gets
  what it missed; one that comes late gets everything. The stream ends after `answer`, `error` or `stopped`. A check of
  a draft has its events there as well, `checking` repeatedly and then `checked`, `error` or `stopped`. The events
  of the last 50 questions that have ended are kept.
- `{index_stream}` has an `IndexStatus` at once and after each change, until it is closed.

A comment line (`:`) after 15 s of silence says that the connection still stands.

Events of a question are objects whose key `event` names them; the others are the fields below. `premise`, `facts` and
`tuning` come only when there is something to say, `tuning` and `token` repeatedly.

"""


def page() -> str:
    """Return the whole page."""
    from engine.server.auth import LARGEST_BODY

    head = _HEAD.format(
        protocol=wire.PROTOCOL,
        header=wire.PROTOCOL_HEADER,
        open=wire.OPEN.path,
        largest=LARGEST_BODY,
        ask_stream=wire.ask_stream("<id>"),
        index_stream=wire.index_stream("<repository>"),
    )
    parts = [head, "| `event` | Meaning | Fields |\n| --- | --- | --- |\n"]
    for name, kind in wire._EVENTS.items():
        names = ", ".join(f"`{field.name}`" for field in fields(kind)) or "none"
        parts.append(f"| `{name}` | {_words(kind)} | {names} |\n")
    parts.append("\n## Calls\n\n| Call | Takes | Gives | |\n| --- | --- | --- | --- |\n")
    parts += [f"| `{call.name}` | {_link(call.takes)} | {_link(call.gives)} | {call.about} |\n" for call in wire.CALLS]
    parts.append("\n## Messages\n")
    parts.extend(_message(kind) for kind in sorted(_messages(), key=lambda kind: kind.__name__))
    parts.append("\n## Words with a fixed meaning\n\n| Type | Values |\n| --- | --- |\n")
    for name, values in sorted(_literals().items()):
        parts.append(f"| `{name}` | {', '.join(f'`{value}`' for value in values)} |\n")
    return "".join(parts)


def _literals() -> dict[str, tuple[str, ...]]:
    named = {"IndexStage": wire.IndexStage}
    named |= {name: getattr(types, name) for name in ("AdapterState", "ConfidenceLevel", "Effort", "Tier")}
    checking = ("CheckStage", "ClaimVerdict", "KeySource", "NoteSource", "Provider")
    named |= {name: getattr(verdicts, name) for name in checking}
    return {name: get_args(kind) for name, kind in named.items()}


def _messages() -> set[type]:
    """Return every dataclass that can be sent, as far as it can be reached from calls and events."""
    found: set[type] = set()
    waiting: list[Any] = [wire.Problem, wire.IndexStatus, *wire._EVENTS.values()]
    waiting += [kind for call in wire.CALLS for kind in (call.takes, call.gives)]
    while waiting:
        kind = waiting.pop()
        if is_dataclass(kind) and isinstance(kind, type) and kind not in found:
            found.add(kind)
            waiting.extend(get_type_hints(kind).values())
        else:
            waiting.extend(each for each in get_args(kind) if each is not Ellipsis and not isinstance(each, str))
    return found


def _message(kind: type) -> str:
    lines = [f"\n### {kind.__name__}\n\n{_words(kind, whole=True)}\n"]
    if fields(kind):
        notes = _comments(kind)
        lines.append("\n| Field | Type | Default | |\n| --- | --- | --- | --- |\n")
        lines += [
            f"| `{field.name}` | `{_type(field)}` | {_default(field)} | {notes.get(field.name, '')} |\n"
            for field in fields(kind)
        ]
    return "".join(lines)


def _type(field: Field[Any]) -> str:
    return str(field.type).replace("|", "\\|")


def _default(field: Field[Any]) -> str:
    if field.default is MISSING:
        return "" if field.default_factory is MISSING else "`{}`"
    shown = {None: "null", True: "true", False: "false", "": '""', (): "[]"}
    value = field.default
    return f"`{shown.get(value, value) if isinstance(value, (bool, str, tuple, type(None))) else value}`"


def _comments(kind: type) -> dict[str, str]:
    """Return what is said behind each field in the source."""
    found: dict[str, str] = {}
    for line in inspect.getsource(kind).splitlines():
        code, _, comment = line.partition("  # ")
        name, colon, _ = code.strip().partition(":")
        if comment and colon and name.isidentifier():
            found[name] = comment.strip().replace("|", "\\|").replace("``", "`")
    return found


def _words(kind: type, *, whole: bool = False) -> str:
    text = inspect.cleandoc(kind.__doc__ or "").replace("``", "`")
    return text if whole else text.split("\n\n")[0].replace("\n", " ")


def _link(kind: type) -> str:
    return f"[{kind.__name__}](#{kind.__name__.lower()})"


def main(arguments: Iterable[str]) -> None:
    """Write the page to the file named, by default to its place."""
    target = Path(next(iter(arguments), PAGE))
    target.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
