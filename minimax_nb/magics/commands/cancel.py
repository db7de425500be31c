"""``%minimax cancel ID``: stop a job that was not sent yet, or that its provider still lets go."""

from __future__ import annotations

from typing import Any

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger.record import JobRecord, JobState
from minimax_nb.magics.context import Context
from minimax_nb.magics.rows import find_job
from minimax_nb.providers import provider as find_provider
from minimax_nb.providers.base import HasCancel
from minimax_nb.render.words import cost_of, stage_of


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Cancel a job of this kernel; where nothing can stop it any more, that is said."""
    job = find_job(context, "cancel", words)
    if job.cancel():
        sent = "no longer waits at the provider" if job.record.task_id else "was not sent"
        context.show(f"Job {job.id} is cancelled: it {sent} and costs nothing.")
        return
    record = job.record
    if record.state.terminal:
        raise RequestInvalidError(f"job {job.id} is over ({stage_of(record)}); there is nothing to cancel")
    if record.state is JobState.UNKNOWN:
        raise RequestInvalidError(
            f"job {job.id} was sent and its reply was lost, so it cannot be cancelled",
            hint=f"%minimax abandon {job.id} gives it up",
        )
    if record.state is JobState.NEW:
        raise RequestInvalidError(
            f"job {job.id} is in the hands of another kernel, and only that one can cancel it"
        )
    no = "cancels no work that has begun" if _could(record) else "has no cancel"
    raise RequestInvalidError(
        f"{record.provider} {no}: job {job.id} is sent, goes on and is charged ({cost_of(record)})"
    )


def _could(record: JobRecord) -> bool:
    """Return whether the job could have been cancelled while it waited."""
    provider = find_provider(record.provider)
    return isinstance(provider, HasCancel) and provider.cancel_call(record.locator or {}) is not None
