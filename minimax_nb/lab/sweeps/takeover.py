"""A sweep's jobs that another process left open, or still drives: found again, and gone on with, never sent twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.loop import LEASE, engine, running_engine
from minimax_nb.engine.state import is_settled
from minimax_nb.errors import MiniMaxError
from minimax_nb.lab.job import Job
from minimax_nb.lab.resume import can_go_on, free_the_dead, go_on, is_left
from minimax_nb.ledger.record import JobRecord, JobState

if TYPE_CHECKING:
    from minimax_nb.lab import Lab
    from minimax_nb.lab.asking import Priced


def handle(lab: Lab, record: JobRecord) -> Job:
    """Return the handle of a job, the live one where this process drives it."""
    running = running_engine()
    return lab._handle(record, running.jobs if running else {})


def is_driven(record: JobRecord) -> bool:
    """Return True for a job that this process drives at the moment."""
    running = running_engine()
    live = running.jobs.get(record.id) if running else None
    return live is not None and not live.done.is_set()


def take_over(lab: Lab, records: Sequence[JobRecord], requests: Mapping[str, Priced]) -> set[str]:
    """Go on with the open jobs that no process holds.

    Parameters
    ----------
    lab
        The lab.
    records
        Jobs of the sweep.
    requests
        Their requests by fingerprint. A job that was written and never sent is sent now, as it is.

    Returns
    -------
    set of str
        The ids of those that this process drives from now on.
    """
    now = now_us()
    free = [
        record
        for record in records
        if not is_settled(record)
        and not is_driven(record)
        and is_left(record)
        and can_go_on(lab, record, now)
        and _is_ours(lab, record)
    ]
    if not free:
        return set()
    if any((record.lease_until_us or 0) > now for record in free):
        free_the_dead(lab.ledger)
    owner, until = engine().owner, now + int(LEASE * 1e6)
    claims = [(record, lab.ledger.claim_async(record.id, owner, until)) for record in free]
    won = [record for record, claim in claims if claim.result()]
    for record in won:
        # Read again: between the list and the claim another kernel may have had the job, and moved it.
        _go_on(lab, lab.ledger.job(record.id), requests)
    return {record.id for record in won}


def _go_on(lab: Lab, fresh: JobRecord, requests: Mapping[str, Priced]) -> None:
    priced = requests.get(fresh.fingerprint)
    if is_settled(fresh):
        lab.ledger.release(fresh.id, engine().owner).result()
    elif fresh.state is JobState.NEW and priced is not None:
        connection = lab._connections.open(fresh.provider)
        plan = lab._plan(connection, priced.request, priced.model, priced.book, fresh)
        engine().start(LiveJob(fresh, plan))
    else:
        go_on(lab, fresh)


def _is_ours(lab: Lab, record: JobRecord) -> bool:
    """Return True for a job of the key, or of the very sandbox, that this lab has."""
    if record.sandbox != lab._connections.uses_sandbox:
        return False
    try:
        return lab._connections.open(record.provider).account == record.account
    except MiniMaxError:
        return False
