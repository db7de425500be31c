"""One ledger file, opened by one process: its writer, its readers, and what keeps them apart."""

from __future__ import annotations

import atexit
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

from minimax_nb.ledger import reader
from minimax_nb.ledger.connect import ReaderPool, open_writer
from minimax_nb.ledger.jobs import Now
from minimax_nb.ledger.place import network_filesystem
from minimax_nb.ledger.reader import Filter
from minimax_nb.ledger.rows import microseconds
from minimax_nb.ledger.writer import Scrubber, Transaction, Writer

T = TypeVar("T")

#: A moment: microseconds since the epoch, a datetime or ISO text (local time when it names no
#: zone), a date, or a timedelta before now.
When = int | datetime | date | timedelta | str


def _system_clock() -> int:
    return time.time_ns() // 1000


class LedgerFile:
    """What :class:`~minimax_nb.ledger.Ledger` stands on; see there."""

    def __init__(self, path: Path, *, clock: Callable[[], int] = _system_clock) -> None:
        self.path = Path(path)
        self.network = network_filesystem(self.path)
        self._clock = clock
        self._scrub = Scrubber()
        self._actor = f"{socket.gethostname()}:{os.getpid()}"
        self._writer = Writer(open_writer(self.path, wal=self.network is None, now_us=clock()), self._scrub)
        self._readers = ReaderPool(self.path)
        # The writer is a daemon thread: what is queued when the interpreter ends is written here.
        atexit.register(self.close)

    def close(self) -> None:
        """Write what is queued and close the file; harmless when repeated."""
        self._writer.close()
        self._readers.close()
        atexit.unregister(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Ledger({str(self.path)!r})"

    def guard(self, secrets: Iterable[str]) -> None:
        """Mask these strings (of at least 8 characters) as ``•••`` in everything written from now on."""
        self._scrub.add(secrets)

    def problems(self) -> list[str]:
        """Check the file and its books; return one sentence a problem, nothing when all is well."""
        return self._read(reader.problems)

    def _write(self, operation: Callable[[Transaction], T]) -> Future[T]:
        return self._writer.submit(operation)

    def _read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        with self._readers.connection() as connection:
            return question(connection)

    def _now(self) -> Now:
        return Now(self._clock(), self._actor)

    def _filter(
        self,
        state: str | None = None,
        since: When | None = None,
        provider: str | None = None,
        kind: str | None = None,
        project: str | None = None,
    ) -> Filter:
        since_us = None if since is None else microseconds(since, self._clock())
        return Filter(state, since_us, provider, kind, project)
