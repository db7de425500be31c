"""One ledger file, opened by one process: its writer, its readers, and what keeps them apart."""

from __future__ import annotations

import atexit
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger import reader
from minimax_nb.ledger.connect import ReaderPool, open_writer
from minimax_nb.ledger.filter import Filter, tags_of
from minimax_nb.ledger.jobs import Now
from minimax_nb.ledger.place import network_filesystem
from minimax_nb.ledger.rows import microseconds
from minimax_nb.ledger.writer import Scrubber, Transaction, Writer

T = TypeVar("T")

#: A moment: microseconds since the epoch, a datetime or ISO text (local time when it names no
#: zone), a date, a timedelta before now, or its text (``7d``, ``36h``).
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

    def _write(
        self,
        operation: Callable[[Transaction], T],
        flush: Callable[[], None] | None = None,
        then: Callable[[T], None] | None = None,
    ) -> Future[T]:
        return self._writer.submit(operation, flush, then)

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
        *,
        until: When | None = None,
        model: str | None = None,
        batch: str | None = None,
        session: str | None = None,
        text: str | None = None,
        tag: str | Mapping[str, object] | Sequence[str] | None = None,
        starred: bool | None = None,
        sandbox: bool | None = None,
        ids: Sequence[str] | None = None,
    ) -> Filter:
        """Return which jobs are meant; see :class:`~minimax_nb.ledger.filter.Filter`.

        ``tag`` is ``"k=v"``, ``"k"`` (any value), a list of these, or a mapping.
        """
        return Filter(
            state=state,
            since_us=self._moment("since", since),
            until_us=self._moment("until", until),
            provider=provider,
            kind=kind,
            project=project,
            model=model,
            batch=batch,
            session_id=session,
            text=text,
            tags=tags_of(tag),
            starred=starred,
            sandbox=sandbox,
            ids=None if ids is None else tuple(ids),
        )

    def _moment(self, name: str, when: When | None) -> int | None:
        try:
            return None if when is None else microseconds(when, self._clock())
        except (ValueError, OverflowError):
            raise RequestInvalidError(
                f"{name} {when!r}: a date (2026-11-01), a time (2026-11-01T09:30), or how long ago: 7d, 36h, 90min, 2w"
            ) from None
