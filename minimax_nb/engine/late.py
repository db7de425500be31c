"""A result that comes after its job was given up: it is paid for, so it is fetched and shown all the same.

The job stays given up, because that is final. What is found is written beside it: the task, what it cost,
and the result, with a word on what was paid twice where the request was sent again meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from minimax_nb.engine import listing, state
from minimax_nb.engine.billing import settle
from minimax_nb.engine.calls import change, look
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.pace import backoff
from minimax_nb.engine.webhook import candidates, nap, paid_twice
from minimax_nb.http import Transport
from minimax_nb.ledger.record import JobRecord, JobState, ResultState
from minimax_nb.providers.base import Outcome

TRIES = 6  #: looks in a row that tell nothing, before the next kernel has to try
CAME = "its result came after the job was given up"


def is_hoped_for(record: JobRecord) -> bool:
    """Return True for a job that was given up and may have a result all the same."""
    return (
        record.state is JobState.ABANDONED and record.result is ResultState.NONE and record.raw_state is None
    )


async def look_after(job: LiveJob, transport: Transport) -> None:
    """Look for the task of a job that was given up, watch it to its end, and write what it brought."""
    if job.record.locator is None and not await _find(job, transport):
        return
    misses = 0
    while misses < TRIES:
        outcome = await look(job, transport)
        if outcome.state in ("queued", "running"):
            misses = 0
            await nap(job, job.plan.pace.wait(job.worked, job.jitter))
        elif outcome.state == "retry":
            misses += 1
            await asyncio.sleep(backoff(misses - 1, job.jitter, None, job.plan.connection.speed))
        else:
            await _end(job, outcome)
            return


async def _find(job: LiveJob, transport: Transport) -> bool:
    by, told = "webhook", await candidates(job, {})
    if not told:
        by, told = "list", await listing.from_list(job, transport)
    for task_id, found in told.items():
        outcome = await look(job, transport, found.locator)
        if outcome.state != "retry":
            notes = [listing.NOTE] if by == "list" else []
            changes: dict[str, Any] = {"task_id": task_id, "locator": dict(found.locator or {})}
            await change(job, f"found by {by}", warnings=notes, **changes)
            return True
    return False


async def _end(job: LiveJob, outcome: Outcome) -> None:
    changes = _changes(job.record, outcome)
    job.outputs = outcome.outputs
    await settle(job, f"{outcome.raw_state or outcome.state}, after it was given up", changes, outcome)


def _changes(record: JobRecord, outcome: Outcome) -> Mapping[str, Any]:
    """Return what the end of the task says beside the state, which stays."""
    as_if = state.end_of(record, outcome, now_us())
    changes = {key: value for key, value in as_if.items() if key not in ("state", "finished_us", "error")}
    changes.setdefault("raw_state", outcome.state)
    if outcome.state == "succeeded":
        changes["warnings"] = [*changes.get("warnings", []), CAME, *paid_twice(record)]
    return changes
