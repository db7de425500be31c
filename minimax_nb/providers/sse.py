"""Server-sent events from bytes as they come, as the event-stream format of the HTML standard has them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name (``message`` when the stream names none) and its data, lines joined."""

    name: str
    data: str


class EventReader:
    """Cuts a byte stream, given in any parts, into events."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._data: list[str] = []

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes and return the events they complete."""
        *lines, self._rest = (self._rest + data).replace(b"\r\n", b"\n").split(b"\n")
        return [event for line in lines if (event := self._line(line.decode("utf-8", "replace"))) is not None]

    def close(self) -> list[Event]:
        """Return the last event, where the stream ended without the blank line that closes it."""
        rest, self._rest = self._rest, b""
        found = [self._line(rest.decode("utf-8", "replace")), self._line("")] if rest else [self._line("")]
        return [event for event in found if event is not None]

    def _line(self, line: str) -> Event | None:
        if not line:
            event = Event(self._name or "message", "\n".join(self._data)) if self._data else None
            self._name, self._data = "", []
            return event
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        return None


def events_of(content: bytes) -> list[Event]:
    """Return all events of a whole reply."""
    reader = EventReader()
    return reader.feed(content) + reader.close()
