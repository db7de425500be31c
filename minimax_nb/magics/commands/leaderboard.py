"""``%minimax leaderboard [NAME]``: what came of a rating."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minimax_nb.catalog import nearest
from minimax_nb.errors import GrammarError
from minimax_nb.magics.context import Context

if TYPE_CHECKING:
    from minimax_nb.lab.leaderboard import Leaderboard


def run(context: Context, words: list[str], options: dict[str, Any]) -> Leaderboard:
    """Return the leaderboard of a rating, of the newest when none is named; ``--plot`` shows it as a picture too."""
    names = [session.name for session in context.lab.ratings()]
    if words and words[0] not in names and context.lab.ledger.rating_session(words[0]) is None:
        raise GrammarError(
            f"there is no rating {words[0]!r}{nearest(words[0], names)}; %minimax rate lists them"
        )
    if not words and not names:
        raise GrammarError("there is no rating yet: %minimax rate WHAT begins one")
    board = context.lab.rate(words[0] if words else names[0]).leaderboard()
    if options.get("plot"):
        from IPython.display import display

        display(board.plot())
    return board
