"""Sweeps in the ledger: the intents of one are written together or not at all, so its budget is kept as a whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from minimax_nb.ledger import budgets, jobs
from minimax_nb.ledger.budgets import Budget
from minimax_nb.ledger.file import LedgerFile
from minimax_nb.ledger.record import JobRecord
from minimax_nb.ledger.rows import COLUMNS, record_of
from minimax_nb.ledger.writer import Transaction

#: A job to be written, and the most it can cost in nano-units; ``None`` where no price is known.
Entry = tuple[JobRecord, int | None]


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that a sweep may cost: nano-units of a currency."""

    nano: int
    currency: str


class Batches(LedgerFile):
    """The part of :class:`~minimax_nb.ledger.Ledger` that keeps sweeps; see there."""

    def insert_batch(
        self,
        batch: str,
        entries: Sequence[Entry],
        known: frozenset[str],
        *,
        cap: Cap | None = None,
        allow_unpriced: bool = False,
    ) -> Future[list[JobRecord] | None]:
        """Write the intents and reservations of several jobs of a sweep, all or none.

        Parameters
        ----------
        batch
            The sweep's id.
        entries
            The jobs, and what to reserve for each.
        known
            The ids of the sweep's jobs that the caller knows of.
        cap
            The most that the sweep may cost, with what its earlier jobs cost or hold.
        allow_unpriced
            Let unpriced jobs pass a hard budget.

        Returns
        -------
        Future
            The jobs as stored; ``None``, and nothing written, when the sweep has other jobs by now.

        Raises
        ------
        BudgetExceededError
            In the future: they would not all fit into a hard budget; nothing was written.
        """
        now = self._now()
        return self._write(lambda tx: _insert(tx, batch, entries, known, cap, allow_unpriced, now))

    def batch_jobs(self, batch: str) -> list[JobRecord]:
        """Return the jobs of a sweep, oldest first."""
        sql = f"SELECT {', '.join(COLUMNS)} FROM jobs WHERE batch = ? ORDER BY id"  # noqa: S608 - our own names
        return self._read(lambda connection: [record_of(row) for row in connection.execute(sql, (batch,))])

    def batches(self, beginning: str = "") -> list[str]:
        """Return the ids of the sweeps that begin so, the one asked for last first."""
        return self._read(lambda connection: _begun(connection, beginning))


def _insert(
    tx: Transaction,
    batch: str,
    entries: Sequence[Entry],
    known: frozenset[str],
    cap: Cap | None,
    allow_unpriced: bool,
    now: jobs.Now,
) -> list[JobRecord] | None:
    there = {row[0] for row in tx.execute("SELECT id FROM jobs WHERE batch = ?", (batch,))}
    if there != known:
        return None
    capped = _put(tx, batch, entries, cap, now.us)
    budgets.check_together(tx, entries)
    made = [jobs.insert(tx, record, reserve, allow_unpriced, now) for record, reserve in entries]
    if capped is not None:
        # It has done its work: a sweep asks for all it will ever cost at once.
        budgets.remove(tx, capped.id, now.us)
    return made


def _put(
    tx: Transaction, batch: str, entries: Sequence[Entry], cap: Cap | None, now_us: int
) -> Budget | None:
    if cap is None or not entries:
        return None
    sandbox = entries[0][0].sandbox
    return budgets.put(
        tx, Budget("", {"batch": batch}, "total", cap.currency, sandbox, None, cap.nano, None), now_us
    )


def _begun(connection: sqlite3.Connection, beginning: str) -> list[str]:
    sql = (
        "SELECT batch FROM jobs WHERE batch >= ? AND batch < ?"
        " GROUP BY batch ORDER BY MAX(created_us) DESC, batch DESC"
    )
    return [row[0] for row in connection.execute(sql, (beginning, beginning + "\U0010ffff"))]
