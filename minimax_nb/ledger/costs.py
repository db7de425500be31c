"""What was spent: sums by what is asked for, made from sums by day that triggers keep.

A million jobs are some ten thousand rows of ``cost_days``. Where a filter looks at single jobs, and
for the first and last part of a day, the jobs themselves are summed up; the view ``job_costs`` says in
both cases what one job adds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger.filter import Filter
from minimax_nb.ledger.rows import DAY_US, NANO

if TYPE_CHECKING:
    import pandas as pd

By = Literal["provider", "model", "kind", "day", "month", "project", "notebook", "tag"]
WAYS: tuple[str, ...] = get_args(By)

#: The sums, in the order of the fields of :class:`CostSum` that follow ``sandbox``.
_SUMS = (
    "jobs", "cost_nano", "estimate_nano", "possible_nano", "possible_jobs", "open_nano", "unpriced_jobs",
)  # fmt: skip
_TOTALS = ", ".join(f"SUM({name})" for name in _SUMS)
_GROUPS = ("project", "session_id", "kind", "provider", "model", "currency", "sandbox")
_ROW = ", ".join(("day", *_GROUPS, *_SUMS))


@dataclass(frozen=True, slots=True)
class CostSum:
    """Sums of one group of jobs in one currency; real money and the sandbox's are never in one row.

    Amounts are integer nano-units. ``estimate_nano`` is what the charged jobs were expected to cost;
    ``possible_nano`` what may have been charged without our knowing (lost replies), by their
    estimates; ``open_nano`` the estimates of jobs still running.
    """

    key: str
    currency: str
    sandbox: bool
    jobs: int
    cost_nano: int
    possible_nano: int
    possible_jobs: int
    open_nano: int
    unpriced_jobs: int
    estimate_nano: int = 0

    @property
    def known(self) -> bool:
        """False where no job's price is known, so that the sum of nothing is not taken for free."""
        return bool(self.cost_nano or not self.unpriced_jobs)

    def __add__(self, other: CostSum) -> CostSum:
        added = {name: getattr(self, name) + getattr(other, name) for name in _SUMS}
        return replace(self, **added)


def cost_sums(connection: sqlite3.Connection, by: By, wanted: Filter) -> list[CostSum]:
    """Return what was spent, a group a row; see ``Ledger.cost_sums``."""
    if by not in WAYS:
        raise RequestInvalidError(f"cost by {by!r}; allowed: {', '.join(WAYS)}")
    if by == "tag":
        return _merged(_by_tag(connection, wanted))
    source, values = _source(wanted)
    column = {"day": "day", "month": "day", "notebook": "session_id"}.get(by, by)
    sql = (
        f"SELECT {column}, currency, sandbox, {_TOTALS} FROM ({source}) GROUP BY 1, 2, 3 HAVING SUM(jobs) > 0"  # noqa: S608
    )
    rows = connection.execute(sql, values).fetchall()
    words = _words(connection, by)
    return _merged(_sum(words(row[0]), row[1:]) for row in rows)


def _sum(key: str, row: Sequence[Any]) -> CostSum:
    currency, sandbox, *sums = row
    return CostSum(key, currency, bool(sandbox), **dict(zip(_SUMS, sums, strict=True)))


def _words(connection: sqlite3.Connection, by: By) -> Any:
    """Return what makes a group's column its key."""
    if by in ("day", "month"):
        cut = 10 if by == "day" else 7
        return lambda day: str(date(1970, 1, 1) + timedelta(days=day))[:cut]
    if by == "notebook":
        names = dict(connection.execute("SELECT id, notebook FROM kernels WHERE notebook IS NOT NULL"))
        return lambda session: names.get(session, "")
    return str


def _merged(rows: Iterator[CostSum] | Sequence[CostSum]) -> list[CostSum]:
    """Return one row a key, currency and sandbox flag: real money first, then by key."""
    found: dict[tuple[bool, str, str], CostSum] = {}
    for row in rows:
        key = (row.sandbox, row.key, row.currency)
        found[key] = found[key] + row if key in found else row
    return [found[key] for key in sorted(found)]


def _source(wanted: Filter) -> tuple[str, list[Any]]:
    """Return a query of rows to be summed up, and its values: whole days as they are kept, the rest job by job."""
    if not wanted.summed:
        where, values = wanted.where()
        return f"SELECT {_ROW} FROM job_costs WHERE id IN (SELECT id FROM jobs{where})", values  # noqa: S608
    since, until = wanted.since_us, wanted.until_us
    first = None if since is None else -(-since // DAY_US)
    last = None if until is None else until // DAY_US
    parts = [_kept(replace(wanted, since_us=None, until_us=None), first, last)]
    if since is not None and since % DAY_US:
        end = (first or 0) * DAY_US
        parts.append(_single(replace(wanted, until_us=end if until is None else min(end, until))))
    if until is not None and last is not None and until % DAY_US and (first is None or last >= first):
        parts.append(_single(replace(wanted, since_us=last * DAY_US)))
    return " UNION ALL ".join(sql for sql, _ in parts), [value for _, values in parts for value in values]


def _kept(wanted: Filter, first: int | None, last: int | None) -> tuple[str, list[Any]]:
    where, values = wanted.where()
    for part, value in (("day >= ?", first), ("day < ?", last)):
        if value is not None:
            where += (" AND " if where else " WHERE ") + part
            values.append(value)
    return f"SELECT {_ROW} FROM cost_days{where}", values  # noqa: S608 - our own column names


def _single(wanted: Filter) -> tuple[str, list[Any]]:
    where, values = wanted.where()
    return f"SELECT {_ROW} FROM job_costs{where}", values  # noqa: S608 - our own column names


def _by_tag(connection: sqlite3.Connection, wanted: Filter) -> Iterator[CostSum]:
    """Yield a row a tag; a job with several tags counts in each of them."""
    where, values = wanted.where()
    where += (" AND " if where else " WHERE ") + "tags <> '{}'"
    picked = f"SELECT id, tags FROM jobs{where}"  # noqa: S608 - built from constants
    sql = (
        f"SELECT tags, currency, sandbox, {_TOTALS} FROM ({picked}) AS tagged"  # noqa: S608
        " JOIN job_costs ON job_costs.id = tagged.id GROUP BY 1, 2, 3"
    )
    for row in connection.execute(sql, values):
        for name, value in json.loads(row[0]).items():
            yield _sum(f"{name}={value}", row[1:])


def cost_frame(sums: Sequence[CostSum], by: str) -> pd.DataFrame:
    """Return the sums as a DataFrame: amounts as floats for plots, the cost also exact (``cost_nano``).

    Where no job's price is known, the cost is missing (NaN, NA), not 0.
    """
    import pandas as pd

    amounts = {
        "cost": "cost_nano", "estimated": "estimate_nano", "possibly_spent": "possible_nano", "running": "open_nano",
    }  # fmt: skip
    columns = {
        by: pd.Series([row.key for row in sums], dtype="string"),
        "money": pd.Series(["sandbox" if row.sandbox else "real" for row in sums], dtype="string"),
        "currency": pd.Series([row.currency for row in sums], dtype="string"),
        "jobs": pd.Series([row.jobs for row in sums], dtype="int64"),
        **{
            name: pd.Series([_amount(row, field) for row in sums], dtype="float64")
            for name, field in amounts.items()
        },
        "unpriced_jobs": pd.Series([row.unpriced_jobs for row in sums], dtype="int64"),
        "cost_nano": pd.Series([row.cost_nano if row.known else None for row in sums], dtype="Int64"),
    }
    return pd.DataFrame(columns)


def _amount(row: CostSum, field: str) -> float:
    """Return one amount in the currency's units; NaN for what no price is known of."""
    nano: int = getattr(row, field)
    missing = not nano and not row.known and field in ("cost_nano", "estimate_nano")
    return float("nan") if missing else nano / NANO


def problems(connection: sqlite3.Connection) -> list[str]:
    """Return one sentence where the sums by day are not those of the jobs."""
    keys = ", ".join(("day", *_GROUPS))
    kept = f"SELECT {keys}, {', '.join(_SUMS)} FROM cost_days WHERE jobs <> 0"  # noqa: S608 - constants
    made = f"SELECT {keys}, {_TOTALS} FROM job_costs GROUP BY {keys}"  # noqa: S608 - constants
    sql = f"SELECT COUNT(*) FROM (SELECT * FROM ({kept} EXCEPT {made}) UNION ALL SELECT * FROM ({made} EXCEPT {kept}))"  # noqa: S608
    (wrong,) = connection.execute(sql).fetchone()
    return ["the sums of costs by day are not those of the jobs"] if wrong else []
