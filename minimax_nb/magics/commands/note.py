"""``%minimax note ID TEXT``: a note on a job, as in a laboratory notebook."""

from __future__ import annotations

from typing import Any

from minimax_nb.errors import GrammarError
from minimax_nb.magics.context import Context
from minimax_nb.magics.rows import find_job


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Add a note; without a text show the notes there are."""
    job = find_job(context, "note", words)
    text = " ".join(words[1:])
    if text:
        job.note(text)
        context.show(f"Noted on job {job.id}.")
        return
    marks = context.lab.ledger.marks([job.id]).get(job.id)
    if marks is None or not marks.notes:
        raise GrammarError("usage: %minimax note ID TEXT; this job has no notes yet")
    context.show("\n".join(marks.notes))
