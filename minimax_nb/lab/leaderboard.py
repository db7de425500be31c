"""A rating's ranking: as a table, as a plot, and as sentences that claim no more than the votes do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from minimax_nb.rating.leaderboard import Place
from minimax_nb.render import leaderboard as drawn
from minimax_nb.render.still import is_still

if TYPE_CHECKING:
    import pandas as pd

    from minimax_nb.render.plots import Plot


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """The ranking of the contenders; shows itself as a table.

    Parameters
    ----------
    compares
        What the contenders are: model, voice, provider ….
    places
        Strongest first.
    votes, raters
        How many answers of how many people it rests on.
    stars
        Mean stars by contender, where any were given.
    name
        The rating's name.
    met
        Votes between two contenders.
    measures
        Means of what ``lab.measure`` worked out, by contender and measure.
    sandbox
        True when all results came from the sandbox, so that nothing was paid.
    """

    compares: str
    places: tuple[Place, ...]
    votes: int
    raters: int
    stars: Mapping[str, float]
    name: str = ""
    met: Mapping[frozenset[str], int] = field(default_factory=dict)
    measures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    sandbox: bool = False

    def frame(self) -> pd.DataFrame:
        """Return one row a contender: strength with bounds (log odds), win rate, votes, cost, seconds, measures."""
        import pandas as pd

        rows = [
            {
                self.compares: place.name,
                "strength": place.strength.theta,
                "low": place.strength.low,
                "high": place.strength.high,
                "win_rate": place.strength.win_rate,
                "wins": place.strength.wins,
                "losses": place.strength.losses,
                "ties": place.strength.ties,
                "stars": self.stars.get(place.name),
                "cost": place.effort.cost,
                "seconds": place.effort.seconds,
                "cost_per_win": place.cost_per_win,
                "seconds_per_win": place.seconds_per_win,
                "pareto": place.front,
                "better_than_next": place.apart_from_next,
                "votes_needed": place.votes_needed,
                **self.measures.get(place.name, {}),
            }
            for place in self.places
        ]
        frame = pd.DataFrame(rows, index=pd.Index([place.rank for place in self.places], name="rank"))
        return frame.astype({"votes_needed": "Int64"}) if rows else frame

    @property
    def conclusion(self) -> str:
        """What the votes say and what they do not, in a sentence or two."""
        return " ".join(drawn.conclusions(self))

    def plot(self) -> Plot:
        """Return the strengths with their bounds, and quality against cost and time; needs matplotlib.

        Raises
        ------
        ConfigError
            matplotlib is not installed (``minimax-nb[plots]``), or there is no vote yet.
        """
        from minimax_nb.render.boardplot import leaderboard_plot

        return leaderboard_plot(self)

    def html(self, *, static: bool = False) -> str:
        """Return the table as HTML; ``static`` leaves out what differs from run to run: the seconds."""
        return drawn.leaderboard_html(self, static=static)

    def text(self, *, static: bool = False) -> str:
        """Return the table as text; ``static`` leaves out what differs from run to run: the seconds."""
        return drawn.leaderboard_text(self, static=static)

    def __repr__(self) -> str:
        return self.text(static=is_still())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        static = is_still()
        bundle = {"text/plain": self.text(static=static)}
        try:
            bundle["text/html"] = self.html(static=static)
        except Exception:  # the text says the same
            return bundle
        return bundle
