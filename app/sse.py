"""Server-sent events out of bytes, as they come: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["EventParser", "ServerEvent"]

_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event of a stream. ``id`` is that of the last event that had one."""

    data: str
    id: str


class EventParser:
    """Takes the bytes of one connection in any portions and gives whole events.

    ``last_id`` is what to send as ``Last-Event-ID`` when the connection is made anew, with a new parser.
    """

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self._rest = b""  # a line that has not ended yet
        self._data: list[str] = []
        self._id = last_id

    def feed(self, portion: bytes) -> list[ServerEvent]:
        """Return the events that ``portion`` completes."""
        buffered = self._rest + portion
        # A "\r" at the very end may be half of "\r\n": it is kept until the next byte tells.
        held = b"\r" if buffered.endswith(b"\r") else b""
        *lines, rest = _LINE_END.split(buffered[: len(buffered) - len(held)])
        self._rest = rest + held
        return [event for line in lines if (event := self._line(line.decode("utf-8", "replace"))) is not None]

    def _line(self, line: str) -> ServerEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        return None  # comments keep the connection busy; of other fields nothing is needed

    def _dispatch(self) -> ServerEvent | None:
        data, self._data = self._data, []
        self.last_id = self._id  # only now: an event that was cut off is asked for again
        return ServerEvent("\n".join(data), self.last_id) if data else None
