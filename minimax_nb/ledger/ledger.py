"""The durable record of every job: one SQLite file, shared by all kernels of a user."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Literal

from minimax_nb.ledger import durations, jobs, reader
from minimax_nb.ledger.durations import DurationKey, Took
from minimax_nb.ledger.file import When
from minimax_nb.ledger.marks import Marking
from minimax_nb.ledger.record import Charge, JobRecord, JobState
from minimax_nb.ledger.rows import Content, CostLine, Event, MediaRow, canonical, row_of
from minimax_nb.ledger.sending import Limits, sent_now
from minimax_nb.ledger.shared import Shared
from minimax_nb.ledger.tables import Tables
from minimax_nb.ledger.writer import Transaction


class Ledger(Tables, Marking, Shared):
    """The durable record.

    Every write is on disk, flushed, when it returns or its future resolves. Writes of one process
    go through one thread that commits them in groups; other processes may write the same file at
    the same time. Reads see everything that was acknowledged.

    Parameters
    ----------
    path
        The file; it and its folder are made when missing.
    clock
        Microseconds since the Unix epoch; the system's clock by default.

    Attributes
    ----------
    path
        The file.
    network
        The type of the network file system it lies on, or ``None``. There the write-ahead log is
        not used and hard budgets are refused.

    Raises
    ------
    ConfigError
        When the place cannot be written, or the file is no ledger or one of a newer version.
    """

    # --- jobs -------------------------------------------------------------------------------------

    def insert_job(
        self,
        record: JobRecord,
        *,
        reserve_nano: int | None = None,
        allow_unpriced: bool = False,
        send: Limits | None = None,
    ) -> JobRecord:
        """Write the intent row, its first event and its budget reservations; durable on return.

        Parameters
        ----------
        record
            The job; ``created_us`` decides the budget periods it counts in.
        reserve_nano
            The most it can cost, in nano-units of ``record.currency``; ``None`` when no price is known.
        allow_unpriced
            Let an unpriced job pass a hard budget.
        send
            Whoever asks sends it at once: if these limits allow that now, the row says so from the
            beginning, as by :meth:`begin`.

        Returns
        -------
        JobRecord
            The job as stored, with warnings about soft budgets added.

        Raises
        ------
        BudgetExceededError
            When a hard budget could be crossed; nothing was written.
        """
        return self.insert_job_async(
            record, reserve_nano=reserve_nano, allow_unpriced=allow_unpriced, send=send
        ).result()

    def insert_job_async(
        self,
        record: JobRecord,
        *,
        reserve_nano: int | None = None,
        allow_unpriced: bool = False,
        send: Limits | None = None,
        then: Callable[[JobRecord], None] | None = None,
    ) -> Future[JobRecord]:
        """:meth:`insert_job` as a future; ``then`` is called with the row by the ledger's own thread."""
        now = self._now()

        def insert(tx: Transaction) -> JobRecord:
            changes = sent_now(tx, send, now) if send is not None else None
            return jobs.insert(tx, record, reserve_nano, allow_unpriced, now, changes)

        return self._write(insert, then=then)

    def update_job(
        self,
        job_id: str,
        *,
        event: str,
        files: Sequence[MediaRow] = (),
        flush: Callable[[], None] | None = None,
        **changes: Any,
    ) -> Future[JobRecord]:
        """Change a job and write ``event`` to its history, in one transaction.

        A terminal state is final: a change that names another state is not applied at all, and the
        event says so. Other data may still be added to a finished job. ``facts`` and ``warnings``
        add to what is there; everything else replaces it. A state brings its time
        (``submitted_us``, ``running_us``, ``finished_us``) unless it is given or already set.
        ``charge=NOT_CHARGED`` gives the reservation back and sets the cost to 0; any other money
        goes through :meth:`settle`. ``files`` are its inputs and outputs, as by :meth:`attach_media`.
        ``flush`` is called before, to flush the files that the change tells of.

        Returns
        -------
        Future[JobRecord]
            The job as it is now; resolves when it is on disk.
        """
        _check_names(changes, jobs.CHANGEABLE)
        now = self._now()
        return self._write(lambda tx: jobs.update(tx, job_id, event, changes, now, files), flush)

    def write_text(
        self, job_id: str, *, prompt: str, request: Mapping[str, Any], fingerprint: str
    ) -> Future[JobRecord]:
        """Write how far the text of a job goes that is spoken while it is being written.

        The one change of what was asked; its history has no word of it, for the text is in the row.
        """
        now = self._now()
        changes = {"prompt": prompt, "request": dict(request), "fingerprint": fingerprint}
        return self._write(lambda tx: jobs.write_text(tx, job_id, changes, now))

    def settle(
        self,
        job_id: str,
        *,
        charge: Charge,
        source: str,
        amount_nano: int | None = None,
        unit: str | None = None,
        quantity: int | None = None,
        price_id: str | None = None,
        event: str = "settled",
        files: Sequence[MediaRow] = (),
        took: tuple[DurationKey, Took] | None = None,
        flush: Callable[[], None] | None = None,
        **changes: Any,
    ) -> Future[JobRecord]:
        """Write what a job cost and settle its budgets, together with any other changes of the row.

        Settling again is safe: the same amount adds nothing, another one adds an ``adjust`` line.
        A final state stays as it is, but the money is settled all the same.

        Parameters
        ----------
        charge
            ``CHARGED``: ``amount_nano`` is booked and the reservation becomes spent money.
            ``NOT_CHARGED`` or ``NONE``: the cost is 0 and the reservation is given back.
            ``UNKNOWN`` or ``HELD``: the reservation stays, counted as possibly spent.
        source
            Where the amount is from: reported, metered, estimated, sandbox, cached or unpriced.
        amount_nano
            The whole cost in nano-units of the job's currency; ``None`` when no price is known
            (the cost stays unknown, and what was reserved stays reserved).
        unit, quantity, price_id
            What was billed, and by which price.
        took
            How long it took, for later jobs to learn from.
        event, files, flush, **changes
            As in :meth:`update_job`.
        """
        _check_names(changes, jobs.CHANGEABLE - {"charge", "unit", "quantity", "price_id"})
        line = {"unit": unit, "quantity": quantity, "price_id": price_id}
        given = {key: value for key, value in line.items() if value is not None}
        now = self._now()

        def end(tx: Transaction) -> JobRecord:
            if took is not None:
                durations.add(tx, job_id, *took, now.us)
            return jobs.settle(tx, job_id, amount_nano, source, charge, given, event, changes, now, files)

        return self._write(end, flush)

    def add_cost(
        self,
        job_id: str,
        *,
        amount_nano: int,
        source: str,
        kind: Literal["adjust", "refund"] = "adjust",
        note: str | None = None,
    ) -> Future[JobRecord]:
        """Add a correction to a job's cost (negative for a refund); its budgets follow."""
        now = self._now()
        return self._write(lambda tx: jobs.add_cost(tx, job_id, amount_nano, kind, source, note, now))

    def job(self, job_id: str) -> JobRecord:
        """Return the job with this id, or with this unique beginning or end of an id.

        Raises
        ------
        RequestInvalidError
            When there is none, or more than one.
        """
        return self._read(lambda connection: reader.job(connection, job_id))

    def find(self, text: str) -> list[JobRecord]:
        """Return the job with this id, else up to 10 whose ids begin or end with it (at least 4 characters)."""
        return self._read(lambda connection: reader.find(connection, text))

    def jobs(
        self,
        state: JobState | Literal["open"] | str | None = None,
        limit: int = 50,
        since: When | None = None,
        *,
        sort: str = "time",
        ascending: bool = False,
        **filters: Any,
    ) -> list[JobRecord]:
        """Return jobs, newest first, or by ``cost``, ``seconds``, ``model`` …; filters as of :meth:`frame`.

        ``open``: work is left, at the provider or in storing its result.
        """
        wanted = self._filter(state, since, **filters)
        return self._read(
            lambda connection: reader.jobs(connection, wanted, limit, sort, ascending=ascending)
        )

    def thread(self, project: str, name: str | None, limit: int) -> list[JobRecord]:
        """Return the turns of a project's conversation, or of all of them, newest first."""
        return self._read(lambda connection: reader.thread(connection, project, name, limit))

    def find_stored(self, fingerprint: str) -> JobRecord | None:
        """Return the newest finished job with this fingerprint whose result is on disk."""
        return self._read(lambda connection: reader.find_stored(connection, fingerprint))

    def maker(self, sha256: str) -> JobRecord | None:
        """Return the job that first gave back the content with this digest, or ``None``."""
        return self._read(lambda connection: reader.maker(connection, sha256))

    def events(self, job_id: str) -> list[Event]:
        """Return a job's history, oldest first."""
        return self._read(lambda connection: reader.events(connection, job_id))

    def costs(self, job_id: str) -> list[CostLine]:
        """Return a job's money lines, oldest first."""
        return self._read(lambda connection: reader.costs(connection, job_id))

    # --- media, kernels ---------------------------------------------------------------------------

    def attach_media(
        self,
        job_id: str,
        role: str,
        position: int,
        stored: Content | None = None,
        *,
        facts: Mapping[str, Any] | None = None,
        name: str | None = None,
        url: str | None = None,
        url_expires_us: int | None = None,
        file_id: str | None = None,
    ) -> Future[None]:
        """Write or complete one input or output; what is ``None`` keeps what is there.

        Parameters
        ----------
        role, position
            ``input``, ``output``, ``preview`` or ``subtitle``, and 0, 1, 2 … within it.
        stored
            The content in the media store, once it is there.
        facts
            Width, height, duration … of the content.
        name
            Its readable file name beside the notebook.
        url, url_expires_us, file_id
            Where the provider keeps it, until when, and under which id.
        """
        given = {"name": name, "url": url, "url_expires_us": url_expires_us, "file_id": file_id}
        return self.attach(row_of(job_id, role, position, stored, facts=dict(facts or {}), **given))

    def attach(self, row: MediaRow) -> Future[None]:
        """:meth:`attach_media` of a row."""
        now_us = self._clock()
        return self._write(lambda tx: jobs.attach(tx, row, now_us))

    def media_of(self, job_id: str) -> list[MediaRow]:
        """Return a job's inputs and outputs by role and position."""
        return self._read(lambda connection: reader.media(connection, job_id))

    def start_kernel(
        self, kernel_id: str, *, notebook: str | None = None, versions: Mapping[str, str] | None = None
    ) -> Future[None]:
        """Write the row of one kernel life, once; its id is the ``session_id`` of jobs."""
        values = (
            kernel_id, socket.gethostname(), os.getpid(), self._clock(), notebook, canonical(dict(versions or {})),
        )  # fmt: skip
        sql = (
            "INSERT INTO kernels (id, host, pid, started_us, notebook, versions) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING"
        )
        return self._write(lambda tx: _run(tx, sql, values))

    def end_kernel(self, kernel_id: str) -> Future[None]:
        """Write when a kernel ended."""
        values = (self._clock(), kernel_id)
        return self._write(lambda tx: _run(tx, "UPDATE kernels SET ended_us = ? WHERE id = ?", values))


def _run(tx: Transaction, sql: str, values: Sequence[Any]) -> None:
    tx.execute(sql, values)


def _check_names(changes: Mapping[str, Any], allowed: frozenset[str]) -> None:
    for name in changes:
        if name not in allowed:
            raise TypeError(f"{name!r} cannot be changed here")
