"""``%minimax tag ID k=v``: tags of a job, for finding it again and for summing up costs."""

from __future__ import annotations

from typing import Any

from minimax_nb.errors import GrammarError
from minimax_nb.magics.context import Context
from minimax_nb.magics.rows import find_job


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Set tags; ``k=`` takes one away."""
    job = find_job(context, "tag", words)
    pairs = [word.partition("=") for word in words[1:]]
    if not pairs or not all(name and equals for name, equals, _ in pairs):
        raise GrammarError("usage: %minimax tag ID KEY=VALUE …; KEY= takes one away")
    job.tag(**{name: value or None for name, _, value in pairs})
    told = ", ".join(f"{name}={value}" for name, value in job.record.tags.items()) or "no tags"
    context.show(f"Job {job.id}: {told}")
