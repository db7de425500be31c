"""What it all cost, as a person asks: a table, what may have been spent besides, and where it goes from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import money
from minimax_nb.engine.ids import now_us
from minimax_nb.ledger.budgets import BudgetStatus, period_bounds
from minimax_nb.ledger.costs import By, CostSum, cost_frame
from minimax_nb.ledger.rows import DAY_US
from minimax_nb.render.costs import Section, report_html, report_text
from minimax_nb.render.still import is_compared

if TYPE_CHECKING:
    import pandas as pd

    from minimax_nb.lab.lab import Lab
    from minimax_nb.ledger.file import When
    from minimax_nb.render.plots import Plot

#: Of a total budget, which has no period, the last days tell the rate.
RATE_DAYS = 30
#: Less of a period than this says nothing about its rest, in hours.
LEAST_HOURS = 1
METHOD = (
    "linear: what was spent in the period so far, divided by the time that has passed, goes on to its end"
)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where spending goes if it goes on as it did.

    Parameters
    ----------
    what
        The budget, or the period, in words.
    currency, sandbox
        What is counted.
    spent_nano
        Spent so far, without what is reserved or possibly spent.
    total_nano
        Expected at the end of the period, by the linear rate; ``None`` when too little time has passed, or for a
        budget without a period.
    ends_us
        End of the period; ``None`` for a total.
    limit_nano, full_us
        The budget's limit, and when it is used up at this rate; ``None`` when it is not within the period.
    """

    what: str
    currency: str
    sandbox: bool
    spent_nano: int
    total_nano: int | None
    ends_us: int | None
    limit_nano: int | None = None
    full_us: int | None = None

    def __str__(self) -> str:
        parts = [f"{self.what}: {money(self.spent_nano, self.currency)} spent"]
        if self.total_nano is not None and self.ends_us is not None:
            rough = money(_cents(self.total_nano), self.currency)
            parts.append(f"about {rough} by {_day(self.ends_us - 1)} at this rate")
        elif self.ends_us is not None:
            parts.append("too early for a forecast")
        if self.limit_nano is not None and self.full_us is not None:
            parts.append(f"{money(self.limit_nano, self.currency)} used up about {_day(self.full_us)}")
        return " · ".join(parts)


@dataclass(frozen=True)
class CostReport:
    """What was spent, a group a row; ``frame`` is the same as a DataFrame, ``plot()`` as a picture.

    Parameters
    ----------
    by
        What the rows are.
    sums
        The rows, exact.
    forecasts
        Where it goes from here.
    since
        In words, from when on; empty for the whole ledger.
    """

    by: By
    sums: tuple[CostSum, ...]
    forecasts: tuple[Forecast, ...] = ()
    since: str = ""

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows as ``lab.cost()`` has them."""
        return cost_frame(self.sums, self.by)

    def __getitem__(self, column: Any) -> Any:
        return self.frame[column]

    def __len__(self) -> int:
        return len(self.sums)

    def plot(self) -> Plot:
        """Return the costs as a picture; needs matplotlib (``minimax-nb[plots]``)."""
        from minimax_nb.render.plots import cost_plot

        return cost_plot(self.by, self.sums, title=self._title)

    @property
    def _title(self) -> str:
        return f"Cost by {self.by}{f' since {self.since}' if self.since else ''}"

    @property
    def _sections(self) -> list[Section]:
        return [
            Section(title, [row for row in self.sums if row.sandbox is sandbox])
            for title, sandbox in ((self._title, False), (f"{self._title}, sandbox: nothing was paid", True))
            if any(row.sandbox is sandbox for row in self.sums)
        ]

    def __repr__(self) -> str:
        if not self.sums:
            return (
                "Nothing was asked for yet."
                if not self.since
                else f"Nothing was asked for since {self.since}."
            )
        return report_text(self.by, self._sections, self._notes)

    @property
    def _notes(self) -> list[str]:
        lines = [str(item) for item in self.forecasts]
        return (
            [*lines, f"Forecast: {METHOD}."]
            if any(item.total_nano is not None for item in self.forecasts)
            else lines
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if not self.sums:
            return {"text/plain": repr(self)}
        # A forecast moves with the clock, and a notebook that a test compares must not.
        notes = [] if is_compared() else self._notes
        return {
            "text/plain": report_text(self.by, self._sections, notes),
            "text/html": report_html(self.by, self._sections, notes),
        }


def report(lab: Lab, by: By, since: When | None, filters: Mapping[str, Any]) -> CostReport:
    """Return the costs with the forecasts of the budgets in force, or of this month where there is none."""
    sums = tuple(lab.ledger.cost_sums(by, since, **filters))
    now = now_us()
    # A part of the ledger has no budget of its own, and its forecast would be taken for the whole.
    found = () if filters or since is not None else forecasts(lab, now)
    return CostReport(by, sums, tuple(found), "" if since is None else str(since))


def forecasts(lab: Lab, now: int) -> list[Forecast]:
    """Return one forecast a budget; without budgets one a currency for the current month, real money only."""
    found = [_of_budget(lab, status, now) for status in lab.budgets()]
    if found:
        return found
    starts, ends = period_bounds("month", now)
    sums = lab.ledger.cost_sums("month", starts, sandbox=False)
    return [
        _linear("this month", row.currency, row.sandbox, row.cost_nano, starts, ends, now) for row in sums
    ]


def _of_budget(lab: Lab, status: BudgetStatus, now: int) -> Forecast:
    budget = status.budget
    limit = budget.hard_nano if budget.hard_nano is not None else budget.soft_nano
    what = f"budget of {budget}"
    if status.ends_us is not None:
        return _linear(
            what,
            budget.currency,
            budget.sandbox,
            status.spent_nano,
            status.starts_us,
            status.ends_us,
            now,
            limit,
        )
    filters = {("session" if key == "session_id" else key): value for key, value in budget.scope.items()}
    begin = now - RATE_DAYS * DAY_US
    recent = lab.ledger.cost_sums("provider", begin, sandbox=budget.sandbox, **filters)
    rate = sum(row.cost_nano for row in recent if row.currency == budget.currency) / (RATE_DAYS * DAY_US)
    left = max(0, (limit or 0) - status.spent_nano)
    full = None if limit is None or rate <= 0 else now + int(left / rate)
    return Forecast(
        f"{what}, by the last {RATE_DAYS} days", budget.currency, budget.sandbox, status.spent_nano, None, None,
        limit, full if full is not None and full - now < 3650 * DAY_US else None,
    )  # fmt: skip


def _linear(
    what: str,
    currency: str,
    sandbox: bool,
    spent: int,
    starts: int,
    ends: int | None,
    now: int,
    limit: int | None = None,
) -> Forecast:
    """Return what is spent by the end of a period when the rest goes on as its beginning."""
    assert ends is not None
    passed = now - starts
    if passed < LEAST_HOURS * 3_600_000_000:
        return Forecast(what, currency, sandbox, spent, None, ends, limit)
    rate = spent / passed
    total = round(rate * (ends - starts))
    full = None
    if limit is not None and limit <= total:
        full = now if spent >= limit else now + int((limit - spent) / rate)
    return Forecast(what, currency, sandbox, spent, total, ends, limit, full)


def _cents(nano: int) -> int:
    """Round a guess to what it is worth: two decimals, or two digits below one cent."""
    step = 10_000_000
    while step > 1 and abs(nano) < 10 * step:
        step //= 10
    return round(nano / step) * step


def _day(at_us: int) -> str:
    return f"{datetime.fromtimestamp(at_us / 1e6, UTC):%Y-%m-%d}"
