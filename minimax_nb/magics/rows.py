"""Jobs as the rows of a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from minimax_nb.errors import GrammarError
from minimax_nb.magics.commands import COMMANDS
from minimax_nb.render.format import shorten

if TYPE_CHECKING:
    from minimax_nb.lab.job import Job
    from minimax_nb.magics.context import Context
    from minimax_nb.render.view import JobView

JOB_HEADERS = ("job", "kind", "provider", "model", "stage", "cost", "prompt")
_PROMPT = 40


def job_rows(jobs: Iterable[Job]) -> list[tuple[str, ...]]:
    """Return one row a job under :data:`JOB_HEADERS`."""
    return [
        (view.id, view.kind, view.provider, view.model, view.stage, view.cost, _said(view))
        for view in (job.view() for job in jobs)
    ]


def _said(view: JobView) -> str:
    """Return what tells a job from the others: in a sweep, its place there."""
    from minimax_nb.render.grid import place_of

    return shorten(f"{place_of(view)} (sweep {view.batch})" if view.axes else view.prompt, _PROMPT)


def find_job(context: Context, command: str, words: list[str]) -> Job:
    """Return the one job that a subcommand names, by id, a beginning or end of it, or its variable."""
    if not words:
        raise GrammarError(f"usage: %minimax {COMMANDS[command].usage}")
    named = context.names().get(words[0].removeprefix("{").removesuffix("}"))
    return context.lab.job(id_of(named, words[0]))


def id_of(held: object, word: str) -> str:
    """Return the id of the job that a variable holds, or whose result it holds; else the word that was typed."""
    from minimax_nb.lab.job import Job

    job_id = held.id if isinstance(held, Job) else getattr(held, "job_id", None)  # a result knows its job
    return job_id if isinstance(job_id, str) else word
