"""Budgets that cannot be crossed: reserved with the intent row, settled with the cost line.

A reservation is a row beside its job, written in the same transaction, so a budget's counters can
always be recomputed from rows and a forgotten reservation is visible as an open job. The amount
reserved is the most a job can cost. A budget counts either real money or the sandbox's, never both:
sandbox jobs do not eat a real budget. Periods begin at midnight UTC (weeks on Monday), the same for
every process and machine; a job belongs to the period it was created in. What a job turns out to
cost beyond its reservation is counted, so the next job sees it.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from minimax_nb.amounts import PERIODS, Period, money
from minimax_nb.errors import BudgetExceededError, ConfigError
from minimax_nb.ledger.record import JobRecord
from minimax_nb.ledger.rows import DAY_US, canonical, one
from minimax_nb.ledger.writer import Transaction

_WORDS = {"total": "in total", "day": "a day", "week": "a week", "month": "a month"}

#: What a budget may be limited to; each is a column of ``jobs``.
SCOPES = ("project", "kind", "provider", "session_id", "batch")


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit on spending; at least one of ``soft_nano`` (warns) and ``hard_nano`` (refuses) is set."""

    id: str
    scope: Mapping[str, str]
    period: Period
    currency: str
    sandbox: bool
    soft_nano: int | None
    hard_nano: int | None
    note: str | None

    def applies_to(self, record: JobRecord) -> bool:
        """Return True when the job counts against this budget."""
        columns = {key: getattr(record, key) for key in SCOPES}
        return record.currency == self.currency and self.covers(columns, sandbox=record.sandbox)

    def covers(self, columns: Mapping[str, str | None], *, sandbox: bool) -> bool:
        """Return True for what has these values of :data:`SCOPES`, whatever its currency."""
        return sandbox == self.sandbox and all(columns[key] == value for key, value in self.scope.items())

    def __str__(self) -> str:
        limit = self.hard_nano if self.hard_nano is not None else self.soft_nano
        scope = "".join(f" for {key.removesuffix('_id')} {value}" for key, value in self.scope.items())
        sandbox = " in the sandbox" if self.sandbox else ""
        return f"{money(limit or 0, self.currency)} {_WORDS[self.period]}{scope}{sandbox}"


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """A budget in its current period. ``ends_us`` is ``None`` for a total.

    ``possible_nano`` is the part of ``reserved_nano`` that may have been spent without our knowing:
    what jobs hold whose charge is unknown.
    """

    budget: Budget
    starts_us: int
    ends_us: int | None
    spent_nano: int
    reserved_nano: int
    possible_nano: int

    @property
    def left_nano(self) -> int | None:
        """What may still be reserved; ``None`` without a hard limit, negative after an overrun."""
        hard = self.budget.hard_nano
        return None if hard is None else hard - self.spent_nano - self.reserved_nano


def period_bounds(period: Period, at_us: int) -> tuple[int, int | None]:
    """Return the start of the period that holds a moment, and of the next one (UTC)."""
    day = at_us // DAY_US
    if period == "total":
        return 0, None
    if period == "day":
        return day * DAY_US, (day + 1) * DAY_US
    if period == "week":
        monday = (day + 3) // 7 * 7 - 3  # the epoch was a Thursday
        return monday * DAY_US, (monday + 7) * DAY_US
    moment = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    months = moment.year * 12 + moment.month - 1
    first, following = (datetime(n // 12, n % 12 + 1, 1, tzinfo=UTC) for n in (months, months + 1))
    return int(first.timestamp()) * 1_000_000, int(following.timestamp()) * 1_000_000


_SELECT = "SELECT id, scope, period, currency, sandbox, soft_nano, hard_nano, note FROM budgets"


def _budget_of(row: Sequence[Any]) -> Budget:
    identifier, scope, period, currency, sandbox, soft, hard, note = row
    return Budget(identifier, json.loads(scope), period, currency, bool(sandbox), soft, hard, note)


def put(tx: Transaction, wanted: Budget, now_us: int) -> Budget:
    """Set a budget, or change the limits of the one with the same scope, period, currency and sandbox flag.

    What was spent and held in the current period before the budget existed counts.
    """
    _check(wanted)
    key = (canonical(dict(wanted.scope)), wanted.period, wanted.currency, int(wanted.sandbox))
    tx.execute(
        "INSERT INTO budgets (id, scope, period, currency, sandbox, soft_nano, hard_nano, note, created_us)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (scope, period, currency, sandbox) DO UPDATE SET"
        " soft_nano = excluded.soft_nano, hard_nano = excluded.hard_nano, note = excluded.note, removed_us = NULL",
        (secrets.token_hex(6), *key, wanted.soft_nano, wanted.hard_nano, wanted.note, now_us),
    )
    where = " WHERE scope = ? AND period = ? AND currency = ? AND sandbox = ?"
    budget = _budget_of(tx.execute(_SELECT + where, key).fetchone())
    _open_period(tx, budget, now_us, recount=True)
    return budget


def _check(budget: Budget) -> None:
    limits = [amount for amount in (budget.soft_nano, budget.hard_nano) if amount is not None]
    if budget.period not in PERIODS:
        raise ConfigError(f"budget period {budget.period!r}; allowed: {', '.join(PERIODS)}")
    for key in budget.scope:
        if key not in SCOPES:
            raise ConfigError(f"a budget cannot be limited to {key!r}; allowed: {', '.join(SCOPES)}")
    if not limits:
        raise ConfigError("a budget needs a soft limit, a hard limit or both")
    if min(limits) < 0:
        raise ConfigError("a budget cannot be negative")


def remove(tx: Transaction, budget_id: str, now_us: int) -> None:
    """Stop a budget; its history stays."""
    tx.execute("UPDATE budgets SET removed_us = ? WHERE id = ? AND removed_us IS NULL", (now_us, budget_id))


def statuses(connection: sqlite3.Connection, now_us: int) -> list[BudgetStatus]:
    """Return the budgets in force, with what their current periods hold."""
    found = []
    for row in connection.execute(
        _SELECT + " WHERE removed_us IS NULL ORDER BY scope, period, currency, sandbox"
    ).fetchall():
        budget = _budget_of(row)
        starts, ends = period_bounds(budget.period, now_us)
        counted = connection.execute(
            "SELECT spent_nano, reserved_nano FROM budget_periods WHERE budget_id = ? AND starts_us = ?",
            (budget.id, starts),
        ).fetchone()
        spent, reserved = counted or (0, 0)
        possible = _possibly_spent(connection, budget, starts) if reserved else 0
        found.append(BudgetStatus(budget, starts, ends, spent, reserved, possible))
    return found


def _possibly_spent(connection: sqlite3.Connection | Transaction, budget: Budget, starts: int) -> int:
    sql = (
        "SELECT COALESCE(SUM(held_nano), 0) FROM reservations JOIN jobs ON jobs.id = job_id"
        " WHERE budget_id = ? AND starts_us = ? AND held_nano > 0 AND charge = 'unknown'"
    )
    return int(one(connection.execute(sql, (budget.id, starts)))[0])


def reserve(
    tx: Transaction, record: JobRecord, amount_nano: int | None, *, allow_unpriced: bool, now_us: int
) -> tuple[list[tuple[str, int]], list[str]]:
    """Take the most a job can cost from every budget that applies, or raise; before the job's row exists.

    Returns
    -------
    tuple
        The budget periods taken from, for :func:`hold`, and warnings about soft limits.

    Raises
    ------
    BudgetExceededError
        When a hard limit could be crossed. The caller's savepoint takes back the other budgets.
    """
    taken, warnings = [], []
    asked = amount_nano or 0
    rows = tx.execute(_SELECT + " WHERE removed_us IS NULL ORDER BY id").fetchall()
    for budget in filter(lambda item: item.applies_to(record), map(_budget_of, rows)):
        starts = _open_period(tx, budget, record.created_us)
        if amount_nano is None and budget.hard_nano is not None and not allow_unpriced:
            raise BudgetExceededError(
                f"no price is known for {record.kind} with {record.model}, so the budget of {budget} cannot be kept",
                hint="Nothing was sent. To send it all the same add --allow-unpriced.",
            )
        # What costs nothing passes even an overrun budget.
        cursor = tx.execute(
            "UPDATE budget_periods SET reserved_nano = reserved_nano + ? WHERE budget_id = ? AND starts_us = ?"
            " AND (? = 0 OR ? IS NULL OR spent_nano + reserved_nano + ? <= ?)",
            (asked, budget.id, starts, asked, budget.hard_nano, asked, budget.hard_nano),
        )
        if cursor.rowcount == 0:
            raise _exceeded(tx, budget, starts, record, asked)
        warnings += _soft_warning(tx, budget, starts, now_us)
        taken.append((budget.id, starts))
    return taken, warnings


def check_together(tx: Transaction, asked: Sequence[tuple[JobRecord, int | None]]) -> None:
    """Raise BudgetExceededError when jobs that are written together do not all fit into a hard budget.

    :func:`reserve` would find it too, but only at the first job that is too much.
    """
    rows = tx.execute(_SELECT + " WHERE removed_us IS NULL AND hard_nano IS NOT NULL ORDER BY id").fetchall()
    for budget in map(_budget_of, rows):
        mine = [(record, amount or 0) for record, amount in asked if budget.applies_to(record)]
        total = sum(amount for _, amount in mine)
        if total:
            starts = _open_period(tx, budget, mine[0][0].created_us)
            spent, reserved, _ = _counted(tx, budget, starts)
            if spent + reserved + total > (budget.hard_nano or 0):
                raise _exceeded(tx, budget, starts, mine[0][0], total)


def hold(tx: Transaction, job_id: str, taken: Sequence[tuple[str, int]], amount_nano: int | None) -> None:
    """Write the reservation rows that :func:`reserve` took; after the job's row."""
    for budget_id, starts in taken:
        tx.execute(
            "INSERT INTO reservations (job_id, budget_id, starts_us, held_nano) VALUES (?, ?, ?, ?)",
            (job_id, budget_id, starts, amount_nano or 0),
        )


def settle(tx: Transaction, job_id: str, spent_nano: int) -> None:
    """Turn what a job holds into what it spent, in every budget it counts against."""
    rows = tx.execute(
        "SELECT budget_id, starts_us, held_nano, spent_nano FROM reservations WHERE job_id = ?", (job_id,)
    ).fetchall()
    for budget_id, starts, held, spent_before in rows:
        tx.execute(
            "UPDATE budget_periods SET reserved_nano = reserved_nano - ?, spent_nano = spent_nano + ?"
            " WHERE budget_id = ? AND starts_us = ?",
            (held, spent_nano - spent_before, budget_id, starts),
        )
    if rows:
        tx.execute(
            "UPDATE reservations SET held_nano = 0, spent_nano = ? WHERE job_id = ?", (spent_nano, job_id)
        )


def _open_period(tx: Transaction, budget: Budget, at_us: int, *, recount: bool = False) -> int:
    """Make the period's row when it is missing, with what was spent before; return its start."""
    starts, ends = period_bounds(budget.period, at_us)
    cursor = tx.execute(
        "INSERT INTO budget_periods (budget_id, starts_us) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (budget.id, starts),
    )
    if cursor.rowcount == 1 or recount:
        _count_earlier_jobs(tx, budget, starts, ends)
    return starts


def _count_earlier_jobs(tx: Transaction, budget: Budget, starts: int, ends: int | None) -> None:
    scope = "".join(f" AND {key} = ?" for key in budget.scope)  # keys were checked against SCOPES
    if ends is not None:
        scope += f" AND created_us < {ends}"
    tx.execute(
        "INSERT INTO reservations (job_id, budget_id, starts_us, held_nano, spent_nano)"  # noqa: S608
        " SELECT id, ?, ?, CASE WHEN cost_nano IS NULL AND charge <> 'not_charged'"
        " AND (charge <> 'none' OR state IN ('new', 'submitting', 'unknown', 'queued', 'running'))"
        " THEN COALESCE(estimate_nano, 0) ELSE 0 END, COALESCE(cost_nano, 0) FROM jobs"
        f" WHERE imported_us IS NULL AND sandbox = ? AND currency = ? AND created_us >= ?{scope}"
        " ON CONFLICT DO NOTHING",
        (budget.id, starts, int(budget.sandbox), budget.currency, starts, *budget.scope.values()),
    )
    sums = "(SELECT COALESCE(SUM({}), 0) FROM reservations WHERE budget_id = ? AND starts_us = ?)"
    tx.execute(
        f"UPDATE budget_periods SET reserved_nano = {sums.format('held_nano')},"  # noqa: S608
        f" spent_nano = {sums.format('spent_nano')} WHERE budget_id = ? AND starts_us = ?",
        (budget.id, starts) * 3,
    )


def _counted(tx: Transaction, budget: Budget, starts: int) -> tuple[int, int, int | None]:
    spent, reserved, warned = tx.execute(
        "SELECT spent_nano, reserved_nano, warned_us FROM budget_periods WHERE budget_id = ? AND starts_us = ?",
        (budget.id, starts),
    ).fetchone()
    return spent, reserved, warned


def _exceeded(
    tx: Transaction, budget: Budget, starts: int, record: JobRecord, asked: int
) -> BudgetExceededError:
    spent, reserved, _ = _counted(tx, budget, starts)
    assert budget.hard_nano is not None
    possible = _possibly_spent(tx, budget, starts)
    left = money(max(0, budget.hard_nano - spent - reserved), budget.currency)
    parts = [
        f"{money(amount, budget.currency)} {words}"
        for amount, words in (
            (spent, "spent"),
            (reserved - possible, "reserved for running jobs"),
            (possible, "possibly spent"),
        )
        if amount or words == "spent"
    ]
    total = f" = {money(spent + reserved, budget.currency)}" if len(parts) > 1 else ""
    ends = period_bounds(budget.period, record.created_us)[1]
    wait = "" if ends is None else f", or wait: the next {budget.period} begins {_moment(ends)}"
    settle = ", or settle what is possibly spent (%minimax jobs --unknown)" if possible else ""
    return BudgetExceededError(
        f"this can cost {money(asked, budget.currency)} and the budget of {budget} has {left} left:"
        f" {' + '.join(parts)}{total}",
        hint=f"Nothing was sent. Raise {'--budget' if 'batch' in budget.scope else 'the budget (%minimax budget)'}"
        f"{settle}{wait}.",
    )


def _moment(at_us: int) -> str:
    return f"{datetime.fromtimestamp(at_us // 1_000_000, UTC):%Y-%m-%d %H:%M} UTC"


def _soft_warning(tx: Transaction, budget: Budget, starts: int, now_us: int) -> list[str]:
    """Say once a period that the soft limit is crossed."""
    if budget.soft_nano is None:
        return []
    spent, reserved, warned = _counted(tx, budget, starts)
    if warned is not None or spent + reserved <= budget.soft_nano:
        return []
    tx.execute(
        "UPDATE budget_periods SET warned_us = ? WHERE budget_id = ? AND starts_us = ?",
        (now_us, budget.id, starts),
    )
    soft, total = money(budget.soft_nano, budget.currency), money(spent + reserved, budget.currency)
    return [f"the soft limit of {soft} {_WORDS[budget.period]} is crossed: {total} spent or reserved"]
