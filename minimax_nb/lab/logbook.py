"""The log and its marks: frames, tables with pictures, stars, tags, notes. Part of Lab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from minimax_nb.engine.session import session_id
from minimax_nb.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd

    from minimax_nb.lab.costs import CostReport
    from minimax_nb.lab.lab import Lab
    from minimax_nb.lab.logtable import LogTable
    from minimax_nb.ledger.costs import By
    from minimax_nb.ledger.file import When
    from minimax_nb.ledger.record import JobRecord
    from minimax_nb.render.plots import Plot


class Logbook:
    """``lab.log(…)`` and what else looks back; a part of :class:`~minimax_nb.Lab`."""

    if TYPE_CHECKING:

        @property
        def ledger(self) -> Ledger:
            """The durable record of all jobs."""

    # --- the jobs ---

    def log(
        self,
        columns: str | Sequence[str] = "main",
        *,
        options: bool = False,
        measures: bool = False,
        latest: int | None = None,
        **filters: Any,
    ) -> pd.DataFrame:
        """Return the ledger as a DataFrame, one row a job, newest last; filters run in SQL.

        Parameters
        ----------
        columns
            ``main``, ``slim`` (several times faster, for long ledgers), ``full``, or a list of column
            names. Times are UTC; ``cost`` is a float for plots (NaN when not known), ``cost_nano`` exact.
        options
            Add a column ``opt.NAME`` for every option of the requests.
        measures
            Add a column ``measure.NAME`` for everything that was measured of them; needs the column ``job``.
        latest
            Only so many of the last rows.
        **filters
            ``project``, ``kind``, ``provider``, ``model``, ``batch``; ``state`` (a job state or
            ``open``); ``since`` and ``until`` (datetime, date, ISO text, or how long ago: ``7d``);
            ``text`` contained in the prompt; ``tag`` (``"k=v"``, ``"k"``, several in a list or dict);
            ``session`` (a kernel's id, ``this`` for this one); ``starred``; ``sandbox``.
        """
        found = self.ledger.frame(columns, options=options, latest=latest, **_here(filters))
        if not measures:
            return found
        from minimax_nb.lab.measuring import with_measures

        return with_measures(self.ledger, found)

    def table(
        self,
        latest: int = 20,
        *,
        sort: str = "time",
        ascending: bool = False,
        grid: bool = False,
        **filters: Any,
    ) -> LogTable:
        """Return the last jobs as a table with small pictures and players.

        Parameters
        ----------
        latest
            Rows at most.
        sort, ascending
            ``time`` (newest first), ``cost``, ``seconds``, ``model``, ``kind``, ``prompt`` or ``state``.
        grid
            Pictures alone, many on one page.
        **filters
            As of :meth:`log`.
        """
        from minimax_nb.lab.logtable import LogTable

        records = self.ledger.jobs(limit=latest, sort=sort, ascending=ascending, **_here(filters))
        return LogTable(cast("Lab", self), records, grid=grid)

    def summary(self, by: str = "model", since: When | None = "1d", **filters: Any) -> pd.DataFrame:
        """Return jobs, failures, cost, and median and 95th percentile of seconds, by model, kind, provider or project.

        Of the last 24 hours; ``since=None`` is the whole ledger. Filters as of :meth:`log`.
        """
        return self.ledger.summary(by, since, **_here(filters))

    # --- what is said of them ---

    def star(self, job_id: str, on: bool = True) -> None:
        """Star a job, or with ``on=False`` take its star away; any unique part of an id's beginning or end does."""
        self.ledger.star(self.ledger.job(job_id).id, on).result()

    def tag(self, job_id: str, /, **tags: object) -> JobRecord:
        """Set tags of a job: ``lab.tag(id, round=2)``; ``None`` takes one away. Returns its row."""
        given = {name: None if value is None else str(value) for name, value in tags.items()}
        return self.ledger.tag(self.ledger.job(job_id).id, given).result()

    def note(self, job_id: str, text: str) -> None:
        """Add a note to a job. Notes are kept in order and never changed."""
        self.ledger.note(self.ledger.job(job_id).id, text).result()

    # --- money ---

    def cost(self, by: By = "provider", since: When | None = None, **filters: Any) -> pd.DataFrame:
        """Return what was spent, a group a row; real money and the sandbox's in rows of their own.

        Parameters
        ----------
        by
            ``provider``, ``model``, ``kind``, ``day``, ``month`` (UTC), ``project``, ``notebook`` or
            ``tag`` (a job with several tags counts in each).
        since, **filters
            As of :meth:`log`.

        Returns
        -------
        pandas.DataFrame
            ``cost`` as billed and ``estimated`` of the same jobs before; ``possibly_spent`` apart: what
            lost replies may have cost; ``running``: estimates of open jobs; ``cost_nano`` exact.
        """
        return self.ledger.cost_summary(by, since, **_here(filters))

    def cost_report(self, by: By = "provider", since: When | None = None, **filters: Any) -> CostReport:
        """Return :meth:`cost` as ``%minimax cost`` shows it, with a forecast to the end of each budget's period."""
        from minimax_nb.lab.costs import report

        return report(cast("Lab", self), by, since, _here(filters))

    def cost_plot(self, by: By = "day", since: When | None = None, **filters: Any) -> Plot:
        """Return :meth:`cost` as a picture; needs matplotlib (``minimax-nb[plots]``)."""
        return self.cost_report(by, since, **filters).plot()


def _here(filters: dict[str, Any]) -> dict[str, Any]:
    """Return filters with this kernel's id in the place of ``session="this"``."""
    return {**filters, "session": session_id()} if filters.get("session") in ("this", True) else filters
