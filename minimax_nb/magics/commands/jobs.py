"""``%minimax jobs``: the latest jobs."""

from __future__ import annotations

from typing import Any

from minimax_nb.magics.context import Context
from minimax_nb.magics.rows import JOB_HEADERS, job_rows

LIMIT = 20


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show the latest 20 jobs of this ledger, newest first."""
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
