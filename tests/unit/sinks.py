"""Where downloads go in tests, and the shortest way to make one."""

from __future__ import annotations

import asyncio
import threading

from minimax_nb.download import download
from minimax_nb.wire import Head
from tests.unit.rawserver import reply

BODY = bytes(range(250)) * 4


class Kept:
    """The simplest sink: everything in memory."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.head: Head | None = None
        self.threads: set[int] = set()

    @property
    def written(self) -> int:
        return len(self.content)

    def begin(self, head: Head) -> None:
        self.content.clear()
        self.head = head

    def write(self, block: bytes) -> None:
        self.threads.add(threading.get_ident())
        self.content += block

    def drop(self) -> None:
        self.content.clear()
        self.head = None


def fetch(
    url: str, sink: Kept | None = None, *, local: bool = True, limit: int = 1000, stall: float = 5
) -> tuple[bytes, str | None]:
    sink = sink or Kept()
    asyncio.run(download(url, sink, max_bytes=limit, local=local, stall=stall))
    assert sink.head is not None
    return bytes(sink.content), sink.head.mime


def cut(at: int, body: bytes = BODY, **headers: str) -> bytes:
    """A whole reply of which only ``at`` bytes of the body come."""
    whole = reply("200 OK", body, **headers)
    return whole[: len(whole) - len(body) + at]
