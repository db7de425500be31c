"""``%minimax panel [KIND]``: a form with live price and checks."""

from __future__ import annotations

from typing import Any

from minimax_nb.magics.context import Context


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show the form of a kind; of images when none is named."""
    from IPython.display import display

    display(context.lab.panel(words[0] if words else None))
