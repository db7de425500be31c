"""``%minimax rate WHAT``: a blind rating; without a word, the ratings there are."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from minimax_nb.magics.context import Context
from minimax_nb.magics.meant import objects, one_or_all

if TYPE_CHECKING:
    from minimax_nb.lab.rating import Rating

_NOTE = "%minimax rate NAME goes on with one; %minimax leaderboard NAME shows what came of it"


def run(context: Context, words: list[str], options: dict[str, Any]) -> Rating | None:
    """Open a rating or go on with one; answer it by ``--vote`` where no buttons work."""
    if not words:
        _list(context)
        return None
    vote, undo = options.pop("vote", None), options.pop("undo", False)
    rating = context.lab.rate(one_or_all(objects(context, words)), **options)
    if undo:
        rating.undo()
    return rating.vote(vote) if vote is not None else rating


def _list(context: Context) -> None:
    ledger = context.lab.ledger
    rows = []
    for session in context.lab.ratings():
        votes = ledger.votes([session.id])
        began = f"{datetime.fromtimestamp(session.created_us / 1e6).astimezone():%Y-%m-%d %H:%M}"
        raters = ", ".join(sorted({vote.rater for vote in votes}))
        contenders = ", ".join(sorted({item["contender"] for item in session.items}))
        rows.append((session.name, session.compares, contenders, str(len(votes)), raters, began))
    if not rows:
        context.show("There is no rating yet: %minimax rate WHAT begins one.")
        return
    context.table("Ratings", ("name", "by", "contenders", "votes", "raters", "began"), rows, _NOTE)
