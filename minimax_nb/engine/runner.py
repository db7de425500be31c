"""Drives one job from its durable intent to its settled row.

This module alone decides what is re-sent. The paid request is written again only when it is certain
that no job exists; a lost reply makes the job ``unknown`` and it stays so until a person decides.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace

from minimax_nb.engine import state
from minimax_nb.engine.admission import begin, freed, leave_slot
from minimax_nb.engine.billing import settle
from minimax_nb.engine.calls import change, look
from minimax_nb.engine.collect import collect
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.late import is_hoped_for, look_after
from minimax_nb.engine.listing import is_listed
from minimax_nb.engine.live import LiveJob, error_of
from minimax_nb.engine.pace import backoff
from minimax_nb.engine.partial import keep_partial
from minimax_nb.engine.reading import Reading, read
from minimax_nb.engine.streaming import cut_off, deliver, ear_for, remarked
from minimax_nb.engine.uploads import Uploaded, filled, upload_inputs
from minimax_nb.engine.webhook import nap, recover, register, reported
from minimax_nb.errors import (
    ErrorInfo,
    MediaError,
    MiniMaxError,
    NotSentError,
    OutcomeUnknownError,
    ProviderError,
)
from minimax_nb.http import Transport
from minimax_nb.ledger.record import Charge, JobState, ResultState
from minimax_nb.providers.base import Outcome
from minimax_nb.wire import HttpCall

CONNECT_TRIES = 3
SUBMIT_TRIES = 10
NOT_FOUND_TRIES = 6
NOT_FOUND_GRACE = 60.0  #: seconds after submission in which a provider may not know its own task yet
_STAGES = {JobState.QUEUED: "queued", JobState.RUNNING: "running"}


async def run(job: LiveJob, transport: Transport) -> None:
    """Drive ``job`` as far as it goes; never raises except when the engine stops."""
    try:
        if job.record.state is JobState.NEW or job.begun:
            await _submit(job, transport)
        elif job.record.state is JobState.SUBMITTING:
            await _read_spool(job)
        if job.record.state is JobState.UNKNOWN and _can_be_found(job):
            told = await recover(job, transport)
            if told is not None:
                await apply(job, told)
        if job.record.state in _STAGES:
            await _watch(job, transport)
        if is_hoped_for(job.record):
            await look_after(job, transport)
        if job.record.result is ResultState.AVAILABLE:
            await collect(job, transport)
        await keep_partial(job)
        job.problem = job.problem or error_of(job.record)
    except MiniMaxError as error:
        error.job_id = error.job_id or job.id
        job.problem = error
    except Exception as error:  # a bug of ours must not lose the job: the row stays open and can be resumed
        job.problem = error
    finally:
        let_go(job)


def _can_be_found(job: LiveJob) -> bool:
    return job.webhook is not None or is_listed(job.plan.connection.provider, job.record)


def let_go(job: LiveJob) -> None:
    """End this process's work on the job: what is left of it may be taken up by another at once."""
    settled = state.is_settled(job.record)
    if settled:
        job.drop_spool()
    if job.owner and (not settled or job.record.state is JobState.ABANDONED):
        with contextlib.suppress(MiniMaxError):  # a ledger closed before its jobs were done
            job.plan.ledger.release(job.id, job.owner)
    job.finish()


# --- submit -----------------------------------------------------------------------------------------


async def _submit(job: LiveJob, transport: Transport) -> None:
    uploaded = await _upload(job, transport)
    if uploaded is None:
        return
    for attempt in range(1, SUBMIT_TRIES + 1):
        call = await _call(job, uploaded.ids, attempt)
        if job.begun:
            job.begun = False
        elif not await begin(job, transport, attempt):
            ended = {"state": JobState.CANCELLED, "charge": Charge.NOT_CHARGED, "finished_us": now_us()}
            await settle(job, "cancelled before sending", ended)
            return
        try:
            heard = await _send_paid(job, transport, call)
            outcome = heard.outcome
            renew = outcome.stale_upload and bool(uploaded.reused) and attempt < SUBMIT_TRIES
            if renew:  # rejected, so no job exists: it may be sent again, once its files are there
                outcome = replace(outcome, state="retry", charge="none")
            elif outcome.state == "retry":
                outcome = _or_give_up(outcome, attempt, last=_hopeless(outcome, attempt))
            await apply(job, outcome, heard, learn=True)
        finally:
            job.sending = False
            leave_slot(job, transport)
        if outcome.state != "retry":
            return
        if not renew:
            await _wait_to_resend(job, outcome, attempt)
        elif (uploaded := await _upload(job, transport, uploaded)) is None:
            return


async def _read_spool(job: LiveJob) -> None:
    """Go on where a kernel died between the reply to the paid request and the row that tells of it."""
    reply, request = job.spooled(), job.plan.request
    if reply is None or request is None:
        return
    if job.broke_off:
        await apply(
            job, await _cut_off(job, ErrorInfo("transport", "the kernel ended while the result came"))
        )
        return
    outcome = job.plan.connection.provider.parse_submit(request, reply)
    if outcome.state == "retry":  # no job exists, and whoever resumes asked for no new one
        outcome = _or_give_up(outcome, job.record.attempts, last=True)
    await apply(job, outcome)


def _or_give_up(outcome: Outcome, attempt: int, *, last: bool) -> Outcome:
    """Return what a refusal that may be sent again comes to after ``attempt`` tries."""
    if outcome.error and outcome.error.http_status == 503 and attempt > 1:
        return _unknown(outcome.error)  # once is probably an overloaded edge, twice may be more
    return replace(outcome, state="rejected", charge="not_charged") if last else outcome


def _hopeless(outcome: Outcome, attempt: int) -> bool:
    unreachable = outcome.error is not None and outcome.error.category == "transport"
    return attempt >= (CONNECT_TRIES if unreachable else SUBMIT_TRIES)


async def _call(job: LiveJob, uploaded: Mapping[str, str], attempt: int) -> HttpCall:
    webhook = await register(job, attempt)
    call = job.plan.connection.provider.submit(filled(job), uploaded, webhook)
    job.set_stage("sending")
    return reported(job, call)


async def _send_paid(job: LiveJob, transport: Transport, call: HttpCall) -> Reading:
    job.set_stage("running" if call.timeout > 60 else "sent")
    try:
        reply = await deliver(job, transport, call, ear_for(job, call))
        leave_slot(job, transport)
    except NotSentError as error:
        return Reading(Outcome("retry", error=error.info, charge="none"))
    except OutcomeUnknownError as error:
        return Reading(await _cut_off(job, error.info or ErrorInfo("transport", error.message)))
    except ProviderError as error:
        return Reading(Outcome("rejected", error=error.info, charge="not_charged"))
    heard = await read(job, reply)
    return heard if job.dictation is None else replace(heard, outcome=remarked(job, heard.outcome))


async def _cut_off(job: LiveJob, info: ErrorInfo) -> Outcome:
    """Return what a lost reply comes to: unknown, but for a stream whose end had come."""
    found = await asyncio.to_thread(cut_off, job, info) if job.broke_off else None
    return found or _unknown(info)


def _unknown(info: ErrorInfo) -> Outcome:
    lost = replace(
        info,
        meaning="The provider may have accepted the request and may charge for it; it is never sent again by itself.",
        next_step="Look in the provider's console; %minimax jobs --unknown lists what you can decide",
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


async def _upload(job: LiveJob, transport: Transport, stale: Uploaded | None = None) -> Uploaded | None:
    """Upload inputs that the provider wants first; ``None`` when that failed and the job is rejected."""
    done: Uploaded | ErrorInfo
    try:
        done = await upload_inputs(job, transport, stale)
    except MediaError as error:
        job.problem = error
        done = error.info or ErrorInfo("input_media_unusable", error.message)
    if isinstance(done, ErrorInfo):
        await settle(job, "upload refused", state.rejected_changes(done, now_us()))
        return None
    return done


# --- watch ------------------------------------------------------------------------------------------


async def apply(job: LiveJob, outcome: Outcome, heard: Reading | None = None, *, learn: bool = False) -> None:
    """Write what one reply says of the job, settle its cost when it ended, and show it.

    Parameters
    ----------
    outcome
        What the reply says.
    heard
        What it brought, where it is the reply to the paid request.
    learn
        Later jobs may learn from when it came.
    """
    changes = state.changes_of(job.record, outcome, now_us())
    brought = heard or Reading(outcome)
    if brought.rows:
        changes |= {"result": state.stored_as(outcome), "stored_us": now_us()}
        job.media += brought.media
    job.outputs = outcome.outputs or job.outputs
    event = outcome.raw_state or outcome.state
    if JobState(changes.get("state", job.record.state)).terminal:
        await settle(job, event, changes, outcome, files=brought.rows, flush=brought.flush, learn=learn)
    elif changes:
        await change(job, event, flush=brought.flush, **changes)
    if job.record.state in _STAGES:
        job.set_stage(_STAGES[job.record.state])
    else:
        freed(job)


async def _watch(job: LiveJob, transport: Transport) -> None:
    connection, locator = job.plan.connection, job.record.locator
    assert locator is not None, "a queued job can be looked up"
    job.set_stage(_STAGES[job.record.state])
    pace, misses = job.plan.pace, 0
    await asyncio.to_thread(pace.ask)
    wait = pace.wait(job.worked, job.jitter)
    while not job.record.state.terminal:
        await nap(job, wait)
        outcome = await look(job, transport)
        if outcome.state != "retry":
            misses = 0
            pace.saw(job.worked, outcome.state, outcome.eta)
            await apply(job, outcome, learn=True)
            wait = pace.wait(job.worked, job.jitter)
            continue
        misses += 1
        if _is_lost(job, outcome, misses):
            await _lose(job, outcome)
            return
        asked = outcome.error.retry_after if outcome.error else None
        wait = backoff(misses - 1, job.jitter, asked, connection.speed)
        wait += pace.wait(job.worked, job.jitter) if asked is None else 0


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
