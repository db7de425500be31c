"""``%minimax log [N]``: the ledger as a DataFrame."""

from __future__ import annotations

from typing import Any

from minimax_nb.errors import GrammarError
from minimax_nb.magics.context import Context

DEFAULT = 20


def run(context: Context, words: list[str], options: dict[str, Any]) -> Any:
    """Return the last N jobs, newest last; all of them with ``lab.log()``."""
    count = words[0] if words else str(DEFAULT)
    if not count.isdecimal() or int(count) < 1:
        raise GrammarError(f"log {count}: must be a whole number of jobs, at least 1")
    return context.lab.log().tail(int(count))
