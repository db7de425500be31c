"""What it all cost, as HTML and text: real money first, then the sandbox's, possibly spent apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from minimax_nb.amounts import money
from minimax_nb.render import html
from minimax_nb.render.format import NOT_KNOWN, total
from minimax_nb.render.text import table_text


class Spent(Protocol):
    """Sums of one group; :class:`minimax_nb.ledger.CostSum` is one."""

    @property
    def key(self) -> str:
        """The group."""

    @property
    def currency(self) -> str:
        """ISO 4217 code."""

    @property
    def sandbox(self) -> bool:
        """True for the sandbox's money."""

    @property
    def jobs(self) -> int:
        """How many."""

    @property
    def cost_nano(self) -> int:
        """As billed."""

    @property
    def estimate_nano(self) -> int:
        """What the charged jobs were expected to cost."""

    @property
    def possible_nano(self) -> int:
        """What lost replies may have cost."""

    @property
    def possible_jobs(self) -> int:
        """How many those are."""

    @property
    def open_nano(self) -> int:
        """Estimates of what still runs."""

    @property
    def unpriced_jobs(self) -> int:
        """Charged, at a price nobody knows."""

    @property
    def known(self) -> bool:
        """False where no job's price is known."""


@dataclass(frozen=True, slots=True)
class Section:
    """A table of one kind of money."""

    title: str
    rows: Sequence[Spent]


#: Columns that are left out where all their cells are empty.
_OPTIONAL = ("difference", "possibly spent", "running", "unpriced")


def _table(by: str, rows: Sequence[Spent]) -> tuple[list[str], list[list[str]]]:
    headers = [by, "jobs", "estimated", "billed", *_OPTIONAL]
    cells = [_cells(row) for row in rows]
    if len(rows) > 1:
        cells += _totals(rows)
    kept = [at for at, name in enumerate(headers) if name not in _OPTIONAL or any(line[at] for line in cells)]
    return [headers[at] for at in kept], [[line[at] for at in kept] for line in cells]


def _cells(row: Spent) -> list[str]:
    possible = f"{money(row.possible_nano, row.currency)}" if row.possible_jobs else ""
    return [
        row.key or "(none)",
        f"{row.jobs:,}",
        money(row.estimate_nano, row.currency) if row.known or row.estimate_nano else NOT_KNOWN,
        money(row.cost_nano, row.currency) if row.known else NOT_KNOWN,
        _difference(row),
        possible,
        money(row.open_nano, row.currency) if row.open_nano else "",
        f"{row.unpriced_jobs:,}" if row.unpriced_jobs else "",
    ]


def _difference(row: Spent) -> str:
    """Return by how much the bill is above or below what was expected."""
    if not row.estimate_nano or row.cost_nano == row.estimate_nano:
        return ""
    share = (row.cost_nano - row.estimate_nano) / row.estimate_nano
    return f"{share:+.1%}" if abs(share) >= 0.001 else ""


def _totals(rows: Sequence[Spent]) -> list[list[str]]:
    def amounts(name: str) -> str:
        sums = [(getattr(row, name), row.currency) for row in rows]
        return total(sums) if any(nano for nano, _ in sums) else ""

    unpriced = sum(row.unpriced_jobs for row in rows)
    nothing = money(0) if any(row.known for row in rows) else NOT_KNOWN
    possible = amounts("possible_nano") if any(row.possible_jobs for row in rows) else ""
    return [
        [
            "total", f"{sum(row.jobs for row in rows):,}", amounts("estimate_nano"), amounts("cost_nano") or nothing,
            "", possible, amounts("open_nano"), f"{unpriced:,}" if unpriced else "",
        ]
    ]  # fmt: skip


def report_html(by: str, sections: Sequence[Section], notes: Sequence[str]) -> str:
    """Return the tables one below the other, with the notes after the first."""
    parts = []
    for number, section in enumerate(sections):
        headers, cells = _table(by, section.rows)
        parts.append(html.table(section.title, headers, cells, "\n".join(notes) if number == 0 else ""))
    return "".join(parts)


def report_text(by: str, sections: Sequence[Section], notes: Sequence[str]) -> str:
    """Return the same as text."""
    parts = []
    for number, section in enumerate(sections):
        headers, cells = _table(by, section.rows)
        parts.append(table_text(section.title, headers, cells, "\n".join(notes) if number == 0 else ""))
    return "\n\n".join(parts)
