"""Webhooks, from the engine's side: an address for each paid request, and what a delivery is good for.

A delivery is a hint and nothing more. It wakes a job that waits for its next look, and for a job whose
reply was lost it tells which task to ask for; the provider's own answer decides.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from minimax_nb.catalog import Model
from minimax_nb.engine import listing
from minimax_nb.engine.calls import change, look
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob
from minimax_nb.http import Transport
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.record import Charge, JobRecord, JobState
from minimax_nb.providers.base import Outcome, ReportsProgress
from minimax_nb.webhooks.tokens import new_token, token_hash
from minimax_nb.wire import HttpCall

LOOK = 1.0  #: seconds between two looks into the ledger for deliveries
HOLD = 900.0  #: seconds a lost reply is waited out, and three typical durations where that is longer
SHORTEST_HOLD = 5.0  #: real seconds, however fast the sandbox is
AGAIN = 5.0  #: seconds between two rounds of asking for what the webhook named
CONFIRM_TRIES = 12  #: a provider may not know its own task for a minute
TWICE = "a webhook names a second task for this job; the provider may have charged twice"
_LONGEST_ID = 256
_LOST = (JobState.UNKNOWN, JobState.ABANDONED)


async def register(job: LiveJob, attempt: int) -> str | None:
    """Return the address that a paid request is to carry, its token durable; ``None`` where it carries none."""
    connection = job.plan.connection
    if not connection.webhook or job.record.kind not in connection.provider.webhook_kinds:
        return None
    token = new_token()
    written = job.plan.ledger.add_webhook(token_hash(token), job.id, attempt, connection.provider.name)
    job.webhook = await asyncio.wrap_future(written)
    return f"{connection.webhook}/{token}"


def reported(job: LiveJob, call: HttpCall) -> HttpCall:
    """Return the paid request, asking for a report at every step where the user wants that and it can be had."""
    connection = job.plan.connection
    wanted = job.webhook is not None and connection.progress
    provider = connection.provider
    return provider.with_progress(call) if wanted and isinstance(provider, ReportsProgress) else call


async def nap(job: LiveJob, seconds: float) -> None:
    """Sleep, but not longer than until a delivery comes or somebody wants a look."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await job.woken.wait()
    if job.woken.is_set():
        job.woken.clear()
        if job.webhook is not None:
            await _compare(job)


async def _compare(job: LiveJob) -> None:
    """Warn when a delivery names another task than the job's: two requests of it were accepted."""
    plan, known = job.plan, job.record.task_id
    if known is None or plan.request is None:
        return
    for body in await asyncio.to_thread(plan.ledger.deliveries, job.id):
        told = plan.connection.provider.adopt(plan.request, body)
        if told and told.task_id != known and TWICE not in job.record.warnings:
            await change(job, "webhook names another task", warnings=[TWICE])


async def listen(jobs: Mapping[str, LiveJob], again: Callable[[LiveJob], Awaitable[None]]) -> None:
    """Wake jobs when something came in for them, as long as the engine runs.

    Parameters
    ----------
    jobs
        The jobs of this process by id.
    again
        Drives a job whose hold had ended without a word, once there is one.
    """
    seen: dict[Ledger, int] = {}
    while True:
        await asyncio.sleep(LOOK)
        waiting = [job for job in list(jobs.values()) if job.webhook is not None and _hopes(job)]
        seen = {job.plan.ledger: seen.get(job.plan.ledger, 0) for job in waiting}
        for ledger in seen:
            since = seen[ledger] or min(job.webhook or 0 for job in waiting if job.plan.ledger is ledger)
            with contextlib.suppress(Exception):  # a closed or busy ledger; polling goes on in any case
                news = await asyncio.to_thread(ledger.webhook_news, since)
                seen[ledger] = news[-1][0] if news else since
                for job_id in {job_id for _, job_id in news}:
                    # Looked up only now: the job may be younger than the list above.
                    job = jobs.get(job_id)
                    if job is not None and job.plan.ledger is ledger:
                        await _wake(job, again)


async def _wake(job: LiveJob, again: Callable[[LiveJob], Awaitable[None]]) -> None:
    job.woken.set()
    if job.done.is_set() and job.record.state in _LOST:
        await again(job)


def _hopes(job: LiveJob) -> bool:
    return not job.done.is_set() or job.record.state in _LOST


async def recover(job: LiveJob, transport: Transport) -> Outcome | None:
    """Find the task of a lost reply in what the webhook brings, or in the provider's list.

    Returns
    -------
    Outcome or None
        What the provider says of the task, once it confirmed that it has it; the row has the task
        then. ``None`` when nothing came in time: only a person can say what became of the job.
    """
    misses: Counter[str] = Counter()
    waits = "waiting for the webhook" if job.webhook is not None else "looking for it in the provider's list"
    while True:
        by, told = "webhook", await candidates(job, misses)
        if not told:
            by, told = "list", await listing.from_list(job, transport)
        for task_id, found in told.items():
            outcome = await look(job, transport, found.locator)
            if outcome.state != "retry":
                await change(
                    job,
                    f"found by {by}",
                    state=JobState.QUEUED,
                    charge=Charge.HELD,
                    task_id=task_id,
                    locator=dict(found.locator or {}),
                    error=None,
                    http_status=None,
                    warnings=[*([listing.NOTE] if by == "list" else []), *paid_twice(job.record)],
                )
                return replace(outcome, task_id=task_id, locator=found.locator)
            misses[task_id] += outcome.error is not None and outcome.error.category == "not_found"
        hold = hold_of(job.plan.model, job.plan.connection.speed)
        left = (hold if job.webhook is not None else listing.HOLD) - _age(job.record)
        if left <= 0:
            return None
        job.set_stage(f"reply lost, {waits}")
        await nap(job, min(left, AGAIN))
        job.record = await asyncio.to_thread(job.plan.ledger.job, job.id)
        if job.record.state is not JobState.UNKNOWN:  # somebody decided
            return None


def paid_twice(record: JobRecord) -> list[str]:
    """Return what to say when a job whose reply was lost turns out to exist, and was sent again meanwhile."""
    again = record.facts.get("resent_as")
    return [f"it was sent again as job {again}: both exist, and both may have been charged"] if again else []


def hold_of(model: Model, speed: float) -> float:
    """Return the seconds after sending in which a webhook may still tell of a lost reply."""
    return max(SHORTEST_HOLD, max(HOLD, 3 * model.typical_seconds) / speed)


def _age(record: JobRecord) -> float:
    return (now_us() - (record.submitted_us or record.created_us)) / 1e6


async def candidates(job: LiveJob, misses: Mapping[str, int]) -> dict[str, Outcome]:
    """Return the tasks that deliveries name, without those of other jobs and those the provider does not have."""
    plan, request = job.plan, job.plan.request
    if request is None:
        return {}
    found: dict[str, Outcome] = {}
    for body in await asyncio.to_thread(plan.ledger.deliveries, job.id):
        told = plan.connection.provider.adopt(request, body)
        task_id = told.task_id if told else None
        if (
            told is None
            or not task_id
            or len(task_id) > _LONGEST_ID
            or misses.get(task_id, 0) >= CONFIRM_TRIES
        ):
            continue
        holder = await asyncio.to_thread(plan.ledger.task_holder, job.record.provider, task_id)
        if holder in (None, job.id):
            found[task_id] = told
    return found
