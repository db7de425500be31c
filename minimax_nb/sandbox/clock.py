"""The sandbox's own time: real time plus an offset that tests can move."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from email.utils import formatdate


class Clock:
    """Virtual time in seconds since the epoch.

    It runs at the pace of real time; :meth:`advance` jumps ahead, so that an address expires or a task
    ends at once. Sleepers notice a jump.
    """

    def __init__(self) -> None:
        self._start = time.time()
        self._origin = time.monotonic()
        self._offset = 0.0
        self._jumped = asyncio.Event()

    def now(self) -> float:
        """Return the virtual time in seconds since the epoch."""
        return self._start + (time.monotonic() - self._origin) + self._offset

    def advance(self, seconds: float) -> None:
        """Jump ahead by ``seconds`` (>= 0) and wake every sleeper to look again."""
        self._offset += seconds
        jumped, self._jumped = self._jumped, asyncio.Event()
        jumped.set()

    async def sleep_until(self, moment: float) -> None:
        """Return when the virtual time reaches ``moment``."""
        while (left := moment - self.now()) > 0:
            try:
                await asyncio.wait_for(self._jumped.wait(), left)
            except TimeoutError:
                continue

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds`` of virtual time."""
        await self.sleep_until(self.now() + seconds)


def iso(moment: float) -> str:
    """Return ``2026-05-22T13:17:32.110Z`` for a virtual time."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def http_date(moment: float) -> str:
    """Return ``Fri, 22 May 2026 13:17:32 GMT``, as replies date themselves."""
    return formatdate(moment, usegmt=True)


def plain(moment: float) -> str:
    """Return ``2026-05-22 13:17:32``, the zone-less form some replies use."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")
