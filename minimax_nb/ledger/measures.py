"""Measured numbers of results, kept so that each is worked out once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from minimax_nb.ledger.file import LedgerFile
from minimax_nb.ledger.writer import Transaction


@dataclass(frozen=True, slots=True)
class Measured:
    """One number: of which job and content, by which measure, and ``None`` where it does not apply."""

    job_id: str
    sha256: str
    name: str
    version: str
    value: float | None


def means(
    found: Iterable[Measured], group: Callable[[Measured], str | None] = lambda one: one.job_id
) -> dict[str, dict[str, float]]:
    """Return the mean of each measure, by job; numbers that do not apply count for nothing.

    Parameters
    ----------
    found
        The numbers.
    group
        What a number belongs to, in place of its job; ``None`` leaves it out.
    """
    numbers: dict[str, dict[str, list[float]]] = {}
    for one in found:
        key = group(one)
        if key is not None and one.value is not None:
            numbers.setdefault(key, {}).setdefault(one.name, []).append(one.value)
    return {
        key: {name: sum(values) / len(values) for name, values in of_key.items()}
        for key, of_key in numbers.items()
    }


class Measures(LedgerFile):
    """The part of :class:`~minimax_nb.ledger.Ledger` that keeps measured numbers; see there."""

    def keep_measures(self, found: Iterable[Measured]) -> Future[None]:
        """Write numbers, in place of earlier ones of the same name."""
        now_us = self._clock()
        rows = [(one.job_id, one.sha256, one.name, one.version, one.value, now_us) for one in found]

        def put(tx: Transaction) -> None:
            for row in rows:
                tx.execute("INSERT OR REPLACE INTO measures VALUES (?, ?, ?, ?, ?, ?)", row)

        return self._write(put)

    def measures(self, job_ids: Sequence[str]) -> list[Measured]:
        """Return all numbers of these jobs."""
        sql = (
            "SELECT job_id, sha256, name, version, value FROM measures WHERE job_id = ? ORDER BY sha256, name"
        )

        def read(connection: sqlite3.Connection) -> list[Measured]:
            return [Measured(*row) for job_id in job_ids for row in connection.execute(sql, (job_id,))]

        return self._read(read)
