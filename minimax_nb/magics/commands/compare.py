"""``%minimax compare A B …``: results side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minimax_nb.errors import GrammarError
from minimax_nb.magics.commands import COMMANDS
from minimax_nb.magics.context import Context
from minimax_nb.magics.meant import objects

if TYPE_CHECKING:
    from minimax_nb.lab.comparing import Comparison


def run(context: Context, words: list[str], options: dict[str, Any]) -> Comparison:
    """Return the comparison, which shows itself."""
    if not words:
        raise GrammarError(f"usage: %minimax {COMMANDS['compare'].usage}")
    return context.lab.compare(*objects(context, words))
