"""A leaderboard as HTML and text, and what may be concluded from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from minimax_nb.amounts import count, money
from minimax_nb.rating.leaderboard import Place
from minimax_nb.render import html
from minimax_nb.render.format import seconds
from minimax_nb.render.text import table_text

SURE = 0.95  #: from here on one is called better
_NEVER = 0.995  #: shown as "more than 99 %": no number of votes makes it certain
_MOST_VOTES = 2000  #: more than anybody gives: the two are alike for all that votes can tell
_FEW = 20  #: votes between two; before, nobody should call them alike
_SENTENCES = 6


class Standings(Protocol):
    """What is drawn; :class:`minimax_nb.lab.leaderboard.Leaderboard` is one."""

    @property
    def compares(self) -> str:
        """What the contenders are."""

    @property
    def places(self) -> tuple[Place, ...]:
        """Strongest first."""

    @property
    def votes(self) -> int:
        """All answers."""

    @property
    def raters(self) -> int:
        """Of how many people."""

    @property
    def stars(self) -> Mapping[str, float]:
        """Mean stars by contender."""

    @property
    def met(self) -> Mapping[frozenset[str], int]:
        """Votes between two contenders."""

    @property
    def measures(self) -> Mapping[str, Mapping[str, float]]:
        """Means of measures by contender."""

    @property
    def sandbox(self) -> bool:
        """True when nothing was paid."""


def conclusions(board: Standings) -> list[str]:
    """Return what the votes say of each contender and the next one, strongest first."""
    if board.votes == 0:
        return ["No votes yet, so nothing can be concluded."]
    said, unclear = [], []
    for one, two in zip(board.places, board.places[1:], strict=False):
        if one.apart_from_next is not None and one.apart_from_next >= SURE:
            first, second = _called(board, one), _called(board, two)
            said.append(f"{first} is better than {second} with {certainty(one.apart_from_next)} certainty.")
        else:
            unclear.append(_unclear(board, one, two))
    lines = said + unclear
    return lines[:_SENTENCES] + (
        [f"{len(lines) - _SENTENCES} more pairs."] if len(lines) > _SENTENCES else []
    )


def _unclear(board: Standings, one: Place, two: Place) -> str:
    words = f"{_called(board, one)} and {_called(board, two)} cannot be told apart"
    met = board.met.get(frozenset((one.name, two.name)), 0)
    if one.votes_needed is None or one.votes_needed > _MOST_VOTES:
        return f"{words} by so few votes." if met < _FEW else f"{words}: by these votes they are alike."
    more = max(1, one.votes_needed - met)
    return f"{words} yet: it takes about {count(more, 'more vote')} between the two."


def _called(board: Standings, place: Place) -> str:
    """Return a contender's name, with what it is where the name alone is a number or a letter."""
    bare = len(place.name) < 3 or place.name.replace(".", "").isdigit()
    return f"{board.compares} {place.name}" if bare else place.name


def certainty(chance: float) -> str:
    """Return a chance as a person says it; never 100 %."""
    return "more than 99 %" if chance >= _NEVER else f"{math.floor(chance * 100)} %"


def leaderboard_text(board: Standings, *, static: bool = False) -> str:
    """Return the table as text; ``static`` leaves out the seconds and what rests on them."""
    headers, rows = _table(board, static)
    title, note = title_of(board), "\n".join([*conclusions(board), *_legend(board, static)])
    return table_text(title, headers, rows, note)


def leaderboard_html(board: Standings, *, static: bool = False) -> str:
    """Return the table as HTML, with a bar for each strength; parameters as of the text."""
    headers, rows = _table(board, static)
    right = [bool(rows) and name not in (board.compares, "strength", "pareto") for name in headers]
    return html.render(
        "leaderboard.html.j2",
        title=title_of(board),
        sandbox=board.sandbox,
        conclusions=conclusions(board),
        legend=_legend(board, static),
        columns=list(zip(headers, right, strict=True)),
        rows=list(zip(rows, _bars(board.places), strict=True)),
        best=board.places[0].name if board.places else "",
    )


def title_of(board: Standings) -> str:
    """Return the line above: what is compared, and by how many votes."""
    return (
        f"{count(len(board.places), board.compares)}, {count(board.votes, 'vote')}"
        f" of {count(board.raters, 'rater')}"
    )


def _table(board: Standings, static: bool) -> tuple[list[str], list[list[str]]]:
    names = sorted({name for values in board.measures.values() for name in values})
    timed = not static
    headers = ["rank", board.compares, "strength", "win rate", "won / tied / lost"]
    headers += ["stars"] * bool(board.stars) + ["cost", "cost per win"]
    headers += ["time", "pareto"] * timed + ["better than next", "votes needed"]
    rows = []
    for place in board.places:
        row = [str(place.rank), place.name, strength(place), f"{place.strength.win_rate * 100:.0f} %"]
        row.append(f"{place.strength.wins} / {place.strength.ties} / {place.strength.losses}")
        if board.stars:
            row.append(f"{board.stars[place.name]:.1f}" if place.name in board.stars else "")
        row += [
            price(place.effort.cost, place.effort.currency),
            price(place.cost_per_win, place.effort.currency),
        ]
        if timed:
            row += [seconds(place.effort.seconds), "★" if place.front else ""]
        row += [
            "" if place.apart_from_next is None or not board.votes else certainty(place.apart_from_next),
            "" if place.votes_needed is None else f"{place.votes_needed:,}",
        ]
        measured = board.measures.get(place.name, {})
        rows.append(row + [f"{measured[name]:.4g}" if name in measured else "" for name in names])
    headers += names
    return headers, rows


def _legend(board: Standings, static: bool) -> list[str]:
    if not board.votes:
        return []
    words = "strength: log odds, with bounds that hold for all at once in 95 % of cases"
    if not static and any(place.front for place in board.places):
        words += "; ★: no other is as good, as cheap and as quick at once"
    return [words]


def strength(place: Place) -> str:
    """Return a strength with its bounds: ``+0.85 (-0.20 … +1.90)``."""
    low, high = place.strength.low, place.strength.high
    if not math.isfinite(low):
        return f"{place.strength.theta:+.2f} (no bounds yet)"
    return f"{place.strength.theta:+.2f} ({low:+.2f} … {high:+.2f})"


def price(amount: float | None, currency: str) -> str:
    """Return a mean price with three digits that count."""
    if amount is None:
        return "not known"
    if amount == 0:
        return money(0, currency)
    digits = 2 - math.floor(math.log10(abs(amount)))
    return money(round(round(amount, digits) * 1e9), currency)


def _bars(places: Sequence[Place]) -> list[tuple[float, float, float] | None]:
    """Return where each bar begins, its width, and its point, in percent of the common scale."""
    known = [place.strength for place in places if math.isfinite(place.strength.low)]
    if not known:
        return [None] * len(places)
    low, high = min(row.low for row in known), max(row.high for row in known)
    span = (high - low) or 1.0

    def at(value: float) -> float:
        return round(100 * (value - low) / span, 1)

    return [
        (at(row.low), round(at(row.high) - at(row.low), 1), at(row.theta)) if math.isfinite(row.low) else None
        for row in (place.strength for place in places)
    ]
