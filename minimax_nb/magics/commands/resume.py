"""``%minimax resume``: go on with the jobs of kernels that died."""

from __future__ import annotations

from typing import Any

from minimax_nb.magics.context import Context
from minimax_nb.magics.rows import JOB_HEADERS, job_rows


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Adopt the open jobs whose kernel is gone; they run on in the background."""
    jobs = context.lab.resume()
    if not jobs:
        context.show("Nothing to resume: no job of a dead kernel is open.")
        return
    context.table("Resumed", JOB_HEADERS, job_rows(jobs), "%minimax wait waits for them and shows them")
