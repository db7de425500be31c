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
from minimax_nb.engine.calls import change, look
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob
from minimax_nb.http import Transport
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.record import Charge, JobRecord, JobState
from minimax_nb.providers.base import Outcome
from minimax_nb.webhooks.tokens import new_token, token_hash

LOOK = 1.0  #: seconds between two looks into the ledger for deliveries
HOLD = 900.0  #: seconds a lost reply is waited out, and three typical durations where that is longer
SHORTEST_HOLD = 5.0  #: real seconds, however fast the sandbox is
AGAIN = 5.0  #: seconds between two rounds of asking for what the webhook named
CONFIRM_TRIES = 12  #: a provider may not know its own task for a minute
TWICE = "a webhook names a second task for this job; the provider may have charged twice"
_LONGEST_ID = 256


async def register(job: LiveJob, attempt: int) -> str | None:
    """Return the address that a paid request is to carry, its token durable; ``None`` where it carries none."""
    connection = job.plan.connection
    if not connection.webhook or job.record.kind not in connection.provider.webhook_kinds:
        return None
    token = new_token()
    written = job.plan.ledger.add_webhook(token_hash(token), job.id, attempt, connection.provider.name)
    job.webhook = await asyncio.wrap_future(written)
    return f"{connection.webhook}/{token}"


async def nap(job: LiveJob, seconds: float) -> None:
    """Sleep, but not longer than until a delivery comes."""
    if job.webhook is None:
        await asyncio.sleep(seconds)
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await job.woken.wait()
    if job.woken.is_set():
        job.woken.clear()
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
    if job.done.is_set() and job.record.state is JobState.UNKNOWN:
        await again(job)


def _hopes(job: LiveJob) -> bool:
    return not job.done.is_set() or job.record.state is JobState.UNKNOWN


async def recover(job: LiveJob, transport: Transport) -> Outcome | None:
    """Find the task of a lost reply in what the webhook brings.

    Returns
    -------
    Outcome or None
        What the provider says of the task, once it confirmed that it has it; the row has the task
        then. ``None`` when nothing came in time: only a person can say what became of the job.
    """
    misses: Counter[str] = Counter()
    while True:
        for task_id, found in (await _candidates(job, misses)).items():
            outcome = await look(job, transport, found.locator)
            if outcome.state != "retry":
                await change(
                    job,
                    "found by webhook",
                    state=JobState.QUEUED,
                    charge=Charge.HELD,
                    task_id=task_id,
                    locator=dict(found.locator or {}),
                    error=None,
                    http_status=None,
                )
                return replace(outcome, task_id=task_id, locator=found.locator)
            misses[task_id] += outcome.error is not None and outcome.error.category == "not_found"
        left = hold_of(job.plan.model, job.plan.connection.speed) - _age(job.record)
        if left <= 0:
            return None
        job.set_stage("reply lost, waiting for the webhook")
        await nap(job, min(left, AGAIN))
        job.record = await asyncio.to_thread(job.plan.ledger.job, job.id)
        if job.record.state is not JobState.UNKNOWN:  # somebody decided
            return None


def hold_of(model: Model, speed: float) -> float:
    """Return the seconds after sending in which a webhook may still tell of a lost reply."""
    return max(SHORTEST_HOLD, max(HOLD, 3 * model.typical_seconds) / speed)


def _age(record: JobRecord) -> float:
    return (now_us() - (record.submitted_us or record.created_us)) / 1e6


async def _candidates(job: LiveJob, misses: Mapping[str, int]) -> dict[str, Outcome]:
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
