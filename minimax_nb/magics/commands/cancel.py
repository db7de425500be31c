"""``%minimax cancel ID``: stop a job that was not sent yet."""

from __future__ import annotations

from typing import Any

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger.record import JobState
from minimax_nb.magics.context import Context
from minimax_nb.magics.rows import find_job
from minimax_nb.render.words import cost_of, stage_of


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Cancel a job of this kernel before it is sent; later nothing can stop it, and that is said."""
    job = find_job(context, "cancel", words)
    if job.cancel():
        context.show(f"Job {job.id} is cancelled: it was not sent and costs nothing.")
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
    raise RequestInvalidError(
        f"{record.provider} has no cancel: job {job.id} is sent, goes on and is charged ({cost_of(record)})"
    )
