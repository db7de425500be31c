"""What has buttons: the form of a kind, and the tray of all running jobs. A part of :class:`~minimax_nb.Lab`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from minimax_nb.lab.lab import Lab
    from minimax_nb.widgets.panel import Panel
    from minimax_nb.widgets.tray import Tray


class Panels:
    """``lab.panel(…)`` and ``lab.board()``; a part of :class:`~minimax_nb.Lab`."""

    def panel(self, kind: str | None = None) -> Panel:
        """Return a form for a kind, with live price and checks; as a cell's last value it shows itself.

        Parameters
        ----------
        kind
            What to make; ``image`` by default.

        Raises
        ------
        GrammarError
            It is not a kind; names the nearest.
        """
        from minimax_nb.widgets.panel import open_panel

        return open_panel(cast("Lab", self), kind or "image")

    def board(self) -> Tray:
        """Return the tray: the running jobs of all kernels that share the ledger, with buttons."""
        from minimax_nb.widgets.tray import open_tray

        return open_tray(cast("Lab", self))
