"""What a finished job cost: the provider's own count of units where it gives one, else the estimate."""

from __future__ import annotations

import asyncio
from typing import Any

from minimax_nb.engine.live import LiveJob
from minimax_nb.ledger.record import Charge
from minimax_nb.providers.base import Outcome


async def settle(job: LiveJob, outcome: Outcome | None) -> None:
    """Write the cost line of a job that ended and free its reservation; ``None`` means nothing was sent.

    A charge that is not known stays reserved: it counts as possibly spent.
    """
    charge = job.record.charge
    if charge is Charge.UNKNOWN:
        return
    line = {"amount_nano": 0, "source": "reported", "unit": None, "quantity": 0, "price_id": None}
    if charge is Charge.CHARGED and outcome is not None:
        line = _cost_line(job, outcome)
    future = job.plan.ledger.settle(job.id, charge=charge, **line)
    job.record = await asyncio.wrap_future(future)
    job.notify()


def _cost_line(job: LiveJob, outcome: Outcome) -> dict[str, Any]:
    record, plan = job.record, job.plan
    facts = dict(record.facts.get("price_facts") or {})
    counted = False
    if outcome.usage is not None:
        facts[_FACT_OF_UNIT.get(outcome.usage.unit, outcome.usage.unit)] = outcome.usage.quantity
        counted = True
    elif outcome.asked and outcome.delivered != outcome.asked:
        facts["n"] = outcome.delivered
        counted = True
    quote = plan.book.quote(record.provider, record.kind, record.model, facts)
    source = "metered" if counted else "estimated"
    if quote.amount_nano is None:
        source = "unpriced"
    elif plan.connection.sandbox:
        source = "sandbox"
    return {
        "amount_nano": quote.amount_nano,
        "source": source,
        "unit": quote.unit,
        "quantity": quote.quantity,
        "price_id": quote.price_id,
    }


_FACT_OF_UNIT = {"character": "characters", "image": "n", "second": "duration"}
