"""``%minimax cost [--by day]``: what was spent, what may have been, and where it goes from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minimax_nb.magics.commands.log import which
from minimax_nb.magics.context import Context

if TYPE_CHECKING:
    from minimax_nb.lab.costs import CostReport


def run(context: Context, words: list[str], options: dict[str, Any]) -> CostReport:
    """Return the costs; with ``--plot`` show them as a picture too."""
    plot = options.pop("plot", False)
    report = context.lab.cost_report(options.pop("by", "provider"), **which(options))
    if plot and len(report):
        from IPython.display import display

        display(report.plot())
    return report
