"""The ledger as tables: frames, sums of money, and what took how long."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from minimax_nb.ledger import reader
from minimax_nb.ledger.budgets import period_bounds
from minimax_nb.ledger.costs import By, CostSum, cost_frame, cost_sums
from minimax_nb.ledger.file import LedgerFile, When
from minimax_nb.ledger.frame import frame
from minimax_nb.ledger.rows import NANO, MediaRow
from minimax_nb.ledger.timing import summary

if TYPE_CHECKING:
    import pandas as pd


class Tables(LedgerFile):
    """The part of :class:`~minimax_nb.ledger.Ledger` that is read as tables; see there."""

    def frame(
        self,
        columns: str | Sequence[str] = "main",
        since: When | None = None,
        *,
        options: bool = False,
        latest: int | None = None,
        **filters: Any,
    ) -> pd.DataFrame:
        """Return the jobs as a DataFrame, oldest first.

        Parameters
        ----------
        columns
            ``main``, ``slim`` (what a row holds itself: several times faster), ``full``, or names of
            columns. Times are UTC, ``*_s`` seconds, ``cost`` a float
            of ``currency`` (NaN when not known) for plots and ``cost_nano`` exact; ``options`` what
            the request says beyond prompt, model and defaults, as JSON text.
        since
            Microseconds, a datetime or ISO text (local time without a zone), a date, a timedelta
            before now, or its text: ``7d``, ``36h``.
        options
            Add a column ``opt.NAME`` for every option of the requests.
        latest
            Only so many of the last rows.
        **filters
            See :meth:`LedgerFile._filter`: ``until``, ``project``, ``kind``, ``provider``, ``model``,
            ``state``, ``batch``, ``session``, ``text``, ``tag``, ``starred``, ``sandbox``.
        """
        wanted = self._filter(since=since, **filters)
        return self._read(
            lambda connection: frame(connection, columns, wanted, options=options, latest=latest)
        )

    def outputs(self, job_ids: Sequence[str]) -> dict[str, list[MediaRow]]:
        """Return what is stored of each of these jobs, inputs left out."""
        return self._read(lambda connection: reader.outputs(connection, job_ids))

    def cost_sums(self, by: By = "provider", since: When | None = None, **filters: Any) -> list[CostSum]:
        """Return what was spent by provider, model, kind, day or month (UTC), project, notebook or tag; exact.

        Real money and sandbox money are in separate rows, and what may have been charged without
        our knowing (lost replies) is apart from what was. A job with several tags counts in each of
        them. Filters as of :meth:`frame`.
        """
        wanted = self._filter(since=since, **filters)
        return self._read(lambda connection: cost_sums(connection, by, wanted))

    def cost_summary(self, by: By = "provider", since: When | None = None, **filters: Any) -> pd.DataFrame:
        """:meth:`cost_sums` as a DataFrame, amounts as floats of their currency."""
        return cost_frame(self.cost_sums(by, since, **filters), by)

    def spent_today(self) -> list[tuple[str, Decimal, bool]]:
        """Return (currency, amount, is sandbox) of the jobs asked for since midnight UTC."""
        since, _ = period_bounds("day", self._clock())
        totals: dict[tuple[str, bool], int] = {}
        for row in self.cost_sums("day", since):
            key = (row.currency, row.sandbox)
            totals[key] = totals.get(key, 0) + row.cost_nano
        return [(currency, Decimal(nano) / NANO, sandbox) for (currency, sandbox), nano in totals.items()]

    def unpriced_today(self) -> int:
        """Return how many jobs asked for since midnight UTC were charged at a price that is not known."""
        since, _ = period_bounds("day", self._clock())
        return sum(row.unpriced_jobs for row in self.cost_sums("day", since))

    def summary(self, by: str = "model", since: When | None = "1d", **filters: Any) -> pd.DataFrame:
        """Return how many jobs there were, how they ended, what they cost and how long they took.

        Parameters
        ----------
        by
            ``model``, ``provider``, ``kind`` or ``project``.
        since
            As of :meth:`frame`; the last 24 hours by default, ``None`` for the whole ledger.
        **filters
            As of :meth:`frame`.

        Returns
        -------
        pandas.DataFrame
            A row a group and currency, real money and the sandbox's apart: ``jobs``, ``done``,
            ``failed``, ``cost``, and the median and 95th percentile of the seconds from asking to the
            end of those that are done (``p50_s``, ``p95_s``).
        """
        wanted = self._filter(since=since, **filters)

        def ask(connection: sqlite3.Connection) -> pd.DataFrame:
            return summary(connection, by, wanted)

        return self._read(ask)
