"""One writer thread a process, with group commit.

Operations are functions of a :class:`Transaction`. The thread takes all that are waiting, flushes the
files that they tell of, runs each in its own savepoint inside one transaction, commits once with
``synchronous=FULL``, and only then resolves the futures: what a caller was told is on disk, and one
refused operation does not undo its neighbours.
"""

from __future__ import annotations

import json
import os
import queue
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from minimax_nb.errors import ConfigError, MediaError, MiniMaxError

T = TypeVar("T")

#: Most operations in one commit; bounds how long the first of them waits.
BATCH = 256

#: What stands in the record where a secret was.
MASK = "•••"

#: Shorter strings are no keys, and masking them would spoil ordinary text.
_SHORTEST_SECRET = 8


class Scrubber:
    """Takes registered secrets out of every text that is written."""

    def __init__(self) -> None:
        self._secrets: tuple[str, ...] = ()
        self._find: re.Pattern[str] | None = None

    def add(self, secrets: Iterable[str]) -> None:
        """Register secrets of at least 8 characters; they are also found inside JSON."""
        wanted = {text for text in secrets if len(text) >= _SHORTEST_SECRET}
        wanted |= {json.dumps(text, ensure_ascii=False)[1:-1] for text in wanted}
        # Longest first, so that a secret that contains another is masked whole.
        self._secrets = tuple(sorted({*self._secrets, *wanted}, key=len, reverse=True))
        if self._secrets:
            self._find = re.compile("|".join(map(re.escape, self._secrets)))

    def __call__(self, value: str) -> str:
        """Return a text as it may be written."""
        if len(value) < _SHORTEST_SECRET and value.isascii():
            return value
        if self._find is not None:
            value = self._find.sub(MASK, value)
        if not value.isascii():
            # A lone surrogate in a provider's reply must not keep a paid job's row from being written.
            value = value.encode("utf-8", "replace").decode("utf-8")
        return value


class Transaction:
    """What an operation may do: run SQL with clean values."""

    __slots__ = ("_connection", "_scrub")

    def __init__(self, connection: sqlite3.Connection, scrub: Scrubber) -> None:
        self._connection = connection
        self._scrub = scrub

    def clean(self, values: Iterable[Any]) -> list[Any]:
        """Return values as :meth:`execute` writes them: without secrets."""
        scrub = self._scrub
        return [scrub(value) if isinstance(value, str) else value for value in values]

    def execute(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement; registered secrets are masked in every text value."""
        return self._connection.execute(sql, self.clean(values))

    def execute_clean(self, sql: str, values: Sequence[Any]) -> sqlite3.Cursor:
        """Run one statement whose values went through :meth:`clean`."""
        return self._connection.execute(sql, values)


class Writer:
    """Runs operations in order, durably.

    Parameters
    ----------
    connection
        The process's one writing connection; the writer closes it.
    scrub
        Applied to every value written.
    """

    def __init__(self, connection: sqlite3.Connection, scrub: Scrubber) -> None:
        self._connection = connection
        self._transaction = Transaction(connection, scrub)
        self._queue: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._pid = os.getpid()
        # A daemon, so that a forgotten close() cannot hang the interpreter; the ledger closes at exit.
        self._thread = threading.Thread(target=self._run, name="minimax-nb-ledger", daemon=True)
        self._thread.start()

    def submit(
        self,
        operation: Callable[[Transaction], T],
        flush: Callable[[], None] | None = None,
        then: Callable[[T], None] | None = None,
    ) -> Future[T]:
        """Queue an operation; the future resolves after its commit.

        Parameters
        ----------
        operation
            What to write.
        flush
            Flushes the files that the operation tells of; when it raises OSError, nothing is written.
        then
            Called with the result after the commit, before the future resolves, by this thread: whoever
            waits for the future may be interrupted, this is not.

        Raises
        ------
        ConfigError
            When the ledger is closed, or this process is a fork of the one that opened it.
        """
        if self._pid != os.getpid():
            raise ConfigError("this ledger was opened before a fork; open a new one in the child process")
        future: Future[T] = Future()
        # Running futures cannot be cancelled: an awaiting task that goes away must not undo a write.
        future.set_running_or_notify_cancel()
        with self._lock:
            if self._closed:
                raise ConfigError("the ledger is closed")
            self._queue.put(_Task(operation, future, flush, then))
        return future

    def close(self) -> None:
        """Write what is queued, then close the connection; harmless when repeated or in a fork."""
        if self._pid != os.getpid():
            return
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch, going = self._next_batch()
            if batch:
                self._write(batch)
        self._connection.close()

    def _next_batch(self) -> tuple[list[_Task], bool]:
        """Wait for one task, then take what else is there; False when the writer is to stop."""
        batch: list[_Task] = []
        task = self._queue.get()
        while task is not None:
            batch.append(task)
            if len(batch) == BATCH:
                return batch, True
            try:
                task = self._queue.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _write(self, batch: list[_Task]) -> None:
        batch = [task for task in batch if task.flushed()]
        if not batch:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            if len(batch) == 1:
                self._write_alone(batch[0])
            else:
                for task in batch:
                    self._write_one(task)
                self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            for task in batch:
                task.future.set_exception(_lost(error))
        else:
            for task in batch:
                task.resolve()

    def _write_alone(self, task: _Task) -> None:
        """Do what :meth:`_write_one` does for the only task: the transaction is its savepoint."""
        try:
            task.value = task.operation(self._transaction)
        except Exception as error:
            if not self._connection.in_transaction and isinstance(error, sqlite3.Error):
                raise
            self._connection.execute("ROLLBACK")
            task.error = error
        else:
            self._connection.execute("COMMIT")

    def _write_one(self, task: _Task) -> None:
        self._connection.execute("SAVEPOINT operation")
        try:
            task.value = task.operation(self._transaction)
        except Exception as error:  # it belongs to whoever asked, not to this thread
            if not self._connection.in_transaction and isinstance(error, sqlite3.Error):
                raise  # a full disk, say, took the whole transaction back
            self._connection.execute("ROLLBACK TO operation")
            task.error = error
        self._connection.execute("RELEASE operation")


class _Task:
    """One queued operation and what came of it."""

    __slots__ = ("error", "flush", "future", "operation", "then", "value")

    def __init__(
        self,
        operation: Callable[[Transaction], Any],
        future: Future[Any],
        flush: Callable[[], None] | None,
        then: Callable[[Any], None] | None,
    ) -> None:
        self.operation = operation
        self.future = future
        self.flush = flush
        self.then = then
        self.value: Any = None
        self.error: BaseException | None = None

    def flushed(self) -> bool:
        """Flush the files it tells of, before the transaction that others wait for; False when it failed."""
        try:
            if self.flush is not None:
                self.flush()
        except OSError as error:
            self.future.set_exception(MediaError(f"a result could not be flushed to disk: {error.strerror}"))
            return False
        return True

    def resolve(self) -> None:
        """Tell the caller, after the commit."""
        if self.then is not None and self.error is None:
            try:
                self.then(self.value)
            except BaseException as error:  # it belongs to whoever asked, not to this thread
                self.error = error
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


def _lost(error: sqlite3.Error) -> MiniMaxError:
    return ConfigError(f"the ledger could not be written: {error}", hint="Nothing of this step was recorded.")
