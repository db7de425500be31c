"""Opening the file: one writing connection a process, any number of reading ones."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minimax_nb.errors import ConfigError
from minimax_nb.ledger.migrate import migrate

#: How long one process waits for another's write transaction, in seconds.
LOCK_WAIT = 30.0


def open_writer(path: Path, *, wal: bool, now_us: int) -> sqlite3.Connection:
    """Open (and create) the ledger for writing, in this package's schema.

    Parameters
    ----------
    path
        The file; missing folders are made. A new file is readable by its owner alone.
    wal
        Write-ahead log, or the rollback journal where shared memory does not work.
    now_us
        Recorded with a migration.

    Raises
    ------
    ConfigError
        When the place cannot be written or the file is not a ledger of this or an older version.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        # Used by the writer thread alone, but opened here so that errors reach the caller.
        connection = sqlite3.connect(path, timeout=LOCK_WAIT, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(f"cannot open the ledger {path}: {error}", hint=_ELSEWHERE) from None
    try:
        _set_journal(connection, "wal" if wal else "delete")
        # FULL: with NORMAL a power cut takes back commits that were already acknowledged.
        for pragma in (
            "synchronous = FULL",
            "fullfsync = ON",
            "foreign_keys = ON",
            "mmap_size = 0",
            # Pages, 16 MB: jobs write the same few again and again, and four times as rarely into the file.
            "wal_autocheckpoint = 4000",
        ):
            connection.execute(f"PRAGMA {pragma}")
        migrate(connection, now_us)
    except sqlite3.Error as error:
        connection.close()
        raise ConfigError(f"cannot use {path} as the ledger: {error}", hint=_ELSEWHERE) from None
    except BaseException:
        connection.close()
        raise
    return connection


_ELSEWHERE = "Name another file with MINIMAX_NB_LEDGER."


def _set_journal(connection: sqlite3.Connection, mode: str) -> None:
    # Changing the journal mode ignores the busy timeout, so a race of first openers is waited out here.
    deadline = time.monotonic() + LOCK_WAIT
    while True:
        try:
            (found,) = connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        else:
            if found == mode:
                return
            if time.monotonic() > deadline:
                raise sqlite3.OperationalError(f"journal mode {mode} is refused here (it stays {found})")
        time.sleep(0.01)


class ReaderPool:
    """Read-only connections, each used by one thread at a time and kept for the next.

    Parameters
    ----------
    path
        The ledger; it must exist.
    """

    def __init__(self, path: Path) -> None:
        self._uri = path.absolute().as_uri() + "?mode=ro"
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._free: list[sqlite3.Connection] = []
        self._parents: list[sqlite3.Connection] = []
        self._closed = False

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection."""
        connection = self._take()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close all; a connection on loan closes when it comes back."""
        self._check_fork()
        with self._lock:
            self._closed = True
            free, self._free = self._free, []
        for connection in free:
            connection.close()

    def _check_fork(self) -> None:
        if self._pid != os.getpid():
            # In a child the parent's connections may neither be used nor closed, and its lock may be held for ever.
            self._parents = self._free
            self._pid, self._lock, self._free = os.getpid(), threading.Lock(), []

    def _take(self) -> sqlite3.Connection:
        self._check_fork()
        with self._lock:
            if self._closed:
                raise ConfigError("the ledger is closed")
            if self._free:
                return self._free.pop()
        connection = sqlite3.connect(
            self._uri, uri=True, timeout=LOCK_WAIT, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA temp_store = MEMORY")
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._free.append(connection)
                return
        connection.close()
