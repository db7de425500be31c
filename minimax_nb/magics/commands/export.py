"""``%minimax export TARGET [WHAT …]``: a bundle, a report or a table, by the ending of the name."""

from __future__ import annotations

from typing import Any

from minimax_nb.errors import GrammarError
from minimax_nb.magics.commands import COMMANDS
from minimax_nb.magics.context import Context
from minimax_nb.magics.meant import objects, one_or_all


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Write jobs to a file; all of the project when none is named."""
    if not words:
        raise GrammarError(f"usage: %minimax {COMMANDS['export'].usage}")
    found = objects(context, words[1:])
    said = context.lab.export(
        words[0],
        one_or_all(found) if found else None,
        files=options.get("with") or (),
        question=options.get("question"),
        rating=options.get("rating"),
    )
    context.show(said)
