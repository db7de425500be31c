"""``%minimax traceback``: what the short lines of the last error left out."""

from __future__ import annotations

from typing import Any

from minimax_nb.magics.context import Context


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show the full chain of the last error that a magic of this shell raised."""
    failure = context.failure
    context.show(
        "".join(failure.format()).rstrip() if failure else "No error since the extension was loaded."
    )
