"""A leaderboard as a picture: strengths with their bounds, and quality against cost and time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minimax_nb.errors import ConfigError
from minimax_nb.rating.leaderboard import Place
from minimax_nb.render.format import seconds, shorten
from minimax_nb.render.leaderboard import Standings, price, title_of
from minimax_nb.render.plots import BILLED, INK, LINE, Plot, blank, finished, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FRONT, REST = "#2ea043", BILLED
_LABEL = 28
_LOG = 20  #: from this ratio of prices on, their axis is logarithmic


def leaderboard_plot(board: Standings) -> Plot:
    """Return two pictures beside each other: strengths, and win rate against cost, larger dots being slower.

    Raises
    ------
    ConfigError
        matplotlib is not installed, or there is no vote yet.
    """
    figure = blank()
    if not board.votes:
        raise ConfigError("there is nothing to plot: no votes yet")
    figure.set_figheight(max(2.9, 1.1 + 0.42 * len(board.places)))
    left, right = figure.subplots(1, 2, width_ratios=(1, 1))
    for axes in (left, right):
        style(axes)
    _strengths(left, board.places)
    _trade(right, board.places)
    words = ", ".join(f"{place.name} {place.strength.theta:+.2f}" for place in board.places)
    return finished(figure, f"Leaderboard (plot), {title_of(board)}: {words}")


def _strengths(axes: Axes, places: Sequence[Place]) -> None:
    at = list(range(len(places)))
    theta = [place.strength.theta for place in places]
    finite = [math.isfinite(place.strength.low) for place in places]
    for number, place in zip(at, places, strict=True):
        if finite[number]:
            ends = [place.strength.low, place.strength.high]
            axes.plot(ends, [number, number], color=BILLED, alpha=0.5, linewidth=4, solid_capstyle="round")
    axes.scatter(theta, at, s=46, color=BILLED, zorder=3)
    axes.set_yticks(at, [shorten(place.name, _LABEL) for place in places])
    axes.set_ylim(len(places) - 0.4, -0.6)
    axes.grid(axis="x", color=LINE, linewidth=0.7)
    axes.spines["left"].set_visible(False)
    axes.set_title("Strength (log odds), 95 % bounds", color=INK, fontsize=10, loc="left", pad=10)


def _trade(axes: Axes, places: Sequence[Place]) -> None:
    axes.set_title(
        "Win rate against cost; a larger dot is slower", color=INK, fontsize=10, loc="left", pad=10
    )
    known = [place for place in places if place.effort.cost is not None]
    if not known:
        axes.set_axis_off()
        axes.text(
            0.5, 0.5, "no price is known", color=INK, ha="center", va="center", transform=axes.transAxes
        )
        return
    costs = [float(place.effort.cost or 0) for place in known]
    rates = [place.strength.win_rate for place in known]
    slowest = max((place.effort.seconds or 0 for place in known), default=0) or 1.0
    sizes = [40 + 260 * (place.effort.seconds or 0) / slowest for place in known]
    colours = [FRONT if place.front else REST for place in known]
    ahead = sorted((cost, rate) for cost, rate, place in zip(costs, rates, known, strict=True) if place.front)
    if len(ahead) > 1:
        axes.plot(*zip(*ahead, strict=True), color=FRONT, alpha=0.4, linewidth=1.4, zorder=1)
    axes.scatter(costs, rates, s=sizes, c=colours, alpha=0.85, linewidths=0, zorder=2)
    _name(axes, known, costs, rates, sizes)
    _scales(axes, known, costs)
    missing = ", ".join(shorten(place.name, _LABEL) for place in places if place.effort.cost is None)
    words = "mean cost of one result" + (f"\nno price known: {shorten(missing, 60)}" if missing else "")
    axes.set_xlabel(words, color=INK, fontsize=9)


def _name(
    axes: Axes,
    places: Sequence[Place],
    costs: Sequence[float],
    rates: Sequence[float],
    sizes: Sequence[float],
) -> None:
    """Write each name above its dot; below it, where another name stands there already."""
    taken: list[tuple[float, float]] = []
    for place, cost, rate, size in zip(places, costs, rates, sizes, strict=True):
        near = sum(abs(cost - x) <= 0.15 * (max(costs) or 1) and abs(rate - y) < 0.09 for x, y in taken)
        taken.append((cost, rate))
        away = math.sqrt(size) / 2 + 8 + 11 * (near // 2)
        words = f"{shorten(place.name, _LABEL)}"
        if place.effort.seconds is not None:
            words += f", {seconds(place.effort.seconds)}"
        axes.annotate(
            words, (cost, rate), xytext=(0, -away if near % 2 else away), textcoords="offset points",
            ha="center", va="center", color=INK, fontsize=8.5,
        )  # fmt: skip


def _scales(axes: Axes, places: Sequence[Place], costs: Sequence[float]) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

    currency = places[0].effort.currency
    least, most = min(costs), max(costs)
    if least > 0 and most / least > _LOG:
        axes.set_xscale("log")
        axes.set_xlim(least / 2.2, most * 2.2)
    else:
        axes.set_xlim(0, most * 1.35 or 1)
        axes.xaxis.set_major_locator(MaxNLocator(5))
    form: Any = FuncFormatter(lambda amount, _: price(amount, currency) if amount else "0")
    axes.xaxis.set_major_formatter(form)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_ylim(-0.1, 1.16)
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    axes.grid(color=LINE, linewidth=0.7)
