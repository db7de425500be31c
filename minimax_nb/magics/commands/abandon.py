"""``%minimax abandon ID``: give up on a job whose outcome is unknown."""

from __future__ import annotations

from typing import Any

from minimax_nb.amounts import money
from minimax_nb.ledger.record import Charge
from minimax_nb.magics.context import Context
from minimax_nb.magics.rows import find_job
from minimax_nb.render.words import amount_of


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Give it up; without ``--charged`` its estimate stays counted as possibly spent."""
    job = find_job(context, "abandon", words)
    charged = {"yes": True, "no": False}.get(options.get("charged", ""))
    job.abandon(charged=charged)
    record = job.record
    amount = money(amount_of(record), record.currency) + (" (sandbox)" if record.sandbox else "")
    said = {
        Charge.CHARGED: f"{amount} is booked as its cost",
        Charge.NOT_CHARGED: "it is booked as not charged",
    }.get(record.charge, f"its {amount} stays counted as possibly spent")
    context.show(f"Job {job.id} is given up; {said}.")
