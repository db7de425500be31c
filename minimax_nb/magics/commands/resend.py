"""``%minimax resend ID``: the same request once more, as a new job."""

from __future__ import annotations

from typing import Any

from minimax_nb.errors import GrammarError
from minimax_nb.magics.context import Context
from minimax_nb.magics.rows import find_job
from minimax_nb.magics.run import finish, store


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Send an unknown, given up or failed job again; the card says what that costs and what it replaces."""
    old = find_job(context, "resend", words)
    name = options.get("out") or old.record.name
    if name and not name.isidentifier():
        raise GrammarError(f"{name!r} cannot be a variable's name")
    job = old.resend(approved=options.get("yes", False), allow_unpriced=options.get("allow_unpriced", False))
    store(context, name, finish(context, job))
