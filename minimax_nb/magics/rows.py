"""Jobs as the rows of a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from minimax_nb.render.format import shorten

if TYPE_CHECKING:
    from minimax_nb.job import Job

JOB_HEADERS = ("job", "kind", "provider", "model", "stage", "cost", "prompt")
_PROMPT = 40


def job_rows(jobs: Iterable[Job]) -> list[tuple[str, ...]]:
    """Return one row a job under :data:`JOB_HEADERS`."""
    return [
        (view.id, view.kind, view.provider, view.model, view.stage, view.cost, shorten(view.prompt, _PROMPT))
        for view in (job.view() for job in jobs)
    ]
