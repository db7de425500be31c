"""Adopts the open jobs of kernels that died: watches them on, fetches what is paid, settles the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minimax_nb.catalog import catalog
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.late import is_hoped_for
from minimax_nb.engine.listing import KEPT, is_listed
from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.loop import LEASE, engine
from minimax_nb.engine.owner import is_gone
from minimax_nb.engine.state import is_settled
from minimax_nb.engine.webhook import HOLD
from minimax_nb.errors import ErrorInfo, MiniMaxError
from minimax_nb.kinds import request_class
from minimax_nb.kinds.base import MediaInput, Request
from minimax_nb.lab.job import Job
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.record import Charge, JobRecord, JobState, ResultState
from minimax_nb.providers import provider as find_provider

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

_CRASHED = ErrorInfo(
    "transport",
    "the kernel ended while the request was on its way",
    meaning="The provider may have accepted the request and may charge for it; it is never sent again by itself.",
    next_step="Look in the provider's console; %minimax jobs --unknown lists what you can decide",
)
LATE_DAYS = 30.0  #: how long ago a job was asked for whose late result is still looked for


def free_the_dead(ledger: Ledger) -> int | None:
    """End the leases of processes of this machine that are gone, so that nobody waits for their end.

    Returns
    -------
    int or None
        When the last lease of the other processes runs out, as of now; ``None`` when they hold nothing.
    """
    latest = None
    for owner, until in ledger.leases(now_us()):
        if owner == engine().owner:
            continue
        if is_gone(owner):
            ledger.end_leases(owner).result()
        else:
            latest = max(latest or 0, until)
    return latest


def is_left(record: JobRecord) -> bool:
    """Return True when nobody drives a job any more: its lease is over, or its process is gone."""
    return (record.lease_until_us or 0) <= now_us() or is_gone(record.lease_owner or "")


def adopt(lab: Lab) -> list[Job]:
    """Claim every open job that nobody drives any more and go on with it; one kernel only adopts a job."""
    free_the_dead(lab.ledger)
    now = now_us()
    running = engine()
    adopted = []
    for record in [*lab.ledger.open_jobs(now), *late(lab, now)]:
        watched = record.id in running.jobs and not running.jobs[record.id].done.is_set()
        if watched or not can_go_on(lab, record, now):
            continue
        if lab.ledger.claim(record.id, running.owner, now + int(LEASE * 1e6)):
            # Read again: between the list and the claim another kernel may have had the job, and moved it.
            fresh = lab.ledger.job(record.id)
            if (is_hoped_for(fresh) or not is_settled(fresh)) and can_go_on(lab, fresh, now):
                adopted.append(go_on(lab, fresh))
    _sweep(lab)
    return adopted


def late(lab: Lab, now_us: int) -> list[JobRecord]:
    """Return the jobs that were given up, and of which something may be heard: from a webhook, or from a list."""
    found = lab.ledger.given_up(now_us - int(LATE_DAYS * 86_400e6), now_us)
    return [record for record in found if _may_be_heard_of(lab, record, now_us)]


def _may_be_heard_of(lab: Lab, record: JobRecord, now_us: int) -> bool:
    if record.locator is not None or lab.ledger.deliveries(record.id):
        return True
    return now_us - record.created_us < KEPT * 1e6 and _is_listed(record)


def can_go_on(lab: Lab, record: JobRecord, now_us: int) -> bool:
    """Tell whether anything but a person's word can move the job: an unknown one needs a webhook or a list."""
    if record.state is not JobState.UNKNOWN:
        return True
    age_us = now_us - (record.submitted_us or record.created_us)
    if age_us < KEPT * 1e6 and _is_listed(record):
        return True
    if record.result is ResultState.NONE and lab.spool.has_part(record.id):
        return True  # what came of a stream is not stored yet
    if lab.ledger.webhook_since(record.id) is None:
        return False
    return age_us < HOLD * 1e6 or bool(lab.ledger.deliveries(record.id))


def _is_listed(record: JobRecord) -> bool:
    try:
        return is_listed(find_provider(record.provider), record)
    except MiniMaxError:  # a provider or a model that is here no more
        return False


def _sweep(lab: Lab) -> None:
    def settled(job_id: str) -> bool:
        found = lab.ledger.find(job_id)
        return len(found) == 1 and is_settled(found[0])

    lab.spool.sweep(settled)


def go_on(lab: Lab, record: JobRecord) -> Job:
    """Go on with a job whose lease this process has."""
    if record.state is JobState.NEW:
        return Job(_end(lab, record, JobState.REJECTED, Charge.NOT_CHARGED, _never_sent(record)))
    live = _revive(lab, record)
    if live is None:
        lab.ledger.release(record.id, engine().owner)
        return Job(record)
    live.webhook = lab.ledger.webhook_since(record.id)
    if record.state is JobState.SUBMITTING and live.spooled() is None:
        live.record = _end(lab, record, JobState.UNKNOWN, Charge.UNKNOWN, _CRASHED)
        if live.webhook is None and not _is_listed(record):
            return Job(live.record)
    engine().start(live)
    return Job(live.record, live=live)


def _never_sent(record: JobRecord) -> ErrorInfo:
    """Say what became of a job whose kernel died before it was sent: nobody is there who still wants to pay for it."""
    return ErrorInfo(
        "transport",
        "the kernel ended before the request was sent",
        meaning="Nothing was sent and nothing was charged.",
        next_step=f"To send it now: %minimax resend {record.id}",
    )


def _end(lab: Lab, record: JobRecord, state: JobState, charge: Charge, info: ErrorInfo) -> JobRecord:
    ended = lab.ledger.settle(
        record.id, charge=charge, source="reported", event="adopted", state=state, error=info.to_dict()
    )
    return ended.result()


def _revive(lab: Lab, record: JobRecord) -> LiveJob | None:
    try:
        connection = lab._connections.open(record.provider)
        model = catalog().model(record.provider, record.kind, record.model)
    except MiniMaxError:
        return None
    if connection.account != record.account and not connection.sandbox:
        return None  # the job belongs to another key
    book = lab._book(record.provider)
    plan = lab._plan(connection, request_of(lab, record), model, book, record)
    return LiveJob(record, plan)


def request_of(lab: Lab, record: JobRecord) -> Request | None:
    """Rebuild the typed request from its row, inputs from the media store; ``None`` when an input is gone."""
    try:
        return request_class(record.kind)(
            **{key: _input(lab, value) for key, value in record.request.items()}
        )
    except (MiniMaxError, ValueError):
        return None


def _input(lab: Lab, value: object) -> object:
    if isinstance(value, list):
        return tuple(_input(lab, item) for item in value)
    if isinstance(value, dict) and "sha256" in value:
        stored = lab.store.get(value["sha256"])
        return MediaInput(name=value.get("name", ""), data=stored.path.read_bytes(), mime=value.get("mime"))
    if isinstance(value, dict) and "url" in value:
        return value["url"]
    return value
