"""Server-sent events: the same events however the bytes are cut."""

from __future__ import annotations

import pytest

from minimax_nb.providers.sse import Event, EventReader, events_of

STREAM = (
    ': a comment\nevent: delta\ndata: {"a": "ö"}\n\ndata: one\ndata:two\n\nid: 7\r\ndata: \r\n\r\ndata: last'
).encode()
EVENTS = [
    Event("delta", '{"a": "ö"}'),
    Event("message", "one\ntwo"),
    Event("message", ""),
    Event("message", "last"),
]


def test_a_whole_reply() -> None:
    assert events_of(STREAM) == EVENTS


@pytest.mark.parametrize("size", range(1, 9))
def test_the_cut_does_not_matter(size: int) -> None:
    reader = EventReader()
    found = [event for at in range(0, len(STREAM), size) for event in reader.feed(STREAM[at : at + size])]
    assert found + reader.close() == EVENTS


def test_nothing_comes_of_nothing() -> None:
    assert events_of(b"") == []
    assert events_of(b"\n\n: ping\n\n") == []
