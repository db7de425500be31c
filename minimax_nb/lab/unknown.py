"""What a person decides about a job whose outcome nobody can tell: send it again, or give it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minimax_nb.amounts import money
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.loop import LEASE, engine
from minimax_nb.errors import RequestInvalidError
from minimax_nb.lab.intent import Asked
from minimax_nb.lab.job import Job
from minimax_nb.lab.resume import request_of
from minimax_nb.ledger.record import Charge, JobRecord, JobState, ResultState
from minimax_nb.render.words import amount_of, stage_of

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

#: States in which a result is missing and the job will bring none by itself.
_RESENDABLE = frozenset(
    {
        JobState.UNKNOWN,
        JobState.ABANDONED,
        JobState.FAILED,
        JobState.LOST,
        JobState.EXPIRED,
        JobState.REJECTED,
    }
)


def resend(lab: Lab, job_id: str, *, approved: bool = False, allow_unpriced: bool = False) -> Job:
    """Send a job's request again as a new job; the old one stays as it is, and so does what it may have cost.

    Raises
    ------
    RequestInvalidError
        The job has a result or may still bring one, was sent again already, or its inputs are gone.
    """
    running = engine()
    owner, until = running.owner, now_us() + int(LEASE * 1e6)
    # Held while the new row is written: two kernels, or a cell that is run twice, pay once.
    if not lab.ledger.claim(job_id, owner, until):
        raise RequestInvalidError(f"job {job_id} is in the hands of another kernel; look at it later")
    try:
        old = lab.ledger.job(job_id)
        _check(lab, old)
        request = request_of(lab, old)
        if request is None:
            raise RequestInvalidError(
                f"job {old.id} cannot be made again: an input is gone from the media store, or its row is"
                " of another version"
            )
        asked = Asked(
            tags=old.tags,
            name=old.name,
            template=old.template,
            approved=approved,
            allow_unpriced=allow_unpriced,
            facts={"resent_from": old.id},
            warnings=(_note(old),),
            batch=old.batch,
            axes=old.axes,
        )
        job = lab._ask(request, old.provider, asked, reuse=False)
        lab.ledger.update_job(old.id, event="sent again", facts={"resent_as": job.id}).result()
        return job
    finally:
        live = running.jobs.get(job_id)
        if live is None or live.done.is_set():  # else it still waits for its webhook here
            lab.ledger.release(job_id, owner).result()


def _check(lab: Lab, old: JobRecord) -> None:
    if old.state not in _RESENDABLE:
        can = "only a job that is unknown, given up, refused or failed can"
        raise RequestInvalidError(f"job {old.id} is {stage_of(old)} and is not sent again: {can}")
    if old.state is JobState.ABANDONED and old.task_id and old.result is not ResultState.NONE:
        came = "it came after the job was given up"
        raise RequestInvalidError(f"job {old.id} has a result: {came} (%minimax wait {old.id})")
    again = old.facts.get("resent_as")
    if again:
        new = lab.ledger.job(str(again))
        if new.charge is not Charge.NOT_CHARGED:
            raise RequestInvalidError(f"job {old.id} was sent again already, as {new.id} ({stage_of(new)})")
    if old.sandbox != lab._connections.uses_sandbox:
        asked, now = ("the sandbox", old.provider) if old.sandbox else (old.provider, "the sandbox")
        raise RequestInvalidError(f"job {old.id} was asked of {asked}, and jobs now go to {now}")


def _note(old: JobRecord) -> str:
    may = ""
    if old.charge is Charge.UNKNOWN:
        amount = amount_of(old)
        priced = money(amount, old.currency) if amount is not None else "an unknown price"
        may = f", which may have been charged too ({priced})"
    return f"sent again in place of job {old.id}{may}"


def abandon(lab: Lab, job_id: str, *, charged: bool | None = None) -> JobRecord:
    """Give up on a job whose outcome is unknown.

    Parameters
    ----------
    lab
        Whose ledger has it.
    job_id
        The job.
    charged
        What the provider's console says of it: True books the estimate, False gives it back to the
        budgets. ``None``: nobody knows, and the estimate stays counted as possibly spent.

    Raises
    ------
    RequestInvalidError
        Its outcome is not unknown.
    """
    old = lab.ledger.job(job_id)
    known = old.charge is not Charge.UNKNOWN
    if old.state is not JobState.UNKNOWN and (
        old.state is not JobState.ABANDONED or charged is None or known
    ):
        raise RequestInvalidError(
            f"job {old.id} is {stage_of(old)}: only a job whose outcome is unknown can be given up"
        )
    if charged is None:
        changed = lab.ledger.update_job(old.id, event="given up", state=JobState.ABANDONED)
    else:
        changed = lab.ledger.settle(
            old.id,
            charge=Charge.CHARGED if charged else Charge.NOT_CHARGED,
            source=_source(old, charged=charged),
            amount_nano=old.estimate_nano if charged else None,
            event="given up",
            state=JobState.ABANDONED,
        )
    return changed.result()


def _source(old: JobRecord, *, charged: bool) -> str:
    if old.sandbox:
        return "sandbox"
    if not charged:
        return "reported"
    return "estimated" if old.estimate_nano is not None else "unpriced"
