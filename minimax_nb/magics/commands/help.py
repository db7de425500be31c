"""``%minimax help [KIND or SUBCOMMAND]``."""

from __future__ import annotations

from typing import Any

from minimax_nb.magics.context import Context
from minimax_nb.magics.helptext import show_help


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show what there is, or one kind's options."""
    show_help(context, words[0] if words else None)
