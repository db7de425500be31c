"""The ranking beside what each contender cost and how long it took, and which of them nobody beats on all three."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from minimax_nb.rating.strength import Ranking, Strength


@dataclass(frozen=True, slots=True)
class Effort:
    """What one contender's results took: cost of one in ``currency`` (``None``: not known) and seconds of one."""

    cost: float | None
    seconds: float | None
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Place:
    """One row of the leaderboard.

    Parameters
    ----------
    rank
        1 for the strongest.
    strength
        The estimate with its bounds.
    effort
        Mean cost and seconds of one result.
    cost_per_win, seconds_per_win
        Mean cost and seconds of one result divided by the share of votes it won (a tie is half a
        win); ``None`` where it never won or the cost is not known.
    front
        True when no other contender is at least as good, as cheap and as quick, and better in one of them.
    apart_from_next
        Chance that it is really stronger than the next row; ``None`` for the last.
    votes_needed
        Votes on this and the next row that would tell them apart; ``None`` where none would, or for the last.
    """

    rank: int
    strength: Strength
    effort: Effort
    cost_per_win: float | None
    seconds_per_win: float | None
    front: bool
    apart_from_next: float | None
    votes_needed: int | None

    @property
    def name(self) -> str:
        """The contender."""
        return self.strength.name


def leaderboard(ranking: Ranking, efforts: Mapping[str, Effort]) -> tuple[Place, ...]:
    """Put the ranking and the efforts together, strongest first."""
    rows = ranking.rows
    known = {row.name: efforts.get(row.name, Effort(None, None)) for row in rows}
    front = pareto([(row.theta, known[row.name].cost, known[row.name].seconds) for row in rows])
    places = []
    for at, row in enumerate(rows):
        effort, share = known[row.name], _share(row)
        following = rows[at + 1].name if at + 1 < len(rows) else None
        places.append(
            Place(
                rank=at + 1,
                strength=row,
                effort=effort,
                cost_per_win=_per(effort.cost, share),
                seconds_per_win=_per(effort.seconds, share),
                front=front[at],
                apart_from_next=None if following is None else ranking.beats(row.name, following),
                votes_needed=None if following is None else ranking.votes_needed(row.name, following),
            )
        )
    return tuple(places)


def pareto(points: Sequence[tuple[float, float | None, float | None]]) -> list[bool]:
    """Tell of each (quality, cost, seconds) whether no other point dominates it.

    More quality, less cost and less time are better. What is not known neither dominates nor is
    dominated in that respect.
    """
    return [
        not any(_dominates(other, point) for at, other in enumerate(points) if at != index)
        for index, point in enumerate(points)
    ]


def _dominates(
    one: tuple[float, float | None, float | None], two: tuple[float, float | None, float | None]
) -> bool:
    gains = [one[0] - two[0]]
    for mine, yours in zip(one[1:], two[1:], strict=True):
        if (mine is None) != (yours is None):
            return False
        if mine is not None and yours is not None:
            gains.append(yours - mine)
    return min(gains) >= 0 and max(gains) > 0


def _share(row: Strength) -> float:
    return (row.wins + row.ties / 2) / row.votes if row.votes else 0.0


def _per(amount: float | None, share: float) -> float | None:
    return None if amount is None or share == 0 else amount / share
