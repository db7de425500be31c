"""``%minimax log [N]``: the last jobs as a table with pictures and players."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minimax_nb.errors import GrammarError
from minimax_nb.magics.context import Context

if TYPE_CHECKING:
    from minimax_nb.lab.logtable import LogTable

DEFAULT = 20
GRID = 200


def run(context: Context, words: list[str], options: dict[str, Any]) -> LogTable:
    """Return the last N jobs that match, newest first; ``.frame`` is the same as a DataFrame."""
    grid = bool(options.get("grid"))
    count = words[0] if words else str(GRID if grid else DEFAULT)
    if not count.isdecimal() or int(count) < 1:
        raise GrammarError(f"log {count}: must be a whole number of jobs, at least 1")
    return context.lab.table(int(count), **which(options))


def which(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a line as filters of the ledger."""
    found = dict(options)
    if "money" in found:
        found["sandbox"] = found.pop("money") == "sandbox"
    return found
