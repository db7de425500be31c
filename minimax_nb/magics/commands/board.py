"""``%minimax board``: the running jobs of all kernels that share the ledger."""

from __future__ import annotations

from typing import Any

from minimax_nb.magics.context import Context


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show the tray; it looks at the ledger once a second while it can be seen."""
    from IPython.display import display

    display(context.lab.board())
