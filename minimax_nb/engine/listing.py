"""Finds the task of a lost reply in the provider's list, where there is one.

The list tells neither prompt nor token, so a task counts as the job's only when it is the only one that can
be: made while the request was on its way, with the request's model and settings, no other job's, and wanted
by no other job whose reply was lost as well. Any doubt, and the job stays unknown: a task that is not listed
is no proof that there is none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob
from minimax_nb.errors import ErrorInfo, NotSentError, OutcomeUnknownError
from minimax_nb.http import Transport
from minimax_nb.ledger.record import JobRecord, JobState
from minimax_nb.providers.base import HasList, Listed, Outcome, Provider
from minimax_nb.wire import Reply

HOLD = 60.0  #: seconds in which a task that was just made must show up in the list
KEPT = 86_400.0  #: seconds in which a new kernel looks by itself; lists reach further back, memories do not
SENT_WITHIN = 300.0  #: seconds in which a request of a kernel that died was on its way
SLACK = 2.0  #: seconds; the list's times and the reply's own date are whole ones
PAGES = 20
NOTE = "its reply was lost; it was found in the provider's list by model, settings and time"
_LOST = (JobState.SUBMITTING, JobState.UNKNOWN, JobState.ABANDONED)
#: What tells two jobs of one model apart in a list, of the facts that prices depend on.
_TOLD = ("model", "duration", "resolution")


def is_listed(provider: Provider, record: JobRecord) -> bool:
    """Tell whether the provider lists tasks like this job's."""
    return isinstance(provider, HasList) and provider.lists(record.kind, record.model)


async def from_list(job: LiveJob, transport: Transport) -> dict[str, Outcome]:
    """Return the task that can only be the job's, by its id; empty when there is none or more than one."""
    provider, record = job.plan.connection.provider, job.record
    if job.plan.request is None or not is_listed(provider, record):
        return {}
    begin, end = await asyncio.to_thread(_window, job, record)
    tasks = await _tasks(job, transport, begin - SLACK, end + SLACK)
    ledger, open_ = job.plan.ledger, []
    for task in tasks:
        holder = await asyncio.to_thread(ledger.task_holder, record.provider, task.task_id)
        if holder in (None, job.id):
            open_.append(task)
    if len(open_) != 1:
        return {}
    (found,) = open_
    if await asyncio.to_thread(_is_wanted, job, found.created or 0.0):
        return {}
    return {found.task_id: Outcome("queued", task_id=found.task_id, locator=found.locator)}


def _window(job: LiveJob, record: JobRecord) -> tuple[float, float]:
    """Return when a job's request can have been accepted, in seconds since 1970 by the local clock."""
    begin = (record.submitted_us or record.created_us) / 1e6
    lost = [
        event.at_us / 1e6 for event in job.plan.ledger.events(record.id) if event.state == JobState.UNKNOWN
    ]
    return begin, min([*lost[:1], begin + SENT_WITHIN])


async def _tasks(job: LiveJob, transport: Transport, begin: float, end: float) -> list[Listed]:
    """Return the listed tasks that fit and were made in a span of local time, with that time."""
    provider, request = job.plan.connection.provider, job.plan.request
    assert isinstance(provider, HasList)
    assert request is not None
    connection, found = job.plan.connection, dict[str, Listed]()
    for page in range(1, PAGES + 1):
        call = provider.list_call(request, page)
        try:
            reply = await transport.send(call, host=connection.host, auth=connection.auth)
        except (NotSentError, OutcomeUnknownError):
            return []
        tasks = provider.parse_list(request, reply)
        if isinstance(tasks, ErrorInfo):
            return []
        ahead = _ahead(reply)
        times = [task.created - ahead for task in tasks if task.created is not None]
        for task in tasks:
            made = None if task.created is None else task.created - ahead
            if task.fits and made is not None and begin <= made <= end:
                found[task.task_id] = Listed(task.task_id, task.locator, made, True)
        if not times or min(times) < begin:
            return list(found.values())
    return []  # more tasks than anybody looks through: nothing is certain


def _ahead(reply: Reply) -> float:
    """Return by how many seconds the provider's clock is ahead of ours; 0 where its reply has no date."""
    try:
        told = parsedate_to_datetime(reply.headers.get("date", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    return told.timestamp() - now_us() / 1e6


def _is_wanted(job: LiveJob, made: float) -> bool:
    """Tell whether a task of that moment can be another job's as well, whose reply is lost or still to come."""
    mine = _told(job.record.facts)
    for other in _rivals(job):
        begin, end = _window(job, other)
        if other.state is JobState.SUBMITTING:
            end = begin + SENT_WITHIN
        if begin - SLACK <= made <= end + SLACK and _told(other.facts) == mine:
            return True
    return False


def _rivals(job: LiveJob) -> Iterator[JobRecord]:
    record = job.record
    since = datetime.fromtimestamp(record.created_us / 1e6, UTC) - timedelta(days=1)
    for state in _LOST:
        lost = job.plan.ledger.jobs(
            state=state, limit=10_000, since=since, provider=record.provider, kind=record.kind
        )
        for other in lost:
            if other.id != record.id and other.task_id is None and other.account == record.account:
                yield other


def _told(facts: Mapping[str, Any]) -> tuple[Any, ...]:
    known = facts.get("price_facts")
    return tuple(known.get(name) for name in _TOLD) if isinstance(known, Mapping) else ()
