"""Server-sent events, cut anywhere."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sse import EventParser, ServerEvent

STREAM = (
    ': hello\n\nid: 1\ndata: {"a": 1}\n\nid: 2\r\nevent: x\r\ndata: größer\r\ndata:two\r\n\r\nid\rdata\r\rdata: lost'
).encode()
EVENTS = [ServerEvent('{"a": 1}', "1"), ServerEvent("größer\ntwo", "2"), ServerEvent("", "")]


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_events_are_the_same_wherever_the_stream_is_cut(cuts: list[int]) -> None:
    parser = EventParser()
    edges = [0, *sorted(cuts), len(STREAM)]
    found = [event for first, last in pairwise(edges) for event in parser.feed(STREAM[first:last])]
    assert found == EVENTS


@pytest.mark.parametrize(
    ("stream", "last"),
    [
        (b"id: 7\ndata: half", "5"),
        (b"id: 7\ndata: whole\n\n", "7"),
        (b"id: 7\n\n", "7"),
        (b"id: 7\0\ndata: x\n\n", "5"),
    ],
)
def test_only_a_whole_event_counts_as_seen(stream: bytes, last: str) -> None:
    parser = EventParser("5")
    parser.feed(stream)
    assert parser.last_id == last
