"""``%minimax balance``: what the accounts hold, and what is left of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minimax_nb.magics.context import Context
from minimax_nb.render.format import elapsed

if TYPE_CHECKING:
    from minimax_nb.providers.account import PlanRow

_PLAN = ("models", "state", "left", "begins anew in", "left this week", "week begins anew in")


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Ask the provider, or every one that has a key; costs nothing."""
    found = context.lab.balance(words[0] if words else None)
    rows = [(funds.provider + (" (sandbox)" if funds.sandbox else ""), funds.text) for funds in found]
    context.table("Balance", ("provider", "it says"), rows, "What was spent from here: %minimax cost")
    for funds in found:
        if funds.plan:
            context.table(f"Plan of the {funds.provider} key", _PLAN, [_row(row) for row in funds.plan])


def _row(row: PlanRow) -> tuple[str, ...]:
    return (
        row.model, row.state, _share(row.left), _time(row.resets_in), _share(row.week_left), _time(row.week_resets_in),
    )  # fmt: skip


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:g} %"


def _time(value: float | None) -> str:
    return "" if value is None else elapsed(value)
