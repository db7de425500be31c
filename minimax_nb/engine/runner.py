"""Drives one job from its durable intent to its settled row.

This module alone decides what is re-sent. The paid request is written again only when it is certain
that no job exists; a lost reply makes the job ``unknown`` and it stays so until a person decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from minimax_nb.engine import state
from minimax_nb.engine.billing import settle
from minimax_nb.engine.calls import change, look, send_free
from minimax_nb.engine.collect import collect
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob, error_of
from minimax_nb.engine.pace import backoff
from minimax_nb.errors import ErrorInfo, MiniMaxError, NotSentError, OutcomeUnknownError, ProviderError
from minimax_nb.http import Transport
from minimax_nb.ledger.record import Charge, JobState, ResultState
from minimax_nb.providers.base import Outcome
from minimax_nb.wire import Reply

CONNECT_TRIES = 3
SUBMIT_TRIES = 10
NOT_FOUND_TRIES = 6
NOT_FOUND_GRACE = 60.0  #: seconds after submission in which a provider may not know its own task yet
_STAGES = {JobState.QUEUED: "queued", JobState.RUNNING: "running"}


async def run(job: LiveJob, transport: Transport) -> None:
    """Drive ``job`` as far as it goes; never raises except when the engine stops."""
    try:
        if job.record.state is JobState.NEW:
            await _submit(job, transport)
        if job.record.state in _STAGES:
            await _watch(job, transport)
        if job.record.result is ResultState.AVAILABLE:
            await collect(job, transport)
        job.problem = job.problem or error_of(job.record)
    except MiniMaxError as error:
        error.job_id = error.job_id or job.id
        job.problem = error
    except Exception as error:  # a bug of ours must not lose the job: the row stays open and can be resumed
        job.problem = error
    finally:
        if state.is_settled(job.record):
            job.drop_spool()
        elif job.record.lease_owner:  # whoever resumes the job need not wait for the lease to run out
            job.plan.ledger.release(job.id, job.record.lease_owner)
        job.finish()


# --- submit -----------------------------------------------------------------------------------------


async def _submit(job: LiveJob, transport: Transport) -> None:
    uploaded = await _upload(job, transport)
    if uploaded is None:
        return
    for attempt in range(1, SUBMIT_TRIES + 1):
        await _admit(job)
        if job.cancel_requested:
            ended = {"state": JobState.CANCELLED, "charge": Charge.NOT_CHARGED, "finished_us": now_us()}
            await settle(job, "cancelled before sending", ended)
            return
        outcome = await _send_paid(job, transport, uploaded, attempt)
        if outcome.state == "retry" and _hopeless(outcome, attempt):
            outcome = replace(outcome, state="rejected", charge="not_charged")
        elif outcome.state == "retry" and outcome.error and outcome.error.http_status == 503 and attempt > 1:
            outcome = _unknown(outcome.error)  # once is probably an overloaded edge, twice may be more
        await apply(job, outcome)
        if outcome.state != "retry":
            return
        await _wait_to_resend(job, outcome, attempt)


def _hopeless(outcome: Outcome, attempt: int) -> bool:
    unreachable = outcome.error is not None and outcome.error.category == "transport"
    return attempt >= (CONNECT_TRIES if unreachable else SUBMIT_TRIES)


async def _send_paid(
    job: LiveJob, transport: Transport, uploaded: Mapping[str, str], attempt: int
) -> Outcome:
    connection, request = job.plan.connection, job.plan.request
    assert request is not None, "only a job of this process is submitted"
    call = connection.provider.submit(request, uploaded)
    job.set_stage("sending")
    await change(
        job,
        "submitting",
        state=JobState.SUBMITTING,
        charge=Charge.HELD,
        attempts=attempt,
        submitted_us=now_us(),
    )
    job.set_stage("running" if call.timeout > 60 else "sent")
    try:
        reply = await transport.send(call, host=connection.host, auth=connection.auth, paid=True)
    except NotSentError as error:
        return Outcome("retry", error=error.info, charge="none")
    except OutcomeUnknownError as error:
        return _unknown(error.info or ErrorInfo("transport", error.message))
    except ProviderError as error:
        return Outcome("rejected", error=error.info, charge="not_charged")
    await asyncio.to_thread(job.spool, reply)
    return connection.provider.parse_submit(request, reply)


def _unknown(info: ErrorInfo) -> Outcome:
    lost = replace(
        info,
        meaning="The provider may have accepted the request and may charge for it; it is never sent again by itself.",
        next_step="Look in the provider's console before you run the cell again",
    )
    return Outcome("unknown", error=lost, charge="unknown")


async def _wait_to_resend(job: LiveJob, outcome: Outcome, attempt: int) -> None:
    error = outcome.error
    wait = backoff(attempt - 1, job.jitter, error.retry_after if error else None, job.plan.connection.speed)
    if error and error.category == "rate_limited":
        until = now_us() + int(wait * 1e6)
        await asyncio.to_thread(_pause, job, until)
    why = error.message if error else "the provider asked to wait"
    job.set_stage(f"waiting {wait:.0f} s to send again ({why[:60]})")
    await asyncio.sleep(wait)


def _pause(job: LiveJob, until_us: int) -> None:
    job.plan.ledger.pause(job.plan.connection.account, job.plan.model.rpm_class, until_us)


async def _admit(job: LiveJob) -> None:
    """Wait for a place under the account's requests-per-minute limit, shared with all kernels."""
    rpm, plan = job.plan.rpm, job.plan
    if not rpm:
        return
    window_us = int(60e6 / plan.connection.speed)
    now = now_us()
    due = await asyncio.to_thread(
        plan.ledger.admit,
        plan.connection.account,
        plan.model.rpm_class,
        limit=rpm,
        window_us=window_us,
        now_us=now,
    )
    while (left := (due - now_us()) / 1e6) > 0 and not job.cancel_requested:
        job.set_stage(f"waiting for the {rpm}/min limit, {left:.0f} s")
        await asyncio.sleep(min(left, 0.5))


async def _upload(job: LiveJob, transport: Transport) -> dict[str, str] | None:
    """Upload inputs that the provider wants first; they are free and safe to repeat."""
    connection, request = job.plan.connection, job.plan.request
    assert request is not None
    done: dict[str, str] = {}
    for upload in connection.provider.uploads(request):
        job.set_stage(f"uploading {upload.media.name}")
        call = connection.provider.upload_call(upload)
        reply = await send_free(call, job, transport)
        answer = connection.provider.parse_upload(reply) if isinstance(reply, Reply) else reply
        if isinstance(answer, ErrorInfo):
            await settle(job, "upload refused", state.rejected_changes(answer, now_us()))
            return None
        done[upload.field] = answer
    return done


# --- watch ------------------------------------------------------------------------------------------


async def apply(job: LiveJob, outcome: Outcome) -> None:
    """Write what one reply says of the job, settle its cost when it ended, and show it."""
    changes = state.changes_of(job.record, outcome, now_us())
    job.outputs = outcome.outputs or job.outputs
    event = outcome.raw_state or outcome.state
    if JobState(changes.get("state", job.record.state)).terminal:
        await settle(job, event, changes, outcome)
    elif changes:
        await change(job, event, **changes)
    if job.record.state in _STAGES:
        job.set_stage(_STAGES[job.record.state])


async def _watch(job: LiveJob, transport: Transport) -> None:
    connection, locator = job.plan.connection, job.record.locator
    assert locator is not None, "a queued job can be looked up"
    job.set_stage(_STAGES[job.record.state])
    gaps = job.plan.pace.gaps(job.jitter)
    misses = 0
    while not job.record.state.terminal:
        await asyncio.sleep(next(gaps))
        outcome = await look(job, transport)
        if outcome.state != "retry":
            misses = 0
            await apply(job, outcome)
            continue
        misses += 1
        if _is_lost(job, outcome, misses):
            await _lose(job, outcome)
            return
        await asyncio.sleep(
            backoff(
                misses - 1, job.jitter, outcome.error.retry_after if outcome.error else None, connection.speed
            )
        )


def _is_lost(job: LiveJob, outcome: Outcome, misses: int) -> bool:
    error = outcome.error
    age = (now_us() - (job.record.submitted_us or job.record.created_us)) / 1e6
    if job.plan.connection.sandbox:  # a sandbox that is gone took its tasks along
        return (
            misses >= NOT_FOUND_TRIES and error is not None and error.category in ("not_found", "transport")
        )
    return (
        misses >= NOT_FOUND_TRIES
        and age > NOT_FOUND_GRACE
        and error is not None
        and error.category == "not_found"
    )


async def _lose(job: LiveJob, outcome: Outcome) -> None:
    info = outcome.error or ErrorInfo("not_found", "the provider no longer knows the task")
    await change(
        job, "lost", state=JobState.LOST, charge=Charge.UNKNOWN, error=info.to_dict(), finished_us=now_us()
    )
