"""``%minimax star ID``: mark a job in the log."""

from __future__ import annotations

from typing import Any

from minimax_nb.magics.context import Context
from minimax_nb.magics.rows import find_job


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Star a job; with ``--off`` take its star away."""
    job = find_job(context, "star", words)
    on = not options.get("off")
    job.star(on)
    context.show(f"Job {job.id} {'has a star' if on else 'has no star'}: %minimax log --starred")
