"""What a finished job cost: the provider's own count of units where it gives one, else the estimate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minimax_nb.engine import voices
from minimax_nb.engine.live import LiveJob
from minimax_nb.ledger.record import Charge
from minimax_nb.ledger.rows import MediaRow
from minimax_nb.providers.base import Outcome


async def settle(
    job: LiveJob,
    event: str,
    changes: Mapping[str, Any],
    outcome: Outcome | None = None,
    *,
    files: Sequence[MediaRow] = (),
    flush: Callable[[], None] | None = None,
    learn: bool = False,
) -> None:
    """Write a job's end and its money in one transaction, and free its reservation.

    Parameters
    ----------
    job
        The job.
    event
        What ended it, for its history.
    changes
        The row changes of the end, with ``state`` and ``charge``. A charge that is not known leaves
        the reservation: it counts as possibly spent.
    outcome
        The provider's last word, with its count of billed units.
    files
        Results that are stored already.
    flush
        Flushes what the end tells of, before it is written.
    learn
        Its end was seen when it came, so that later jobs can learn from how long it took.
    """
    changes = dict(changes)
    charge = Charge(changes.pop("charge", job.record.charge))
    line: dict[str, Any] = {"source": "reported"}
    if charge is Charge.CHARGED and outcome is not None:
        line = _cost_line(job, outcome, await voices.first_uses(job))
    took = job.took(changes) if learn else None
    future = job.plan.ledger.settle(
        job.id, charge=charge, event=event, files=files, took=took, flush=flush, **line, **changes
    )
    job.record = await asyncio.wrap_future(future)
    await voices.remember(job)
    job.notify()


def _cost_line(job: LiveJob, outcome: Outcome, fees: dict[str, int]) -> dict[str, Any]:
    record, plan = job.record, job.plan
    asked = dict(record.facts.get("price_facts") or {})
    # What was asked took every voice for new that had not spoken then; two jobs of that moment are one first use.
    facts = {key: value for key, value in asked.items() if key not in voices.FEE_FACTS.values()} | fees
    counted = False
    if outcome.usage is not None:
        facts[_FACT_OF_UNIT.get(outcome.usage.unit, outcome.usage.unit)] = outcome.usage.quantity
        facts |= outcome.usage.facts
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
