"""``%minimax jobs [--unknown]``: the latest jobs, or those that wait for a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minimax_nb.ledger.record import JobState
from minimax_nb.magics.context import Context
from minimax_nb.magics.rows import JOB_HEADERS, job_rows
from minimax_nb.render.format import shorten, total
from minimax_nb.render.words import amount_of, cost_of

if TYPE_CHECKING:
    from minimax_nb.lab.job import Job

LIMIT = 20
MOST = 1000  #: unknown jobs that are listed
_UNKNOWN_HEADERS = ("job", "asked", "kind", "provider", "model", "may have cost", "prompt", "sent again as")
_PROMPT = 40


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show the latest 20 jobs of this ledger, newest first; with ``--unknown`` those of unknown outcome."""
    if options.get("unknown"):
        _show_unknown(context)
        return
    jobs = context.lab.jobs(limit=LIMIT)
    if not jobs:
        context.show("No jobs yet.")
        return
    context.table(
        "Jobs, newest first",
        JOB_HEADERS,
        job_rows(jobs),
        "%minimax wait ID shows one; %minimax log lists all",
    )


def _show_unknown(context: Context) -> None:
    jobs = context.lab.jobs(state=JobState.UNKNOWN, limit=MOST)
    if not jobs:
        context.show("No job of unknown outcome.")
        return
    real = [job.record for job in jobs if not job.record.sandbox]
    may = total((amount_of(record), record.currency) for record in real) or "nothing real"
    context.table(
        f"Jobs of unknown outcome, newest first: {may} possibly spent",
        _UNKNOWN_HEADERS,
        [_row(job) for job in jobs],
        "The provider's console tells. %minimax abandon ID gives one up; %minimax resend ID asks for it once more",
    )


def _row(job: Job) -> tuple[str, ...]:
    record = job.record
    return (
        record.id,
        _moment(record.created_us),
        record.kind,
        record.provider,
        record.model,
        cost_of(record).replace(", possibly spent", ""),
        shorten(record.prompt or "", _PROMPT),
        str(record.facts.get("resent_as") or ""),
    )


def _moment(at_us: int) -> str:
    from datetime import datetime

    return f"{datetime.fromtimestamp(at_us / 1e6).astimezone():%Y-%m-%d %H:%M}"
