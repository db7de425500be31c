"""Costs as a picture: a PNG that stays in the saved notebook, readable on a light and on a dark page.

matplotlib is imported here, when a plot is asked for; its figure is made without pyplot, so that nothing of
the user's own plots is touched.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import SYMBOLS, count, money
from minimax_nb.errors import ConfigError
from minimax_nb.render.costs import Spent
from minimax_nb.render.format import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Middle greys and colours that stand out from white and from #111 alike.
INK = "#7d8590"
LINE = (0.5, 0.5, 0.5, 0.3)
BILLED, POSSIBLE, RUNNING = "#3884e8", "#c8860a", "#7d8590"
_WIDTH, _DPI = 8.6, 144
MOST_BARS = 24  #: groups; the rest are summed up in one bar
MOST_DAYS = 400
_TIME = ("day", "month")


class Plot:
    """A picture, and in words what it shows."""

    def __init__(self, png: bytes, text: str, width: int) -> None:
        self.png = png
        self.text = text
        self._width = width

    def save(self, path: str) -> None:
        """Write the PNG."""
        from pathlib import Path

        Path(path).write_bytes(self.png)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        data = {"image/png": base64.b64encode(self.png).decode(), "text/plain": self.text}
        return data, {"image/png": {"width": self._width, "alt": self.text}}


def cost_plot(by: str, sums: Sequence[Spent], *, title: str) -> Plot:
    """Return bars of what was spent: along the time, or one a group, the largest first.

    Parameters
    ----------
    by
        What the groups are; ``day`` and ``month`` stand side by side in order.
    sums
        The groups. Each kind of money (real or the sandbox's, by currency) has axes of its own.
    title
        The line above.

    Raises
    ------
    ConfigError
        matplotlib is not installed, or there is nothing to show.
    """
    figure = blank()
    moneys = sorted({(row.sandbox, row.currency) for row in sums})
    if not moneys:
        raise ConfigError("there is nothing to plot: no job matches")
    parts = [[row for row in sums if (row.sandbox, row.currency) == key] for key in moneys]
    heights = [_height(by, part) for part in parts]
    figure.set_figheight(sum(heights))
    grid = figure.add_gridspec(len(parts), 1, height_ratios=heights)
    for number, (part, (sandbox, currency)) in enumerate(zip(parts, moneys, strict=True)):
        axes = figure.add_subplot(grid[number], facecolor="none")
        style(axes)
        (_along_time if by in _TIME else _by_group)(axes, by, part, currency)
        name = f"{title}, sandbox" if sandbox else title
        axes.set_title(f"{name}: {_sum_of(part, currency)}", color=INK, fontsize=10.5, loc="left", pad=10)
        _legend(axes, part)
    words = "; ".join(
        f"{'sandbox ' if sandbox else ''}{_sum_of(part, currency)} in {count(len(part), 'bar')}"
        for part, (sandbox, currency) in zip(parts, moneys, strict=True)
    )
    return finished(figure, f"{title} (plot): {words}")


def blank() -> Figure:
    """Return an empty figure of a cell's width that pyplot knows nothing of.

    Raises
    ------
    ConfigError
        matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise ConfigError("plots need matplotlib", hint="pip install 'minimax-nb[plots]'") from None
    figure = Figure(figsize=(_WIDTH, _WIDTH), dpi=_DPI, layout="constrained", facecolor="none")
    FigureCanvasAgg(figure)
    return figure


def finished(figure: Figure, text: str) -> Plot:
    """Return a drawn figure as a picture with words."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", transparent=True)
    return Plot(buffer.getvalue(), text, round(_WIDTH * 96))


def style(axes: Axes) -> None:
    """Take away what is not read, and draw the rest so that it is seen on white and on #111."""
    axes.set_facecolor("none")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(LINE)
    axes.tick_params(colors=INK, labelsize=9, length=0, pad=5)
    axes.set_axisbelow(True)


def _sum_of(rows: Sequence[Spent], currency: str) -> str:
    return money(sum(row.cost_nano for row in rows), currency)


def _height(by: str, rows: Sequence[Spent]) -> float:
    return 2.9 if by in _TIME else 0.95 + 0.27 * min(len(rows), MOST_BARS + 1)


def _legend(axes: Axes, rows: Sequence[Spent]) -> None:
    if any(row.possible_nano or row.open_nano for row in rows):
        axes.legend(frameon=False, labelcolor=INK, fontsize=9, loc="best", handlelength=1.2)


def _layers(rows: Sequence[Spent]) -> list[tuple[str, str, list[float]]]:
    found = [
        ("billed", BILLED, [row.cost_nano / 1e9 for row in rows]),
        ("possibly spent", POSSIBLE, [row.possible_nano / 1e9 for row in rows]),
        ("running, estimated", RUNNING, [row.open_nano / 1e9 for row in rows]),
    ]
    return [layer for number, layer in enumerate(found) if number == 0 or any(layer[2])]


def _along_time(axes: Axes, by: str, rows: Sequence[Spent], currency: str) -> None:
    from matplotlib import dates as typed
    from matplotlib.ticker import FuncFormatter

    dates: Any = typed  # has annotations for parts only
    shown = sorted(rows, key=lambda row: row.key)[-MOST_DAYS:]
    places: Any = dates.datestr2num([row.key for row in shown]) if by == "day" else list(range(len(shown)))
    bottom = [0.0] * len(shown)
    for name, colour, amounts in _layers(shown):
        axes.bar(
            places, amounts, bottom=bottom, width=0.82 if len(shown) < 120 else 1.0, color=colour, label=name
        )
        bottom = [low + amount for low, amount in zip(bottom, amounts, strict=True)]
    if by == "day":
        locator = dates.AutoDateLocator(minticks=3, maxticks=9)
        locator.intervald[dates.DAILY] = [1, 2, 4, 7, 14]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, show_offset=False))
        if len(shown) < 4:  # else one bar fills the width
            axes.set_xlim(places[0] - 3, places[-1] + 3)
    else:
        step = -(-len(shown) // 13)
        axes.set_xticks(places[::step], [row.key for row in shown][::step])
        if len(shown) < 4:
            axes.set_xlim(-2, len(shown) + 1)
    axes.grid(axis="y", color=LINE, linewidth=0.7)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda amount, _: _short(amount, currency)))
    axes.spines["left"].set_visible(False)


def _by_group(axes: Axes, by: str, rows: Sequence[Spent], currency: str) -> None:
    ordered = sorted(rows, key=lambda row: row.cost_nano + row.possible_nano, reverse=True)
    shown, rest = ordered[:MOST_BARS], ordered[MOST_BARS:]
    labels = [_label(by, row.key) for row in shown]
    layers = _layers(ordered)
    if rest:
        labels.append(f"{len(rest)} more")
        layers = [
            (name, colour, [*amounts[:MOST_BARS], sum(amounts[MOST_BARS:])])
            for name, colour, amounts in layers
        ]
    places = list(range(len(labels)))
    left = [0.0] * len(labels)
    for name, colour, amounts in layers:
        axes.barh(places, amounts, left=left, height=0.66, color=colour, label=name)
        left = [low + amount for low, amount in zip(left, amounts, strict=True)]
    most = max(left) or 1.0
    for place, end, amount in zip(places, left, layers[0][2], strict=True):
        axes.text(end + most * 0.008, place, _short(amount, currency), va="center", color=INK, fontsize=9)
    axes.set_yticks(places, labels)
    axes.set_xlim(0, most * 1.14)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _label(by: str, key: str) -> str:
    word = key.replace("\\", "/").rpartition("/")[2] if by == "notebook" else key
    return shorten(word, 36) or "(none)"


def _short(amount: float, currency: str) -> str:
    """Return an amount for an axis: three digits are enough beside a bar."""
    if amount == 0:
        return "0"
    if amount >= 1000:
        text = f"{amount:,.0f}"
    else:
        text = f"{amount:.2f}".removesuffix(".00") if amount >= 1 else f"{amount:.3g}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{text}" if symbol else f"{text} {currency}"
