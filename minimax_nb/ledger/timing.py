"""How many jobs there were of each group, how they ended, and how long they took."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger.filter import Filter
from minimax_nb.ledger.rows import NANO

if TYPE_CHECKING:
    import pandas as pd

WAYS = ("model", "provider", "kind", "project")
_DTYPES = {
    "money": "string", "currency": "string", "jobs": "int64", "done": "int64", "failed": "int64",
    "cost": "float64", "p50_s": "float64", "p95_s": "float64",
}  # fmt: skip
_FAILED = "('failed', 'expired', 'lost', 'rejected')"


def summary(connection: sqlite3.Connection, by: str, wanted: Filter) -> pd.DataFrame:
    """Return a row a group; see ``Ledger.summary``."""
    import pandas as pd

    if by not in WAYS:
        raise RequestInvalidError(f"summary by {by!r}; allowed: {', '.join(WAYS)}")
    where, values = wanted.where()
    sql = (
        f"SELECT {by}, sandbox, currency, state = 'succeeded', state IN {_FAILED}, cost_nano,"  # noqa: S608
        f" finished_us - created_us FROM jobs{where}"
    )
    groups: dict[tuple[str, int, str], _Group] = {}
    for name, sandbox, currency, done, failed, cost, took in connection.execute(sql, values):
        key = (name, sandbox, currency)
        group = groups.get(key) or groups.setdefault(key, _Group())
        group.jobs += 1
        group.failed += failed
        group.cost += cost or 0
        if done:
            group.took.append(took or 0)
    rows = [_row(*key, groups[key]) for key in sorted(groups, key=lambda key: (key[1], key[0], key[2]))]
    return pd.DataFrame(rows, columns=pd.Index([by, *_DTYPES])).astype({by: "string", **_DTYPES})


class _Group:
    __slots__ = ("cost", "failed", "jobs", "took")

    def __init__(self) -> None:
        self.jobs = self.failed = self.cost = 0
        self.took: list[int] = []


def _row(name: str, sandbox: int, currency: str, group: _Group) -> tuple[Any, ...]:
    took = sorted(group.took)
    return (
        name,
        "sandbox" if sandbox else "real",
        currency,
        group.jobs,
        len(took),
        group.failed,
        group.cost / NANO,
        quantile(took, 0.5),
        quantile(took, 0.95),
    )


def quantile(ordered: list[int], share: float) -> float:
    """Return a quantile of sorted microseconds in seconds, between two values in proportion; NaN of none."""
    if not ordered:
        return float("nan")
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return (ordered[low] + (ordered[high] - ordered[low]) * (place - low)) / 1e6
